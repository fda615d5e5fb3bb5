"""What CVAT for images holds, as tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fastlabel import geometry
from fastlabel.formats.base import ReadTask
from fastlabel.formats.cvat.write import FILE_NAME
from fastlabel.formats.folders import media_beside
from fastlabel.formats.outlines import region_of
from fastlabel.formats.plaintext import finite_number
from fastlabel.formats.report import ReadReport
from fastlabel.formats.xmltext import Part, parts
from fastlabel.shapes import SHAPES, ShapeError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_READ: Final = frozenset(("label", "image", "track"))


def read(source: Path, report: ReadReport) -> Iterator[ReadTask]:
    """Read a file of CVAT for images, or the `annotations.xml` of a folder, image by image.

    Raises:
        FastLabelInvalidException: no such file, or it is none of CVAT's.
    """
    path = source / FILE_NAME if source.is_dir() else source
    kinds: dict[tuple[str, str], str] = {}
    for part in parts(path, "annotations", _READ, report):
        element = part.element
        if element.tag == "label":
            label = element.findtext("name", "").strip()
            for attribute in element.iterfind("attributes/attribute"):
                key = attribute.findtext("name", "").strip()
                kinds[label, key] = attribute.findtext("input_type", "").strip()
        elif element.tag == "track":
            report.problem(f"{path}:{part.line}", "tracks are of CVAT for video; export as images")
        elif not element.get("name"):
            report.problem(f"{path}:{part.line}", "the image has no name")
        else:
            yield _image(part, path, kinds, report)


def _image(
    part: Part, path: Path, kinds: Mapping[tuple[str, str], str], report: ReadReport
) -> ReadTask:
    name = part.element.attrib["name"]
    task: dict[str, Any] = {"name": name, "annotations": []}
    size: list[int] = []
    for key in ("width", "height"):
        given = part.element.get(key, "")
        if given.isascii() and given.isdigit():
            task[key] = int(given)
            size.append(int(given))
    grouped: dict[tuple[str, str], dict[str, Any]] = {}
    for child in part.element:
        try:
            found = _annotations(child, size, kinds)
        except (ShapeError, ValueError) as error:
            report.problem(f"{path}:{part.line_of[child]}", f"<{child.tag}>{error}")
            continue
        for one in found:
            group = child.get("group_id", "0")
            if child.tag == "polygon" and group != "0":
                regions = [region_of(one["points"])]
                known = grouped.get((group, one["value"]))
                if known is not None:
                    known["points"] += regions
                    continue
                one = {**one, "type": "segmentation", "points": regions}
                grouped[group, one["value"]] = one
            task["annotations"].append(one)
            report.annotations += 1
    report.images += 1
    return ReadTask(task, media_beside(path, name))


def _annotations(
    element: Element, size_wh: list[int], kinds: Mapping[tuple[str, str], str]
) -> list[dict[str, Any]]:
    """Return what an element stands for.

    Raises:
        ShapeError, ValueError: names the attribute and its value.
    """
    label = element.get("label")
    if not label:
        raise ValueError(".label: missing")
    attributes = []
    for child in element.iterfind("attribute"):
        key = child.get("name", "")
        value = _value(child.text or "", kinds.get((label, key), "text"))
        attributes.append({"key": key, "value": value})
    found = []
    for shape in _shapes(element, size_wh):
        SHAPES[shape["type"]].check(shape, "")
        found.append({**shape, "value": label, "attributes": attributes})
    return found


def _value(text: str, input_type: str) -> str | float | bool:
    if input_type == "checkbox" and text in ("true", "false"):
        return text == "true"
    if input_type == "number":
        try:
            return _number_of(text, ".attribute")
        except ValueError:
            return text
    return text


def _shapes(element: Element, size_wh: list[int]) -> list[dict[str, Any]]:
    match element.tag:
        case "box":
            points = [_number(element, key) for key in ("xtl", "ytl", "xbr", "ybr")]
            rotation = _number(element, "rotation", 0) % 360
            return [{"type": "bbox", "points": points, **_turned(rotation)}]
        case "polygon":
            return [{"type": "polygon", "points": _points(element)}]
        case "polyline":
            return [{"type": "line", "points": _points(element)}]
        case "points":
            flat = _points(element)
            return [
                {"type": "keypoint", "points": flat[at : at + 2]} for at in range(0, len(flat), 2)
            ]
        case "ellipse":
            return [_ellipse(element)]
        case "mask":
            return [_mask(element, size_wh)]
        case "skeleton":
            keypoints = []
            for child in element.iterfind("points"):
                if child.get("outside", "0") != "1":
                    visible = int(child.get("occluded", "0") != "1")
                    key = child.get("label", "")
                    keypoints.append({"key": key, "value": [*_points(child), visible]})
            return [{"type": "pose_estimation", "keypoints": keypoints}]
        case "tag":
            return [{"type": "classification", "points": []}]
    raise ValueError(": expected box, polygon, polyline, points, ellipse, mask, skeleton or tag")


def _turned(rotation: float) -> dict[str, float]:
    return {"rotation": rotation} if rotation else {}


def _ellipse(element: Element) -> dict[str, Any]:
    cx, cy, rx, ry = (_number(element, key) for key in ("cx", "cy", "rx", "ry"))
    if rx == ry:
        return {"type": "circle", "points": [cx, cy, rx]}
    return {
        "type": "polygon",
        "points": geometry.ellipse_ring((cx, cy), (rx, ry), _number(element, "rotation", 0)),
    }


def _mask(element: Element, size_wh: list[int]) -> dict[str, Any]:
    """Return a segmentation of a mask: lengths of runs, row by row in a box, zeros first."""
    import numpy as np

    from fastlabel.masks import regions_of_rle

    left, top, width, height = (
        int(_number(element, key)) for key in ("left", "top", "width", "height")
    )
    if len(size_wh) != 2:
        raise ValueError(": the image has no width and height")
    if left < 0 or top < 0 or width < 1 or height < 1:
        raise ValueError(f": no box of pixels: left {left}, top {top}, {width} x {height}")
    if left + width > size_wh[0] or top + height > size_wh[1]:
        raise ValueError(f": reaches beyond the {size_wh[0]} x {size_wh[1]} pixels of the image")
    try:
        runs = [int(run) for run in element.get("rle", "").split(",")]
    except ValueError:
        raise ValueError(".rle: expected whole numbers with commas between them") from None
    if min(runs) < 0 or sum(runs) != width * height:
        raise ValueError(f".rle: the runs have {sum(runs)} pixels, the box {width * height}")
    inner = np.repeat(np.arange(len(runs)) % 2, runs).astype(np.uint8).reshape(height, width)
    mask = np.zeros((size_wh[1], size_wh[0]), np.uint8)
    mask[top : top + height, left : left + width] = inner
    column = mask.ravel(order="F")
    # COCO's runs go down the columns and begin with zeros too.
    ends = np.flatnonzero(np.diff(column)) + 1
    counts = np.diff([0, *ends, column.size]).tolist()
    counts = [0, *counts] if column[0] else counts
    rle = {"size": [size_wh[1], size_wh[0]], "counts": counts}
    regions = regions_of_rle(rle, ".rle")
    return {"type": "segmentation", "points": regions}


def _points(element: Element) -> list[float]:
    flat: list[float] = []
    for pair in element.get("points", "").split(";"):
        x, comma, y = pair.partition(",")
        if not comma:
            raise ValueError(f'.points: expected "x,y;x,y;...", got {pair!r}')
        flat += (_number_of(x, ".points"), _number_of(y, ".points"))
    return flat


def _number(element: Element, key: str, default: float | None = None) -> float:
    text = element.get(key)
    if text is None:
        if default is None:
            raise ValueError(f".{key}: missing")
        return default
    return _number_of(text, f".{key}")


def _number_of(text: str, where: str) -> float:
    """Return a finite number, whole where the text shows no decimals."""
    number = finite_number(text, where)
    return int(text) if text.strip().lstrip("+-").isdigit() else number
