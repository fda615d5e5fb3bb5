"""Plane geometry over rings as the JSON has them: flat number lists `[x1, y1, x2, y2, ...]`.

Coordinates are pixels: origin top left, x right, y down. The functions use plain Python:
most shapes have a handful of points, and there building an array costs more than the sum.
Integers stay exact. `ring_array` is the way to numpy for whoever draws or rasterises.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from operator import mul
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ring: TypeAlias = NDArray[np.float64]
    """Shape (N, 2), x then y."""
    Region: TypeAlias = list[Ring]
    """The outline first, then its holes."""

FlatRing: TypeAlias = Sequence[float]
"""x1, y1, x2, y2, ...; open, or closed by repeating the first point: both mean the same."""
FlatRegion: TypeAlias = Sequence[FlatRing]
"""The outline first, then its holes."""
Bounds: TypeAlias = tuple[float, float, float, float]
"""xyxy: min x, min y, max x, max y."""

QUARTER_TURNS = {0.0: (1, 0), 90.0: (0, 1), 180.0: (-1, 0), 270.0: (0, -1)}
CIRCLE_TOLERANCE_PX = 0.05


def signed_ring_area(ring: FlatRing) -> float:
    """Return the area of a ring in square pixels, positive where it runs clockwise on screen.

    Source: shoelace formula, https://en.wikipedia.org/wiki/Shoelace_formula
    """
    xs, ys = [*ring[0::2], ring[0]], [*ring[1::2], ring[1]]
    doubled: float = sum(map(mul, xs, ys[1:])) - sum(map(mul, xs[1:], ys))
    return doubled / 2


def ring_area(ring: FlatRing) -> float:
    """Return the area of a ring in square pixels, whichever way it runs."""
    return abs(signed_ring_area(ring))


def region_area(region: FlatRegion) -> float:
    """Return the area of a region in square pixels, holes left out.

    Holes are taken to lie inside the outline and apart from each other; where they claim
    more than the outline has, the area is 0.
    """
    outline, *holes = region
    area = ring_area(outline)
    return max(0.0, area - sum(map(ring_area, holes))) if holes else area


def bounds_xyxy(points: FlatRing) -> Bounds:
    """Return the smallest upright box around points, which may be in any order."""
    xs, ys = points[0::2], points[1::2]
    return min(xs), min(ys), max(xs), max(ys)


def box_ring(box_xyxy: FlatRing, rotation_deg: float = 0) -> list[float]:
    """Return the four corners of a box as an open ring, rotated about the box's centre.

    Without rotation the corners run (x1, y1), (x2, y1), (x2, y2), (x1, y2) in the numbers
    given; with it they keep that order.

    Args:
        box_xyxy: two opposite corners.
        rotation_deg: clockwise on screen.
    """
    x1, y1, x2, y2 = box_xyxy
    ring = [x1, y1, x2, y1, x2, y2, x1, y2]
    if rotation_deg % 360 == 0:
        return ring
    return rotated(ring, rotation_deg, ((x1 + x2) / 2, (y1 + y2) / 2))


def rotated(ring: FlatRing, rotation_deg: float, center_xy: tuple[float, float]) -> list[float]:
    """Return a ring turned about a point, clockwise on screen; quarter turns are exact.

    >>> rotated([2, 0], 90, (0, 0))  # from the right of the centre to below it
    [0.0, 2.0]
    """
    turn_deg = float(rotation_deg % 360)
    turn_rad = math.radians(turn_deg)
    cos, sin = QUARTER_TURNS.get(turn_deg) or (math.cos(turn_rad), math.sin(turn_rad))
    cx, cy = center_xy
    turned: list[float] = []
    for x, y in zip(ring[0::2], ring[1::2], strict=True):
        dx, dy = float(x - cx), float(y - cy)
        turned += (cx + dx * cos - dy * sin, cy + dx * sin + dy * cos)
    return turned


def circle_ring(cx: float, cy: float, radius: float) -> list[float]:
    """Return a polygon inscribed in a circle, never further than 0.05 px inside it."""
    corners = 8
    if radius > CIRCLE_TOLERANCE_PX:
        # A chord over the angle 2a lies radius * (1 - cos a) inside the circle at its middle.
        half_angle = math.acos(1 - CIRCLE_TOLERANCE_PX / radius)
        corners = max(corners, math.ceil(math.pi / half_angle))
    ring: list[float] = []
    for corner in range(corners):
        angle = 2 * math.pi * corner / corners
        ring += (cx + radius * math.cos(angle), cy + radius * math.sin(angle))
    return ring


def ellipse_ring(
    center_xy: tuple[float, float], radii_xy: tuple[float, float], rotation_deg: float = 0
) -> list[float]:
    """Return a polygon inscribed in an ellipse, never further than 0.05 px inside it.

    Args:
        rotation_deg: clockwise on screen about the centre.
    """
    (cx, cy), (rx, ry) = center_xy, radii_xy
    longest = max(rx, ry)
    # The circle around it, pressed flat: what lies between ring and outline only shrinks.
    ring = circle_ring(0, 0, longest)
    pressed: list[float] = []
    for x, y in zip(ring[0::2], ring[1::2], strict=True):
        pressed += (cx + x * rx / longest, cy + y * ry / longest) if longest else (cx, cy)
    return rotated(pressed, rotation_deg, center_xy)


def keyhole_ring(region: FlatRegion) -> list[float]:
    """Return one closed ring that covers a region with its holes, for formats without holes.

    A cut leads from the outline to each hole, around it against the outline's direction,
    and back along the same cut. The cut has no width, so the shoelace formula and the
    even-odd and non-zero filling rules all give the region less its holes.
    """
    outline, *holes = map(_opened, region)
    joined = outline
    for hole in holes:
        if signed_ring_area(hole) * signed_ring_area(outline) > 0:
            hole = _reversed(hole)
        at = 2 * _nearest_point(outline, hole[0], hole[1])
        door = outline[at : at + 2]
        # The outline's own corner is looked up again because earlier holes moved it.
        cut = _index_of_point(joined, door)
        joined = [*joined[:cut], *door, *hole, *hole[:2], *joined[cut:]]
    return [*joined, *joined[:2]]


def without_cuts(ring: FlatRing) -> list[list[float]]:
    """Return the rings that `keyhole_ring` joined, the outline first; others come back alone.

    A cut is gone along twice, once each way. Without the cuts the rest falls apart into the
    outline and the holes.
    """
    points = _opened(ring)
    corners = list(zip(points[0::2], points[1::2], strict=True))
    if len(set(corners)) == len(corners):
        return [points]
    edges = list(zip(corners, [*corners[1:], corners[0]], strict=True))
    unmatched = Counter(edges)
    cuts: Counter[tuple[tuple[float, float], tuple[float, float]]] = Counter()
    for start, end in list(unmatched):
        if start != end:
            cuts[start, end] = min(unmatched[start, end], unmatched[end, start])
    if not cuts.total():
        return [points]
    rings: list[list[float]] = []
    open_rings: list[list[tuple[float, float]]] = [[]]
    for start, end in edges:
        if cuts[start, end] > 0:
            cuts[start, end] -= 1
            # Into a hole the first time, back out of it the second.
            if cuts[end, start] > 0:
                open_rings.append([])
            elif len(open_rings) > 1:
                rings.append(_flat(open_rings.pop()))
            continue
        open_rings[-1].append(start)
    outline = _flat(open_rings[0])
    found = [outline, *rings]
    return found if all(len(each) >= 6 for each in found) else [points]


def closed(ring: FlatRing) -> list[float]:
    """Return a ring that ends with its first point."""
    points = _opened(ring)
    return [*points, *points[:2]]


def ring_array(ring: FlatRing) -> Ring:
    """Return a flat ring as an array of shape (N, 2), x then y."""
    import numpy as np

    return np.asarray(ring, dtype=np.float64).reshape(-1, 2)


def _opened(ring: FlatRing) -> list[float]:
    points = list(ring)
    return points[:-2] if len(points) > 2 and points[:2] == points[-2:] else points


def _flat(corners: list[tuple[float, float]]) -> list[float]:
    return [number for corner in corners for number in corner]


def _reversed(ring: list[float]) -> list[float]:
    turned: list[float] = []
    for at in range(len(ring) - 2, -1, -2):
        turned += ring[at : at + 2]
    return turned


def _nearest_point(ring: FlatRing, x: float, y: float) -> int:
    distances = [
        (px - x) ** 2 + (py - y) ** 2 for px, py in zip(ring[0::2], ring[1::2], strict=True)
    ]
    return distances.index(min(distances))


def _index_of_point(ring: list[float], point_xy: list[float]) -> int:
    return next(at for at in range(0, len(ring), 2) if ring[at : at + 2] == point_xy)
