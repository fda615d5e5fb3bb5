"""`tasks`: tasks of a project as objects, with their annotations.

Objects that are as their tasks are already are left alone; nothing is removed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel_server.annotations.catalog import Catalog, catalog_of
from fastlabel_server.datasets import labels, task_files, task_labels
from fastlabel_server.datasets.changes import UNSET, Change, State, Wanted
from fastlabel_server.datasets.current import current_states
from fastlabel_server.datasets.labels import Document
from fastlabel_server.datasets.merging import merged
from fastlabel_server.datasets.operations.base import Arguments, Chunk, Operation
from fastlabel_server.datasets.reports import Report
from fastlabel_server.datasets.task_files import Stored, TaskFiles
from fastlabel_server.datasets.task_labels import TaskLabels
from fastlabel_server.errors import Invalid
from fastlabel_server.jobs.handler import Context, JobError
from fastlabel_server.metadatas import service as metadatas
from fastlabel_server.tables import Dataset, DatasetFile, DatasetLabels, Project, Task


@dataclass(frozen=True)
class Work:
    """What becomes of which tasks."""

    files: TaskFiles
    catalog: Catalog
    metadata_keys: set[str]
    type: str | None
    tags: list[str] | None


@dataclass(frozen=True)
class Wish:
    """An object as its task would have it."""

    name: str
    stored: Stored
    annotations: list[dict[str, Any]]
    metadata: Mapping[str, Any]
    split: Mapping[str, Any] | None


@dataclass(frozen=True)
class There:
    """An object as it is."""

    file: tuple[str, str]
    """SHA-256 and kind."""
    labels_key: int | None
    digest: bytes | None
    """Of its labels."""
    type: str
    tags: list[str]


def prepare(context: Context, dataset: Dataset, arguments: Arguments, cursor: Any) -> Chunk:
    """Compare the next files of tasks with the objects of their names."""
    seq, position, done, total = cursor or (0, -1, 0, None)
    report = Report()
    with context.database.read() as session:
        work = _find(session, arguments)
        files = work.files
        if total is None:
            total = files.count(session)
        rows, has_more = files.page(session, seq, position, context.attempt)
        tasks = _labels(session, work, rows)
        _note_losses(session, work, rows, tasks, report)
        names = [files.name(session, row, report) for row in rows]
    named = [(row, name) for row, name in zip(rows, names, strict=True) if name is not None]
    stored = files.stored(context, named, report)
    wishes = [
        _wish(work, row, name, stored[name], tasks[row.task_id])
        for row, name in named
        if name in stored
    ]
    with context.database.read() as session:
        wanted = _wanted(session, work, dataset, wishes, report)
    done += len(rows)
    cursor = [rows[-1].seq, rows[-1].position, done, total] if has_more else None
    new = [wish.stored.blob for wish in wishes if wish.name in wanted]
    return Chunk(wanted, cursor, done, total if has_more else done, new, report)


def _find(session: Session, arguments: Arguments) -> Work:
    project = session.get(Project, arguments["project"])
    if project is None or project.deleted_at is not None:
        raise JobError("the project was deleted")
    return Work(
        TaskFiles.of(project, arguments),
        catalog_of(session, project.id),
        metadatas.names(session, project.id),
        arguments["type"],
        arguments["objectTags"],
    )


def _labels(session: Session, work: Work, rows: Sequence[Any]) -> dict[str, TaskLabels]:
    """Return the labels of the tasks of files, by the id of the task."""
    found = session.execute(
        select(Task.id, Task.annotations, Task.relations, Task.metadatas, Task.extra).where(
            Task.id.in_({row.task_id for row in rows})
        )
    )
    return {
        task.id: task_labels.labels_of(work.files.kind, work.catalog, work.metadata_keys, task)
        for task in found
    }


def _note_losses(
    session: Session,
    work: Work,
    rows: Sequence[Any],
    tasks: Mapping[str, TaskLabels],
    report: Report,
) -> None:
    """Count what no object gets, with the first file of each task."""
    kind = work.files.kind
    if kind.intake == "file":
        return
    firsts = {row.task_id: row.task_name for row in rows if row.position == 0}
    for task_id, count in task_files.counts(session, list(firsts)).items():
        losses = task_labels.in_no_file(kind, tasks[task_id], count)
        report.add_labels(firsts[task_id], 0, losses)


def _wish(work: Work, row: Any, name: str, stored: Stored, task: TaskLabels) -> Wish:
    kind = work.files.kind
    by_id = kind.place is not None and kind.place.field == "contentId"
    place = row.id if by_id else row.name
    annotations = task_labels.in_file(kind, task, place, row.position)
    return Wish(name, stored, annotations, task.metadata, task.split)


def _wanted(
    session: Session, work: Work, dataset: Dataset, wishes: Sequence[Wish], report: Report
) -> dict[str, Wanted]:
    """Return the objects that are new, or differ from what is there."""
    there = _there(session, dataset, [wish.name for wish in wishes])
    wanted: dict[str, Wanted] = {}
    for wish in wishes:
        before = there.get(wish.name)
        try:
            document = labels.document_of(wish.annotations, wish.metadata, wish.split)
            if before is not None and _digest(document) != before.digest:
                document = _merged(session, work, before, wish)
        except Invalid as error:
            report.add("failed", wish.name, str(error))
            continue
        if before is None:
            file, tags = wish.stored.file, work.tags or ()
            wanted[wish.name] = State(file, document, work.type or "none", tags)
            report.add("created", wish.name)
        elif _is_as_wished(work, before, wish, document):
            report.add("unchanged", wish.name)
            continue
        else:
            wanted[wish.name] = Change(
                wish.stored.file,
                document,
                UNSET if work.type is None else work.type,
                UNSET if work.tags is None else work.tags,
            )
            report.add("changed", wish.name)
        report.add_labels(wish.name, len(wish.annotations), [])
    return wanted


def _there(session: Session, dataset: Dataset, names: Sequence[str]) -> dict[str, There]:
    """Return the objects that are there, by their names."""
    current = current_states(session, dataset, names)
    kept = [each.kept for each in current.values()]
    files = {
        row.key: (row.blob_sha256, row.kind)
        for row in session.execute(
            select(DatasetFile.key, DatasetFile.blob_sha256, DatasetFile.kind).where(
                DatasetFile.key.in_({each.file_key for each in kept})
            )
        )
    }
    keys = {each.labels_key for each in kept if each.labels_key is not None}
    digests: dict[int | None, bytes] = {
        row.key: row.digest
        for row in session.execute(
            select(DatasetLabels.key, DatasetLabels.digest).where(DatasetLabels.key.in_(keys))
        )
    }
    return {
        name: There(
            files[each.kept.file_key],
            each.kept.labels_key,
            digests.get(each.kept.labels_key),
            each.kept.type,
            list(each.kept.tags),
        )
        for name, each in current.items()
    }


def _is_as_wished(work: Work, before: There, wish: Wish, document: Document | None) -> bool:
    file = wish.stored.file
    return (
        before.file == (file.sha256, file.kind)
        and before.digest == _digest(document)
        and work.type in (None, before.type)
        and work.tags in (None, before.tags)
    )


def _merged(session: Session, work: Work, before: There, wish: Wish) -> Document | None:
    """Return the labels of an object that is there, with those of its task.

    What the project has no class or metadata key for stays.
    """
    packed = session.scalar(
        select(DatasetLabels.document).where(DatasetLabels.key == before.labels_key)
    )
    kept = labels.labels_of(packed)

    def is_foreign(annotation: Mapping[str, Any]) -> bool:
        spec = work.catalog.specs.get(annotation["value"])
        return spec is None or spec.type != annotation["type"]

    return labels.document_of(
        merged(kept.annotations, wish.annotations, is_foreign),
        {**kept.metadata, **wish.metadata},
        kept.split or wish.split,
    )


def _digest(document: Document | None) -> bytes | None:
    return None if document is None else document.digest


OPERATION = Operation("tasks", prepare)
