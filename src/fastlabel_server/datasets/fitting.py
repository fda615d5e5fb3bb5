"""Labels of objects on their way into a project's tasks: what has no place there stays behind.

Objects take any annotation, tasks only what the classes of their project and the shapes of
their kind allow. Each piece that is left out is told with its reason, and takes as little as
possible with it: an answer that the class does not know costs no annotation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastlabel.labels import (
    CLASSIFICATION,
    NOT_FROM_A_MODEL,
    AttributeSpec,
    ClassSpec,
    LabelError,
    check_annotation,
)
from fastlabel.modalities import TaskKind
from fastlabel.shapes import ShapeError
from fastlabel.shapes.base import shown
from fastlabel_server.annotations.catalog import Catalog, Stored
from fastlabel_server.datasets.reports import Loss
from fastlabel_server.schemas import MAX_TEXT
from fastlabel_server.tables import new_id
from fastlabel_server.tasks.labels import Labels

Annotation = Mapping[str, Any]


@dataclass(frozen=True)
class Target:
    """What labels are fitted to: a kind of task, and a project's classes and metadata keys."""

    kind: TaskKind
    catalog: Catalog
    metadata_keys: Mapping[str, AttributeSpec]


@dataclass(frozen=True)
class Fitted:
    """Labels that a task takes, and what was left out of those of its object."""

    labels: Labels
    relations: list[dict[str, str]]
    metadatas: list[dict[str, Any]]
    count: int
    """Annotations of the object that are among the labels."""
    losses: list[Loss]


def fitted(
    target: Target, annotations: Sequence[Annotation], metadata: Mapping[str, Any]
) -> Fitted:
    """Return the labels of an object as a task of the target can have them."""
    losses: list[Loss] = []
    relations: list[dict[str, str]] = []
    if target.kind.labels == "annotations":
        ids, stored = _annotations(target, annotations, losses)
        relations = _relations(annotations, ids, losses)
        count = len(stored)
    else:
        stored, count = _answer_sheet(target, annotations, losses)
    return Fitted(
        Labels.of(target.catalog, target.kind, stored),
        relations,
        _metadatas(target, metadata, losses),
        count,
        losses,
    )


def _annotations(
    target: Target, annotations: Sequence[Annotation], losses: list[Loss]
) -> tuple[dict[int, str], Stored]:
    """Return the ids of annotations that fit, by their index in the object, and their forms."""
    ids: dict[int, str] = {}
    stored: Stored = []
    for index, annotation in enumerate(annotations):
        found = _annotation(target, annotation, f"annotations[{index}]", losses)
        if found is not None:
            ids[index] = found["id"]
            stored.append(found)
    return ids, stored


def _annotation(
    target: Target, annotation: Annotation, where: str, losses: list[Loss]
) -> dict[str, Any] | None:
    specs = target.catalog.specs
    value, annotation_type = annotation["value"], annotation["type"]
    spec = specs.get(value)
    if spec is None:
        losses.append(_no_class(value, where))
        return None
    if spec.type != annotation_type:
        reason = f"class {value!r} is of type {spec.type}, not {annotation_type}"
        losses.append(Loss(reason, f"{where}.type: the {reason}"))
        return None
    try:
        return check_annotation(annotation, target.kind, specs, new_id(), (), where)
    except (LabelError, ShapeError):
        fitting, misfits = _without_misfits(annotation, spec, where)
    try:
        found = check_annotation(fitting, target.kind, specs, new_id(), (), where)
    except (LabelError, ShapeError) as error:
        losses.append(Loss(f"not the shape of class {value!r}", str(error)))
        return None
    losses += misfits
    return found


def _without_misfits(
    annotation: Annotation, spec: ClassSpec, where: str
) -> tuple[Annotation, list[Loss]]:
    """Return an annotation without the answers that its class does not take, and those."""
    losses: list[Loss] = []
    answers = _answers(annotation.get("attributes", ()), spec, f"{where}.attributes", losses)
    fitting = {**annotation, "attributes": answers}
    score = fitting.get("confidenceScore")
    if score is not None and score != NOT_FROM_A_MODEL and not 0 <= score <= 1:
        del fitting["confidenceScore"]
        message = f"{where}.confidenceScore: expected a number from 0 to 1, got {shown(score)}"
        losses.append(Loss("confidenceScore beyond 0 to 1", message))
    return fitting, losses


def _answers(
    attributes: Sequence[Mapping[str, Any]], spec: ClassSpec, where: str, losses: list[Loss]
) -> list[dict[str, Any]]:
    """Return the answers that a class takes, each key once."""
    kept: dict[str, dict[str, Any]] = {}
    for index, attribute in enumerate(attributes):
        key, place = attribute.get("key"), f"{where}[{index}]"
        known = spec.attributes.get(key) if isinstance(key, str) else None
        if known is None:
            message = f"{place}.key: the class {spec.value!r} has no attribute {shown(key)}"
            losses.append(Loss(f"class {spec.value!r} has no attribute {shown(key)}", message))
        elif known.key in kept:
            losses.append(Loss("an attribute given twice", f"{place}.key: {shown(key)} twice"))
        elif (value := attribute.get("value")) is not None:
            try:
                known.check(value, place)
            except LabelError as error:
                reason = f"attribute {key!r} of class {spec.value!r} takes no such value"
                losses.append(Loss(reason, str(error)))
            else:
                kept[known.key] = {"key": known.key, "value": value}
    return list(kept.values())


def _answer_sheet(
    target: Target, annotations: Sequence[Annotation], losses: list[Loss]
) -> tuple[Stored, int]:
    """Return the answers of a classification task, and how many annotations gave some."""
    sheet = target.catalog.specs.get(CLASSIFICATION)
    given: dict[str, Any] = {}
    count = 0
    for index, annotation in enumerate(annotations):
        where = f"annotations[{index}]"
        if sheet is None or (annotation["value"], annotation["type"]) != (sheet.value, sheet.type):
            losses.append(_no_class(annotation["value"], where))
            continue
        count += 1
        where = f"{where}.attributes"
        for one in _answers(annotation.get("attributes", ()), sheet, where, losses):
            key, value = one["key"], one["value"]
            if key in given:
                losses.append(Loss("an attribute given twice", f"{where}: {shown(key)} twice"))
            given.setdefault(key, value)
    if sheet is None or not given:
        return [], count
    pairs = [[sheet.attributes[key].id, value] for key, value in given.items()]
    return [{"id": new_id(), "classId": sheet.id, "attributes": pairs}], count


def _no_class(value: str, where: str) -> Loss:
    return Loss(f"no class {shown(value)}", f"{where}.value: the project has no {shown(value)}")


def _relations(
    annotations: Sequence[Annotation], ids: Mapping[int, str], losses: list[Loss]
) -> list[dict[str, str]]:
    """Return the relations between annotations that fit; each stands where it starts."""
    found = []
    for index, annotation in enumerate(annotations):
        for place, relation in enumerate(annotation.get("relations", ())):
            end = relation.get("endIndex")
            if index in ids and isinstance(end, int) and end in ids:
                found.append({"startId": ids[index], "endId": ids[end]})
                continue
            where = f"annotations[{index}].relations[{place}]"
            message = f"{where}.endIndex: no annotation of the task, got {shown(end)}"
            losses.append(Loss("a relation without its ends", message))
    return found


def _metadatas(
    target: Target, metadata: Mapping[str, Any], losses: list[Loss]
) -> list[dict[str, Any]]:
    found = []
    for key, value in metadata.items():
        spec = target.metadata_keys.get(key)
        where = f"customMetadata.{key}"
        if spec is None:
            message = f"{where}: the project has no metadata key {shown(key)}"
            losses.append(Loss(f"no metadata key {shown(key)}", message))
        elif value is not None:
            try:
                _check_length(value, where)
                spec.check(value, where)
            except LabelError as error:
                losses.append(Loss(f"metadata key {key!r} takes no such value", str(error)))
            else:
                found.append({"key": key, "value": value})
    return found


def _check_length(value: Any, where: str) -> None:
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise LabelError(f"{where}: tasks take up to {MAX_TEXT} characters, got {len(value):,}")
