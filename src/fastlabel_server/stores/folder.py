"""A folder as an object store: each object is a file named like its key.

obstore's own folder store does not fsync, so what it acknowledged can be lost with the power.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from fastlabel_server.stores.base import CHUNK_BYTES, PAGE_LENGTH, ObjectMissing, StoredObject

# No key starts with a dot, so drafts are never in the way of an object.
DRAFTS = ".drafts"
_NO_FILE = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


class Folder:
    """Objects below `root`, which is made at the first write."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._durable: set[Path] = set()

    def path(self, key: str) -> Path:
        """Return the file of an object."""
        return self.root / key

    def head(self, key: str) -> StoredObject:
        try:
            found = self.path(key).stat()
        except _NO_FILE as error:
            raise ObjectMissing(key) from error
        if not stat.S_ISREG(found.st_mode):
            raise ObjectMissing(key)
        return _describe(key, found)

    def open(
        self, key: str, start: int, end: int | None, chunk_bytes: int
    ) -> tuple[int, Iterator[bytes]]:
        try:
            file = self.path(key).open("rb")
        except _NO_FILE as error:
            raise ObjectMissing(key) from error
        size = os.fstat(file.fileno()).st_size
        return size, _read(file, start, size if end is None else min(end, size), chunk_bytes)

    def put(self, key: str, source: bytes | Path) -> None:
        target = self.path(key)
        self._make_durable(target.parent)
        if isinstance(source, Path) and self._move(source, target):
            return
        self._make_durable(self.root / DRAFTS)
        draft = self.root / DRAFTS / secrets.token_hex(16)
        try:
            with draft.open("xb") as output:
                if isinstance(source, Path):
                    with source.open("rb") as file:
                        shutil.copyfileobj(file, output, CHUNK_BYTES)
                else:
                    output.write(source)
                output.flush()
                os.fsync(output.fileno())
            draft.replace(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        _sync(target.parent)

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.path(key).unlink(missing_ok=True)

    def list(self, folder: str) -> Iterator[list[StoredObject]]:
        page: list[StoredObject] = []
        for parent, folders, names in os.walk(self.root / folder, onerror=_raise_unless_gone):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                path = Path(parent, name)
                try:
                    found = path.stat()
                except FileNotFoundError:
                    continue
                page.append(_describe(path.relative_to(self.root).as_posix(), found))
                if len(page) == PAGE_LENGTH:
                    yield page
                    page = []
        if page:
            yield page

    def discard_drafts(self, older_than_s: float) -> int:
        """Delete what writers that died have left behind; return how many files that were."""
        before = time.time() - older_than_s
        count = 0
        for draft in (self.root / DRAFTS).glob("*"):
            try:
                if draft.stat().st_mtime <= before:
                    draft.unlink()
                    count += 1
            except FileNotFoundError:
                continue
        return count

    def _move(self, source: Path, target: Path) -> bool:
        """Rename a file into place; return False where that crosses file systems."""
        _sync(source)
        try:
            source.replace(target)
        except OSError as error:
            if error.errno == errno.EXDEV:
                return False
            raise
        _sync(target.parent)
        return True

    def _make_durable(self, folder: Path) -> None:
        """Make a folder whose entry in its parent is on the disk."""
        # What exists may have been made a moment ago by a thread that has not synced it yet,
        # so existence is not enough.
        if folder in self._durable:
            return
        if folder == self.root:
            folder.mkdir(parents=True, exist_ok=True)
        else:
            self._make_durable(folder.parent)
            folder.mkdir(exist_ok=True)
        _sync(folder.parent)
        self._durable.add(folder)


def _describe(key: str, found: os.stat_result) -> StoredObject:
    modified = datetime.fromtimestamp(found.st_mtime, UTC)
    return StoredObject(key, found.st_size, modified, f"{found.st_mtime_ns:x}-{found.st_size:x}")


def _read(file: BinaryIO, start: int, end: int, chunk_bytes: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        left = end - start
        while left > 0 and (chunk := file.read(min(left, chunk_bytes))):
            left -= len(chunk)
            yield chunk


def _sync(path: Path) -> None:
    """Wait until a file, or the entries of a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _raise_unless_gone(error: OSError) -> None:
    if not isinstance(error, _NO_FILE):
        raise error
