"""A segmentation: any number of regions, each of them with hollows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastlabel import geometry
from fastlabel.geometry import Bounds, FlatRegion
from fastlabel.shapes.base import LISTS, PlanarShape, PointsShape, ShapeError, check_pairs, shown


class Segmentation(PointsShape, PlanarShape):
    """`points` are regions, a region is rings, a ring is [x1, y1, x2, y2, ...].

    Ring 0 of a region is its outline, the others are hollows. Tools close the rings and run
    the outline clockwise, the hollows against it; other forms are kept as they are.
    """

    type = "segmentation"
    form = "[[[x1, y1, x2, y2, ...], ...], ...] (regions of rings)"

    def check_points(self, points: object, where: str) -> None:
        if not isinstance(points, LISTS):
            raise ShapeError(f"{where}: expected {self.form}, got {shown(points)}")
        if not points:
            raise ShapeError(f"{where}: a segmentation has at least one region, got []")
        for index, region in enumerate(points):
            if not isinstance(region, LISTS):
                raise ShapeError(
                    f"{where}[{index}]: a region is a list of rings "
                    f"[[x1, y1, x2, y2, ...], ...], got {shown(region)}"
                )
            if not region:
                raise ShapeError(f"{where}[{index}]: a region has at least its outline, got []")
            for ring_index, ring in enumerate(region):
                check_pairs(ring, f"{where}[{index}][{ring_index}]", "ring", at_least=3)

    def rings(self, annotation: Mapping[str, Any]) -> list[FlatRegion]:
        return list(annotation["points"])

    def bounds_xyxy(self, annotation: Mapping[str, Any]) -> Bounds:
        outlines = [number for region in annotation["points"] for number in region[0]]
        return geometry.bounds_xyxy(outlines)
