"""Buckets of S3, Google Cloud Storage and Azure, through obstore."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import obstore
from obstore.exceptions import (
    BaseError,
    InvalidPathError,
    NotFoundError,
    PermissionDeniedError,
    UnauthenticatedError,
)

from fastlabel_server.stores.base import (
    PAGE_LENGTH,
    BucketDenied,
    BucketMissing,
    BucketUnavailable,
    ObjectMissing,
    StoredObject,
    behind,
    behind_in_order,
)
from fastlabel_server.stores.odd_keys import OddKeys

if TYPE_CHECKING:
    from obstore import GetOptions, ObjectMeta
    from obstore.store import AzureStore, GCSStore, S3Store

    AnyStore: TypeAlias = S3Store | GCSStore | AzureStore

# At most 10,000 parts make an object of S3: this allows 80 GB. Each upload holds the parts in
# flight in memory, so eight at once stay below 200 MB.
PART_BYTES = 8 * 1024 * 1024
PARTS_IN_FLIGHT = 2

_MISSING = (FileNotFoundError, NotFoundError)
_DENIED = (PermissionError, PermissionDeniedError, UnauthenticatedError)
_STATUS = re.compile(r"status code: (\d{3}[^:\n]*)")


class Cloud:
    """One bucket, behind obstore; `where` names it in messages.

    `is_sorted` tells that its lists are in the order of the keys, and can begin at any.
    `odd_keys` takes over the lists that obstore gives up.

    Parts of an upload whose process died stay in the bucket, unseen, until the bucket's own
    lifecycle rule for incomplete uploads removes them.
    """

    def __init__(self, store: AnyStore, where: str, odd_keys: OddKeys, *, is_sorted: bool) -> None:
        self._store = store
        self._where = where
        self._odd_keys = odd_keys
        self._is_sorted = is_sorted

    def head(self, key: str) -> StoredObject:
        with self._errors(key):
            return _describe(obstore.head(self._store, key))

    def open(
        self, key: str, start: int, end: int | None, chunk_bytes: int
    ) -> tuple[int, Iterator[bytes]]:
        options: GetOptions = {}
        if end is not None:
            options = {"range": (start, end)}
        elif start:
            options = {"range": {"offset": start}}
        with self._errors(key):
            found = obstore.get(self._store, key, options=options)
        return found.meta["size"], self._chunks(key, found.stream(chunk_bytes))

    def _chunks(self, key: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
        with self._errors(key):
            yield from map(bytes, chunks)

    def put(self, key: str, source: bytes | Path) -> None:
        with self._errors(key):
            obstore.put(
                self._store,
                key,
                source,
                chunk_size=PART_BYTES,
                max_concurrency=PARTS_IN_FLIGHT,
            )

    def delete(self, keys: Sequence[str]) -> None:
        try:
            with self._errors(", ".join(keys[:3])):
                obstore.delete(self._store, keys)
        except ObjectMissing:
            # GCS and Azure stop at the first key that is gone; the others still have to go.
            if len(keys) > 1:
                for key in keys:
                    self.delete([key])

    def list(self, folder: str) -> Iterator[list[StoredObject]]:
        with self._errors(folder):
            for page in obstore.list(self._store, folder or None, chunk_size=PAGE_LENGTH):
                yield [_describe(meta) for meta in page]

    def walk(self, folder: str, after: str | None = None) -> Iterator[StoredObject]:
        last = after
        try:
            for found in self._walked(folder, after):
                yield found
                last = found.key
        except _OddKey:
            yield from self._odd_keys.walk(folder, last)

    def _walked(self, folder: str, after: str | None) -> Iterator[StoredObject]:
        if self._is_sorted:
            return behind_in_order(folder, after, lambda start: self._listed(folder, start))
        return behind(after, lambda: self._listed(folder, None))

    def _listed(self, folder: str, offset: str | None) -> Iterator[StoredObject]:
        prefix = folder or None
        try:
            pages = obstore.list(self._store, prefix, offset=offset, chunk_size=PAGE_LENGTH)
        except ValueError as error:
            # The offset is such a key itself.
            raise _OddKey from error
        with self._errors(folder):
            try:
                for page in pages:
                    yield from map(_describe, page)
            except InvalidPathError as error:
                raise _OddKey from error

    @contextmanager
    def _errors(self, key: str) -> Iterator[None]:
        try:
            yield
        except _MISSING as error:
            raise ObjectMissing(key, self._where) from error
        except (BaseError, OSError) as error:
            status = _status(error)
            if isinstance(error, _DENIED) or status.startswith(("401", "403")):
                what = f"access to {key!r}" if key else "access"
                raise BucketDenied(f"{self._where}: {what} is denied") from error
            if status.startswith("404"):
                # A missing object is a class of its own, so it is the bucket that is not there.
                raise BucketMissing(self._where) from error
            about = f"{self._where}: {key!r}" if key else self._where
            raise BucketUnavailable(f"{about}: {reason(error)}") from error


class _OddKey(Exception):
    """A key that is no path is in the way of a list."""


def reason(error: Exception) -> str:
    """Say in one line why obstore failed; its own message is a dump of many lines."""
    text = str(error).split("\n", 1)[0]
    # Where obstore finds no credentials, it asks the cloud's machine it might be running on.
    if "169.254.169.254" in text or "metadata.google" in text:
        return "the server's environment has no credentials for it"
    status = _status(error)
    return f"it answered {status}" if status else text.rsplit(" - ", 1)[-1]


def _status(error: Exception) -> str:
    """Return the HTTP status that obstore names and has no class of its own for, or ""."""
    found = _STATUS.search(str(error).split("\n", 1)[0])
    return found[1] if found else ""


def _describe(meta: ObjectMeta) -> StoredObject:
    etag = meta["e_tag"]
    return StoredObject(
        meta["path"],
        meta["size"],
        meta["last_modified"],
        etag.removeprefix("W/").strip('"') if etag else None,
    )
