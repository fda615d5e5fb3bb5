"""Label files of other tools, as annotations to create tasks with."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastlabel.endpoint import composed
from fastlabel.steps import Resource, Steps, blocking
from fastlabel.types import FilePath

if TYPE_CHECKING:
    from fastlabel.formats.base import ReadTask
    from fastlabel.formats.report import ReadReport
    from fastlabel.masks import MaskImage, Regions


class Conversions(Resource):
    @composed
    def convert_coco_to_fastlabel(
        self, file_path: FilePath, annotation_type: str = "bbox", *, strict: bool = False
    ) -> Steps[dict[str, list[dict[str, Any]]]]:
        """Return the annotations of a COCO file by the names of its images, in their order.

        Bad rows are passed over, with one warning that says how many.

        Args:
            annotation_type: `bbox` or `polygon`, which mean the same (rectangles become
                boxes, other outlines polygons), `segmentation` or `pose_estimation`.
            strict: raise at the first bad row.

        Raises:
            FastLabelInvalidException: no such file, it is no COCO file, an unknown type, or a
                bad row where the conversion is strict.
        """
        from fastlabel.formats.coco import read

        report = _report(strict)
        tasks = read(Path(file_path), report, annotation_type=annotation_type)  # type: ignore[arg-type]
        return (yield from blocking(_by_name, tasks, report))

    @composed
    def convert_yolo_to_fastlabel(
        self,
        classes_file_path: FilePath,
        dataset_folder_path: FilePath,
        project_type: str | None = None,
        *,
        strict: bool = False,
    ) -> Steps[dict[str, list[dict[str, Any]]]]:
        """Return the annotations of YOLO labels by the paths of the images beside them.

        Images without labels are not among them. Bad rows are passed over, with one warning
        that says how many.

        Args:
            classes_file_path: names of the classes, one a line.
            project_type: `segmentation` reads outlines, in whole pixels; otherwise boxes.
            strict: raise at the first bad row.

        Raises:
            FastLabelInvalidException: no such file or folder, or a bad row where the
                conversion is strict.
        """
        from fastlabel.formats.yolo.read import read_beside
        from fastlabel.formats.yolo.read_rows import box, whole_outline

        report = _report(strict)
        rows = whole_outline if project_type == "segmentation" else box
        tasks = read_beside(Path(dataset_folder_path), Path(classes_file_path), report, rows)
        return (yield from blocking(_by_name, tasks, report))

    @composed
    def convert_pascalvoc_to_fastlabel(
        self, folder_path: FilePath, *, strict: bool = False
    ) -> Steps[dict[str, list[dict[str, Any]]]]:
        """Return the boxes of Pascal VOC files, in whole pixels, by the paths of their images.

        A file `sub/a.xml` is of the image `sub/a` with the extension that it names. Bad
        objects are passed over, with one warning that says how many.

        Args:
            strict: raise at the first bad object.

        Raises:
            FastLabelInvalidException: no such folder, or a bad object where the conversion is
                strict.
        """
        from fastlabel.formats.pascal_voc import read_files

        report = _report(strict)
        tasks = read_files(Path(folder_path), report)
        found = yield from blocking(_by_name, tasks, report)
        for boxes in found.values():
            for box in boxes:
                box["points"] = [round(number) for number in box["points"]]
        return found

    @composed
    def convert_labelme_to_fastlabel(
        self, folder_path: FilePath, *, strict: bool = False
    ) -> Steps[dict[str, list[dict[str, Any]]]]:
        """Return the shapes of labelme files by the paths of their images.

        A file `sub/a.json` is of the image `sub/a` with the extension that it names. Bad
        shapes are passed over, with one warning that says how many.

        Args:
            strict: raise at the first bad shape.

        Raises:
            FastLabelInvalidException: no such folder, or a bad shape where the conversion is
                strict.
        """
        from fastlabel.formats.labelme import read_files

        report = _report(strict)
        tasks = read_files(Path(folder_path), report, closed_polygons=True)
        return (yield from blocking(_by_name, tasks, report))

    @composed
    def mask_to_fastlabel_segmentation_points(self, mask_image: MaskImage) -> Steps[Regions]:
        """Return the `points` of a segmentation that covers exactly the pixels of a mask.

        Regions run along the borders of pixels, outlines clockwise and hollows against it.
        Islands in hollows are regions of their own. Pixels that touch at a corner belong
        together. A mask without pixels gives `[]`.

        Args:
            mask_image: path of an image, in which all that is not black counts, or an array
                of shape (height, width), in which all but 0 does.

        Raises:
            FastLabelInvalidException: no such file, it is no image, or an array of other shape.
        """
        from fastlabel.masks import mask_image_pixels, regions_of_mask

        def regions() -> Regions:
            return regions_of_mask(mask_image_pixels(mask_image))

        return (yield from blocking(regions))


def _report(strict: bool) -> ReadReport:
    from fastlabel.formats.report import ReadReport

    return ReadReport(strict)


def _by_name(tasks: Iterable[ReadTask], report: ReadReport) -> dict[str, list[dict[str, Any]]]:
    """Read tasks, and warn of bad rows."""
    found: dict[str, list[dict[str, Any]]] = {}
    for read_task in tasks:
        task = read_task.task
        found.setdefault(task["name"], []).extend(task["annotations"])
    if report.bad:
        count = len(report.bad)
        warnings.warn(
            f"{count:,} bad {'row was' if count == 1 else 'rows were'} passed over; the first: "
            f"{report.bad[0]}",
            stacklevel=2,
        )
    return found
