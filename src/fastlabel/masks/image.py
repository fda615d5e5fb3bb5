"""Masks that users have: files, and arrays of other libraries."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from fastlabel.exceptions import FastLabelInvalidException

MaskImage: TypeAlias = "str | os.PathLike[str] | NDArray[Any]"
"""An image file, of which every pixel that is not black counts, or an array (height, width)."""


def mask_image_pixels(mask_image: MaskImage) -> NDArray[Any]:
    """Return a mask as an array of shape (height, width).

    Raises:
        FastLabelInvalidException: no such file, it is no image, or an array of other shape.
    """
    if isinstance(mask_image, str | os.PathLike):
        return _read(Path(mask_image))
    array = np.asarray(mask_image)
    if array.ndim != 2:
        raise FastLabelInvalidException(
            f"mask_image: expected an array of one channel (height, width), got {array.shape}", 422
        )
    return array


def _read(path: Path) -> NDArray[Any]:
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise FastLabelInvalidException(f"{path}: cannot be read: {error}", 422) from error
    grey = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) if len(data) else None
    if grey is None:
        raise FastLabelInvalidException(f"{path}: no image that can be read", 422)
    return grey
