"""Still images: what they are, how large they look, without their metadata, and small."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from fastlabel.modalities import FileError, FileRule, listed
from fastlabel_server.media.base import THUMBNAIL_SIDE, Measured, Probe

PLUGINS = ("JPEG", "PNG", "GIF")
FORMATS = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png", "GIF": "gif"}
"""By Pillow's names. MPO is a JPEG with further pictures behind it, as phones take them."""
MEDIA_TYPES = {"jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif"}
# Orientations 5 to 8 lay the picture on its side.
_SIDEWAYS = (5, 6, 7, 8)
_METADATA_CHUNKS = (b"eXIf", b"tEXt", b"zTXt", b"iTXt")
_METADATA_SEGMENTS = (0xE1, 0xED)
"""JPEG's APP1 (Exif, XMP) and APP13 (IPTC)."""
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_MARKER_AFTER_PIXELS = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")

# The limit is the caller's, who answers it; Pillow would warn at a half and raise at its own.
Image.MAX_IMAGE_PIXELS = None


def measure(source: BinaryIO, name: str, rule: FileRule, max_pixels: int) -> Measured:
    """Return type, width and height of an image, as it is shown (EXIF orientation applied).

    The pixels are decoded once, so a file that is cut off or damaged is refused.

    Raises:
        FileError: not an image, of another format, damaged, or a decompression bomb.
    """
    try:
        with Image.open(source, formats=PLUGINS) as image:
            format_name = FORMATS[image.format or ""]
            _check(format_name, image.size, name, rule, max_pixels)
            width, height = upright_size_wh(image)
            _decode(image)
    except FileError:
        raise
    except UnidentifiedImageError as error:
        raise FileError(f"{name}: not a {listed(rule.formats)} image") from error
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, IndexError) as error:
        raise FileError(f"{name}: the image is damaged: {error}") from error
    return Measured(MEDIA_TYPES[format_name], {"width": width, "height": height})


def _check(
    format_name: str, size_wh: tuple[int, int], name: str, rule: FileRule, max_pixels: int
) -> None:
    if format_name not in rule.formats:
        raise FileError(f"{name}: expected a {listed(rule.formats)} image, got {format_name}")
    width, height = size_wh
    if width * height > max_pixels:
        raise FileError(
            f"{name}: images have up to {max_pixels:,} pixels, got {width:,} x {height:,}"
        )


def upright_size_wh(image: Image.Image) -> tuple[int, int]:
    """Return the size of an image as it is shown."""
    width, height = image.size
    return (height, width) if orientation(image) in _SIDEWAYS else (width, height)


def orientation(image: Image.Image) -> int:
    """Return how EXIF says the picture lies; 1 is upright.

    Read from what opening found: Pillow's `getexif` would decode all pixels of a PNG first.
    """
    exif = Image.Exif()
    exif.load(image.info.get("exif") or b"")
    found = exif.get(ExifTags.Base.Orientation, 1)
    return found if isinstance(found, int) else 1


def _decode(image: Image.Image) -> None:
    """Read every pixel, as cheaply as the format allows."""
    if image.format == "PNG":
        # Checks the CRC of every chunk up to the end, without inflating the pixels.
        image.verify()
        return
    if FORMATS[image.format or ""] == "jpeg":
        # An eighth of the size: the whole stream is read, little of it is computed.
        image.draft(None, (max(1, image.width // 8), max(1, image.height // 8)))
    image.load()


def strip_metadata(data: bytes) -> bytes:
    """Return the image without EXIF, XMP, IPTC and text; its pixels as they are shown.

    An upright image loses only those parts of the file. One that EXIF turns is turned for
    good, which for JPEG means compressing it again (quality 95, same subsampling).
    """
    with Image.open(io.BytesIO(data), formats=PLUGINS) as image:
        if orientation(image) in range(2, 9):
            return _upright(image)
        format_name = FORMATS[image.format or ""]
        if format_name == "jpeg":
            return _without_segments(data)
        if format_name == "png":
            return _without_chunks(data)
    return data


def _upright(image: Image.Image) -> bytes:
    options: dict[str, Any] = {"icc_profile": image.info.get("icc_profile")}
    is_jpeg = FORMATS[image.format or ""] == "jpeg"
    if is_jpeg:
        from PIL import JpegImagePlugin

        options |= {"quality": 95, "subsampling": JpegImagePlugin.get_sampling(image)}
    turned = ImageOps.exif_transpose(image)
    turned.info = {}
    output = io.BytesIO()
    turned.save(output, "JPEG" if is_jpeg else image.format, exif=b"", **options)
    return output.getvalue()


def _without_segments(data: bytes) -> bytes:
    """Return the first picture of a JPEG without its metadata segments.

    What follows the picture goes as well: further pictures have metadata of their own.

    Source: ITU-T T.81, annex B: segments are FF, marker, length of two bytes that counts
    itself; the pixels after the marker SOS end at the next marker that is no restart.
    """
    kept = bytearray(data[:2])
    position = 2
    while position + 4 <= len(data):
        marker = data[position + 1]
        if data[position] != 0xFF or marker == 0xFF:
            position += 1
            continue
        if marker == _END_OF_IMAGE:
            break
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        if marker == _START_OF_SCAN:
            after_pixels = _MARKER_AFTER_PIXELS.search(data, end)
            end = after_pixels.start() if after_pixels else len(data)
        lists_pictures = marker == 0xE2 and data[position + 4 : position + 8] == b"MPF\0"
        if marker not in _METADATA_SEGMENTS and not lists_pictures:
            kept += data[position:end]
        position = end
    return bytes(kept) + bytes((0xFF, _END_OF_IMAGE))


def _without_chunks(data: bytes) -> bytes:
    """Drop metadata chunks of a PNG: length, type, data, CRC after an 8-byte signature."""
    kept = bytearray(data[:8])
    position = 8
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        end = position + 12 + length
        if data[position + 4 : position + 8] not in _METADATA_CHUNKS:
            kept += data[position:end]
        position = end
    return bytes(kept)


def thumbnail(source: BinaryIO, media: Mapping[str, Any], max_pixels: int) -> bytes:
    """Return a WebP of at most 320 pixels a side, upright; small images are not enlarged.

    Raises:
        FileError: damaged, or a decompression bomb.
    """
    try:
        with Image.open(source, formats=PLUGINS) as image:
            if image.width * image.height > max_pixels:
                raise FileError(f"{image.width:,} x {image.height:,} pixels are too many")
            image.draft("RGB", (THUMBNAIL_SIDE, THUMBNAIL_SIDE))
            small = ImageOps.exif_transpose(image)
            small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), reducing_gap=2.0)
            has_alpha = "A" in small.getbands() or "transparency" in small.info
            output = io.BytesIO()
            small.convert("RGBA" if has_alpha else "RGB").save(output, "WEBP", quality=80, method=2)
            return output.getvalue()
    except FileError:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, IndexError) as error:
        raise FileError(f"the image is damaged: {error}") from error


PROBE = Probe(("image/",), measure, thumbnail, strip_metadata)
