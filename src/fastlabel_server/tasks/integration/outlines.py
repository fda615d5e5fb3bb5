"""Polygons at seams: what they touch, and the outline of pieces put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from fastlabel import geometry
from fastlabel_server.tasks.integration.seams import TOLERANCE_PX, Seam, Tile

EXACT_PX: Final = 1e-6
"""How far computing with floats may move a point."""

Corner = tuple[float, ...]
"""x, y."""


def stretches(points: Sequence[float], seam: Seam) -> list[tuple[float, float]]:
    """Return where a polygon touches a seam, as intervals along it: a comb does at every tooth.

    Args:
        points: flat, as in an annotation of the whole picture.
    """
    low, high = seam.at - TOLERANCE_PX, seam.at + TOLERANCE_PX
    x1, y1, x2, y2 = geometry.bounds_xyxy(points)
    strip = shapely.box(x1, low, x2, high) if seam.axis else shapely.box(low, y1, high, y2)
    near = [part.bounds for part in shapely.get_parts(_valid(_corners(points)).intersection(strip))]
    along = 1 - seam.axis
    return [(bounds[along], bounds[along + 2]) for bounds in near]


def outline(pieces: Sequence[Sequence[float]], tiles: Sequence[Tile]) -> list[float] | None:
    """Return the points of polygons put together; None where they do not make one polygon.

    The ring runs as the first piece does, from its first corner on where that is still one,
    and numbers that were given keep their type. The points that the cuts made are taken out.
    Hollows, as between two halves of a ring, are cut free by lines without width.

    Args:
        pieces: flat, in the whole picture.
        tiles: of the pieces, in their order.
    """
    for tolerance in (EXACT_PX, TOLERANCE_PX):
        # Only where people left a gap at the seam do their corners move onto it.
        rings = [
            _snapped(_corners(points), tile, tolerance)
            for points, tile in zip(pieces, tiles, strict=True)
        ]
        union = shapely.union_all([_valid(ring) for ring in rings])
        if isinstance(union, shapely.Polygon):
            break
    else:
        return None
    hollows = [ring for ring in union.interiors if shapely.Polygon(ring).area > EXACT_PX]
    region = [
        [number for corner in _uncut(list(ring.coords)[:-1], tiles) for number in corner]
        for ring in (union.exterior, *hollows)
    ]
    found = geometry.keyhole_ring(region)[:-2] if hollows else region[0]
    return _as_given(found, pieces)


def _corners(points: Sequence[float]) -> list[Corner]:
    return list(zip(points[::2], points[1::2], strict=True))


def _valid(corners: Sequence[Corner]) -> BaseGeometry:
    polygon = shapely.Polygon(corners)
    if polygon.is_valid:
        return polygon
    return shapely.make_valid(polygon, method="structure", keep_collapsed=False)


def _snapped(corners: Iterable[Corner], tile: Tile, tolerance: float) -> list[Corner]:
    """Return corners, those near a seam of their tile moved onto it."""
    xs, ys = ([seam.at for seam in tile.seams if seam.axis == axis] for axis in (0, 1))

    def snap(value: float, seams: Sequence[float]) -> float:
        return next((at for at in seams if abs(value - at) <= tolerance), value)

    return [(snap(x, xs), snap(y, ys)) for x, y in corners]


def _uncut(ring: list[Corner], tiles: Sequence[Tile]) -> list[Corner]:
    """Return a ring without the corners on seams that lie straight between their neighbours."""
    seams = {(seam.axis, seam.at) for tile in tiles for seam in tile.seams}
    found = list(ring)
    for corner in ring:
        if len(found) > 3 and any((axis, corner[axis]) in seams for axis in (0, 1)):
            at = found.index(corner)
            beside = shapely.LineString((found[at - 1], found[(at + 1) % len(found)]))
            if beside.distance(shapely.Point(corner)) <= EXACT_PX:
                del found[at]
    return found


def _as_given(ring: Sequence[float], pieces: Sequence[Sequence[float]]) -> list[float]:
    """Return a ring in the direction, from the corner and with the types of the pieces."""
    types = {number: number for points in reversed(pieces) for number in points}
    corners = _corners([types.get(number, number) for number in ring])
    if geometry.signed_ring_area(ring) * geometry.signed_ring_area(pieces[0]) < 0:
        corners.reverse()
    start = next((corners.index(one) for one in _corners(pieces[0]) if one in corners), 0)
    return [number for corner in corners[start:] + corners[:start] for number in corner]
