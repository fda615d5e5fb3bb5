"""Tables: one row for each annotation, as CSV or Parquet.

CSV: https://www.rfc-editor.org/rfc/rfc4180, UTF-8, with a head of the columns' names.
Parquet: https://parquet.apache.org/docs/file-format/; it takes pyarrow.

The columns are those of `COLUMNS`, in their order. `points`, `keypoints` and `attributes` are
JSON as the API has them, frames of videos and sequences included, so that nothing is lost:
any project whose tasks have annotations can be written. `min_x` to `max_y` are the smallest
upright box around a shape of a picture, rotation applied, and `area` its square pixels; they
are for looking at, and the reader passes over them. A task without annotations has one row
without a type. Fields of tasks but their name and size are left out.

The reader takes the columns in any order, needs `task`, `type` and `value` alone, and puts
the rows of a task together wherever they lie.
"""

from __future__ import annotations

import csv
import importlib
import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Dataset, Format, ReadTask, Task
from fastlabel.formats.checks import well_formed
from fastlabel.formats.folders import media_beside
from fastlabel.formats.jsontext import compact, whole_number
from fastlabel.formats.report import ReadReport, Report
from fastlabel.formats.target import Target
from fastlabel.modalities import PROJECT_TYPES
from fastlabel.shapes import (
    CUBOID,
    POINT_INDICES,
    SHAPES,
    SUB_TASK,
    TEXT_SPAN,
    TIME_SPAN,
    Framed,
    PlanarShape,
    Shape,
    ShapeError,
)
from fastlabel.shapes.base import shown

TEXT: Final = "string"
WHOLE: Final = "int64"
NUMBER: Final = "float64"
COLUMNS: Final = {
    "task": TEXT,
    "width": WHOLE,
    "height": WHOLE,
    "type": TEXT,
    "value": TEXT,
    "points": TEXT,
    "rotation": NUMBER,
    "keypoints": TEXT,
    "start": NUMBER,
    "end": NUMBER,
    "text": TEXT,
    "content": TEXT,
    "contentId": TEXT,
    "attributes": TEXT,
    "min_x": NUMBER,
    "min_y": NUMBER,
    "max_x": NUMBER,
    "max_y": NUMBER,
    "area": NUMBER,
}
"""Names and types."""
ROW_GROUP: Final = 10_000
"""Rows that are held in memory and written at once."""
MODALITIES: Final = ("image", "video", "text", "audio", "pcd", "dicom", "multi_modal", "robotics")
_JSON: Final = ("points", "keypoints", "attributes")
_NUMBERS: Final = ("rotation", "start", "end")
_OTHERS: Final[dict[str, Shape]] = {
    shape.type: shape for shape in (CUBOID, SUB_TASK, TEXT_SPAN, *SHAPES.values())
}


def write_csv(
    dataset: Dataset, target: Target, report: Report, *, file_name: str = "annotations.csv"
) -> None:
    """Write tasks of any kind with annotations as CSV.

    Raises:
        FastLabelInvalidException: tasks without annotations, such as classifications.
    """
    report.path /= file_name
    rows = _rows(dataset, report)
    with target.open_text(file_name) as file:
        # With its usual line breaks the module quotes both of their characters in fields.
        table = csv.DictWriter(file, list(COLUMNS))
        table.writeheader()
        table.writerows(rows)


def write_parquet(
    dataset: Dataset, target: Target, report: Report, *, file_name: str = "annotations.parquet"
) -> None:
    """Write tasks of any kind with annotations as Parquet.

    Raises:
        FastLabelInvalidException: tasks without annotations, or pyarrow is not installed.
    """
    arrow, parquet = pyarrow_of("Parquet")
    report.path /= file_name
    schema = arrow.schema([(name, getattr(arrow, kind)()) for name, kind in COLUMNS.items()])
    with (
        target.open(file_name) as file,
        parquet.ParquetWriter(file, schema, compression="zstd") as table,
    ):
        for group in _grouped(_rows(dataset, report)):
            table.write_table(arrow.Table.from_pylist(group, schema))


def pyarrow_of(title: str) -> tuple[Any, Any]:
    """Return `pyarrow` and `pyarrow.parquet`.

    Raises:
        FastLabelInvalidException: 422, it is not installed; says how it is.
    """
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise FastLabelInvalidException(
            f"{title} needs pyarrow: pip install 'fastlabel[parquet]' installs it", 422
        ) from error


def _rows(dataset: Dataset, report: Report) -> Iterator[dict[str, Any]]:
    project_type = PROJECT_TYPES.get(dataset.project_type)
    if project_type is None or project_type.kind.labels != "annotations":
        raise FastLabelInvalidException(
            f"project type {dataset.project_type!r}: tables hold annotations, which its tasks "
            "do not have",
            422,
        )
    shapes = project_type.kind.shapes
    report.noun = "task"
    return (row for task in dataset.tasks for row in _rows_of(task, shapes, report))


def _rows_of(task: Task, shapes: Mapping[str, Shape], report: Report) -> Iterator[dict[str, Any]]:
    common = {"task": task["name"], "width": task.get("width"), "height": task.get("height")}
    is_empty = True
    for annotation, _ in well_formed(task, shapes, report):
        is_empty = False
        report.wrote(annotation)
        yield {**common, **_row(annotation, shapes[annotation["type"]])}
    report.images += 1
    if is_empty:
        yield common


def _row(annotation: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    row = {"type": annotation["type"], "value": annotation["value"], **shape.stored(annotation)}
    row.update((key, annotation.get(key)) for key in ("content", "contentId"))
    row["attributes"] = [
        {key: each[key] for key in ("key", "value") if key in each}
        for each in annotation.get("attributes") or ()
        if isinstance(each, Mapping)
    ]
    row.update((key, compact(row[key])) for key in _JSON if key in row)
    if isinstance(shape, PlanarShape):
        bounds = shape.bounds_xyxy(annotation) if _is_placed(annotation) else None
        if bounds is not None:
            names = ("min_x", "min_y", "max_x", "max_y")
            row.update(zip(names, map(float, bounds), strict=True))
            row["area"] = float(shape.area(annotation))
    return row


def _is_placed(annotation: Mapping[str, Any]) -> bool:
    return bool(annotation.get("points") or annotation.get("keypoints"))


def _grouped(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    group = []
    for row in rows:
        group.append(row)
        if len(group) == ROW_GROUP:
            yield group
            group = []
    if group:
        yield group


def read_csv(source: Path, report: ReadReport) -> Iterator[ReadTask]:
    """Read a table, task by task in the order of their first rows.

    Raises:
        FastLabelInvalidException: no such file, or it lacks a column that is needed.
    """
    path = source / "annotations.csv" if source.is_dir() else source
    try:
        with path.open(encoding="utf-8-sig", newline="") as file, _long_fields():
            table = csv.DictReader(file)
            _check_columns(table.fieldnames or (), path)
            numbered = ((f"{path}:{table.line_num}", row) for row in table)
            yield from _tasks(numbered, path, report)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FastLabelInvalidException(f"{path}: cannot be read: {error}", 422) from error


@contextmanager
def _long_fields() -> Iterator[None]:
    """Let fields be longer than 128 KB, which outlines can be, and set the limit back."""
    limit = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def read_parquet(source: Path, report: ReadReport) -> Iterator[ReadTask]:
    """Read a table, task by task in the order of their first rows.

    Raises:
        FastLabelInvalidException: no such file, it lacks a column that is needed, or pyarrow
            is not installed.
    """
    arrow, parquet = pyarrow_of("Parquet")
    path = source / "annotations.parquet" if source.is_dir() else source
    try:
        with parquet.ParquetFile(path) as table:
            _check_columns(table.schema_arrow.names, path)
            yield from _tasks(_numbered(table, path), path, report)
    except (OSError, arrow.ArrowException) as error:
        raise FastLabelInvalidException(f"{path}: cannot be read: {error}", 422) from error


def _numbered(table: Any, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    number = 0
    for batch in table.iter_batches(ROW_GROUP):
        for row in batch.to_pylist():
            yield f"{path}: row {number}", row
            number += 1


def _check_columns(names: Iterable[str], path: Path) -> None:
    missing = [name for name in ("task", "type", "value") if name not in set(names)]
    if missing:
        raise FastLabelInvalidException(f"{path}: no column {missing[0]!r}", 422)


def _tasks(
    rows: Iterable[tuple[str, Mapping[str, Any]]], path: Path, report: ReadReport
) -> list[ReadTask]:
    """Return tasks with the annotations of all their rows."""
    tasks: dict[str, dict[str, Any]] = {}
    for where, row in rows:
        name = row.get("task")
        if not isinstance(name, str) or not name:
            report.problem(where, f"task: expected a name, got {shown(name)}")
            continue
        task = tasks.setdefault(name, {"name": name, "annotations": []})
        try:
            for key in ("width", "height"):
                if row.get(key) not in (None, ""):
                    task[key] = _number(row[key], key)
            if row.get("type"):
                task["annotations"].append(_annotation(row))
                report.annotations += 1
        except (ShapeError, ValueError) as error:
            report.problem(where, str(error))
    report.images += len(tasks)
    return [ReadTask(task, media_beside(path, name)) for name, task in tasks.items()]


def _annotation(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a row holds.

    Raises:
        ShapeError, ValueError: names the column and its value.
    """
    annotation: dict[str, Any] = {"type": row["type"], "value": row.get("value")}
    if not isinstance(annotation["value"], str) or not annotation["value"]:
        raise ValueError(f"value: expected a text, got {shown(annotation['value'])}")
    for key in (*_JSON, *_NUMBERS, "content", "contentId"):
        given = row.get(key)
        if given in (None, ""):
            continue
        if key in _JSON:
            annotation[key] = _json(given, key)
        else:
            annotation[key] = _number(given, key) if key in _NUMBERS else given
    if row.get("text") and annotation["type"] == TEXT_SPAN.type:
        annotation["text"] = row["text"]
    annotation.setdefault("attributes", [])
    _shape_of(annotation).check(annotation, "")
    return annotation


def _json(text: Any, key: str) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{key}: no JSON: {error}") from None


def _number(value: Any, key: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{key}: expected a number, got {shown(value)}") from None
    if not math.isfinite(number):
        raise ValueError(f"{key}: expected a finite number, got {shown(value)}")
    return whole_number(number)


def _shape_of(annotation: Mapping[str, Any]) -> Shape:
    """Return the shape of a type, by what it holds where several have the type."""
    kind, points = annotation["type"], annotation.get("points")
    if kind == TIME_SPAN.type and "start" in annotation:
        return TIME_SPAN
    if kind == POINT_INDICES.type and isinstance(points, list) and not _has_lists(points):
        return POINT_INDICES
    if kind not in _OTHERS:
        raise ValueError(f"type: expected one of {', '.join(sorted(_OTHERS))}, got {shown(kind)}")
    shape = _OTHERS[kind]
    return Framed(shape) if isinstance(points, dict) else shape


def _has_lists(points: list[Any]) -> bool:
    return any(isinstance(each, list) for each in points)


CSV = Format("csv", "CSV table", MODALITIES, write=write_csv, read=read_csv, takes="a .csv file")
PARQUET = Format(
    "parquet",
    "Parquet table",
    MODALITIES,
    write=write_parquet,
    read=read_parquet,
    takes="a .parquet file",
)
