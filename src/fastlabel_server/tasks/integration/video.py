"""Videos: frames counted through all parts; objects that go on in the next part are one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastlabel.modalities.video import VIDEO
from fastlabel.shapes import SHAPES, PlanarShape
from fastlabel_server.tasks.integration.parts import Annotation, Parts, of_one_class

LEAST_OVERLAP: Final = 0.5
"""Intersection over union of boxes that are one object."""
FARTHEST: Final = 0.05
"""Of the diagonal, on average of all points, for shapes without an area."""


def merged(whole: Parts) -> list[dict[str, Any]]:
    """Return the objects of all parts with their frames, in the order of their first ones."""
    found: list[Annotation] = []
    open_at_end: list[Annotation] = []
    offset = 0
    for part in whole.parts:
        count = part.media["frameCount"]
        diagonal = math.hypot(part.media["width"], part.media["height"])
        still_open: list[Annotation] = []
        for annotation in part.annotations:
            frames = annotation["points"]
            shifted = {str(int(number) + offset): frame for number, frame in frames.items()}
            before = None
            if "1" in frames:
                before = _nearest(open_at_end, annotation, str(offset), diagonal)
            if before is not None:
                open_at_end.remove(before)
                before["points"] = {**before["points"], **shifted}
                track = before
            else:
                track = {**annotation, "points": shifted}
                found.append(track)
            if str(count) in frames:
                still_open.append(track)
        open_at_end = still_open
        offset += count
    return [{key: value for key, value in track.items() if key != "id"} for track in found]


def _nearest(
    tracks: Sequence[Annotation], annotation: Annotation, last: str, diagonal: float
) -> Annotation | None:
    """Return the object whose last frame lies where the annotation's first does."""
    shape = SHAPES[annotation["type"]]
    first = _seen(annotation, annotation["points"]["1"])
    candidates = [
        (nearness, number)
        for number, track in enumerate(tracks)
        if of_one_class(track, annotation)
        and (nearness := _nearness(shape, _seen(track, track["points"][last]), first, diagonal)) > 0
    ]
    return tracks[max(candidates)[1]] if candidates else None


def _seen(annotation: Annotation, frame: Mapping[str, Any]) -> Annotation:
    """Return an object as it is in one frame."""
    rotation = frame.get("rotation", annotation["rotation"])
    return {**annotation, "points": frame["value"], "rotation": rotation}


def _nearness(shape: PlanarShape, one: Annotation, other: Annotation, diagonal: float) -> float:
    """Return how near two shapes are, up to 1; 0 where they are not one object."""
    if shape.area(one) > 0 < shape.area(other):
        a, b = shape.bounds_xyxy(one), shape.bounds_xyxy(other)
        assert a is not None
        assert b is not None
        width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        shared = max(0.0, width) * max(0.0, height)
        areas = ((x2 - x1) * (y2 - y1) for x1, y1, x2, y2 in (a, b))
        overlap = shared / (sum(areas) - shared)
        return overlap if overlap >= LEAST_OVERLAP else 0.0
    first, second = one["points"], other["points"]
    if len(first) != len(second):
        return 0.0
    distances = [
        math.hypot(first[i] - second[i], first[i + 1] - second[i + 1])
        for i in range(0, len(first), 2)
    ]
    distance = sum(distances) / len(distances) / diagonal
    return 1 - distance if distance <= FARTHEST else 0.0


assert {shape.type for shape in VIDEO.shapes.values()} <= SHAPES.keys()
