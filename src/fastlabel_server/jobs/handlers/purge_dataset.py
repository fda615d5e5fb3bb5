"""`purge_dataset`: what a deleted dataset leaves: tasks registered from it, objects, itself."""

from __future__ import annotations

from typing import Any, Final, TypedDict

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from fastlabel_server.jobs.handler import Handler, Payload, Step
from fastlabel_server.tables import (
    Dataset,
    DatasetFile,
    DatasetLabels,
    DatasetObject,
    DatasetPush,
    DatasetState,
    Task,
    TaskSource,
)
from fastlabel_server.tasks import queries

TASKS: Final = 100
ROWS: Final = 5000
"""Per chunk."""


class Cursor(TypedDict):
    done: int
    total: int


def apply(session: Session, payload: Payload, cursor: Cursor | None) -> Step:
    """Delete the next rows; blobs are left to the sweep."""
    number = payload["dataset"]
    if cursor is None:
        total = session.scalar(select(func.count()).where(DatasetObject.dataset_number == number))
        cursor = Cursor(done=0, total=total or 0)
    for remove in (_tasks, _objects, _files, _labels):
        if removed := remove(session, number):
            done = cursor["done"] + (removed if remove is _objects else 0)
            return Step(Cursor(done=done, total=cursor["total"]), done, cursor["total"])
    session.execute(delete(DatasetPush).where(DatasetPush.dataset_number == number))
    session.execute(
        delete(Dataset).where(Dataset.number == number, Dataset.deleted_at.is_not(None))
    )
    return Step(None, cursor["done"], cursor["total"])


def _tasks(session: Session, number: int) -> int:
    rows = session.scalars(
        select(Task)
        .join(TaskSource, TaskSource.task_id == Task.id)
        .where(TaskSource.dataset_number == number)
        .order_by(Task.project_id, Task.seq)
        .limit(TASKS)
    ).all()
    for task in rows:
        queries.delete_task(session, task)
    return len(rows)


def _objects(session: Session, number: int) -> int:
    """Delete objects with all their states."""
    seqs = (
        select(DatasetObject.seq)
        .where(DatasetObject.dataset_number == number)
        .order_by(DatasetObject.seq)
        .limit(ROWS)
    )
    found = session.scalars(seqs).all()
    if found:
        for table in (DatasetState, DatasetObject):
            _delete(session, table, table.dataset_number == number, table.seq <= found[-1])
    return len(found)


def _files(session: Session, number: int) -> int:
    return _by_key(session, DatasetFile, number)


def _labels(session: Session, number: int) -> int:
    return _by_key(session, DatasetLabels, number)


def _by_key(session: Session, table: Any, number: int) -> int:
    keys = session.scalars(
        select(table.key).where(table.dataset_number == number).order_by(table.key).limit(ROWS)
    ).all()
    if keys:
        _delete(session, table, table.dataset_number == number, table.key <= keys[-1])
    return len(keys)


def _delete(session: Session, table: Any, *conditions: Any) -> None:
    session.execute(
        delete(table).where(*conditions), execution_options={"synchronize_session": False}
    )


HANDLER = Handler("io", apply=apply)
