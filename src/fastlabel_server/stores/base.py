"""What every object store does, and what can go wrong with one.

BucketError
  BucketDenied        the credentials do not allow it
  BucketUnavailable   not reachable, wrongly set up, or it failed
    BucketMissing     there is no such bucket
  ObjectTooLarge      more bytes than the reader takes
ObjectMissing
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

PAGE_LENGTH = 1000
CHUNK_BYTES = 1024 * 1024


class ObjectMissing(Exception):
    """Nothing is stored under the key."""

    def __init__(self, key: str, where: str = "The object store") -> None:
        super().__init__(f"{where} has no object {key!r}")
        self.key = key


class BucketError(Exception):
    """A bucket did not do what it was asked to; the message names it and the reason."""


class BucketDenied(BucketError):
    pass


class BucketUnavailable(BucketError):
    pass


class BucketMissing(BucketUnavailable):
    def __init__(self, where: str) -> None:
        super().__init__(f"{where}: the bucket does not exist")


class ObjectTooLarge(BucketError):
    pass


@dataclass(frozen=True)
class StoredObject:
    """What a store tells of an object; `etag` (without quotes) changes with its bytes."""

    key: str
    size: int
    last_modified: datetime
    etag: str | None = None

    @property
    def modified_at(self) -> float:
        """Seconds since 1970, as `time.time()` counts."""
        return self.last_modified.timestamp()


class Store(Protocol):
    """One folder or bucket. Keys are checked by the caller: relative, without `..`.

    Methods raise ObjectMissing and BucketError; the folder raises OSError for the latter.
    """

    def head(self, key: str) -> StoredObject:
        """Return what is known of an object without its bytes."""
        ...

    def open(
        self, key: str, start: int, end: int | None, chunk_bytes: int
    ) -> tuple[int, Iterator[bytes]]:
        """Return the size of the whole object and the bytes from `start` to before `end`.

        A missing object is noticed at once, not at the first chunk. `start` is inside the
        object and before `end`, or 0; `end` may be behind the object.
        """
        ...

    def put(self, key: str, source: bytes | Path) -> None:
        """Store bytes or a file, replacing what was there; all of it or nothing is visible.

        May move the file away.
        """
        ...

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects; those that are not there are fine."""
        ...

    def list(self, folder: str) -> Iterator[list[StoredObject]]:
        """Return pages of the objects below a folder (`""`: all), in no promised order."""
        ...


class Bucket(Store, Protocol):
    """A store that others fill: there may be millions of objects, and any text may be a key."""

    def walk(self, folder: str, after: str | None = None) -> Iterator[StoredObject]:
        """Yield the objects below a folder (`""`: all) one by one, in the order of the store.

        Args:
            after: the last key of an interrupted walk, which this one goes on behind.
        """
        ...


def behind(
    after: str | None, listed: Callable[[], Iterator[StoredObject]]
) -> Iterator[StoredObject]:
    """Yield what follows a key in a list whose order is the store's own secret.

    All of it where the key is gone: what was seen before is seen once more.
    """
    is_behind = after is None
    for found in listed():
        if is_behind:
            yield found
        is_behind = is_behind or found.key == after
    if not is_behind:
        yield from listed()


def behind_in_order(
    folder: str,
    after: str | None,
    listed: Callable[[str | None], Iterator[StoredObject]],
) -> Iterator[StoredObject]:
    """Yield what follows a key in a list that is sorted and can begin behind a key.

    Not in a list of all folders: a key `/a` comes as `a`, and has its place elsewhere.
    """
    if after is None or not folder:
        return behind(after, lambda: listed(None))
    # Compared here too, as there are servers that begin at the beginning all the same.
    return (found for found in listed(after) if found.key > after)
