"""A box in space."""

from __future__ import annotations

import math
from typing import Any, Final

from fastlabel.shapes.base import PointsShape, between_angles, check_count

_ROTATION: Final = (3, 4, 5)


class Cuboid(PointsShape):
    """`points` are position x, y, z; rotation about x, y, z in radians; length x, y, z."""

    type = "cuboid"
    form = "[x, y, z, rotation x, y, z, length x, y, z]"

    def between(self, first: Any, second: Any, part: float) -> Any:
        """Return a cuboid on the way; it turns about each axis by the shorter way."""
        found = super().between(first, second, part)
        for axis in _ROTATION:
            found[axis] = between_angles(first[axis], second[axis], part, 2 * math.pi)
        return found

    def check_points(self, points: object, where: str) -> None:
        check_count(points, where, self, 9)
