"""Rows of a table for Hugging Face's `datasets`, and its columns.

Images have the columns of the format `hugging-face`; objects of other kinds have their own
file's column in place of `image`, and of annotations in `objects` the class, where they begin
and end, and the annotation as JSON. All have beside that `type`, `tags`, `licenses`, `label`
(the class of the one classification, null where there is none) and `custom_metadata` (JSON).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastlabel.formats.checks import well_formed
from fastlabel.formats.hugging_face import (
    NOWHERE,
    Column,
    class_feature,
    columns_of,
    lists_column,
    media_column,
    objects_of,
    placed_bounds,
    value_feature,
)
from fastlabel.formats.jsontext import compact
from fastlabel.formats.report import Report
from fastlabel.shapes import CLASSIFICATION, SHAPES
from fastlabel.training.targets import Labels, Target, Used, of_places, of_the_whole

MEDIA: Final = ("image", "audio", "video")
"""Kinds for which `datasets` has a feature; of others there is a text or a path."""
SEVERAL: Final = "several classifications; a row has one label"
UNNAMED: Final = "no type or no class value"
_FIELDS: Final = ("name", "type", "tags", "licenses", "customMetadata", "width", "height")
_SHOWN_BESIDE: Final = ("id", "value", "title", "color")
"""What the JSON of an annotation need not say again, or is made by the server."""


@dataclass(frozen=True)
class Rows(Target):
    """Rows of the table."""

    kind: str

    def used(self, found: Mapping[str, Any], report: Report) -> Used:
        kept = self._with_a_place(of_places(found), report)
        classifications = [each for each, _ in well_formed(of_the_whole(found), SHAPES, report)]
        values = {annotation["value"] for annotation in classifications}
        if len(values) == 1:
            kept.append(classifications[0])
        for annotation in classifications if len(values) > 1 else ():
            report.leave_out(annotation, SEVERAL, str(found["name"]))
        return [{**{key: found.get(key) for key in _FIELDS}, "annotations": kept}]

    def _with_a_place(self, found: Mapping[str, Any], report: Report) -> list[Mapping[str, Any]]:
        kept = []
        if self.kind != "image":
            # Of any form: what it says is in the JSON.
            for index, annotation in enumerate(found["annotations"]):
                if all(isinstance(annotation.get(key), str) for key in ("type", "value")):
                    kept.append(annotation)
                else:
                    where = f"{found['name']}: annotations[{index}]"
                    report.leave_out(annotation, UNNAMED, where)
            return kept
        for annotation, where in well_formed(found, SHAPES, report):
            if placed_bounds(annotation) is None:
                report.leave_out(annotation, NOWHERE, where)
            else:
                kept.append(annotation)
        return kept

    def narrowed(
        self, used: Used, classes: Collection[str], found: Mapping[str, Any], report: Report
    ) -> Used | None:
        annotations = super().narrowed(used[0]["annotations"], classes, found, report)
        return [{**used[0], "annotations": annotations}]

    def annotations(self, used: Used) -> Iterable[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = used[0]["annotations"]
        return found

    def values(self, used: Used) -> Iterable[str]:
        return (each["value"] for each in used[0]["annotations"])

    def arrays(
        self, used: Used, labels: Labels, shape_hw: tuple[int, int] | None
    ) -> dict[str, Any]:
        """Return the row but for its file."""
        (found,) = used
        objects = [each for each in found["annotations"] if each["type"] != CLASSIFICATION.type]
        label = next(
            (labels.numbers[each["value"]] for each in found["annotations"] if each not in objects),
            None,
        )
        row: dict[str, Any] = {
            "name": found["name"],
            "label": label,
            "type": found["type"],
            "tags": found["tags"],
            "licenses": found["licenses"],
            "custom_metadata": compact(found["customMetadata"]),
        }
        if self.kind != "image":
            return row | {"objects": _objects(objects, labels)}
        if shape_hw is not None:
            row["height"], row["width"] = shape_hw
        task = {"name": found["name"], "annotations": objects}
        return row | {"objects": objects_of(task, labels.numbers, 0, Report(Path()))}


def _objects(annotations: Sequence[Mapping[str, Any]], labels: Labels) -> dict[str, list[Any]]:
    exact = [
        {key: value for key, value in each.items() if key not in _SHOWN_BESIDE}
        for each in annotations
    ]
    return {
        "id": list(range(len(annotations))),
        "category": [labels.numbers[each["value"]] for each in annotations],
        "start": [each.get("start") for each in annotations],
        "end": [each.get("end") for each in annotations],
        "annotation": [compact(each) for each in exact],
    }


def columns(arrow: Any, kind: str, labels: Labels, *, decode: bool) -> list[Column]:
    """Return the columns of a table of objects of one kind."""
    options = {} if decode else {"decode": False}
    text = value_feature("string")
    texts = {"feature": text, "_type": "Sequence"}
    if kind == "image":
        found = columns_of(arrow, labels.classes, **options)
    else:
        file = (
            media_column(arrow, kind, **options)
            if kind in MEDIA
            else Column("text" if kind == "text" else "file", arrow.string(), text)
        )
        found = [
            file,
            Column("name", arrow.string(), text),
            lists_column(
                "objects",
                arrow,
                (
                    Column("id", arrow.int64(), value_feature("int64")),
                    Column("category", arrow.int64(), class_feature(labels.classes)),
                    Column("start", arrow.float64(), value_feature("float64")),
                    Column("end", arrow.float64(), value_feature("float64")),
                    Column("annotation", arrow.string(), text),
                ),
            ),
        ]
    return [
        *found,
        Column("label", arrow.int64(), class_feature(labels.classes)),
        Column("type", arrow.string(), text),
        Column("tags", arrow.list_(arrow.string()), texts),
        Column("licenses", arrow.list_(arrow.string()), texts),
        Column("custom_metadata", arrow.string(), text),
    ]
