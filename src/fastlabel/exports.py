"""Fetched tasks, written to files in the formats other tools read."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from fastlabel.downloads import downloaded
from fastlabel.endpoint import composed
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.projects import Projects
from fastlabel.steps import Resource, Steps, ask, blocking
from fastlabel.types import FilePath, JsonObjects, Project

if TYPE_CHECKING:
    from fastlabel.formats.report import Report

Tasks: TypeAlias = Iterable[Mapping[str, Any]]
Compat: TypeAlias = 'Literal["official"] | None'


class Exports(Resource):
    @composed
    def export_coco(
        self,
        project: str,
        tasks: Tasks,
        annotations: JsonObjects | None = None,
        output_dir: FilePath = "output/coco",
        output_file_name: str = "annotations.json",
        *,
        strict: bool = False,
        compat: Compat = None,
        quiet: bool = False,
    ) -> Steps[Report]:
        """Write tasks as one COCO file and report what was changed or left out.

        Boxes, polygons, segmentations and poses are written; COCO has no form for others.
        Tasks of videos become one image a frame.

        Args:
            project: slug of the tasks' project.
            tasks: as `get_image_tasks` returns them; an iterator holds one at a time.
            annotations: the project's classes, as `get_annotations` returns them. They give
                the categories their order, colours and keypoints.
            strict: raise at the first annotation that COCO cannot hold as it is.
            compat: `official` writes the numbers of the official client 0.26.0.
            quiet: do not print the report to the standard error stream.

        Raises:
            FastLabelInvalidException: the file name does not end in .json, there is no such
                project, or there was a loss where the export is strict.
        """
        from fastlabel.formats.coco.write import check_file_name

        check_file_name(output_file_name)
        return (
            yield from _export(
                "coco",
                project,
                tasks,
                output_dir,
                quiet,
                classes=annotations or (),
                strict=strict,
                compat=compat,
                file_name=output_file_name,
            )
        )

    @composed
    def export_instance_segmentation(
        self,
        tasks: Tasks,
        output_dir: FilePath = "output/instance_segmentation",
        pallete: Sequence[int] | None = None,
        start_index: int = 1,
        *,
        strict: bool = False,
        compat: Compat = None,
        quiet: bool = False,
    ) -> Steps[Report]:
        """Write an index-colour PNG of each image in which every annotation has its own index.

        Boxes, polygons and segmentations are drawn, later ones over earlier ones.

        Args:
            tasks: as `get_image_tasks` returns them; an iterator holds few at a time.
            pallete: colours from index 0 on, r, g, b, r, g, b, ...; by default
                `fastlabel.const.COLOR_PALETTE`, of 57 colours besides the background's.
            start_index: of the first annotation of each image.
            strict: raise at the first annotation that cannot be drawn.
            compat: `official` gives the pixels of the official client 0.26.0.
            quiet: do not print the report to the standard error stream.

        Raises:
            FastLabelInvalidException: an argument that cannot be, or a loss where the export
                is strict.
        """
        return (
            yield from _export(
                "instance-masks",
                None,
                tasks,
                output_dir,
                quiet,
                strict=strict,
                compat=compat,
                palette=pallete,
                start_index=start_index,
            )
        )

    @composed
    def export_semantic_segmentation(
        self,
        tasks: Tasks,
        output_dir: FilePath = "output/semantic_segmentation",
        pallete: Sequence[int] | None = None,
        classes: Sequence[str] | None = None,
        start_index: int = 1,
        *,
        strict: bool = False,
        compat: Compat = None,
        quiet: bool = False,
    ) -> Steps[Report]:
        """Write an index-colour PNG of each image in which every class has an index.

        Boxes, polygons and segmentations are drawn, later ones over earlier ones.

        Args:
            tasks: as `get_image_tasks` returns them; an iterator holds few at a time.
            pallete: colours from index 0 on, r, g, b, r, g, b, ...; by default
                `fastlabel.const.COLOR_PALETTE`, of 57 colours besides the background's.
            classes: values of classes in the order of their indexes; others are not drawn.
                By default those of all annotations, sorted.
            start_index: of the first class; with 0 it shares the background's.
            strict: raise at the first annotation that cannot be drawn.
            compat: `official` gives the pixels of the official client 0.26.0.
            quiet: do not print the report to the standard error stream.

        Raises:
            FastLabelInvalidException: an argument that cannot be, or a loss where the export
                is strict.
        """
        return (
            yield from _export(
                "semantic-masks",
                None,
                tasks,
                output_dir,
                quiet,
                classes=[{"value": value} for value in classes or ()],
                strict=strict,
                compat=compat,
                palette=pallete,
                start_index=start_index,
            )
        )

    @composed
    def export_image_with_annotations(
        self,
        tasks: Tasks,
        image_dir: FilePath,
        output_dir: FilePath = "output/images_with_annotations",
        *,
        strict: bool = False,
        compat: Compat = None,
        quiet: bool = False,
    ) -> Steps[Report]:
        """Draw the annotations of tasks over their images.

        All types of images are drawn, in the colours of their classes. The images are taken
        from a folder, by the names of the tasks; files of no task are counted.

        Args:
            tasks: as `get_image_tasks` returns them; an iterator holds few at a time.
            image_dir: has the images, .jpeg, .jpg, .png, .tif, .tiff or .bmp.
            output_dir: takes the drawn images under the same names.
            strict: raise at the first image or annotation that cannot be drawn.
            compat: `official` ignores rotation, as the official client 0.26.0.
            quiet: do not print the report to the standard error stream.

        Raises:
            FastLabelInvalidException: no such folder, both are the same, or a loss where the
                export is strict.
        """
        from fastlabel.formats.overlay import draw_folder

        report = yield from blocking(
            draw_folder, tasks, Path(image_dir), Path(output_dir), strict=strict, compat=compat
        )
        _tell(report, quiet)
        return report


def _export(
    name: str,
    project: str | None,
    tasks: Tasks,
    output_dir: FilePath,
    quiet: bool,
    **options: Any,
) -> Steps[Report]:
    """Write tasks in a format and print the report; None asks for no project."""
    from fastlabel import formats

    if project is not None:
        options["project_type"] = (yield from _project(project))["type"]
    report = yield from blocking(
        formats.write, name, tasks, Path(output_dir), open_file=downloaded, **options
    )
    _tell(report, quiet)
    return report


def _tell(report: Report, quiet: bool) -> None:
    if not quiet:
        sys.stderr.write(f"{report}\n")


def _project(slug: str) -> Steps[Project]:
    found = yield from ask(Projects.find_project_by_slug, slug)
    if found is None:
        raise FastLabelInvalidException(f"project {slug!r}: there is none with this slug", 422)
    return found
