"""Tasks as YOLO labels: a text file for each image, and the list of classes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastlabel.formats.base import Dataset, Task
from fastlabel.formats.checks import NO_CLASS, NO_POINTS, check_compat, size_of, well_formed
from fastlabel.formats.fields import (
    KEYPOINTS_LOST,
    has_type,
    lost_fields,
    placed_keypoints,
    value_of,
    values_of,
)
from fastlabel.formats.frames import images_of
from fastlabel.formats.report import Report
from fastlabel.formats.target import FileNames, Target
from fastlabel.formats.yolo.classes import CLASSES_FILE, CONFIG_FILE, Config, listed_text
from fastlabel.formats.yolo.write_rows import (
    PoseRows,
    Rows,
    Scale,
    box_row,
    corners_row,
    listed_row,
    outline_row,
    region_rows,
)
from fastlabel.geometry import ring_area
from fastlabel.shapes import SHAPES, Shape
from fastlabel.types import Compat

FOLDER = "annotations/"

OUTLINED = {name: SHAPES[name] for name in ("bbox", "polygon", "segmentation")}
POSED = {name: SHAPES[name] for name in ("bbox", "pose_estimation")}

NO_FORM = "YOLO has no form for this type here"
TOO_LARGE = "numbers too large to compute with"
NO_SIZE = "the image has no width or height"


def write(
    dataset: Dataset,
    target: Target,
    report: Report,
    *,
    class_values: Sequence[str] | None = None,
    compat: Compat = None,
) -> None:
    """Write image tasks, or videos by their frames, for detection.

    Every annotation becomes its upright box; in projects of type `image_segmentation` every
    region becomes its outline. Classes are those of the dataset, in their order; where it has
    none, the values in use, sorted.

    Args:
        class_values: the classes to write, in this order. With them, as in the official
            client, only boxes become boxes, and other annotations outlines in the same files.
        compat: `official` writes what the official client 0.26.0 does.

    Raises:
        FastLabelInvalidException: a project type or task that cannot be written.
    """
    check_compat(compat)
    images = images_of(dataset, target, report, "YOLO")
    if class_values:
        labels = Labels(list(class_values), OUTLINED, listed_row, report, compat, by_text=True)
    else:
        is_outlined = dataset.project_type == "image_segmentation"
        values = class_list(dataset, images, OUTLINED)
        labels = Labels(values, OUTLINED, region_rows if is_outlined else box_row, report, compat)
    _write_files(images, labels, target, report)
    listed = sorted(labels.values) if class_values and compat else labels.values
    target.write(CLASSES_FILE, listed_text(listed))


def write_segmentation(dataset: Dataset, target: Target, report: Report) -> None:
    """Write image tasks, or videos by their frames, for segmentation: one outline each."""
    _write_outlined(dataset, target, report, outline_row)


def write_obb(dataset: Dataset, target: Target, report: Report) -> None:
    """Write image tasks, or videos by their frames, as rotated boxes of four corners."""
    _write_outlined(dataset, target, report, corners_row)


def write_pose(dataset: Dataset, target: Target, report: Report) -> None:
    """Write image tasks, or videos by their frames, as boxes with keypoints.

    The keypoints and their order are those of the classes of the dataset; where it has none,
    those in use, in the order in which they are met. A pose has the box around its keypoints.
    """
    images = images_of(dataset, target, report, "YOLO")
    labels = pose_labels(dataset, images, report)
    _write_files(images, labels, target, report)
    target.write(CLASSES_FILE, listed_text(labels.values))
    target.write(CONFIG_FILE, labels.config.text())


@dataclass
class Labels:
    """Turns the annotations of tasks into label files, and keeps count."""

    values: Sequence[str]
    shapes: Mapping[str, Shape]
    rows: Rows
    report: Report
    compat: Compat = None
    by_text: bool = False
    """Sort by text, as the official client does with a list of classes."""
    indexes: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        # Of two classes with one value the first counts.
        self.indexes = {value: at for at, value in reversed(list(enumerate(self.values)))}

    @property
    def config(self) -> Config:
        """The description of the classes, and of their keypoints where these are written."""
        names = dict(enumerate(self.values))
        if not isinstance(self.rows, PoseRows):
            return Config(names)
        keys = {at: self.rows.keys.get(value, ()) for at, value in names.items()}
        return Config(names, self.rows.count, keypoint_names=keys)

    def text(self, task: Task) -> str | None:
        """Return the label file of a task, None where its size is not known."""
        width, height = size_of(task, "YOLO")
        if not width or not height:
            self.report.skip(task, NO_SIZE)
            return None
        report, make = self.report, self.rows
        scale = Scale(width, height, self.compat)
        found: list[tuple[int, list[str], Mapping[str, Any]]] = []
        for annotation, where in well_formed(
            task, self.shapes, report, no_form=NO_FORM, thin_boxes=False
        ):
            index = self.indexes.get(annotation["value"])
            if annotation["type"] == "pose_estimation" and not placed_keypoints(annotation):
                report.leave_out(annotation, NO_POINTS, where)
                continue
            if index is None:
                report.leave_out(annotation, NO_CLASS, where)
                continue
            try:
                texts, changes = make(annotation, scale, index)
            except (OverflowError, ValueError):  # near the largest number there is
                report.leave_out(annotation, TOO_LARGE, where)
                continue
            report.wrote(annotation)
            if annotation.get("attributes") or annotation.get("keypoints"):
                changes = [*changes, *self._lost(annotation)]
            for change in changes:
                report.change(annotation, change, where)
            found.append((index, [f"{index} {text}\n" for text in texts], annotation))
        report.images += 1
        return "".join([line for _, lines, _ in self._sorted(found) for line in lines])

    def _lost(self, annotation: Mapping[str, Any]) -> Iterable[str]:
        lost = lost_fields(annotation)
        return [one for one in lost if one != KEYPOINTS_LOST] if self._is_pose else lost

    @property
    def _is_pose(self) -> bool:
        return isinstance(self.rows, PoseRows)

    def _sorted(
        self, found: list[tuple[int, list[str], Mapping[str, Any]]]
    ) -> list[tuple[int, list[str], Mapping[str, Any]]]:
        if self.by_text:
            return sorted(found, key=lambda row: _text_key(row[0], row[1][0], row[2]))
        if len({row[0] for row in found}) == len(found):
            return sorted(found, key=lambda row: row[0])
        return sorted(found, key=lambda row: (row[0], _area(row[2], self.compat)))


def _text_key(index: int, line: str, annotation: Mapping[str, Any]) -> str:
    return str(index) if annotation["type"] == "bbox" else line


def _area(annotation: Mapping[str, Any], compat: Compat) -> float:
    """Return the area by which the rows of one class are ordered, as in COCO files."""
    annotation_type, points = annotation["type"], annotation.get("points")
    if compat and annotation_type == "bbox":
        x1, y1, x2, y2 = annotation["points"]
        return float((x1 - x2) * (y1 - y2))
    if compat and annotation_type == "segmentation":
        return sum(ring_area(region[0]) for region in annotation["points"])
    return SHAPES[annotation_type].area(annotation) if points else 0.0


def class_list(dataset: Dataset, images: Iterable[Task], types: Collection[str]) -> list[str]:
    """Return the values of the dataset's classes, or where it has none those in use, sorted."""
    if dataset.classes:
        return [one["value"] for one in dataset.classes]
    return values_of(images, types)


def pose_labels(dataset: Dataset, images: Iterable[Task], report: Report) -> Labels:
    """Return what writes poses, with the keypoints of each class."""
    if dataset.classes:
        keys = {
            one["value"]: [keypoint["key"] for keypoint in one.get("keypoints") or ()]
            for one in reversed(dataset.classes)
        }
        values = [one["value"] for one in dataset.classes]
    else:
        keys = _keys_in_use(images)
        values = sorted(keys)
    count = max(map(len, keys.values()), default=0)
    return Labels(values, POSED, PoseRows(keys, count), report)


def _keys_in_use(images: Iterable[Task]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for task in images:
        for annotation in task.get("annotations") or ():
            value = value_of(annotation)
            if value is not None and has_type(annotation, POSED):
                keys = found.setdefault(value, {})
                keys.update(dict.fromkeys(one["key"] for one in annotation.get("keypoints") or ()))
    return {value: list(keys) for value, keys in found.items()}


def _write_outlined(dataset: Dataset, target: Target, report: Report, rows: Rows) -> None:
    images = images_of(dataset, target, report, "YOLO")
    labels = Labels(class_list(dataset, images, OUTLINED), OUTLINED, rows, report)
    _write_files(images, labels, target, report)
    target.write(CLASSES_FILE, listed_text(labels.values))


def _write_files(images: Iterable[Task], labels: Labels, target: Target, report: Report) -> None:
    names = FileNames(report.renamed)
    for task in images:
        text = labels.text(task)
        if text is not None:
            target.write(names.place(task["name"], ".txt", FOLDER), text)
