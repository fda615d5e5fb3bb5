"""Labels of a task on their way in: checked, counted, and kept as revisions."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from fastlabel.labels import CLASSIFICATION, check_annotations, check_attributes
from fastlabel.modalities import TaskKind
from fastlabel_server.annotations.catalog import Catalog, Stored
from fastlabel_server.auth import Caller
from fastlabel_server.errors import Invalid
from fastlabel_server.tables import Task, TaskClass, TaskRevision, new_id
from fastlabel_server.tasks.schemas import TaskChange, TaskFields


@dataclass(frozen=True)
class Labels:
    """Labels to be saved: stored form, and the text that the API shows."""

    stored: Stored
    text: str
    stamp: int
    """Of the classes that the text was made with."""

    @classmethod
    def of(cls, catalog: Catalog, kind: TaskKind, stored: Stored) -> Labels:
        return cls(stored, catalog.text(kind, stored), catalog.stamp)


def checked(
    catalog: Catalog,
    kind: TaskKind,
    body: TaskFields | TaskChange,
    contents: Sequence[str],
) -> Labels | None:
    """Return the labels of a request; None if it carries none.

    `contents` are the names or ids of the task's files, as `kind.place` says.

    Raises:
        LabelError, ShapeError: what does not fit the project's classes.
        Invalid: the field is that of another kind of task.
    """
    other = "attributes" if kind.labels == "annotations" else "annotations"
    if getattr(body, other):
        raise Invalid(f"{other}: {kind.title} carry {kind.labels}")
    given = getattr(body, kind.labels)
    if given is None:
        return None
    if kind.labels == "annotations":
        stored = check_annotations(given, kind, catalog.specs, new_id, contents)
        return Labels.of(catalog, kind, stored)
    sheet = catalog.specs.get(CLASSIFICATION)
    pairs = check_attributes(given, sheet)
    if sheet is None or not pairs:
        return Labels.of(catalog, kind, [])
    answer = {"id": new_id(), "classId": sheet.id, "attributes": pairs}
    return Labels.of(catalog, kind, [answer])


def checked_relations(body: TaskChange, labels: Stored) -> list[dict[str, str]]:
    """Return relations by annotation ids; a request has them by index.

    Raises:
        Invalid: an index beyond the annotations.
    """
    found = []
    for place, relation in enumerate(body.relations or []):
        for end in ("start_index", "end_index"):
            index = getattr(relation, end)
            if index >= len(labels):
                raise Invalid(
                    f"relations[{place}]: the task has {len(labels)} annotations, got index {index}"
                )
        found.append(
            {
                "startId": labels[relation.start_index]["id"],
                "endId": labels[relation.end_index]["id"],
            }
        )
    return found


def record(
    session: Session,
    task: Task,
    caller: Caller,
    via: str,
    *,
    restored_from: int | None = None,
) -> None:
    """Write the labels of a changed task as its newest revision, and count them by class."""
    row = {
        "id": task.id,
        "revision": task.revision,
        "annotations": task.annotations,
        "relations": task.relations,
        "updated_at": task.updated_at,
    }
    session.execute(insert(TaskRevision), [revision_row(row, caller.user_id, via, restored_from)])
    session.execute(delete(TaskClass).where(TaskClass.task_id == task.id))
    if counts := count_rows(row):
        session.execute(insert(TaskClass), counts)


def revision_row(
    task: Mapping[str, Any], author_id: str | None, via: str, restored_from: int | None = None
) -> dict[str, Any]:
    """Return the row of a task's newest revision, of the row of the task."""
    document = {"annotations": task["annotations"], "relations": task["relations"]}
    return {
        "task_id": task["id"],
        "revision": task["revision"],
        "author_id": author_id,
        "via": via,
        "restored_from": restored_from,
        "annotation_count": len(task["annotations"]),
        "document": zlib.compress(orjson.dumps(document), 1),
        "created_at": task["updated_at"],
    }


def count_rows(task: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows that say how many annotations of each class a task has."""
    counts = Counter(annotation["classId"] for annotation in task["annotations"])
    return [
        {"task_id": task["id"], "class_id": class_id, "count": count}
        for class_id, count in counts.items()
    ]


def document_of(revision: TaskRevision) -> dict[str, Any]:
    """Return the labels of a revision in their stored form."""
    document: dict[str, Any] = orjson.loads(zlib.decompress(revision.document))
    return document
