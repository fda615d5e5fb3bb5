"""Work on many items in threads; OpenCV, Pillow and zlib let go of the interpreter meanwhile."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 2
"""Items per thread that are begun before the first result of them is taken."""


def in_threads(function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Yield the function's result for each item, in the items' order.

    The items are taken by the caller's thread, and only few ahead of the results. The first
    exception is raised in place of its result.
    """
    workers = os.cpu_count() or 1
    begun: deque[Future[R]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for item in items:
                begun.append(pool.submit(function, item))
                if len(begun) >= AHEAD * workers:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for future in begun:
                future.cancel()
