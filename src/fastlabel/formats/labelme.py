"""labelme: a JSON file for each image, with polygons, rectangles, points, lines and circles.

Specification: https://github.com/wkentaro/labelme (`labelme/label_file.py`), in the layout of
the official client 0.26.0, which is labelme's version 4.5.9.
Axes: pixels, origin top left, x right, y down; `points` are [[x, y], ...]. Files are named
like the task, without images: labelme looks for `imagePath` beside the file.

labelme has neither hollows nor several regions in a shape. The regions of a segmentation are
polygons with one `group_id`, hollows are joined to their outline by cuts without width; a
rotated box is a polygon, a line of more than two points a `linestrip`. The official client
keeps the first outline alone, ignores rotation, leaves out circles and calls every line a
`line`, which labelme then refuses to draw; `compat="official"` does the same.

Lost on the way out: poses and classifications, attributes, keypoints of boxes, colours.

The reader joins what belongs to one segmentation again; rotated boxes stay polygons. Beyond
that it takes shapes of one label and `group_id` from others as regions of one segmentation.
Images inside the file (`imageData`), flags and descriptions are ignored.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from fastlabel import geometry
from fastlabel.formats.base import Dataset, Format, ReadTask
from fastlabel.formats.checks import check_compat, size_of, well_formed
from fastlabel.formats.fields import lost_fields
from fastlabel.formats.folders import (
    image_of,
    labels_folder,
    names_below,
    suffix_of,
    without_suffix,
)
from fastlabel.formats.frames import images_of
from fastlabel.formats.jsontext import laid_out, parse_file
from fastlabel.formats.outlines import (
    HOLLOWS_CUT,
    ROTATION_IGNORED,
    has_hollows,
    region_of,
    ring_of,
    rotation_of,
)
from fastlabel.formats.report import ReadReport, Report
from fastlabel.formats.target import FileNames, Target
from fastlabel.geometry import FlatRing
from fastlabel.shapes import SHAPES, ShapeError
from fastlabel.shapes.base import LISTS, are_plain, check_numbers, shown
from fastlabel.types import Compat

DRAWN = {
    name: SHAPES[name] for name in ("bbox", "polygon", "segmentation", "keypoint", "line", "circle")
}
OFFICIALLY_DRAWN = {name: shape for name, shape in DRAWN.items() if name != "circle"}

NO_FORM = "labelme has no form for this type"
ROTATED = "rotated box written as a polygon"
GROUPED = "regions written as polygons of one group"
REST_LOST = "all but the outline of the first region left out"

VERSION = "4.5.9"

_LIST_TYPES = frozenset(LISTS)
_TYPES = {
    "rectangle": "bbox",
    "polygon": "polygon",
    "point": "keypoint",
    "line": "line",
    "linestrip": "line",
    "circle": "circle",
}


def write(dataset: Dataset, target: Target, report: Report, *, compat: Compat = None) -> None:
    """Write image tasks, or videos by their frames, as one labelme file for each image.

    Args:
        compat: `official` writes the shapes of the official client 0.26.0.

    Raises:
        FastLabelInvalidException: a project type or task that cannot be written.
    """
    check_compat(compat)
    known = OFFICIALLY_DRAWN if compat else DRAWN
    names = FileNames(report.renamed)
    for task in images_of(dataset, target, report, "labelme"):
        name = task["name"]
        width, height = size_of(task, "labelme")
        shapes: list[dict[str, Any]] = []
        groups = 0
        for annotation, where in well_formed(task, known, report, no_form=NO_FORM):
            report.wrote(annotation)
            drawn, changes = _shapes(annotation, compat)
            if annotation.get("attributes") or annotation.get("keypoints"):
                changes = [*changes, *lost_fields(annotation)]
            for change in changes:
                report.change(annotation, change, where)
            group = None
            if len(drawn) > 1:
                groups += 1
                group = groups
            for shape_type, points in drawn:
                shapes.append(
                    {
                        "label": annotation["value"],
                        "points": list(zip(points[0::2], points[1::2], strict=True)),
                        "group_id": group,
                        "shape_type": shape_type,
                        "flags": {},
                    }
                )
        content = {
            "version": VERSION,
            "flags": {},
            "shapes": shapes,
            "imagePath": name,
            "imageData": None,
            "imageHeight": height,
            "imageWidth": width,
        }
        target.write(names.place(name, ".json"), laid_out(content))
        report.images += 1


def _shapes(
    annotation: Mapping[str, Any], compat: Compat
) -> tuple[list[tuple[str, FlatRing]], Sequence[str]]:
    """Return the shapes that an annotation is drawn as, and what that changes."""
    points = annotation["points"]
    match annotation["type"]:
        case "bbox":
            if not rotation_of(annotation):
                return [("rectangle", points)], ()
            if compat:
                return [("rectangle", points)], (ROTATION_IGNORED,)
            return [("polygon", geometry.box_ring(points, annotation["rotation"]))], (ROTATED,)
        case "polygon":
            return [("polygon", points)], ()
        case "keypoint":
            return [("point", points)], ()
        case "line":
            return [("line" if compat or len(points) == 4 else "linestrip", points)], ()
        case "circle":
            cx, cy, radius = points
            return [("circle", (cx, cy, cx + radius, cy))], ()
    if compat:
        is_whole = len(points) == 1 and not has_hollows(points)
        return [("polygon", points[0][0])], () if is_whole else (REST_LOST,)
    changes = [HOLLOWS_CUT] * has_hollows(points) + [GROUPED] * (len(points) > 1)
    return [("polygon", ring_of(region)) for region in points], changes


def read(source: Path, report: ReadReport) -> Iterator[ReadTask]:
    """Read a folder of labelme files, in the order of their names.

    Raises:
        FastLabelInvalidException: no such folder, or there is no .json file in it.
    """
    labels = labels_folder(source, ".json", ("annotations",))
    for read_task in read_files(labels, report):
        yield ReadTask(read_task.task, image_of(labels, read_task.task["name"]))


def read_files(
    labels: Path, report: ReadReport, *, closed_polygons: bool = False
) -> Iterator[ReadTask]:
    """Read every .json file below a folder; tasks are named by its path there.

    The name has the extension of `imagePath`, whose other parts are ignored.

    Args:
        closed_polygons: keep a polygon that ends with its first point a polygon; otherwise it
            is taken for a segmentation.

    Raises:
        FastLabelInvalidException: there is no such folder.
    """
    for file_name in names_below(labels, (".json",)):
        path = f"{labels}/{file_name}"
        try:
            task, shapes = _opened(path, file_name)
        except ValueError as error:
            report.problem(path, str(error))
            continue
        task["annotations"] = _annotations(path, shapes, report, closed_polygons)
        report.images += 1
        report.annotations += len(task["annotations"])
        yield ReadTask(task)


def _opened(path: str, file_name: str) -> tuple[dict[str, Any], list[Any]]:
    """Return the task of a file, without its annotations, and the shapes.

    Raises:
        ValueError: it is no labelme file; does not name the file.
    """
    content = parse_file(path)
    shapes = content.get("shapes") if isinstance(content, dict) else None
    if not isinstance(shapes, list):
        raise ValueError("no labelme file: expected an object with a list of shapes")
    image_path = content.get("imagePath")
    if not isinstance(image_path, str) or not image_path:
        raise ValueError(f"imagePath: expected the path of an image, got {shown(image_path)}")
    # Written on Windows, the path may have backslashes.
    suffix = suffix_of(image_path.replace("\\", "/"))
    task: dict[str, Any] = {"name": f"{without_suffix(file_name)}{suffix}"}
    for key, name in (("width", "imageWidth"), ("height", "imageHeight")):
        if isinstance(content.get(name), int) and content[name] > 0:
            task[key] = content[name]
    return task, shapes


def _annotations(
    path: str, shapes: Sequence[Any], report: ReadReport, closed_polygons: bool
) -> list[dict[str, Any]]:
    annotations: list[dict[str, Any]] = []
    groups: dict[tuple[str, str], list[Any]] = {}
    for index, shape in enumerate(shapes):
        try:
            found = _annotation(shape, closed_polygons)
        except ShapeError as error:
            report.problem(f"{path}: shapes[{index}]", str(error))
            continue
        group = shape.get("group_id")
        if group is None or found["type"] not in ("polygon", "segmentation"):
            annotations.append(found)
            continue
        regions = (
            [[geometry.closed(found["points"])]] if found["type"] == "polygon" else found["points"]
        )
        key = (found["value"], str(group))
        if key not in groups:
            groups[key] = []
            annotations.append({**found, "type": "segmentation", "points": groups[key]})
        groups[key] += regions
    return annotations


def _annotation(shape: Any, closed_polygons: bool) -> dict[str, Any]:
    """Return what a shape stands for.

    Raises:
        ShapeError: names the field below the shape and its value.
    """
    if not isinstance(shape, dict):
        raise ShapeError(f": expected an object, got {shown(shape)}")
    label = shape.get("label")
    if not isinstance(label, str):
        raise ShapeError(f".label: expected a text, got {shown(label)}")
    shape_type = shape.get("shape_type", "polygon")
    if not isinstance(shape_type, str) or shape_type not in _TYPES:
        raise ShapeError(
            f".shape_type: expected one of {', '.join(_TYPES)}, got {shown(shape_type)}"
        )
    points = _flat(shape.get("points"))
    annotation_type = _TYPES[shape_type]
    if annotation_type == "circle":
        if len(points) != 4:
            raise ShapeError(".points: a circle has its centre and a point of its edge")
        cx, cy, edge_x, edge_y = points
        points = [cx, cy, math.hypot(edge_x - cx, edge_y - cy)]
    annotation = {"type": annotation_type, "value": label, "points": points}
    SHAPES[annotation_type].check(annotation, "")
    if annotation_type == "polygon":
        is_closed = points[:2] == points[-2:] and not closed_polygons
        if is_closed or len(geometry.without_cuts(points)) > 1:
            return {"type": "segmentation", "value": label, "points": [region_of(points)]}
    return annotation


def _flat(points: object) -> list[float]:
    if not isinstance(points, LISTS):
        raise ShapeError(f".points: expected a list [[x, y], ...], got {shown(points)}")
    if not _LIST_TYPES.issuperset(map(type, points)) or not {2}.issuperset(map(len, points)):
        for index, point in enumerate(points):
            if not isinstance(point, LISTS) or len(point) != 2:
                raise ShapeError(f".points[{index}]: expected [x, y], got {shown(point)}")
    flat = list(chain.from_iterable(points))
    if not are_plain(flat):
        for index, point in enumerate(points):
            check_numbers(point, f".points[{index}]", "[x, y]")
    return flat


LABELME = Format("labelme", "labelme", ("image", "video"), write=write, read=read)
