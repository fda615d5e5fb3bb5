"""The `annotations` of a COCO file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice
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
    digits_of,
    digits_text,
    list_text,
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
    """What a COCO annotation says, but for its id, which its order gives it."""

    category_id: int
    area: float
    numbers: list[Sequence[float]]
    """The area, the box, the keypoints, then the rings: what is written as lists of numbers."""
    rle: Mapping[str, Any] | None
    placed_count: int
    rotation: float
    attributes: Sequence[Mapping[str, Any]]
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
        ids = count(1)
        for image_id, task in enumerate(tasks, start=1):
            rows = self._rows(task)
            rows.sort(key=_ORDER)
            # The numbers of a task in one go: each call has its price.
            digits = iter(digits_of([numbers for row in rows for numbers in row.numbers]))
            for row in rows:
                yield _text(row, next(ids), image_id, list(islice(digits, len(row.numbers))))
            self.report.images += 1

    def _rows(self, task: Task) -> list[_Row]:
        rows = []
        report = self.report
        for index, annotation in enumerate(task.get("annotations") or ()):
            row = self._row(task, annotation)
            if isinstance(row, _Row):
                rows.append(row)
                report.wrote(annotation)
                for change in row.changes:
                    report.change(annotation, change, f"{task['name']}: annotations[{index}]")
            else:
                reason, detail = row
                place = f"{task['name']}: annotations[{index}]{detail}"
                report.leave_out(annotation, reason, place)
        return rows

    def _row(self, task: Task, annotation: Mapping[str, Any]) -> _Row | tuple[str, str]:
        """Return the row, or the reason to leave it out and what the shape says of it."""
        found = flaw(annotation, USABLE, NO_FORM)
        if found is not None:
            return found
        rotation = annotation.get("rotation") or 0
        annotation_type = annotation["type"]
        try:
            if annotation_type == "pose_estimation":
                check_pose_points(annotation, "")
            if rotation:
                check_number(rotation, ".rotation")
        except ShapeError as error:
            return MALFORMED, str(error)
        if annotation_type == "bbox" and is_thin(annotation):
            return WITHIN_A_PIXEL, ""
        value = annotation.get("value")
        category_id = self.category_ids.get(value) if isinstance(value, str) else None
        if category_id is None:
            return NO_CLASS, ""
        rings, area, bounds, change, rle = self.outline(annotation, task)
        changes: tuple[str, ...] = (change,) if change else ()
        given = annotation.get("keypoints")
        placed_count, keypoints = 0, []
        if given and annotation_type in TYPES_WITH_KEYPOINTS:
            keys = self.keypoint_keys[category_id]
            placed = {point["key"]: point["value"] for point in given if point["value"]}
            placed_count = len(placed)
            if not placed.keys() <= set(keys):
                changes += (KEYPOINTS_LOST,)
            keypoints = _keypoint_numbers(placed, keys)
        box_xywh = _bbox_xywh(bounds) if bounds else ()
        numbers = [(whole_number(area),), box_xywh, keypoints, *rings]
        attributes = annotation.get("attributes") or ()
        return _Row(category_id, area, numbers, rle, placed_count, rotation, attributes, changes)


def _text(row: _Row, annotation_id: int, image_id: int, digits: Sequence[str]) -> str:
    """Return a row as it stands in the file.

    Args:
        digits: of its numbers, by `digits_of`.
    """
    category_id, _, _, rle, placed_count, rotation, attributes, _ = row
    area, box_xywh, keypoints, *rings = digits
    segmentation_text, attributes_text = "[]", "{}"
    if rle:
        segmentation_text = value_text(rle, 3)
    elif rings:
        segmentation_text = list_text([digits_text(ring, 4) for ring in rings], 3)
    if attributes:
        by_key = {attribute["key"]: attribute["value"] for attribute in attributes}
        attributes_text = value_text(by_key, 3)
    return (
        f'{{\n            "num_keypoints": {placed_count},\n'
        f'            "keypoints": {digits_text(keypoints, 3)},\n'
        f'            "segmentation": {segmentation_text},\n'
        f'            "iscrowd": 0,\n'
        f'            "area": {area},\n'
        f'            "image_id": {image_id},\n'
        f'            "bbox": {digits_text(box_xywh, 3)},\n'
        f'            "rotation": {rotation},\n'
        f'            "category_id": {category_id},\n'
        f'            "id": {annotation_id},\n'
        f'            "attributes": {attributes_text}\n        }}'
    )


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
