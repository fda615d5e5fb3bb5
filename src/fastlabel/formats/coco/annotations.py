"""The `annotations` of a COCO file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from fastlabel.formats.base import Task
from fastlabel.formats.coco.outline import (
    TYPES_WITH_KEYPOINTS,
    USABLE_TYPES,
    Outline,
    check_outline,
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
NO_POINTS = "no points"
MALFORMED = "malformed geometry"
WITHIN_A_PIXEL = "the box lies within one pixel column or row"
NO_CATEGORY = "its class is not among those given"
KEYPOINTS_LOST = "keypoints left out that its category does not have; give the classes for them"


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
        for image_id, task in enumerate(tasks, start=1):
            rows = []
            for index, annotation in enumerate(task.get("annotations") or ()):
                reason = self._reason_to_leave_out(annotation)
                if reason is None:
                    rows.append(self._row(task, index, annotation, image_id))
                else:
                    why, detail = reason
                    where = f"{task['name']}: annotations[{index}]{detail}"
                    self.report.leave_out(annotation, why, where)
            rows.sort(key=_ORDER)
            for _, _, head, tail in rows:
                last_id += 1
                yield f"{head}{last_id}{tail}"
            self.report.images += 1

    def _reason_to_leave_out(self, annotation: Mapping[str, Any]) -> tuple[str, str] | None:
        """Return the reason and what the shape says of it, None where there is no reason."""
        annotation_type = annotation.get("type")
        if annotation_type not in USABLE_TYPES:
            return NO_FORM, ""
        points = annotation.get("points")
        if not points and annotation_type != "pose_estimation":
            return NO_POINTS, ""
        try:
            check_outline(annotation, "")
            if annotation.get("rotation"):
                check_number(annotation["rotation"], ".rotation")
        except ShapeError as error:
            return MALFORMED, str(error)
        if annotation_type == "bbox":
            x1, y1, x2, y2 = annotation["points"]
            if int(x1) == int(x2) or int(y1) == int(y2):
                return WITHIN_A_PIXEL, ""
        return None if annotation.get("value") in self.category_ids else (NO_CATEGORY, "")

    def _row(
        self, task: Task, index: int, annotation: Mapping[str, Any], image_id: int
    ) -> tuple[int, float, str, str]:
        """Return category id, area, and the text before and after the annotation's id."""
        report = self.report
        report.wrote(annotation)
        category_id = self.category_ids[annotation["value"]]
        rings, area, bounds, change, rle = self.outline(annotation, task)
        if change:
            report.change(annotation, change, f"{task['name']}: annotations[{index}]")
        keypoints: list[float] = []
        placed_count = 0
        given = annotation.get("keypoints")
        if given and annotation["type"] in TYPES_WITH_KEYPOINTS:
            keys = self.keypoint_keys[category_id]
            placed = {point["key"]: point["value"] for point in given if point["value"]}
            placed_count = len(placed)
            if not placed.keys() <= set(keys):
                report.change(annotation, KEYPOINTS_LOST, f"{task['name']}: annotations[{index}]")
            keypoints = _keypoint_numbers(placed, keys)
        attributes = annotation.get("attributes")
        attributes_text = "{}"
        if attributes:
            by_key = {attribute["key"]: attribute["value"] for attribute in attributes}
            attributes_text = value_text(by_key, 3)
        rings_text = list_text([numbers_text(ring, 4) for ring in rings], 3) if rings else "[]"
        segmentation_text = value_text(rle, 3) if rle else rings_text
        head = (
            f'{{\n            "num_keypoints": {placed_count},\n'
            f'            "keypoints": {numbers_text(keypoints, 3)},\n'
            f'            "segmentation": {segmentation_text},\n'
            f'            "iscrowd": 0,\n'
            f'            "area": {whole_number(area)},\n'
            f'            "image_id": {image_id},\n'
            f'            "bbox": {numbers_text(_bbox_xywh(bounds), 3)},\n'
            f'            "rotation": {annotation.get("rotation") or 0},\n'
            f'            "category_id": {category_id},\n'
            f'            "id": '
        )
        return (
            category_id,
            area,
            head,
            f',\n            "attributes": {attributes_text}\n        }}',
        )


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
