"""Audacity: a label track for each recording, a text file with a label a line.

Specification: https://manual.audacityteam.org/man/importing_and_exporting_labels.html
Columns, with tabs between them: start and end in seconds, and the label, which is the class
value. Labels may overlap, and begin where they end.

Lost on the way out: what lies beyond six decimals of a second, as in Audacity's own files
(not reported); attributes; tabs and line breaks in class values become spaces.

The reader takes beyond that: the lines with the frequencies of a label, which begin with a
backslash and are passed over; commas as decimal points, as Audacity once wrote them; labels
that end before they start, which are turned around; texts in UTF-8, UTF-16 and Shift_JIS.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from fastlabel.formats.base import Dataset, Format, ReadTask, kind_of
from fastlabel.formats.checks import well_formed
from fastlabel.formats.fields import ATTRIBUTES_LOST, attributes_of
from fastlabel.formats.folders import recording_beside
from fastlabel.formats.plaintext import read_text
from fastlabel.formats.report import ReadReport, Report
from fastlabel.formats.target import FileNames, Target
from fastlabel.shapes import TIME_SPAN

ONE_LINE: Final = "tabs and line breaks in the class value written as spaces"
_BREAKS: Final = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
_SHAPES: Final = {TIME_SPAN.type: TIME_SPAN}


def write(dataset: Dataset, target: Target, report: Report) -> None:
    """Write each audio task as a `.txt` file, its labels by their start.

    Raises:
        FastLabelInvalidException: another kind of tasks.
    """
    kind_of(dataset, "audio", "Audacity")
    report.noun = "recording"
    names = FileNames(report.renamed)
    for task in dataset.tasks:
        rows = []
        for annotation, where in well_formed(task, _SHAPES, report):
            value = _BREAKS.sub(" ", annotation["value"])
            rows.append((annotation["start"], annotation["end"], value))
            report.wrote(annotation)
            if value != annotation["value"]:
                report.change(annotation, ONE_LINE, where)
            if attributes_of(annotation):
                report.change(annotation, ATTRIBUTES_LOST, where)
        rows.sort()
        text = "".join(f"{start:.6f}\t{end:.6f}\t{value}\n" for start, end, value in rows)
        target.write(names.place(task["name"], ".txt"), text)
        report.images += 1


def read(source: Path, report: ReadReport) -> Iterator[ReadTask]:
    """Read a label track, or all `.txt` files of a folder and those below it.

    A task has the name of the recording beside its labels, or that of the labels.

    Raises:
        FastLabelInvalidException: there is no such file, or it is no text.
    """
    for path in sorted(source.rglob("*.txt")) if source.is_dir() else [source]:
        text = read_text(path)
        name, file = recording_beside(path, source)
        task: dict[str, Any] = {"name": name, "annotations": []}
        for number, line in enumerate(text.split("\n"), start=1):
            line = line.removesuffix("\r")
            if not line or line.startswith("\\"):
                continue
            try:
                task["annotations"].append(_span(line))
            except ValueError as error:
                report.problem(f"{path}:{number}", str(error))
                continue
            report.annotations += 1
        report.images += 1
        yield ReadTask(task, file)


def _span(line: str) -> dict[str, Any]:
    columns = line.split("\t", 2)
    if len(columns) != 3 or not columns[2].strip():
        raise ValueError(f"expected start, end and a label with tabs between them, got {line!r}")
    times = [_seconds(column) for column in columns[:2]]
    span = {
        "type": TIME_SPAN.type,
        "value": columns[2],
        "start": min(times),
        "end": max(times),
    }
    TIME_SPAN.check(span, "")
    return span


def _seconds(text: str) -> float:
    try:
        seconds = float(text.replace(",", "."))
    except ValueError:
        raise ValueError(f"expected seconds, got {text!r}") from None
    if not math.isfinite(seconds):
        raise ValueError(f"expected seconds, got {text!r}")
    return seconds


AUDACITY = Format(
    "audacity",
    "Audacity labels",
    ("audio",),
    write=write,
    read=read,
    takes="a .txt file or a folder",
)
