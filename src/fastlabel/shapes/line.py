"""A line of one or more straight pieces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastlabel import geometry
from fastlabel.geometry import Bounds
from fastlabel.shapes.base import PlanarShape, PointsShape, check_pairs, pair_counts


class Line(PointsShape, PlanarShape):
    """`points` are [x1, y1, x2, y2, ...], at least two, from one end to the other."""

    type = "line"
    form = "[x1, y1, x2, y2, ...]"
    counts = pair_counts(at_least=2)

    def check_points(self, points: object, where: str) -> None:
        check_pairs(points, where, self.type, at_least=2)

    def bounds_xyxy(self, annotation: Mapping[str, Any]) -> Bounds:
        return geometry.bounds_xyxy(annotation["points"])
