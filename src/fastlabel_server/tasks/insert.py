"""The rows of new tasks: one or a hundred, in one short transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from fastlabel.modalities import TaskKind
from fastlabel_server.blobs import StoredBlob
from fastlabel_server.errors import NotFound
from fastlabel_server.tables import (
    Content,
    Project,
    Task,
    TaskAssignment,
    TaskClass,
    TaskRevision,
    TaskTag,
    new_id,
    now_ms,
)
from fastlabel_server.tasks import labels, queries, tagging
from fastlabel_server.tasks.files import NewContent
from fastlabel_server.tasks.labels import Labels
from fastlabel_server.tasks.schemas import TaskFields


@dataclass(frozen=True)
class PreparedTask:
    """A task that passed every check and whose files are stored."""

    name: str
    body: TaskFields
    labels: Labels
    people: dict[str, str | None]
    contents: Sequence[NewContent]
    source: NewContent | None = None
    """The archive that the contents were taken from."""
    relations: Sequence[dict[str, str]] = ()
    """Pairs of annotation ids, as tasks keep them."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What the task keeps beside the fields of its kind, and no answer shows."""
    id: str = field(default_factory=new_id)

    def files(self) -> Iterator[tuple[int, NewContent]]:
        """Yield all files with their positions; that of a source is -1."""
        if self.source is not None:
            yield -1, self.source
        yield from enumerate(self.contents)


def insert_all(
    session: Session,
    project: Project,
    author_id: str | None,
    kind: TaskKind,
    tasks: Sequence[PreparedTask],
    claim: Callable[[Sequence[StoredBlob]], None],
) -> dict[str, str]:
    """Insert tasks and return their ids by name; those whose name is taken are left out.

    `claim` is called in the transaction with the blobs of the tasks' files, before anything
    refers to them, and makes sure of their rows.

    Raises:
        NotFound: the project was deleted meanwhile.
    """
    first = queries.reserve_seqs(session, project.id, len(tasks))
    if first is None:
        raise NotFound(f"project: there is no project {project.slug!r}")
    # The project's row is locked from here on: no name can come in between.
    taken = taken_names(session, project.id, [task.name for task in tasks])
    new = [task for task in tasks if task.name not in taken]
    if not new:
        return {}
    seqs = range(first, first + len(new))
    queries.count_in(session, project.id, seqs)
    files = [content for task in new for _, content in task.files()]
    claim([content.blob for content in files if content.blob is not None])
    now = now_ms()
    rows = [
        _task_row(task, project.id, kind, seq, now) for task, seq in zip(new, seqs, strict=True)
    ]
    session.execute(insert(Task), rows)
    _insert_any(session, Content, [row for task in new for row in _content_rows(task)])
    revisions = [labels.revision_row(row, author_id, "create") for row in rows]
    session.execute(insert(TaskRevision), revisions)
    _insert_any(session, TaskClass, [count for row in rows for count in labels.count_rows(row)])
    _insert_any(session, TaskTag, _tag_rows(session, project.id, new))
    _insert_any(
        session,
        TaskAssignment,
        [
            {"task_id": task.id, "role": role, "user_id": user_id}
            for task in new
            for role, user_id in task.people.items()
            if user_id is not None
        ],
    )
    return {task.name: task.id for task in new}


def taken_names(session: Session, project_id: str, names: Sequence[str]) -> set[str]:
    """Return those of the names that tasks of the project have."""
    return set(
        session.scalars(
            select(Task.name).where(Task.project_id == project_id, Task.name.in_(names))
        )
    )


def _task_row(
    task: PreparedTask, project_id: str, kind: TaskKind, seq: int, now: int
) -> dict[str, Any]:
    body = task.body
    return {
        "id": task.id,
        "project_id": project_id,
        "seq": seq,
        "kind": kind.name,
        "name": task.name,
        "status": body.status or "registered",
        "external_status": body.external_status or "registered",
        "custom_status": body.custom_task_status,
        "priority": body.priority or 0,
        "revision": 1,
        "metadatas": body.metadata_entries(),
        "relations": list(task.relations),
        "extra": {**body.extra_of(kind), **task.extra},
        "annotations": task.labels.stored,
        "shown": task.labels.text,
        "shown_stamp": task.labels.stamp,
        "created_at": now,
        "updated_at": now,
    }


def _content_rows(task: PreparedTask) -> list[dict[str, Any]]:
    return [
        {
            "task_id": task.id,
            "position": position,
            "name": content.name,
            "role": "content" if position >= 0 else "source",
            "blob_sha256": content.blob.sha256 if content.blob else None,
            "bucket_kind": content.bucket_kind,
            "bucket_path": content.name if content.bucket_kind else None,
            "media_type": content.measured.media_type,
            "size": content.size,
            "media": content.measured.media,
        }
        for position, content in task.files()
    ]


def _tag_rows(
    session: Session, project_id: str, tasks: Sequence[PreparedTask]
) -> list[dict[str, Any]]:
    names = [name for task in tasks for name in task.body.tags or []]
    if not names:
        return []
    ids = tagging.tag_ids(session, project_id, names)
    return [
        {"task_id": task.id, "tag_id": ids[name], "position": position}
        for task in tasks
        for position, name in enumerate(dict.fromkeys(task.body.tags or []))
    ]


def _insert_any(session: Session, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(table), rows)
