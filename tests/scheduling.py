"""Encoders that take more of the machine than they were given."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def same_scheduling() -> Iterator[None]:
    """Leave the block with the scheduling it was entered with.

    Run by root, SVT-AV1 makes the thread that starts it a real-time one of the highest
    priority. All later children inherit that, and one that spins stops the machine:
    fake-gcs-server did, for an hour.
    """
    if not hasattr(os, "sched_setscheduler"):  # on macOS, where it cannot happen either
        yield
        return
    policy, parameter = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, parameter)
