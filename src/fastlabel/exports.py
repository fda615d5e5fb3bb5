"""Fetched tasks, written to files in the formats other tools read."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastlabel.downloads import downloaded
from fastlabel.endpoint import composed
from fastlabel.fetching import classes_of, each_task_page, project_of
from fastlabel.modalities import PROJECT_TYPES
from fastlabel.sending import bar
from fastlabel.steps import Resource, Steps, blocking
from fastlabel.types import Compat, ExternalStatus, FilePath, JsonObjects, TaskStatus

if TYPE_CHECKING:
    from fastlabel.formats.report import Report


class Exports(Resource):
    @composed
    def export_coco(
        self,
        project: str,
        tasks: Iterable[Mapping[str, Any]],
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
    def export_yolo(
        self,
        project: str,
        tasks: Iterable[Mapping[str, Any]],
        classes: Sequence[str] | None = None,
        output_dir: FilePath = "output/yolo",
        *,
        strict: bool = False,
        compat: Compat = None,
        quiet: bool = False,
    ) -> Steps[Report]:
        """Write tasks as YOLO labels and report what was changed or left out.

        Without `classes` every annotation becomes its box, or in projects of type
        `image_segmentation` its outlines, and the classes are the values in use, sorted. With
        them boxes become boxes, polygons and segmentations outlines. Tasks of videos become
        one image a frame.

        Args:
            project: slug of the tasks' project.
            tasks: as `get_image_tasks` returns them; an iterator holds one at a time.
            classes: values of the classes to write, in the order of their numbers.
            strict: raise at the first annotation that YOLO cannot hold as it is.
            compat: `official` writes what the official client 0.26.0 does.
            quiet: do not print the report to the standard error stream.

        Raises:
            FastLabelInvalidException: there is no such project, or there was a loss where the
                export is strict.
        """
        options = {"strict": strict, "compat": compat, "class_values": classes or None}
        return (yield from _export("yolo", project, tasks, output_dir, quiet, **options))

    @composed
    def export_pascalvoc(
        self,
        project: str,
        tasks: Iterable[Mapping[str, Any]],
        output_dir: FilePath = "output/pascalvoc",
        *,
        strict: bool = False,
        compat: Compat = None,
        quiet: bool = False,
    ) -> Steps[Report]:
        """Write tasks as Pascal VOC files and report what was changed or left out.

        Boxes and polygons are written, as upright boxes; it has no form for others. Tasks of
        videos become one image a frame.

        Args:
            project: slug of the tasks' project.
            tasks: as `get_image_tasks` returns them; an iterator holds one at a time.
            strict: raise at the first annotation that Pascal VOC cannot hold as it is.
            compat: `official` writes what the official client 0.26.0 does.
            quiet: do not print the report to the standard error stream.

        Raises:
            FastLabelInvalidException: there is no such project, or there was a loss where the
                export is strict.
        """
        options = {"strict": strict, "compat": compat}
        return (yield from _export("pascal-voc", project, tasks, output_dir, quiet, **options))

    @composed
    def export_labelme(
        self,
        tasks: Iterable[Mapping[str, Any]],
        output_dir: FilePath = "output/labelme",
        *,
        strict: bool = False,
        compat: Compat = None,
        quiet: bool = False,
    ) -> Steps[Report]:
        """Write image tasks as labelme files and report what was changed or left out.

        All shapes but poses are written; regions of a segmentation become polygons of one
        group.

        Args:
            tasks: as `get_image_tasks` returns them; an iterator holds one at a time.
            strict: raise at the first annotation that labelme cannot hold as it is.
            compat: `official` writes what the official client 0.26.0 does.
            quiet: do not print the report to the standard error stream.

        Raises:
            FastLabelInvalidException: there was a loss where the export is strict.
        """
        options = {"strict": strict, "compat": compat}
        return (yield from _export("labelme", None, tasks, output_dir, quiet, **options))

    @composed
    def export_project(
        self,
        project: str,
        format: str,
        output_dir: FilePath,
        *,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        strict: bool = False,
        compat: Compat = None,
        progress: bool = True,
        quiet: bool = False,
    ) -> Steps[Report]:
        """Fetch the tasks of a project and write them in a format; tasks are kept on disk.

        Args:
            format: one of `fastlabel.formats.FORMATS` that is written.
            status, external_status, tags: which tasks; all by default.
            strict: raise at the first annotation that the format cannot hold as it is.
            compat: `official` writes what the official client 0.26.0 does.
            progress: show a bar on the standard error stream.
            quiet: do not print the report there.

        Raises:
            FastLabelInvalidException: no such format or project, tasks that the format has
                no form for, or a loss where the export is strict.
        """
        from fastlabel import formats
        from fastlabel.formats.base import Spool

        formats.find(format)
        found = yield from project_of(project)
        kind = PROJECT_TYPES[found["type"]].kind
        classes = yield from classes_of(project)
        spool = Spool()
        filters = {"status": status, "externalStatus": external_status, "tags": tags}
        with bar(None, progress, "fetching tasks") as advance:

            def take(tasks: Sequence[Any]) -> None:
                spool.add(tasks)
                advance(len(tasks))

            yield from each_task_page(project, kind, filters, take)
        options = {"compat": compat} if compat else {}
        return (
            yield from _export(
                format,
                None,
                spool,
                output_dir,
                quiet,
                project_type=found["type"],
                classes=classes,
                strict=strict,
                **options,
            )
        )


def _export(
    name: str,
    project: str | None,
    tasks: Iterable[Mapping[str, Any]],
    output_dir: FilePath,
    quiet: bool,
    **options: Any,
) -> Steps[Report]:
    """Write tasks in a format and print the report; None asks for no project."""
    from fastlabel import formats

    if project is not None:
        options["project_type"] = (yield from project_of(project))["type"]
    report = yield from blocking(
        formats.write, name, tasks, Path(output_dir), open_file=downloaded, **options
    )
    if not quiet:
        sys.stderr.write(f"{report}\n")
    return report
