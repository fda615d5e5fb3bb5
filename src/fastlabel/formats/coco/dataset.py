"""A COCO file and its images for each split, as RF-DETR trains on it.

Layout: `train/`, `valid/` and `test/`, each with the images and `_annotations.coco.json`.
Source: https://rfdetr.roboflow.com/learn/train/ (dataset structure).
All files have the same categories, whether a split has annotations of them or not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from fastlabel.formats.base import Dataset, Format, Task
from fastlabel.formats.coco.categories import CategoryCollector
from fastlabel.formats.coco.write import write
from fastlabel.formats.report import Report
from fastlabel.formats.splits import (
    NO_SPLIT,
    SPLITS,
    SplitOf,
    check_images,
    copy_image,
    split_function,
)
from fastlabel.formats.target import FileNames, Target

FILE_NAME = "_annotations.coco.json"


def write_dataset(
    dataset: Dataset,
    target: Target,
    report: Report,
    *,
    split_of: SplitOf | None = None,
    ratios: tuple[float, float, float] = (0.8, 0.1, 0.1),
    seed: int = 0,
) -> None:
    """Write image tasks with their images, in splits.

    Args:
        split_of: says the split of a task (train, valid or test): a function, or the name of
            a field. By default it is drawn.
        ratios: shares of train, valid and test where they are drawn.
        seed: another one draws others.

    Raises:
        FastLabelInvalidException: ratios that are none, tasks that are no images or whose
            files cannot be opened.
    """
    check_images(dataset, "A COCO dataset")
    say = split_function(dataset.tasks, split_of, ratios, seed)
    classes = dataset.classes or _classes_in_use(dataset.tasks)
    path = report.path
    for split in SPLITS:
        part = Part(dataset.tasks, split, say)
        if next(iter(part), None) is None:
            continue
        for task, name in part.named(report.renamed):
            copy_image(dataset, task, target, f"{split}/{name}")
        report.path = path
        write(
            dataclasses.replace(dataset, tasks=part, classes=classes),
            target,
            report,
            file_name=f"{split}/{FILE_NAME}",
            unused_classes=True,
        )
    report.path = path
    for task in dataset.tasks:
        if say(task) is None:
            report.skip(task, NO_SPLIT)


@dataclass(frozen=True)
class Part(Iterable[Task]):
    """The tasks of one split, by the names that their images have there."""

    tasks: Iterable[Task]
    split: str
    say: Callable[[Task], str | None]

    def __iter__(self) -> Iterator[Task]:
        for task, name in self.named({}):
            yield task if name == task["name"] else {**task, "name": name}

    def named(self, renamed: dict[str, str]) -> Iterator[tuple[Task, str]]:
        names = FileNames(renamed)
        names.place(FILE_NAME, None)
        for task in self.tasks:
            if self.say(task) == self.split:
                yield task, names.place(task["name"], None)


def _classes_in_use(tasks: Iterable[Task]) -> list[dict[str, str]]:
    collector = CategoryCollector(None)
    for _ in collector.collect(tasks):
        pass
    return [{"value": one["name"], "color": one["color"]} for one in collector.categories(())]


COCO_DATASET = Format(
    "coco-dataset", "COCO dataset (RF-DETR)", ("image",), write_dataset, brings_files=True, passes=5
)
