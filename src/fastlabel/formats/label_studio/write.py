"""Tasks for Label Studio."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fastlabel import geometry
from fastlabel.formats.base import Dataset, Task, kind_of
from fastlabel.formats.checks import well_formed
from fastlabel.formats.fields import attributes_of, placed_keypoints
from fastlabel.formats.frames import images_of
from fastlabel.formats.jsontext import compact
from fastlabel.formats.outlines import HOLLOWS_CUT, has_hollows, ring_of, rotation_of
from fastlabel.formats.report import Report
from fastlabel.formats.target import Target
from fastlabel.formats.texts import spans_of, text_of
from fastlabel.formats.xmltext import quoted
from fastlabel.modalities import PROJECT_TYPES
from fastlabel.shapes import SHAPES, TIME_SPAN, Shape

FILE_NAME: Final = "annotations.json"
CONFIG_NAME: Final = "labeling_config.xml"
SPLIT: Final = "each region written as a polygon of its own"
AS_POINTS: Final = "written as a box and points in it, without whether they are visible"
AS_TEXT: Final = "attribute values written as text"
NOT_PLACED: Final = "no keypoint is placed"
NO_SIZE: Final = "the task has no width and height"

DRAWN: Final[dict[str, Shape]] = {
    name: SHAPES[name]
    for name in ("bbox", "polygon", "keypoint", "circle", "segmentation", "pose_estimation")
}
_TIMES: Final[dict[str, Shape]] = {TIME_SPAN.type: TIME_SPAN}
_TAGS: Final = {
    "rectanglelabels": "RectangleLabels",
    "polygonlabels": "PolygonLabels",
    "keypointlabels": "KeyPointLabels",
    "ellipselabels": "EllipseLabels",
    "labels": "Labels",
    "choices": "Choices",
    "textarea": "TextArea",
    "number": "Number",
}
_POINT_PERCENT: Final = 0.5
"""How wide Label Studio draws a keypoint."""


def write(dataset: Dataset, target: Target, report: Report, *, file_name: str = FILE_NAME) -> None:
    """Write image, text or audio tasks, or videos by their frames, for Label Studio's import.

    `data` names each image or recording by the name of its task; texts are there themselves.

    Raises:
        FastLabelInvalidException: a project type that it has no form for, or a text that
            cannot be read.
    """
    report.path /= file_name
    project_type = PROJECT_TYPES.get(dataset.project_type)
    modality = project_type.kind.modality if project_type else ""
    config = _Config(modality if modality in ("text", "audio") else "image")
    tasks: Iterable[Task]
    if modality in ("text", "audio"):
        kind_of(dataset, modality, "Label Studio")
        report.noun = "text" if modality == "text" else "recording"
        tasks = dataset.tasks
    else:
        tasks = images_of(dataset, target, report, "Label Studio")
    with target.open_text(file_name) as file:
        separator = "[\n"
        for number, task in enumerate(tasks, start=1):
            data: dict[str, Any] = {config.source: task["name"]}
            if modality == "text":
                data = {"text": text_of(task, dataset), "name": task["name"]}
            elif modality != "audio" and not (task.get("width") and task.get("height")):
                report.skip(task, NO_SIZE)
                continue
            results = list(_results(task, data, config, report))
            written = {"id": number, "data": data, "annotations": [{"result": results}]}
            file.write(f"{separator}{compact(written)}")
            separator = ",\n"
            report.images += 1
        file.write("[]\n" if separator == "[\n" else "\n]\n")
    target.write(CONFIG_NAME, config.text(dataset.classes))


@dataclass
class _Config:
    """The controls that the regions need, learnt from them."""

    source: str
    """`image`, `text` or `audio`."""
    labels: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    """Colours of labels by control."""
    attributes: dict[str, tuple[str, dict[str, None]]] = field(default_factory=dict)
    """Control and choices by key."""

    def text(self, classes: Iterable[Mapping[str, Any]]) -> str:
        colors = {str(entry["value"]): str(entry.get("color") or "") for entry in classes}
        source = self.source.capitalize()
        lines = ["<View>", f'  <{source} name="{self.source}" value="${self.source}"/>']
        for control, labels in sorted(self.labels.items()):
            tag = _TAGS[control]
            lines.append(f'  <{tag} name="{control}" toName="{self.source}">')
            for label, color in sorted(labels.items()):
                color = colors.get(label) or color
                background = f" background={quoted(color)}" if color else ""
                lines.append(f"    <Label value={quoted(label)}{background}/>")
            lines.append(f"  </{tag}>")
        for key, (control, choices) in sorted(self.attributes.items()):
            tag = _TAGS[control]
            head = f'  <{tag} name={quoted(key)} toName="{self.source}" perRegion="true"'
            if control == "choices":
                lines.append(f'{head} choice="multiple">')
                lines += [f"    <Choice value={quoted(choice)}/>" for choice in choices]
                lines.append(f"  </{tag}>")
            else:
                lines.append(f"{head}/>")
        return "\n".join((*lines, "</View>", ""))


def _results(
    task: Task, data: Mapping[str, Any], config: _Config, report: Report
) -> Iterator[dict[str, Any]]:
    """Yield the results of a task, and count its annotations."""
    if config.source == "text":
        spans = [(one, where) for one, where, _, _ in spans_of(task, data["text"], report)]
    else:
        spans = list(well_formed(task, _TIMES if config.source == "audio" else DRAWN, report))
    for number, (annotation, where) in enumerate(spans, start=1):
        changes: list[str] = []
        regions: Iterable[tuple[str, dict[str, Any], str, str | None]]
        if config.source == "text":
            start, end = annotation["start"], annotation["end"]
            value = {"start": start, "end": end, "text": data["text"][start:end]}
            regions = [("labels", value, annotation["value"], None)]
        elif config.source == "audio":
            value = {"start": annotation["start"], "end": annotation["end"], "channel": 0}
            regions = [("labels", value, annotation["value"], None)]
        else:
            regions = list(_regions(annotation, task, number, changes))
            if not regions:
                report.leave_out(annotation, NOT_PLACED, where)
                continue
        common = _common(task, config.source)
        attributes = list(_attributes(annotation, config, changes))
        for index, (control, value, label, note) in enumerate(regions):
            color = annotation.get("color")
            config.labels[control].setdefault(label, color if isinstance(color, str) else "")
            region_id = f"{number}" if index == 0 else f"{number}_{index}"
            result: dict[str, Any] = {"id": region_id, "from_name": control, **common}
            if note is not None:
                result["meta"] = {"text": [note]}
                if index:
                    result["parentID"] = f"{number}"
            yield {**result, "type": control, "value": {**value, control: [label]}}
            for key, attribute_control, given in attributes if index == 0 else ():
                yield {
                    "id": region_id,
                    "from_name": key,
                    **common,
                    "type": attribute_control,
                    "value": {**value, attribute_control: given},
                }
        report.wrote(annotation)
        for change in dict.fromkeys(changes):
            report.change(annotation, change, where)


def _common(task: Task, source: str) -> dict[str, Any]:
    if source == "image":
        return {
            "to_name": "image",
            "original_width": task["width"],
            "original_height": task["height"],
            "image_rotation": 0,
        }
    if source == "audio" and task.get("duration"):
        return {"to_name": "audio", "original_length": task["duration"]}
    return {"to_name": source}


def _attributes(
    annotation: Mapping[str, Any], config: _Config, changes: list[str]
) -> Iterator[tuple[str, str, Any]]:
    """Yield key, control and value."""
    types = {
        one.get("key"): one.get("type")
        for one in annotation.get("attributes") or ()
        if isinstance(one, Mapping)
    }
    for key, value in attributes_of(annotation):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number:
            control, given = "number", value
        elif isinstance(value, list) or types.get(key) in ("select", "radio", "checkbox"):
            control, given = "choices", [_as_text(each) for each in listed(value)]
        else:
            control, given = "textarea", [_as_text(value)]
        if not is_number and not all(isinstance(each, str) for each in listed(value)):
            changes.append(AS_TEXT)
        known = config.attributes.setdefault(key, (control, {}))
        known[1].update(dict.fromkeys(given) if control == "choices" else {})
        yield key, control, given


def listed(value: Any) -> list[Any]:
    """Return a value in a list, a list as it is."""
    return value if isinstance(value, list) else [value]


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _regions(
    annotation: Mapping[str, Any], task: Task, number: int, changes: list[str]
) -> Iterator[tuple[str, dict[str, Any], str, str | None]]:
    """Yield control, value, label and note of the regions that an annotation becomes."""
    to_x, to_y = 100 / task["width"], 100 / task["height"]
    label = annotation["value"]
    points: Any = annotation.get("points")
    annotation_type = annotation["type"]
    match annotation_type:
        case "polygon":
            yield "polygonlabels", _polygon(points, to_x, to_y), label, None
        case "keypoint":
            yield "keypointlabels", _point(points[0] * to_x, points[1] * to_y), label, None
        case "circle":
            cx, cy, r = points
            place = {"x": cx * to_x, "y": cy * to_y}
            radii = {"radiusX": r * to_x, "radiusY": r * to_y, "rotation": 0}
            yield "ellipselabels", {**place, **radii}, label, None
        case "segmentation":
            changes += [SPLIT] + [HOLLOWS_CUT] * has_hollows(points)
            for region in points:
                value = _polygon(geometry.closed(ring_of(region))[:-2], to_x, to_y)
                yield "polygonlabels", value, label, f"segmentation {number}"
        case "bbox" | "pose_estimation":
            placed = placed_keypoints(annotation)
            box = points
            if annotation_type == "pose_estimation":
                box = SHAPES[annotation_type].bounds_xyxy(annotation)
            if box is None:
                return
            note = f"{annotation_type} {number}" if placed else None
            yield "rectanglelabels", _box(box, annotation, to_x, to_y), label, note
            if placed:
                changes.append(AS_POINTS)
            for key, (x, y, _) in placed.items():
                yield "keypointlabels", _point(x * to_x, y * to_y), key, note


def _polygon(ring: Any, to_x: float, to_y: float) -> dict[str, Any]:
    corners = zip(ring[0::2], ring[1::2], strict=True)
    return {"points": [[x * to_x, y * to_y] for x, y in corners], "closed": True}


def _point(x: float, y: float) -> dict[str, Any]:
    return {"x": x, "y": y, "width": _POINT_PERCENT}


def _box(points: Any, annotation: Mapping[str, Any], to_x: float, to_y: float) -> dict[str, Any]:
    x1, y1, x2, y2 = geometry.bounds_xyxy(points)
    rotation = rotation_of(annotation)
    x, y = geometry.box_ring((x1, y1, x2, y2), rotation)[:2]
    return {
        "x": x * to_x,
        "y": y * to_y,
        "width": (x2 - x1) * to_x,
        "height": (y2 - y1) * to_y,
        "rotation": rotation,
    }
