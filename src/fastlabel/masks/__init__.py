"""Masks: the pixels of annotations, the regions of pixels, and their run-length encoding."""

from __future__ import annotations

from fastlabel.masks.contours import Regions, regions_of_mask
from fastlabel.masks.image import MaskImage, mask_image_pixels
from fastlabel.masks.pixels import IndexImage, Mask, Patch, bounds_of_mask, fill, mask_of, patch
from fastlabel.masks.rle import mask_of_rle, regions_of_rle, rle_of_mask

__all__ = [
    "IndexImage",
    "Mask",
    "MaskImage",
    "Patch",
    "Regions",
    "bounds_of_mask",
    "fill",
    "mask_image_pixels",
    "mask_of",
    "mask_of_rle",
    "patch",
    "regions_of_mask",
    "regions_of_rle",
    "rle_of_mask",
]
