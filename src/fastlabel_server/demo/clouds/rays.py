"""A laser scanner that turns: where its rays meet the things of a scene.

Coordinates are metres, x ahead, y to the left, z up, the ground at 0. Every ray ends at the first
thing that it meets, so that each point knows whose it is.
"""

from __future__ import annotations

import io
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
GROUND = -1
"""The owner of points on the ground."""


@dataclass(frozen=True)
class Part(ABC):
    """A body of a scene; `owner` is the number of the thing that it belongs to."""

    owner: int
    brightness: float
    middle: tuple[float, float, float]

    @property
    @abstractmethod
    def extent(self) -> float:
        """Return a distance from the middle that no point of it lies beyond, seen from above."""

    @abstractmethod
    def distances(self, start: Floats, rays: Floats) -> Floats:
        """Return how far each ray of shape (N, 3) goes until it meets the body; inf: never."""


@dataclass(frozen=True)
class Box(Part):
    """A box that stands upright, turned by `turn_rad` about its middle."""

    size: tuple[float, float, float]
    """Length, width, height."""
    turn_rad: float = 0.0

    @property
    def extent(self) -> float:
        return math.hypot(self.size[0], self.size[1]) / 2

    def distances(self, start: Floats, rays: Floats) -> Floats:
        """Meet the three pairs of its sides: https://en.wikipedia.org/wiki/Slab_method"""
        cos, sin = math.cos(-self.turn_rad), math.sin(-self.turn_rad)
        turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
        origin = turn @ (start - np.array(self.middle))
        directions = rays @ turn.T
        half = np.array(self.size) / 2
        with np.errstate(divide="ignore"):
            inverse = 1 / directions
        low, high = (-half - origin) * inverse, (half - origin) * inverse
        enters = np.minimum(low, high).max(axis=1)
        leaves = np.maximum(low, high).min(axis=1)
        return np.where((enters <= leaves) & (enters > 0), enters, np.inf)


@dataclass(frozen=True)
class Ball(Part):
    """A ball, such as the crown of a tree; scaled by `flat` in height."""

    radius: float
    flat: float = 1.0

    @property
    def extent(self) -> float:
        return self.radius

    def distances(self, start: Floats, rays: Floats) -> Floats:
        squeeze = np.array([1, 1, 1 / self.flat])
        origin = (start - np.array(self.middle)) * squeeze
        directions = rays * squeeze
        a = (directions**2).sum(axis=1)
        b = directions @ origin
        inside = b**2 - a * (origin @ origin - self.radius**2)
        root = np.sqrt(np.maximum(inside, 0))
        distance = (-b - root) / a
        return np.where((inside > 0) & (distance > 0), distance, np.inf)


@dataclass(frozen=True)
class Scan:
    """The points of one turn: shape (N, 4) of x, y, z and intensity, and whose each is."""

    points: NDArray[np.float32]
    owners: NDArray[np.int64]

    def indices_of(self, owner: int) -> list[int]:
        return [int(index) for index in np.flatnonzero(self.owners == owner)]

    def to_pcd(self) -> bytes:
        """Return the cloud as a file, packed."""
        from pypcd4.pypcd4 import Encoding, PointCloud

        output = io.BytesIO()
        PointCloud.from_xyzi_points(self.points).save(output, Encoding.BINARY_COMPRESSED)
        return output.getvalue()


def scan(parts: Sequence[Part], beams: int = 40, steps: int = 600, reach: float = 55) -> Scan:
    """Turn once at a height of 1.9 m; `beams` rays above one another, `steps` times around."""
    start = np.array([0.0, 0.0, 1.9])
    lifts = np.radians(np.linspace(-24, 9, beams))
    turns = np.arange(steps) * (2 * math.pi / steps)
    lift, turn = (grid.ravel() for grid in np.meshgrid(lifts, turns, indexing="ij"))
    rays = np.stack([np.cos(lift) * np.cos(turn), np.cos(lift) * np.sin(turn), np.sin(lift)], 1)
    with np.errstate(divide="ignore"):
        nearest = np.where(rays[:, 2] < 0, -start[2] / rays[:, 2], np.inf)
    owners = np.full(len(rays), GROUND)
    # The asphalt is darker along the road than the ground beside it.
    across = np.where(np.isfinite(nearest), nearest, 0) * rays[:, 1]
    brightness = np.where(np.abs(across) < 6.2, 0.18, 0.34)
    for part in parts:
        # Only rays in its direction can meet it.
        x, y, _ = part.middle
        away = np.abs((turn - math.atan2(y, x) + math.pi) % (2 * math.pi) - math.pi)
        near = np.flatnonzero(away <= math.asin(min(1, part.extent / math.hypot(x, y))) + 1e-6)
        distance = part.distances(start, rays[near])
        closer = distance < nearest[near]
        met = near[closer]
        nearest[met] = distance[closer]
        owners[met] = part.owner
        brightness[met] = part.brightness
    seen = nearest < reach
    places = start + nearest[seen, None] * rays[seen]
    points = np.column_stack([places, brightness[seen]]).astype(np.float32)
    return Scan(points, owners[seen])
