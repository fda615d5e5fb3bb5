"""Waiting for what the server does in the background, by looking at it again and again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

from fastlabel.exceptions import FastLabelException
from fastlabel.steps import Steps, blocking
from fastlabel.types import DatasetJob, Export, History

FIRST_POLL_S: Final = 0.1
POLL_GROWTH: Final = 1.5

Job = TypeVar("Job", History, Export, DatasetJob)


def until_completed(
    find: Callable[[], Steps[Job]],
    name: str,
    timeout_s: float | None,
    longest_poll_s: float,
    progress: Callable[[Job], object] | None = None,
) -> Steps[Job]:
    """Look at something, less and less often, until it is completed, and return it.

    Args:
        name: of it, for messages.
        progress: called each time it was looked at.

    Raises:
        FastLabelException: it failed or was canceled; the message says why.
        TimeoutError: it goes on still.
    """
    begun = time.monotonic()
    wait_s = FIRST_POLL_S
    while True:
        job = yield from find()
        if progress is not None:
            progress(job)
        if job["status"] == "completed":
            return job
        if job["status"] in ("failed", "canceled"):
            raise FastLabelException(f"{name} {reason(job)}")
        left_s = None if timeout_s is None else timeout_s - (time.monotonic() - begun)
        if left_s is not None and left_s <= 0:
            raise TimeoutError(f"{name} goes on after {timeout_s:g} s")
        yield from blocking(time.sleep, wait_s if left_s is None else min(wait_s, left_s))
        wait_s = min(longest_poll_s, wait_s * POLL_GROWTH)


def reason(job: History | Export | DatasetJob) -> str:
    """Say why something has come to nothing, or not yet."""
    states = {"failed": "failed", "canceled": "was canceled"}
    state = states.get(job["status"], f"is {job['status']}; wait for its end")
    message = f": {job['message']}" if job["message"] else ""
    return f"{state}{message}"
