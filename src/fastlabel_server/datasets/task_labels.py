"""Labels of tasks on their way into objects: as the API shows them, file by file.

A task may have several files, an object has one: each gets the annotations that lie in it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastlabel.labels import CLASSIFICATION
from fastlabel.modalities import TaskKind
from fastlabel.shapes.base import shown as short
from fastlabel_server.annotations.catalog import Catalog
from fastlabel_server.datasets.labels import compact
from fastlabel_server.datasets.reports import Loss
from fastlabel_server.tasks.integration.service import SPLIT

Annotation = dict[str, Any]


@dataclass(frozen=True)
class TaskLabels:
    """What a task has beside its files."""

    annotations: Sequence[Annotation]
    """As the API shows them."""
    relations: Sequence[Mapping[str, str]]
    """By the ids of annotations."""
    metadata: Mapping[str, Any]
    split: Mapping[str, Any] | None
    """What the object that it was registered from noted of the whole that it is a part of."""


def labels_of(kind: TaskKind, catalog: Catalog, keys: Collection[str], task: Any) -> TaskLabels:
    """Return the labels of a task.

    Args:
        keys: the metadata keys that the project has.
        task: with its columns `annotations`, `relations`, `metadatas` and `extra`.
    """
    shown = catalog.labels(kind, task.annotations)
    if kind.labels == "attributes":
        shown = _as_annotation(catalog, shown)
    metadata = {
        entry["key"]: entry["value"]
        for entry in task.metadatas
        if entry["key"] in keys and entry["value"] is not None
    }
    return TaskLabels(shown, task.relations, metadata, task.extra.get(SPLIT))


def in_file(kind: TaskKind, labels: TaskLabels, place: Any, position: int) -> list[Annotation]:
    """Return the annotations of one of a task's files, as an object has them.

    Args:
        place: what annotations name the file by.
        position: of the file, from 0.
    """
    found = []
    ids = []
    for annotation in labels.annotations:
        inside = _inside(kind, annotation, place, position)
        if inside is not None:
            found.append(compact(inside))
            ids.append(annotation["id"])
    index = {annotation_id: number for number, annotation_id in enumerate(ids)}
    for relation in labels.relations:
        start, end = index.get(relation["startId"]), index.get(relation["endId"])
        if start is not None and end is not None:
            found[start].setdefault("relations", []).append({"endIndex": end})
    return found


def in_no_file(kind: TaskKind, labels: TaskLabels, count: int) -> list[Loss]:
    """Return what no object gets of a task that has `count` files."""
    losses = []
    places: dict[str, Any] = {}
    for index, annotation in enumerate(labels.annotations):
        where = f"annotations[{index}]"
        if kind.place is not None:
            places[annotation["id"]] = place = annotation.get(kind.place.field)
            if not place:
                message = f"{where}.{kind.place.field}: it lies in no file of the task"
                losses.append(Loss("an annotation of no file", message))
        elif kind.frames_are_files:
            for frame in annotation["points"]:
                if int(frame) > count:
                    message = f"{where}.points: the task has {count} files, got frame {frame}"
                    losses.append(Loss("a frame of no file", message))
    for index, relation in enumerate(labels.relations):
        ends = [places.get(relation[end]) for end in ("startId", "endId")]
        if ends[0] != ends[1]:
            message = f"relations[{index}]: from {short(ends[0])} to {short(ends[1])}"
            losses.append(Loss("a relation between files", message))
    return losses


def _as_annotation(catalog: Catalog, answers: list[Annotation]) -> list[Annotation]:
    """Return the answers of a classification task as the one annotation of an object."""
    sheets = [row for row in catalog.rows if row.value == CLASSIFICATION]
    if not answers or not sheets:
        return []
    [sheet] = sheets
    head = {"type": sheet.type, "title": sheet.title, "value": sheet.value, "color": sheet.color}
    return [{"id": sheet.id, **head, "attributes": answers}]


def _inside(kind: TaskKind, annotation: Annotation, place: Any, position: int) -> Annotation | None:
    if kind.place is not None:
        if annotation.get(kind.place.field) != place:
            return None
        return {name: given for name, given in annotation.items() if name != kind.place.field}
    if not kind.frames_are_files:
        return annotation
    frame = annotation["points"].get(str(position + 1))
    if frame is None:
        return None
    rotation = frame.get("rotation", annotation["rotation"])
    return {**annotation, "points": frame["value"], "rotation": rotation}
