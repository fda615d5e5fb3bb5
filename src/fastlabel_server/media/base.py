"""What a probe is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from fastlabel.modalities import FileError, FileRule

THUMBNAIL_SIDE = 320
"""Most pixels of a thumbnail, either way."""


@dataclass(frozen=True)
class Measured:
    """What a probe reads from a file: its media type, and what tasks show of it."""

    media_type: str
    media: dict[str, Any]


@dataclass(frozen=True)
class Probe:
    """What the server can do with the files of one modality.

    Sources are seekable, may be gigabytes, and are read in parts; they come from anyone.
    """

    media_types: tuple[str, ...]
    """Of its files: whole ones, or a first half such as `image/`."""
    measure: Callable[[BinaryIO, str, FileRule, int], Measured]
    """Source, name for messages, rule, most pixels of one picture.

    Raises FileError where the file is not what the rule takes, or damaged.
    """
    thumbnail: Callable[[BinaryIO, Mapping[str, Any], int], bytes] | None = None
    """Source, what `measure` found, most pixels: a WebP of up to `THUMBNAIL_SIDE` a side.

    Raises FileError.
    """
    strip_metadata: Callable[[bytes], bytes] | None = None
    """The file without EXIF and the like; None where its formats have none."""


Plan = Mapping[str, Any]
"""How a file is cut, as JSON."""
NewPath = Callable[[], Path]
"""Returns where a file may be written, each time another place."""


@dataclass(frozen=True)
class Splitter:
    """How files of one modality are cut into parts, which put together are the whole.

    Sources are seekable and may be gigabytes; what is kept of them in memory is small, but for
    the pixels of one image.
    """

    plan: Callable[[BinaryIO, str, Mapping[str, Any]], Plan]
    """Source, name for messages, how to cut: `{columns, rows}` or `{parts, method}`.

    Raises FileError where the file cannot be cut like that.
    """
    place: Callable[[Plan, int], dict[str, Any]]
    """Where a part, counted from 1, lies in the whole."""
    write: Callable[[BinaryIO, str, Plan, int, NewPath], Generator[Path]]
    """Source, name for messages, plan, number of the first part wanted, places for files.

    Yields a file for each part from that one on, which is whole and then the caller's. Raises
    FileError where the source is damaged.
    """
    check: Callable[[Plan, int, Mapping[str, Any]], None]
    """Plan, number of a part, what its probe measured.

    Raises FileError, without the name of the file, where that is not what was planned.
    """


class OtherFile(FileError):
    """A file of an archive that is none of those looked for, and so is passed over."""


@dataclass(frozen=True)
class Part:
    """A content of a task that is made of an archive; several may lie in one file of it."""

    member: str
    """Name of the file in the archive."""
    name: str
    """Of the content; no other part has it."""
    media: dict[str, Any]


@dataclass(frozen=True)
class SeriesReader:
    """How the files of an archive become the contents of one task.

    Each file is read once and alone; what its header tells is kept as JSON until all are read.
    """

    media_type: str
    header: Callable[[BinaryIO, str, int], dict[str, Any]]
    """Source, name for messages, most pixels of one picture.

    Raises OtherFile, or FileError where the file is damaged.
    """
    in_order: Callable[[Sequence[tuple[str, dict[str, Any]]]], list[Part]]
    """Names of the files, each with its header, in the order of their names."""
