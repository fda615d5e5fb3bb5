"""Files brought from their signed URLs: several at a time, gone on with, and checked.

Unlike `fastlabel.downloads` this knows beforehand what the bytes are: a file is in its place
only once its SHA-256 is right, and what was left of an earlier attempt is gone on with.
"""

from __future__ import annotations

import hashlib
import os
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias, cast

from fastlabel.dataset_folder.places import Places
from fastlabel.exceptions import (
    FastLabelConnectionException,
    FastLabelException,
)
from fastlabel.exchange import LOST_STATUSES, refusal

TIMEOUT_S: Final = 60.0
CHUNK_BYTES: Final = 1 << 20
ATTEMPTS: Final = 4
FIRST_WAIT_S: Final = 0.25
AGAIN: Final = (429, *LOST_STATUSES, 500)
NO_MORE: Final = (401, 403, 404, 410)
"""What a URL that has expired is answered."""


@dataclass(frozen=True)
class Wanted:
    """A file that is to be brought."""

    name: str
    url: str
    path: Path
    part: Path
    """Holds what has arrived, until it is all."""
    size: int
    sha256: str


Outcome: TypeAlias = os.stat_result | FastLabelException | OSError
"""What became of a file: its stat when it was complete, or why it is not there."""


def part_name(name: str, sha256: str) -> str:
    """Return what the part of a file is called: the same for the same file of an object."""
    return f".{hashlib.sha256(f'{name} {sha256}'.encode()).hexdigest()[:32]}.part"


class Carrier:
    """Brings files over a pool of connections."""

    def __init__(self, pool: Any, places: Places, workers: int) -> None:
        self._pool = pool
        self.places = places
        self._workers = workers

    def bring(self, wanted: Iterable[Wanted], done: Callable[[Wanted, Outcome], object]) -> None:
        """Bring files; `done` is told of one at a time, in no fixed order."""
        from concurrent.futures import ThreadPoolExecutor  # slow to import

        turn = threading.Lock()
        stopped = threading.Event()
        items = iter(wanted)

        def work() -> None:
            while not stopped.is_set():
                with turn:
                    item = next(items, None)
                if item is None:
                    return
                outcome: Outcome
                try:
                    outcome = self._brought(item, stopped)
                except (FastLabelException, OSError) as error:
                    outcome = error
                if stopped.is_set():
                    return
                with turn:
                    done(item, outcome)

        with ThreadPoolExecutor(self._workers) as pool:
            workers = [pool.submit(work) for _ in range(self._workers)]
            try:
                for worker in workers:
                    worker.result()
            finally:
                stopped.set()

    def bring_one(self, wanted: Wanted) -> None:
        """Bring one file.

        Raises:
            FastLabelException, OSError: it could not be brought; says why.
        """
        self._brought(wanted, threading.Event())

    def _brought(self, wanted: Wanted, stopped: threading.Event) -> os.stat_result:
        import httpx

        self.places.make_room(wanted.path)
        there = _as_wanted(wanted)
        if there is not None:
            return there
        for left in range(ATTEMPTS - 1, -1, -1):
            try:
                return self._attempt(wanted, stopped)
            except httpx.HTTPError as error:
                reason = f"{wanted.name}: {type(error).__name__} {error}".strip()
                failure: FastLabelException = FastLabelConnectionException(reason)
            except FastLabelException as error:
                failure = error
            may_pass = failure.code is None or failure.code in AGAIN
            if not left or not may_pass or stopped.is_set():
                _drop_empty(wanted.part)
                raise failure
            stopped.wait(FIRST_WAIT_S * 2 ** (ATTEMPTS - 1 - left) * random.uniform(0.5, 1))  # noqa: S311
        raise AssertionError

    def _attempt(self, wanted: Wanted, stopped: threading.Event) -> os.stat_result:
        with _opened_part(wanted) as (file, digest, have_bytes):
            if have_bytes < wanted.size:
                digest = self._received(wanted, file, digest, have_bytes, stopped)
        if digest.hexdigest() != wanted.sha256:
            wanted.part.unlink()
            raise FastLabelException(
                f"{wanted.name}: what arrived has the SHA-256 {digest.hexdigest()}, "
                f"not {wanted.sha256}"
            )
        stat = wanted.part.stat()
        wanted.part.replace(wanted.path)
        return stat

    def _received(
        self, wanted: Wanted, file: BinaryIO, digest: Any, have_bytes: int, stopped: threading.Event
    ) -> Any:
        """Write what is missing of a file; return the hash of all of it."""
        headers = {"Range": f"bytes={have_bytes}-"} if have_bytes else {}
        with self._pool.stream("GET", wanted.url, headers=headers) as response:
            if response.status_code == 200 and have_bytes:
                file.seek(0)
                file.truncate()
                digest = hashlib.sha256()
            elif response.status_code != (206 if have_bytes else 200):
                response.read()
                raise refusal(response, f"{wanted.name}: ")
            for chunk in response.iter_bytes(CHUNK_BYTES):
                if stopped.is_set():
                    raise FastLabelException(f"{wanted.name}: stopped")
                file.write(chunk)
                digest.update(chunk)
        return digest


@contextmanager
def carrier(root: Path, workers: int) -> Iterator[Carrier]:
    """Open the connections that files of a folder are brought over."""
    with connections(workers) as pool:
        yield Carrier(pool, Places(root), workers)


def connections(workers: int) -> Any:
    """Return a pool for signed URLs, which are sent no token."""
    import httpx

    from fastlabel.http import certificates

    return httpx.Client(
        timeout=TIMEOUT_S,
        follow_redirects=True,
        verify=certificates(),
        headers={"Accept-Encoding": "identity"},
        limits=httpx.Limits(max_connections=workers),
    )


def _drop_empty(part: Path) -> None:
    """Leave nothing behind of a file of which nothing came."""
    if part.exists() and not part.stat().st_size:
        part.unlink()


def _as_wanted(wanted: Wanted) -> os.stat_result | None:
    """Return the stat of a file that is in its place and right already."""
    try:
        stat = wanted.path.stat()
        if stat.st_size != wanted.size:
            return None
        with wanted.path.open("rb") as file:
            is_right = hashlib.file_digest(file, "sha256").hexdigest() == wanted.sha256
    except FileNotFoundError:
        return None
    return stat if is_right else None


@contextmanager
def _opened_part(wanted: Wanted) -> Iterator[tuple[BinaryIO, Any, int]]:
    """Open what there is of a file at its end; yield it with its hash and its size."""
    digest = hashlib.sha256()
    try:
        have_bytes = wanted.part.stat().st_size
    except FileNotFoundError:
        have_bytes = 0
    if have_bytes > wanted.size:
        have_bytes = 0
    with wanted.part.open("r+b" if have_bytes else "w+b") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
        yield cast("BinaryIO", file), digest, have_bytes
