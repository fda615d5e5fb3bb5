"""A job exists if and only if the transaction that asked for it was committed."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text, update

from fastlabel_server import jobs
from fastlabel_server.db import Database
from fastlabel_server.jobs.handlers import HANDLERS, imports
from fastlabel_server.tables import Job


def count(database: Database) -> tuple[int, int]:
    """Return how many jobs there are in our table and in the engine's."""
    table = "workflow_status" if database.is_sqlite else "dbos.workflow_status"
    with database.read() as session:
        ours = session.scalar(select(func.count()).select_from(Job)) or 0
        return ours, session.scalar(text(f"SELECT count(*) FROM {table}")) or 0


def test_a_transaction_that_is_rolled_back_enqueues_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as session:
        jobs.enqueue(session, "numbers", {}, queue="io")
        _ = 1 / 0
    assert count(database) == (0, 0)


def test_a_committed_job_waits_in_both_tables(database: Database) -> None:
    with database.write() as session:
        job_id = jobs.enqueue(session, "numbers", {"count": 1}, queue="io")
    assert count(database) == (1, 1)
    with database.read() as session:
        job = session.get_one(Job, job_id)
    assert (job.status, job.payload, job.done, job.total) == ("pending", {"count": 1}, 0, None)


@pytest.mark.parametrize("status", ["pending", "running"])
def test_a_key_has_one_job_until_it_ends(database: Database, status: str) -> None:
    with database.write() as session:
        first = jobs.enqueue(session, "numbers", {}, queue="io", unique="tidy")
    with database.write() as session:
        session.execute(update(Job).values(status=status))
    with database.write() as session:
        assert jobs.enqueue(session, "numbers", {}, queue="io", unique="tidy") == first
        assert jobs.enqueue(session, "numbers", {}, queue="io", unique="other") != first
        assert jobs.enqueue(session, "numbers", {}, queue="io") != first
    assert count(database) == (3, 3)
    with database.write() as session:
        session.execute(update(Job).where(Job.id == first).values(status="failed"))
        assert jobs.enqueue(session, "numbers", {}, queue="io", unique="tidy") != first


def test_jobs_that_are_loaded_late_wait_in_the_queue_they_name() -> None:
    late = {kind: HANDLERS[kind].queue for kind in imports.HANDLERS}
    assert late == {kind: handler.queue for kind, handler in imports.HANDLERS.items()}
