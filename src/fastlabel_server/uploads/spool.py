"""Where the bytes of a file wait between their arrival and the object store."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import secrets
from pathlib import Path
from typing import BinaryIO

IN_MEMORY = 1024 * 1024
"""Files up to this size stay in memory; larger ones are written to the spool directory."""


class ReceivedFile:
    """The bytes of one file, written once, then read or moved away.

    A process that dies leaves its spool files behind; the sweep removes them.
    """

    def __init__(self, spool_dir: Path, name: str | None = None) -> None:
        self.name = name
        self.size = 0
        self._spool_dir = spool_dir
        self._hash = hashlib.sha256()
        self._memory: bytearray | None = bytearray()
        self._file: BinaryIO | None = None
        self._path: Path | None = None

    @classmethod
    def written(cls, spool_dir: Path, path: Path) -> ReceivedFile:
        """Return a file that something else wrote at a place of the spool directory."""
        found = cls(spool_dir)
        with path.open("rb") as file:
            while data := file.read(IN_MEMORY):
                found.size += len(data)
                found._hash.update(data)
        found._memory, found._path = None, path
        return found

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    @property
    def path(self) -> Path | None:
        """The spool file; None while the bytes are in memory."""
        return self._path

    def write(self, data: bytes) -> None:
        """Append bytes as they arrive."""
        self.size += len(data)
        self._hash.update(data)
        if self._memory is not None:
            self._memory += data
            if len(self._memory) > IN_MEMORY:
                self._spill()
        else:
            assert self._file is not None
            self._file.write(data)

    def close(self) -> None:
        """End the writing."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def open(self) -> BinaryIO:
        """Return the bytes as a file to read."""
        if self._memory is not None:
            return io.BytesIO(self._memory)
        assert self._path is not None
        return self._path.open("rb")

    def read(self) -> bytes:
        """Return all bytes."""
        with self.open() as file:
            return file.read()

    def replace(self, data: bytes) -> None:
        """Put other bytes in the place of those that arrived."""
        self.discard()
        self.size = len(data)
        self._hash = hashlib.sha256(data)
        self._memory = bytearray(data)

    def discard(self) -> None:
        """Remove the spool file, if it is still there."""
        # A full disk: what is thrown away need not get there.
        with contextlib.suppress(OSError):
            self.close()
        if self._path is not None:
            with contextlib.suppress(FileNotFoundError):
                self._path.unlink()
            self._path = None

    def _spill(self) -> None:
        assert self._memory is not None
        self._path = new_path(self._spool_dir)
        self._file = self._path.open("xb")
        self._file.write(self._memory)
        self._memory = None


def new_path(spool_dir: Path) -> Path:
    """Return a place for a file in the spool directory, where none is yet."""
    spool_dir.mkdir(parents=True, exist_ok=True)
    return spool_dir / f"{os.getpid()}-{secrets.token_hex(12)}"
