"""The operator's own buckets, whose objects become tasks and stay where they are.

Users of the API name bucket, region and path. Hosts and credentials are the operator's.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Iterator
from typing import BinaryIO, cast

from fastlabel_server.stores import (
    BUCKET_KINDS,
    BucketDenied,
    BucketError,
    BucketMissing,
    BucketUnavailable,
    CloudKind,
    ObjectMissing,
    ObjectTooLarge,
    StoredObject,
    open_bucket,
)
from fastlabel_server.stores.base import CHUNK_BYTES
from fastlabel_server.stores.reading import seekable

__all__ = [
    "BUCKET_KINDS",
    "Bucket",
    "BucketDenied",
    "BucketError",
    "BucketMissing",
    "BucketUnavailable",
    "InvalidPath",
    "ObjectMissing",
    "ObjectTooLarge",
    "StoredObject",
]

# Both become part of a URL, the region of S3 even of its host.
_NAME = re.compile(r"[A-Za-z0-9](?!.*\.\.)[A-Za-z0-9._-]{1,220}[A-Za-z0-9]")
_REGION = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,58}[A-Za-z0-9])?")
# The limit of all three clouds.
_MAX_PATH_BYTES = 1024


class InvalidPath(ValueError):
    """A bucket, region or path that cannot be, or leads out of the folder."""


class Bucket:
    """The objects below `prefix` in a bucket; paths are relative to it."""

    def __init__(
        self, kind: str, name: str, region: str | None = None, prefix: str | None = None
    ) -> None:
        """Raises:
        InvalidPath: the kind, name, region or prefix cannot be.
        BucketUnavailable: the server's environment lacks the settings for this cloud.
        """
        if kind not in BUCKET_KINDS:
            raise InvalidPath(f"storageType: expected {', '.join(BUCKET_KINDS)}, got {kind!r}")
        if not _NAME.fullmatch(name):
            raise InvalidPath(f"bucketName: {name[:100]!r} is not the name of a bucket")
        if region is not None and not _REGION.fullmatch(region):
            raise InvalidPath(f"bucketRegion: {region[:100]!r} is not the name of a region")
        prefix = (prefix or "").strip("/")
        if prefix:
            check_path(prefix)
        self.kind = kind
        self._folder = f"{prefix}/" if prefix else ""
        self._where = f"{BUCKET_KINDS[kind]} {name!r}"
        self._store = open_bucket(cast(CloudKind, kind), name, region)

    def head(self, path: str) -> StoredObject:
        """Return size, etag and last change of an object."""
        return self._below(self._store.head(self._full(path)))

    def read(self, path: str, limit_bytes: int) -> bytes:
        """Return all bytes of an object.

        Raises:
            ObjectTooLarge: there are more than `limit_bytes`.
        """
        full = self._full(path)
        size, chunks = self._store.open(full, 0, None, CHUNK_BYTES)
        if size > limit_bytes:
            raise ObjectTooLarge(
                f"{self._where}: {full!r} has {size:,} bytes; {limit_bytes:,} at most are taken"
            )
        return b"".join(chunks)

    def open(self, path: str, size: int) -> BinaryIO:
        """Return an object of `size` bytes as a seekable file, read in parts."""
        return seekable(size, lambda start, end: self.stream(path, start, end))

    def stream(
        self, path: str, start: int = 0, end: int | None = None, chunk_bytes: int = CHUNK_BYTES
    ) -> Iterator[bytes]:
        """Return the bytes from `start` to before `end`, in chunks of about `chunk_bytes`.

        Raises:
            ObjectMissing: at once, not when the first chunk is asked for.
        """
        full = self._full(path)
        if end is not None and end <= start:
            self._store.head(full)
            return iter(())
        return self._store.open(full, start, end, chunk_bytes)[1]

    def list(self, folder: str = "") -> Iterator[list[StoredObject]]:
        """Return pages of the objects below a folder, in no promised order."""
        full = self._full(folder.strip("/")) if folder else self._folder.rstrip("/")
        for page in self._store.list(full):
            yield [self._below(found) for found in page]

    def walk(self, after: str | None = None) -> Iterator[StoredObject]:
        """Yield all objects one by one, in the order of the store, from behind a path on.

        Paths that `check_path` refuses are among them, as anything may be in a bucket.
        """
        full = None if after is None else self._folder + after
        for found in self._store.walk(self._folder.rstrip("/"), full):
            yield self._below(found)

    def _full(self, path: str) -> str:
        check_path(path)
        return self._folder + path

    def _below(self, found: StoredObject) -> StoredObject:
        return dataclasses.replace(found, key=found.key.removeprefix(self._folder))


def check_path(path: str) -> None:
    """Refuse what is not a relative path without `..` or control characters.

    Raises:
        InvalidPath: names the path and what is wrong with it.
    """
    if not path:
        raise InvalidPath("the path of an object in a bucket is empty")
    problem = None
    if path.startswith("/") or path.endswith("/"):
        problem = "starts or ends with '/'"
    elif any(part in ("", ".", "..") for part in path.split("/")):
        problem = "has an empty part, '.' or '..'"
    elif any(unicodedata.category(character) in ("Cc", "Cs") for character in path):
        problem = "has control characters"
    elif len(path.encode()) > _MAX_PATH_BYTES:
        problem = f"is longer than {_MAX_PATH_BYTES:,} bytes"
    if problem:
        raise InvalidPath(
            f"{path[:100]!r} {problem}; expected the object's path below the project's prefix"
        )
