"""A polygon without holes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastlabel import geometry
from fastlabel.geometry import Bounds, FlatRegion
from fastlabel.shapes.base import PlanarShape, PointsShape, check_pairs, pair_counts


class Polygon(PointsShape, PlanarShape):
    """`points` are [x1, y1, x2, y2, ...], at least three corners, in order along the outline.

    Tools leave the ring open; a closed one is kept as it is. The area of an outline that
    crosses itself is that of the shoelace formula: loops of opposite direction cancel.
    """

    type = "polygon"
    form = "[x1, y1, x2, y2, x3, y3, ...]"
    counts = pair_counts(at_least=3)

    def check_points(self, points: object, where: str) -> None:
        check_pairs(points, where, self.type, at_least=3)

    def rings(self, annotation: Mapping[str, Any]) -> list[FlatRegion]:
        return [[annotation["points"]]]

    def bounds_xyxy(self, annotation: Mapping[str, Any]) -> Bounds:
        return geometry.bounds_xyxy(annotation["points"])

    def area(self, annotation: Mapping[str, Any]) -> float:
        return geometry.ring_area(annotation["points"])
