"""Annotations as rows of YOLO labels, without the index of their class.

All numbers are fractions of the image's width or height, to `DECIMALS` decimals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from fastlabel import geometry
from fastlabel.formats.outlines import (
    HOLLOWS_CUT,
    ROTATION_IGNORED,
    enclosing_box,
    has_hollows,
    ring_of,
    rotation_of,
)
from fastlabel.geometry import FlatRegion, FlatRing
from fastlabel.shapes import SHAPES
from fastlabel.types import Compat

DECIMALS = 7
SCALE = 10**DECIMALS
PIXEL_DECIMALS = 6
"""The official client's rounding of boxes in pixels."""

BOX_OUTLINE = "box written as its outline"
JOINED = "regions and hollows joined to one outline by bridges without width"
SEPARATED = "each region written as an object of its own"
HOLLOWS_LOST = "hollows left out"
JUMBLED = "several outlines written in one row, the class again before each"
SMALLEST_BOX = "outline written as the smallest rotated box around it"
UNKNOWN_KEYPOINTS = "keypoints left out that its class does not have"

Row = tuple[list[str], Sequence[str]]
"""The texts of the rows that an annotation becomes, and what they change."""


@dataclass(frozen=True)
class Scale:
    """The size of an image, and how numbers are cut."""

    width: float
    height: float
    compat: Compat = None

    def box(self, x1: float, y1: float, x2: float, y2: float) -> str:
        """Return an upright box as `cx cy w h`."""
        if self.compat:
            return self._official_box(x1, y1, x2, y2)
        across, down = SCALE / self.width, SCALE / self.height
        return _text(
            [
                round((x1 + x2) / 2 * across) / SCALE,
                round((y1 + y2) / 2 * down) / SCALE,
                round((x2 - x1) * across) / SCALE,
                round((y2 - y1) * down) / SCALE,
            ]
        )

    def _official_box(self, x1: float, y1: float, x2: float, y2: float) -> str:
        dw, dh = 1 / self.width, 1 / self.height
        x, y = round(x1, PIXEL_DECIMALS), round(y1, PIXEL_DECIMALS)
        w, h = round(x2, PIXEL_DECIMALS) - x, round(y2, PIXEL_DECIMALS) - y
        numbers = ((x + (x + w)) / 2 * dw, (y + (y + h)) / 2 * dh, w * dw, h * dh)
        return _text([int(number * SCALE) / SCALE for number in numbers])

    def ring(self, ring: FlatRing) -> str:
        """Return an outline as `x1 y1 x2 y2 ...`."""
        fractions = [0.0] * len(ring)
        if self.compat:
            dw, dh = 1 / self.width, 1 / self.height
            fractions[0::2] = [int(x * dw * SCALE) / SCALE for x in ring[0::2]]
            fractions[1::2] = [int(y * dh * SCALE) / SCALE for y in ring[1::2]]
        else:
            across, down = SCALE / self.width, SCALE / self.height
            fractions[0::2] = [round(x * across) / SCALE for x in ring[0::2]]
            fractions[1::2] = [round(y * down) / SCALE for y in ring[1::2]]
        return _text(fractions)


def _text(fractions: Sequence[float]) -> str:
    text = orjson.dumps(fractions)[1:-1].decode()
    # Python's exponents begin elsewhere and are written otherwise: 1e-05 for 0.00001 or 1e-5.
    if "e" in text or "0.0000" in text:
        return " ".join(map(str, fractions))
    return text.replace(",", " ")


class Rows(Protocol):
    def __call__(self, annotation: Mapping[str, Any], scale: Scale, index: int) -> Row:
        """Return the rows of an annotation whose geometry is sound."""


def box_row(annotation: Mapping[str, Any], scale: Scale, index: int) -> Row:
    """Detection: the upright box around the annotation."""
    bounds, change = enclosing_box(annotation, scale.compat)
    return [scale.box(*bounds)], (change,) if change else ()


def region_rows(annotation: Mapping[str, Any], scale: Scale, index: int) -> Row:
    """Outlines of a project of type `image_segmentation`: a row for each region, closed."""
    if annotation["type"] == "bbox":
        ring, changes = _box_ring(annotation, scale.compat)
        return [scale.ring([*ring, *ring[:2]])], changes
    regions = SHAPES[annotation["type"]].rings(annotation)
    if scale.compat:
        rings: list[FlatRing] = [region[0] for region in regions]
        changes = [HOLLOWS_LOST] * has_hollows(regions)
    else:
        rings = list(map(ring_of, regions))
        changes = [HOLLOWS_CUT] * has_hollows(regions)
    return list(map(scale.ring, rings)), changes + [SEPARATED] * (len(rings) > 1)


def listed_row(annotation: Mapping[str, Any], scale: Scale, index: int) -> Row:
    """Rows of an export with a list of classes: boxes as boxes, the rest as one outline."""
    if annotation["type"] == "bbox":
        return box_row(annotation, scale, index)
    regions = SHAPES[annotation["type"]].rings(annotation)
    if scale.compat:
        rings = [scale.ring(ring) for region in regions for ring in region]
        return [f" {index} ".join(rings)], [JUMBLED] * (len(rings) > 1)
    return _outline(regions, scale)


def outline_row(annotation: Mapping[str, Any], scale: Scale, index: int) -> Row:
    """Segmentation: one outline."""
    if annotation["type"] == "bbox":
        ring, changes = _box_ring(annotation, scale.compat)
        return [scale.ring(ring)], [BOX_OUTLINE, *changes]
    return _outline(SHAPES[annotation["type"]].rings(annotation), scale)


def corners_row(annotation: Mapping[str, Any], scale: Scale, index: int) -> Row:
    """Rotated boxes: four corners, clockwise from the box's own top left."""
    if annotation["type"] == "bbox":
        x1, y1, x2, y2 = annotation["points"]
        box_xyxy = (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
        return [scale.ring(geometry.box_ring(box_xyxy, annotation.get("rotation") or 0))], ()
    import cv2
    import numpy as np

    rings = [region[0] for region in SHAPES[annotation["type"]].rings(annotation)]
    with np.errstate(over="ignore"):
        points = np.concatenate([geometry.ring_array(ring) for ring in rings]).astype(np.float32)
    corners = cv2.boxPoints(cv2.minAreaRect(points)).astype(float).ravel().tolist()
    return [scale.ring(corners)], (SMALLEST_BOX,)


@dataclass(frozen=True)
class PoseRows:
    """Poses: the box, then x, y and v of every keypoint: 0 not placed, 1 occluded, 2 visible."""

    keys: Mapping[str, Sequence[str]]
    """The keypoints of each class."""
    count: int
    """How many keypoints each row has; classes with fewer are filled up."""

    def __call__(self, annotation: Mapping[str, Any], scale: Scale, index: int) -> Row:
        placed = {
            keypoint["key"]: keypoint["value"]
            for keypoint in annotation.get("keypoints") or ()
            if keypoint.get("value")
        }
        changes = []
        if annotation["type"] == "bbox":
            bounds, change = enclosing_box(annotation, scale.compat)
            changes += [change] if change else []
        else:
            bounds = geometry.bounds_xyxy([xy for value in placed.values() for xy in value[:2]])
        keys = self.keys[annotation["value"]]
        if not placed.keys() <= set(keys):
            changes.append(UNKNOWN_KEYPOINTS)
        parts = [scale.box(*bounds)]
        for key in keys:
            value = placed.get(key)
            parts.append(
                f"{scale.ring(value[:2])} {2 if value[2] == 1 else 1}" if value else "0 0 0"
            )
        parts += ["0 0 0"] * (self.count - len(keys))
        return [" ".join(parts)], changes


def _box_ring(annotation: Mapping[str, Any], compat: Compat) -> tuple[list[float], list[str]]:
    rotation = rotation_of(annotation)
    if compat and rotation:
        return geometry.box_ring(annotation["points"]), [ROTATION_IGNORED]
    return geometry.box_ring(annotation["points"], rotation), []


def _outline(regions: Sequence[FlatRegion], scale: Scale) -> Row:
    if len(regions) == 1 and len(regions[0]) == 1:
        return [scale.ring(regions[0][0])], ()
    return [scale.ring(joined_ring(regions))], (JOINED,)


def joined_ring(regions: Sequence[FlatRegion]) -> list[float]:
    """Return one ring that covers several regions, which bridges without width join.

    A bridge leads from the first region to another and back along the same line, the last
    time by closing the ring. All outlines run one way and all hollows the other.
    """
    first, *others = [geometry.closed(ring_of(_clockwise(region))) for region in regions]
    joined = first
    for number, ring in enumerate(others):
        joined = [*joined, *(first[:2] if number else ()), *ring]
    return joined


def _clockwise(region: FlatRegion) -> FlatRegion:
    outline, *holes = region
    if geometry.signed_ring_area(outline) >= 0:
        return region
    corners = [outline[at : at + 2] for at in range(0, len(outline), 2)]
    return [[number for corner in reversed(corners) for number in corner], *holes]
