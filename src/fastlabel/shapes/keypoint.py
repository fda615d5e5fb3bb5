"""A single point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastlabel.geometry import Bounds
from fastlabel.shapes.base import PlanarShape, PointsShape, check_count


class Keypoint(PointsShape, PlanarShape):
    """`points` are [x, y]."""

    type = "keypoint"
    form = "[x, y]"
    counts = (2,)

    def check_points(self, points: object, where: str) -> None:
        check_count(points, where, self, 2)

    def bounds_xyxy(self, annotation: Mapping[str, Any]) -> Bounds:
        x, y = annotation["points"]
        return x, y, x, y
