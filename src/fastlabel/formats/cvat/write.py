"""Tasks for CVAT for images."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO

from fastlabel import geometry
from fastlabel.formats.base import Dataset, Task
from fastlabel.formats.checks import size_of, well_formed
from fastlabel.formats.fields import KEYPOINTS_LOST, attributes_of, classes_in_use, placed_keypoints
from fastlabel.formats.frames import images_of
from fastlabel.formats.outlines import HOLLOWS_CUT, has_hollows, ring_of, rotation_of
from fastlabel.formats.report import Report
from fastlabel.formats.target import Target
from fastlabel.formats.xmltext import escaped, is_writable, quoted
from fastlabel.shapes import SHAPES

FILE_NAME: Final = "annotations.xml"
LIST_VALUES: Final = "lists as attribute values written as JSON text"
UNSAYABLE: Final = "characters that XML cannot hold written as U+FFFD"


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
    width, height = size_of(task, "CVAT")
    file.write(
        f'  <image id="{number}" name={quoted(task["name"])} width="{width}" height="{height}">\n'
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
        text = str(value)
        texts += (key, text)
        lines.append(f"      <attribute name={quoted(key)}>{escaped(text)}</attribute>\n")
    if not all(map(is_writable, texts)):
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
            rotation = rotation_of(annotation)
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
            changes += [HOLLOWS_CUT] * has_hollows(points)
            for region in points:
                ring = geometry.closed(ring_of(region))[:-2]
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
