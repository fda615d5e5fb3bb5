"""Workers beside `serve`: started with it, restarted when they die, ended with it."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Final

import structlog

from fastlabel_server.settings import PREFIX, Settings

POLL_S: Final = 0.25
SHORTEST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 30.0
HEALTHY_AFTER_S: Final = 60.0
"""A worker that ran this long is restarted at once when it dies."""
STOP_TIMEOUT_S: Final = 15.0
PR_SET_PDEATHSIG: Final = 1
"""Source: linux/prctl.h."""

log = structlog.get_logger(__name__)


@contextmanager
def workers(settings: Settings) -> Iterator[None]:
    """Keep `settings.worker_count` worker processes running while the block runs."""
    stopping = threading.Event()
    # One thread starts all of them and lives as long as they do: the death signal that they
    # ask for comes when the thread that started them ends, not only with the process.
    keeper = threading.Thread(target=_keep, args=(settings, stopping), name="worker-keeper")
    keeper.start()
    try:
        yield
    finally:
        stopping.set()
        keeper.join()


def die_with(parent_pid: int) -> None:
    """Ask for SIGTERM when the parent dies, however it dies.

    Where the system cannot do that (it is a feature of Linux), a thread looks every second.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
            number = ctypes.get_errno()
            raise OSError(number, f"prctl: {os.strerror(number)}")
        # It may have died before the call.
        if os.getppid() != parent_pid:
            raise SystemExit(f"the parent process {parent_pid} is gone")
        return
    threading.Thread(target=_watch, args=(parent_pid,), daemon=True).start()


def _watch(parent_pid: int) -> None:
    while os.getppid() == parent_pid:
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGTERM)


@dataclass
class _Child:
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    wait_s: float = SHORTEST_WAIT_S


def _keep(settings: Settings, stopping: threading.Event) -> None:
    children = [_Child() for _ in range(settings.worker_count)]
    while not stopping.wait(POLL_S):
        for child in children:
            _tend(child, settings)
    running = [child.process for child in children if child.process is not None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + STOP_TIMEOUT_S
    for process in running:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("worker does not stop and is killed", pid=process.pid)
            process.kill()
            process.wait()


def _tend(child: _Child, settings: Settings) -> None:
    now = time.monotonic()
    if child.process is None:
        if now >= child.start_at:
            child.process, child.started_at = _start(settings), now
        return
    status = child.process.poll()
    if status is None:
        return
    if now - child.started_at >= HEALTHY_AFTER_S:
        child.wait_s = SHORTEST_WAIT_S
    log.warning("worker ended", pid=child.process.pid, status=status, restart_in_s=child.wait_s)
    child.process, child.start_at = None, now + child.wait_s
    child.wait_s = min(LONGEST_WAIT_S, child.wait_s * 2)


def _start(settings: Settings) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C reaches the server alone, which then ends its workers.
    return subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "fastlabel_server.jobs", "--parent", str(os.getpid())],
        env={**os.environ, **environment(settings)},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def environment(settings: Settings) -> dict[str, str]:
    """Write settings as the variables that `Settings.from_env` reads."""
    return {
        PREFIX + field.name.upper(): str(getattr(settings, field.name))
        for field in fields(settings)
    }
