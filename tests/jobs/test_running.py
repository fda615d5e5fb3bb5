"""Jobs run exactly once, whatever happens to the workers."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, func, select, text, update
from sqlalchemy.exc import OperationalError

from fastlabel_server import jobs
from fastlabel_server.db import Database
from fastlabel_server.jobs.handlers import HANDLERS
from fastlabel_server.jobs.runner import MAX_ATTEMPTS
from fastlabel_server.tables import Job, Worker
from jobs.worker_process import KINDS
from jobs.workers import WorkerProcess, find_job, numbers_written, wait_for, wait_for_end

pytestmark = pytest.mark.slow

StartWorker = Callable[..., WorkerProcess]


def enqueue_numbers(
    database: Database, count: int, *, chunk: int = 10, pause_s: float = 0.02
) -> str:
    with database.write() as session:
        return jobs.enqueue(
            session, "numbers", {"count": count, "chunk": chunk, "pause_s": pause_s}, queue="io"
        )


def enqueue(database: Database, kind: str) -> str:
    with database.write() as session:
        return jobs.enqueue(session, kind, {}, queue="io")


def test_a_job_is_done_in_chunks_and_its_row_says_so(
    database: Database, start_worker: StartWorker
) -> None:
    job_id = enqueue_numbers(database, 25)
    start_worker()
    job = wait_for_end(database, job_id)
    assert (job.status, job.done, job.total, job.message) == ("completed", 25, 25, None)
    assert job.finished_at is not None
    assert numbers_written(database) == list(range(25))


@pytest.mark.slow
def test_a_job_survives_kills_of_its_worker_at_any_moment(
    database: Database, start_worker: StartWorker
) -> None:
    moments = random.Random(20)
    job_id = enqueue_numbers(database, 2_000, pause_s=0.03)
    worker = start_worker()
    for _ in range(6):
        before = find_job(database, job_id).done
        wait_for(lambda: find_job(database, job_id).done > before, "progress")  # noqa: B023
        time.sleep(moments.uniform(0, 0.3))
        worker.kill()
        assert find_job(database, job_id).status == "running"
        worker = start_worker()
    job = wait_for_end(database, job_id)
    assert (job.status, job.done) == ("completed", 2_000)
    assert numbers_written(database) == list(range(2_000))


def test_a_living_worker_takes_over_from_a_killed_one(
    database: Database, start_worker: StartWorker
) -> None:
    workers = {worker.pid: worker for worker in (start_worker(), start_worker())}
    wait_for(lambda: count_workers(database) == 2, "both workers")
    job_id = enqueue_numbers(database, 400)
    wait_for(lambda: find_job(database, job_id).done > 0, "progress")
    (pid,) = pids_of_writers(database)
    workers[pid].kill()
    job = wait_for_end(database, job_id)
    assert job.status == "completed"
    assert numbers_written(database) == list(range(400))
    assert pids_of_writers(database) == set(workers)


def test_a_worker_that_was_frozen_cannot_write_beside_its_successor(
    database: Database, start_worker: StartWorker
) -> None:
    job_id = enqueue_numbers(database, 300, pause_s=0.05)
    first = start_worker()
    wait_for(lambda: find_job(database, job_id).done > 0, "progress")
    # Between two chunks rather than inside one, whose locks everybody would wait for.
    wait_for(lambda: freeze_outside_transaction(database, first), "a moment to freeze it")
    frozen_at = find_job(database, job_id).done
    start_worker()
    wait_for(lambda: find_job(database, job_id).done > frozen_at, "progress of the successor")
    first.thaw()
    assert wait_for_end(database, job_id).status == "completed"
    assert numbers_written(database) == list(range(300))


def freeze_outside_transaction(database: Database, worker: WorkerProcess) -> bool:
    """Stop the process, unless it holds locks: let it go on, and return False."""
    worker.freeze()
    # What it had already sent is worked on even now, and may take locks.
    time.sleep(0.2)
    impatient = {"timeout": 0.2} if database.is_sqlite else {"options": "-c lock_timeout=200"}
    engine = create_engine(database.url, connect_args=impatient)
    status_table = "workflow_status" if database.is_sqlite else "dbos.workflow_status"
    try:
        with engine.begin() as connection:
            for change in (
                "job SET status = status",
                "worker SET seen_at = seen_at",
                "reaper SET seen_at = seen_at",
                f"{status_table} SET status = status",
            ):
                connection.execute(text(f"UPDATE {change}"))
    except OperationalError:
        worker.thaw()
        return False
    finally:
        engine.dispose()
    return True


def test_a_canceled_job_stops_at_its_next_chunk(
    database: Database, start_worker: StartWorker
) -> None:
    job_id = enqueue_numbers(database, 10_000)
    worker = start_worker()
    wait_for(lambda: find_job(database, job_id).done > 0, "progress")
    with database.write() as session:
        assert jobs.cancel(session, job_id)
    done = find_job(database, job_id).done
    assert numbers_written(database) == list(range(done))
    later = enqueue_numbers(database, 10)
    assert wait_for_end(database, later).status == "completed"
    assert worker.stop() == 0
    canceled = find_job(database, job_id)
    assert (canceled.status, canceled.done) == ("canceled", done)


def test_a_job_canceled_before_it_starts_does_nothing(
    database: Database, start_worker: StartWorker
) -> None:
    job_id = enqueue_numbers(database, 10)
    with database.write() as session:
        assert jobs.cancel(session, job_id)
        assert not jobs.cancel(session, job_id)
    later = enqueue(database, "flaky")
    start_worker()
    wait_for_end(database, later)
    assert find_job(database, job_id).status == "canceled"
    assert 0 not in numbers_written(database)


def test_a_hopeless_job_fails_at_once_and_says_why(
    database: Database, start_worker: StartWorker
) -> None:
    job_id = enqueue(database, "hopeless")
    start_worker()
    job = wait_for_end(database, job_id)
    assert (job.status, job.message) == ("failed", "archive.zip: not a ZIP file")


def test_what_follows_a_job_ends_with_it_however_that_comes(
    database: Database, start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    gave_up = "gave up after 10 starts: its worker ended each time"
    ends = [
        ["completed", None],
        ["failed", "there is nothing to do"],
        ["failed", gave_up],
        ["canceled", None],
    ]
    with database.write() as session:
        succeeding, failing, fatal, unwanted = (
            jobs.enqueue(session, "followed", {"succeeds": succeeds, "ends": ends}, queue="io")
            for succeeds in (True, False, True, True)
        )
        session.execute(update(Job).where(Job.id == fatal).values(attempts=MAX_ATTEMPTS))
    monkeypatch.setitem(HANDLERS, "followed", KINDS["followed"])
    with database.write() as session:
        assert jobs.cancel(session, unwanted)
        assert not jobs.cancel(session, unwanted)
    start_worker()
    for job_id in (succeeding, failing, fatal):
        wait_for_end(database, job_id)
    assert find_job(database, fatal).message == gave_up
    assert numbers_written(database) == [0, 1, 2, 3]


def test_a_chunk_that_fails_leaves_nothing_and_is_tried_again(
    database: Database, start_worker: StartWorker
) -> None:
    job_id = enqueue(database, "flaky")
    start_worker()
    job = wait_for_end(database, job_id)
    assert (job.status, job.message) == ("completed", None)
    assert numbers_written(database) == [2]


def test_a_job_that_ends_its_worker_each_time_is_given_up(
    database: Database, start_worker: StartWorker
) -> None:
    job_id = enqueue(database, "deadly")
    with database.write() as session:
        session.execute(update(Job).values(attempts=MAX_ATTEMPTS - 1))
    last_but_one = start_worker()
    wait_for(lambda: not last_but_one.is_running, "the end of the worker")
    start_worker()
    job = wait_for_end(database, job_id)
    assert job.status == "failed"
    assert job.message == "gave up after 10 starts: its worker ended each time"


def test_a_chunk_is_told_how_often_it_was_begun(
    database: Database, start_worker: StartWorker
) -> None:
    job_id = enqueue(database, "fragile")
    for _ in range(2):
        worker = start_worker()
        wait_for(lambda: not worker.is_running, "the end of the worker")  # noqa: B023
        assert find_job(database, job_id).done == 1
    start_worker()
    assert wait_for_end(database, job_id).status == "completed"


def test_a_kind_that_the_worker_does_not_know_fails(
    database: Database, start_worker: StartWorker
) -> None:
    job_id = enqueue(database, "unheard-of")
    start_worker()
    job = wait_for_end(database, job_id)
    assert job.status == "failed"
    assert job.message is not None
    assert job.message.startswith("unheard-of: no such kind of job")


def test_a_worker_told_to_stop_hands_its_job_on_without_waiting_for_the_lease(
    database: Database, start_worker: StartWorker
) -> None:
    job_id = enqueue_numbers(database, 300)
    first = start_worker()
    wait_for(lambda: find_job(database, job_id).done > 0, "progress")
    assert first.stop() == 0
    assert count_workers(database) == 0
    assert find_job(database, job_id).status == "running"
    start_worker()
    assert wait_for_end(database, job_id).status == "completed"
    assert numbers_written(database) == list(range(300))


def test_a_worker_told_to_stop_in_a_burst_ends(
    database: Database, start_worker: StartWorker
) -> None:
    """The death of a parent is told once for each of its threads."""
    worker = start_worker()
    wait_for(lambda: count_workers(database) == 1, "its start")
    assert worker.stop_in_a_burst() == 0
    assert count_workers(database) == 0


def test_records_of_the_engine_are_forgotten_and_the_jobs_of_users_are_not(
    database: Database, start_worker: StartWorker
) -> None:
    job_id = enqueue_numbers(database, 10)
    first = start_worker()
    wait_for_end(database, job_id)
    wait_for(lambda: jobs_of(database, "sweep", "completed"), "the first sweep")
    first_sweep = jobs_of(database, "sweep", "completed")
    # The engine notes the end of a job after the job's own transaction.
    wait_for(lambda: {job_id, *first_sweep} <= records(database, "SUCCESS"), "the engine's note")
    first.stop()
    start_worker("0")
    wait_for(lambda: not records(database) & {job_id, *first_sweep}, "the records to go")
    wait_for(lambda: not jobs_of(database, "sweep", "completed") & first_sweep, "its row to go")
    assert find_job(database, job_id).status == "completed"


def records(database: Database, status: str = "%") -> set[str]:
    table = "workflow_status" if database.is_sqlite else "dbos.workflow_status"
    query = text(f"SELECT workflow_uuid FROM {table} WHERE status LIKE :status")
    with database.read() as session:
        return set(session.scalars(query, {"status": status}))


def jobs_of(database: Database, kind: str, status: str) -> set[str]:
    with database.read() as session:
        return set(session.scalars(select(Job.id).where(Job.kind == kind, Job.status == status)))


def pids_of_writers(database: Database) -> set[int]:
    with database.read() as session:
        return set(session.scalars(text("SELECT DISTINCT pid FROM number_written")))


def count_workers(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Worker)) or 0
