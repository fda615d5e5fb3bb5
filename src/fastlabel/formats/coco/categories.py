"""The `categories` of a COCO file: annotation classes, their colours and skeletons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastlabel.formats.coco.outline import TYPES_WITH_KEYPOINTS, USABLE
from fastlabel.formats.fields import has_type, value_of
from fastlabel.types import Compat


@dataclass
class CategoryCollector:
    """Learns from tasks which categories they need."""

    compat: Compat
    _colors: dict[str, str] = field(default_factory=dict)
    """By the values in use."""
    _last_color: str = ""

    def collect(self, tasks: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """Give the tasks on, one by one, and learn from each."""
        colors = self._colors
        for task in tasks:
            for annotation in task.get("annotations") or ():
                self._last_color = annotation.get("color") or ""
                value = value_of(annotation)
                if value is not None and has_type(annotation, USABLE):
                    colors[value] = colors.get(value) or self._last_color
            yield task

    def categories(
        self, classes: Sequence[Mapping[str, Any]], *, unused: bool = False
    ) -> list[dict[str, Any]]:
        """Return the categories in use, numbered from 1; `coco.write` has the rules.

        Args:
            unused: also those of the classes that are not in use.
        """
        if classes:
            used = [entry for entry in classes if unused or entry["value"] in self._colors]
            return [_category(number, entry) for number, entry in enumerate(used, start=1)]
        return [
            _category(number, {"value": value, "color": self._last_color if self.compat else color})
            for number, (value, color) in enumerate(sorted(self._colors.items()), start=1)
        ]


def _category(number: int, entry: Mapping[str, Any]) -> dict[str, Any]:
    has_keypoints = entry.get("type") in TYPES_WITH_KEYPOINTS
    keypoints = (entry.get("keypoints") or []) if has_keypoints else []
    return {
        "skeleton": _skeleton(keypoints),
        "keypoints": [keypoint["key"] for keypoint in keypoints],
        "keypoint_colors": [keypoint.get("color") or "" for keypoint in keypoints],
        "color": entry.get("color") or "",
        "supercategory": entry["value"],
        "id": number,
        "name": entry["value"],
    }


def _skeleton(keypoints: Sequence[Mapping[str, Any]]) -> list[list[int]]:
    """Return the edges as pairs of keypoint numbers from 1, an edge of both ends once.

    As in the official client, an edge that only the later keypoint names is lost.
    """
    numbers = {keypoint["id"]: number for number, keypoint in enumerate(keypoints, start=1)}
    skeleton: list[list[int]] = []
    processed: set[int] = set()
    for start, keypoint in enumerate(keypoints, start=1):
        for edge in keypoint.get("edges") or ():
            end = numbers.get(edge)
            if end is None:  # a keypoint that was deleted from the class
                continue
            if end not in processed:
                skeleton.append([start, end])
            processed.add(start)
    return skeleton


def first_ids(categories: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return category ids by name; of two classes with the same value the first counts."""
    return {category["name"]: category["id"] for category in reversed(categories)}
