"""Datasets in parts: which tasks are for training, which for validation and test."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from shutil import copyfileobj
from typing import TypeAlias

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Dataset, Task, kind_of
from fastlabel.formats.target import Target

TRAIN, VALID, TEST = SPLITS = ("train", "valid", "test")
SPLIT_NAMES = {
    "train": TRAIN,
    "training": TRAIN,
    "val": VALID,
    "valid": VALID,
    "validation": VALID,
    "test": TEST,
    "testing": TEST,
}

SplitOf: TypeAlias = Callable[[Task], str | None] | str
"""Says the split of a task by one of `SPLIT_NAMES`: a function, or a field of the task."""

NO_SPLIT = "it belongs to no split"


def split_function(
    tasks: Iterable[Task],
    split_of: SplitOf | None,
    ratios: tuple[float, float, float],
    seed: int,
) -> Callable[[Task], str | None]:
    """Return what says the split of a task; None where it belongs to none.

    Without `split_of` it is drawn from name and seed, whatever the order of the tasks, so
    that the shares are as `ratios` says, to the task.

    Raises:
        FastLabelInvalidException: ratios that are no shares of a whole.
    """
    if split_of is None:
        return _Drawn.of(tasks, ratios, seed)
    say = split_of

    def named(task: Task) -> str | None:
        name = task.get(say) if isinstance(say, str) else say(task)
        return SPLIT_NAMES.get(name.lower()) if isinstance(name, str) else None

    return named


@dataclass(frozen=True)
class _Drawn:
    """The lots of all tasks in order, cut into shares."""

    seed: int
    lots: list[int]
    ends: tuple[int, int]

    @classmethod
    def of(cls, tasks: Iterable[Task], ratios: tuple[float, float, float], seed: int) -> _Drawn:
        if len(ratios) != 3 or min(ratios) < 0 or abs(sum(ratios) - 1) > 1e-6:
            raise FastLabelInvalidException(
                "ratios: expected shares for train, valid and test that add up to 1, "
                f"got {ratios!r}",
                422,
            )
        lots = sorted(_lot(task, seed) for task in tasks)
        valid, test = (
            # A share is never empty while there are tasks enough for all of them.
            max(round(len(lots) * ratio), 1) if ratio and len(lots) > 2 else 0
            for ratio in ratios[1:]
        )
        return cls(seed, lots, (valid, valid + test))

    def __call__(self, task: Task) -> str:
        place = bisect_left(self.lots, _lot(task, self.seed))
        valid, test = self.ends
        return VALID if place < valid else TEST if place < test else TRAIN


def _lot(task: Task, seed: int) -> int:
    text = f"{seed}:{task['name']}"
    # 8 bytes, so that a million tasks take little memory; not for secrets.
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())


def check_images(dataset: Dataset, format_name: str) -> None:
    """Refuse a dataset that is not of images, or whose images nobody can open.

    Raises:
        FastLabelInvalidException: says what is missing.
    """
    kind_of(dataset, "image", format_name)
    if dataset.open_file is None:
        raise FastLabelInvalidException(
            f"{format_name} holds the images: their files must be there to be opened", 422
        )


def copy_image(dataset: Dataset, task: Task, target: Target, path: str) -> None:
    """Copy the image of a task to the target."""
    assert dataset.open_file is not None  # see check_images
    with dataset.open_file(task) as source, target.open(path) as file:
        copyfileobj(source, file)


def suffix_of(name: str) -> str:
    return PurePosixPath(name).suffix
