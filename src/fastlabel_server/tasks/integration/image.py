"""Pictures: tiles side by side; pieces that meet at a seam are one object.

A piece is a bbox or a polygon. Two of one class, with the same attributes, are joined if they
touch the seam between their tiles from both sides and overlap along it: objects that are more
than 2 px apart never are. Other shapes, and boxes that are turned, are moved to their place and
stay as they are.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

from fastlabel import geometry
from fastlabel.shapes import SHAPES
from fastlabel_server.errors import Invalid
from fastlabel_server.tasks.integration.parts import Annotation, Grid, Parts, object_key
from fastlabel_server.tasks.integration.seams import Contact, Seam, Tile, groups, meeting, touched

Points = Sequence[float]


def merged(whole: Parts) -> list[dict[str, Any]]:
    """Return the annotations of all tiles in the whole picture, in the order of the tiles.

    Raises:
        Invalid: the tiles make no grid.
    """
    annotations: list[Annotation] = []
    places: list[Tile] = []
    for tile, part in zip(_tiles(whole), whole.parts, strict=True):
        for annotation in part.annotations:
            shape = SHAPES[annotation["type"]]
            annotations.append(shape.moved(annotation, tile.left, tile.top))
            places.append(tile)
    found: list[Annotation] = []
    for members in groups(len(annotations), _pairs(annotations, places)):
        found += _joined([annotations[index] for index in members], [places[i] for i in members])
    return [{key: value for key, value in one.items() if key != "id"} for one in found]


def _tiles(whole: Parts) -> list[Tile]:
    sizes = [(part.media["width"], part.media["height"]) for part in whole.parts]
    grid = whole.grid or _guessed(len(sizes))
    if grid.columns * grid.rows != len(sizes):
        raise Invalid(
            f"prefix: the picture was split into {grid.columns} x {grid.rows} tiles, "
            f"but there are {len(sizes)}"
        )
    widths = [width for width, _ in sizes[: grid.columns]]
    heights = [height for _, height in sizes[:: grid.columns]]
    xs, ys = [0, *accumulate(widths)], [0, *accumulate(heights)]
    found = []
    for index, size in enumerate(sizes):
        row, column = divmod(index, grid.columns)
        if size != (widths[column], heights[row]):
            raise Invalid(
                f"prefix: part {index + 1} is {size[0]} x {size[1]} pixels, where the first of "
                f"its column is {widths[column]} wide and the first of its row "
                f"{heights[row]} high"
            )
        found.append(
            Tile(
                xs[column],
                ys[row],
                _seams(xs[column], ys[row], (xs[-1], ys[-1])),
                _seams(xs[column + 1], ys[row + 1], (xs[-1], ys[-1])),
            )
        )
    return found


def _guessed(count: int) -> Grid:
    """Return a square grid where the number allows it, otherwise one row."""
    side = math.isqrt(count)
    return Grid(side, side) if side * side == count else Grid(count, 1)


def _seams(x: float, y: float, size_wh: tuple[float, float]) -> tuple[Seam, ...]:
    seams = (Seam(0, x), Seam(1, y))
    return tuple(seam for seam in seams if 0 < seam.at < size_wh[seam.axis])


def _pairs(annotations: Sequence[Annotation], places: Sequence[Tile]) -> Iterable[tuple[int, int]]:
    """Yield pairs of pieces that belong together."""
    at_seams: defaultdict[tuple[bytes, Seam], list[Contact]] = defaultdict(list)
    for index, (annotation, tile) in enumerate(zip(annotations, places, strict=True)):
        joint = JOINTS.get(annotation["type"])
        if joint is None or annotation["rotation"] % 360:
            continue
        bounds = SHAPES[annotation["type"]].bounds_xyxy(annotation)
        assert bounds is not None
        for seam, side in touched(bounds, tile):
            contacts = at_seams[object_key(annotation), seam]
            for low, high in joint.stretches(annotation["points"], seam):
                contacts.append(Contact(low, high, index, side))
    for along_seam in at_seams.values():
        yield from meeting(along_seam)


def _joined(pieces: Sequence[Annotation], tiles: Sequence[Tile]) -> Sequence[Annotation]:
    """Return the one annotation that pieces make; or the pieces, where they make none.

    It is as certain as the least certain piece, and a keypoint lies where any piece has it.
    """
    if len(pieces) == 1:
        return pieces
    points = JOINTS[pieces[0]["type"]].join([piece["points"] for piece in pieces], tiles)
    if points is None:
        return pieces
    placed: dict[str, dict[str, Any]] = {}
    for keypoint in (keypoint for piece in pieces for keypoint in piece["keypoints"]):
        if not placed.get(keypoint["key"], {}).get("value"):
            placed[keypoint["key"]] = keypoint
    score = min(piece["confidenceScore"] for piece in pieces)
    joined = {"points": points, "keypoints": list(placed.values()), "confidenceScore": score}
    return [{**pieces[0], **joined}]


@dataclass(frozen=True)
class _Joint:
    """How pieces of a shape are joined."""

    stretches: Callable[[Points, Seam], list[tuple[float, float]]]
    """Where a piece touches a seam, along it."""
    join: Callable[[Sequence[Points], Sequence[Tile]], list[float] | None]
    """The points of the whole, of those of the pieces; None where they make no such shape."""


def _side_of_box(points: Points, seam: Seam) -> list[tuple[float, float]]:
    bounds = geometry.bounds_xyxy(points)
    along = 1 - seam.axis
    return [(bounds[along], bounds[along + 2])]


def _box_around(pieces: Sequence[Points], _: Sequence[Tile]) -> list[float]:
    return list(geometry.bounds_xyxy([number for points in pieces for number in points]))


# shapely would be a part of every start of the server.
def _side_of_polygon(points: Points, seam: Seam) -> list[tuple[float, float]]:
    from fastlabel_server.tasks.integration import outlines

    return outlines.stretches(points, seam)


def _outline(pieces: Sequence[Points], tiles: Sequence[Tile]) -> list[float] | None:
    from fastlabel_server.tasks.integration import outlines

    return outlines.outline(pieces, tiles)


JOINTS: Final[Mapping[str, _Joint]] = {
    "bbox": _Joint(_side_of_box, _box_around),
    "polygon": _Joint(_side_of_polygon, _outline),
}
"""By the type of shape; others are never joined."""
