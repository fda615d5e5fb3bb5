"""Tasks on their way out: pages, single tasks, counts, names, revisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends
from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel.modalities import TASK_KINDS, TaskKind
from fastlabel.types import ExternalStatus, TaskStatus
from fastlabel_server.access import find_project
from fastlabel_server.annotations.catalog import catalog_of
from fastlabel_server.calls import Call, Page
from fastlabel_server.paging import cursor_behind, read_cursor
from fastlabel_server.schemas import ProjectSlug, QueryTags, QueryText
from fastlabel_server.tables import Task, TaskRevision, User, iso_time
from fastlabel_server.tasks import labels, queries
from fastlabel_server.tasks.change import find_revision, find_task
from fastlabel_server.tasks.create import check_kind
from fastlabel_server.tasks.queries import TaskFilter
from fastlabel_server.tasks.render import COLUMNS, TaskRenderer, shown_relations


@dataclass(frozen=True)
class Wanted:
    """The filters of a list of tasks, as a request has them."""

    project: str
    status: str | None
    external_status: str | None
    tags: list[str]
    name: str | None

    def within(self, project_id: str) -> TaskFilter:
        return TaskFilter(
            project_id, self.status, self.external_status, tuple(self.tags), self.name
        )


def wanted(
    project: ProjectSlug,
    status: TaskStatus | None = None,
    externalStatus: ExternalStatus | None = None,  # noqa: N803 - the name of the query field
    tags: QueryTags = None,
    taskName: QueryText = None,  # noqa: N803
) -> Wanted:
    return Wanted(project, status, externalStatus, tags or [], taskName)


WantedTasks = Annotated[Wanted, Depends(wanted)]


def get(
    call: Call, kind: TaskKind, wanted: Wanted, offset: int, limit: int, cursor: str | None
) -> Page:
    """Return a page of tasks of one kind, oldest first."""
    access = find_project(call.session, call.caller, slug=wanted.project)
    check_kind(access, kind)
    tasks = wanted.within(access.project.id)
    if cursor is not None:
        after = read_cursor(cursor)
        rows = queries.page_after(tasks, COLUMNS, call.session, after, limit)
    else:
        rows = queries.page(tasks, COLUMNS, call.session, offset, limit)
    renderer = TaskRenderer(call.session, access.project.id, kind, call.urls)
    following = cursor_behind(rows[-1].seq) if len(rows) == limit else None
    return Page(renderer.tasks(rows), following)


def find(call: Call, kind: TaskKind, task_id: str) -> dict[str, Any]:
    """Return one task of a kind."""
    task, access = find_task(call.session, call.caller, task_id, kind=kind)
    rows = call.session.execute(select(*COLUMNS).where(Task.id == task.id)).all()
    return TaskRenderer(call.session, access.project.id, kind, call.urls).tasks(rows, parsed=True)[
        0
    ]


def count(call: Call, wanted: Wanted) -> int:
    access = find_project(call.session, call.caller, slug=wanted.project)
    return queries.count(call.session, wanted.within(access.project.id))


def id_name_map(call: Call, project: str, offset: int, limit: int) -> dict[str, str]:
    """Return the names of a page of tasks by their ids, in the order of creation."""
    access = find_project(call.session, call.caller, slug=project)
    columns = (Task.id, Task.name)
    rows = queries.page(TaskFilter(access.project.id), columns, call.session, offset, limit)
    return {row.id: row.name for row in rows}


def revisions(call: Call, task_id: str) -> list[dict[str, Any]]:
    """Return what the saves of a task's labels were, newest first, without the labels."""
    task, _ = find_task(call.session, call.caller, task_id)
    rows = call.session.execute(
        select(
            TaskRevision.revision,
            TaskRevision.via,
            TaskRevision.restored_from,
            TaskRevision.annotation_count,
            TaskRevision.created_at,
            User.name.label("author"),
        )
        .outerjoin(User, User.id == TaskRevision.author_id)
        .where(TaskRevision.task_id == task.id)
        .order_by(TaskRevision.revision.desc())
    )
    return [
        {
            "revision": row.revision,
            "via": row.via,
            "restoredFrom": row.restored_from,
            "annotationCount": row.annotation_count,
            "author": row.author,
            "createdAt": iso_time(row.created_at),
        }
        for row in rows
    ]


def revision(call: Call, task_id: str, number: int) -> dict[str, Any]:
    """Return one revision with its labels as they were, joined with the classes of today."""
    session = call.session
    task, access = find_task(session, call.caller, task_id)
    found = find_revision(session, task, number)
    kind = TASK_KINDS[task.kind]
    document = labels.document_of(found)
    shown: dict[str, Any] = {
        kind.labels: catalog_of(session, access.project.id).labels(kind, document["annotations"])
    }
    if kind.labels == "annotations":
        shown["relations"] = shown_relations(document["relations"], shown["annotations"])
    return {
        "revision": found.revision,
        "via": found.via,
        "restoredFrom": found.restored_from,
        "annotationCount": found.annotation_count,
        "author": _user_name(session, found.author_id),
        **shown,
        "createdAt": iso_time(found.created_at),
    }


def _user_name(session: Session, user_id: str | None) -> str | None:
    return session.scalar(select(User.name).where(User.id == user_id)) if user_id else None
