"""Objects of videos, with the frames of a part counted from 1 again."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from fastlabel.shapes import SHAPES, Framed, ShapeError
from fastlabel.shapes.base import shown
from fastlabel_server.datasets.cutting.pieces import is_of_the_whole, piece


def cut(
    annotations: Sequence[Mapping[str, Any]], plan: Mapping[str, Any]
) -> list[list[dict[str, Any]]]:
    """Return the objects of each part in which they are seen.

    A frame is what it was, a key frame or an interpolated one. Those behind the end of the whole
    are in the last part.
    """
    before = [0, *accumulate(plan["frames"])][:-1]
    found: list[list[dict[str, Any]]] = [[] for _ in before]
    for index, annotation in enumerate(annotations):
        if is_of_the_whole(annotation):
            continue
        where = f"annotations[{index}]"
        shape = SHAPES.get(annotation["type"])
        if shape is None:
            raise ShapeError(
                f"{where}.type: videos have no {shown(annotation['type'])} annotations"
            )
        Framed(shape).check(annotation, where)
        parts: defaultdict[int, dict[str, Any]] = defaultdict(dict)
        for frame, state in annotation["points"].items():
            number = bisect_right(before, int(frame) - 1) - 1
            parts[number][str(int(frame) - before[number])] = state
        for number, points in parts.items():
            found[number].append(piece(annotation, points=points))
    return found
