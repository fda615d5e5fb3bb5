"""MP4 and M4A files: whether they are what they say, whole, and can be opened at their word.

libav makes room for as many samples as a table or a fragment of the movie claims to have, so a
file of a few hundred bytes could ask for gigabytes. All claims are added up here first.

A file is a series of boxes: the length in 4 bytes (which counts itself; 1: it follows in 8
bytes; 0: the box ends with what holds it), a type of 4 letters, the content. Some hold boxes.

Source: ISO/IEC 14496-12; https://developer.apple.com/documentation/quicktime-file-format
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from fastlabel.modalities import FileError

MAX_SAMPLES = 24 * 3600 * 30
"""Of all tracks together, each as often as it is played: a day of 30 frames per second."""
MAX_BOXES = 500_000
PCM_SAMPLES = 1024
"""So many samples of sound libav takes for one, where they are bare numbers."""

# Every box in which libav looks for further ones, but for `stsd`.
_NESTS = {
    *(b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"mvex", b"udta", b"meta"),
    *(b"ilst", b"moof", b"traf", b"tref", b"wave", b"gmhd", b"schi", b"sinf", b"wide"),
}
_ENTRY_BYTES = {b"stts": 8, b"ctts": 8, b"stsc": 12, b"stco": 4, b"co64": 8, b"stss": 4}
_TABLES = (*_ENTRY_BYTES, b"stsz", b"stz2", b"elst", b"trun")
_MAX_DESCRIPTION_BYTES = 1024 * 1024


class Box(NamedTuple):
    kind: bytes
    start: int
    """Of the content."""
    end: int


@dataclass
class _Track:
    """What the tables of a track claim."""

    handler: bytes = b""
    samples: int = 0
    sample_bytes: int = 0
    """0 where they differ."""
    ticks: int = 0
    """Of each sample, 0 where they differ."""
    chunks: int = 0
    samples_per_chunk: int = 0
    """At most."""
    edits: int = 1
    """Parts that are played; each may be all of the track."""

    def entries(self) -> int:
        """Return for how many samples libav makes room."""
        if self.handler == b"soun" and self.sample_bytes and self.ticks == 1:
            return self.edits * self.chunks * (1 + self.samples_per_chunk // PCM_SAMPLES)
        return self.edits * self.samples


def check(source: BinaryIO, name: str, title: str) -> None:
    """Refuse a file that is no MP4, is cut off, or claims more than can be true.

    Raises:
        FileError: says which of these; `title` is what the file should have been.
    """
    size = source.seek(0, io.SEEK_END)
    _check_brand(source, name, title)
    tracks = [_Track()]  # for tables that are in no track
    in_fragments = 0
    has_index = False
    for box in _walk(source, size, name):
        if box.kind == b"moov":
            has_index = True
        elif box.kind == b"trak":
            tracks.append(_Track())
        elif box.kind == b"trun":
            in_fragments += _Table(source, box, name).number(4)
        elif box.kind == b"hdlr":
            handler = _Table(source, box, name).letters(8)
            if handler in (b"vide", b"soun"):
                tracks[-1].handler = handler
        elif box.kind == b"stsd":
            _check_description(source, box, name)
        elif box.kind == b"cmov":
            raise FileError(f"{name}: the index of the file is compressed")
        elif box.kind in _TABLES:
            _read_table(_Table(source, box, name), tracks[-1])
        else:
            continue
        if in_fragments + sum(track.entries() for track in tracks) > MAX_SAMPLES:
            raise FileError(f"{name}: the file claims more than {MAX_SAMPLES:,} samples")
    if not has_index:
        raise FileError(f"{name}: the file is cut off: its index (moov) is missing")


def _check_brand(source: BinaryIO, name: str, title: str) -> None:
    """Refuse QuickTime's own files, which are built alike but not what browsers play."""
    source.seek(0)
    head = source.read(12)
    if head[4:8] != b"ftyp":
        raise FileError(f"{name}: expected an {title} file, but it does not begin like one")
    if head[8:12] == b"qt  ":
        raise FileError(f"{name}: expected an {title} file, got QuickTime (MOV)")


def _walk(source: BinaryIO, size: int, name: str) -> Iterator[Box]:
    """Yield all boxes, outer ones before what they hold."""
    ends = [size]
    position = count = 0
    outermost: set[bytes] = set()
    while True:
        while len(ends) > 1 and position + 8 > ends[-1]:
            position = ends.pop()
        if position + 8 > size:
            return
        box = _box_at(source, position, ends[-1])
        if box is None:
            if len(ends) == 1 and {b"moov", b"mdat"} <= outermost:
                return  # some cameras append notes that are no boxes
            raise FileError(f"{name}: the file is cut off or damaged at byte {position:,}")
        count += 1
        if count > MAX_BOXES:
            raise FileError(f"{name}: the file has more than {MAX_BOXES:,} parts")
        yield box
        if len(ends) == 1:
            outermost.add(box.kind)
        position = box.end
        if box.kind in _NESTS:
            ends.append(box.end)
            position = box.start + _version_bytes(source, box)


def _box_at(source: BinaryIO, position: int, limit: int) -> Box | None:
    """Return the box that begins at a position, None if it does not end before the limit."""
    source.seek(position)
    head = source.read(16)
    length, kind = struct.unpack(">I4s", head[:8])
    start = position + 8
    if length == 1 and len(head) == 16:
        length, start = int.from_bytes(head[8:]), start + 8
    end = position + length if length else limit
    return Box(kind, start, end) if start <= end <= limit else None


def _version_bytes(source: BinaryIO, box: Box) -> int:
    """Return how many bytes come before what a box holds: 4 in a `meta`, but not QuickTime's."""
    if box.kind != b"meta":
        return 0
    source.seek(box.start)
    return 0 if source.read(8)[4:] == b"hdlr" else 4


def _check_description(source: BinaryIO, box: Box, name: str) -> None:
    """Refuse tables in the description of samples, where nobody but libav would read them."""
    source.seek(box.start)
    data = source.read(min(box.end - box.start, _MAX_DESCRIPTION_BYTES + 1))
    if len(data) > _MAX_DESCRIPTION_BYTES or any(kind in data for kind in _TABLES):
        raise _damaged(box, name)


class _Table:
    """A box that begins with its version and flags, in 4 bytes."""

    def __init__(self, source: BinaryIO, box: Box, name: str) -> None:
        self.source, self.box, self.name = source, box, name

    def letters(self, offset: int, count: int = 4) -> bytes:
        if self.box.start + offset + count > self.box.end:
            raise _damaged(self.box, self.name)
        self.source.seek(self.box.start + offset)
        return self.source.read(count)

    def number(self, offset: int) -> int:
        return int.from_bytes(self.letters(offset))

    def rows(self, entry_bytes: int, offset: int = 4) -> int:
        """Return the number of entries, which stands before them.

        Raises:
            FileError: they would not fit into the box.
        """
        count = self.number(offset)
        if count * entry_bytes > self.box.end - self.box.start - offset - 4:
            raise _damaged(self.box, self.name)
        return count


def _read_table(table: _Table, track: _Track) -> None:
    kind = table.box.kind
    if kind == b"stsz":
        track.sample_bytes = table.number(4)
        track.samples = table.rows(0 if track.sample_bytes else 4, 8)
    elif kind == b"stz2":
        track.sample_bytes = 0
        track.samples = table.number(8)
    elif kind == b"elst":
        version = table.letters(0, 1)
        track.edits = max(1, table.rows(20 if version == b"\1" else 12))
    else:
        count = table.rows(_ENTRY_BYTES[kind])
        if kind == b"stts":
            track.ticks = table.number(12) if count == 1 else 0
        elif kind in (b"stco", b"co64"):
            track.chunks = count
        elif kind == b"stsc":
            rows = struct.iter_unpack(">4xI4x", table.letters(8, 12 * count))
            track.samples_per_chunk = max((samples for (samples,) in rows), default=0)


def _damaged(box: Box, name: str) -> FileError:
    return FileError(f"{name}: the file is damaged: {box.kind.decode('latin-1')} is not complete")
