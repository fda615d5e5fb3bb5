"""Annotations of images, cut at the seams between tiles.

The tiles at the edges reach beyond the image, so that what was drawn there belongs to one.
Numbers keep their type where they are those that were given.

- A box becomes the box in each tile. One that is turned, or has no area, goes to the tile of
  its centre as a whole, as does a circle, and reaches beyond that tile.
- A polygon becomes a polygon for each piece of its area, and a segmentation the regions of its
  area in the tile. Outlines run in the direction of the whole.
- A line becomes a line for each stretch in a tile.
- A keypoint goes to the tile that it lies in; one on a seam to the tile at its right, or below.
- A pose is in each tile in which one of its keypoints lies, where only those are placed. So are
  the keypoints of a box; those that lie in no tile of the box go with its first piece.
- A classification is of the whole image, and in no tile.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from fastlabel import geometry
from fastlabel.shapes import SHAPES, ShapeError
from fastlabel.shapes.base import shown
from fastlabel_server.datasets.cutting.pieces import is_of_the_whole, piece
from fastlabel_server.media.split_image import borders

if TYPE_CHECKING:
    import shapely
    from shapely.geometry.base import BaseGeometry

Annotation = Mapping[str, Any]
Cell = tuple[int, int]
"""Column and row of a tile."""
Pieces = Iterator[tuple[Cell, dict[str, Any]]]
"""In the coordinates of the whole image."""
Point = tuple[float, float]
EXACT_PX: Final = 1e-9
"""How far computing with floats may move a point."""


def cut(annotations: Sequence[Annotation], plan: Mapping[str, Any]) -> list[list[dict[str, Any]]]:
    """Return the annotations of each tile, row by row."""
    xs = borders(plan["width"], plan["columns"])
    ys = borders(plan["height"], plan["rows"])
    grid = Grid(xs[1:-1], ys[1:-1])
    found: list[list[dict[str, Any]]] = [[] for _ in range(plan["columns"] * plan["rows"])]
    for index, annotation in enumerate(annotations):
        if is_of_the_whole(annotation):
            continue
        for (column, row), part in _pieces(annotation, grid, f"annotations[{index}]"):
            shape = SHAPES[annotation["type"]]
            tile = found[row * plan["columns"] + column]
            tile.append(shape.moved(part, -xs[column], -ys[row]))
    return found


@dataclass(frozen=True)
class Grid:
    """The seams between tiles: x of the upright ones, y of the level ones."""

    xs: Sequence[int]
    ys: Sequence[int]

    def cell_of(self, x: float, y: float) -> Cell:
        return bisect_right(self.xs, x), bisect_right(self.ys, y)

    def cells(self, bounds_xyxy: Sequence[float]) -> Iterator[Cell]:
        """Yield the tiles that a box has an area in, row by row; at least one."""
        x1, y1, x2, y2 = bounds_xyxy
        left, top = self.cell_of(x1, y1)
        right, bottom = bisect_left(self.xs, x2), bisect_left(self.ys, y2)
        for row in range(top, max(top, bottom) + 1):
            for column in range(left, max(left, right) + 1):
                yield column, row

    def is_in_one(self, bounds_xyxy: Sequence[float]) -> bool:
        """Tell whether a box lies in one tile, maybe up to its seams."""
        x1, y1, x2, y2 = bounds_xyxy
        return not any(
            bisect_right(seams, low) < bisect_left(seams, high)
            for seams, low, high in ((self.xs, x1, x2), (self.ys, y1, y2))
        )

    def clipped(self, bounds_xyxy: Sequence[float], cell: Cell) -> list[float]:
        """Return the part of a box that lies in a tile; those at the edges have no outer end."""
        x1, y1, x2, y2 = bounds_xyxy
        (left, right), (top, bottom) = (
            (seams[at - 1] if at else None, seams[at] if at < len(seams) else None)
            for seams, at in zip((self.xs, self.ys), cell, strict=True)
        )
        return [
            x1 if left is None else max(x1, left),
            y1 if top is None else max(y1, top),
            x2 if right is None else min(x2, right),
            y2 if bottom is None else min(y2, bottom),
        ]


def _pieces(annotation: Annotation, grid: Grid, where: str) -> Pieces:
    kind = annotation["type"]
    shape = SHAPES.get(kind)
    if shape is None:
        raise ShapeError(f"{where}.type: images have no {shown(kind)} annotations")
    shape.check(annotation, where)
    if kind == "pose_estimation":
        yield from _pose(annotation, grid)
        return
    bounds = shape.bounds_xyxy(annotation)
    assert bounds is not None
    x1, y1, x2, y2 = bounds
    cutter = _CUTTERS.get(kind)
    pieces: list[tuple[Cell, dict[str, Any]]]
    is_flat = kind != "line" and (x1 == x2 or y1 == y2)
    if cutter is None or is_flat or (kind == "bbox" and (annotation.get("rotation") or 0) % 360):
        pieces = []
    elif grid.is_in_one(bounds) and not annotation.get("keypoints"):
        pieces = [(next(grid.cells(bounds)), piece(annotation))]
    else:
        pieces = list(cutter(annotation, grid))
    yield from pieces or [(grid.cell_of((x1 + x2) / 2, (y1 + y2) / 2), piece(annotation))]


def _box(annotation: Annotation, grid: Grid) -> Pieces:
    bounds = geometry.bounds_xyxy(annotation["points"])
    cells = list(grid.cells(bounds))
    keypoints = _keypoints_by_cell(annotation, grid, cells)
    for cell in cells:
        fields: dict[str, Any] = {"points": grid.clipped(bounds, cell)}
        if len(cells) == 1:
            fields["points"] = annotation["points"]
        if keypoints:
            fields["keypoints"] = keypoints[cell]
        yield cell, piece(annotation, **fields)


def _pose(annotation: Annotation, grid: Grid) -> Pieces:
    for cell, keypoints in _keypoints_by_cell(annotation, grid, None).items():
        yield cell, piece(annotation, keypoints=keypoints)


def _keypoints_by_cell(
    annotation: Annotation, grid: Grid, cells: Sequence[Cell] | None
) -> dict[Cell, list[dict[str, Any]]]:
    """Return all keypoints for each tile, placed where they lie in it.

    Args:
        cells: those to choose from, the first of which takes what lies in no other; None: any.
    """
    keypoints = annotation.get("keypoints") or []
    homes: list[Cell | None] = []
    for keypoint in keypoints:
        home = grid.cell_of(*keypoint["value"][:2]) if keypoint["value"] else None
        homes.append(cells[0] if home and cells and home not in cells else home)
    wanted = cells or sorted({home for home in homes if home}, key=lambda cell: cell[::-1])
    return {
        cell: [
            keypoint if home == cell else {**keypoint, "value": []}
            for keypoint, home in zip(keypoints, homes, strict=True)
        ]
        for cell in (wanted or [(0, 0)])
        if keypoints
    }


def _polygon(annotation: Annotation, grid: Grid) -> Pieces:
    points = annotation["points"]
    area = _area(geometry.without_cuts(points))
    number = _as_given(points)
    for cell in grid.cells(geometry.bounds_xyxy(points)):
        for part, box in _clipped(area, grid, cell):
            rings = _rings(part, box, points, number)
            ring = geometry.keyhole_ring(rings)[:-2] if len(rings) > 1 else rings[0]
            yield cell, piece(annotation, points=ring)


def _segmentation(annotation: Annotation, grid: Grid) -> Pieces:
    regions: defaultdict[Cell, list[Any]] = defaultdict(list)
    for region in annotation["points"]:
        bounds = geometry.bounds_xyxy(region[0])
        if grid.is_in_one(bounds):
            regions[next(grid.cells(bounds))].append(region)
            continue
        area = _area(region)
        number = _as_given([each for ring in region for each in ring])
        for cell in grid.cells(bounds):
            for part, box in _clipped(area, grid, cell):
                rings = _rings(part, box, region[0], number)
                regions[cell].append([geometry.closed(ring) for ring in rings])
    for cell in sorted(regions, key=lambda one: one[::-1]):
        yield cell, piece(annotation, points=regions[cell])


def _line(annotation: Annotation, grid: Grid) -> Pieces:
    points = annotation["points"]
    number = _as_given(points)
    corners = list(zip(points[::2], points[1::2], strict=True))
    stretch: list[Point] = []
    at: Cell | None = None
    for start, end in pairwise(corners):
        for first, last in pairwise(_crossings(start, end, grid)):
            if first == last:
                continue
            cell = grid.cell_of((first[0] + last[0]) / 2, (first[1] + last[1]) / 2)
            if cell != at:
                if at is not None:
                    yield at, piece(annotation, points=_flat(stretch, number))
                at, stretch = cell, [first]
            stretch.append(last)
    if at is not None:
        yield at, piece(annotation, points=_flat(stretch, number))


def _crossings(start: Point, end: Point, grid: Grid) -> list[Point]:
    """Return the ends of a straight piece, and between them where it crosses seams."""
    found: list[tuple[float, Point]] = []
    for axis, seams in enumerate((grid.xs, grid.ys)):
        low, high = sorted((start[axis], end[axis]))
        for seam in seams[bisect_right(seams, low) : bisect_left(seams, high)]:
            part = (seam - start[axis]) / (end[axis] - start[axis])
            other = start[1 - axis] + part * (end[1 - axis] - start[1 - axis])
            found.append((part, (other, seam) if axis else (seam, other)))
    return [start, *(point for _, point in sorted(found)), end]


def _area(rings: Sequence[Sequence[float]]) -> BaseGeometry:
    """Return the area of an outline with its hollows, also of one that crosses itself."""
    import shapely

    outline, *hollows = (list(zip(ring[::2], ring[1::2], strict=True)) for ring in rings)
    area = shapely.Polygon(outline, hollows)
    if area.is_valid:
        return area
    return shapely.make_valid(area, method="structure", keep_collapsed=False)


def _clipped(
    area: BaseGeometry, grid: Grid, cell: Cell
) -> Iterator[tuple[shapely.Polygon, Sequence[float]]]:
    """Yield the polygons that an area makes in a tile, with the box that they were cut at."""
    import shapely

    x1, y1, x2, y2 = area.bounds
    # Beyond the area, so that its own outline is not cut at its own bounds.
    left, top, right, bottom = box = grid.clipped((x1 - 1, y1 - 1, x2 + 1, y2 + 1), cell)
    for part in shapely.get_parts(area.intersection(shapely.box(left, top, right, bottom))):
        if isinstance(part, shapely.Polygon) and part.area > 0:
            yield part, box


def _rings(
    polygon: shapely.Polygon,
    box_xyxy: Sequence[float],
    outline: Sequence[float],
    number: Callable[[float], float],
) -> list[list[float]]:
    """Return open rings: the outline as the whole one runs, from a corner of it if it can be."""
    rings = []
    is_clockwise = geometry.signed_ring_area(outline) > 0
    given = set(zip(outline[::2], outline[1::2], strict=True))
    for index, ring in enumerate((polygon.exterior, *polygon.interiors)):
        corners = [
            (_snapped(x, box_xyxy[::2]), _snapped(y, box_xyxy[1::2])) for x, y in ring.coords[:-1]
        ]
        is_as_the_whole = (geometry.signed_ring_area(_numbers(corners)) > 0) == is_clockwise
        if is_as_the_whole == (index > 0):
            corners.reverse()
        start = next((at for at, corner in enumerate(corners) if corner in given), 0)
        rings.append(_flat(corners[start:] + corners[:start], number))
    return rings


def _snapped(value: float, ends: Sequence[float]) -> float:
    """Return a number, or the end of a box where that is what was computed."""
    return next((end for end in ends if abs(value - end) <= EXACT_PX), value)


def _as_given(points: Sequence[float]) -> Callable[[float], float]:
    """Return what gives a number the type that it was given with; whole ones where all were."""
    types = {number: number for number in points}
    are_whole = all(isinstance(number, int) for number in points)

    def number(value: float) -> float:
        given = types.get(value)
        if given is not None:
            return given
        return int(value) if are_whole and float(value).is_integer() else value

    return number


def _flat(corners: Sequence[Point], number: Callable[[float], float]) -> list[float]:
    return [number(value) for corner in corners for value in corner]


def _numbers(corners: Sequence[Point]) -> list[float]:
    return [value for corner in corners for value in corner]


_CUTTERS: Final[Mapping[str, Callable[[Annotation, Grid], Pieces]]] = {
    "bbox": _box,
    "polygon": _polygon,
    "segmentation": _segmentation,
    "line": _line,
}
"""By the type of shape; others are in one tile as a whole."""
