"""One reaper at a time, and no worker is dead that is not."""

from __future__ import annotations

import time

from sqlalchemy import select

from fastlabel_server.db import Database
from fastlabel_server.jobs import lease
from fastlabel_server.tables import Reaper, Worker

LONG_S = 1000.0


def beat(database: Database, worker: str, timeout_s: float = LONG_S) -> bool:
    with database.write() as session:
        return lease.beat(session, worker, ["io"], timeout_s)


def alive(database: Database, timeout_s: float = LONG_S) -> set[str]:
    with database.write() as session:
        return lease.bury_dead(session, timeout_s)


def test_the_first_worker_is_the_reaper_and_stays_it(database: Database) -> None:
    assert beat(database, "a")
    assert not beat(database, "b")
    assert beat(database, "a")
    assert alive(database) == {"a", "b"}


def test_a_reaper_that_is_not_seen_any_more_is_replaced(database: Database) -> None:
    beat(database, "a")
    time.sleep(0.02)
    assert beat(database, "b", timeout_s=0.01)
    assert not beat(database, "a")


def test_workers_that_are_not_seen_any_more_are_dead(database: Database) -> None:
    beat(database, "a")
    time.sleep(0.3)
    beat(database, "b")
    assert alive(database, timeout_s=0.2) == {"b"}


def test_a_worker_that_comes_back_after_its_burial_is_alive_again(database: Database) -> None:
    beat(database, "a")
    time.sleep(0.02)
    assert alive(database, timeout_s=0.01) == set()
    beat(database, "a")
    assert alive(database) == {"a"}


def test_a_worker_that_leaves_gives_its_leases_back(database: Database) -> None:
    beat(database, "a")
    beat(database, "b")
    with database.write() as session:
        lease.release(session, "a")
    assert alive(database) == {"b"}
    assert beat(database, "b")


def test_times_are_milliseconds_of_the_database(database: Database) -> None:
    before_ms = time.time() * 1000
    beat(database, "a")
    with database.read() as session:
        worker = session.scalars(select(Worker)).one()
        reaper = session.scalars(select(Reaper)).one()
    for moment_ms in (worker.started_at, worker.seen_at, reaper.seen_at):
        # The database runs on this machine; SQLite's Julian days are exact to a millisecond.
        assert before_ms - 2 <= moment_ms <= time.time() * 1000 + 2
