"""The modalities: every kind of task and project type the platform knows."""

from __future__ import annotations

from fastlabel.modalities import image
from fastlabel.modalities.base import FileError, FileRule, ProjectType, TaskKind, listed

TASK_KINDS: dict[str, TaskKind] = {kind.name: kind for kind in image.KINDS}
PROJECT_TYPES: dict[str, ProjectType] = {
    project_type.name: project_type for project_type in image.PROJECT_TYPES
}

__all__ = [
    "PROJECT_TYPES",
    "TASK_KINDS",
    "FileError",
    "FileRule",
    "ProjectType",
    "TaskKind",
    "listed",
]
