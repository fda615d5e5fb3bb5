"""Point clouds in the PCD format: ASCII, binary and binary_compressed.

The header is checked against the size of the file before anything is allocated: it may promise
any number of points. Coordinates are read in chunks.

Source: https://pointclouds.org/documentation/tutorials/pcd_file_format.html
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from fastlabel.modalities import FileError, FileRule
from fastlabel_server.media.base import THUMBNAIL_SIDE, Measured, Probe

if TYPE_CHECKING:
    # Imported where it is used: it takes a tenth of a second of a server's start.
    import numpy as np

    Table = np.ndarray[Any, np.dtype[Any]]

MEDIA_TYPE: Final = "application/vnd.pointcloud.pcd"
CHUNK_POINTS: Final = 500_000
MAX_POINTS: Final = 100_000_000
MAX_ROW_BYTES: Final = 4096
DRAWN_POINTS: Final = 400_000
"""Most points of a picture; of more, every n-th is drawn."""
MARGIN: Final = 8
"""Of a picture, in pixels."""
_MAX_HEADER_LINES: Final = 100
_MAX_LINE: Final = 65_536
_TYPES: Final = frozenset(
    ["F4", "F8", "I1", "I2", "I4", "I8", "U1", "U2", "U4", "U8"],
)
_ENCODINGS: Final = ("ascii", "binary", "binary_compressed")


@dataclass(frozen=True)
class Header:
    """What a cloud says of itself, and where its points begin."""

    fields: tuple[str, ...]
    types: tuple[str, ...]
    """`F4`, `U1`, ...: a letter and the size in bytes, as numpy has them in lower case."""
    counts: tuple[int, ...]
    points: int
    encoding: str
    start: int
    """Of the points, in bytes."""

    @property
    def columns(self) -> int:
        return sum(self.counts)

    @property
    def row_bytes(self) -> int:
        return sum(
            int(kind[1]) * count for kind, count in zip(self.types, self.counts, strict=True)
        )

    def column_of(self, field: str) -> int:
        return sum(self.counts[: self.fields.index(field)])


def read_header(source: BinaryIO, name: str) -> Header:
    """Read and check the header of a cloud.

    Raises:
        FileError: no PCD, or one that cannot be; names the line that is wrong.
    """
    source.seek(0)
    entries: dict[str, list[str]] = {}
    for _ in range(_MAX_HEADER_LINES):
        line = source.readline(_MAX_LINE)
        if not line:
            break
        words = line.decode("ascii", "replace").split()
        if not words or words[0].startswith("#"):
            continue
        if not entries and words[0] not in ("VERSION", "FIELDS"):
            break
        entries[words[0]] = words[1:]
        if words[0] == "DATA":
            return _checked(entries, source.tell(), name)
    raise FileError(f"{name}: not a point cloud in the PCD format")


def _checked(entries: Mapping[str, list[str]], start: int, name: str) -> Header:
    fields = tuple(entries.get("FIELDS") or entries.get("COLUMNS") or ())
    if not {"x", "y", "z"} <= set(fields):
        raise FileError(f"{name}: FIELDS: expected x, y and z among them, got {' '.join(fields)!r}")
    sizes = entries.get("SIZE", [])
    letters = entries.get("TYPE", [])
    counts = entries.get("COUNT") or ["1"] * len(fields)
    if not len(fields) == len(sizes) == len(letters) == len(counts):
        raise FileError(f"{name}: FIELDS, SIZE, TYPE and COUNT differ in length")
    types = tuple(letter + size for letter, size in zip(letters, sizes, strict=True))
    for kind in types:
        if kind not in _TYPES:
            raise FileError(f"{name}: TYPE and SIZE: there is no number {kind!r}")
    numbers = tuple(_whole(count, "COUNT", name) for count in counts)
    for axis in ("x", "y", "z"):
        if numbers[fields.index(axis)] != 1:
            raise FileError(f"{name}: COUNT: {axis} is one number a point")
    width = _whole(" ".join(entries.get("WIDTH", ())), "WIDTH", name)
    height = _whole(" ".join(entries.get("HEIGHT", ["1"])), "HEIGHT", name)
    points = width * height
    if "POINTS" in entries and _whole(" ".join(entries["POINTS"]), "POINTS", name) != points:
        raise FileError(
            f"{name}: POINTS: expected WIDTH x HEIGHT = {points:,}, got {entries['POINTS'][0]}"
        )
    encoding = " ".join(entries["DATA"])
    if encoding not in _ENCODINGS:
        raise FileError(f"{name}: DATA: expected {', '.join(_ENCODINGS)}, got {encoding!r}")
    header = Header(fields, types, numbers, points, encoding, start)
    if points > MAX_POINTS or header.row_bytes > MAX_ROW_BYTES:
        raise FileError(
            f"{name}: clouds have up to {MAX_POINTS:,} points of {MAX_ROW_BYTES:,} bytes, "
            f"got {points:,} of {header.row_bytes:,}"
        )
    return header


def _whole(text: str, what: str, name: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise FileError(f"{name}: {what}: expected a whole number, got {text[:40]!r}")
    return int(text)


def chunks(source: BinaryIO, header: Header, fields: tuple[str, ...], name: str) -> Iterator[Table]:
    """Yield the columns of some fields, shape (N, len(fields)) of float64, in the file's order.

    Raises:
        FileError: there are fewer points than the header says, or they are no numbers.
    """
    source.seek(header.start)
    read = {"ascii": _ascii, "binary": _binary, "binary_compressed": _compressed}
    found = 0
    for rows in read[header.encoding](source, header, fields, name):
        found += len(rows)
        yield rows
    if found != header.points:
        raise FileError(f"{name}: expected {header.points:,} points, got {found:,}")


def _ascii(source: BinaryIO, header: Header, fields: tuple[str, ...], name: str) -> Iterator[Table]:
    import numpy as np

    columns = [header.column_of(field) for field in fields]
    text = io.TextIOWrapper(io.BufferedReader(_Unclosed(source)), "ascii", "replace")
    left = header.points
    while left:
        wanted = min(left, CHUNK_POINTS)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of a file without points: said below
                rows = np.loadtxt(text, np.float64, usecols=columns, max_rows=wanted, ndmin=2)
        except (ValueError, IndexError) as error:
            raise FileError(f"{name}: the points are damaged: {error}") from error
        if not len(rows):
            return
        left -= len(rows)
        yield rows


def _binary(
    source: BinaryIO, header: Header, fields: tuple[str, ...], name: str
) -> Iterator[Table]:
    import numpy as np

    row = _row_type(header)
    left = header.points
    while left:
        data = source.read(min(left, CHUNK_POINTS) * row.itemsize)
        whole = len(data) // row.itemsize
        if not whole:
            return
        rows = np.frombuffer(data, row, whole)
        left -= whole
        yield _numbers([rows[f"f{header.fields.index(field)}"] for field in fields])


def _compressed(
    source: BinaryIO, header: Header, fields: tuple[str, ...], name: str
) -> Iterator[Table]:
    """Read points that lie field by field, all of them packed together."""
    import lzf  # type: ignore[import-not-found]
    import numpy as np

    sizes = source.read(8)
    if len(sizes) < 8:
        raise FileError(f"{name}: the file ends before its points")
    packed_bytes, unpacked_bytes = struct.unpack("<LL", sizes)
    if unpacked_bytes != header.points * header.row_bytes:
        raise FileError(
            f"{name}: expected {header.points * header.row_bytes:,} bytes of points, "
            f"got {unpacked_bytes:,}"
        )
    if unpacked_bytes == 0:
        return
    packed = source.read(packed_bytes)
    if len(packed) < packed_bytes:
        raise FileError(f"{name}: the file ends within its points")
    try:
        data = lzf.decompress(packed, unpacked_bytes)
    except ValueError as error:
        raise FileError(f"{name}: the points are damaged: {error}") from error
    if data is None or len(data) != unpacked_bytes:
        raise FileError(f"{name}: the points are damaged: they do not unpack")
    starts = {}
    position = 0
    for field, kind, count in zip(header.fields, header.types, header.counts, strict=True):
        starts[field] = (position, kind)
        position += int(kind[1]) * count * header.points
    columns = []
    for field in fields:
        start, kind = starts[field]
        columns.append(np.frombuffer(data, f"<{kind.lower()}", header.points, start))
    yield _numbers(columns)


def _row_type(header: Header) -> np.dtype[Any]:
    """Return a point as it lies in a binary file; fields are `f0`, `f1`, ... in their order.

    Their own names need not differ: padding is called `_` as often as it is needed.
    """
    import numpy as np

    return np.dtype(
        [
            (f"f{index}", f"<{kind.lower()}", (count,) if count != 1 else ())
            for index, (kind, count) in enumerate(zip(header.types, header.counts, strict=True))
        ]
    )


def _numbers(columns: list[Table]) -> Table:
    import numpy as np

    with np.errstate(invalid="ignore"):  # NaN of other kinds than numpy's
        return np.stack([column.astype(np.float64) for column in columns], axis=1)


@dataclass(frozen=True)
class Plan:
    """Where the picture from above lies: x of its left edge, y of its upper one."""

    left: float
    top: float
    scale: float
    """Pixels to a unit of the cloud."""

    @classmethod
    def of(cls, seen: Sequence[float]) -> Plan:
        """Return the plan of a picture that shows [x, y, x, y] with a margin."""
        x1, y1, x2, y2 = seen
        scale = (THUMBNAIL_SIDE - 2 * MARGIN) / max(x2 - x1, y2 - y1, 1e-9)
        half = THUMBNAIL_SIDE / 2 / scale
        return cls((x1 + x2) / 2 - half, (y1 + y2) / 2 + half, scale)


def measure(source: BinaryIO, name: str, rule: FileRule, max_pixels: int) -> Measured:
    """Return how many points a cloud has, its fields and its bounds; every point is read.

    `bounds` are [x, y, z, x, y, z], the least and the greatest, of the points that are
    finite, and `seen` is what its picture shows; None where none is.

    Raises:
        FileError: no PCD, or damaged.
    """
    import numpy as np

    header = read_header(source, name)
    least = np.full(3, np.inf)
    greatest = np.full(3, -np.inf)
    step = _step(header)
    parts = []
    for rows in chunks(source, header, ("x", "y", "z"), name):
        finite = rows[np.isfinite(rows).all(axis=1)]
        parts.append(finite[::step, :2])
        if len(finite):
            least = np.minimum(least, finite.min(axis=0))
            greatest = np.maximum(greatest, finite.max(axis=0))
    bounds = [*map(float, least), *map(float, greatest)] if np.isfinite(least).all() else None
    media = {
        "points": header.points,
        "fields": list(header.fields),
        "encoding": header.encoding,
        "bounds": bounds,
        "seen": _seen(np.concatenate(parts)) if bounds else None,
    }
    return Measured(MEDIA_TYPE, media)


def _step(header: Header) -> int:
    """Return which part of the points is looked at for the picture: every n-th."""
    return max(1, -(-header.points // DRAWN_POINTS))


def _seen(points: Table) -> list[float]:
    """Return what a picture of points shows, as [x, y, x, y].

    One percent of the points on each side may lie outside: stray ones would shrink the rest.
    """
    import numpy as np

    low, high = np.percentile(points[:, :2], (1, 99), axis=0)
    return [*map(float, low), *map(float, high)]


def thumbnail(source: BinaryIO, media: Mapping[str, Any], max_pixels: int) -> bytes:
    """Return the cloud from above, x to the right and y up, coloured by height: a WebP.

    It shows what `seen` of `measure` says.

    Raises:
        FileError: damaged.
    """
    import numpy as np
    from PIL import Image

    name = "point cloud"
    header = read_header(source, name)
    step = _step(header)
    parts = []
    for rows in chunks(source, header, ("x", "y", "z"), name):
        some = rows[::step]
        parts.append(some[np.isfinite(some).all(axis=1)])
    cloud = np.concatenate(parts) if parts else np.empty((0, 3))
    pixels = np.full((THUMBNAIL_SIDE, THUMBNAIL_SIDE, 3), (16, 20, 28), np.uint8)
    if len(cloud):
        plan = Plan.of(media.get("seen") or _seen(cloud))
        xy = (cloud[:, :2] - (plan.left, plan.top)) * (plan.scale, -plan.scale)
        inside = ((xy >= 0) & (xy < THUMBNAIL_SIDE)).all(axis=1)
        xy, heights = xy[inside].astype(int), cloud[inside, 2]
        # Low points first: what lies above is seen from above.
        order = np.argsort(heights, kind="stable")
        low, high = np.percentile(cloud[:, 2], (1, 99))
        shade = np.clip((heights[order] - low) / max(high - low, 1e-9), 0, 1)
        columns, lines = xy[order, 0], xy[order, 1]
        # A dot of one pixel would hardly be seen where points are few.
        size = 1 if len(shade) > 30_000 else 2
        for dx in range(size):
            for dy in range(size):
                x = np.minimum(columns + dx, THUMBNAIL_SIDE - 1)
                y = np.minimum(lines + dy, THUMBNAIL_SIDE - 1)
                pixels[y, x] = _colors(shade)
    output = io.BytesIO()
    Image.fromarray(pixels).save(output, "WEBP", quality=85, method=2)
    return output.getvalue()


def _colors(shade: Table) -> Table:
    """Return colours of heights from 0 to 1: blue, green, yellow, as people tell them apart."""
    import numpy as np

    stops = np.array([(72, 76, 160), (38, 130, 142), (83, 197, 104), (253, 231, 80)], float)
    position = shade * (len(stops) - 1)
    below = np.minimum(position.astype(int), len(stops) - 2)
    part = (position - below)[:, None]
    mixed: Table = (stops[below] * (1 - part) + stops[below + 1] * part).astype(np.uint8)
    return mixed


class _Unclosed(io.RawIOBase):
    """A file that a text wrapper reads and does not close."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


PROBE = Probe((MEDIA_TYPE,), measure, thumbnail)
