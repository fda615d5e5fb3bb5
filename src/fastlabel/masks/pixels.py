"""The pixels of an annotation.

Outlines along the borders of pixels are filled exactly, whichever way they run and wherever
they begin; one that crosses itself follows the even-odd rule. Slanting edges follow the steps
of the official client (`outlines`), as if each outline ran the way that is right for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from fastlabel.geometry import FlatRegion
from fastlabel.masks import outlines
from fastlabel.shapes import SHAPES

IndexImage: TypeAlias = NDArray[np.uint8]
"""Shape (height, width): the index of what each pixel shows, 0 for the background."""
Mask: TypeAlias = NDArray[np.bool_]
"""Shape (height, width)."""
Window: TypeAlias = tuple[slice, slice]
"""Rows and columns of an image."""

CLOSED_BOX = 5
"""Points of a box's outline."""
DECIMALS = 6
"""Evens out the noise of a rotation before numbers are truncated."""


class Patch(NamedTuple):
    """Pixels of an image; outside the window there are none."""

    window: Window
    mask: Mask


def fill(image: IndexImage, annotation: Mapping[str, Any], index: int) -> bool:
    """Give the pixels of an annotation an index, over what was there; tell if it has any."""
    found = patch(annotation, image.shape)
    if found is None:
        return False
    image[found.window][found.mask] = index
    return True


def mask_of(annotation: Mapping[str, Any], shape_hw: tuple[int, ...]) -> Mask:
    """Return which pixels of an image belong to an annotation."""
    mask = np.zeros(shape_hw[:2], np.bool_)
    found = patch(annotation, shape_hw)
    if found is not None:
        mask[found.window] = found.mask
    return mask


def bounds_of_mask(mask: Mask) -> tuple[int, int, int, int] | None:
    """Return the smallest box around the pixels of a mask as xyxy, None where there are none."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def patch(annotation: Mapping[str, Any], shape_hw: tuple[int, ...]) -> Patch | None:
    """Return an annotation's pixels in an image, None where it has none."""
    regions = SHAPES[annotation["type"]].rings(annotation)
    if annotation.get("rotation"):
        regions = [
            [[round(number, DECIMALS) for number in ring] for ring in region] for region in regions
        ]
    # The official client leaves polygons open, and OpenCV closes them by a straight edge.
    return regions_patch(regions, shape_hw, join=annotation["type"] != "polygon")


def regions_patch(
    regions: Sequence[FlatRegion], shape_hw: tuple[int, ...], join: bool = True
) -> Patch | None:
    """Return the pixels of regions less their own hollows, None where there are none.

    Args:
        join: join the end of an outline to its begin before its corners are moved.
    """
    points = [[outlines.whole(ring) for ring in region] for region in regions]
    window = _window(points, shape_hw)
    if window is None:
        return None
    mask = np.zeros([side.stop - side.start for side in window], np.bool_)
    for outline, *hollows in points:
        found = _enclosed(outline, window, join)
        for hollow in hollows:
            found &= ~_enclosed(hollow, window, join)
        mask |= found
    return Patch(window, mask) if mask.any() else None


def _enclosed(ring: outlines.Points, window: Window, join: bool) -> Mask:
    around = outlines.joined(ring)
    if (np.diff(around, axis=0) != 0).all(axis=1).any():
        return _enclosed_by_slants(ring, window, join)
    return _enclosed_exactly(around, window)


def _enclosed_exactly(around: outlines.Points, window: Window) -> Mask:
    rows, columns = window
    height, width = rows.stop - rows.start, columns.stop - columns.start
    is_box = len(around) == CLOSED_BOX and (around[0] + around[2] == around[1] + around[3]).all()
    if is_box:
        inside = np.zeros((height, width), np.bool_)
        (left, top), (right, bottom) = np.sort(around[[0, 2]] - (columns.start, rows.start), axis=0)
        inside[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = True
        return inside
    x, y = around[:-1, 0] - columns.start, around[:, 1] - rows.start
    first = np.clip(np.minimum(y[:-1], y[1:]), 0, height)
    counts = np.clip(np.maximum(y[:-1], y[1:]), 0, height) - first
    # Each upright border of a pixel that the outline runs along, by its row and column.
    row = np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
    column = np.repeat(np.clip(x, 0, width), counts)
    borders = np.bincount(row * (width + 1) + column, minlength=height * (width + 1))
    borders = borders.reshape(height, width + 1)[:, :width].astype(np.uint8)
    # A pixel is inside if the outline crosses its row an odd number of times up to it.
    return (np.cumsum(borders, axis=1, dtype=np.uint8) & 1).astype(np.bool_)


def _enclosed_by_slants(ring: outlines.Points, window: Window, join: bool) -> Mask:
    if join:
        outline = outlines.joined(outlines.without_diagonals(ring))
        outline = outlines.without_duplicates(outline)
        if not outlines.is_clockwise(outline):
            outline = outline[::-1]
        outline = outlines.from_base(outline)
    else:
        clockwise = outlines.is_clockwise(outlines.joined(ring))
        outline = outlines.without_diagonals(ring if clockwise else ring[::-1])
        outline = outlines.without_duplicates(outline)
    rows, columns = window
    inside = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    pixels = outlines.shrunk(outline - (columns.start, rows.start))
    cv2.fillPoly(inside, [pixels], 1)
    return inside.astype(np.bool_)


def _window(
    points: Sequence[Sequence[outlines.Points]], shape_hw: tuple[int, ...]
) -> Window | None:
    """Return the part of an image that has the outlines, None where there is none."""
    corners = np.concatenate([region[0] for region in points])
    # Corners move by two pixels at most, and some that should stay where they are.
    (min_x, min_y), (max_x, max_y) = corners.min(axis=0) - 2, corners.max(axis=0) + 1
    rows = slice(max(0, int(min_y)), min(shape_hw[0], int(max_y)))
    columns = slice(max(0, int(min_x)), min(shape_hw[1], int(max_x)))
    return (rows, columns) if rows.start < rows.stop and columns.start < columns.stop else None
