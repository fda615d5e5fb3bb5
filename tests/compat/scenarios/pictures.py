"""Small real images, made with Pillow."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from PIL import Image

ORIENTATION = 0x0112
MAKE = 0x010F


def picture(size_wh: tuple[int, int] = (40, 30)) -> Image.Image:
    """Return a picture whose four corners differ, so that turning it shows."""
    width, height = size_wh
    image = Image.new("RGB", size_wh, (200, 200, 200))
    image.paste((255, 0, 0), (0, 0, width // 2, height // 2))
    image.paste((0, 255, 0), (width // 2, 0, width, height // 2))
    image.paste((0, 0, 255), (0, height // 2, width // 2, height))
    return image


def png(size_wh: tuple[int, int] = (40, 30)) -> bytes:
    return encoded(picture(size_wh), "PNG")


def gif(size_wh: tuple[int, int] = (40, 30)) -> bytes:
    return encoded(picture(size_wh), "GIF")


def jpeg(size_wh: tuple[int, int] = (40, 30), orientation: int | None = None) -> bytes:
    """Return a JPEG; with an orientation, one that carries EXIF data of a camera."""
    if orientation is None:
        return encoded(picture(size_wh), "JPEG")
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[MAKE] = "Camera of somebody"
    return encoded(picture(size_wh), "JPEG", exif=exif.tobytes())


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def saved(data: bytes, name: str) -> str:
    """Write a file into a folder of its own and return the path."""
    path = Path(tempfile.mkdtemp(dir=".")) / name
    path.write_bytes(data)
    return str(path)


def folder(files: dict[str, bytes]) -> str:
    """Write a folder of files and return its path."""
    path = Path(tempfile.mkdtemp(dir="."))
    for name, data in files.items():
        (path / name).write_bytes(data)
    return str(path)
