"""Hugging Face: a folder that `datasets.load_dataset(folder)` loads, pictures and all.

Specification: https://huggingface.co/docs/datasets/object_detection for the columns,
https://huggingface.co/docs/hub/datasets-cards for the card; it takes pyarrow.
Axes: pixels, origin top left, x right, y down; `bbox` is xywh, the smallest upright box.

    README.md                           the card, which names the columns and classes
    data/train-00000-of-00001.parquet   image, name, width, height, objects

`objects` has, for each annotation, `id` (from 0, in the whole dataset), `bbox`, `category`,
`area` in square pixels with hollows left out, and `annotation`: the JSON of its type,
geometry and attributes, by which our reader gives it back exactly. So nothing is lost but
annotations that lie nowhere: poses without a placed keypoint, and classifications.

The reader takes beyond that: any Parquet files below the folder whose `objects` have `bbox`
and `category`, as lists in one object or as a list of objects; categories by number, with the
names that the file has for them, or as texts. With `media_folder` it writes the pictures there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Dataset, Format, ReadTask, Task, kind_of
from fastlabel.formats.checks import well_formed
from fastlabel.formats.fields import classes_in_use
from fastlabel.formats.jsontext import compact
from fastlabel.formats.outlines import box_of_xywh
from fastlabel.formats.report import ReadReport, Report
from fastlabel.formats.table import pyarrow_of
from fastlabel.formats.target import FileNames, Target, safe_path
from fastlabel.geometry import Bounds
from fastlabel.shapes import SHAPES, ShapeError
from fastlabel.shapes.base import shown

NOWHERE: Final = "nothing is placed in the picture"
GROUP_ROWS: Final = 200
GROUP_BYTES: Final = 64 << 20
"""Pictures are written once there are so many, or so many bytes of them."""
_COLUMNS: Final = ("id", "bbox", "category", "area", "annotation")


def write(dataset: Dataset, target: Target, report: Report, *, split: str = "train") -> None:
    """Write image tasks with their pictures.

    Where nobody can open the pictures, `image` holds their names alone.

    Args:
        split: such as `train`, `validation` or `test`.

    Raises:
        FastLabelInvalidException: another kind of tasks, a name that no split has, or pyarrow
            is not installed.
    """
    if not split.isidentifier():
        raise FastLabelInvalidException(f"split: expected a name such as train, got {split!r}", 422)
    arrow, parquet = pyarrow_of("Hugging Face")
    kind_of(dataset, "image", "Hugging Face")
    quiet = Report(Path())
    used = {
        annotation["value"]
        for task in dataset.tasks
        for annotation, _ in well_formed(task, SHAPES, quiet)
    }
    names = classes_in_use(dataset.classes, used)
    schema = schema_of(arrow, columns_of(arrow, names))
    with (
        target.open(f"data/{split}-00000-of-00001.parquet") as file,
        parquet.ParquetWriter(file, schema, compression="zstd", write_statistics=False) as table,
    ):
        for group in _groups(dataset, names, report):
            table.write_table(arrow.Table.from_pylist(group, schema))
    target.write("README.md", _card(names, split))


@dataclass(frozen=True)
class Column:
    """A column as Arrow has it, and the feature of `datasets` that it is read as."""

    name: str
    arrow: Any
    feature: Any


def value_feature(dtype: str) -> dict[str, Any]:
    """Return the feature of a number or text."""
    return {"dtype": dtype, "_type": "Value"}


def class_feature(names: Sequence[str]) -> dict[str, Any]:
    """Return the feature of a class's number; of nothing but a number where there are none."""
    return {"names": list(names), "_type": "ClassLabel"} if names else value_feature("int64")


def media_column(arrow: Any, name: str, **options: Any) -> Column:
    """Return the column of a file, as its bytes, its path, or both: `image`, `audio`, `video`."""
    form = arrow.struct([("bytes", arrow.binary()), ("path", arrow.string())])
    return Column(name, form, {**options, "_type": name.capitalize()})


def lists_column(name: str, arrow: Any, columns: Sequence[Column]) -> Column:
    """Return a column that has a list of each of several things, all of the same length."""
    form = arrow.struct([(each.name, arrow.list_(each.arrow)) for each in columns])
    features = {each.name: {"feature": each.feature, "_type": "Sequence"} for each in columns}
    return Column(name, form, features)


def objects_column(arrow: Any, names: Sequence[str]) -> Column:
    """Return the column of annotations, of these classes."""
    box = {"feature": value_feature("float64"), "length": 4, "_type": "Sequence"}
    columns = (
        Column("id", arrow.int64(), value_feature("int64")),
        Column("bbox", arrow.list_(arrow.float64(), 4), box),
        Column("category", arrow.int64(), class_feature(names)),
        Column("area", arrow.float64(), value_feature("float64")),
        Column("annotation", arrow.string(), value_feature("string")),
    )
    return lists_column("objects", arrow, columns)


def columns_of(arrow: Any, names: Sequence[str], **options: Any) -> list[Column]:
    """Return the columns of images with annotations of these classes."""
    return [
        media_column(arrow, "image", **options),
        Column("name", arrow.string(), value_feature("string")),
        Column("width", arrow.int64(), value_feature("int64")),
        Column("height", arrow.int64(), value_feature("int64")),
        objects_column(arrow, names),
    ]


def schema_of(arrow: Any, columns: Sequence[Column]) -> Any:
    """Return the columns as Arrow's schema, with the features of `datasets` beside them."""
    features = {each.name: each.feature for each in columns}
    return arrow.schema(
        [(each.name, each.arrow) for each in columns],
        metadata={"huggingface": json.dumps({"info": {"features": features}})},
    )


def _groups(
    dataset: Dataset, names: Sequence[str], report: Report
) -> Iterator[list[dict[str, Any]]]:
    numbers = {name: number for number, name in enumerate(names)}
    group: list[dict[str, Any]] = []
    held_bytes = 0
    next_id = 0
    for task in dataset.tasks:
        picture = None
        if dataset.open_file is not None:
            with dataset.open_file(task) as file:
                picture = file.read()
            held_bytes += len(picture)
        objects = objects_of(task, numbers, next_id, report)
        next_id += len(objects["id"])
        group.append(
            {
                "image": {"bytes": picture, "path": safe_path(str(task["name"]))},
                "name": task["name"],
                "width": task.get("width"),
                "height": task.get("height"),
                "objects": objects,
            }
        )
        report.images += 1
        if len(group) == GROUP_ROWS or held_bytes >= GROUP_BYTES:
            yield group
            group, held_bytes = [], 0
    if group:
        yield group


def placed_bounds(annotation: Mapping[str, Any]) -> Bounds | None:
    """Return the box xyxy around a well-formed annotation, None where it lies nowhere."""
    has_place = annotation.get("points") or annotation.get("keypoints")
    return SHAPES[annotation["type"]].bounds_xyxy(annotation) if has_place else None


def objects_of(
    task: Task, numbers: Mapping[str, int], first_id: int, report: Report
) -> dict[str, list[Any]]:
    """Return the annotations of an image that have a place, as the column `objects` has them.

    Args:
        numbers: of the classes.
        first_id: of the first annotation.
    """
    objects: dict[str, list[Any]] = {key: [] for key in _COLUMNS}
    for annotation, where in well_formed(task, SHAPES, report):
        shape = SHAPES[annotation["type"]]
        bounds = placed_bounds(annotation)
        if bounds is None:
            report.leave_out(annotation, NOWHERE, where)
            continue
        min_x, min_y, max_x, max_y = bounds
        exact = {
            "type": annotation["type"],
            **shape.stored(annotation),
            "attributes": [
                {key: each[key] for key in ("key", "value") if key in each}
                for each in annotation.get("attributes") or ()
                if isinstance(each, Mapping)
            ],
        }
        objects["id"].append(first_id + len(objects["id"]))
        objects["bbox"].append([min_x, min_y, max_x - min_x, max_y - min_y])
        objects["category"].append(numbers[annotation["value"]])
        objects["area"].append(shape.area(annotation))
        objects["annotation"].append(compact(exact))
        report.wrote(annotation)
    return objects


def _card(names: Sequence[str], split: str) -> str:
    """Return the card: YAML, in which JSON's texts are texts too."""
    category = "      sequence: int64"
    if names:
        labels = "".join(f"            '{at}': {compact(name)}\n" for at, name in enumerate(names))
        category = f"      sequence:\n        class_label:\n          names:\n{labels}".rstrip("\n")
    return f"""---
dataset_info:
  features:
  - name: image
    dtype: image
  - name: name
    dtype: string
  - name: width
    dtype: int64
  - name: height
    dtype: int64
  - name: objects
    struct:
    - name: id
      sequence: int64
    - name: bbox
      sequence:
        sequence: float64
        length: 4
    - name: category
{category}
    - name: area
      sequence: float64
    - name: annotation
      sequence: string
configs:
- config_name: default
  data_files:
  - split: {split}
    path: data/{split}-*
---

Written by FastLabel. `bbox` is x, y, width and height in pixels; `annotation` is the JSON of
each annotation's type, geometry and attributes.
"""


def read(
    source: Path, report: ReadReport, *, media_folder: Path | str | None = None
) -> Iterator[ReadTask]:
    """Read a folder's Parquet files, or one of them, picture by picture.

    Args:
        media_folder: where the pictures are written; without it they are passed over.

    Raises:
        FastLabelInvalidException: no such file, it has no `objects`, or pyarrow is missing.
    """
    arrow, parquet = pyarrow_of("Hugging Face")
    paths = sorted(source.rglob("*.parquet")) if source.is_dir() else [source]
    if not paths:
        raise FastLabelInvalidException(f"{source}: no .parquet files", 422)
    places = FileNames({})
    for path in paths:
        try:
            with parquet.ParquetFile(path) as table:
                labels = _labels(table.schema_arrow, path)
                number = 0
                for batch in table.iter_batches(GROUP_ROWS):
                    for row in batch.to_pylist():
                        where = f"{path}: row {number}"
                        task = _task(row, f"{path.stem}_{number}", labels, where, report)
                        picture = row.get("image")
                        data = picture.get("bytes") if isinstance(picture, dict) else None
                        file = None
                        if media_folder is not None and data:
                            file = Path(media_folder) / places.place(task["name"], None)
                            file.parent.mkdir(parents=True, exist_ok=True)
                            file.write_bytes(data)
                        yield ReadTask(task, file)
                        number += 1
        except (OSError, arrow.ArrowException) as error:
            raise FastLabelInvalidException(f"{path}: cannot be read: {error}", 422) from error


def _labels(schema: Any, path: Path) -> list[str]:
    """Return the names that the features have for categories, none where there are none."""
    if "objects" not in schema.names:
        raise FastLabelInvalidException(f"{path}: no column 'objects'", 422)
    try:
        info = json.loads((schema.metadata or {})[b"huggingface"])["info"]
        found = info["features"]["objects"]
        while "category" not in found:
            # A list of objects, or, in older versions, the list itself.
            found = found[0] if isinstance(found, list) else found["feature"]
        found = found["category"]
        while isinstance(found, dict) and "names" not in found:
            found = found["feature"]
        return [str(name) for name in found["names"]]
    except (KeyError, TypeError, ValueError, IndexError):
        return []


def _task(
    row: Mapping[str, Any], fallback: str, labels: Sequence[str], where: str, report: ReadReport
) -> dict[str, Any]:
    picture = row.get("image")
    path = picture.get("path") if isinstance(picture, dict) else None
    name = row.get("name") or path or f"{fallback}.jpg"
    task: dict[str, Any] = {"name": str(name), "annotations": []}
    task.update((key, row[key]) for key in ("width", "height") if row.get(key))
    for index, one in enumerate(_listed(row.get("objects"))):
        try:
            task["annotations"].append(_annotation(one, labels))
        except (ShapeError, ValueError) as error:
            report.problem(f"{where}: objects[{index}]", str(error))
            continue
        report.annotations += 1
    report.images += 1
    return task


def _listed(objects: Any) -> list[dict[str, Any]]:
    """Return objects one by one, which may be lists in one object."""
    if isinstance(objects, list):
        return [one for one in objects if isinstance(one, dict)]
    if not isinstance(objects, dict):
        return []
    columns = {key: values for key, values in objects.items() if isinstance(values, list)}
    count = max(map(len, columns.values()), default=0)
    return [
        {key: values[at] for key, values in columns.items() if at < len(values)}
        for at in range(count)
    ]


def _annotation(one: Mapping[str, Any], labels: Sequence[str]) -> dict[str, Any]:
    """Return what an object holds.

    Raises:
        ShapeError, ValueError: names the field and its value.
    """
    category = one.get("category")
    if isinstance(category, int) and 0 <= category < len(labels):
        category = labels[category]
    elif isinstance(category, int) and not labels:
        category = str(category)
    if not isinstance(category, str) or not category:
        raise ValueError(f".category: expected one of {len(labels)}, got {shown(category)}")
    exact = one.get("annotation")
    if isinstance(exact, str):
        found = json.loads(exact)
        shape = SHAPES.get(found.get("type", "")) if isinstance(found, dict) else None
        if shape is None:
            raise ValueError(f".annotation: expected an object with a type, got {shown(found)}")
        shape.check(found, ".annotation")
        return {**found, "value": category}
    return {
        "type": "bbox",
        "value": category,
        "points": box_of_xywh(one.get("bbox")),
        "attributes": [],
    }


HUGGING_FACE = Format(
    "hugging-face",
    "Hugging Face datasets",
    ("image",),
    write=write,
    read=read,
    brings_files=True,
    passes=2,
)
