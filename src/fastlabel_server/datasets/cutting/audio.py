"""Spans of recordings, cut where the recording is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from fastlabel.shapes import TIME_SPAN, ShapeError
from fastlabel.shapes.base import shown
from fastlabel_server.datasets.cutting.pieces import is_of_the_whole, piece


def cut(
    annotations: Sequence[Mapping[str, Any]], plan: Mapping[str, Any]
) -> list[list[dict[str, Any]]]:
    """Return the spans of each part; what lies behind the end of the whole is in the last."""
    seconds = [begin / plan["rate"] for begin in plan["begins"]]
    seconds[-1] = math.inf
    found: list[list[dict[str, Any]]] = [[] for _ in seconds[1:]]
    for index, annotation in enumerate(annotations):
        if is_of_the_whole(annotation):
            continue
        where = f"annotations[{index}]"
        if annotation["type"] != TIME_SPAN.type:
            raise ShapeError(
                f"{where}.type: recordings have {TIME_SPAN.type} annotations, got "
                f"{shown(annotation['type'])}"
            )
        TIME_SPAN.check(annotation, where)
        start, end = annotation["start"], annotation["end"]
        for number, (begin, until) in enumerate(pairwise(seconds)):
            if max(start, begin) < min(end, until) or begin <= start == end < until:
                found[number].append(
                    piece(
                        annotation,
                        start=max(start - begin, 0),
                        end=(end if end < until else until) - begin,
                    )
                )
    return found
