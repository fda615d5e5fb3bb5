"""The ring around a contour of OpenCV's: from the pixels on it to the borders of pixels."""

from __future__ import annotations

from itertools import pairwise
from typing import TypeAlias

from fastlabel.geometry import FlatRing
from fastlabel.masks import outlines

Point: TypeAlias = tuple[int, int]

# The ways to a pixel's eight neighbours, clockwise on screen from the right.
WAYS = {
    (1, 0): 0, (1, 1): 1, (0, 1): 2, (-1, 1): 3, (-1, 0): 4, (-1, -1): 5, (0, -1): 6, (1, -1): 7,
}  # fmt: skip
# The borders towards four of them: where each begins and ends, against the clock.
BORDERS = {
    0: ((1, 1), (1, 0)),
    2: ((0, 1), (1, 1)),
    4: ((0, 0), (0, 1)),
    6: ((1, 0), (0, 0)),
}


def ring_of(contour: list[Point]) -> list[float]:
    """Return the official ring of a contour if it is right, else the right one."""
    official = official_ring(contour)
    right = _traced(contour)
    is_right = _same_outline(_points(with_stairs(official)), right)
    return official if is_right else _flat(right)


def with_stairs(ring: FlatRing) -> list[float]:
    """Return a ring whose slanting edges are stairs along the borders of pixels."""
    return [*outlines.without_diagonals(outlines.whole(ring)).ravel().tolist()]


def _same_outline(first: list[Point], second: list[Point]) -> bool:
    """Tell whether two closed rings are the same but for where they begin and points amid runs."""
    first, second = _corners(first), _corners(second)
    if len(first) != len(second) or not first:
        return False
    begins = [index for index, point in enumerate(second) if point == first[0]]
    return any(second[at:] + second[:at] == first for at in begins)


def _corners(ring: list[Point]) -> list[Point]:
    """Return the points of a closed ring at which it turns, without the closing one."""
    around = [point for point, after in pairwise(ring) if point != after]
    corners = []
    for index, (x, y) in enumerate(around):
        (px, py), (nx, ny) = around[index - 1], around[(index + 1) % len(around)]
        turns_back = (x - px) * (nx - x) + (y - py) * (ny - y) < 0
        if turns_back or (x - px) * (ny - y) != (y - py) * (nx - x):
            corners.append((x, y))
    return corners


def _traced(contour: list[Point]) -> list[Point]:
    """Return the closed ring along the borders of a contour's pixels.

    OpenCV goes with the background at its right hand: at each pixel, the neighbours between
    the one it came from and the one it goes to, against the clock, are background.
    """
    ring: list[Point] = []
    for index, (x, y) in enumerate(contour):
        (px, py), (nx, ny) = contour[index - 1], contour[(index + 1) % len(contour)]
        came, goes = WAYS.get((px - x, py - y), 0), WAYS.get((nx - x, ny - y), 0)
        alone = len(contour) == 1
        for turn in range(1, 9 if alone else (came - goes) % 8 or 8):
            border = BORDERS.get((came - turn) % 8)
            if border:
                ring += ((x + dx, y + dy) for dx, dy in border)
    ring = _corners([*ring, ring[0]])
    ring.reverse()
    return [*ring, ring[0]]


def official_ring(contour: list[Point]) -> list[float]:
    """Return the official client's ring around a contour of OpenCV's."""
    points = [*contour, contour[0]]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    if min(xs) == max(xs) or min(ys) == max(ys):
        left, top, right, bottom = min(xs), min(ys), max(xs) + 1, max(ys) + 1
        return _flat([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])
    ring: list[Point] = []
    for index, point in enumerate(points):
        before = points[index - 1] if index else points[-2]
        after = points[index + 1] if index + 1 < len(points) else points[0]
        ring += _emitted(before, point, after, ring)
    ring.reverse()
    if ring and ring[0] != ring[-1]:
        ring.append(ring[0])
    return _flat(ring)


def _emitted(before: Point, at: Point, after: Point, ring: list[Point]) -> list[Point]:
    """Return the ring's points at one pixel of a contour; `ring` has those so far."""
    (px, py), (x, y), (nx, ny) = before, at, after
    top_right, bottom_left, bottom_right = (x + 1, y), (x, y + 1), (x + 1, y + 1)
    goes_down, goes_right = nx == x and ny > y, ny == y and nx > x
    if px > x and py < y:
        found = [top_right]
        if goes_down:
            found.append(at)
        elif goes_right:
            found.append(bottom_left)
        return found
    if px < x and py > y:
        found = []
        if ring and not (px <= ring[-1][0] and py <= ring[-1][1]):
            found += [(px, py + 1), (px + 1, py + 1)]
        found.append(bottom_left)
        if nx < x and ny < y:
            found += [bottom_right, top_right]
        return found
    if px > x and py > y:
        return [top_right, at] if goes_down else [top_right]
    if px < x and py < y:
        return [(x - 1, y), bottom_left] if goes_right else [(x - 1, y)]
    if before == after:
        if x > nx:
            return [bottom_right, top_right]
        if x < nx:
            return [at, bottom_left]
        return [bottom_left, bottom_right] if y > ny else [top_right, at]
    if py == y and px < x and nx == x and ny < y:
        return [bottom_right]
    if py == y and px > x and goes_down:
        return [at]
    if px == x and py > y and nx < x and ny <= y:
        return [top_right]
    if px == x and py < y and goes_right:
        return [bottom_left]
    return []


def _points(ring: list[float]) -> list[Point]:
    return [(int(x), int(y)) for x, y in zip(ring[0::2], ring[1::2], strict=True)]


def _flat(points: list[Point]) -> list[float]:
    return [number for point in points for number in point]
