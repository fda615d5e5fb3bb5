"""Label Studio: a JSON list of tasks with their regions, and the labeling configuration for it.

Specification: https://labelstud.io/guide/export and https://labelstud.io/guide/task_format
Axes: percent of the image's width and height, origin top left, x right, y down. A box turns
clockwise on screen about its top left corner, which ours does about the centre: `x` and `y`
are where that corner lies once the box is turned. Spans of text count code points, spans of
audio seconds.

`labeling_config.xml` beside the tasks makes a project that shows them. Attributes are
controls for each region: numbers `Number`, choices and lists `Choices`, others `TextArea`.

Lost on the way out: lines, which Label Studio has no form for. A segmentation becomes a
polygon for each region, hollows joined to it by cuts; a pose or the keypoints of a box become
a box and points in it, without whether they are visible. The report counts them. `meta` says
which regions were one, so that our reader joins them again. Coordinates come back to a
millionth of a pixel; truth values come back as the texts `true` and `false`, lists of one as
a text.

The reader takes beyond that: regions whose label is another result with their id, several
labels for one region (an annotation each), and the paths that Label Studio gives to files
that were uploaded or lie in local storage. Of several annotations of a task the first that
was not cancelled counts, the others are named.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from fastlabel import geometry
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Dataset, Format, ReadTask, Task, kind_of
from fastlabel.formats.checks import (
    HOLES_CUT,
    attributes_of,
    media_beside,
    placed_keypoints,
    well_formed,
)
from fastlabel.formats.coco.read import load_json
from fastlabel.formats.frames import images_of
from fastlabel.formats.jsontext import compact, whole_number
from fastlabel.formats.report import ReadReport, Report
from fastlabel.formats.target import Target
from fastlabel.formats.texts import spans_of, text_of
from fastlabel.formats.xmlstream import quoted
from fastlabel.modalities import PROJECT_TYPES
from fastlabel.shapes import SHAPES, TEXT_SPAN, TIME_SPAN, Shape, ShapeError
from fastlabel.shapes.base import check_number, shown

FILE_NAME: Final = "annotations.json"
CONFIG_NAME: Final = "labeling_config.xml"
SPLIT: Final = "each region written as a polygon of its own"
AS_POINTS: Final = "written as a box and points in it, without whether they are visible"
AS_TEXT: Final = "attribute values written as text"
NOT_PLACED: Final = "no keypoint is placed"
NO_SIZE: Final = "the task has no width and height"

_DRAWN: Final[dict[str, Shape]] = {
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
_DECIMALS: Final = 6
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
        spans = list(well_formed(task, _TIMES if config.source == "audio" else _DRAWN, report))
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
            control, given = "choices", [_as_text(each) for each in _listed(value)]
        else:
            control, given = "textarea", [_as_text(value)]
        if not is_number and not all(isinstance(each, str) for each in _listed(value)):
            changes.append(AS_TEXT)
        known = config.attributes.setdefault(key, (control, {}))
        known[1].update(dict.fromkeys(given) if control == "choices" else {})
        yield key, control, given


def _listed(value: Any) -> list[Any]:
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
            changes.append(SPLIT)
            for region in points:
                if len(region) > 1:
                    changes.append(HOLES_CUT)
                ring = geometry.keyhole_ring(region) if len(region) > 1 else region[0]
                value = _polygon(geometry.closed(ring)[:-2], to_x, to_y)
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
    rotation = 0.0
    if annotation["type"] == "bbox":
        rotation = (annotation.get("rotation") or 0) % 360
    x, y = geometry.box_ring((x1, y1, x2, y2), rotation)[:2]
    return {
        "x": x * to_x,
        "y": y * to_y,
        "width": (x2 - x1) * to_x,
        "height": (y2 - y1) * to_y,
        "rotation": rotation,
    }


def read(source: Path, report: ReadReport) -> Iterator[ReadTask]:
    """Read a JSON export of Label Studio, or the `annotations.json` of a folder.

    The task of a text has its text in the field `text`.

    Raises:
        FastLabelInvalidException: no such file, or no list of tasks.
    """
    path = source / FILE_NAME if source.is_dir() else source
    content = load_json(path)
    if not isinstance(content, list):
        raise FastLabelInvalidException(f"{path}: expected a list of tasks", 422)
    for index, one in enumerate(content):
        where = f"{path}: [{index}]"
        data = one.get("data") if isinstance(one, dict) else None
        if not isinstance(data, dict):
            report.problem(f"{where}.data", f"expected an object, got {shown(data)}")
            continue
        task = _task(data, index)
        if task is None:
            report.problem(f"{where}.data", f"neither image, text nor audio, but {shown(data)}")
            continue
        for at, result in _counted_results(one, where, report):
            place = f"{where}.annotations{at}"
            _add(task, result, place, report)
        report.images += 1
        yield ReadTask(task, media_beside(path, task["name"]))


def _task(data: Mapping[str, Any], index: int) -> dict[str, Any] | None:
    for key in ("image", "audio", "img", "url", "video"):
        if isinstance(data.get(key), str) and data[key]:
            return {"name": _name(data[key]), "annotations": []}
    if isinstance(data.get("text"), str):
        name = data.get("name")
        name = name if isinstance(name, str) and name else f"{index + 1}.txt"
        return {"name": name, "text": data["text"], "annotations": []}
    return None


def _name(given: str) -> str:
    """Return the name of a file: a plain path as it is, of an address its last part."""
    if "://" not in given and not given.startswith("/data/"):
        return given
    parts = urlsplit(given)
    local = parse_qs(parts.query).get("d")
    return local[0] if local else unquote(parts.path.rpartition("/")[2]) or given


def _counted_results(
    task: Mapping[str, Any], where: str, report: ReadReport
) -> Iterator[tuple[str, list[Any]]]:
    """Yield place and results of the annotation that counts; name the others."""
    annotations = task.get("annotations") or []
    is_found = False
    for index, one in enumerate(annotations if isinstance(annotations, list) else ()):
        results = one.get("result") if isinstance(one, dict) else None
        if not isinstance(results, list):
            report.problem(f"{where}.annotations[{index}].result", "expected a list")
        elif one.get("was_cancelled"):
            continue
        elif is_found:
            report.problem(f"{where}.annotations[{index}]", "a second annotation of the task")
        else:
            is_found = True
            yield f"[{index}]", results


def _add(task: dict[str, Any], results: list[Any], place: str, report: ReadReport) -> None:
    """Add what the results stand for to a task."""
    by_id: dict[Any, list[tuple[str, Mapping[str, Any]]]] = {}
    for index, result in enumerate(results):
        where = f"{place}.result[{index}]"
        if not isinstance(result, dict) or not isinstance(result.get("value"), dict):
            kind = result.get("type") if isinstance(result, dict) else None
            report.problem(where, "relations are not read" if kind == "relation" else "no value")
            continue
        key = result.get("id")
        by_id.setdefault(key if isinstance(key, str) else index, []).append((where, result))
    joined: dict[str, dict[str, Any]] = {}
    for parts in by_id.values():
        where, first = parts[0]
        try:
            found = _read_region(parts, task)
            note = _note(first)
            for one in found:
                _join(task, one, note, joined)
        except (ShapeError, ValueError) as error:
            report.problem(where, str(error))
    report.annotations += len(task["annotations"])


def _note(result: Mapping[str, Any]) -> str | None:
    meta = result.get("meta")
    texts = meta.get("text") if isinstance(meta, dict) else None
    note = texts[0] if isinstance(texts, list) and len(texts) == 1 else None
    is_ours = isinstance(note, str) and note.partition(" ")[0] in _DRAWN
    return note if is_ours else None


def _join(
    task: dict[str, Any], one: dict[str, Any], note: str | None, joined: dict[str, dict[str, Any]]
) -> None:
    """Add a region to the annotation that it was cut from, or as an annotation."""
    whole = joined.get(note) if note else None
    kind = note.partition(" ")[0] if note else ""
    if kind == "segmentation" and one["type"] == "polygon":
        regions = [[geometry.closed(ring) for ring in geometry.without_cuts(one["points"])]]
        if whole is not None and whole["type"] == kind:
            whole["points"] += regions
            return
        one = {**one, "type": "segmentation", "points": regions}
    elif kind in ("bbox", "pose_estimation"):
        if whole is not None and "keypoints" in whole and one["type"] == "keypoint":
            whole["keypoints"].append({"key": one["value"], "value": [*one["points"], 1]})
            return
        if one["type"] == "bbox":
            one = {**one, "keypoints": []}
            if kind == "pose_estimation":
                del one["points"]
                one["type"] = kind
    if note:
        joined[note] = one
    task["annotations"].append(one)


def _read_region(
    parts: list[tuple[str, Mapping[str, Any]]], task: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return an annotation for each label of a region.

    Raises:
        ShapeError, ValueError: names the field and its value.
    """
    labels: list[str] = []
    attributes = []
    shape: dict[str, Any] | None = None
    for _, result in parts:
        kind, value = str(result.get("type")), result["value"]
        given = value.get(kind)
        if kind.endswith("labels"):
            if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
                raise ValueError(f".value.{kind}: expected a list of texts, got {shown(given)}")
            labels += given
        elif kind in ("choices", "textarea"):
            texts = _listed(given)
            attributes.append(
                {"key": result.get("from_name"), "value": texts[0] if len(texts) == 1 else texts}
            )
            continue
        elif kind in ("number", "rating"):
            attributes.append({"key": result.get("from_name"), "value": given})
            continue
        if shape is None:
            shape = _shape(kind, result, task)
    if shape is None:
        raise ValueError(": answers for a whole task are not read")
    if not labels:
        raise ValueError(".value: the region has no label")
    return [{**shape, "value": label, "attributes": attributes} for label in dict.fromkeys(labels)]


def _shape(kind: str, result: Mapping[str, Any], task: dict[str, Any]) -> dict[str, Any]:
    value = result["value"]
    kind = kind.removesuffix("labels")
    if kind == "" and "text" in task:
        found = {"type": "ner", "start": value.get("start"), "end": value.get("end")}
        TEXT_SPAN.check(found, ".value")
        if found["end"] > len(task["text"]):
            raise ValueError(f".value.end: {found['end']} lies after the text")
        return {**found, "text": task["text"][found["start"] : found["end"]]}
    if kind == "" and "start" in value:
        found = {"type": "segmentation", "start": value["start"], "end": value.get("end")}
        TIME_SPAN.check(found, ".value")
        return found
    found = _read_drawn(kind, value, _size(result, task))
    SHAPES[found["type"]].check(found, ".value")
    return found


def _size(result: Mapping[str, Any], task: dict[str, Any]) -> tuple[float, float]:
    size = []
    for key in ("width", "height"):
        given = result.get(f"original_{key}")
        check_number(given, f".original_{key}")
        task[key] = given
        size.append(given)
    if result.get("image_rotation"):
        raise ValueError(f".image_rotation: only 0 is read, got {result['image_rotation']!r}")
    return size[0] / 100, size[1] / 100  # type: ignore[operator]  # they are numbers


def _read_drawn(kind: str, value: Mapping[str, Any], to_px: tuple[float, float]) -> dict[str, Any]:
    to_x, to_y = to_px

    def number(key: str) -> float:
        given: Any = value.get(key, 0 if key == "rotation" else None)
        check_number(given, f".value.{key}")
        return float(given)

    if kind == "polygon":
        corners = value.get("points")
        if not isinstance(corners, list) or not all(
            isinstance(one, list) and len(one) == 2 for one in corners
        ):
            raise ValueError(f".value.points: expected [[x, y], ...], got {shown(corners)}")
        for one in corners:
            check_number(one[0], ".value.points")
            check_number(one[1], ".value.points")
        return {
            "type": "polygon",
            "points": _rounded([part for x, y in corners for part in (x * to_x, y * to_y)]),
        }
    x, y = number("x") * to_x, number("y") * to_y
    if kind == "keypoint":
        return {"type": "keypoint", "points": _rounded([x, y])}
    if kind == "ellipse":
        rx, ry = number("radiusX") * to_x, number("radiusY") * to_y
        if abs(rx - ry) < 10**-_DECIMALS:
            return {"type": "circle", "points": _rounded([x, y, rx])}
        ring = geometry.ellipse_ring((x, y), (rx, ry), number("rotation"))
        return {"type": "polygon", "points": _rounded(ring)}
    if kind == "rectangle":
        width, height = number("width") * to_x, number("height") * to_y
        rotation = whole_number(number("rotation") % 360)
        # Turned back about the centre, which the turned corner and the size give.
        cx, cy = geometry.rotated([x + width / 2, y + height / 2], rotation, (x, y))
        box = [cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2]
        turned = {"rotation": rotation} if rotation else {}
        return {"type": "bbox", "points": _rounded(box), **turned}
    raise ValueError(f".type: {kind}labels are not read")


def _rounded(numbers: list[float]) -> list[float]:
    return [whole_number(round(number, _DECIMALS)) for number in numbers]


LABEL_STUDIO = Format(
    "label-studio",
    "Label Studio",
    ("image", "video", "text", "audio"),
    write=write,
    read=read,
    takes="a .json file",
)
