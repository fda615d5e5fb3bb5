"""Boxes and outlines as other formats have them: upright, by their size, without hollows.

What that changes the report tells with the reasons named here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fastlabel import geometry
from fastlabel.geometry import Bounds, FlatRegion, FlatRing
from fastlabel.shapes import SHAPES, ShapeError
from fastlabel.shapes.base import check_numbers, shown
from fastlabel.types import Compat

ROTATED = "rotated box written as the upright box around it"
ROTATION_IGNORED = "rotation ignored"
BOX_ALONE = "outline written as the upright box around it"
HOLLOWS_CUT = "hollows joined to the outline by cuts without width"


def rotation_of(annotation: Mapping[str, Any]) -> float:
    """Return by how many degrees a shape of pictures is turned: 0 or more, less than 360."""
    if "rotation" not in SHAPES[annotation["type"]].fields:
        return 0
    rotation: float = (annotation.get("rotation") or 0) % 360
    return rotation


def enclosing_box(annotation: Mapping[str, Any], compat: Compat) -> tuple[Bounds, str | None]:
    """Return the upright box around an annotation with points, and what that changes."""
    is_bbox = annotation["type"] == "bbox"
    is_rotated = bool(is_bbox and annotation.get("rotation") and rotation_of(annotation))
    if is_rotated and compat:
        return geometry.bounds_xyxy(annotation["points"]), ROTATION_IGNORED
    bounds = SHAPES[annotation["type"]].bounds_xyxy(annotation)
    assert bounds is not None  # shapes with points have bounds
    if is_bbox:
        return bounds, ROTATED if is_rotated else None
    return bounds, BOX_ALONE


def has_hollows(regions: Iterable[FlatRegion]) -> bool:
    for region in regions:  # noqa: SIM110 - any() takes four times as long over one
        if len(region) > 1:
            return True
    return False


def ring_of(region: FlatRegion) -> FlatRing:
    """Return the outline of a region, with its hollows joined to it by cuts without width."""
    return region[0] if len(region) == 1 else geometry.keyhole_ring(region)


def region_of(ring: FlatRing) -> list[list[float]]:
    """Return the region, of closed rings, whose outline and hollows `ring_of` joined."""
    return [geometry.closed(one) for one in geometry.without_cuts(ring)]


def box_of_xywh(numbers: object) -> list[float]:
    """Return the points of a box, of the x, y, width and height in a field `bbox`.

    Raises:
        ShapeError: they are none; names the field and the value.
    """
    box_xywh = check_numbers(numbers, ".bbox", "[x, y, width, height]")
    if len(box_xywh) != 4:
        raise ShapeError(f".bbox: expected [x, y, width, height], got {shown(box_xywh)}")
    x, y, width, height = box_xywh
    return [x, y, x + width, y + height]
