"""Filling an index image as the official client 0.26.0 does, faults included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from fastlabel.geometry import FlatRegion
from fastlabel.masks import outlines
from fastlabel.masks.pixels import IndexImage


def fill_all(image: IndexImage, annotations: Sequence[tuple[Mapping[str, Any], int]]) -> None:
    """Fill annotations, each with its index, into an image.

    Boxes are filled without their rotation, polygons as if they ran clockwise. Segmentations
    come last, and their indexes are mixed by "or" with what was there.
    """
    for annotation, index in annotations:
        points = annotation["points"]
        if annotation["type"] == "bbox":
            cv2.fillPoly(image, [outlines.shrunk(_corners(points))], index)
        elif annotation["type"] == "polygon":
            outline = outlines.without_diagonals(outlines.whole(points))
            pixels = outlines.shrunk(outlines.without_duplicates(outline))
            cv2.fillPoly(image, [pixels], index)
    for annotation, index in annotations:
        if annotation["type"] == "segmentation":
            image |= _segmentation_image(annotation["points"], index, image.shape)


def _corners(box_xyxy: Sequence[float]) -> outlines.Points:
    (min_x, min_y), (max_x, max_y) = np.sort(outlines.whole(box_xyxy), axis=0)
    return np.array([(min_x, min_y), (max_x, min_y), (max_x, max_y), (min_x, max_y)])


def _segmentation_image(
    regions: Sequence[FlatRegion], index: int, shape_hw: tuple[int, ...]
) -> IndexImage:
    """Return an image of one segmentation, in which hollows erase the regions before them."""
    image: IndexImage = np.zeros(shape_hw, np.uint8)
    for region in regions:
        for number, ring in enumerate(region):
            is_outline = number == 0
            outline = outlines.joined(outlines.without_diagonals(outlines.whole(ring)))
            outline = outlines.without_duplicates(outline)
            if not is_outline or not outlines.is_clockwise(outline):
                outline = outline[::-1]
            pixels = outlines.shrunk(outlines.from_base(outline))
            cv2.fillPoly(image, [pixels], index if is_outline else 0)
    return image
