"""TextGrid: Praat's tiers of intervals, a file for each recording.

Specification: https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html
Times are seconds. Each class has an interval tier of its name, and its intervals have the
class value as their text; what lies between them are intervals without text. Intervals of a
tier never overlap: spans of a class that do go to a further tier, `name (2)`. Spans without
a length are the points of a point tier.

Lost on the way out: attributes. Numbers stay exact.

The reader takes the long and the short form, in UTF-8 or UTF-16, with comments. The class
value of an interval or point is its text, or, with `value="tier"`, the name of its tier.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Dataset, Format, ReadTask, kind_of
from fastlabel.formats.checks import well_formed
from fastlabel.formats.fields import ATTRIBUTES_LOST, attributes_of
from fastlabel.formats.folders import recording_beside
from fastlabel.formats.plaintext import read_text
from fastlabel.formats.report import ReadReport, Report
from fastlabel.formats.target import FileNames, Target
from fastlabel.shapes import TIME_SPAN, ShapeError

EXTENSION: Final = ".TextGrid"
INTERVALS: Final = "IntervalTier"
POINTS: Final = "TextTier"
_SHAPES: Final = {TIME_SPAN.type: TIME_SPAN}
# Only what stands free counts: the numbers of `item [1]:` and all words are decoration.
_TOKEN: Final = re.compile(
    r'"(?P<text>(?:[^"]|"")*)"|(?P<flag><\w+>)|!(?P<comment>[^\n]*)'
    r"|(?<!\S)(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?!\S)|(?P<word>[^\s\"]+)"
)


@dataclass
class Tier:
    """Spans of one class that do not overlap, by their start."""

    value: str
    kind: str
    spans: list[tuple[float, float]] = field(default_factory=list)


def write(dataset: Dataset, target: Target, report: Report) -> None:
    """Write each audio task as a `.TextGrid` file in the long form.

    Raises:
        FastLabelInvalidException: another kind of tasks.
    """
    kind_of(dataset, "audio", "TextGrid")
    report.noun = "recording"
    names = FileNames(report.renamed)
    for task in dataset.tasks:
        spans = []
        for annotation, where in well_formed(task, _SHAPES, report):
            spans.append((annotation["value"], annotation["start"], annotation["end"]))
            report.wrote(annotation)
            if attributes_of(annotation):
                report.change(annotation, ATTRIBUTES_LOST, where)
        duration = task.get("duration")
        end = max([end for _, _, end in spans], default=0)
        if isinstance(duration, int | float):
            end = max(end, duration)
        # Praat refuses a file of no duration.
        text = "".join(f"{line}\n" for line in _lines(tiers_of(spans), end or 1))
        target.write(names.place(task["name"], EXTENSION), text)
        report.images += 1


def tiers_of(spans: Iterable[tuple[str, float, float]]) -> list[Tier]:
    """Return spans (value, start, end) as tiers, by value and start, as few as will do."""
    tiers: list[Tier] = []
    for value, start, end in sorted(spans):
        kind = POINTS if start == end else INTERVALS
        for tier in tiers:
            if (tier.value, tier.kind) != (value, kind):
                continue
            last_start, last_end = tier.spans[-1]
            if start >= last_end and start > last_start:
                tier.spans.append((start, end))
                break
        else:
            tiers.append(Tier(value, kind, [(start, end)]))
    return tiers


def _lines(tiers: list[Tier], end: float) -> Iterator[str]:
    yield 'File type = "ooTextFile"'
    yield 'Object class = "TextGrid"'
    yield ""
    yield "xmin = 0"
    yield f"xmax = {end}"
    yield "tiers? <exists>"
    yield f"size = {len(tiers)}"
    yield "item []:"
    taken: set[str] = set()
    for number, tier in enumerate(tiers, start=1):
        name, count = tier.value, 1
        while name in taken:
            count += 1
            name = f"{tier.value} ({count})"
        taken.add(name)
        yield f"    item [{number}]:"
        yield f'        class = "{tier.kind}"'
        yield f"        name = {_quoted(name)}"
        yield "        xmin = 0"
        yield f"        xmax = {end}"
        if tier.kind == POINTS:
            yield f"        points: size = {len(tier.spans)}"
            for at, (time, _) in enumerate(tier.spans, start=1):
                yield f"        points [{at}]:"
                yield f"            number = {time}"
                yield f"            mark = {_quoted(tier.value)}"
            continue
        intervals = list(_filled(tier, end))
        yield f"        intervals: size = {len(intervals)}"
        for at, (start, stop, text) in enumerate(intervals, start=1):
            yield f"        intervals [{at}]:"
            yield f"            xmin = {start}"
            yield f"            xmax = {stop}"
            yield f"            text = {_quoted(text)}"


def _filled(tier: Tier, end: float) -> Iterator[tuple[float, float, str]]:
    """Yield the intervals of a tier, and those without text that fill the time between."""
    at: float = 0
    for start, stop in tier.spans:
        if start > at:
            yield at, start, ""
        yield start, stop, tier.value
        at = stop
    if end > at:
        yield at, end, ""


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def read(
    source: Path, report: ReadReport, *, value: Literal["text", "tier"] = "text"
) -> Iterator[ReadTask]:
    """Read a TextGrid, or all of a folder and those below it.

    A task has the name of the recording beside its labels, or that of the labels.

    Args:
        value: what gives the class value: the text of an interval, or the name of its tier.
            Intervals without text are gaps in either case.

    Raises:
        FastLabelInvalidException: there is no such file, or it is no text.
    """
    if value not in ("text", "tier"):
        raise FastLabelInvalidException(f"value: expected text or tier, got {value!r}", 422)
    paths = [source]
    if source.is_dir():
        paths = sorted(
            path for path in source.rglob("*") if path.suffix.lower() == EXTENSION.lower()
        )
    for path in paths:
        text = read_text(path)
        name, file = recording_beside(path, source)
        task: dict[str, Any] = {"name": name, "annotations": []}
        tokens = _Tokens(text, path)
        try:
            for where, tier, start, end, mark in _marks(tokens):
                given = mark if value == "text" else tier
                if not mark.strip() or not given:
                    continue
                span = {"type": TIME_SPAN.type, "value": given, "start": start, "end": end}
                try:
                    TIME_SPAN.check(span, "")
                except ShapeError as error:
                    report.problem(where, str(error))
                    continue
                task["annotations"].append(span)
                report.annotations += 1
        except ValueError as error:
            # Where one value is missing, nothing tells what those after it mean.
            report.problem(tokens.where, str(error))
        report.images += 1
        yield ReadTask(task, file)


class _Tokens:
    """The texts, flags and numbers of a file that stand free, in their order."""

    def __init__(self, text: str, path: Path) -> None:
        self._text = text
        self._path = path
        self._found = _TOKEN.finditer(text)
        self._at = 0
        self._counted = 0
        self._line = 1

    @property
    def where(self) -> str:
        """File and line of the last one."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return f"{self._path}:{self._line}"

    def _next(self, kind: str) -> str:
        for match in self._found:
            if match.lastgroup in ("comment", "word"):
                continue
            self._at = match.start()
            if match.lastgroup != kind:
                raise ValueError(f"expected a {kind}, got {match[0]!r}")
            return match[kind]
        self._at = len(self._text)
        raise ValueError(f"the file ends where a {kind} is expected")

    def text(self) -> str:
        return self._next("text").replace('""', '"')

    def number(self) -> float:
        digits = self._next("number")
        if digits.isdecimal() and len(digits) < 16:
            return int(digits)
        number = float(digits)
        if not math.isfinite(number):
            raise ValueError(f"expected a finite number, got {digits[:20]}...")
        return number

    def flag(self) -> str:
        return self._next("flag")


def _marks(tokens: _Tokens) -> Iterator[tuple[str, str, float, float, str]]:
    """Yield place, tier, start, end and text of all intervals and points.

    Raises:
        ValueError: says what was expected.
    """
    head = tokens.text(), tokens.text()
    if head != ("ooTextFile", "TextGrid"):
        raise ValueError(f'expected the head "ooTextFile" "TextGrid", got {head}')
    tokens.number(), tokens.number()
    if tokens.flag() != "<exists>":
        return
    for _ in range(int(tokens.number())):
        kind, tier = tokens.text(), tokens.text()
        if kind not in (INTERVALS, POINTS):
            raise ValueError(f"expected an {INTERVALS} or a {POINTS}, got {kind!r}")
        tokens.number(), tokens.number()
        for _ in range(int(tokens.number())):
            start = tokens.number()
            end = tokens.number() if kind == INTERVALS else start
            mark = tokens.text()
            yield tokens.where, tier, start, end, mark


TEXTGRID = Format(
    "textgrid",
    "Praat TextGrid",
    ("audio",),
    write=write,
    read=read,
    takes="a .TextGrid file or a folder",
)
