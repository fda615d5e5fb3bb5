"""The `annotations` of a COCO file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from fastlabel.formats.base import Task
from fastlabel.formats.checks import MALFORMED, NO_CLASS, WITHIN_A_PIXEL, flaw, is_thin
from fastlabel.formats.coco.outline import (
    TYPES_WITH_KEYPOINTS,
    USABLE,
    Outline,
    check_pose_points,
)
from fastlabel.formats.jsontext import (
    list_text,
    numbers_text,
    value_text,
    whole_number,
)
from fastlabel.formats.report import Report
from fastlabel.geometry import Bounds
from fastlabel.shapes import ShapeError
from fastlabel.shapes.base import check_number

BBOX_DECIMALS = 6
"""The official client's rounding of `bbox`, which also evens out the noise of rotation."""

_ORDER = itemgetter(0, 1)

NO_FORM = "COCO has no form for this type"
KEYPOINTS_LOST = "keypoints left out that its category does not have; give the classes for them"


class _Row(NamedTuple):
    """A COCO annotation: its text before and after the id that its order gives it."""

    category_id: int
    area: float
    head: str
    tail: str
    changes: tuple[str, ...]


@dataclass
class AnnotationTexts:
    """Turns the annotations of tasks into the text of COCO annotations, and keeps count."""

    category_ids: Mapping[str, int]
    keypoint_keys: Mapping[int, Sequence[str]]
    outline: Callable[[Mapping[str, Any], Task], Outline]
    """Of an annotation in its task."""
    report: Report

    def texts(self, tasks: Iterable[Task]) -> Iterator[str]:
        """Yield them numbered from 1; those of an image by category, then by area."""
        last_id = 0
        report = self.report
        for image_id, task in enumerate(tasks, start=1):
            rows = []
            for index, annotation in enumerate(task.get("annotations") or ()):
                row = self._row(task, annotation, image_id)
                if isinstance(row, _Row):
                    rows.append(row)
                    report.wrote(annotation)
                    for change in row.changes:
                        place = f"{task['name']}: annotations[{index}]"
                        report.change(annotation, change, place)
                else:
                    reason, detail = row
                    place = f"{task['name']}: annotations[{index}]{detail}"
                    report.leave_out(annotation, reason, place)
            rows.sort(key=_ORDER)
            for row in rows:
                last_id += 1
                yield f"{row.head}{last_id}{row.tail}"
            report.images += 1

    def _row(
        self, task: Task, annotation: Mapping[str, Any], image_id: int
    ) -> _Row | tuple[str, str]:
        """Return the text, or the reason to leave it out and what the shape says of it."""
        found = flaw(annotation, USABLE, NO_FORM)
        if found is not None:
            return found
        rotation = annotation.get("rotation") or 0
        try:
            check_pose_points(annotation, "")
            if rotation:
                check_number(rotation, ".rotation")
        except ShapeError as error:
            return MALFORMED, str(error)
        if is_thin(annotation):
            return WITHIN_A_PIXEL, ""
        category_id = self.category_ids.get(annotation.get("value", ""))
        if category_id is None:
            return NO_CLASS, ""
        rings, area, bounds, change, rle = self.outline(annotation, task)
        changes: tuple[str, ...] = (change,) if change else ()
        given = annotation.get("keypoints")
        placed_count, keypoints_text = 0, "[]"
        if given and annotation["type"] in TYPES_WITH_KEYPOINTS:
            keys = self.keypoint_keys[category_id]
            placed = {point["key"]: point["value"] for point in given if point["value"]}
            placed_count = len(placed)
            if not placed.keys() <= set(keys):
                changes += (KEYPOINTS_LOST,)
            keypoints_text = numbers_text(_keypoint_numbers(placed, keys), 3)
        attributes = annotation.get("attributes")
        attributes_text = "{}"
        if attributes:
            by_key = {attribute["key"]: attribute["value"] for attribute in attributes}
            attributes_text = value_text(by_key, 3)
        segmentation_text = "[]"
        if rle:
            segmentation_text = value_text(rle, 3)
        elif rings:
            segmentation_text = list_text([numbers_text(ring, 4) for ring in rings], 3)
        head = (
            f'{{\n            "num_keypoints": {placed_count},\n'
            f'            "keypoints": {keypoints_text},\n'
            f'            "segmentation": {segmentation_text},\n'
            f'            "iscrowd": 0,\n'
            f'            "area": {whole_number(area)},\n'
            f'            "image_id": {image_id},\n'
            f'            "bbox": {numbers_text(_bbox_xywh(bounds), 3)},\n'
            f'            "rotation": {rotation},\n'
            f'            "category_id": {category_id},\n'
            f'            "id": '
        )
        tail = f',\n            "attributes": {attributes_text}\n        }}'
        return _Row(category_id, area, head, tail, changes)


def _keypoint_numbers(placed: Mapping[str, Sequence[float]], keys: Sequence[str]) -> list[float]:
    """Return x, y, v for each key: v is 2 visible, 1 occluded, 0 not placed."""
    numbers: list[float] = []
    for key in keys:
        value = placed.get(key)
        numbers += (value[0], value[1], 2 if value[2] == 1 else 1) if value else (0, 0, 0)
    return numbers


def _bbox_xywh(bounds: Bounds | None) -> list[float]:
    if bounds is None:
        return []
    min_x, min_y, max_x, max_y = bounds
    x, y = round(min_x, BBOX_DECIMALS), round(min_y, BBOX_DECIMALS)
    width = round(max_x, BBOX_DECIMALS) - x
    height = round(max_y, BBOX_DECIMALS) - y
    return [whole_number(x), whole_number(y), whole_number(width), whole_number(height)]
