"""`show_labels`: renews the texts of tasks whose classes changed since they were made.

Until then such tasks are rendered when they are read, which is right and slower.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from fastlabel.modalities import TASK_KINDS
from fastlabel_server.annotations.catalog import catalog_of
from fastlabel_server.jobs.handler import Handler, Payload, Step
from fastlabel_server.tables import Task

TASKS: Final = 200


def apply(session: Session, payload: Payload, done: int | None) -> Step:
    """Renew the next outdated texts of the project."""
    project_id = payload["projectId"]
    catalog = catalog_of(session, project_id)
    tasks = session.execute(
        select(Task.id, Task.kind, Task.annotations)
        .where(
            Task.project_id == project_id,
            or_(Task.shown_stamp.is_(None), Task.shown_stamp != catalog.stamp),
        )
        .order_by(Task.id)
        .limit(TASKS)
        .with_for_update()
    ).all()
    for task in tasks:
        session.execute(
            update(Task)
            .where(Task.id == task.id)
            .values(
                shown=catalog.text(TASK_KINDS[task.kind], task.annotations),
                shown_stamp=catalog.stamp,
                updated_at=Task.updated_at,
            )
            .execution_options(synchronize_session=False)
        )
    total = (done or 0) + len(tasks)
    return Step(cursor=total if len(tasks) == TASKS else None, done=total)


HANDLER = Handler("io", apply=apply)
