"""Run-length encoding of masks, as COCO has it.

Specification: https://cocodataset.org/#format-data; the compressed text is that of
https://github.com/cocodataset/cocoapi. Runs of 0 and 1 take turns, from the top down and
column by column; the first is of 0 and may be empty. As a text, each run from the fourth on is
its difference from the one of the same kind before, in groups of five bits, the lowest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastlabel.masks.contours import Regions, regions_of_mask
from fastlabel.masks.pixels import Mask
from fastlabel.shapes import ShapeError
from fastlabel.shapes.base import LISTS, check_whole, shown

MOST_PIXELS = 1 << 29
"""Of a mask that is taken in: a size in a file must not fill the memory."""
FIRST_CHARACTER = 48
LAST_CHARACTER = FIRST_CHARACTER + 63
MORE, SIGN = 0x20, 0x10
LONGEST_GROUP = 12


def rle_of_mask(mask: NDArray[Any], *, compressed: bool = True) -> dict[str, Any]:
    """Return `{"size": [height, width], "counts": ...}` of the pixels that are not zero.

    Args:
        compressed: give the counts as a text, else as a list.
    """
    height, width = mask.shape
    pixels = np.asarray(mask, np.bool_).ravel(order="F")
    changes = np.flatnonzero(pixels[1:] != pixels[:-1]) + 1
    # A mask that begins with 1 has no 0 before it.
    begin = [0, 0] if pixels[:1].any() else [0]
    counts = np.diff(np.concatenate((begin, changes, [pixels.size]))).tolist()
    return {"size": [height, width], "counts": _text(counts) if compressed else counts}


def mask_of_rle(rle: Mapping[str, Any], where: str) -> Mask:
    """Return the pixels that an RLE stands for, compressed or not.

    Raises:
        ShapeError: names the path below `where` and the value.
    """
    height, width = _size(rle.get("size"), f"{where}.size")
    counts = rle.get("counts")
    if isinstance(counts, bytes):
        counts = counts.decode("ascii", errors="replace")
    if isinstance(counts, str):
        runs = _counts(counts, f"{where}.counts")
    elif isinstance(counts, LISTS):
        runs = list(counts)
    else:
        raise ShapeError(f"{where}.counts: expected a text or a list, got {shown(counts)}")
    for index, run in enumerate(runs):
        check_whole(run, f"{where}.counts[{index}]")
    if sum(runs) != height * width:
        raise ShapeError(
            f"{where}.counts: expected {height * width} pixels for {height} rows of {width}, "
            f"got {sum(runs)}"
        )
    values = np.arange(len(runs)) % 2 == 1
    return np.repeat(values, runs).reshape((height, width), order="F")


def regions_of_rle(rle: Mapping[str, Any], where: str) -> Regions:
    """Return the regions that an RLE stands for; see `regions_of_mask`.

    Raises:
        ShapeError: names the path below `where` and the value.
    """
    return regions_of_mask(mask_of_rle(rle, where))


def _size(size: object, where: str) -> tuple[int, int]:
    if not isinstance(size, LISTS) or len(size) != 2:
        raise ShapeError(f"{where}: expected [height, width], got {shown(size)}")
    for index, side in enumerate(size):
        check_whole(side, f"{where}[{index}]")
    height, width = size
    if height * width > MOST_PIXELS:
        raise ShapeError(f"{where}: a mask has up to {MOST_PIXELS:,} pixels, got {shown(size)}")
    return height, width


def _text(counts: list[int]) -> str:
    differences = [
        *counts[:3],
        *(now - then for then, now in zip(counts[1:], counts[3:], strict=False)),
    ]
    return bytes(_characters(differences)).decode("ascii")


def _characters(numbers: Iterable[int]) -> Iterable[int]:
    for number in numbers:
        while True:
            group = number & 0x1F
            number >>= 5
            # The highest bit of the last group is the sign.
            is_last = number == (-1 if group & SIGN else 0)
            yield FIRST_CHARACTER + (group if is_last else group | MORE)
            if is_last:
                break


def _counts(text: str, where: str) -> list[int]:
    counts: list[int] = []
    number = shift = 0
    for index, character in enumerate(text):
        group = ord(character) - FIRST_CHARACTER
        if not 0 <= group < 64:
            raise ShapeError(f"{where}[{index}]: {character!r} is none of the characters of an RLE")
        number |= (group & 0x1F) << shift
        shift += 5
        if group & MORE:
            if shift > 5 * LONGEST_GROUP:
                raise ShapeError(f"{where}[{index}]: a run that is longer than any mask")
            continue
        if group & SIGN:
            number -= 1 << shift
        counts.append(number + counts[-2] if len(counts) > 2 else number)
        number = shift = 0
    if shift:
        raise ShapeError(f"{where}: ends within a number: {shown(text)}")
    return counts
