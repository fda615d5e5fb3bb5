"""DICOM: the slices of a ZIP in the order of their series, and pictures of them.

A slice is one frame of one file. Each compressed one is decoded once at the import, so that a
damaged one is found out; uncompressed pixels need only be counted.

Source: DICOM PS3.3, C.7.6.2 (image plane: position and orientation of a slice).
"""

from __future__ import annotations

import io
import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

from fastlabel.modalities import FileError, FileRule
from fastlabel_server.media.base import (
    THUMBNAIL_SIDE,
    Measured,
    OtherFile,
    Part,
    Probe,
    SeriesReader,
)
from fastlabel_server.media.dicom_pixels import DECODER

if TYPE_CHECKING:
    # pydicom and numpy are imported where they are used: together they take half a second.
    import numpy as np
    from pydicom import Dataset

MEDIA_TYPE: Final = "application/dicom"
MAX_FRAMES: Final = 10_000
MAX_INFLATED_BYTES: Final = 1024**3
"""Of a file whose data set is deflated."""
_DEFLATED: Final = b"1.2.840.10008.1.2.1.99"
_PREAMBLE: Final = 128


class NoDicom(OtherFile):
    """A file that is something other than a DICOM image."""


@dataclass(frozen=True)
class Header:
    """What a file of a series says of itself."""

    series: tuple[float, str]
    """Number and id: series come in this order."""
    along: float | None
    """Where the slice lies along the normal of its plane, in mm."""
    location: float | None
    number: float | None
    width: int
    height: int
    frames: int

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Header:
        number, series_id = told["series"]
        return cls(**{**told, "series": (number, series_id)})


def in_order(files: Sequence[tuple[str, dict[str, Any]]]) -> list[Part]:
    """Return the slices of files, each with its header, in their order.

    Several series follow one another by their numbers. In a series, slices lie along the
    normal of their planes where all say where they are; else they follow their
    SliceLocation, else their InstanceNumber, else their names. A slice is called like its
    file; where that has several frames their numbers follow, from 1.
    """
    groups: dict[tuple[float, str], list[tuple[str, Header]]] = {}
    for name, told in files:
        header = Header.from_json(told)
        groups.setdefault(header.series, []).append((name, header))
    return [
        part
        for series in sorted(groups)
        for name, header in _sorted(groups[series])
        for part in _parts(name, header)
    ]


def _parts(name: str, header: Header) -> Iterator[Part]:
    size = {"width": header.width, "height": header.height}
    if header.frames == 1:
        yield Part(name, name, size)
        return
    for frame in range(header.frames):
        yield Part(name, f"{name}/{frame + 1:04d}", {**size, "frame": frame})


def _sorted(files: list[tuple[str, Header]]) -> list[tuple[str, Header]]:
    for key in ("along", "location", "number"):
        if all(getattr(header, key) is not None for _, header in files):
            # What lies at one place, such as the moments of a beating heart, goes by number.
            return sorted(
                files, key=lambda file: (getattr(file[1], key), file[1].number or 0, file[0])
            )
    return sorted(files, key=lambda file: file[0])


def read_header(source: BinaryIO, name: str, max_pixels: int) -> Header:
    """Read what a file says of itself, and make sure that its pixels are there.

    Raises:
        NoDicom: something else, or DICOM without a picture, such as a DICOMDIR.
        FileError: damaged.
    """
    with _errors(name):
        data = _read(source, name)
        if "PixelData" not in data:
            # Of a file that ends too early pydicom gives nothing at all.
            if "Rows" in data or not len(data):
                raise FileError(f"{name}: the DICOM file is damaged: it ends before its pixels do")
            raise NoDicom(f"{name}: DICOM without a picture")
        header = _header_of(data, name, max_pixels)
        _check_pixels(source, data, header, name)
        return header


def _read(source: BinaryIO, name: str) -> Dataset:
    from pydicom import dcmread

    source.seek(_PREAMBLE)
    has_mark = source.read(4) == b"DICM"
    source.seek(0)
    if not has_mark:
        raise NoDicom(f"{name}: not a DICOM file")
    _check_deflated(source, name)
    # Pixels stay in the file until they are asked for.
    return dcmread(_Unnamed(source), defer_size=64 * 1024)


class _Unnamed:
    """A source that pydicom reads deferred values from, as it has no name to open it again by.

    Objects of a store have none, and pydicom takes every buffered file for one on a disk.
    """

    def __init__(self, source: BinaryIO) -> None:
        self.read, self.seek, self.tell = source.read, source.seek, source.tell


def _check_deflated(source: BinaryIO, name: str) -> None:
    """Refuse a deflated file that would fill the memory: pydicom inflates it whole.

    Source: PS3.10, 7.1: the length of group 2 stands in its first element, at byte 140.
    """
    source.seek(_PREAMBLE + 12)
    end_of_meta = _PREAMBLE + 16 + int.from_bytes(source.read(4), "little")
    source.seek(0)
    if _DEFLATED not in source.read(min(end_of_meta, 64 * 1024)):
        source.seek(0)
        return
    source.seek(end_of_meta)
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    total = 0
    while packed := source.read(1024 * 1024):
        while packed and total <= MAX_INFLATED_BYTES:
            total += len(inflating.decompress(packed, 16 * 1024 * 1024))
            packed = inflating.unconsumed_tail
    if total > MAX_INFLATED_BYTES:
        raise FileError(f"{name}: more than {MAX_INFLATED_BYTES:,} bytes when it is inflated")
    source.seek(0)


def _header_of(data: Dataset, name: str, max_pixels: int) -> Header:
    width, height = int(data.get("Columns") or 0), int(data.get("Rows") or 0)
    frames = int(data.get("NumberOfFrames") or 1)
    if width < 1 or height < 1:
        raise FileError(f"{name}: Columns x Rows: expected a picture, got {width} x {height}")
    if width * height > max_pixels:
        raise FileError(f"{name}: {width:,} x {height:,} pixels are too many")
    if not 1 <= frames <= MAX_FRAMES:
        raise FileError(f"{name}: NumberOfFrames: expected 1 to {MAX_FRAMES:,}, got {frames:,}")
    return Header(
        series=(_number(data, "SeriesNumber") or 0.0, str(data.get("SeriesInstanceUID") or "")),
        along=_along(data),
        location=_number(data, "SliceLocation"),
        number=_number(data, "InstanceNumber"),
        width=width,
        height=height,
        frames=frames,
    )


def _number(data: Dataset, tag: str) -> float | None:
    value = data.get(tag)
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _along(data: Dataset) -> float | None:
    """Return the position of a slice on the normal of its plane."""
    position = data.get("ImagePositionPatient")
    orientation = data.get("ImageOrientationPatient")
    if position is None or orientation is None:
        return None
    if len(position) != 3 or len(orientation) != 6:
        return None
    x, y, z = map(float, position)
    a, b, c, d, e, f = map(float, orientation)
    found = (b * f - c * e) * x + (c * d - a * f) * y + (a * e - b * d) * z
    # Rounded: positions are written as decimals, and equal planes shall compare as equal.
    return round(found, 3) if math.isfinite(found) else None


def _check_pixels(source: BinaryIO, data: Dataset, header: Header, name: str) -> None:
    """Refuse pixels that are cut off, or that their codec cannot read."""
    if data.file_meta.TransferSyntaxUID.is_encapsulated:
        size = (header.height, header.width)
        if any(found != size for found in DECODER.sizes(source, name)):
            raise FileError(f"{name}: its frames are not as large as its header says")
        return
    bits = int(data.get("BitsAllocated") or 0) * int(data.get("SamplesPerPixel") or 1)
    expected = (header.width * header.height * header.frames * bits + 7) // 8
    if "422" in str(data.get("PhotometricInterpretation")):
        expected = expected * 2 // 3
    found = _pixel_bytes(data)
    if found < expected or not bits:
        raise FileError(f"{name}: expected {expected:,} bytes of pixels, got {found:,}")


def _pixel_bytes(data: Any) -> int:
    """Return how many bytes of pixels there are, without reading them: a file may have 2 GB."""
    element = data.get_item("PixelData", keep_deferred=True)
    if element.value is not None:
        return len(element.value)
    # The source, or what it was inflated to.
    data.buffer.seek(0, io.SEEK_END)
    found: int = min(element.length, data.buffer.tell() - element.value_tell)
    return found


def _pixels(source: BinaryIO, data: Dataset, frame: int, name: str) -> np.ndarray[Any, Any]:
    """Return the pixels of a frame; colours are RGB."""
    if data.file_meta.TransferSyntaxUID.is_encapsulated:
        return DECODER.frame(source, frame, name)
    from pydicom.pixels.utils import iter_pixels

    # Of a source it reads the one frame; what was inflated is in memory already.
    is_inflated = data.file_meta.TransferSyntaxUID.is_deflated
    source.seek(0)
    frames = iter_pixels(data if is_inflated else cast(Any, _Unnamed(source)), indices=[frame])
    pixels: np.ndarray[Any, Any] = next(frames)
    return pixels


def measure(source: BinaryIO, name: str, rule: FileRule, max_pixels: int) -> Measured:
    """Return the size of the pictures in a file.

    Raises:
        FileError: no DICOM image, or damaged.
    """
    header = read_header(source, name, max_pixels)
    return Measured(MEDIA_TYPE, {"width": header.width, "height": header.height})


def thumbnail(source: BinaryIO, media: Mapping[str, Any], max_pixels: int) -> bytes:
    """Return a slice as a monitor shows it, small: a WebP.

    The window is the file's first, or spans the pixels but for the extreme half percents.

    Raises:
        FileError: damaged.
    """
    import numpy as np
    from PIL import Image

    name = "slice"
    with _errors(name):
        data = _read(source, name)
        _header_of(data, name, max_pixels)
        pixels = _pixels(source, data, media.get("frame") or 0, name)
        picture = Image.fromarray(np.ascontiguousarray(_shown(data, pixels)))
        picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), reducing_gap=2.0)
        output = io.BytesIO()
        picture.save(output, "WEBP", quality=85, method=2)
        return output.getvalue()


def _shown(data: Dataset, pixels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return pixels as 8 bits of grey or RGB."""
    import numpy as np
    from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi_lut

    interpretation = str(data.get("PhotometricInterpretation") or "MONOCHROME2")
    if interpretation == "PALETTE COLOR":
        pixels = apply_color_lut(pixels, data)
    if pixels.ndim == 3:
        eight_bits: np.ndarray[Any, Any] = (pixels >> (pixels.itemsize * 8 - 8)).astype(np.uint8)
        return eight_bits
    values = apply_modality_lut(pixels, data)
    if "WindowWidth" in data or "VOILUTSequence" in data:
        values = apply_voi_lut(values, data, prefer_lut=False)
        low, high = float(np.min(values)), float(np.max(values))
    else:
        low, high = map(float, np.percentile(values, (0.5, 99.5)))
    grey = np.clip((values.astype(np.float64) - low) / max(high - low, 1e-9), 0, 1)
    if interpretation == "MONOCHROME1":
        grey = 1 - grey
    shown: np.ndarray[Any, Any] = (grey * 255).round().astype(np.uint8)
    return shown


@contextmanager
def _errors(name: str) -> Iterator[None]:
    """Turn whatever the parsers raise for a damaged file into a FileError.

    pydicom raises nearly any exception for hostile input, hence all of them.
    """
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except FileError:
        raise
    except MemoryError:
        raise
    except Exception as error:
        reason = str(error).strip().splitlines()
        raise FileError(
            f"{name}: the DICOM file is damaged: {reason[0] if reason else type(error).__name__}"
        ) from error


def header(source: BinaryIO, name: str, max_pixels: int) -> dict[str, Any]:
    """Return what a file says of itself as JSON; errors are those of `read_header`."""
    return asdict(read_header(source, name, max_pixels))


PROBE = Probe((MEDIA_TYPE,), measure, thumbnail)
SERIES = SeriesReader(MEDIA_TYPE, header, in_order)
