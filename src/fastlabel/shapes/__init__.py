"""The shapes: the geometry of every annotation type, one file each.

Two types are called `segmentation` beside that of pictures, one of recordings and one of point
clouds: which shape a type has depends on the kind of task (`fastlabel.modalities`).
"""

from __future__ import annotations

from fastlabel.shapes.base import PlanarShape, Shape, ShapeError
from fastlabel.shapes.bbox import Bbox
from fastlabel.shapes.circle import Circle
from fastlabel.shapes.classification import Classification
from fastlabel.shapes.cuboid import Cuboid
from fastlabel.shapes.framed import Framed
from fastlabel.shapes.keypoint import Keypoint
from fastlabel.shapes.line import Line
from fastlabel.shapes.point_indices import PointIndices
from fastlabel.shapes.polygon import Polygon
from fastlabel.shapes.pose_estimation import PoseEstimation
from fastlabel.shapes.segmentation import Segmentation
from fastlabel.shapes.sub_task import SubTask
from fastlabel.shapes.text_span import TextSpan
from fastlabel.shapes.time_span import TimeSpan

CLASSIFICATION = Classification()
CUBOID = Cuboid()
POINT_INDICES = PointIndices()
SUB_TASK = SubTask()
TEXT_SPAN = TextSpan()
TIME_SPAN = TimeSpan()

SHAPES: dict[str, PlanarShape] = {
    shape.type: shape
    for shape in (
        Bbox(),
        Polygon(),
        Keypoint(),
        Line(),
        Circle(),
        Segmentation(),
        PoseEstimation(),
        CLASSIFICATION,
    )
}
"""The shapes of pictures, by their type."""

__all__ = [
    "CLASSIFICATION",
    "CUBOID",
    "POINT_INDICES",
    "SHAPES",
    "SUB_TASK",
    "TEXT_SPAN",
    "TIME_SPAN",
    "Framed",
    "PlanarShape",
    "Shape",
    "ShapeError",
]
