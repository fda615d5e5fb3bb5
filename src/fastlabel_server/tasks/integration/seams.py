"""The seams between tiles: what touches them, and which pieces belong together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

TOLERANCE_PX: Final = 1.0
"""How far from a seam a piece still touches it."""


@dataclass(frozen=True)
class Seam:
    """A line between tiles, along x or along y.

    `axis` is what all its points share: 0 for an upright line (x), 1 for a level one (y).
    """

    axis: Literal[0, 1]
    at: float


@dataclass(frozen=True)
class Tile:
    """Where a part lies in the whole picture, and what it shares with the tiles beside it."""

    left: float
    top: float
    before: tuple[Seam, ...]
    """At its left and its top; the edges of the picture are no seams."""
    after: tuple[Seam, ...]
    """At its right and its bottom."""

    @property
    def seams(self) -> tuple[Seam, ...]:
        return self.before + self.after


@dataclass(frozen=True)
class Contact:
    """A stretch of a seam that a piece touches, from its near side (0) or its far side (1)."""

    low: float
    high: float
    piece: int
    side: Literal[0, 1]


def touched(bounds_xyxy: Sequence[float], tile: Tile) -> Iterator[tuple[Seam, Literal[0, 1]]]:
    """Yield the seams of its tile that a piece comes near to, and from which side.

    A piece that was drawn beyond its tile touches the seam as well.
    """
    for seam in tile.before:
        if bounds_xyxy[seam.axis] <= seam.at + TOLERANCE_PX:
            yield seam, 1
    for seam in tile.after:
        if bounds_xyxy[seam.axis + 2] >= seam.at - TOLERANCE_PX:
            yield seam, 0


def meeting(along_seam: Iterable[Contact]) -> Iterator[tuple[int, int]]:
    """Yield pairs of pieces that connect all which overlap from opposite sides of a seam.

    A sweep along the seam: the open contacts of the other side overlap a new one, and so are
    one object with it; the one of them that reaches farthest then stands for all. Pairs stay
    about as many as contacts, however many overlap.
    """
    reaching: tuple[list[tuple[float, int]], ...] = ([], [])
    for contact in sorted(along_seam, key=lambda one: (one.low, one.high)):
        if contact.low == contact.high:
            continue
        others = reaching[1 - contact.side]
        others[:] = [(high, piece) for high, piece in others if high > contact.low]
        yield from ((contact.piece, piece) for _, piece in others)
        others[:] = [max(others)] if others else []
        reaching[contact.side].append((contact.high, contact.piece))


def groups(count: int, pairs: Iterable[tuple[int, int]]) -> Sequence[Sequence[int]]:
    """Return the numbers below `count` in groups that pairs connect, by their least members."""
    parents = list(range(count))

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = number = parents[parents[number]]
        return number

    for one, other in pairs:
        first, second = sorted((root(one), root(other)))
        parents[second] = first
    members: defaultdict[int, list[int]] = defaultdict(list)
    for number in range(count):
        members[root(number)].append(number)
    return list(members.values())
