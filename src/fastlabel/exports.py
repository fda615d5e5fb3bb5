"""Fetched tasks, written to files in the formats other tools read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fastlabel.endpoint import composed
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.projects import Projects
from fastlabel.steps import Resource, Steps, ask, blocking
from fastlabel.types import FilePath, JsonObjects, Project

if TYPE_CHECKING:
    from fastlabel.formats.report import Report


class Exports(Resource):
    @composed
    def export_coco(
        self,
        project: str,
        tasks: JsonObjects,
        annotations: JsonObjects | None = None,
        output_dir: FilePath = "output/coco",
        output_file_name: str = "annotations.json",
    ) -> Steps[Report]:
        """Write tasks as one COCO file and report what was changed or left out.

        Boxes, polygons, segmentations and poses are written; COCO has no form for others.

        Args:
            project: slug of the tasks' project.
            tasks: as `get_image_tasks` returns them.
            annotations: the project's classes, as `get_annotations` returns them. They give
                the categories their order, colours and keypoints.

        Raises:
            FastLabelInvalidException: the file name does not end in .json, or there is no
                such project.
        """
        if not output_file_name.lower().endswith(".json"):
            raise FastLabelInvalidException(
                f"output_file_name: expected a name that ends in .json, got {output_file_name!r}",
                422,
            )
        found = yield from _project(project)
        from fastlabel.formats import coco

        path = Path(output_dir, output_file_name)
        return (
            yield from blocking(
                coco.write, tasks, annotations or [], path, project_type=found["type"]
            )
        )


def _project(slug: str) -> Steps[Project]:
    found = yield from ask(Projects.find_project_by_slug, slug)
    if found is None:
        raise FastLabelInvalidException(f"project {slug!r}: there is none with this slug", 422)
    return found
