"""A circle."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from fastlabel import geometry
from fastlabel.geometry import Bounds, FlatRegion
from fastlabel.shapes.base import PlanarShape, PointsShape, ShapeError, check_count, shown


class Circle(PointsShape, PlanarShape):
    """`points` are [cx, cy, r]: the centre, and a radius of 0 or more."""

    type = "circle"
    form = "[cx, cy, r]"

    def check_points(self, points: object, where: str) -> None:
        check_count(points, where, self, 3)
        radius = points[2]  # type: ignore[index]  # check_count saw a list
        if radius < 0:
            raise ShapeError(f"{where}[2]: a radius is 0 or more, got {shown(radius)}")

    def moved(self, annotation: Mapping[str, Any], dx: float, dy: float) -> dict[str, Any]:
        cx, cy, radius = annotation["points"]
        return {**annotation, "points": [cx + dx, cy + dy, radius]}

    def rings(self, annotation: Mapping[str, Any]) -> list[FlatRegion]:
        """Return one polygon that stays within 0.05 px of the circle."""
        cx, cy, radius = annotation["points"]
        return [[geometry.circle_ring(cx, cy, radius)]]

    def bounds_xyxy(self, annotation: Mapping[str, Any]) -> Bounds:
        cx, cy, radius = annotation["points"]
        return cx - radius, cy - radius, cx + radius, cy + radius

    def area(self, annotation: Mapping[str, Any]) -> float:
        radius: float = annotation["points"][2]
        return math.pi * radius * radius
