"""The `segmentation`, `area` and `bbox` that an annotation has in a COCO file.

`true_outline` draws what was labelled. `official_outline` repeats the numbers of the
official client 0.26.0 for users who compare with files it wrote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fastlabel import geometry
from fastlabel.formats.outlines import HOLLOWS_CUT, has_hollows, ring_of, rotation_of
from fastlabel.geometry import Bounds, FlatRing
from fastlabel.shapes import SHAPES

USABLE = {name: SHAPES[name] for name in ("bbox", "polygon", "segmentation", "pose_estimation")}
TYPES_WITH_KEYPOINTS = ("pose_estimation", "bbox")

ROTATED = "rotated box written as its rotated outline, bbox encloses it"
ROTATION_IGNORED = "rotation ignored in segmentation and bbox"
HOLLOWS_LOST = "hollows left out, area not reduced"


class Outline(NamedTuple):
    """An annotation's outline in a COCO file."""

    rings: Sequence[FlatRing]
    area: float
    bounds: Bounds | None
    change: str | None = None
    """What the file says differently from the annotation."""
    rle: Mapping[str, Any] | None = None
    """In place of the rings."""


NO_OUTLINE = Outline((), 0, None)


def check_pose_points(annotation: Mapping[str, Any], where: str) -> None:
    """Refuse malformed points of a pose, which no tool of ours gives it.

    Raises:
        ShapeError: names `where` and the value.
    """
    if annotation["type"] == "pose_estimation" and annotation.get("points"):
        drawn = _pose_as_drawn(annotation)
        SHAPES[drawn["type"]].check(drawn, where)


def true_outline(annotation: Mapping[str, Any], task: object = None) -> Outline:
    """Return the outline as labelled: boxes rotated, hollows cut out, areas never negative.

    COCO polygons have no holes, and its masks would turn exact corners into pixels. So a
    region with hollows becomes one keyhole ring, which readers fill with the right area.
    """
    if annotation["type"] == "pose_estimation":
        if not annotation.get("points"):
            return NO_OUTLINE
        annotation = _pose_as_drawn(annotation)
    shape = SHAPES[annotation["type"]]
    regions = shape.rings(annotation)
    rings, change = regions[0], None
    if annotation["type"] == "bbox":
        rings = [[*rings[0], *rings[0][:2]]]
        change = ROTATED if annotation.get("rotation") and rotation_of(annotation) else None
    elif len(regions) > 1 or len(rings) > 1:
        rings = list(map(ring_of, regions))
        change = HOLLOWS_CUT if has_hollows(regions) else None
    return Outline(rings, shape.area(annotation), shape.bounds_xyxy(annotation), change)


def official_outline(annotation: Mapping[str, Any], task: object = None) -> Outline:
    """Return what the official client 0.26.0 writes.

    It ignores rotation, drops hollows without reducing the area, and takes the area of a
    box with its sign, so that a box with one pair of corners swapped has a negative one.
    """
    points: Any = annotation.get("points")
    match annotation["type"]:
        case "bbox":
            ring = geometry.box_ring(points)
            change = ROTATION_IGNORED if rotation_of(annotation) else None
            return _official_box([*ring, *ring[:2]], points, change)
        case "segmentation":
            outlines: list[FlatRing] = [region[0] for region in points]
            area = sum(map(geometry.ring_area, outlines))
            bounds = geometry.bounds_xyxy([number for ring in outlines for number in ring])
            return Outline(outlines, area, bounds, HOLLOWS_LOST if has_hollows(points) else None)
        case "pose_estimation":
            return _official_box(points, points) if points else NO_OUTLINE
    return Outline([points], geometry.ring_area(points), geometry.bounds_xyxy(points))


def _official_box(ring: FlatRing, points: FlatRing, change: str | None = None) -> Outline:
    x1, y1, x2, y2, *_ = points
    return Outline([ring], (x1 - x2) * (y1 - y2), geometry.bounds_xyxy(points), change)


def _pose_as_drawn(annotation: Mapping[str, Any]) -> dict[str, Any]:
    """Return the box or polygon that the points of a pose stand for; ours has none."""
    points = annotation["points"]
    is_box = isinstance(points, list | tuple) and len(points) == 4
    return {"type": "bbox" if is_box else "polygon", "points": points}
