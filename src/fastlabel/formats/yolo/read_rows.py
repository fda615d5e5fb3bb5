"""Rows of YOLO labels as annotations.

All numbers are fractions of the image's width or height.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from fastlabel import geometry
from fastlabel.formats.yolo.classes import Config

ANGLE_DECIMALS = 3
RIGHT_ANGLE_TOLERANCE = 1e-3
"""Of the sides' scalar product in units of their lengths; beyond it corners are no box's."""

Numbers = Sequence[float]
Rows = Callable[[Numbers, int, int, int, Config], dict[str, Any]]
"""Makes type and geometry of the numbers of a row, the image's size and the class index.

Raises ValueError where their count is wrong.
"""


def annotation_of(line: str, width: int, height: int, config: Config, rows: Rows) -> dict[str, Any]:
    """Return what a row stands for.

    Raises:
        ValueError: says what is wrong with it.
    """
    index_text, *texts = line.split() or [""]
    if not index_text:
        raise ValueError("a blank line")
    if not index_text.isdecimal() or int(index_text) not in config.names:
        raise ValueError(
            f"there is no class {index_text!r}; there are {len(config.names)}, counted from 0"
        )
    index = int(index_text)
    try:
        numbers = [float(text) for text in texts]
    except ValueError as error:
        raise ValueError(f"expected numbers: {error}") from None
    if not all(map(math.isfinite, numbers)):
        raise ValueError("expected finite numbers")
    shape = rows(numbers, width, height, index, config)
    return {"type": shape.pop("type"), "value": config.names[index], **shape}


def box(numbers: Numbers, width: int, height: int, index: int, config: Config) -> dict[str, Any]:
    """Read `cx cy w h` as the official client computes it."""
    if len(numbers) != 4:
        raise ValueError(f"expected class, cx, cy, w, h, got {len(numbers) + 1} columns")
    cx, cy, w, h = numbers
    half_width, half_height = w * width / 2, h * height / 2
    x, y = cx * width, cy * height
    return {
        "type": "bbox",
        "points": [x - half_width, y - half_height, x + half_width, y + half_height],
    }


def whole_outline(
    numbers: Numbers, width: int, height: int, index: int, config: Config
) -> dict[str, Any]:
    """Read an outline as the official client does: whole pixels, one region, as it is."""
    return {
        "type": "segmentation",
        "points": [[[round(number) for number in _pixels(numbers, width, height)]]],
    }


def outline(
    numbers: Numbers, width: int, height: int, index: int, config: Config
) -> dict[str, Any]:
    """Read an outline: a polygon, or a segmentation where it is closed or has bridges."""
    pixels = _pixels(numbers, width, height)
    rings = geometry.without_cuts(pixels)
    if len(rings) == 1 and pixels[:2] != pixels[-2:]:
        return {"type": "polygon", "points": pixels}
    return {"type": "segmentation", "points": _regions(rings)}


def corners(
    numbers: Numbers, width: int, height: int, index: int, config: Config
) -> dict[str, Any]:
    """Read the corners of a rotated box; others are those of a polygon."""
    if len(numbers) != 8:
        raise ValueError(f"expected class and four corners, got {len(numbers) + 1} columns")
    pixels = _pixels(numbers, width, height)
    x1, y1, x2, y2, x3, y3, x4, y4 = pixels
    across, down = math.hypot(x2 - x1, y2 - y1), math.hypot(x3 - x2, y3 - y2)
    skew = (x2 - x1) * (x3 - x2) + (y2 - y1) * (y3 - y2)
    parallel = math.hypot(x1 - x2 + x3 - x4, y1 - y2 + y3 - y4)
    tolerance = RIGHT_ANGLE_TOLERANCE
    if abs(skew) > tolerance * across * down or parallel > tolerance * (across + down):
        return {"type": "polygon", "points": pixels}
    turn = (x2 - x1) * (y3 - y2) - (y2 - y1) * (x3 - x2)
    if turn < 0:  # against the clock: the same box, gone round the other way
        return corners([*numbers[6:8], *numbers[4:6], *numbers[2:4], *numbers[0:2]], width,
                        height, index, config)  # fmt: skip
    cx, cy = (x1 + x3) / 2, (y1 + y3) / 2
    rotation = round(math.degrees(math.atan2(y2 - y1, x2 - x1)), ANGLE_DECIMALS)
    shape: dict[str, Any] = {
        "type": "bbox",
        "points": [cx - across / 2, cy - down / 2, cx + across / 2, cy + down / 2],
    }
    if rotation:
        shape["rotation"] = rotation
    return shape


def pose(numbers: Numbers, width: int, height: int, index: int, config: Config) -> dict[str, Any]:
    """Read box and keypoints: a pose where the box is theirs, otherwise a box with keypoints."""
    each = config.values_each
    expected = 4 + config.keypoint_count * each
    if not config.keypoint_count:
        raise ValueError("data.yaml has no kpt_shape, so nothing says how many keypoints there are")
    if len(numbers) != expected:
        raise ValueError(
            f"expected class, box and {config.keypoint_count} keypoints of {each} numbers, "
            f"got {len(numbers) + 1} columns"
        )
    found = box(numbers[:4], width, height, index, config)
    keypoints: list[dict[str, Any]] = []
    for at, key in enumerate(config.keys(index)):
        x, y, *v = numbers[4 + at * each : 4 + (at + 1) * each]
        visibility = v[0] if v else 2 if x or y else 0
        if visibility not in (0, 1, 2):
            raise ValueError(
                f"keypoint {at}: v is 0 (not placed), 1 (occluded) or 2 (visible), got {v[0]:g}"
            )
        if visibility:
            keypoints.append({"key": key, "value": [x * width, y * height, int(visibility == 2)]})
    if not keypoints:
        return found
    placed = [xy for keypoint in keypoints for xy in keypoint["value"][:2]]
    bounds = geometry.bounds_xyxy(placed)
    # Numbers have 7 decimals, so corners differ by less than this.
    slack = 2e-7 * max(width, height)
    if all(abs(a - b) <= slack for a, b in zip(bounds, found["points"], strict=True)):
        return {"type": "pose_estimation", "keypoints": keypoints}
    return {**found, "keypoints": keypoints}


def box_or_outline(
    numbers: Numbers, width: int, height: int, index: int, config: Config
) -> dict[str, Any]:
    """Read four numbers as a box, and pairs of six or more as an outline."""
    rows = outline if len(numbers) > 5 and len(numbers) % 2 == 0 else box
    return rows(numbers, width, height, index, config)


def by_numbers(
    numbers: Numbers, width: int, height: int, index: int, config: Config
) -> dict[str, Any]:
    """Read a pose where the dataset has keypoints, otherwise a box or an outline."""
    rows = pose if config.keypoint_count else box_or_outline
    return rows(numbers, width, height, index, config)


def _pixels(numbers: Numbers, width: int, height: int) -> list[float]:
    if len(numbers) < 6 or len(numbers) % 2:
        raise ValueError(
            f"expected class and x, y of three points or more, got {len(numbers) + 1} columns"
        )
    return [number * (height if at % 2 else width) for at, number in enumerate(numbers)]


def _regions(rings: Sequence[Numbers]) -> list[list[list[float]]]:
    """Return rings as regions: those that run as the first one are outlines, others hollows."""
    first, *others = [geometry.closed(ring) for ring in rings]
    is_clockwise = geometry.signed_ring_area(first) >= 0
    regions = [[first]]
    hollows = []
    for ring in others:
        if (geometry.signed_ring_area(ring) >= 0) == is_clockwise:
            regions.append([ring])
        else:
            hollows.append(ring)
    for hollow in hollows:
        around = [region for region in regions if _is_inside(hollow, region[0])]
        min(around or regions, key=lambda region: geometry.ring_area(region[0])).append(hollow)
    return regions


def _is_inside(ring: Numbers, around: Numbers) -> bool:
    """Return whether a ring, which crosses no other, lies within one (by its first edge)."""
    x, y = (ring[0] + ring[2]) / 2, (ring[1] + ring[3]) / 2
    inside = False
    corners = list(zip(around[0::2], around[1::2], strict=True))
    for (x1, y1), (x2, y2) in pairwise(corners):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            inside = not inside
    return inside
