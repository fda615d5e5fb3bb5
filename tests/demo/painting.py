"""The sample pictures and tasks, made once for all tests of a process."""

from __future__ import annotations

from functools import cache

from fastlabel_server.demo.projects import PROJECTS
from fastlabel_server.demo.samples import SampleTask
from fastlabel_server.demo.scenes import SCENES
from fastlabel_server.demo.scenes.model import Picture, encoded

PAINTED = {scene.PROJECT.slug: scene for scene in SCENES}


@cache
def painted(slug: str) -> list[Picture]:
    """Return the pictures of a project that has some."""
    return list(PAINTED[slug].pictures())


@cache
def tasks_of(slug: str) -> list[SampleTask]:
    """Return the tasks of a project."""
    if slug in PAINTED:
        return list(encoded(lambda: iter(painted(slug)))())
    return list(next(project for project in PROJECTS if project.slug == slug).tasks())
