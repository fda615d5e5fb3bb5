"""YOLO: a text file of rows for each image, and a list of classes.

Specification: https://docs.ultralytics.com/datasets/ (detect, segment, pose, obb); folder,
order of rows and list of classes are those of the official client 0.26.0.
Axes: fractions of the image's width and height, origin top left, x right, y down.

- `yolo`: `class cx cy w h`; outlines where the project is of type `image_segmentation`.
- `yolo-segmentation`: `class x1 y1 x2 y2 ...`, one row for each annotation. Several regions,
  and hollows, are joined to one outline by bridges without width.
- `yolo-obb`: `class` and four corners of a rotated box.
- `yolo-pose`: `class cx cy w h` and `x y v` for every keypoint, described in `data.yaml`.
- `yolo-dataset`: labels of one of these kinds with images, splits and `data.yaml`, as
  Ultralytics trains on it.

Numbers are rounded to 7 decimals. The official client cuts them off there, ignores rotation
and hollows, jumbles annotations of several outlines, and sorts the list of classes even where
the rows count in another order; `compat="official"` does the same.

Lost on the way out: keypoints (but in poses), lines, circles and classifications, attributes,
colours, boxes within one pixel column or row, and whatever of a geometry the kind of rows
cannot say.

The reader finds images beside the labels, in `images/` where these are in `labels/` or
`annotations/`, and the names of classes in `data.yaml` or `classes.txt`. It needs the images:
nothing else says how large they are.
"""

from __future__ import annotations

from fastlabel.formats.base import Format
from fastlabel.formats.yolo.dataset import write_dataset
from fastlabel.formats.yolo.read import read, read_dataset, read_obb, read_pose, read_segmentation
from fastlabel.formats.yolo.write import write, write_obb, write_pose, write_segmentation

_MODALITIES = ("image", "video")

YOLO = Format("yolo", "YOLO", _MODALITIES, write=write, read=read)
YOLO_SEGMENTATION = Format(
    "yolo-segmentation", "YOLO segmentation", _MODALITIES, write_segmentation, read_segmentation
)
YOLO_POSE = Format("yolo-pose", "YOLO pose", _MODALITIES, write_pose, read_pose)
YOLO_OBB = Format("yolo-obb", "YOLO oriented boxes", _MODALITIES, write_obb, read_obb)
YOLO_DATASET = Format(
    "yolo-dataset",
    "YOLO dataset (Ultralytics)",
    ("image",),
    write_dataset,
    read_dataset,
    brings_files=True,
    passes=2,
)

YOLO_FORMATS = (YOLO, YOLO_SEGMENTATION, YOLO_POSE, YOLO_OBB, YOLO_DATASET)

__all__ = ["YOLO_FORMATS"]
