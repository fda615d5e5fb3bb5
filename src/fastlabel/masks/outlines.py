"""Outlines along the borders of pixels, and the pixels inside them: the official client's rules.

A pixel is the unit square right of and below its coordinates. An outline is an array of shape
(N, 2) of whole numbers, x then y. To fill one, each corner is moved onto the pixel inside it,
and OpenCV fills the polygon of these pixels with its border. That is right for outlines that
run clockwise on screen; others come out shifted and larger by a pixel.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fastlabel import geometry
from fastlabel.geometry import FlatRing

Points: TypeAlias = NDArray[np.int64]

FURTHEST = float(1 << 20)
"""Coordinates beyond this are cut off there: OpenCV goes through every row of a polygon."""
LONGEST_STAIRS = 1 << 15
"""Edges of more steps lead far out of any picture and stay straight, to spare time and memory."""


def whole(ring: FlatRing) -> Points:
    """Return a ring's points truncated to whole numbers."""
    return np.clip(geometry.ring_array(ring), -FURTHEST, FURTHEST).astype(np.int64)


def without_diagonals(points: Points) -> Points:
    """Return an outline whose slanting edges are stairs: down or up first, then sideways.

    The last point is not joined to the first.
    """
    dx, dy = np.diff(points[:, 0]), np.diff(points[:, 1])
    steps = np.minimum(np.abs(dx), np.abs(dy))
    slants = (steps > 0) & (steps <= LONGEST_STAIRS)
    if not slants.any():
        return points
    # A straight edge brings its end; one that slants, two points for each step.
    steps = np.where(slants, steps, 1)
    counts = np.where(slants, 2 * steps, 1)
    edge = np.repeat(np.arange(len(steps)), counts)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
    steps_y = number // 2 + 1
    steps_x = np.where(slants[edge], (number + 1) // 2, 1)
    # Counted in floating point, as the official client does: some steps are a pixel short.
    x = points[edge, 0] + ((dx / steps)[edge] * steps_x).astype(np.int64)
    y = points[edge, 1] + ((dy / steps)[edge] * steps_y).astype(np.int64)
    return np.concatenate((points[:1], np.stack((x, y), axis=1)))


def without_duplicates(points: Points) -> Points:
    """Return an outline without repetitions, and without points amid a straight run."""
    moves = np.diff(points, axis=0)
    moved = moves.any(axis=1)
    points, moves = points[np.concatenate(([True], moved))], moves[moved]
    same = (moves[:-1] == 0) & (moves[1:] == 0)
    amid = same.any(axis=1)
    turns_back = amid & ((np.sign(moves[:-1]) * np.sign(moves[1:])).sum(axis=1) < 0)
    if turns_back.any():
        return _without_duplicates_one_by_one(points)
    return points[np.concatenate(([True], ~amid, [True]))[: len(points)]]


def _without_duplicates_one_by_one(points: Points) -> Points:
    kept: list[list[int]] = []
    for x, y in points.tolist():
        if kept and kept[-1] == [x, y]:
            continue
        if len(kept) > 1 and (kept[-2][0] == kept[-1][0] == x or kept[-2][1] == kept[-1][1] == y):
            kept[-1] = [x, y]
        else:
            kept.append([x, y])
    return np.array(kept, np.int64)


def joined(points: Points) -> Points:
    """Return an outline that ends with its first point."""
    return points if (points[0] == points[-1]).all() else np.concatenate((points, points[:1]))


def shrunk(points: Points) -> NDArray[np.int32]:
    """Return the pixels inside the corners of a clockwise outline; its ends are not joined."""
    step_x, step_y = np.diff(points[:, 0]), np.diff(points[:, 1])
    inside = points.copy()
    inside[1:, 0] -= step_y > 0
    inside[:-1, 0] -= step_y > 0
    inside[1:, 1] -= step_x < 0
    inside[:-1, 1] -= step_x < 0
    return inside.astype(np.int32)


def is_clockwise(points: Points) -> bool:
    """Tell which way an outline that is joined runs on screen."""
    x, y = points[:, 0], points[:, 1]
    return bool(np.sum((x[1:] - x[:-1]) * (y[1:] + y[:-1])) < 0)


def from_base(points: Points) -> Points:
    """Return a joined outline that begins and ends at a corner with nothing above and left of it.

    As far as a single pass finds it: the corner so far gives way to each later one that is
    neither right of nor below it.
    """
    around = points[1:]
    base_x, base_y = around[0].tolist()
    base = 0
    for index, (x, y) in enumerate(around.tolist()):
        if x <= base_x and y <= base_y:
            base, base_x, base_y = index, x, y
    turned = np.roll(around, -base, axis=0)
    return np.concatenate((turned, turned[:1]))
