"""The shapes: the geometry of every annotation type, one file each."""

from __future__ import annotations

from fastlabel.shapes.base import Shape, ShapeError
from fastlabel.shapes.bbox import Bbox
from fastlabel.shapes.circle import Circle
from fastlabel.shapes.classification import Classification
from fastlabel.shapes.keypoint import Keypoint
from fastlabel.shapes.line import Line
from fastlabel.shapes.polygon import Polygon
from fastlabel.shapes.pose_estimation import PoseEstimation
from fastlabel.shapes.segmentation import Segmentation

SHAPES: dict[str, Shape] = {
    shape.type: shape
    for shape in (
        Bbox(),
        Polygon(),
        Keypoint(),
        Line(),
        Circle(),
        Segmentation(),
        PoseEstimation(),
        Classification(),
    )
}

__all__ = ["SHAPES", "Shape", "ShapeError"]
