"""Images: one picture a task, a sequence of them, or a few side by side for classification."""

from __future__ import annotations

from fastlabel.modalities.base import (
    CONTENTS_BYTES,
    MB,
    FileRule,
    Place,
    ProjectType,
    TaskKind,
    classification_shapes,
)
from fastlabel.shapes import SHAPES

STILL = FileRule(
    modality="image",
    formats=("jpeg", "png"),
    extensions=(".jpeg", ".jpg", ".png"),
    max_bytes=20 * MB,
)
STILL_OR_GIF = FileRule(
    modality="image",
    formats=("jpeg", "png", "gif"),
    extensions=(".jpeg", ".jpg", ".png", ".gif"),
    max_bytes=20 * MB,
)

IMAGE = TaskKind(
    name="image",
    title="image tasks",
    modality="image",
    path="image",
    labels="annotations",
    files=(STILL,),
    shapes=SHAPES,
    integrated_path="integrated-image",
    integration="images",
    media_fields=("width", "height"),
)
IMAGE_CLASSIFICATION = TaskKind(
    name="image_classification",
    title="image classification tasks",
    modality="image",
    path="image/classification",
    labels="attributes",
    files=(STILL,),
    shapes=classification_shapes(),
    integrated_path="integrated-image/classification",
    media_fields=("width", "height"),
)
MULTI_IMAGE_CLASSIFICATION = TaskKind(
    name="multi_image_classification",
    title="multi-image classification tasks",
    modality="image",
    path="multi-image/classification",
    labels="attributes",
    files=(STILL_OR_GIF,),
    shapes=classification_shapes(),
    intake="contents",
    max_files=6,
    max_files_bytes=CONTENTS_BYTES,
    media_fields=("width", "height"),
)

SEQUENTIAL_IMAGE = TaskKind(
    name="sequential_image",
    title="sequential image tasks",
    modality="image",
    path="sequential-image",
    labels="annotations",
    files=(STILL,),
    shapes=SHAPES,
    intake="contents",
    max_files=250,
    max_files_bytes=CONTENTS_BYTES,
    place=Place("content"),
    default_limit=10,
    max_limit=10,
    media_fields=("width", "height"),
)

KINDS = (IMAGE, IMAGE_CLASSIFICATION, MULTI_IMAGE_CLASSIFICATION, SEQUENTIAL_IMAGE)

PROJECT_TYPES = (
    ProjectType("image_bbox", "Image · Bounding box", IMAGE, ("bbox",)),
    ProjectType("image_polygon", "Image · Polygon", IMAGE, ("polygon",)),
    ProjectType("image_keypoint", "Image · Keypoint", IMAGE, ("keypoint",)),
    ProjectType("image_line", "Image · Line", IMAGE, ("line",)),
    ProjectType("image_segmentation", "Image · Segmentation", IMAGE, ("segmentation",)),
    ProjectType(
        "image_pose_estimation", "Image · Pose estimation", IMAGE, ("pose_estimation", "bbox")
    ),
    ProjectType(
        "image_all",
        "Image · All",
        IMAGE,
        ("bbox", "polygon", "keypoint", "line", "circle", "segmentation", "pose_estimation"),
    ),
    ProjectType(
        "image_classification",
        "Image · Classification",
        IMAGE_CLASSIFICATION,
        ("classification",),
    ),
    ProjectType(
        "multi_image_classification",
        "Multi image · Classification",
        MULTI_IMAGE_CLASSIFICATION,
        ("classification",),
    ),
    *(
        ProjectType(
            f"sequential_image_{shape}", f"Sequential image · {title}", SEQUENTIAL_IMAGE, (shape,)
        )
        for shape, title in (
            ("bbox", "Bounding box"),
            ("polygon", "Polygon"),
            ("keypoint", "Keypoint"),
            ("line", "Line"),
            ("segmentation", "Segmentation"),
        )
    ),
)
