"""A box in space."""

from __future__ import annotations

from fastlabel.shapes.base import PointsShape, check_count


class Cuboid(PointsShape):
    """`points` are position x, y, z; rotation about x, y, z in radians; length x, y, z."""

    type = "cuboid"
    form = "[x, y, z, rotation x, y, z, length x, y, z]"

    def check_points(self, points: object, where: str) -> None:
        check_count(points, where, self, 9)
