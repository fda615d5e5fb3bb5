"""COCO: one JSON file of images, categories and annotations.

Specification: https://cocodataset.org/#format-data
Axes: pixels, origin top left, x right, y down; `bbox` is xywh, `segmentation` a list of
rings [x1, y1, x2, y2, ...].

Structure, key order, numbering and category rules are those of the official client 0.26.0,
which adds `rotation`, `attributes`, `color` and `keypoint_colors` to the specification.
Its numbers for rotated boxes, hollows and swapped corners are wrong; they are written right
here, and as it writes them with `compat="official"`.

Lost on the way out: keypoints, lines, circles and classifications, boxes that lie within
one pixel column or row, keypoints where no classes are given, and everything of a task but
its name, size and annotations. The report counts them.
"""

from __future__ import annotations

from fastlabel.formats.base import Format
from fastlabel.formats.coco import panoptic, rle
from fastlabel.formats.coco.read import read
from fastlabel.formats.coco.write import write

__all__ = ["COCO", "COCO_PANOPTIC", "COCO_RLE", "read", "write"]

COCO = Format(
    "coco",
    "COCO",
    ("image", "video"),
    write=write,
    read=read,
    takes="a .json file",
    passes=2,
)
COCO_RLE = Format(
    "coco-rle",
    "COCO with masks",
    ("image", "video"),
    write=rle.write,
    read=read,
    takes="a .json file",
    passes=2,
)
COCO_PANOPTIC = Format(
    "coco-panoptic",
    "COCO panoptic",
    ("image", "video"),
    write=panoptic.write,
    read=panoptic.read,
    takes="a .json file, beside a folder of its name",
    passes=2,
)
