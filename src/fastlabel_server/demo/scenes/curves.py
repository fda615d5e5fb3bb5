"""Points of the curves that the sample pictures are made of; x to the right, y down, in pixels."""

import math
from collections.abc import Iterable, Sequence
from random import Random

Point = tuple[float, float]
Ring = list[Point]


def ellipse(cx: float, cy: float, rx: float, ry: float | None = None, turn_deg: float = 0) -> Ring:
    """Return an ellipse, or a circle where `ry` is left out, turned clockwise about its centre."""
    ry = rx if ry is None else ry
    count = max(16, min(120, int(max(rx, ry) * 1.6)))
    angles = (2 * math.pi * k / count for k in range(count))
    ring = [(cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in angles]
    return turned(ring, turn_deg, (cx, cy)) if turn_deg else ring


def box(x1: float, y1: float, x2: float, y2: float, radius: float = 0) -> Ring:
    """Return an upright rectangle, its corners rounded by `radius`."""
    radius = min(radius, abs(x2 - x1) / 2, abs(y2 - y1) / 2)
    if radius <= 0:
        return [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]
    ring: Ring = []
    corners = ((x2, y1, -90), (x2, y2, 0), (x1, y2, 90), (x1, y1, 180))
    for x, y, start_deg in corners:
        cx = x - radius if x == x2 else x + radius
        cy = y - radius if y == y2 else y + radius
        for step in range(7):
            angle = math.radians(start_deg + step * 15)
            ring.append((cx + radius * math.cos(angle), cy + radius * math.sin(angle)))
    return ring


def smooth(points: Sequence[Point], closed: bool = True, steps: int = 8) -> Ring:
    """Lead a Catmull-Rom curve through the points.

    Source: https://en.wikipedia.org/wiki/Centripetal_Catmull–Rom_spline (uniform form)
    """
    count = len(points)
    curve: Ring = []
    for k in range(count if closed else count - 1):
        near = (k - 1, k, k + 1, k + 2)
        a, b, c, d = (
            points[i % count] if closed else points[min(max(i, 0), count - 1)] for i in near
        )
        for step in range(steps):
            t = step / steps
            curve.append((_spline(a[0], b[0], c[0], d[0], t), _spline(a[1], b[1], c[1], d[1], t)))
    return curve if closed else [*curve, points[-1]]


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )


def blob(
    rng: Random,
    cx: float,
    cy: float,
    rx: float,
    ry: float,
    wobble: float = 0.15,
    waves: Sequence[int] = (2, 3, 5),
) -> Ring:
    """Return a soft closed outline.

    `wobble` is the share of the radius by which it varies, `waves` how often around.
    """
    bumps = [(k, rng.uniform(0.4, 1) * wobble / k**0.7, rng.uniform(0, 2 * math.pi)) for k in waves]
    count = max(24, int((rx + ry) * 0.45))
    ring: Ring = []
    for step in range(count):
        angle = 2 * math.pi * step / count
        reach = 1 + sum(height * math.sin(k * angle + phase) for k, height, phase in bumps)
        ring.append((cx + rx * reach * math.cos(angle), cy + ry * reach * math.sin(angle)))
    return ring


def limb(a: Point, b: Point, width_a: float, width_b: float) -> Ring:
    """Return a capsule from a to b whose width goes from `width_a` to `width_b`."""
    heading = math.atan2(b[1] - a[1], b[0] - a[0])
    ring: Ring = []
    for centre, width, start in ((a, width_a, heading + math.pi / 2), (b, width_b, heading)):
        first = start if centre is a else start - math.pi / 2
        for step in range(13):
            angle = first + math.pi * step / 12
            ring.append(
                (centre[0] + width / 2 * math.cos(angle), centre[1] + width / 2 * math.sin(angle))
            )
    return ring


def turned(ring: Iterable[Point], turn_deg: float, centre: Point = (0, 0)) -> Ring:
    """Turn points clockwise, as seen on the screen, about the centre."""
    cos, sin = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    cx, cy = centre
    return [
        (cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos)
        for x, y in ring
    ]


def placed(
    ring: Iterable[Point], at: Point, scale: float = 1, turn_deg: float = 0, flip: bool = False
) -> Ring:
    """Take points from a design around (0, 0) to their place in the picture."""
    side = -scale if flip else scale
    moved = turned(((x * side, y * scale) for x, y in ring), turn_deg)
    return [(at[0] + x, at[1] + y) for x, y in moved]


def scaled(ring: Iterable[Point], factor: float, centre: Point) -> Ring:
    """Shrink or grow points about the centre."""
    cx, cy = centre
    return [(cx + (x - cx) * factor, cy + (y - cy) * factor) for x, y in ring]


def between(a: Point, b: Point, share: float) -> Point:
    """Return the point at a share of the way from a to b."""
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)


def contains(ring: Sequence[Point], point: Point) -> bool:
    """Tell whether a point lies inside a ring, by counting crossings to its right."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (x2 - x1) * (y - y1) / (y2 - y1):
            inside = not inside
    return inside
