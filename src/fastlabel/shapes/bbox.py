"""A box: two opposite corners and a rotation; a class may also place keypoints in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from fastlabel import geometry
from fastlabel.geometry import Bounds, FlatRegion
from fastlabel.shapes.base import (
    PLAIN_NUMBERS,
    PlanarShape,
    PointsShape,
    check_count,
    check_number,
)
from fastlabel.shapes.pose_estimation import check_keypoints


class Bbox(PointsShape, PlanarShape):
    """`points` are [x1, y1, x2, y2] of the box before it is rotated.

    `rotation` is in degrees, clockwise on screen about the centre, 0 where it is not given.
    Tools write the corners top left, then bottom right; swapped corners mean the same box.
    """

    type = "bbox"
    fields: ClassVar[tuple[str, ...]] = ("points", "rotation", "keypoints")
    form = "[x1, y1, x2, y2]"
    counts = (4,)

    def check(
        self,
        annotation: Mapping[str, Any],
        where: str,
        keypoint_keys: Collection[str] | None = None,
    ) -> None:
        super().check(annotation, where, keypoint_keys)
        rotation = annotation.get("rotation")
        if rotation or (rotation is not None and type(rotation) not in PLAIN_NUMBERS):
            check_number(rotation, f"{where}.rotation")
        keypoints = annotation.get("keypoints")
        if keypoints is not None and keypoints != []:
            check_keypoints(keypoints, f"{where}.keypoints", keypoint_keys)

    def check_points(self, points: object, where: str) -> None:
        check_count(points, where, self, 4)

    def rings(self, annotation: Mapping[str, Any]) -> list[FlatRegion]:
        return [[geometry.box_ring(annotation["points"], annotation.get("rotation") or 0)]]

    def bounds_xyxy(self, annotation: Mapping[str, Any]) -> Bounds:
        if rotation := annotation.get("rotation"):
            return geometry.bounds_xyxy(geometry.box_ring(annotation["points"], rotation))
        x1, y1, x2, y2 = annotation["points"]
        if x1 <= x2 and y1 <= y2:
            return x1, y1, x2, y2
        return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)

    def area(self, annotation: Mapping[str, Any]) -> float:
        x1, y1, x2, y2 = annotation["points"]
        return abs((x2 - x1) * (y2 - y1))  # type: ignore[no-any-return]
