"""What Label Studio holds, as tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from fastlabel import geometry
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import ReadTask
from fastlabel.formats.folders import media_beside
from fastlabel.formats.jsontext import load_json, whole_number
from fastlabel.formats.label_studio.write import DRAWN, FILE_NAME, listed
from fastlabel.formats.outlines import region_of
from fastlabel.formats.report import ReadReport
from fastlabel.shapes import SHAPES, TEXT_SPAN, TIME_SPAN, ShapeError
from fastlabel.shapes.base import check_number, shown

_DECIMALS: Final = 6


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
    is_ours = isinstance(note, str) and note.partition(" ")[0] in DRAWN
    return note if is_ours else None


def _join(
    task: dict[str, Any], one: dict[str, Any], note: str | None, joined: dict[str, dict[str, Any]]
) -> None:
    """Add a region to the annotation that it was cut from, or as an annotation."""
    whole = joined.get(note) if note else None
    kind = note.partition(" ")[0] if note else ""
    if kind == "segmentation" and one["type"] == "polygon":
        regions = [region_of(one["points"])]
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
            texts = listed(given)
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
