"""The file of an object as a model's input."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fastlabel.exceptions import FastLabelException

if TYPE_CHECKING:
    from PIL import Image

READ_AT_ONCE: Final = ("image", "text")
"""Kinds whose files are not needed any more then; of others the path is given."""
_WIDE = 256
"""A number of 16 bits is so many of 8."""


def input_of(kind: str, path: Path) -> Any:
    """Return a picture of Pillow's, a text, or of other kinds the path.

    Raises:
        FastLabelException: the file is damaged.
    """
    if kind == "image":
        return opened_image(path)
    if kind == "text":
        return path.read_text(encoding="utf-8", errors="replace")
    return str(path)


def opened_image(path: Path) -> Image.Image:
    """Return a picture as it is shown (EXIF orientation applied), in RGB.

    Of an animation, the first frame. 16 bits a pixel become 8.

    Raises:
        FastLabelException: the file is damaged.
    """
    from PIL import Image, ImageOps  # slow to import

    try:
        with Image.open(path) as image:
            upright = ImageOps.exif_transpose(image)
            if upright.mode.startswith("I"):
                # Pillow's own way would make everything above 255 white.
                upright = upright.convert("I").point(lambda value: value / _WIDE).convert("L")
            return upright.convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise FastLabelException(f"{path}: the image cannot be read: {error}") from error
