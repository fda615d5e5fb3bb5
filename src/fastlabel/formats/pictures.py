"""What formats need to know of picture files."""

from __future__ import annotations

from pathlib import Path

from fastlabel.formats.base import ReadTask

EXTENSIONS = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")


def size_wh(path: Path) -> tuple[int, int]:
    """Return width and height in pixels as the file has them, without decoding its pixels.

    Raises:
        OSError: no such file, or no picture.
    """
    from PIL import Image  # slow to import

    with Image.open(path) as picture:
        return picture.size


def with_size(found: ReadTask) -> ReadTask:
    """Return a task that was read with its size, from its file if the labels do not say it.

    A task without a file, or with one that is no picture, comes back as it is.
    """
    task = found.task
    if found.file is None or ("width" in task and "height" in task):
        return found
    try:
        width, height = size_wh(found.file)
    except OSError:
        return found
    return ReadTask({**task, "width": width, "height": height}, found.file)
