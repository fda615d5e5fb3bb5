"""Worker processes that tests may kill, and what can be seen of their work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from fastlabel_server.db import Database
from fastlabel_server.jobs.children import environment
from fastlabel_server.settings import Settings
from fastlabel_server.tables import Job

PATIENCE_S = 60
ENDED = ("completed", "failed", "canceled")


class WorkerProcess:
    """A worker of `worker_process.py`."""

    def __init__(self, settings: Settings, log_path: Path, *arguments: str) -> None:
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, Path(__file__).with_name("worker_process.py"), *arguments],
                env={**os.environ, **environment(settings)},
                stderr=log,
            )
        self.pid = self._process.pid

    def kill(self) -> None:
        """End it as the lack of memory or a crash would: nothing is told to anyone."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(PATIENCE_S)

    def stop_in_a_burst(self) -> int:
        """Send signals for as long as it runs."""
        deadline = time.monotonic() + PATIENCE_S
        while self.is_running and time.monotonic() < deadline:
            self._process.send_signal(signal.SIGTERM)
        return self._process.wait(0)

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S} s in vain for {what}"
        time.sleep(0.05)


def find_job(database: Database, job_id: str) -> Job:
    with database.read() as session:
        return session.get_one(Job, job_id)


def wait_for_end(database: Database, job_id: str) -> Job:
    wait_for(lambda: find_job(database, job_id).status in ENDED, f"the end of {job_id}")
    return find_job(database, job_id)


def numbers_written(database: Database) -> list[int]:
    with database.read() as session:
        return sorted(session.scalars(text("SELECT value FROM number_written")))
