"""Databases with tables, and workers on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from fastlabel_server import jobs
from fastlabel_server.db import Database
from fastlabel_server.settings import Settings
from fastlabel_server.tables import Base
from jobs.workers import WorkerProcess
from postgres import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings with a migrated database and leases that expire quickly."""
    base = Settings(data_dir=tmp_path, heartbeat_interval=0.3, lease_timeout=1.5)
    if request.param == "sqlite":
        _create_tables(base)
        yield base
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as url:
        on_server = replace(base, database_url=url)
        _create_tables(on_server)
        yield on_server


def _create_tables(settings: Settings) -> None:
    database = Database(settings.database)
    Base.metadata.create_all(database.writer)
    with database.write() as session:
        session.execute(text("CREATE TABLE number_written (value INTEGER, pid INTEGER)"))
    database.close()
    jobs.migrate(settings)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database)
    yield database
    database.close()


@pytest.fixture
def start_worker(settings: Settings, tmp_path: Path) -> Iterator[Callable[..., WorkerProcess]]:
    started: list[WorkerProcess] = []

    def start(*arguments: str) -> WorkerProcess:
        process = WorkerProcess(settings, tmp_path / "worker.log", *arguments)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
    # Shown by pytest when the test fails.
    print((tmp_path / "worker.log").read_text())
