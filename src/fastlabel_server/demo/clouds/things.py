"""What stands and drives along a road, as bodies that a scanner sees."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from fastlabel_server.demo.clouds.rays import Ball, Box, Part
from fastlabel_server.demo.samples import Json


@dataclass(frozen=True)
class Thing:
    """Something with a label; `at` is the middle of its foot, `size` length, width, height."""

    value: str
    at: tuple[float, float]
    size: tuple[float, float, float]
    turn_rad: float = 0.0

    def cuboid(self) -> list[float]:
        """Return it as the points of a cuboid: position, rotation, lengths."""
        x, y = self.at
        length, width, height = self.size
        numbers = (x, y, height / 2, 0, 0, self.turn_rad, length, width, height)
        return [round(number, 4) for number in numbers]

    def moved(self, ahead: float, turn_rad: float = 0.0) -> Thing:
        """Return it so much farther in the direction that it faces, then turned."""
        x, y = self.at
        x += ahead * math.cos(self.turn_rad)
        y += ahead * math.sin(self.turn_rad)
        return replace(self, at=(x, y), turn_rad=self.turn_rad + turn_rad)

    def parts(self, owner: int) -> list[Part]:
        return _PARTS[self.value](self, owner)


def _block(
    thing: Thing, owner: int, low: float, high: float, rear: float, front: float, narrow: float,
    brightness: float,
) -> Box:  # fmt: skip
    """Return a part of a thing; the numbers are shares of its height, length and width."""
    length, width, height = thing.size
    ahead = (rear + front) / 2 * length - length / 2
    x, y = thing.at
    middle = (
        x + ahead * math.cos(thing.turn_rad),
        y + ahead * math.sin(thing.turn_rad),
        (low + high) / 2 * height,
    )
    size = ((front - rear) * length, narrow * width, (high - low) * height)
    return Box(owner, brightness, middle, size, thing.turn_rad)


def _car(thing: Thing, owner: int) -> list[Part]:
    return [
        _block(thing, owner, 0.0, 0.6, 0.0, 1.0, 1.0, 0.7),
        _block(thing, owner, 0.6, 1.0, 0.12, 0.68, 0.86, 0.9),
    ]


def _truck(thing: Thing, owner: int) -> list[Part]:
    return [
        _block(thing, owner, 0.0, 1.0, 0.0, 0.74, 1.0, 0.8),
        _block(thing, owner, 0.0, 0.78, 0.78, 1.0, 0.94, 0.95),
    ]


def _person(thing: Thing, owner: int) -> list[Part]:
    x, y = thing.at
    width, height = thing.size[1], thing.size[2]
    return [
        _block(thing, owner, 0.0, 0.86, 0.1, 0.9, 1.0, 0.5),
        Ball(owner, 0.6, (x, y, 0.92 * height), min(0.07 * height, width / 2)),
    ]


def _pole(thing: Thing, owner: int) -> list[Part]:
    return [_block(thing, owner, 0.0, 1.0, 0.0, 1.0, 1.0, 0.95)]


def _tree(thing: Thing, owner: int) -> list[Part]:
    x, y = thing.at
    length, _, height = thing.size
    crown = length / 2
    return [
        _block(thing, owner, 0.0, 0.5, 0.44, 0.56, 0.12, 0.4),
        Ball(owner, 0.55, (x, y, height - crown * 0.9), crown, 0.9),
    ]


_PARTS = {"car": _car, "truck": _truck, "pedestrian": _person, "pole": _pole, "tree": _tree}


def car(x: float, y: float, turn_deg: float = 0) -> Thing:
    return Thing("car", (x, y), (4.4, 1.8, 1.5), math.radians(turn_deg))


def truck(x: float, y: float, turn_deg: float = 0) -> Thing:
    return Thing("truck", (x, y), (7.6, 2.5, 3.1), math.radians(turn_deg))


def pedestrian(x: float, y: float, turn_deg: float = 0) -> Thing:
    return Thing("pedestrian", (x, y), (0.6, 0.6, 1.75), math.radians(turn_deg))


def roadside(rng: Random) -> list[Thing]:
    """Return lamps and trees along both sides of a road that runs along x."""
    things = []
    for side in (-1, 1):
        for x in range(-40, 41, 16):
            things.append(Thing("pole", (x + rng.uniform(-1, 1), side * 8), (0.25, 0.25, 6)))
            size = rng.uniform(3, 4.6)
            place = (x + 8 + rng.uniform(-2, 2), side * rng.uniform(10.5, 12))
            things.append(Thing("tree", place, (size, size, size + rng.uniform(1.5, 2.5))))
    return things


def houses(rng: Random) -> list[Part]:
    """Return house fronts behind the pavements; nobody labels them."""
    parts: list[Part] = []
    for side in (-1, 1):
        x = -50.0
        while x < 50:
            length, height = rng.uniform(8, 15), rng.uniform(5, 11)
            middle = (x + length / 2, side * (19 + rng.uniform(0, 2)), height / 2)
            parts.append(Box(-2, 0.45, middle, (length, 6, height)))
            x += length + rng.choice((0, 0, 3, 5))
    return parts


def labelled(thing: Thing, **fields: object) -> Json:
    """Return a thing as an annotation with a cuboid."""
    return {"type": "cuboid", "value": thing.value, "points": thing.cuboid(), **fields}


def bodies(things: Sequence[Thing]) -> list[Part]:
    """Return the parts of things, owned by their places in the list."""
    return [part for owner, thing in enumerate(things) for part in thing.parts(owner)]
