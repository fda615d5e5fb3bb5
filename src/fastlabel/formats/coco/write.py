"""Tasks as a COCO file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count, islice
from typing import Any

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Dataset, Task
from fastlabel.formats.checks import check_compat
from fastlabel.formats.coco.annotations import AnnotationEntries
from fastlabel.formats.coco.categories import CategoryCollector, first_ids
from fastlabel.formats.coco.outline import Outline, official_outline, true_outline
from fastlabel.formats.frames import images_of
from fastlabel.formats.jsontext import laid_out, write_list
from fastlabel.formats.report import Report
from fastlabel.formats.target import Target
from fastlabel.types import Compat

FILE_NAME = "annotations.json"
IMAGES_AT_ONCE = 200


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
    with target.open(file_name) as file:
        # The file begins with images and categories, so the tasks are gone through twice.
        file.write(b'{\n    "images": ')
        write_list(file, _images(collector.collect(images)))
        categories = collector.categories(dataset.classes, unused=unused_classes)
        file.write(b"," + laid_out({"categories": categories})[1:-2])
        annotations = AnnotationEntries(
            category_ids=first_ids(categories),
            keypoint_keys={category["id"]: category["keypoints"] for category in categories},
            outline=outline or (official_outline if compat else true_outline),
            report=report,
        )
        file.write(b',\n    "annotations": ')
        write_list(file, annotations.of_images(images))
        file.write(b"\n}")


def check_file_name(file_name: str) -> None:
    """Refuse a name that does not end in `.json`.

    Raises:
        FastLabelInvalidException: names the value.
    """
    if not file_name.lower().endswith(".json"):
        raise FastLabelInvalidException(
            f"output_file_name: expected a name that ends in .json, got {file_name!r}", 422
        )


def _images(tasks: Iterable[Task]) -> Iterator[list[dict[str, Any]]]:
    images = map(_image, tasks, count(1))
    while some := list(islice(images, IMAGES_AT_ONCE)):
        yield some


def _image(task: Task, image_id: int) -> dict[str, Any]:
    for key in ("name", "height", "width"):
        if key not in task:
            raise FastLabelInvalidException(
                f"tasks[{image_id - 1}].{key}: missing; COCO takes image tasks as the API "
                "returns them",
                422,
            )
    return {
        "file_name": task["name"],
        "height": task["height"],
        "width": task["width"],
        "id": image_id,
    }
