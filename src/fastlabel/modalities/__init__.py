"""The modalities: every kind of task and project type the platform knows."""

from __future__ import annotations

from fastlabel.modalities import audio, dicom, image, multi_modal, pcd, robotics, text, video
from fastlabel.modalities.base import Archive, FileError, FileRule, ProjectType, TaskKind, listed

MODULES = (image, video, text, audio, pcd, dicom, multi_modal, robotics)

TASK_KINDS: dict[str, TaskKind] = {kind.name: kind for module in MODULES for kind in module.KINDS}
PROJECT_TYPES: dict[str, ProjectType] = {
    project_type.name: project_type for module in MODULES for project_type in module.PROJECT_TYPES
}
ALIASES = {
    f"multi_image_{shape}": f"sequential_image_{shape}"
    for shape in ("bbox", "polygon", "keypoint", "line", "segmentation")
}
"""What earlier releases of the platform called some project types."""
ANNOTATION_TYPES = tuple(
    sorted({name for one in PROJECT_TYPES.values() for name in one.class_types})
)

__all__ = [
    "ALIASES",
    "ANNOTATION_TYPES",
    "PROJECT_TYPES",
    "TASK_KINDS",
    "Archive",
    "FileError",
    "FileRule",
    "ProjectType",
    "TaskKind",
    "listed",
]
