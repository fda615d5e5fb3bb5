"""Statements over the tasks of an export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from fastlabel_server.annotations.catalog import Catalog
from fastlabel_server.exports.moments import to_ms
from fastlabel_server.tables import Content, Export, Task, TaskClass, TaskRevision
from fastlabel_server.tasks.queries import TaskFilter

_TIMES = {
    "createdAtFrom": Task.created_at.__ge__,
    "createdAtTo": Task.created_at.__lt__,
    "updatedAtFrom": Task.updated_at.__ge__,
    "updatedAtTo": Task.updated_at.__lt__,
}


@dataclass(frozen=True)
class Selected(TaskFilter):
    """The tasks of an export."""

    more: Sequence[ColumnElement[bool]] = ()
    """Conditions that task lists do not know."""

    @property
    def is_whole_project(self) -> bool:
        return False

    def conditions(self) -> list[ColumnElement[bool]]:
        return [*super().conditions(), *self.more]


def selected(export: Export, catalog: Catalog) -> Selected:
    """Return which tasks an export is about.

    Of an export of older labels, tasks without its classes are among them: which labels a task
    had is not known before its revision is read.
    """
    filters = export.filters
    more = [Task.seq <= export.last_seq]
    more += [compare(to_ms(filters[name])) for name, compare in _TIMES.items() if name in filters]
    if isinstance(export.revision, str):
        more.append(Task.created_at <= to_ms(export.revision))
    if "classes" in filters and export.revision is None:
        ids = [row.id for row in catalog.rows if row.value in filters["classes"]]
        counted = select(TaskClass.task_id).where(
            TaskClass.task_id == Task.id, TaskClass.class_id.in_(ids)
        )
        more.append(counted.exists())
    return Selected(
        export.project_id,
        filters.get("status"),
        filters.get("externalStatus"),
        tuple(filters.get("tags", ())),
        more=tuple(more),
    )


def documents_of(session: Session, task_ids: Sequence[str], revision: str | int) -> Sequence[Any]:
    """Return `task_id` and `document` of the newest revision of each task up to one.

    Args:
        revision: a time, or a number; tasks of fewer revisions have their newest.
    """
    until = (
        TaskRevision.created_at <= to_ms(revision)
        if isinstance(revision, str)
        else TaskRevision.revision <= revision
    )
    newest = (
        select(TaskRevision.task_id, func.max(TaskRevision.revision).label("revision"))
        .where(TaskRevision.task_id.in_(task_ids), until)
        .group_by(TaskRevision.task_id)
        .subquery()
    )
    return session.execute(
        select(TaskRevision.task_id, TaskRevision.document).join(
            newest,
            (TaskRevision.task_id == newest.c.task_id)
            & (TaskRevision.revision == newest.c.revision),
        )
    ).all()


def file_of(session: Session, task_id: str) -> str | None:
    """Return the id of a task's first file; None: it has none, or is gone."""
    return session.scalar(
        select(Content.id)
        .where(Content.task_id == task_id, Content.role == "content")
        .order_by(Content.position)
        .limit(1)
    )
