"""COCO: one JSON file of images, categories and annotations.

Specification: https://cocodataset.org/#format-data
Axes: pixels, origin top left, x right, y down; `bbox` is xywh, `segmentation` a list of
rings [x1, y1, x2, y2, ...].

Structure, key order, numbering and category rules are those of the official client 0.26.0,
which adds `rotation`, `attributes`, `color` and `keypoint_colors` to the specification.
Its numbers for rotated boxes, hollows and swapped corners are wrong; they are written right
here, and as it writes them with `compat="official"`.

Lost on the way out: keypoints, lines, circles and classifications, boxes that lie within
one pixel column or row, keypoints where no classes are given, and everything of a task but
its name, size and annotations. The report counts them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TextIO

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.coco.annotations import AnnotationTexts
from fastlabel.formats.coco.categories import categories_of, first_ids
from fastlabel.formats.coco.outline import official_outline, true_outline
from fastlabel.formats.jsontext import compact, value_text
from fastlabel.formats.report import Report
from fastlabel.modalities import PROJECT_TYPES

__all__ = ["write"]


def write(
    tasks: Iterable[Mapping[str, Any]],
    classes: Sequence[Mapping[str, Any]],
    path: Path | str,
    *,
    project_type: str,
    compat: Literal["official"] | None = None,
) -> Report:
    """Write image tasks as a COCO file, making its folder; an older file is replaced whole.

    Args:
        tasks: as the API returns them; they are not changed.
        classes: annotation classes as the API returns them. Categories are those that are
            used, in this order, with colours and skeletons. Empty: one category for each
            value in use, sorted, in the colour of its first annotation.
        path: must end in `.json`.
        project_type: such as `image_bbox`.
        compat: `official` writes the numbers and colours of the official client 0.26.0.

    Raises:
        FastLabelInvalidException: a path, project type or task that cannot be written.
    """
    path = Path(path)
    if not path.name.lower().endswith(".json"):
        raise FastLabelInvalidException(f"{path}: a COCO file is named *.json", 422)
    if compat not in (None, "official"):
        raise FastLabelInvalidException(f'compat: expected None or "official", got {compat!r}', 422)
    _check_project_type(project_type)
    # The file begins with images and categories, so the tasks are gone through more than once.
    tasks = tasks if isinstance(tasks, Sequence) else list(tasks)
    categories = categories_of(tasks, classes, compat)
    annotations = AnnotationTexts(
        category_ids=first_ids(categories),
        keypoint_keys={category["id"]: category["keypoints"] for category in categories},
        outline=official_outline if compat else true_outline,
        report=Report(path),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside it first: a reader never sees half a file, nor does a failure leave one.
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.write('{\n    "images": ')
            _write_list(file, _image_texts(tasks))
            file.write(f',\n    "categories": {value_text(categories, 1)},\n    "annotations": ')
            _write_list(file, annotations.texts(tasks))
            file.write("\n}")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return annotations.report


def _check_project_type(project_type: str) -> None:
    known = PROJECT_TYPES.get(project_type)
    kind = known.kind if known else None
    if not kind or kind.modality != "image" or kind.labels != "annotations" or kind.shows_contents:
        raise FastLabelInvalidException(
            f"project type {project_type!r}: COCO holds annotations of single images, "
            "not videos, sequences or classifications",
            422,
        )


def _image_texts(tasks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for index, task in enumerate(tasks):
        for key in ("name", "height", "width"):
            if key not in task:
                raise FastLabelInvalidException(
                    f"tasks[{index}].{key}: missing; COCO takes image tasks as the API "
                    "returns them",
                    422,
                )
        yield (
            f'{{\n            "file_name": {compact(task["name"])},\n'
            f'            "height": {compact(task["height"])},\n'
            f'            "width": {compact(task["width"])},\n'
            f'            "id": {index + 1}\n        }}'
        )


def _write_list(file: TextIO, items: Iterator[str]) -> None:
    separator = "["
    for item in items:
        file.write(f"{separator}\n        {item}")
        separator = ","
    file.write("[]" if separator == "[" else "\n    ]")
