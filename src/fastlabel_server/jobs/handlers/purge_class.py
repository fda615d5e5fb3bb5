"""`purge_class`: annotations of a deleted class are taken out of the tasks.

They are out of sight already, so the tasks show what they showed, and neither their revision
nor their time of change moves; older revisions stay as they were saved.
"""

from __future__ import annotations

from typing import Final, TypedDict

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from fastlabel_server.jobs.handler import Handler, Payload, Step
from fastlabel_server.tables import Task, TaskClass

TASKS: Final = 100


class Cursor(TypedDict):
    done: int
    total: int


def apply(session: Session, payload: Payload, cursor: Cursor | None) -> Step:
    """Clean the first tasks that still count annotations of the class."""
    class_id = payload["classId"]
    counted = TaskClass.class_id == class_id
    if cursor is None:
        total = session.scalar(select(func.count()).select_from(TaskClass).where(counted)) or 0
        cursor = Cursor(done=0, total=total)
    ids = session.scalars(
        select(TaskClass.task_id).where(counted).order_by(TaskClass.task_id).limit(TASKS)
    ).all()
    if not ids:
        return Step(cursor=None, done=cursor["done"], total=cursor["total"])
    # In one order everywhere, and locked: a save that runs at the same time comes first or after.
    tasks = session.scalars(
        select(Task).where(Task.id.in_(ids)).order_by(Task.id).with_for_update()
    ).all()
    for task in tasks:
        _clean(session, task, class_id)
    session.execute(delete(TaskClass).where(counted, TaskClass.task_id.in_(ids)))
    done = cursor["done"] + len(ids)
    return Step(Cursor(done=done, total=cursor["total"]), done, cursor["total"])


def _clean(session: Session, task: Task, class_id: str) -> None:
    kept = [annotation for annotation in task.annotations if annotation["classId"] != class_id]
    ids = {annotation["id"] for annotation in kept}
    relations = [
        relation
        for relation in task.relations
        if relation["startId"] in ids and relation["endId"] in ids
    ]
    session.execute(
        update(Task)
        .where(Task.id == task.id)
        .values(annotations=kept, relations=relations, updated_at=Task.updated_at)
        .execution_options(synchronize_session=False)
    )


HANDLER = Handler("io", apply=apply)
