"""Pictures: tiles side by side; pieces that meet at a seam are one object.

A piece is a bbox or a polygon. Two of one class, with the same attributes, are joined if both
touch the seam between their tiles and lie side by side along it. Other shapes, and boxes that
are turned, are moved to their place and stay as they are.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from fastlabel.shapes import SHAPES
from fastlabel_server.errors import Invalid
from fastlabel_server.tasks.integration.parts import Annotation, Grid, Parts, of_one_class

if TYPE_CHECKING:
    # Imported where polygons are joined: it would be a part of every start of the server.
    import shapely

TOLERANCE_PX: Final = 1.0
"""How far from a seam a piece still touches it."""
LEAST_OVERLAP: Final = 0.5
"""Of the shorter of two pieces, along the seam."""
JOINED: Final = ("bbox", "polygon")
STRAIGHT_PX: Final = 1e-6
"""How far a point may lie from the line of its neighbours and say nothing."""

Side = Literal["left", "right", "top", "bottom"]
Interval = tuple[float, float]


@dataclass(frozen=True)
class Tile:
    """Where a part lies in the whole picture."""

    column: int
    row: int
    left: float
    top: float
    right: float
    bottom: float


def merged(whole: Parts) -> list[dict[str, Any]]:
    """Return the annotations of all tiles in the whole picture, in the order of the tiles."""
    tiles = _tiles(whole)
    annotations: list[Annotation] = []
    places: list[Tile] = []
    for tile, part in zip(tiles, whole.parts, strict=True):
        for annotation in part.annotations:
            shape = SHAPES[annotation["type"]]
            annotations.append(shape.moved(annotation, tile.left, tile.top))
            places.append(tile)
    groups = _Groups(len(annotations))
    for one, other in _pairs_at_seams(annotations, places):
        groups.join(one, other)
    found = []
    for members in groups.all():
        pieces = [annotations[index] for index in members]
        found += _joined(pieces, [places[index] for index in members])
    return [{key: value for key, value in one.items() if key != "id"} for one in found]


def _tiles(whole: Parts) -> list[Tile]:
    count = len(whole.parts)
    grid = whole.grid or _guessed(count)
    if grid.columns * grid.rows != count:
        raise Invalid(
            f"prefix: the picture was split into {grid.columns} x {grid.rows} tiles, "
            f"but there are {count}"
        )
    sizes = [(part.media["width"], part.media["height"]) for part in whole.parts]
    lefts, tops = [0], [0]
    for column in range(grid.columns):
        lefts.append(lefts[-1] + sizes[column][0])
    for row in range(grid.rows):
        tops.append(tops[-1] + sizes[row * grid.columns][1])
    return [
        Tile(column, row, lefts[column], tops[row], lefts[column + 1], tops[row + 1])
        for row in range(grid.rows)
        for column in range(grid.columns)
    ]


def _guessed(count: int) -> Grid:
    """Return a square grid where the number allows it, otherwise one row."""
    side = math.isqrt(count)
    return Grid(side, side) if side * side == count else Grid(count, 1)


def _pairs_at_seams(
    annotations: Sequence[Annotation], places: Sequence[Tile]
) -> Iterable[tuple[int, int]]:
    """Yield pairs of pieces that meet at a seam, from both of its sides."""
    at: defaultdict[tuple[int, int, Side], list[tuple[int, list[Interval]]]] = defaultdict(list)
    sides: tuple[Side, ...] = ("left", "right", "top", "bottom")
    for index, (annotation, tile) in enumerate(zip(annotations, places, strict=True)):
        if annotation["type"] not in JOINED or annotation["rotation"]:
            continue
        for side in sides:
            if intervals := _contact(annotation, tile, side):
                at[tile.column, tile.row, side].append((index, intervals))
    for (column, row, side), pieces in list(at.items()):
        if side == "right":
            others = at.get((column + 1, row, "left"), [])
        elif side == "bottom":
            others = at.get((column, row + 1, "top"), [])
        else:
            continue
        for index, intervals in pieces:
            for other, other_intervals in others:
                if of_one_class(annotations[index], annotations[other]) and _lie_side_by_side(
                    intervals, other_intervals
                ):
                    yield index, other


def _contact(annotation: Annotation, tile: Tile, side: Side) -> list[Interval]:
    """Return where a piece touches a side of its tile, as intervals along it."""
    border = getattr(tile, side)
    x1, y1, x2, y2 = _bounds(annotation)
    edge = {"left": x1, "right": x2, "top": y1, "bottom": y2}[side]
    if abs(edge - border) > TOLERANCE_PX:
        return []
    along, across = (1, 0) if side in ("left", "right") else (0, 1)
    if annotation["type"] == "bbox":
        return [((x1, y1)[along], (x2, y2)[along])]
    points = annotation["points"]
    pairs = list(zip(points[::2], points[1::2], strict=True))
    found = []
    for first, second in zip(pairs, [*pairs[1:], pairs[0]], strict=True):
        if all(abs(point[across] - border) <= TOLERANCE_PX for point in (first, second)):
            low, high = sorted((first[along], second[along]))
            if high > low:
                found.append((low, high))
    return found


def _bounds(annotation: Annotation) -> tuple[float, float, float, float]:
    bounds = SHAPES[annotation["type"]].bounds_xyxy(annotation)
    assert bounds is not None
    return bounds


def _lie_side_by_side(one: list[Interval], other: list[Interval]) -> bool:
    return any(
        min(high, top) - max(low, bottom) >= LEAST_OVERLAP * min(high - low, top - bottom) > 0
        for low, high in one
        for bottom, top in other
    )


def _joined(pieces: list[Annotation], places: list[Tile]) -> list[Annotation]:
    """Return the one annotation that pieces make; or the pieces, where they make none."""
    if len(pieces) == 1:
        return pieces
    if pieces[0]["type"] == "bbox":
        boxes = [_bounds(piece) for piece in pieces]
        points = [
            min(box[0] for box in boxes),
            min(box[1] for box in boxes),
            max(box[2] for box in boxes),
            max(box[3] for box in boxes),
        ]
        return [{**pieces[0], "points": points}]
    outline = _outline(pieces, places)
    return pieces if outline is None else [{**pieces[0], "points": outline}]


def _outline(pieces: list[Annotation], places: list[Tile]) -> list[float] | None:
    """Return the outline of polygons put together, without the points that the seams made."""
    import shapely

    corners = [_corners(piece["points"]) for piece in pieces]
    union = _union(corners)
    if union is None:
        # Drawn by hand, a pixel from the seam: brought together for the sake of the union.
        seams = _seams(places)
        union = _union([_snapped(piece, *seams) for piece in corners])
    if union is None:
        return None
    # What lies on a straight line was made by a cut. A ring's first point is never simplified
    # away, so it begins anew where it is known to bend.
    ring = list(shapely.simplify(union, STRAIGHT_PX).exterior.coords)[:-1]
    if shapely.LineString((ring[-1], ring[1])).distance(shapely.Point(ring[0])) <= STRAIGHT_PX:
        del ring[0]
    given = {_rounded(corner): corner for piece in corners for corner in piece}
    return [number for corner in ring for number in given.get(_rounded(corner), corner)]


Corner = tuple[float, ...]


def _corners(points: Sequence[float]) -> list[Corner]:
    return list(zip(points[::2], points[1::2], strict=True))


def _rounded(corner: Corner) -> Corner:
    return tuple(round(number, 5) for number in corner)


def _union(pieces: Iterable[Sequence[Corner]]) -> shapely.Polygon | None:
    """Return the union of polygons, None where they do not meet."""
    import numpy as np
    import shapely

    polygons = [shapely.make_valid(shapely.Polygon(piece)) for piece in pieces]
    with np.errstate(all="ignore"):  # of slivers
        # On a grid: two cuts of one line differ by the last bits of their numbers.
        union = shapely.union_all(polygons, grid_size=STRAIGHT_PX)
    return union if isinstance(union, shapely.Polygon) else None


def _seams(places: Sequence[Tile]) -> tuple[set[float], set[float]]:
    """Return where tiles meet, as x and as y."""
    xs = {tile.left for tile in places} & {tile.right for tile in places}
    ys = {tile.top for tile in places} & {tile.bottom for tile in places}
    return xs, ys


def _snapped(corners: Sequence[Corner], xs: set[float], ys: set[float]) -> list[Corner]:
    """Return corners, those near a seam moved onto it."""

    def snap(value: float, seams: set[float]) -> float:
        return next((seam for seam in seams if abs(value - seam) <= TOLERANCE_PX), value)

    return [(snap(x, xs), snap(y, ys)) for x, y in corners]


class _Groups:
    """Pieces that belong together, by what was found of pairs."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))

    def join(self, one: int, other: int) -> None:
        one, other = self._root(one), self._root(other)
        self._parents[max(one, other)] = min(one, other)

    def all(self) -> Iterable[list[int]]:
        """Yield the groups in the order of their first pieces."""
        members: defaultdict[int, list[int]] = defaultdict(list)
        for index in range(len(self._parents)):
            members[self._root(index)].append(index)
        return members.values()

    def _root(self, index: int) -> int:
        while self._parents[index] != index:
            index = self._parents[index]
        return index
