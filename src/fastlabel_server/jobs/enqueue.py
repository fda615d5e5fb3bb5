"""Jobs enter and are taken back here, in the transaction of whoever asks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fastlabel_server.jobs.handler import Handler
from fastlabel_server.jobs.handlers import HANDLERS
from fastlabel_server.tables import Job, new_id, now_ms
from fastlabel_server.tables.job import ACTIVE

ACTIVE_STATES = ("pending", "running")


def enqueue(
    session: Session,
    kind: str,
    payload: Mapping[str, Any],
    *,
    requested_by: str | None = None,
    unique: str | None = None,
    queue: str | None = None,
    job_id: str | None = None,
) -> str:
    """Put a job in its queue when the session's transaction is committed; return its id.

    Args:
        payload: JSON that its handler understands.
        unique: while a job with this key waits or runs, no second one is made: its id is
            returned instead.
        queue: another than that of its kind; for kinds that are not in `HANDLERS`.
        job_id: of a row that stands for the job elsewhere, and so finds it again.
    """
    job = {
        "id": job_id or new_id(),
        "kind": kind,
        "queue": queue or HANDLERS[kind].queue,
        "payload": dict(payload),
        "unique_key": unique,
        "requested_by": requested_by,
    }
    while session.scalar(_insert_if_unique(session, job)) is None:
        active = session.scalar(
            select(Job.id).where(Job.unique_key == unique, Job.status.in_(ACTIVE_STATES))
        )
        # None: the other one has ended between the two statements.
        if active is not None:
            return active

    # Imported here: the import costs a second of CPU, and most requests enqueue nothing.
    from fastlabel_server.jobs import engine

    engine.enqueue(session, str(job["id"]), str(job["queue"]))
    return str(job["id"])


def cancel(session: Session, job_id: str) -> bool:
    """Stop a job before its next chunk; False when it has ended or does not exist."""
    return end(session, HANDLERS, job_id, ACTIVE_STATES, "canceled", None)


def end(
    session: Session,
    handlers: Mapping[str, Handler],
    job_id: str,
    states: Collection[str],
    status: str,
    message: str | None,
) -> bool:
    """End a job that is in one of `states`, and let its handler follow; False if it is not."""
    job = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.status.in_(states))
        .values(status=status, message=message, finished_at=now_ms())
        .returning(Job.kind, Job.payload)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if job is None:
        return False
    if job.kind in handlers:
        handlers[job.kind].on_end(session, job.payload, status, message)
    return True


def warm_up() -> None:
    """Pay now for what the first `enqueue` of a process would otherwise wait for."""
    from fastlabel_server.jobs import engine  # noqa: F401 - the import is the point


def _insert_if_unique(session: Session, job: Mapping[str, Any]) -> Insert:
    if session.get_bind().dialect.name == "sqlite":
        return (
            sqlite.insert(Job)
            .values(**job)
            .on_conflict_do_nothing(index_elements=[Job.unique_key], index_where=ACTIVE)
            .returning(Job.id)
        )
    return (
        postgresql.insert(Job)
        .values(**job)
        .on_conflict_do_nothing(index_elements=[Job.unique_key], index_where=ACTIVE)
        .returning(Job.id)
    )
