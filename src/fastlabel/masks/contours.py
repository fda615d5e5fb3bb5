"""The regions of a mask: closed outlines along the borders of its pixels, with their hollows.

Pixels that touch at a corner belong together. An outline runs clockwise on screen and a
hollow against it. Points, their order and where a ring begins are the official client's; rings
of its that enclose other pixels than the mask has are traced anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from fastlabel.masks.rings import official_ring, ring_of, with_stairs

Regions: TypeAlias = list[list[list[float]]]
"""Of an annotation of the type `segmentation`: regions of rings [x1, y1, x2, y2, ..., x1, y1]."""

FEWEST_NUMBERS = 10
"""Of a ring: a square that is closed."""
SIMPLIFIED_PX = 3
# Fields of OpenCV's hierarchy of contours.
NEXT, _, FIRST_CHILD, PARENT = range(4)


def regions_of_mask(mask: NDArray[Any], *, compat: Literal["official"] | None = None) -> Regions:
    """Return the outlines of the pixels that are not zero; `[]` where there are none.

    Islands in hollows are regions of their own, with hollows and islands again. Filled, the
    regions give the mask.

    Args:
        mask: shape (height, width).
        compat: `official` gives the regions of the official client 0.26.0: islands that share
            a hollow become one region, and what is in an island is lost.
    """
    regions = traced_regions(mask, compat=compat)
    return [[with_stairs(ring) for ring in region] for region in regions]


def traced_regions(mask: NDArray[Any], *, compat: Literal["official"] | None = None) -> Regions:
    """Return the regions before slanting edges become stairs: most rings have none."""
    contours, hierarchy = cv2.findContours(_pixels(mask), cv2.RETR_TREE, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return []
    points = [[(int(x), int(y)) for x, y in contour[:, 0].tolist()] for contour in contours]
    tree = hierarchy[0].tolist()
    if compat:
        groups = _official_groups(tree)
        return [_kept(map(official_ring, (points[one] for one in group))) for group in groups]
    return [[ring_of(points[one]) for one in group] for group in _groups(tree)]


def simplified_polygon(mask: NDArray[Any]) -> list[float]:
    """Return the last outer contour through the middle of its pixels, simplified by up to 3 px."""
    contours, _ = cv2.findContours(_pixels(mask), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return []
    polygon = cv2.approxPolyDP(contours[-1], SIMPLIFIED_PX, True)
    points: list[float] = polygon[::-1].ravel().tolist()
    return points


def _pixels(mask: NDArray[Any]) -> NDArray[np.uint8]:
    pixels = np.ascontiguousarray(np.asarray(mask) != 0, np.uint8)
    if pixels.ndim != 2:
        raise ValueError(f"mask: expected the shape (height, width), got {pixels.shape}")
    return pixels


def _groups(tree: list[list[int]]) -> Iterator[list[int]]:
    """Yield outlines with their hollows, islands after the region around them."""
    waiting = [index for index in reversed(range(len(tree))) if tree[index][PARENT] < 0]
    while waiting:
        outline = waiting.pop()
        hollows = list(_children(tree, outline))
        yield [outline, *hollows]
        islands = [island for hollow in hollows for island in _children(tree, hollow)]
        waiting += reversed(islands)


def _official_groups(tree: list[list[int]]) -> Iterator[list[int]]:
    for index, links in enumerate(tree):
        if links[PARENT] < 0:
            hollows = list(_children(tree, index))
            yield [index, *hollows]
            for hollow in hollows:
                if islands := list(_children(tree, hollow)):
                    yield islands


def _children(tree: list[list[int]], index: int) -> Iterator[int]:
    child = tree[index][FIRST_CHILD]
    while child >= 0:
        yield child
        child = tree[child][NEXT]


def _kept(rings: Iterable[list[float]]) -> list[list[float]]:
    return [ring for ring in rings if len(ring) >= FEWEST_NUMBERS]
