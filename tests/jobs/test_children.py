"""Workers live as long as the server that started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from fastlabel_server.db import Database
from fastlabel_server.jobs.children import environment
from fastlabel_server.settings import Settings
from fastlabel_server.tables import Worker
from jobs.workers import PATIENCE_S, wait_for


@pytest.fixture
def serving(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("serving_process.py")],
        env={**os.environ, **environment(replace(settings, worker_count=2))},
    )
    yield process
    process.send_signal(signal.SIGTERM)
    process.wait(PATIENCE_S)


def worker_pids(database: Database) -> set[int]:
    with database.read() as session:
        return {int(worker_id.split(":")[1]) for worker_id in session.scalars(select(Worker.id))}


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
class TestChildren:
    def test_no_worker_outlives_a_server_that_is_killed(
        self, serving: subprocess.Popen[bytes], database: Database
    ) -> None:
        wait_for(lambda: len(worker_pids(database)) == 2, "two workers")
        pids = worker_pids(database)
        serving.kill()
        wait_for(lambda: not any(map(is_alive, pids)), "the end of the workers")

    def test_workers_end_with_a_server_that_stops(
        self, serving: subprocess.Popen[bytes], database: Database
    ) -> None:
        wait_for(lambda: len(worker_pids(database)) == 2, "two workers")
        pids = worker_pids(database)
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(PATIENCE_S) == 0
        assert not any(map(is_alive, pids))
        assert worker_pids(database) == set()

    def test_a_worker_that_dies_is_replaced(
        self, serving: subprocess.Popen[bytes], database: Database
    ) -> None:
        wait_for(lambda: len(worker_pids(database)) == 2, "two workers")
        before = worker_pids(database)
        victim = min(before)
        os.kill(victim, signal.SIGKILL)
        wait_for(lambda: len(worker_pids(database) - before) == 1, "a new worker")
        wait_for(lambda: victim not in worker_pids(database), "the burial of the dead one")


def test_settings_survive_the_way_through_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_dir=tmp_path, secret_key="s", lease_timeout=2.5, rate_limit=0)
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings.from_env() == settings
