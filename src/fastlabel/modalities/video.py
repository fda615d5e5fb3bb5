"""Videos: one file a task, labelled by frames or as a whole."""

from __future__ import annotations

from fastlabel.modalities.base import (
    MB,
    FileRule,
    ProjectType,
    TaskKind,
    classification_shapes,
)
from fastlabel.shapes import SHAPES, Framed

MP4 = FileRule(modality="video", formats=("h264",), extensions=(".mp4",), max_bytes=250 * MB)
MEDIA_FIELDS = ("width", "height", "fps", "frameCount", "duration")

VIDEO = TaskKind(
    name="video",
    title="video tasks",
    modality="video",
    path="video",
    labels="annotations",
    files=(MP4,),
    shapes={name: Framed(SHAPES[name]) for name in ("bbox", "keypoint", "line")},
    default_limit=10,
    max_limit=10,
    integration="videos",
    media_fields=MEDIA_FIELDS,
)
VIDEO_CLASSIFICATION = TaskKind(
    name="video_classification",
    title="video classification tasks",
    modality="video",
    path="video/classification",
    labels="attributes",
    files=(MP4,),
    shapes=classification_shapes(),
    media_fields=MEDIA_FIELDS,
)

KINDS = (VIDEO, VIDEO_CLASSIFICATION)

PROJECT_TYPES = (
    ProjectType("video_bbox", "Video · Bounding box", VIDEO, ("bbox",)),
    ProjectType("video_keypoint", "Video · Keypoint", VIDEO, ("keypoint",)),
    ProjectType("video_line", "Video · Line", VIDEO, ("line",)),
    ProjectType(
        "video_single_classification",
        "Video · Classification",
        VIDEO_CLASSIFICATION,
        ("classification",),
    ),
)
