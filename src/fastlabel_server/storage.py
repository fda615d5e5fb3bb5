"""The platform's own object store: a folder, or a bucket of a cloud.

It is called from threads; every method waits until the store has done its part.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from fastlabel_server.stores import (
    BucketError,
    CloudKind,
    Folder,
    ObjectMissing,
    Store,
    StoredObject,
    open_bucket,
)
from fastlabel_server.stores.base import CHUNK_BYTES
from fastlabel_server.stores.reading import seekable

__all__ = ["InvalidKey", "ObjectMissing", "Storage", "StorageUnavailable", "StoredObject"]

SCHEMES: dict[str, CloudKind] = {"s3": "aws-s3", "gs": "gcp", "az": "azure"}

# What is a file name on every system and needs no quoting in any cloud; `..` is not among it.
_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_MAX_KEY = 500


class StorageUnavailable(Exception):
    """The store cannot be read or written; the cause says whether its disk is full."""


class InvalidKey(ValueError):
    """A key that no object can have."""


class Storage:
    """The objects of the platform, below `prefix` in a store."""

    def __init__(self, store: Store, prefix: str = "") -> None:
        self._store = store
        self._prefix = f"{prefix}/" if prefix else ""

    @classmethod
    def from_url(cls, url: str) -> Storage:
        """Open the store at `file:///FOLDER`, or `s3://`, `gs://` or `az://` BUCKET[/PREFIX].

        Raises:
            ValueError: the URL names no store.
        """
        parts = urlsplit(url)
        if parts.scheme == "file":
            return cls(Folder(Path(unquote(parts.path))))
        prefix = parts.path.strip("/")
        if parts.scheme not in SCHEMES or not parts.netloc:
            raise ValueError(
                f"{url}: expected s3://bucket/prefix, gs://bucket/prefix, az://container/prefix "
                "or file:///folder"
            )
        if prefix:
            check_key(prefix)
        with _errors():
            return cls(open_bucket(SCHEMES[parts.scheme], parts.netloc), prefix)

    def put_bytes(self, key: str, data: bytes) -> None:
        """Store bytes durably, replacing what was there."""
        with _errors():
            self._store.put(self._full(key), data)

    def put_file(self, key: str, path: Path) -> None:
        """Move a file into the store, durably; it is gone from its place afterwards."""
        with _errors():
            self._store.put(self._full(key), path)
            path.unlink(missing_ok=True)

    def stream(
        self, key: str, start: int = 0, end: int | None = None, chunk_bytes: int = CHUNK_BYTES
    ) -> Iterator[bytes]:
        """Return the bytes from `start` to before `end`, in chunks of about `chunk_bytes`.

        Raises:
            ObjectMissing: at once, not when the first chunk is asked for.
        """
        with _errors():
            if end is not None and end <= start:
                self._store.head(self._full(key))
                return iter(())
            _, chunks = self._store.open(self._full(key), start, end, chunk_bytes)
        return _guarded(chunks)

    def read(self, key: str) -> bytes:
        """Return all bytes of an object."""
        return b"".join(self.stream(key))

    def open(self, key: str) -> BinaryIO:
        """Return an object as a seekable file, of which parts are read as they are asked for."""
        path = self.local_path(key)
        if path is not None:
            try:
                return path.open("rb")
            except FileNotFoundError as error:
                raise ObjectMissing(f"{key}: there is no such object") from error
        return seekable(self.size(key), lambda start, end: self.stream(key, start, end))

    def size(self, key: str) -> int:
        """Return the size of an object in bytes."""
        with _errors():
            return self._store.head(self._full(key)).size

    def exists(self, key: str) -> bool:
        """Tell whether there is an object under the key."""
        try:
            self.size(key)
        except ObjectMissing:
            return False
        return True

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects; those that are not there are fine."""
        full = [self._full(key) for key in keys]
        with _errors():
            if full:
                self._store.delete(full)

    def list(self, folder: str = "") -> Iterator[list[StoredObject]]:
        """Return pages of the objects below a folder, in no promised order."""
        full = self._full(folder) if folder else self._prefix.rstrip("/")
        with _errors():
            for page in self._store.list(full):
                yield [
                    StoredObject(
                        found.key.removeprefix(self._prefix),
                        found.size,
                        found.last_modified,
                        found.etag,
                    )
                    for found in page
                ]

    def local_path(self, key: str) -> Path | None:
        """Return the file that holds an object, where the store is a folder."""
        full = self._full(key)
        return self._store.path(full) if isinstance(self._store, Folder) else None

    def discard_drafts(self, older_than_s: float) -> int:
        """Delete what writers that died have left in the folder; return how many files.

        Clouds keep unfinished uploads to themselves and drop them by a rule of the bucket.
        """
        with _errors():
            return (
                self._store.discard_drafts(older_than_s) if isinstance(self._store, Folder) else 0
            )

    def check(self) -> None:
        """Write, read and delete an object.

        Raises:
            StorageUnavailable: says what does not work.
        """
        key = f"checks/{secrets.token_hex(16)}"
        data = secrets.token_bytes(16)
        self.put_bytes(key, data)
        try:
            found = self.read(key)
        except ObjectMissing as error:
            raise StorageUnavailable(f"an object just written is not there: {error}") from error
        finally:
            self.delete([key])
        if found != data:
            raise StorageUnavailable(f"{key}: other bytes came back than were written")

    def _full(self, key: str) -> str:
        check_key(key)
        return self._prefix + key


def check_key(key: str) -> None:
    """Refuse a key that is not made of plain names joined by `/`.

    Raises:
        InvalidKey: says what a key looks like.
    """
    if len(key) > _MAX_KEY or not _KEY.fullmatch(key):
        raise InvalidKey(
            f"{key[:100]!r}: a key is made of names of letters, digits, '_', '-' and '.' (not "
            f"first), joined by '/', and has {_MAX_KEY} characters at most"
        )


def _guarded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    with _errors():
        yield from chunks


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except BucketError as error:
        raise StorageUnavailable(f"The object store cannot be used: {error}") from error
    except OSError as error:
        raise StorageUnavailable(
            f"The object store cannot be used: {error.strerror or error}"
        ) from error
