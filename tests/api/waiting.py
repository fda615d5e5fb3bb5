"""Waiting for what a worker does."""

from __future__ import annotations

import time
from collections.abc import Callable

TIMEOUT_S = 60


def wait_until(is_done: Callable[[], bool], what: str) -> None:
    """Return as soon as `is_done`; fail when it does not happen at all."""
    deadline = time.monotonic() + TIMEOUT_S
    while not is_done():
        assert time.monotonic() < deadline, f"{what} does not happen"
        time.sleep(0.05)
