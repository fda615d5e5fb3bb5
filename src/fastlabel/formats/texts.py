"""The texts of text tasks: positions of annotations count their code points."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Dataset, Task
from fastlabel.formats.checks import well_formed
from fastlabel.formats.report import Report
from fastlabel.shapes import TEXT_SPAN

# A mark says how a text is encoded; the one of UTF-8 is no part of the text either.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SHAPES: Final = {TEXT_SPAN.type: TEXT_SPAN}
BEYOND: Final = "the span ends after the text"
EMPTY: Final = "the span is empty"
OVERLAPS: Final = "the span overlaps another one"


def decoded(data: bytes, name: str) -> str:
    """Return the text of a file in UTF-8, UTF-16 with a mark, or Shift_JIS, without its mark.

    Raises:
        FastLabelInvalidException: none of them; names the byte.
    """
    mark, encoding = next((each for each in _MARKS if data.startswith(each[0])), (b"", "utf-8"))
    data = data[len(mark) :]
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8":
            try:
                return data.decode("cp932")  # Shift_JIS as Windows writes it
            except UnicodeDecodeError:
                pass
        raise FastLabelInvalidException(
            f"{name}: not a text in {encoding.upper()}: {error.reason} at byte {error.start:,}",
            422,
        ) from error


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
