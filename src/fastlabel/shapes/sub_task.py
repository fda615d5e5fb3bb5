"""A sub-task of a robot's episode: a run of frames."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from fastlabel.shapes.base import LISTS, ShapeError, SpanShape, check_whole, shown


class SubTask(SpanShape):
    """`start` and `end` are frames; the API shows them as `points`: [start, end].

    A sub-task as it was shown is taken too.
    """

    type = "sub_task"
    unit = "frames"

    def check(
        self,
        annotation: Mapping[str, Any],
        where: str,
        keypoint_keys: Collection[str] | None = None,
    ) -> None:
        points = annotation.get("points")
        is_pair = isinstance(points, LISTS) and len(points) == 2
        if annotation.get("start") is None and points and not is_pair:
            raise ShapeError(f"{where}.points: a sub_task has [start, end], got {shown(points)}")
        super().check(_spelled(annotation), where, keypoint_keys)

    def check_position(self, value: object, where: str) -> None:
        check_whole(value, where)

    def stored(self, annotation: Mapping[str, Any]) -> dict[str, Any]:
        return super().stored(_spelled(annotation))

    def shown(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        return {**super().shown(stored), "points": [stored["start"], stored["end"]]}


def _spelled(annotation: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the annotation with `start` and `end`, taken from `points` where only those are."""
    points = annotation.get("points")
    if annotation.get("start") is not None or not points:
        return annotation
    return {**annotation, "start": points[0], "end": points[1]}
