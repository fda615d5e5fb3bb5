"""`purge_project`: what a deleted project leaves, task by task and last the project itself."""

from __future__ import annotations

from typing import Final, TypedDict

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from fastlabel_server.jobs.handler import Handler, Payload, Step
from fastlabel_server.tables import Project, Task

TASKS: Final = 100
"""Per chunk: with their contents, revisions and counters, some thousand rows."""


class Cursor(TypedDict):
    done: int
    total: int


def apply(session: Session, payload: Payload, cursor: Cursor | None) -> Step:
    """Delete the first tasks of the project; their blobs are left to the sweep."""
    project_id = payload["projectId"]
    if cursor is None:
        total = session.scalar(select(func.count()).where(Task.project_id == project_id)) or 0
        cursor = Cursor(done=0, total=total)
    ids = session.scalars(
        select(Task.id).where(Task.project_id == project_id).order_by(Task.seq).limit(TASKS)
    ).all()
    if not ids:
        session.execute(
            delete(Project).where(Project.id == project_id, Project.deleted_at.is_not(None))
        )
        return Step(cursor=None, done=cursor["done"], total=cursor["total"])
    session.execute(
        delete(Task).where(Task.id.in_(ids)), execution_options={"synchronize_session": False}
    )
    done = cursor["done"] + len(ids)
    return Step(Cursor(done=done, total=cursor["total"]), done, cursor["total"])


HANDLER = Handler("io", apply=apply)
