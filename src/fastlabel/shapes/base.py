"""What a shape is, and the checks of numbers that the shapes share.

The checks run on the server for every annotation of every task that is saved, so they are
plain Python, build no text unless something is wrong, and do not import numpy.
"""

from __future__ import annotations

import math
import sys
from abc import ABC, abstractmethod
from collections.abc import Collection, Container, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any, ClassVar

from fastlabel import geometry
from fastlabel.geometry import Bounds, FlatRegion

if TYPE_CHECKING:
    from fastlabel.geometry import Region

PLAIN_NUMBERS = frozenset((int, float))
# A tuple made once: writing `list | tuple` in the check would build the union on every call.
LISTS = (list, tuple)


class ShapeError(ValueError):
    """Geometry that its shape cannot have; the message names the place and the value."""


class Shape(ABC):
    """The geometry of one annotation type.

    All methods but `check` expect an annotation that passed it. Nothing is clipped, sorted
    or rounded.
    """

    type: ClassVar[str]
    fields: ClassVar[tuple[str, ...]]
    """Fields of the annotation that hold the geometry; the shape looks at no others."""

    @abstractmethod
    def check(
        self,
        annotation: Mapping[str, Any],
        where: str,
        keypoint_keys: Collection[str] | None = None,
    ) -> None:
        """Refuse an annotation whose geometry is malformed.

        Args:
            annotation: as the API takes it.
            where: its place in the request, such as `annotations[3]`.
            keypoint_keys: the keypoints of its class; None where the class is not known,
                and then any key will do.

        Raises:
            ShapeError: names the path below `where`, the value, and what would be right.
        """

    def stored(self, annotation: Mapping[str, Any]) -> dict[str, Any]:
        """Return the geometry as it is kept: what was given, as it was given."""
        return {name: annotation[name] for name in self.fields if annotation.get(name) is not None}

    def shown(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return the geometry as the API shows it, of its stored form."""
        return {"points": stored.get("points", [])}

    def between(self, first: Any, second: Any, part: float) -> Any:
        """Return the points that lie `part` (0 to 1) of the way between two sets of points.

        Each number goes straight from one to the other. Where they are not alike, such as
        lines of more and fewer points, the first ones hold.
        """
        return between(first, second, part)


class PlanarShape(Shape):
    """A shape in the plane of a picture: it has bounds, and maybe an area."""

    @abstractmethod
    def bounds_xyxy(self, annotation: Mapping[str, Any]) -> Bounds | None:
        """Return the smallest upright box around the shape, None where nothing is placed."""

    def moved(self, annotation: Mapping[str, Any], dx: float, dy: float) -> dict[str, Any]:
        """Return the annotation at another place."""
        moved = dict(annotation)
        if annotation.get("points"):
            moved["points"] = _moved(annotation["points"], dx, dy)
        if annotation.get("keypoints"):
            moved["keypoints"] = [
                {**keypoint, "value": _moved_keypoint(keypoint["value"], dx, dy)}
                for keypoint in annotation["keypoints"]
            ]
        return moved

    def rings(self, annotation: Mapping[str, Any]) -> list[FlatRegion]:
        """Return the regions as flat rings, rotation applied; empty where it has no area."""
        return []

    def regions(self, annotation: Mapping[str, Any]) -> list[Region]:
        """Return the regions as arrays of shape (N, 2); otherwise as `rings`."""
        return [[geometry.ring_array(ring) for ring in region] for region in self.rings(annotation)]

    def area(self, annotation: Mapping[str, Any]) -> float:
        """Return the area in square pixels, holes left out; regions that overlap count twice."""
        return sum(geometry.region_area(region) for region in self.rings(annotation))


class SpanShape(Shape):
    """A shape that runs from `start` to `end` along a text or a time line."""

    fields: ClassVar[tuple[str, ...]] = ("start", "end")
    unit: ClassVar[str]
    """What `start` and `end` count, for messages."""

    def check(
        self,
        annotation: Mapping[str, Any],
        where: str,
        keypoint_keys: Collection[str] | None = None,
    ) -> None:
        for name in ("start", "end"):
            value = annotation.get(name)
            if value is None:
                raise ShapeError(
                    f"{where}.{name}: missing; a {self.type} has start and end in {self.unit}"
                )
            self.check_position(value, f"{where}.{name}")
        if annotation["end"] < annotation["start"]:
            raise ShapeError(
                f"{where}.end: expected no less than start {shown(annotation['start'])}, "
                f"got {shown(annotation['end'])}"
            )

    def check_position(self, value: object, where: str) -> None:
        """Refuse a start or end that cannot be.

        Raises:
            ShapeError: names `where` and the value.
        """
        check_number(value, where)
        if value < 0:  # type: ignore[operator]  # check_number saw a number
            raise ShapeError(f"{where}: expected 0 or more {self.unit}, got {shown(value)}")

    def shown(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        return {name: stored[name] for name in self.fields if name in stored}


class PointsShape(Shape):
    """A shape that is described by `points` alone, or above all."""

    fields: ClassVar[tuple[str, ...]] = ("points",)
    form: ClassVar[str]
    """What `points` look like, for messages."""
    counts: ClassVar[Container[int]] = ()
    """How many numbers `points` may have, where any plain numbers are right."""

    def check(
        self,
        annotation: Mapping[str, Any],
        where: str,
        keypoint_keys: Collection[str] | None = None,
    ) -> None:
        points = annotation.get("points")
        # Nearly all are sound: what follows is for those that are not, and says why.
        if isinstance(points, LISTS) and len(points) in self.counts and are_plain(points):
            return
        if points is None:
            raise ShapeError(f"{where}.points: missing; a {self.type} has {self.form}")
        self.check_points(points, f"{where}.points")

    @abstractmethod
    def check_points(self, points: object, where: str) -> None:
        """Refuse malformed points; `where` is their own place.

        Raises:
            ShapeError: as `check` does.
        """


def between(first: Any, second: Any, part: float) -> Any:
    """Return numbers, in lists or alone, that lie `part` of the way between others.

    Numbers that do not change keep their type. What is not alike stays as the first is.
    """
    if isinstance(first, LISTS) and isinstance(second, LISTS) and len(first) == len(second):
        return [between(one, other, part) for one, other in zip(first, second, strict=True)]
    if isinstance(first, LISTS) or isinstance(second, LISTS) or first == second:
        return first
    return first + (second - first) * part


def between_angles(first: float, second: float, part: float, turn: float) -> float:
    """Return an angle `part` of the shorter way from one to another.

    Args:
        turn: a full turn, 360 or 2 pi. Of two ways of half a turn the negative one is taken.
    """
    if first == second:
        return first
    difference = second - first
    difference -= turn * math.floor((difference + turn / 2) / turn)
    return first + difference * part


def _moved(points: Any, dx: float, dy: float) -> list[Any]:
    if points and isinstance(points[0], LISTS):
        return [_moved(inner, dx, dy) for inner in points]
    return [value + (dy if index % 2 else dx) for index, value in enumerate(points)]


def _moved_keypoint(value: Any, dx: float, dy: float) -> list[Any]:
    return [value[0] + dx, value[1] + dy, *value[2:]] if value else []


def check_number(value: object, where: str) -> None:
    """Refuse anything but a finite int or float; True and False are no numbers here.

    Raises:
        ShapeError: names `where` and the value.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            if isfinite(value):
                return
        except OverflowError:  # an int beyond the largest float
            pass
    raise ShapeError(f"{where}: expected a finite number, got {shown(value)}")


def check_numbers(values: object, where: str, form: str) -> list[float]:
    """Return a flat list of finite numbers as it is.

    Raises:
        ShapeError: no list, or names the first item that is no number.
    """
    if not isinstance(values, LISTS):
        raise ShapeError(f"{where}: expected a list {form}, got {shown(values)}")
    if not are_plain(values):
        for index, value in enumerate(values):
            check_number(value, f"{where}[{index}]")
    return values  # type: ignore[return-value]


def are_plain(values: Collection[Any]) -> bool:
    """Return whether values are finite ints and floats; of finite ones it may also deny it."""
    try:
        # A sum is finite only where all of its terms are.
        return PLAIN_NUMBERS.issuperset(map(type, values)) and isfinite(sum(values))
    except OverflowError:
        return False


def check_count(values: object, where: str, shape: PointsShape, count: int) -> None:
    """Refuse anything but a flat list of exactly `count` numbers.

    Raises:
        ShapeError: names `where` and what a `shape` has instead.
    """
    found = len(check_numbers(values, where, shape.form))
    if found != count:
        raise ShapeError(
            f"{where}: a {shape.type} has {count} numbers, got {found}; right is {shape.form}"
        )


def pair_counts(at_least: int) -> Container[int]:
    """Return how many numbers `at_least` x, y pairs and more have."""
    return range(2 * at_least, sys.maxsize, 2)


def check_whole(value: object, where: str) -> None:
    """Refuse anything but an int of 0 or more.

    Raises:
        ShapeError: names `where` and the value.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ShapeError(f"{where}: expected a whole number of 0 or more, got {shown(value)}")


def check_pairs(values: object, where: str, noun: str, at_least: int) -> None:
    """Refuse anything but a flat list of x, y pairs, `at_least` of them.

    Raises:
        ShapeError: names `where` and what a `noun` has instead.
    """
    found = len(check_numbers(values, where, "[x1, y1, x2, y2, ...]"))
    if found % 2:
        raise ShapeError(f"{where}: x and y come in pairs, got {found} numbers")
    if found < 2 * at_least:
        raise ShapeError(
            f"{where}: a {noun} has at least {at_least} points ({2 * at_least} numbers), "
            f"got {found} numbers"
        )


def shown(value: object, limit: int = 60) -> str:
    """Return a value for a message, cut where it is long."""
    try:
        text = repr(value)
    except RecursionError:
        return f"a {type(value).__name__} nested too deeply to be shown"
    return text if len(text) <= limit else f"{text[:limit]}..."
