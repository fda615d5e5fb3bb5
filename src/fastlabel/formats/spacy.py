"""spaCy: texts and their entities as JSON Lines, one text a line.

Specification: https://spacy.io/api/data-formats#dict-input, the dictionary that
`spacy.training.Example.from_dict` takes, beside the text:

    {"text": "Ada met Bob.", "entities": [[0, 3, "person"]], "meta": {"name": "a.txt"}}

Positions: code points from 0, the end exclusive, as ours are. `spacy.blank("ja")` or any other
pipeline makes documents of it; where its tokens cut through an entity, spaCy itself warns.

Lost on the way out: attributes, and empty spans. Entities of spaCy never overlap: of two that
do the one that begins first counts, and of two that begin together the longer; the others are
written as `spans` of the group `sc`, which may overlap, and counted as changed.

The reader takes beyond that: the older pairs `[text, {"entities": ...}]`, the spans of Prodigy
(`spans: [{start, end, label}]`) and the `label` or `labels` of doccano. A text without a name
is called after its file and line. The text of a task that was read is in its field `text`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Dataset, Format, ReadTask, kind_of
from fastlabel.formats.fields import ATTRIBUTES_LOST, attributes_of
from fastlabel.formats.folders import media_beside
from fastlabel.formats.jsontext import compact
from fastlabel.formats.report import ReadReport, Report
from fastlabel.formats.target import Target
from fastlabel.formats.texts import spans_of, text_of
from fastlabel.shapes import TEXT_SPAN, ShapeError
from fastlabel.shapes.base import shown

FILE_NAME: Final = "annotations.jsonl"
AS_SPAN: Final = "overlaps another entity, so written under spans"
GROUP: Final = "sc"
"""The group that spaCy's span categorizer looks for."""


def write(dataset: Dataset, target: Target, report: Report, *, file_name: str = FILE_NAME) -> None:
    """Write text tasks with their texts.

    Raises:
        FastLabelInvalidException: another kind of tasks, or a text that cannot be read.
    """
    kind_of(dataset, "text", "spaCy")
    report.path /= file_name
    report.noun = "text"
    with target.open_text(file_name) as file:
        for task in dataset.tasks:
            text = text_of(task, dataset)
            entities: list[tuple[int, int, str]] = []
            spans: list[tuple[int, int, str]] = []
            last_end = 0
            for annotation, where, start, end in spans_of(task, text, report):
                report.wrote(annotation)
                if attributes_of(annotation):
                    report.change(annotation, ATTRIBUTES_LOST, where)
                if start < last_end:
                    report.change(annotation, AS_SPAN, where)
                    spans.append((start, end, annotation["value"]))
                else:
                    entities.append((start, end, annotation["value"]))
                    last_end = end
            line: dict[str, Any] = {"text": text, "entities": entities}
            if spans:
                line["spans"] = {GROUP: spans}
            line["meta"] = {"name": task["name"]}
            file.write(f"{compact(line)}\n")
            report.images += 1


def read(source: Path, report: ReadReport) -> Iterator[ReadTask]:
    """Read a file of JSON Lines, or the `annotations.jsonl` of a folder, text by text.

    Raises:
        FastLabelInvalidException: no such file.
    """
    path = source / FILE_NAME if source.is_dir() else source
    try:
        file = path.open(encoding="utf-8-sig")
    except OSError as error:
        raise FastLabelInvalidException(f"{path}: cannot be read: {error}", 422) from error
    with file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            where = f"{path}:{number}"
            try:
                row = _row(json.loads(line))
            except ValueError as error:
                report.problem(where, str(error))
                continue
            name = _name(row) or f"{path.stem}_{number}.txt"
            task: dict[str, Any] = {"name": name, "text": row["text"], "annotations": []}
            for span in _spans(row, where, report):
                task["annotations"].append(span)
                report.annotations += 1
            report.images += 1
            yield ReadTask(task, media_beside(path, name))


def _row(given: Any) -> dict[str, Any]:
    if isinstance(given, list) and len(given) == 2 and isinstance(given[1], dict):
        given = {**given[1], "text": given[0]}
    if not isinstance(given, dict) or not isinstance(given.get("text"), str):
        raise ValueError(f"expected an object with a text, got {shown(given)}")
    return given


def _name(row: Mapping[str, Any]) -> str | None:
    meta = row.get("meta")
    name = meta.get("name") if isinstance(meta, dict) else None
    return name if isinstance(name, str) and name else None


def _spans(row: Mapping[str, Any], where: str, report: ReadReport) -> Iterator[dict[str, Any]]:
    text = row["text"]
    for place, span in _given_spans(row):
        try:
            if isinstance(span, dict):
                span = [span.get("start"), span.get("end"), span.get("label")]
            if not isinstance(span, list) or len(span) != 3:
                raise ValueError(f": expected [start, end, label], got {shown(span)}")
            start, end, label = span
            if not isinstance(label, str) or not label:
                raise ValueError(f".label: expected a text, got {shown(label)}")
            TEXT_SPAN.check({"start": start, "end": end}, "")
            if end > len(text):
                raise ValueError(f".end: the text has {len(text)} characters, got {end}")
        except (ShapeError, ValueError) as error:
            report.problem(where, f"{place}{error}")
            continue
        yield {"type": "ner", "value": label, "start": start, "end": end, "text": text[start:end]}


def _given_spans(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key in ("entities", "spans", "label", "labels"):
        given = row.get(key)
        groups = given.values() if isinstance(given, dict) else (given,)
        for group in groups:
            for index, span in enumerate(group if isinstance(group, list) else ()):
                yield f"{key}[{index}]", span


SPACY = Format("spacy", "spaCy", ("text",), write=write, read=read, takes="a .jsonl file")
