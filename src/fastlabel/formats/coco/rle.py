"""COCO files whose segmentations are masks, run-length encoded: hollows need no cuts.

Beyond that they are as those of `coco`. The pixels of a segmentation are those of
`fastlabel.masks`; `area` counts them and `bbox` encloses them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastlabel.formats.base import Dataset, Task
from fastlabel.formats.coco.outline import Outline, true_outline
from fastlabel.formats.coco.write import FILE_NAME
from fastlabel.formats.coco.write import write as write_coco
from fastlabel.formats.report import Report
from fastlabel.formats.target import Target
from fastlabel.shapes import SHAPES

ROUNDED = "outline rounded to whole pixels of the image"
NO_PIXEL = "written as a polygon, as it covers no whole pixel of the image"


def write(dataset: Dataset, target: Target, report: Report, *, file_name: str = FILE_NAME) -> None:
    """Write image tasks, or videos by their frames, as a COCO file with masks.

    Otherwise as `coco.write`.
    """
    write_coco(dataset, target, report, file_name=file_name, outline=mask_outline)


def mask_outline(annotation: Mapping[str, Any], task: Task) -> Outline:
    """Return a segmentation as a mask of its task's image, other types by their outline."""
    if annotation["type"] != "segmentation":
        return true_outline(annotation)
    from fastlabel.masks import bounds_of_mask, mask_of, rle_of_mask  # OpenCV comes with it

    mask = mask_of(annotation, (task["height"], task["width"]))
    bounds = bounds_of_mask(mask)
    if bounds is None:
        return true_outline(annotation)._replace(change=NO_PIXEL)
    area = int(mask.sum())
    change = None if area == SHAPES["segmentation"].area(annotation) else ROUNDED
    return Outline((), area, bounds, change, rle_of_mask(mask))
