"""Index masks: an 8-bit PNG with a palette for each image, in which a pixel's index says what
it shows.

Specification: the PNGs of https://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/ are of this
kind. Files are named as their images, `.png` in place of the last extension.
Axes: a pixel is the unit square right of and below its coordinates; which pixels an annotation
covers is said in `fastlabel.masks`. Index 0 is the background.

`instance-masks` number the annotations of an image, `semantic-masks` the classes. Later
annotations lie over earlier ones. The official client 0.26.0 mixes the indexes of segmentations
that overlap by "or", shifts polygons that run against the clock, and ignores rotation; with
`compat="official"` so does this.

Lost on the way out: all types but boxes, polygons and segmentations, what lies beneath other
annotations, attributes, and parts of a pixel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastlabel.const import COLOR_PALETTE
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Dataset, Format, Task
from fastlabel.formats.checks import NO_CLASS, check_compat, flaw
from fastlabel.formats.fields import has_type, value_of, values_of
from fastlabel.formats.frames import images_of
from fastlabel.formats.outlines import ROTATION_IGNORED, rotation_of
from fastlabel.formats.parallel import in_threads
from fastlabel.formats.png import palette_png
from fastlabel.formats.report import Report
from fastlabel.formats.target import FileNames, Target
from fastlabel.shapes import SHAPES
from fastlabel.types import Compat

FILLED = {name: SHAPES[name] for name in ("bbox", "polygon", "segmentation")}
LAST_INDEX = 255
MOST_PIXELS = 1 << 29

NO_FORM = "masks have no form for this type"
NO_SIZE = "no width and height of the image"
TOO_LARGE = f"an image of more than {MOST_PIXELS:,} pixels"
NO_INDEX = f"its index is beyond {LAST_INDEX}, the last of an 8-bit image"
NO_PIXEL = "it covers no pixel of the image"


def write_instance_masks(
    dataset: Dataset,
    target: Target,
    report: Report,
    *,
    palette: Sequence[int] | None = None,
    start_index: int = 1,
    compat: Compat = None,
    progress: Callable[[], None] | None = None,
) -> None:
    """Write a mask for each image in which every annotation has an index of its own.

    Annotations are numbered in their order; types that masks cannot show are not counted.

    Args:
        palette: r, g, b, r, g, b, ... from index 0 on; by default `COLOR_PALETTE`. Indexes
            beyond it take its colours again, without the first.
        start_index: of the first annotation.
        compat: `official` gives the pixels of the official client 0.26.0.
        progress: called after each image.

    Raises:
        FastLabelInvalidException: an argument that cannot be, or a loss where the report
            is strict.
    """
    writer = _MaskWriter(target, report, _palette(palette), _checked_start(start_index), compat)
    tasks = images_of(dataset, target, report, "an index mask")
    writer.write(tasks, lambda annotation, position: position, progress)


def write_semantic_masks(
    dataset: Dataset,
    target: Target,
    report: Report,
    *,
    palette: Sequence[int] | None = None,
    start_index: int = 1,
    compat: Compat = None,
    progress: Callable[[], None] | None = None,
) -> None:
    """Write a mask for each image in which every class has an index.

    Classes are numbered in the order of the dataset's; where it has none, those of all
    annotations, types that masks cannot show among them, sorted by value.

    Args:
        start_index: of the first class; with 0 it shares the background's.

    Otherwise as `write_instance_masks`.
    """
    writer = _MaskWriter(target, report, _palette(palette), _checked_start(start_index), compat)
    tasks = images_of(dataset, target, report, "an index mask")
    values = [entry["value"] for entry in dataset.classes] or values_of(tasks)
    if start_index + len(values) - 1 > LAST_INDEX:
        raise FastLabelInvalidException(
            f"classes: {len(values)} of them, but an 8-bit image has "
            f"{LAST_INDEX + 1 - start_index} indexes from {start_index} on",
            422,
        )
    positions = {value: position for position, value in reversed(list(enumerate(values)))}
    writer.write(tasks, lambda annotation, _: positions.get(value_of(annotation) or ""), progress)


INSTANCE_MASKS = Format(
    "instance-masks", "Instance masks", ("image", "video"), write=write_instance_masks
)
SEMANTIC_MASKS = Format(
    "semantic-masks", "Semantic masks", ("image", "video"), write=write_semantic_masks
)


@dataclass(frozen=True)
class _Plan:
    """One image to draw."""

    task: Task
    path: str
    annotations: list[tuple[int, Mapping[str, Any], int]]
    """Place in the task, the annotation, and its index."""


@dataclass(frozen=True)
class _MaskWriter:
    target: Target
    report: Report
    palette: bytes
    start_index: int
    compat: Compat

    def write(
        self,
        tasks: Iterable[Task],
        position: Callable[[Mapping[str, Any], int], int | None],
        progress: Callable[[], None] | None,
    ) -> None:
        check_compat(self.compat)
        for plan, png, shown in in_threads(self._drawn, self._plans(tasks, position)):
            self.target.write(plan.path, png)
            self.report.images += 1
            for (place, annotation, _), is_shown in zip(plan.annotations, shown, strict=True):
                self._count(annotation, is_shown, f"{plan.task['name']}: annotations[{place}]")
            if progress:
                progress()

    def _count(self, annotation: Mapping[str, Any], is_shown: bool, where: str) -> None:
        if not is_shown:
            self.report.leave_out(annotation, NO_PIXEL, where)
            return
        self.report.wrote(annotation)
        if self.compat and rotation_of(annotation):
            self.report.change(annotation, ROTATION_IGNORED, where)

    def _plans(
        self,
        tasks: Iterable[Task],
        position: Callable[[Mapping[str, Any], int], int | None],
    ) -> Iterator[_Plan]:
        names = FileNames(self.report.renamed)
        for task in tasks:
            reason = reason_to_skip(task)
            if reason:
                self.report.skip(task, reason)
            else:
                planned = list(self._planned(task, position))
                yield _Plan(task, names.place(str(task["name"]), ".png"), planned)

    def _planned(
        self, task: Task, position: Callable[[Mapping[str, Any], int], int | None]
    ) -> Iterator[tuple[int, Mapping[str, Any], int]]:
        instance = 0
        for place, annotation in enumerate(task.get("annotations") or ()):
            found = position(annotation, instance)
            index = None if found is None else self.start_index + found
            # One that cannot be drawn keeps its number: others are found by theirs.
            instance += has_type(annotation, FILLED)
            reason, detail = reason_to_leave_out(annotation)
            if not reason:
                reason = NO_CLASS if index is None else NO_INDEX if index > LAST_INDEX else ""
            if reason:
                where = f"{task['name']}: annotations[{place}]{detail}"
                self.report.leave_out(annotation, reason, where)
            elif index is not None:
                yield place, annotation, index

    def _drawn(self, plan: _Plan) -> tuple[_Plan, bytes, list[bool]]:
        """Return the image's PNG, and of each annotation whether it covers a pixel."""
        import numpy as np

        from fastlabel.masks import fill, official

        image = np.zeros((plan.task["height"], plan.task["width"]), np.uint8)
        if self.compat:
            official.fill_all(image, [(given, index) for _, given, index in plan.annotations])
            shown = [True] * len(plan.annotations)
        else:
            shown = [fill(image, given, index) for _, given, index in plan.annotations]
        return plan, palette_png(image, self.palette), shown


def reason_to_skip(task: Task) -> str | None:
    """Return why no mask can be made of an image, None if one can."""
    width, height = task.get("width") or 0, task.get("height") or 0
    if width <= 0 or height <= 0:
        return NO_SIZE
    return TOO_LARGE if width * height > MOST_PIXELS else None


def reason_to_leave_out(annotation: Mapping[str, Any]) -> tuple[str, str]:
    """Return the reason and what the shape says of it; empty where there is no reason."""
    return flaw(annotation, FILLED, NO_FORM) or ("", "")


def _checked_start(start_index: int) -> int:
    if not isinstance(start_index, int) or not 0 <= start_index <= LAST_INDEX:
        raise FastLabelInvalidException(
            f"start_index: expected a whole number from 0 to {LAST_INDEX}, got {start_index!r}", 422
        )
    return start_index


def _palette(given: Sequence[int] | None) -> bytes:
    """Return a colour for each index there can be."""
    numbers = COLOR_PALETTE if given is None else given
    try:
        colors = bytes(numbers)
    except (TypeError, ValueError):
        colors = b""
    if not colors or len(colors) % 3 or len(colors) > 3 * (LAST_INDEX + 1):
        raise FastLabelInvalidException(
            "palette: expected r, g, b, r, g, b, ... of 0 to 255 for at most "
            f"{LAST_INDEX + 1} indexes, got {len(numbers)} values",
            422,
        )
    again = colors[3:] or colors
    return (colors + again * LAST_INDEX)[: 3 * (LAST_INDEX + 1)]
