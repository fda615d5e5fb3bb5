"""Pictures for the tests: with EXIF, damaged, of other formats, too large."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import ExifTags, Image, PngImagePlugin

GPS_LATITUDE = (35.0, 41.0, 22.0)
SECRET = "Osaka, behind the shrine"
RED, BLUE = (220, 30, 30), (30, 30, 220)


def picture(size_wh: tuple[int, int] = (64, 48)) -> Image.Image:
    """Return a picture whose left half is red and whose right half is blue."""
    width, height = size_wh
    image = Image.new("RGB", size_wh, BLUE)
    image.paste(RED, (0, 0, width // 2, height))
    return image


def encoded(
    format_name: str, size_wh: tuple[int, int] = (64, 48), *, mode: str = "RGB", **options: Any
) -> bytes:
    """Return a picture in a format of Pillow's."""
    output = io.BytesIO()
    picture(size_wh).convert(mode).save(output, format_name, **options)
    return output.getvalue()


def exif(orientation: int) -> Image.Exif:
    """Return EXIF data with an orientation, a place and a comment."""
    data = Image.Exif()
    data[ExifTags.Base.Orientation] = orientation
    data[ExifTags.Base.ImageDescription] = SECRET
    data.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = GPS_LATITUDE
    return data


def with_exif(format_name: str, orientation: int) -> bytes:
    """Return a JPEG or PNG with EXIF data, and with a text chunk where the format has those."""
    options: dict[str, Any] = {"exif": exif(orientation)}
    if format_name == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", SECRET)
        options["pnginfo"] = text
    else:
        options |= {"quality": 95, "subsampling": 0}
    return encoded(format_name, **options)


def opened(data: bytes) -> Image.Image:
    """Decode a picture."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def is_red(image: Image.Image, x: int, y: int) -> bool:
    """Tell the two colours of `picture` apart, whatever a lossy format made of them."""
    red, _, blue = image.convert("RGB").getpixel((x, y))  # type: ignore[misc]
    return bool(red > blue)


def png_header(size_wh: tuple[int, int]) -> bytes:
    """Return a PNG of a few bytes that claims to be of any size."""
    header = struct.pack(">IIBBBBB", *size_wh, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def two_in_one() -> bytes:
    """Return a JPEG with a second one behind it (MPO), as phones take them; both have EXIF."""
    second = picture((32, 24))
    output = io.BytesIO()
    picture().save(
        output, "MPO", save_all=True, append_images=[second], exif=exif(1), quality=95
    )  # fmt: skip
    return output.getvalue()
