"""Points of a cloud that belong to one object."""

from __future__ import annotations

from fastlabel.shapes.base import PointsShape, check_numbers


class PointIndices(PointsShape):
    """`points` are the positions of points in the file, from 0; any number of them."""

    type = "segmentation"
    form = "[index, index, ...]"

    def check_points(self, points: object, where: str) -> None:
        check_numbers(points, where, self.form)
