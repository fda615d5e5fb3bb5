"""Robotics: the cameras and the telemetry of one episode a task; files follow the task."""

from __future__ import annotations

from fastlabel.modalities.base import MB, Archive, FileRule, ProjectType, TaskKind, zip_of
from fastlabel.shapes import CLASSIFICATION, SUB_TASK

CAMERA = FileRule(
    modality="video", formats=("h264", "mpeg4"), extensions=(".mp4",), max_bytes=2000 * MB
)
TELEMETRY = FileRule(
    modality="telemetry", formats=("json",), extensions=(".json",), max_bytes=250 * MB
)
EPISODE = Archive("contents", zip_of("robotics"))

ROBOTICS = TaskKind(
    name="robotics",
    title="robotics tasks",
    modality="robotics",
    path="robotics",
    labels="annotations",
    files=(CAMERA, TELEMETRY),
    shapes={SUB_TASK.type: SUB_TASK, CLASSIFICATION.type: CLASSIFICATION},
    intake="none",
    max_files=100,
    archive=EPISODE,
    max_limit=100,
    media_fields=("width", "height"),
    extra={"operator": "roboticsOperator"},
)

KINDS = (ROBOTICS,)

PROJECT_TYPES = (
    ProjectType(
        "robotics_task_classification",
        "Robotics · Task classification",
        ROBOTICS,
        ("sub_task", "classification"),
    ),
)
