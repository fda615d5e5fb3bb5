"""ZIP archives from anyone: looked at first, then read member by member in bounded memory.

Source: APPNOTE.TXT of PKWARE, sections 4.3.14 to 4.3.16 (the records at the end of a ZIP).
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, BinaryIO, Final, Self, cast

from fastlabel.modalities import FileError

GB: Final = 1024**3
_TAIL_BYTES: Final = 65_557 + 76
"""The longest end record with its comment, and the two records of ZIP64 before it."""
_END: Final = b"PK\x05\x06"
_END_64: Final = b"PK\x06\x06"
_UNKNOWN: Final = 0xFFFFFFFF
# Of the other methods zipfile unpacks whole blocks, however large they become.
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SYSTEM_FILES: Final = ("__MACOSX", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class ArchiveLimits:
    """What an archive may come to when it is unpacked."""

    max_members: int = 20_000
    max_bytes: int = 16 * GB
    max_ratio: int = 100
    """Unpacked against packed; small archives may come to `free_bytes` all the same."""
    free_bytes: int = GB // 4
    max_index_bytes: int = 64 * 1024 * 1024
    """Of the list of members, which is read whole."""


@dataclass(frozen=True)
class Member:
    """A file in an archive; `name` is a safe relative path with `/`."""

    name: str
    size: int
    """In bytes, as the archive says; reading ends with an error beyond it."""


class Archive:
    """The files of a ZIP archive, but for directories and those of desktop systems.

    Opening it reads nothing but the list of members and checks all of it; the bytes are
    checked as they are read.
    """

    def __init__(self, source: BinaryIO, name: str, limits: ArchiveLimits | None = None) -> None:
        """Raises:
        FileError: no ZIP, or one that is dangerous to unpack: names that lead out of the
            folder, links, encrypted members, or too much in it.
        """
        self.name = name
        limits = limits or ArchiveLimits()
        self._limits = limits
        size = source.seek(0, io.SEEK_END)
        self._check_index(source, size)
        with self._errors():
            self._zip = zipfile.ZipFile(source)
        self._infos: dict[str, zipfile.ZipInfo] = {}
        total = 0
        for info in self._zip.infolist():
            member = self._checked_name(info)
            if info.is_dir() or _is_of_a_desktop(member):
                continue
            if member in self._infos:
                raise FileError(f"{name}: {member!r} is in the archive twice")
            self._infos[member] = info
            total += info.file_size
        if len(self._infos) > limits.max_members:
            raise FileError(
                f"{name}: archives have up to {limits.max_members:,} files, "
                f"got {len(self._infos):,}"
            )
        allowed = min(limits.max_bytes, max(limits.free_bytes, size * limits.max_ratio))
        if total > allowed:
            raise FileError(
                f"{name}: {total:,} bytes when unpacked are too many for an archive of "
                f"{size:,} bytes; up to {allowed:,} are taken"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    @property
    def members(self) -> Sequence[Member]:
        """The files in the order of their names."""
        return [Member(name, self._infos[name].file_size) for name in sorted(self._infos)]

    @contextmanager
    def open(self, member: str) -> Iterator[BinaryIO]:
        """Open a file of the archive for reading from front to back.

        Raises:
            FileError: damaged, or packed in a way that is not known; also while it is read.
        """
        with self._errors(member), self._zip.open(self._infos[member]) as file:
            yield cast(BinaryIO, _Guarded(file, f"{self.name}: {member}"))

    def _check_index(self, source: BinaryIO, size: int) -> None:
        """Refuse an archive whose list of members alone would fill the memory."""
        source.seek(max(0, size - _TAIL_BYTES))
        tail = source.read(_TAIL_BYTES)
        source.seek(0)
        end = tail.rfind(_END)
        if end < 0 or end + 22 > len(tail):
            raise FileError(f"{self.name}: not a ZIP archive")
        (index_bytes,) = struct.unpack_from("<L", tail, end + 12)
        end_64 = tail.rfind(_END_64, 0, end)
        if index_bytes == _UNKNOWN and 0 <= end_64 <= len(tail) - 48:
            (index_bytes,) = struct.unpack_from("<Q", tail, end_64 + 40)
        if index_bytes > self._limits.max_index_bytes:
            raise FileError(f"{self.name}: the list of the archive's files is too long")

    def _checked_name(self, info: zipfile.ZipInfo) -> str:
        """Return the path of a member.

        Raises:
            FileError: it leads out of the folder, or is something other than a plain file.
        """
        path = info.filename.replace("\\", "/")
        parts = path.rstrip("/").split("/")
        leads_out = path.startswith("/") or ".." in parts or ":" in parts[0]
        if leads_out or any(ord(letter) < 32 for letter in path) or not parts[-1]:
            raise FileError(f"{self.name}: {info.filename[:100]!r} is no safe name of a file")
        if info.flag_bits & 0x1:
            raise FileError(f"{self.name}: {path!r} is encrypted")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise FileError(f"{self.name}: {path!r} is a link")
        if info.compress_type not in _METHODS:
            raise FileError(f"{self.name}: {path!r} is neither stored nor deflated")
        return str(PurePosixPath(path))

    @contextmanager
    def _errors(self, member: str | None = None) -> Iterator[None]:
        where = self.name if member is None else f"{self.name}: {member}"
        try:
            yield
        except DAMAGE as error:
            raise FileError(f"{where}: the archive is damaged: {error}") from error


DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,  # a packing method that Python has not
    RuntimeError,
    UnicodeDecodeError,
    struct.error,
    ValueError,
)
"""What zipfile raises for archives that are not whole."""


class _Guarded(io.RawIOBase):
    """A member whose damage is a FileError that names it."""

    def __init__(self, file: IO[bytes], where: str) -> None:
        self._file = file
        self._where = where

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._file.read(size)
        except DAMAGE as error:
            raise FileError(f"{self._where}: the archive is damaged: {error}") from error


def _is_of_a_desktop(path: str) -> bool:
    """Tell whether a file is there for the system that packed the archive."""
    parts = path.split("/")
    return parts[0] == "__MACOSX" or parts[-1].startswith(".") or parts[-1] in _SYSTEM_FILES
