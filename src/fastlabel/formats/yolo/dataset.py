"""A folder that Ultralytics trains on: images, labels and `data.yaml`, in splits."""

from __future__ import annotations

from typing import Literal

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Dataset
from fastlabel.formats.report import Report
from fastlabel.formats.splits import (
    NO_SPLIT,
    TEST,
    TRAIN,
    VALID,
    SplitOf,
    check_images,
    copy_image,
    split_function,
    suffix_of,
)
from fastlabel.formats.target import FileNames, Target
from fastlabel.formats.yolo.classes import CONFIG_FILE
from fastlabel.formats.yolo.write import OUTLINED, Labels, class_list, pose_labels
from fastlabel.formats.yolo.write_rows import box_row, corners_row, outline_row

Kind = Literal["detect", "segment", "pose", "obb"]
ROWS = {"detect": box_row, "segment": outline_row, "obb": corners_row}
FOLDERS = {TRAIN: "train", VALID: "val", TEST: "test"}


def write_dataset(
    dataset: Dataset,
    target: Target,
    report: Report,
    *,
    kind: Kind = "detect",
    split_of: SplitOf | None = None,
    ratios: tuple[float, float, float] = (0.8, 0.1, 0.1),
    seed: int = 0,
) -> None:
    """Write image tasks with their images as `images/SPLIT`, `labels/SPLIT` and `data.yaml`.

    Args:
        kind: of the labels, by Ultralytics' name of what a model learns from them.
        split_of: says the split of a task (train, val or test): a function, or the name of a
            field. By default it is drawn.
        ratios: shares of train, val and test where they are drawn.
        seed: another one draws others.

    Raises:
        FastLabelInvalidException: an unknown kind, ratios that are none, tasks that are no
            images or whose files cannot be opened.
    """
    if kind not in ("pose", *ROWS):
        raise FastLabelInvalidException(
            f"kind: expected one of detect, segment, pose, obb, got {kind!r}", 422
        )
    check_images(dataset, "A YOLO dataset")
    tasks = dataset.tasks
    if kind == "pose":
        labels = pose_labels(dataset, tasks, report)
    else:
        labels = Labels(class_list(dataset, tasks, OUTLINED), OUTLINED, ROWS[kind], report)
    say = split_function(tasks, split_of, ratios, seed)
    names = FileNames(report.renamed)
    used = set()
    for task in tasks:
        split = say(task)
        if split is None:
            report.skip(task, NO_SPLIT)
            continue
        text = labels.text(task)
        if text is None:
            continue
        used.add(split)
        folder = f"{FOLDERS[split]}/"
        # Trainers look for the labels where the last `images` of the path is `labels`.
        name = f"/{task['name']}".replace("/images/", "/images_/")[1:]
        stem = names.place(name, ".txt", folder)[: -len(".txt")]
        target.write(f"labels/{stem}.txt", text)
        copy_image(dataset, task, target, f"images/{stem}{suffix_of(name)}")
    folders = {FOLDERS[split]: f"images/{FOLDERS[split]}" for split in FOLDERS if split in used}
    target.write(CONFIG_FILE, labels.config.text(folders))
