"""Turn the pixels of a thing into the rings of a segmentation annotation.

Rings run along the pixels' border with the thing on their right hand, which makes outlines
clockwise on the screen and hollows counter-clockwise, and they repeat their first point.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastlabel_server.demo.scenes.curves import Point, contains

Corner = tuple[int, int]
# Specks that remain between two things in front; nobody would label them.
_SMALLEST_AREA = 30.0


def regions(mask: Image.Image, tolerance: float = 0.6) -> list[list[list[float]]]:
    """Return regions of closed flat rings that stay within `tolerance` pixels of the mask."""
    rings = [_simplified(_midpoints(ring), tolerance) for ring in _borders(np.asarray(mask) > 127)]
    sized = [(signed_area(ring), ring) for ring in rings if len(ring) >= 3]
    outer = [ring for size, ring in sized if size >= _SMALLEST_AREA]
    holes = [ring for size, ring in sized if size <= -_SMALLEST_AREA]
    found = [[ring] for ring in outer]
    for hole in holes:
        around = [region for region in found if contains(region[0], hole[0])]
        if around:
            min(around, key=lambda region: signed_area(region[0])).append(hole)
    return [[_flat_closed(ring) for ring in region] for region in found]


def signed_area(ring: list[Point]) -> float:
    """Return the area in square pixels, positive where the ring is clockwise on the screen."""
    xs, ys = np.array(ring, dtype=float).T
    return float(np.sum(xs * np.roll(ys, -1) - np.roll(xs, -1) * ys) / 2)


def bounds_xyxy(mask: Image.Image) -> list[int] | None:
    """Return the box around all pixels of a mask, or None where it is empty."""
    extent = mask.getbbox()
    return list(extent) if extent else None


def _borders(inside: NDArray[np.bool_]) -> list[list[Corner]]:
    """Return every closed chain of pixel corners with the inside on its right."""
    padded = np.pad(inside, 1)
    body = padded[1:-1, 1:-1]
    ends: dict[Corner, list[Corner]] = {}
    sides = (
        (padded[:-2, 1:-1], (0, 0), (1, 0)),
        (padded[1:-1, 2:], (1, 0), (1, 1)),
        (padded[2:, 1:-1], (1, 1), (0, 1)),
        (padded[1:-1, :-2], (0, 1), (0, 0)),
    )
    for neighbour, (ax, ay), (bx, by) in sides:
        for y, x in np.argwhere(body & ~neighbour).tolist():
            ends.setdefault((x + ax, y + ay), []).append((x + bx, y + by))
    chains = []
    while ends:
        start = next(iter(ends))
        chain, here, heading = [start], start, (0, 0)
        while True:
            after = _take(ends, here, heading)
            heading = (after[0] - here[0], after[1] - here[1])
            here = after
            if here == start:
                break
            chain.append(here)
        chains.append(chain)
    return chains


def _take(ends: dict[Corner, list[Corner]], here: Corner, heading: Corner) -> Corner:
    """Remove and return the next corner; where two pixels touch at a corner, turn right."""
    choices = ends[here]
    right = (here[0] - heading[1], here[1] + heading[0])
    after = right if right in choices else choices[0]
    choices.remove(after)
    if not choices:
        del ends[here]
    return after


def _midpoints(chain: list[Corner]) -> NDArray[np.float64]:
    # The middles of the border's unit steps cut off the corners of its stairs, outwards as
    # often as inwards, so that the outline is smooth and its area stays.
    points = np.array(chain, dtype=float)
    middles: NDArray[np.float64] = (points + np.roll(points, -1, axis=0)) / 2
    return middles


def _simplified(points: NDArray[np.float64], tolerance: float) -> list[Point]:
    """Leave out points by the rule of Ramer, Douglas and Peucker, for a closed ring.

    Source: https://en.wikipedia.org/wiki/Ramer–Douglas–Peucker_algorithm
    """
    far = int(np.argmax(np.sum((points - points[0]) ** 2, axis=1)))
    ring = np.vstack([points, points[:1]])
    keep = {0, far}
    spans = [(0, far), (far, len(points))]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        chord = ring[last] - ring[first]
        offset = ring[first + 1 : last] - ring[first]
        length = float(np.hypot(*chord))
        across = np.abs(chord[0] * offset[:, 1] - chord[1] * offset[:, 0])
        distance = across / length if length else np.hypot(offset[:, 0], offset[:, 1])
        worst = int(np.argmax(distance))
        if distance[worst] > tolerance:
            middle = first + 1 + worst
            keep.add(middle)
            spans += [(first, middle), (middle, last)]
    return [(float(x), float(y)) for x, y in points[sorted(keep)]]


def _flat_closed(ring: list[Point]) -> list[float]:
    return [number for point in (*ring, ring[0]) for number in point]
