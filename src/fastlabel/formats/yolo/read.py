"""YOLO labels as tasks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastlabel.formats import image_sizes
from fastlabel.formats.base import ReadTask
from fastlabel.formats.folders import names_below, without_suffix
from fastlabel.formats.report import ReadReport
from fastlabel.formats.yolo.classes import Config, config_of, listed_names
from fastlabel.formats.yolo.folders import Images, labels_below, names_and_splits
from fastlabel.formats.yolo.read_rows import (
    Rows,
    annotation_of,
    box_or_outline,
    by_numbers,
    corners,
    outline,
    pose,
)

NO_IMAGE = "there is no image of this name, so its size is not known"


def read(
    source: Path, report: ReadReport, *, classes_file: Path | str | None = None
) -> Iterator[ReadTask]:
    """Read a folder of labels for detection; rows of more than four numbers are outlines.

    Args:
        source: the folder, or the `data.yaml` in it.
        classes_file: the names of the classes, one a line, where they lie elsewhere.

    Raises:
        FastLabelInvalidException: no such folder, no labels in it, or no names of classes.
    """
    return _read(source, report, box_or_outline, classes_file)


def read_segmentation(
    source: Path, report: ReadReport, *, classes_file: Path | str | None = None
) -> Iterator[ReadTask]:
    """Read a folder of labels for segmentation, otherwise as `read`.

    An outline becomes a polygon, or a segmentation where it is closed or has bridges.
    """
    return _read(source, report, outline, classes_file)


def read_obb(
    source: Path, report: ReadReport, *, classes_file: Path | str | None = None
) -> Iterator[ReadTask]:
    """Read a folder of rotated boxes, otherwise as `read`; other corners become polygons."""
    return _read(source, report, corners, classes_file)


def read_pose(
    source: Path, report: ReadReport, *, classes_file: Path | str | None = None
) -> Iterator[ReadTask]:
    """Read a folder of poses, otherwise as `read`; `data.yaml` must have `kpt_shape`.

    A row whose box is that of its keypoints becomes a pose, others boxes with keypoints.
    """
    return _read(source, report, pose, classes_file)


def read_dataset(
    source: Path, report: ReadReport, *, classes_file: Path | str | None = None
) -> Iterator[ReadTask]:
    """Read an Ultralytics dataset; each row is read as what its numbers say.

    Four corners cannot be told from an outline of four points: read rotated boxes as
    `yolo-obb`. A task of a split has its name as `split`.
    """
    return _read(source, report, by_numbers, classes_file)


def _read(
    source: Path, report: ReadReport, rows: Rows, classes_file: Path | str | None
) -> Iterator[ReadTask]:
    folder = source.parent if source.suffix in (".yaml", ".yml") else source
    labels, marker = labels_below(folder)
    config = config_of(folder, source, classes_file)
    images = Images.below(folder)
    found = []
    for path in labels:
        image = images.of_labels(without_suffix(path), marker)
        if image is None:
            report.problem(f"{folder}/{path}", NO_IMAGE)
        else:
            found.append((image, path))
    pairs: list[tuple[str, str | None]] = [*found]
    pairs += [(image, None) for image in images.others(found)]
    pairs.sort(key=lambda pair: (pair[0].split("/"), pair[1] or ""))
    named = names_and_splits([image for image, _ in pairs])
    for (image, labelled), (name, split) in zip(pairs, named, strict=True):
        annotations_and_size = _image(folder, labelled, image, config, rows, report)
        if annotations_and_size is None:
            continue
        annotations, (width, height) = annotations_and_size
        task: dict[str, Any] = {
            "name": name,
            "width": width,
            "height": height,
            "annotations": annotations,
        }
        if split:
            task["split"] = split
        yield ReadTask(task, folder / image)


def read_beside(
    folder: Path, classes_file: Path, report: ReadReport, rows: Rows
) -> Iterator[ReadTask]:
    """Read labels that lie beside their images, as the official client does.

    Tasks are named by the path of the image below the folder; images without labels are not
    among them.

    Raises:
        FastLabelInvalidException: no such folder or file.
    """
    config = Config(listed_names(classes_file))
    images = Images.below(folder)
    for path in names_below(folder, (".txt",)):
        if path.endswith(classes_file.name) and (folder / path).samefile(classes_file):
            continue
        image = images.of_labels(without_suffix(path), "")
        if image is None:
            report.problem(f"{folder}/{path}", NO_IMAGE)
            continue
        found = _image(folder, path, image, config, rows, report)
        if found is not None:
            yield ReadTask({"name": image, "annotations": found[0]}, folder / image)


def _image(
    folder: Path,
    labelled: str | None,
    image: str,
    config: Config,
    rows: Rows,
    report: ReadReport,
) -> tuple[list[dict[str, Any]], tuple[int, int]] | None:
    """Return the annotations of an image and its size, None where it cannot be read.

    Both are given by their paths below the folder.
    """
    try:
        width, height = image_sizes.size_wh(f"{folder}/{image}")
        text = ""
        if labelled:
            with open(f"{folder}/{labelled}", "rb") as file:  # noqa: PTH123 - as in `names_below`
                text = file.read().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except (OSError, ValueError) as error:
        report.problem(f"{folder}/{image}", str(error))
        return None
    annotations = []
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    for number, line in enumerate(lines, start=1):
        try:
            annotations.append(annotation_of(line, width, height, config, rows))
        except ValueError as error:
            report.problem(f"{folder}/{labelled}:{number}", str(error))
    report.images += 1
    report.annotations += len(annotations)
    return annotations, (width, height)
