"""Wall times, in seconds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def seconds(work: Callable[[], object]) -> float:
    """Return how long the work takes, done once."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def median_seconds(work: Callable[[], object], times: int, warm_up: int = 1) -> float:
    """Return the median of several runs, after some that do not count.

    The median, as other processes of the machine make some runs slow and none quick.
    """
    for _ in range(warm_up):
        work()
    return statistics.median(seconds(work) for _ in range(times))
