"""Tasks as a COCO file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TextIO

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Dataset, Task
from fastlabel.formats.checks import check_compat
from fastlabel.formats.coco.annotations import AnnotationTexts
from fastlabel.formats.coco.categories import CategoryCollector, first_ids
from fastlabel.formats.coco.outline import Outline, official_outline, true_outline
from fastlabel.formats.frames import images_of
from fastlabel.formats.jsontext import compact, value_text
from fastlabel.formats.report import Report
from fastlabel.formats.target import Target
from fastlabel.types import Compat

FILE_NAME = "annotations.json"
TEXTS_AT_ONCE = 200


def write(
    dataset: Dataset,
    target: Target,
    report: Report,
    *,
    file_name: str = FILE_NAME,
    compat: Compat = None,
    unused_classes: bool = False,
    outline: Callable[[Mapping[str, Any], Task], Outline] | None = None,
) -> None:
    """Write image tasks, or videos by their frames, as a COCO file.

    Categories are the classes of the dataset that are used, in their order, with colours and
    skeletons; without classes one for each value in use, sorted, in the colour of its first
    annotation.

    Args:
        file_name: must end in `.json`.
        compat: `official` writes the numbers and colours of the official client 0.26.0.
        unused_classes: keep classes of the dataset that no annotation has.
        outline: gives the outline of an annotation in its task; by default `true_outline`.

    Raises:
        FastLabelInvalidException: a file name, project type or task that cannot be written.
    """
    check_file_name(file_name)
    check_compat(compat)
    report.path /= file_name
    images = images_of(dataset, target, report, "COCO")
    collector = CategoryCollector(compat)
    with target.open_text(file_name) as file:
        # The file begins with images and categories, so the tasks are gone through twice.
        file.write('{\n    "images": ')
        _write_list(file, _image_texts(collector.collect(images)))
        categories = collector.categories(dataset.classes, unused=unused_classes)
        annotations = AnnotationTexts(
            category_ids=first_ids(categories),
            keypoint_keys={category["id"]: category["keypoints"] for category in categories},
            outline=outline or (official_outline if compat else true_outline),
            report=report,
        )
        file.write(f',\n    "categories": {value_text(categories, 1)},\n    "annotations": ')
        _write_list(file, annotations.texts(images))
        file.write("\n}")


def check_file_name(file_name: str) -> None:
    """Refuse a name that does not end in `.json`.

    Raises:
        FastLabelInvalidException: names the value.
    """
    if not file_name.lower().endswith(".json"):
        raise FastLabelInvalidException(
            f"output_file_name: expected a name that ends in .json, got {file_name!r}", 422
        )


def _image_texts(tasks: Iterable[Task]) -> Iterator[str]:
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
    separator = "[\n        "
    # Many at a time: a text file takes longer over a call than over a text.
    while some := list(islice(items, TEXTS_AT_ONCE)):
        file.write(separator + ",\n        ".join(some))
        separator = ",\n        "
    file.write("\n    ]" if separator[0] == "," else "[]")
