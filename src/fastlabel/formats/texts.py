"""The texts of text tasks: positions of annotations count their code points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Dataset, Task
from fastlabel.formats.checks import well_formed
from fastlabel.formats.plaintext import decoded
from fastlabel.formats.report import Report
from fastlabel.shapes import TEXT_SPAN

SHAPES: Final = {TEXT_SPAN.type: TEXT_SPAN}
BEYOND: Final = "the span ends after the text"
EMPTY: Final = "the span is empty"
OVERLAPS: Final = "the span overlaps another one"


def text_of(task: Task, dataset: Dataset) -> str:
    """Return a task's text: its own field `text`, which our readers fill, or its file.

    Raises:
        FastLabelInvalidException: there is no way to the file, or it is no text.
    """
    text = task.get("text")
    if isinstance(text, str):
        return text
    if dataset.open_file is None:
        raise FastLabelInvalidException(f"{task['name']}: the spans of texts need their files", 422)
    with dataset.open_file(task) as file:
        return decoded(file.read(), str(task["name"]))


def spans_of(
    task: Task, text: str, report: Report
) -> Iterator[tuple[Mapping[str, Any], str, int, int]]:
    """Yield annotation, place, start and end of the spans that lie in the text and have letters.

    They come by their start, the longest first. The others are left out and counted.
    """
    found = []
    for annotation, where in well_formed(task, SHAPES, report):
        start, end = annotation["start"], annotation["end"]
        if end > len(text):
            report.leave_out(annotation, BEYOND, where)
        elif start == end:
            report.leave_out(annotation, EMPTY, where)
        else:
            found.append((annotation, where, start, end))
    found.sort(key=lambda each: (each[2], -each[3]))
    yield from found
