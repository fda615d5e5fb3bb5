"""Pascal VOC: an XML file for each image, with upright boxes.

Specification: http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/index.html (annotation
of objects), in the layout of the official client 0.26.0.
Axes: pixels, origin top left, x right, y down; whole numbers, cut off as that client does.
Files lie in `annotations/`, named like the task.

Lost on the way out: all but boxes and polygons, the outline of polygons and the rotation of
boxes (both are written as the upright box around them), keypoints, colours, and attributes
other than the switches `truncated`, `occluded` and `difficult`. With `compat="official"`
rotation is ignored altogether, as the official client does.

The reader finds the corners by their names, in any order, and keeps decimals. It takes files
without objects, and folders as VOC itself has them (`Annotations`, `JPEGImages`). Files with
a document type declaration are refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import floor, isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from fastlabel.formats.jsontext import whole_number
from fastlabel.formats.outlines import enclosing_box
from fastlabel.formats.report import ReadReport, Report
from fastlabel.formats.target import FileNames, Target
from fastlabel.formats.xmltext import escaped, is_writable, parse, parts
from fastlabel.geometry import Bounds
from fastlabel.shapes import SHAPES
from fastlabel.shapes.base import shown
from fastlabel.types import Compat

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

FOLDER = "annotations/"
BOXED = {name: SHAPES[name] for name in ("bbox", "polygon")}
FLAGS = ("truncated", "occluded", "difficult")
CORNERS = ("xmin", "ymin", "xmax", "ymax")
BOX_DECIMALS = 6
"""The official client's rounding before decimals are cut off."""
EXACT_DIGITS = 15
"""As many a float holds; most files have whole numbers."""
NOISE = 0.5 / 10**BOX_DECIMALS
"""What that rounding makes good: 2.9999999 is 3 that was computed."""

NO_FORM = "Pascal VOC has no form for this type"
NO_FLAG = "a switch that is neither on nor off is written as off"
NO_CHARACTER = "characters that XML cannot hold are written as U+FFFD"


def write(dataset: Dataset, target: Target, report: Report, *, compat: Compat = None) -> None:
    """Write image tasks, or videos by their frames, as one XML file for each image.

    Args:
        compat: `official` ignores rotation, as the official client 0.26.0 does.

    Raises:
        FastLabelInvalidException: a project type or task that cannot be written.
    """
    check_compat(compat)
    names = FileNames(report.renamed)
    for task in images_of(dataset, target, report, "Pascal VOC"):
        name = task["name"]
        width, height = size_of(task, "Pascal VOC")
        texts = [
            f"<annotation>\n    <filename>{escaped(name)}</filename>\n    <size>\n"
            f"        <width>{width}</width>\n        <height>{height}</height>\n"
            "        <depth>3</depth>\n    </size>\n    <segmented>0</segmented>\n"
        ]
        for annotation, where in well_formed(
            task, BOXED, report, no_form=NO_FORM, thin_boxes=False
        ):
            texts.append(_object_text(annotation, where, report, compat))
        texts.append("</annotation>")
        target.write(names.place(name, ".xml", FOLDER), "".join(texts))
        report.images += 1


def _object_text(annotation: Mapping[str, Any], where: str, report: Report, compat: Compat) -> str:
    value: str = annotation["value"]
    report.wrote(annotation)
    bounds, change = enclosing_box(annotation, compat)
    if change:
        report.change(annotation, change, where)
    flags_text = FLAGS_OFF
    if annotation.get("attributes") or annotation.get("keypoints"):
        flags = _flags(annotation, where, report)
        flags_text = _flags_text(flags)
        for lost in lost_fields(annotation, flags):
            report.change(annotation, lost, where)
    if not is_writable(value):
        report.change(annotation, NO_CHARACTER, where)
    xmin, ymin, xmax, ymax = _whole_pixels(bounds, compat)
    return (
        f"    <object>\n        <name>{escaped(value)}</name>\n"
        "        <pose>Unspecified</pose>\n"
        f"{flags_text}"
        f"        <bndbox>\n            <xmin>{xmin}</xmin>\n            <ymin>{ymin}</ymin>\n"
        f"            <xmax>{xmax}</xmax>\n            <ymax>{ymax}</ymax>\n"
        "        </bndbox>\n    </object>\n"
    )


def _whole_pixels(bounds: Bounds, compat: Compat) -> tuple[int, int, int, int]:
    x1, y1, x2, y2 = bounds
    if not compat:
        return floor(x1 + NOISE), floor(y1 + NOISE), floor(x2 + NOISE), floor(y2 + NOISE)
    x1, y1 = round(x1, BOX_DECIMALS), round(y1, BOX_DECIMALS)
    # Through width and height, which left of or above the image may cost a pixel.
    x2 = x1 + (round(x2, BOX_DECIMALS) - x1)
    y2 = y1 + (round(y2, BOX_DECIMALS) - y1)
    return floor(x1), floor(y1), floor(x2), floor(y2)


def _flags(annotation: Mapping[str, Any], where: str, report: Report) -> dict[str, int]:
    """Return the switches that Pascal VOC knows, 1 for on and 0 for off."""
    flags: dict[str, int] = {}
    for attribute in annotation.get("attributes") or ():
        key = attribute.get("key")
        if key in FLAGS and attribute.get("type") == "switch":
            value = attribute.get("value")
            try:
                flags[key] = int(value)
            except (TypeError, ValueError):
                flags[key] = 0
                if value is not None:
                    report.change(annotation, NO_FLAG, where)
    return flags


def _flags_text(flags: Mapping[str, int]) -> str:
    return "".join(f"        <{key}>{flags.get(key, 0)}</{key}>\n" for key in FLAGS)


FLAGS_OFF = _flags_text({})


def read(source: Path, report: ReadReport, *, flags: bool = False) -> Iterator[ReadTask]:
    """Read a folder of Pascal VOC files, in the order of their names.

    Args:
        flags: also bring `truncated`, `occluded` and `difficult`, where they are set, as
            switch attributes; the classes they are imported to must have these.

    Raises:
        FastLabelInvalidException: no such folder, or there is no .xml file in it.
    """
    labels = labels_folder(source, ".xml", ("annotations",))
    for read_task in read_files(labels, report, flags=flags):
        file = image_of(labels, read_task.task["name"], ("images", "JPEGImages"))
        yield ReadTask(read_task.task, file)


def read_files(labels: Path, report: ReadReport, *, flags: bool = False) -> Iterator[ReadTask]:
    """Read every .xml file below a folder; tasks are named by its path there.

    The name has the extension of the `filename` in the file, whose other parts are ignored:
    many tools leave the name of another folder there.

    Raises:
        FastLabelInvalidException: there is no such folder.
    """
    for file_name in names_below(labels, (".xml",)):
        path = f"{labels}/{file_name}"
        try:
            with open(path, "rb") as file:  # noqa: PTH123 - half as long as through Path
                root = parse(file.read())
            task = _task(root, file_name)
        except (OSError, ValueError) as error:
            report.problem(path, str(error))
            continue
        problems: list[tuple[int, str]] = []
        for at, element in enumerate(root.findall("object")):
            try:
                task["annotations"].append(_annotation(element, flags))
            except ValueError as error:
                problems.append((at, str(error)))
        if problems:
            lines = _lines_of_objects(path)
            for at, message in problems:
                report.problem(f"{path}:{lines[at]}", message)
        report.images += 1
        report.annotations += len(task["annotations"])
        yield ReadTask(task)


def _lines_of_objects(path: str) -> list[int]:
    """Return the lines of the objects, for which the file is read once more: few need them."""
    [whole] = parts(Path(path), "annotation", ("annotation",), ReadReport())
    return [whole.line_of[element] for element in whole.element.findall("object")]


def _task(root: Element, file_name: str) -> dict[str, Any]:
    """Return the task of a file, without its annotations.

    Raises:
        ValueError: it is no Pascal VOC; does not name the file.
    """
    if root.tag != "annotation":
        raise ValueError(f"no Pascal VOC: expected <annotation>, got <{root.tag}>")
    image_name = (root.findtext("filename") or "").strip()
    if not image_name:
        raise ValueError("<filename>: missing")
    name = f"{without_suffix(file_name)}{suffix_of(image_name)}"
    task: dict[str, Any] = {"name": name, "annotations": []}
    for key in ("width", "height"):
        text = (root.findtext(f"size/{key}") or "").strip()
        if text.isdecimal() and int(text):
            task[key] = int(text)
    return task


def _annotation(element: Element, flags: bool) -> dict[str, Any]:
    """Return what an <object> stands for.

    Raises:
        ValueError: names the element and its text.
    """
    value = element.findtext("name")
    if not value:
        raise ValueError("<object> without a <name>")
    box = element.find("bndbox")
    if box is None:
        raise ValueError("<object> without a <bndbox>")
    annotation: dict[str, Any] = {
        "type": "bbox",
        "value": value,
        "points": [_number(box, corner) for corner in CORNERS],
    }
    if flags:
        annotation["attributes"] = [
            {"key": key, "value": True}
            for key in FLAGS
            if (element.findtext(key) or "").strip() == "1"
        ]
    return annotation


def _number(box: Element, corner: str) -> float:
    text = box.findtext(corner)
    if text is None:
        raise ValueError(f"<bndbox> without <{corner}>")
    if text.isdecimal() and len(text) <= EXACT_DIGITS:
        return int(text)
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise ValueError(f"<{corner}>: expected a finite number, got {shown(text.strip())}")
    return whole_number(number)


PASCAL_VOC = Format("pascal-voc", "Pascal VOC", ("image", "video"), write=write, read=read)
