"""Fetched tasks, written to files in the formats other tools read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fastlabel.downloads import downloaded
from fastlabel.endpoint import composed
from fastlabel.fetching import classes_of, each_task_page, project_of
from fastlabel.modalities import PROJECT_TYPES
from fastlabel.sending import bar
from fastlabel.steps import Resource, Steps, blocking
from fastlabel.types import Compat, ExternalStatus, FilePath, JsonObjects, TaskStatus

if TYPE_CHECKING:
    from fastlabel.formats.report import Report

NO_PROJECT: Final = ("project {!r}: there is none with this slug", 422)
"""Message and code where a project is missing; the code is that of the official client."""


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
            strict: raise at the first annotation that the format cannot hold as it is.
            compat: `official` writes what the official client 0.26.0 does.
            quiet: do not print the report to the standard error stream.

        Raises:
            FastLabelInvalidException: the file name does not end in .json, there is no such
                project, or there was a loss where the export is strict.
        """
        from fastlabel.formats.coco.write import check_file_name

        check_file_name(output_file_name)
        output = _Output(output_dir, strict, compat, quiet)
        return (
            yield from _export(
                "coco",
                tasks,
                output,
                project=project,
                classes=annotations or (),
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
        them boxes become boxes, polygons and segmentations outlines. Otherwise as
        `export_coco`.

        Args:
            classes: values of the classes to write, in the order of their numbers.
        """
        output = _Output(output_dir, strict, compat, quiet)
        return _export("yolo", tasks, output, project=project, class_values=classes or None)

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

        Boxes and polygons are written, as upright boxes; it has no form for others. Otherwise
        as `export_coco`.
        """
        output = _Output(output_dir, strict, compat, quiet)
        return _export("pascal-voc", tasks, output, project=project)

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
        group. Otherwise as `export_coco`, without asking for a project.
        """
        output = _Output(output_dir, strict, compat, quiet)
        return _export("labelme", tasks, output)

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
        found = yield from project_of(project, *NO_PROJECT)
        kind = PROJECT_TYPES[found["type"]].kind
        classes = yield from classes_of(project)
        spool = Spool()
        filters = {"status": status, "externalStatus": external_status, "tags": tags}
        with bar(None, progress, "fetching tasks") as advance:

            def take(tasks: Sequence[Any]) -> None:
                spool.add(tasks)
                advance(len(tasks))

            yield from each_task_page(project, kind, filters, take)
        output = _Output(output_dir, strict, compat or None, quiet)
        return (
            yield from _export(
                format,
                spool,
                output,
                progress=progress,
                project_type=found["type"],
                classes=classes,
            )
        )

    @composed
    def export_instance_segmentation(
        self,
        tasks: Iterable[Mapping[str, Any]],
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
        output = _Output(output_dir, strict, compat, quiet)
        return _export("instance-masks", tasks, output, palette=pallete, start_index=start_index)

    @composed
    def export_semantic_segmentation(
        self,
        tasks: Iterable[Mapping[str, Any]],
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

        Otherwise as `export_instance_segmentation`.

        Args:
            classes: values of classes in the order of their indexes; others are not drawn.
                By default those of all annotations, sorted.
            start_index: of the first class; with 0 it shares the background's.
        """
        output = _Output(output_dir, strict, compat, quiet)
        return _export(
            "semantic-masks",
            tasks,
            output,
            classes=[{"value": value} for value in classes or ()],
            palette=pallete,
            start_index=start_index,
        )

    @composed
    def export_image_with_annotations(
        self,
        tasks: Iterable[Mapping[str, Any]],
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

        output = _Output(output_dir, strict, compat, quiet)
        with bar(None, output.is_watched, "drawing images") as advance:
            report = yield from blocking(
                draw_folder,
                tasks,
                Path(image_dir),
                Path(output_dir),
                strict=strict,
                compat=compat,
                progress=advance,
            )
        output.tell(report)
        return report


@dataclass(frozen=True)
class _Output:
    """Where an export goes, and what it is told in every format."""

    folder: FilePath
    strict: bool
    compat: Compat
    quiet: bool

    @property
    def is_watched(self) -> bool:
        """Whether somebody sees a progress bar: in files of logs it is noise."""
        return not self.quiet and sys.stderr.isatty()

    def tell(self, report: Report) -> None:
        if not self.quiet:
            sys.stderr.write(f"{report}\n")


def _export(
    name: str,
    tasks: Iterable[Mapping[str, Any]],
    output: _Output,
    *,
    project: str | None = None,
    progress: bool | None = None,
    **options: Any,
) -> Steps[Report]:
    """Write tasks in a format and print the report.

    Args:
        project: its slug; None asks for no project.
        progress: None shows a bar if the report is shown and somebody sees it.
        options: what the format takes beyond `output`.
    """
    from fastlabel import formats
    from fastlabel.formats.base import repeatable

    if output.compat is not None:
        options["compat"] = output.compat  # not every format has such values
    if project is not None:
        options["project_type"] = (yield from project_of(project, *NO_PROJECT))["type"]
    kept = yield from blocking(repeatable, tasks)
    total = len(kept) * formats.find(name).passes if isinstance(kept, Sized) else None
    shown = output.is_watched if progress is None else progress
    with bar(total, shown, f"writing {name}") as advance:
        watched = _Watched(kept, advance)
        report = yield from blocking(
            formats.write,
            name,
            watched,
            Path(output.folder),
            open_file=downloaded,
            strict=output.strict,
            **options,
        )
    output.tell(report)
    return report


@dataclass(frozen=True)
class _Watched(Iterable[Mapping[str, Any]]):
    """Tasks that move a progress bar as they are gone through."""

    tasks: Iterable[Mapping[str, Any]]
    advance: Callable[[], object]

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        for task in self.tasks:
            yield task
            self.advance()
