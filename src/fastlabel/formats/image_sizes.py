"""The size of an image file, from its header alone."""

from __future__ import annotations

from pathlib import Path

from fastlabel.formats.base import ReadTask

_SIDEWAYS = (5, 6, 7, 8)
_ORIENTATION = 0x0112


def size_wh(path: Path | str) -> tuple[int, int]:
    """Return width and height of an image as it is shown (EXIF orientation applied).

    Raises:
        ValueError: it is no image; does not name the file.
    """
    from PIL import Image, UnidentifiedImageError  # slow to import

    try:
        with Image.open(path) as image:
            width, height = image.size
            found = image.info.get("exif")
            if not found:
                return width, height
            # What opening found: Pillow's `getexif` would decode the pixels of a PNG first.
            exif = Image.Exif()
            exif.load(found)
            return (height, width) if exif.get(_ORIENTATION) in _SIDEWAYS else (width, height)
    except UnidentifiedImageError:
        raise ValueError("not an image") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"the image cannot be read: {error}") from error


def with_size(found: ReadTask) -> ReadTask:
    """Return a task that was read with its size, from its file if the labels do not say it.

    A task without a file, or with one that is no picture, comes back as it is.
    """
    task = found.task
    if found.file is None or ("width" in task and "height" in task):
        return found
    try:
        width, height = size_wh(found.file)
    except ValueError:
        return found
    return ReadTask({**task, "width": width, "height": height}, found.file)
