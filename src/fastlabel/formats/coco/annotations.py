"""The `annotations` of a COCO file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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
from fastlabel.formats.report import ClassReport, Report
from fastlabel.shapes import ShapeError
from fastlabel.shapes.base import check_number

BBOX_DECIMALS = 6
"""The official client's rounding of `bbox`, which also evens out the noise of rotation."""

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
    outline: Callable[[Mapping[str, Any]], Outline]
    report: Report
    _last_id: int = field(default=0, init=False)

    def texts(self, tasks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """Yield them numbered from 1; those of an image by category, then by area."""
        for image_id, task in enumerate(tasks, start=1):
            rows = []
            for index, annotation in enumerate(task.get("annotations") or ()):
                reason = self._reason_to_leave_out(task, index, annotation)
                if reason is None:
                    rows.append(self._row(task, index, annotation, image_id))
                else:
                    self._tell(task, index, reason)
                    self._entry(annotation).left_out[reason] += 1
            rows.sort(key=lambda row: row[:2])
            for _, _, head, tail in rows:
                self._last_id += 1
                yield f"{head}{self._last_id}{tail}"
            self.report.images += 1

    def _reason_to_leave_out(
        self, task: Mapping[str, Any], index: int, annotation: Mapping[str, Any]
    ) -> str | None:
        annotation_type = annotation.get("type")
        if annotation_type not in USABLE_TYPES:
            return NO_FORM
        points = annotation.get("points")
        if not points and annotation_type != "pose_estimation":
            return NO_POINTS
        try:
            check_outline(annotation, "")
            if annotation.get("rotation"):
                check_number(annotation["rotation"], ".rotation")
        except ShapeError as error:
            place = f"{task['name']}: annotations[{index}]{error}"
            self.report.examples.setdefault(MALFORMED, place)
            return MALFORMED
        if annotation_type == "bbox":
            x1, y1, x2, y2 = map(int, annotation["points"])
            if x1 == x2 or y1 == y2:
                return WITHIN_A_PIXEL
        return None if annotation.get("value") in self.category_ids else NO_CATEGORY

    def _row(
        self, task: Mapping[str, Any], index: int, annotation: Mapping[str, Any], image_id: int
    ) -> tuple[int, float, str, str]:
        """Return category id, area, and the text before and after the annotation's id."""
        entry = self._entry(annotation)
        entry.written += 1
        category_id = self.category_ids[annotation["value"]]
        outline = self.outline(annotation)
        given = annotation.get("keypoints") if annotation["type"] in TYPES_WITH_KEYPOINTS else ()
        placed = {point["key"]: point["value"] for point in given or () if point["value"]}
        keys = self.keypoint_keys[category_id]
        changes = [outline.change] if outline.change else []
        if placed and not placed.keys() <= set(keys):
            changes.append(KEYPOINTS_LOST)
        for change in changes:
            self._tell(task, index, change)
            entry.changed[change] += 1
        keypoints = _keypoint_numbers(placed, keys) if given else []
        attributes = {
            attribute["key"]: attribute["value"] for attribute in annotation.get("attributes") or ()
        }
        rings = [numbers_text(ring, 4) for ring in outline.rings]
        head = (
            f'{{\n            "num_keypoints": {len(placed)},\n'
            f'            "keypoints": {numbers_text(keypoints, 3)},\n'
            f'            "segmentation": {list_text(rings, 3) if rings else "[]"},\n'
            f'            "iscrowd": 0,\n'
            f'            "area": {whole_number(outline.area)},\n'
            f'            "image_id": {image_id},\n'
            f'            "bbox": {numbers_text(_bbox_xywh(outline), 3)},\n'
            f'            "rotation": {annotation.get("rotation") or 0},\n'
            f'            "category_id": {category_id},\n'
            f'            "id": '
        )
        attributes_text = value_text(attributes, 3) if attributes else "{}"
        tail = f',\n            "attributes": {attributes_text}\n        }}'
        return category_id, outline.area, head, tail

    def _entry(self, annotation: Mapping[str, Any]) -> ClassReport:
        return self.report.entry(str(annotation.get("value")), str(annotation.get("type")))

    def _tell(self, task: Mapping[str, Any], index: int, reason: str) -> None:
        if reason not in self.report.examples:
            self.report.examples[reason] = f"{task['name']}: annotations[{index}]"


def _keypoint_numbers(placed: Mapping[str, Sequence[float]], keys: Sequence[str]) -> list[float]:
    """Return x, y, v for each key: v is 2 visible, 1 occluded, 0 not placed."""
    numbers: list[float] = []
    for key in keys:
        value = placed.get(key)
        numbers += (value[0], value[1], 2 if value[2] == 1 else 1) if value else (0, 0, 0)
    return numbers


def _bbox_xywh(outline: Outline) -> list[float]:
    if outline.bounds is None:
        return []
    min_x, min_y, max_x, max_y = outline.bounds
    x, y = round(min_x, BBOX_DECIMALS), round(min_y, BBOX_DECIMALS)
    width = round(max_x, BBOX_DECIMALS) - x
    height = round(max_y, BBOX_DECIMALS) - y
    return [whole_number(x), whole_number(y), whole_number(width), whole_number(height)]
