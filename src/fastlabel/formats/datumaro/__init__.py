"""Datumaro: a dataset folder with `annotations/<subset>.json`.

Specification: https://open-edge-platform.github.io/datumaro/latest/docs/data-formats/formats/datumaro.html
Axes: pixels, origin top left, x right, y down; `bbox` is xywh. Clouds: `position` is the
centre, `rotation` in radians about x, y, z, `scale` the lengths, all in the cloud's axes.

Boxes, polygons, lines (`polyline`), keypoints and poses (`points`), circles (`ellipse`),
classifications (`label`) and cuboids (`cuboid_3d`) have a form of their own. A segmentation
becomes a polygon for each region, all in one group; numbers stay exact, which they would not
as a mask. A box with keypoints becomes a box and points in one group.

Lost on the way out: Datumaro's file has no rotated boxes; the rotation is the attribute
`rotation`, as CVAT writes it, which not every reader looks at. Hollows are joined to the
outline by cuts without width. The point indices of clouds have no form. The report counts
them. Media files are looked for in `images/<subset>/`, by the name of the task.

The reader takes beyond that: masks, which become segmentations along the borders of their
pixels; ellipses, which become circles or polygons within 0.05 px; points of labels without a
skeleton, one keypoint each; polygons of one label in one group, which become one
segmentation; several subsets, one after the other.
"""

from __future__ import annotations

from fastlabel.formats.base import Format
from fastlabel.formats.datumaro.read import read
from fastlabel.formats.datumaro.write import write

__all__ = ["DATUMARO", "read", "write"]

DATUMARO = Format(
    "datumaro", "Datumaro", ("image", "video", "pcd"), write=write, read=read, passes=2
)
