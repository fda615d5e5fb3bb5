"""CVAT for images 1.1: one XML file of images and their shapes.

Specification: https://docs.cvat.ai/docs/dataset_management/formats/format-cvat/
Axes: pixels, origin top left, x right, y down. `rotation` is in degrees, clockwise on screen
about the centre of a box, as ours is.

Boxes, polygons, lines (`polyline`), keypoints (`points`), circles (`ellipse`), poses
(`skeleton`) and classifications (`tag`) have a form of their own. A segmentation becomes a
polygon for each region, all in one group (`group_id`); numbers stay exact, which they would
not as a mask.

Lost on the way out: the cuts that join hollows to their outline have no width, but they are
points that were not drawn; keypoints of boxes; lists as attribute values become JSON text.
The report counts them.

The reader takes beyond that: masks in CVAT's run lengths, which become segmentations along
the borders of their pixels; ellipses, which become circles or polygons within 0.05 px; points
of several places, one keypoint each; polygons of one label in one group, which become one
segmentation. Shapes of single frames are read, tracks (CVAT for video) are named as bad rows.
Document type declarations are refused.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO

from fastlabel import geometry
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Dataset, Format, ReadTask, Task
from fastlabel.formats.checks import (
    HOLES_CUT,
    KEYPOINTS_LOST,
    attributes_of,
    classes_in_use,
    media_beside,
    placed_keypoints,
    well_formed,
)
from fastlabel.formats.frames import images_of
from fastlabel.formats.report import ReadReport, Report
from fastlabel.formats.target import Target
from fastlabel.formats.xmlstream import Node, escaped, is_sayable, nodes, quoted
from fastlabel.shapes import SHAPES, ShapeError

FILE_NAME: Final = "annotations.xml"
LIST_VALUES: Final = "lists as attribute values written as JSON text"
UNSAYABLE: Final = "characters that XML cannot hold written as U+FFFD"
_GROUPS_OF: Final = frozenset(("label", "image", "track"))


def write(dataset: Dataset, target: Target, report: Report, *, file_name: str = FILE_NAME) -> None:
    """Write image tasks, or videos by their frames, as a file of CVAT for images.

    Labels are the classes of the dataset in their order, then other values in use.

    Raises:
        FastLabelInvalidException: a project type or task that cannot be written.
    """
    report.path /= file_name
    images = images_of(dataset, target, report, "CVAT")
    labels = _Labels()
    # The labels stand before the images, so the tasks are gone through twice.
    count = sum(1 for task in images if labels.learn(task))
    with target.open_text(file_name) as file:
        file.write('<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n')
        file.write("  <version>1.1</version>\n  <meta>\n    <task>\n")
        file.write(f"      <size>{count}</size>\n      <mode>annotation</mode>\n")
        labels.write(file, dataset.classes)
        file.write("    </task>\n  </meta>\n")
        last_group = 0
        for number, task in enumerate(images):
            last_group = _write_image(file, number, task, report, last_group)
        file.write("</annotations>\n")


@dataclass
class _Labels:
    """What the tasks use, for the labels at the head of the file."""

    colors: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, dict[str, set[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    """By label and key: the kinds of values, `number`, `checkbox` or `text`."""
    keypoints: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))

    def learn(self, task: Task) -> bool:
        for annotation, _ in well_formed(task, SHAPES, Report(Path())):
            value = annotation["value"]
            self.colors.setdefault(value, _color(annotation))
            for key, given in attributes_of(annotation):
                self.attributes[value][key].add(_input_type(given))
            if annotation["type"] == "pose_estimation":
                self.keypoints[value].update(dict.fromkeys(placed_keypoints(annotation)))
        return True

    def write(self, file: TextIO, classes: Iterable[Mapping[str, Any]]) -> None:
        given = {str(entry["value"]): entry for entry in classes}
        file.write("      <labels>\n")
        for name in classes_in_use(given.values(), set(self.colors)):
            entry = given.get(name, {})
            keys = [str(keypoint["key"]) for keypoint in entry.get("keypoints") or ()]
            keys += [key for key in self.keypoints.get(name, ()) if key not in keys]
            color = _color(entry) or self.colors.get(name, "")
            is_skeleton = name in self.keypoints or entry.get("type") == "pose_estimation"
            self._write_label(file, name, color, "skeleton" if is_skeleton else "any")
            if is_skeleton:
                file.write(f"          <svg>{escaped(_skeleton_svg(keys, entry))}</svg>\n")
            file.write("        </label>\n")
            for key in keys if is_skeleton else ():
                self._write_label(file, key, color, "points")
                file.write(f"          <parent>{escaped(name)}</parent>\n        </label>\n")
        file.write("      </labels>\n")

    def _write_label(self, file: TextIO, name: str, color: str, label_type: str) -> None:
        file.write(f"        <label>\n          <name>{escaped(name)}</name>\n")
        file.write(f"          <color>{escaped(color)}</color>\n")
        file.write(f"          <type>{label_type}</type>\n          <attributes>\n")
        for key, kinds in self.attributes.get(name, {}).items() if label_type != "points" else ():
            kind = kinds.copy().pop() if len(kinds) == 1 else "text"
            file.write(
                f"            <attribute>\n              <name>{escaped(key)}</name>\n"
                "              <mutable>False</mutable>\n"
                f"              <input_type>{kind}</input_type>\n"
                "              <default_value></default_value>\n"
                "              <values></values>\n            </attribute>\n"
            )
        file.write("          </attributes>\n")


def _color(entry: Mapping[str, Any]) -> str:
    color = entry.get("color")
    return color if isinstance(color, str) else ""


def _input_type(value: object) -> str:
    if isinstance(value, bool):
        return "checkbox"
    return "number" if isinstance(value, int | float) else "text"


def _skeleton_svg(keys: list[str], entry: Mapping[str, Any]) -> str:
    """Return the drawing that CVAT knows a skeleton by; ours have no places, so a circle."""
    numbers = {key: number for number, key in enumerate(keys, start=1)}
    by_id = {keypoint.get("id"): keypoint for keypoint in entry.get("keypoints") or ()}
    places = {
        key: (
            round(50 + 40 * math.cos(2 * math.pi * number / len(keys)), 2),
            round(50 + 40 * math.sin(2 * math.pi * number / len(keys)), 2),
        )
        for key, number in numbers.items()
    }
    parts = []
    edges: set[frozenset[str]] = set()
    for keypoint in by_id.values():
        for edge in keypoint.get("edges") or ():
            ends = frozenset((str(keypoint["key"]), str(by_id.get(edge, keypoint)["key"])))
            if len(ends) == 2 and ends not in edges:
                edges.add(ends)
                one, other = sorted(ends, key=lambda key: numbers[key])
                (x1, y1), (x2, y2) = places[one], places[other]
                parts.append(
                    f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" data-type="edge" '
                    f'data-node-from="{numbers[one]}" data-node-to="{numbers[other]}"></line>'
                )
    for key, number in numbers.items():
        x, y = places[key]
        parts.append(
            f'<circle r="0.75" cx="{x}" cy="{y}" data-type="element node" '
            f'data-element-id="{number}" data-node-id="{number}" '
            f"data-label-name={quoted(key)}></circle>"
        )
    return "".join(parts)


def _write_image(file: TextIO, number: int, task: Task, report: Report, last_group: int) -> int:
    """Write a task; return the last group that is taken."""
    for key in ("width", "height"):
        if key not in task:
            raise FastLabelInvalidException(
                f"{task['name']}: {key}: missing; CVAT takes image tasks as the API returns them",
                422,
            )
    file.write(
        f'  <image id="{number}" name={quoted(task["name"])} '
        f'width="{task["width"]}" height="{task["height"]}">\n'
    )
    for annotation, where in well_formed(task, SHAPES, report):
        if annotation["type"] == "segmentation":
            last_group += 1
        changes, head, tail = _attribute_texts(annotation)
        for tag, body in _elements(annotation, last_group, changes):
            file.write(f'    <{tag} label={head} source="manual" {body}{tail}    </{tag}>\n')
        report.wrote(annotation)
        for change in changes:
            report.change(annotation, change, where)
    file.write("  </image>\n")
    report.images += 1
    return last_group


def _attribute_texts(annotation: Mapping[str, Any]) -> tuple[list[str], str, str]:
    """Return what changes, the label, and the attributes' elements."""
    changes = []
    lines = []
    texts = [annotation["value"]]
    for key, value in attributes_of(annotation):
        if isinstance(value, bool):
            value = "true" if value else "false"
        elif isinstance(value, list | dict):
            value = json.dumps(value, ensure_ascii=False)
            if LIST_VALUES not in changes:
                changes.append(LIST_VALUES)
        texts += (key, str(value))
        lines.append(f"      <attribute name={quoted(key)}>{escaped(value)}</attribute>\n")
    if not all(map(is_sayable, texts)):
        changes.append(UNSAYABLE)
    return changes, quoted(annotation["value"]), "".join(lines)


def _elements(
    annotation: Mapping[str, Any], group: int, changes: list[str]
) -> Iterator[tuple[str, str]]:
    """Yield tag, and what follows its label up to its attributes."""
    points: Any = annotation.get("points")
    plain = 'occluded="0" '
    match annotation["type"]:
        case "bbox":
            if placed_keypoints(annotation):
                changes.append(KEYPOINTS_LOST)
            x1, y1, x2, y2 = geometry.bounds_xyxy(points)
            rotation = (annotation.get("rotation") or 0) % 360
            turned = f'rotation="{rotation}" ' if rotation else ""
            yield (
                "box",
                f'{plain}xtl="{x1}" ytl="{y1}" xbr="{x2}" ybr="{y2}" {turned}z_order="0">\n',
            )
        case "polygon":
            yield "polygon", f'{plain}points="{_pairs(points)}" z_order="0">\n'
        case "line":
            yield "polyline", f'{plain}points="{_pairs(points)}" z_order="0">\n'
        case "keypoint":
            yield "points", f'{plain}points="{_pairs(points)}" z_order="0">\n'
        case "circle":
            cx, cy, r = points
            yield "ellipse", f'{plain}cx="{cx}" cy="{cy}" rx="{r}" ry="{r}" z_order="0">\n'
        case "segmentation":
            for region in points:
                ring = geometry.keyhole_ring(region) if len(region) > 1 else region[0]
                if len(region) > 1 and HOLES_CUT not in changes:
                    changes.append(HOLES_CUT)
                ring = geometry.closed(ring)[:-2]
                yield "polygon", f'{plain}points="{_pairs(ring)}" z_order="0" group_id="{group}">\n'
        case "pose_estimation":
            lines = []
            for key, (x, y, is_visible) in placed_keypoints(annotation).items():
                lines.append(
                    f'      <points label={quoted(key)} occluded="{int(not is_visible)}" '
                    f'outside="0" source="manual" points="{x},{y}">\n      </points>\n'
                )
            yield "skeleton", f'z_order="0">\n{"".join(lines)}'
        case "classification":
            yield "tag", ">\n"


def _pairs(points: Any) -> str:
    return ";".join(f"{x},{y}" for x, y in zip(points[0::2], points[1::2], strict=True))


def read(source: Path, report: ReadReport) -> Iterator[ReadTask]:
    """Read a file of CVAT for images, or the `annotations.xml` of a folder, image by image.

    Raises:
        FastLabelInvalidException: no such file, or it is none of CVAT's.
    """
    path = source / FILE_NAME if source.is_dir() else source
    kinds: dict[tuple[str, str], str] = {}
    for node in nodes(path, "annotations", _GROUPS_OF, report):
        if node.tag == "label":
            label = node.find_text("name").strip()
            for group in node.children:
                for attribute in group.children if group.tag == "attributes" else ():
                    key = attribute.find_text("name").strip()
                    kinds[label, key] = attribute.find_text("input_type").strip()
        elif node.tag == "track":
            report.problem(f"{path}:{node.line}", "tracks are of CVAT for video; export as images")
        elif not node.attributes.get("name"):
            report.problem(f"{path}:{node.line}", "the image has no name")
        else:
            yield _image(node, path, kinds, report)


def _image(
    node: Node, path: Path, kinds: Mapping[tuple[str, str], str], report: ReadReport
) -> ReadTask:
    name = node.attributes["name"]
    task: dict[str, Any] = {"name": name, "annotations": []}
    size: list[int] = []
    for key in ("width", "height"):
        given = node.attributes.get(key, "")
        if given.isascii() and given.isdigit():
            task[key] = int(given)
            size.append(int(given))
    grouped: dict[tuple[str, str], dict[str, Any]] = {}
    for child in node.children:
        where = f"{path}:{child.line}"
        try:
            found = _annotations(child, size, kinds)
        except (ShapeError, ValueError) as error:
            report.problem(where, f"<{child.tag}>{error}")
            continue
        for one in found:
            group = child.attributes.get("group_id", "0")
            if child.tag == "polygon" and group != "0":
                regions = [[geometry.closed(ring) for ring in geometry.without_cuts(one["points"])]]
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
    node: Node, size_wh: list[int], kinds: Mapping[tuple[str, str], str]
) -> list[dict[str, Any]]:
    """Return what an element stands for.

    Raises:
        ShapeError, ValueError: names the attribute and its value.
    """
    label = node.attributes.get("label")
    if not label:
        raise ValueError(".label: missing")
    attributes = []
    for child in node.children:
        if child.tag == "attribute":
            key = child.attributes.get("name", "")
            value = _value(child.text, kinds.get((label, key), "text"))
            attributes.append({"key": key, "value": value})
    found = []
    for shape in _shapes(node, size_wh):
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


def _shapes(node: Node, size_wh: list[int]) -> list[dict[str, Any]]:
    match node.tag:
        case "box":
            points = [_number(node, key) for key in ("xtl", "ytl", "xbr", "ybr")]
            rotation = _number(node, "rotation", 0) % 360
            return [{"type": "bbox", "points": points, **_turned(rotation)}]
        case "polygon":
            return [{"type": "polygon", "points": _points(node)}]
        case "polyline":
            return [{"type": "line", "points": _points(node)}]
        case "points":
            flat = _points(node)
            return [
                {"type": "keypoint", "points": flat[at : at + 2]} for at in range(0, len(flat), 2)
            ]
        case "ellipse":
            return [_ellipse(node)]
        case "mask":
            return [_mask(node, size_wh)]
        case "skeleton":
            keypoints = []
            for child in node.children:
                if child.tag == "points" and child.attributes.get("outside", "0") != "1":
                    visible = int(child.attributes.get("occluded", "0") != "1")
                    key = child.attributes.get("label", "")
                    keypoints.append({"key": key, "value": [*_points(child), visible]})
            return [{"type": "pose_estimation", "keypoints": keypoints}]
        case "tag":
            return [{"type": "classification", "points": []}]
    raise ValueError(": expected box, polygon, polyline, points, ellipse, mask, skeleton or tag")


def _turned(rotation: float) -> dict[str, float]:
    return {"rotation": rotation} if rotation else {}


def _ellipse(node: Node) -> dict[str, Any]:
    cx, cy, rx, ry = (_number(node, key) for key in ("cx", "cy", "rx", "ry"))
    if rx == ry:
        return {"type": "circle", "points": [cx, cy, rx]}
    return {
        "type": "polygon",
        "points": geometry.ellipse_ring((cx, cy), (rx, ry), _number(node, "rotation", 0)),
    }


def _mask(node: Node, size_wh: list[int]) -> dict[str, Any]:
    """Return a segmentation of a mask: lengths of runs, row by row in a box, zeros first."""
    import numpy as np

    from fastlabel.masks import regions_of_rle

    left, top, width, height = (
        int(_number(node, key)) for key in ("left", "top", "width", "height")
    )
    if len(size_wh) != 2:
        raise ValueError(": the image has no width and height")
    if left < 0 or top < 0 or width < 1 or height < 1:
        raise ValueError(f": no box of pixels: left {left}, top {top}, {width} x {height}")
    if left + width > size_wh[0] or top + height > size_wh[1]:
        raise ValueError(f": reaches beyond the {size_wh[0]} x {size_wh[1]} pixels of the image")
    try:
        runs = [int(run) for run in node.attributes.get("rle", "").split(",")]
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


def _points(node: Node) -> list[float]:
    flat: list[float] = []
    for pair in node.attributes.get("points", "").split(";"):
        x, comma, y = pair.partition(",")
        if not comma:
            raise ValueError(f'.points: expected "x,y;x,y;...", got {pair!r}')
        flat += (_number_of(x, ".points"), _number_of(y, ".points"))
    return flat


def _number(node: Node, key: str, default: float | None = None) -> float:
    text = node.attributes.get(key)
    if text is None:
        if default is None:
            raise ValueError(f".{key}: missing")
        return default
    return _number_of(text, f".{key}")


def _number_of(text: str, where: str) -> float:
    """Return a finite number, whole where the text shows no decimals."""
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{where}: expected a number, got {text!r}") from None
    if not math.isfinite(number):
        raise ValueError(f"{where}: expected a finite number, got {text!r}")
    return int(text) if text.strip().lstrip("+-").isdigit() else number


CVAT = Format(
    "cvat",
    "CVAT for images",
    ("image", "video"),
    write=write,
    read=read,
    takes="a .xml file",
)
