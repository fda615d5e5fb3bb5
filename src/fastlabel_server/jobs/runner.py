"""Runs one job, chunk after chunk.

A job is a DBOS workflow whose only steps are its chunk transactions. After a crash the
workflow starts over: DBOS answers the transactions that were committed from its record, and
`Job.steps`, written in those same transactions, tells how many they are, so that the slow
`prepare` of a finished chunk is not done again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypedDict, TypeVar

import structlog
from dbos import SQLAlchemyDatasource
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from fastlabel_server.jobs import engine
from fastlabel_server.jobs.enqueue import ACTIVE_STATES, end
from fastlabel_server.jobs.handler import Context, Cursor, Handler, JobError, Payload, Step
from fastlabel_server.tables import Job

MAX_ATTEMPTS = 10
"""Starts and failures without a chunk done in between."""
LONGEST_WAIT_S = 30.0

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Outcome(TypedDict):
    """What a chunk's transaction decided; recorded by DBOS, hence JSON."""

    goes_on: bool
    failed: bool
    cursor: Cursor


STOP = Outcome(goes_on=False, failed=False, cursor=None)


@dataclass(frozen=True)
class Started:
    """A job as it was when this run of it began."""

    id: str
    kind: str
    payload: Payload
    steps: int
    attempts: int


@dataclass(frozen=True)
class Failure:
    reason: str
    is_final: bool

    @classmethod
    def of(cls, error: Exception) -> Failure:
        if isinstance(error, JobError):
            return cls(str(error), is_final=True)
        return cls(f"{type(error).__name__}: {error}", is_final=False)


class Runner:
    """Runs jobs in the threads that DBOS calls `run` in."""

    def __init__(
        self,
        context: Context,
        datasource: SQLAlchemyDatasource,
        handlers: Mapping[str, Handler],
    ) -> None:
        self._context = context
        self._database = context.database
        self._datasource = datasource
        self._handlers = handlers
        self._stopping = threading.Event()
        self._idle = threading.Condition()
        self._working = 0

    def run(self, job_id: str) -> None:
        """Run a job to its end. What goes wrong ends up in its row, not in an exception."""
        with self._counted():
            try:
                self._run(job_id)
            except Exception as error:
                log.exception("job failed", job=job_id)
                reason = Failure.of(error).reason
                self._patiently(lambda: self._fail(job_id, reason))

    def stop(self, grace_s: float) -> bool:
        """Begin no further chunk; wait for the current ones; tell whether they are done."""
        self._stopping.set()
        with self._idle:
            return self._idle.wait_for(lambda: self._working == 0, grace_s)

    def _run(self, job_id: str) -> None:
        job = self._patiently(lambda: self._start(job_id))
        if job is None:
            return
        handler = self._handlers.get(job.kind)
        if handler is None:
            known = ", ".join(sorted(self._handlers))
            raise JobError(f"{job.kind}: no such kind of job; this worker knows {known}")
        cursor: Cursor = None
        attempts = job.attempts
        step = 0
        while True:
            self._park_if_stopping()
            prepared, failure = None, None
            is_recorded = step < job.steps
            if not is_recorded:
                if not self._patiently(lambda: self._is_running(job_id)):
                    return
                context = replace(self._context, attempt=attempts)
                try:
                    prepared = handler.prepare(context, job.payload, cursor)
                except Exception as error:
                    log.warning("job could not prepare a chunk", job=job_id, exc_info=True)
                    failure = Failure.of(error)
            outcome = engine.transact(
                self._datasource, self._chunk, job, handler, prepared, failure
            )
            step += 1
            if not outcome["goes_on"]:
                return
            if not outcome["failed"]:
                cursor = outcome["cursor"]
            if is_recorded:
                continue
            if outcome["failed"]:
                self._stopping.wait(min(LONGEST_WAIT_S, 0.25 * 2**attempts))
                attempts += 1
            else:
                attempts = 1

    def _start(self, job_id: str) -> Started | None:
        """Count a start; None when the job has ended or had too many."""
        with self._database.write() as session:
            row = session.execute(
                update(Job)
                .where(Job.id == job_id, Job.status.in_(ACTIVE_STATES))
                .values(status="running", attempts=Job.attempts + 1)
                .returning(Job.kind, Job.payload, Job.steps, Job.attempts, Job.message)
                .execution_options(synchronize_session=False)
            ).one_or_none()
            if row is None:
                return None
            if row.attempts > MAX_ATTEMPTS:
                last = row.message or "its worker ended each time"
                message = f"gave up after {MAX_ATTEMPTS} starts: {last}"
                self._end(session, job_id, "failed", message)
                return None
            return Started(job_id, row.kind, row.payload, row.steps, row.attempts)

    def _is_running(self, job_id: str) -> bool:
        with self._database.read() as session:
            return session.scalar(select(Job.status).where(Job.id == job_id)) == "running"

    def _chunk(
        self, job: Started, handler: Handler, prepared: Any, failure: Failure | None
    ) -> Outcome:
        """Apply a chunk and note its progress, or note its failure; in DBOS's transaction."""
        session = self._datasource.sql_session()
        # First of all a write: it takes SQLite's lock, so that nothing read below is stale,
        # and on PostgreSQL the row's, so that a cancel comes either before or after.
        if not _update(session, job.id, steps=Job.steps + 1):
            return STOP
        if failure is None:
            applied = self._apply(session, job, handler, prepared)
            if isinstance(applied, Step):
                return self._note_progress(session, job.id, applied)
            failure = applied
        return self._note_failure(session, job.id, failure)

    def _apply(
        self, session: Session, job: Started, handler: Handler, prepared: Any
    ) -> Step | Failure:
        try:
            with session.begin_nested():
                return handler.apply(session, job.payload, prepared)
        except OperationalError:
            # Locks, deadlocks, lost connections: DBOS makes the whole transaction again.
            raise
        except Exception as error:
            log.warning("job could not apply a chunk", job=job.id, exc_info=True)
            return Failure.of(error)

    def _fail(self, job_id: str, reason: str) -> None:
        with self._database.write() as session:
            self._end(session, job_id, "failed", reason)

    def _note_progress(self, session: Session, job_id: str, step: Step) -> Outcome:
        progress = {"done": step.done, "total": step.total, "attempts": 1, "message": None}
        _update(session, job_id, **progress)
        if step.cursor is not None:
            return Outcome(goes_on=True, failed=False, cursor=step.cursor)
        self._end(session, job_id, "completed", None)
        return STOP

    def _note_failure(self, session: Session, job_id: str, failure: Failure) -> Outcome:
        attempts = session.scalar(select(Job.attempts).where(Job.id == job_id)) or 0
        if failure.is_final or attempts >= MAX_ATTEMPTS:
            self._end(session, job_id, "failed", failure.reason)
            return STOP
        _update(session, job_id, attempts=attempts + 1, message=failure.reason)
        return Outcome(goes_on=True, failed=True, cursor=None)

    def _end(self, session: Session, job_id: str, status: str, message: str | None) -> None:
        """End a running job, and whatever its handler has end with it."""
        end(session, self._handlers, job_id, ("running",), status, message)

    def _patiently(self, action: Callable[[], T]) -> T:
        """Do it until the database answers."""
        wait_s = 0.1
        while True:
            try:
                return action()
            except OperationalError as error:
                log.warning("database does not answer", error=str(error), wait_s=wait_s)
                time.sleep(wait_s)
                wait_s = min(LONGEST_WAIT_S, wait_s * 2)

    def _park_if_stopping(self) -> None:
        """Hold the job where it is: another worker goes on from here when this process ends.

        To return or raise would end the workflow.
        """
        if self._stopping.is_set():
            with self._idle:
                self._working -= 1
                self._idle.notify_all()
            threading.Event().wait()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._idle:
            self._working += 1
        self._park_if_stopping()
        try:
            yield
        finally:
            with self._idle:
                self._working -= 1
                self._idle.notify_all()


def _update(session: Session, job_id: str, **values: Any) -> bool:
    """Change a running job; False when it no longer runs."""
    changed = session.scalar(
        update(Job)
        .where(Job.id == job_id, Job.status == "running")
        .values(**values)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    return changed is not None
