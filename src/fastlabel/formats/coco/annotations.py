"""The `annotations` of a COCO file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from operator import itemgetter
from typing import Any

from fastlabel.formats.base import Task
from fastlabel.formats.checks import MALFORMED, NO_CLASS, WITHIN_A_PIXEL, flaw, is_thin
from fastlabel.formats.coco.outline import (
    TYPES_WITH_KEYPOINTS,
    USABLE,
    Outline,
    check_pose_points,
)
from fastlabel.formats.jsontext import whole_number
from fastlabel.formats.report import Report
from fastlabel.geometry import Bounds
from fastlabel.shapes import ShapeError
from fastlabel.shapes.base import check_number

BBOX_DECIMALS = 6
"""The official client's rounding of `bbox`, which also evens out the noise of rotation."""

NO_FORM = "COCO has no form for this type"
KEYPOINTS_LOST = "keypoints left out that its category does not have; give the classes for them"

_ORDER = itemgetter("category_id", "area")


@dataclass
class AnnotationEntries:
    """Turns the annotations of tasks into COCO annotations, and keeps count."""

    category_ids: Mapping[str, int]
    keypoint_keys: Mapping[int, Sequence[str]]
    outline: Callable[[Mapping[str, Any], Task], Outline]
    """Of an annotation in its task."""
    report: Report

    def of_images(self, tasks: Iterable[Task]) -> Iterator[list[dict[str, Any]]]:
        """Yield those of each image by category, then by area, numbered from 1 over all."""
        ids = count(1)
        for image_id, task in enumerate(tasks, start=1):
            entries = self._entries(task, image_id)
            entries.sort(key=_ORDER)
            for entry in entries:
                entry["id"] = next(ids)
            yield entries
            self.report.images += 1

    def _entries(self, task: Task, image_id: int) -> list[dict[str, Any]]:
        entries = []
        report = self.report
        for index, annotation in enumerate(task.get("annotations") or ()):
            found = self._flaw(annotation)
            if found is None:
                entry, changes = self._entry(task, annotation, image_id)
                entries.append(entry)
                report.wrote(annotation)
                for change in changes:
                    report.change(annotation, change, f"{task['name']}: annotations[{index}]")
            else:
                reason, detail = found
                place = f"{task['name']}: annotations[{index}]{detail}"
                report.leave_out(annotation, reason, place)
        return entries

    def _flaw(self, annotation: Mapping[str, Any]) -> tuple[str, str] | None:
        """Return why it is left out, and what its shape says of it."""
        found = flaw(annotation, USABLE, NO_FORM)
        if found is not None:
            return found
        rotation = annotation.get("rotation")
        try:
            check_pose_points(annotation, "")
            if rotation:
                check_number(rotation, ".rotation")
        except ShapeError as error:
            return MALFORMED, str(error)
        if is_thin(annotation):
            return WITHIN_A_PIXEL, ""
        value = annotation.get("value")
        if not isinstance(value, str) or value not in self.category_ids:
            return NO_CLASS, ""
        return None

    def _entry(
        self, task: Task, annotation: Mapping[str, Any], image_id: int
    ) -> tuple[dict[str, Any], Sequence[str]]:
        """Return an entry, whose id its place will give it, and what it says differently."""
        category_id = self.category_ids[annotation["value"]]
        rings, area, bounds, change, rle = self.outline(annotation, task)
        changes: tuple[str, ...] = (change,) if change else ()
        placed: dict[str, Sequence[float]] = {}
        keypoints: list[float] = []
        given = annotation.get("keypoints")
        if given and annotation["type"] in TYPES_WITH_KEYPOINTS:
            keys = self.keypoint_keys[category_id]
            placed = {point["key"]: point["value"] for point in given if point["value"]}
            if not placed.keys() <= set(keys):
                changes += (KEYPOINTS_LOST,)
            keypoints = _keypoint_numbers(placed, keys)
        attributes = annotation.get("attributes")
        entry = {
            "num_keypoints": len(placed),
            "keypoints": keypoints,
            "segmentation": rle or rings,
            "iscrowd": 0,
            "area": whole_number(area),
            "image_id": image_id,
            "bbox": _bbox_xywh(bounds) if bounds else [],
            "rotation": annotation.get("rotation") or 0,
            "category_id": category_id,
            "id": 0,
            "attributes": {one["key"]: one["value"] for one in attributes} if attributes else {},
        }
        return entry, changes


def _keypoint_numbers(placed: Mapping[str, Sequence[float]], keys: Sequence[str]) -> list[float]:
    """Return x, y, v for each key: v is 2 visible, 1 occluded, 0 not placed."""
    numbers: list[float] = []
    for key in keys:
        value = placed.get(key)
        numbers += (value[0], value[1], 2 if value[2] == 1 else 1) if value else (0, 0, 0)
    return numbers


def _bbox_xywh(bounds: Bounds) -> list[float]:
    min_x, min_y, max_x, max_y = bounds
    x, y = round(min_x, BBOX_DECIMALS), round(min_y, BBOX_DECIMALS)
    width = round(max_x, BBOX_DECIMALS) - x
    height = round(max_y, BBOX_DECIMALS) - y
    box_xywh = [x, y, width, height]
    return (
        box_xywh
        if x % 1 and y % 1 and width % 1 and height % 1
        else list(map(whole_number, box_xywh))
    )
