"""CVAT for images 1.1: one XML file of images and their shapes.

Specification: https://docs.cvat.ai/docs/dataset_management/formats/format-cvat/
Axes: pixels, origin top left, x right, y down. `rotation` is in degrees, clockwise on screen
about the centre of a box, as ours is.

Boxes, polygons, lines (`polyline`), keypoints (`points`), circles (`ellipse`), poses
(`skeleton`) and classifications (`tag`) have a form of their own. A segmentation becomes a
polygon for each region, all in one group (`group_id`); numbers stay exact, which they would
not as a mask.

Lost on the way out: the cuts that join hollows to their outline have no width, but they are
points that were not drawn; keypoints of boxes; lists as attribute values become JSON text.
The report counts them.

The reader takes beyond that: masks in CVAT's run lengths, which become segmentations along
the borders of their pixels; ellipses, which become circles or polygons within 0.05 px; points
of several places, one keypoint each; polygons of one label in one group, which become one
segmentation. Shapes of single frames are read, tracks (CVAT for video) are named as bad rows.
Document type declarations are refused.
"""

from __future__ import annotations

from fastlabel.formats.base import Format
from fastlabel.formats.cvat.read import read
from fastlabel.formats.cvat.write import write

__all__ = ["CVAT", "read", "write"]

CVAT = Format(
    "cvat",
    "CVAT for images",
    ("image", "video"),
    write=write,
    read=read,
    takes="a .xml file",
    passes=2,
)
