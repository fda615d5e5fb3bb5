"""PNG images of indexes into a palette, and of colours that stand for numbers.

Specification: https://www.w3.org/TR/png/. Written here, as areas of one index differ little
from row to row: as differences from the row above they are runs of 0, which pack faster and
smaller than by a writer that takes any image.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fastlabel.masks import IndexImage

SIGNATURE = b"\x89PNG\r\n\x1a\n"
BIT_DEPTH, TRUE_COLORS, PALETTE_COLORS = 8, 2, 3
DIFFERENCE_FROM_ABOVE = 2


def palette_png(indexes: IndexImage, palette: Sequence[int]) -> bytes:
    """Return a PNG of 8-bit indexes.

    Args:
        palette: r, g, b, r, g, b, ...; a colour for each index that occurs, at most 256.
    """
    return _png(indexes, indexes.shape[1], PALETTE_COLORS, _chunk(b"PLTE", bytes(palette)))


def rgb_png(colors: NDArray[np.uint8]) -> bytes:
    """Return a PNG of an array of shape (height, width, 3): red, green, blue."""
    height, width, _ = colors.shape
    return _png(colors.reshape(height, 3 * width), width, TRUE_COLORS)


def _png(samples: NDArray[Any], width: int, color_type: int, palette: bytes = b"") -> bytes:
    import numpy as np

    height, row_bytes = samples.shape
    rows = np.empty((height, row_bytes + 1), np.uint8)
    rows[:, 0] = DIFFERENCE_FROM_ABOVE
    rows[:1, 1:] = samples[:1]
    np.subtract(samples[1:], samples[:-1], out=rows[1:, 1:])
    packer = zlib.compressobj(strategy=zlib.Z_RLE)
    header = struct.pack(">IIBBBBB", width, height, BIT_DEPTH, color_type, 0, 0, 0)
    return b"".join(
        (
            SIGNATURE,
            _chunk(b"IHDR", header),
            palette,
            _chunk(b"IDAT", packer.compress(rows.data) + packer.flush()),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
