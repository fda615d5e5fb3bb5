"""What Datumaro holds, as tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastlabel import geometry
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import ReadTask
from fastlabel.formats.datumaro.write import FOLDER, SPACE
from fastlabel.formats.jsontext import load_json
from fastlabel.formats.outlines import box_of_xywh, region_of
from fastlabel.formats.report import ReadReport
from fastlabel.formats.target import safe_path
from fastlabel.shapes import SHAPES, ShapeError
from fastlabel.shapes.base import check_number, check_numbers, shown


def read(source: Path, report: ReadReport) -> Iterator[ReadTask]:
    """Read a dataset folder, subset by subset in the order of their names, or one `.json` file.

    Raises:
        FastLabelInvalidException: there is no such file, or it is none of Datumaro's.
    """
    folder = source / FOLDER if (source / FOLDER).is_dir() else source
    paths = sorted(folder.glob("*.json")) if folder.is_dir() else [source]
    if not paths:
        raise FastLabelInvalidException(f"{source}: no .json files in {FOLDER}/", 422)
    for path in paths:
        content = load_json(path)
        items = content.get("items") if isinstance(content, dict) else None
        if not isinstance(items, list):
            raise FastLabelInvalidException(f"{path}: items: expected a list of objects", 422)
        known = _Known.of(content.get("categories"), path)
        for index, item in enumerate(items):
            where = f"{path}: items[{index}]"
            name = _name(item)
            if name is None:
                report.problem(where, "neither a path nor an id")
                continue
            yield _item(item, name, where, known, path, report)


@dataclass(frozen=True)
class _Known:
    labels: list[str]
    keys: dict[int, list[str]]

    @classmethod
    def of(cls, categories: Any, path: Path) -> _Known:
        try:
            labels = [str(one["name"]) for one in categories["label"]["labels"]]
            items = categories.get("points", {}).get("items", ())
            keys = {int(one["label_id"]): [str(key) for key in one["labels"]] for one in items}
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise FastLabelInvalidException(
                f"{path}: categories: expected label.labels with names: {error!r}", 422
            ) from error
        return cls(labels, {label: each for label, each in keys.items() if each})


def _name(item: Any) -> str | None:
    if not isinstance(item, dict):
        return None
    for key in ("image", "point_cloud", "media"):
        media = item.get(key)
        if isinstance(media, dict) and isinstance(media.get("path"), str) and media["path"]:
            return str(media["path"])
    given = item.get("id")
    return given if isinstance(given, str) and given else None


def _item(
    item: Mapping[str, Any],
    name: str,
    where: str,
    known: _Known,
    path: Path,
    report: ReadReport,
) -> ReadTask:
    task: dict[str, Any] = {"name": name, "annotations": []}
    image = item.get("image")
    size = image.get("size") if isinstance(image, dict) else None
    if isinstance(size, list) and len(size) == 2:
        task["height"], task["width"] = size
    groups: dict[tuple[Any, str, str], dict[str, Any]] = {}
    rows = item.get("annotations") or []
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        try:
            found = _annotations(row, known)
        except (ShapeError, ValueError) as error:
            report.problem(f"{where}.annotations[{index}]", str(error))
            continue
        for one in found:
            joined = _joined(one, row.get("group"), groups)
            if joined is not None:
                task["annotations"].append(joined)
                report.annotations += 1
    report.images += 1
    return ReadTask(task, _media_file(path, name))


def _joined(
    one: dict[str, Any], group: Any, groups: dict[tuple[Any, str, str], dict[str, Any]]
) -> dict[str, Any] | None:
    """Return a new annotation, None where the row belongs to the one before in its group."""
    if not group or not isinstance(group, int):
        return one
    key = (group, one["value"], one["type"])
    box = groups.get((group, one["value"], "bbox"))
    if one["type"] == "pose_estimation" and box is not None and "keypoints" not in box:
        box["keypoints"] = one["keypoints"]
        return None
    if one["type"] == "polygon":
        regions = [region_of(one["points"])]
        if key in groups:
            groups[key]["points"] += regions
            return None
        one = {**one, "type": "segmentation", "points": regions}
    groups[key] = one
    return one


def _media_file(path: Path, name: str) -> Path | None:
    if safe_path(name) != name:
        return None
    root = path.parent.parent
    for folder in ("images", "point_clouds"):
        for place in (root / folder / path.stem / name, root / folder / name):
            if place.is_file():
                return place
    return None


def _annotations(row: Any, known: _Known) -> list[dict[str, Any]]:
    """Return what a row stands for.

    Raises:
        ShapeError, ValueError: names the field and its value.
    """
    if not isinstance(row, dict):
        raise ValueError(f": expected an object, got {shown(row)}")
    label = row.get("label_id")
    if not isinstance(label, int) or not 0 <= label < len(known.labels):
        raise ValueError(f".label_id: there is no label {label!r}")
    given = row.get("attributes") or {}
    if not isinstance(given, dict):
        raise ValueError(f".attributes: expected an object, got {shown(given)}")
    attributes = dict(given)
    found = []
    for shape in _shapes(row, known.keys.get(label), attributes):
        (SPACE if shape["type"] == "cuboid" else SHAPES)[shape["type"]].check(shape, "")
        named = [{"key": key, "value": value} for key, value in attributes.items()]
        found.append({**shape, "value": known.labels[label], "attributes": named})
    return found


def _shapes(
    row: Mapping[str, Any], keys: list[str] | None, attributes: dict[str, Any]
) -> list[dict[str, Any]]:
    points: Any = row.get("points")
    match row.get("type"):
        case "bbox":
            box: dict[str, Any] = {"type": "bbox", "points": box_of_xywh(row.get("bbox"))}
            if "rotation" in attributes:
                check_number(attributes["rotation"], ".attributes.rotation")
                rotation = attributes.pop("rotation") % 360
                box.update({"rotation": rotation} if rotation else {})
            return [box]
        case "polygon":
            return [{"type": "polygon", "points": points}]
        case "polyline":
            return [{"type": "line", "points": points}]
        case "points":
            return _points(row, keys)
        case "ellipse":
            return [_ellipse(points)]
        case "mask":
            from fastlabel.masks import regions_of_rle  # numpy and OpenCV come with it

            return [
                {"type": "segmentation", "points": regions_of_rle(row.get("rle") or {}, ".rle")}
            ]
        case "label":
            return [{"type": "classification", "points": []}]
        case "cuboid_3d":
            numbers = [
                number
                for key in ("position", "rotation", "scale")
                for number in check_numbers(row.get(key), f".{key}", "[x, y, z]")
            ]
            return [{"type": "cuboid", "points": numbers}]
    raise ValueError(f".type: {shown(row.get('type'))} is not read")


def _points(row: Mapping[str, Any], keys: list[str] | None) -> list[dict[str, Any]]:
    numbers = check_numbers(row.get("points"), ".points", "[x1, y1, x2, y2, ...]")
    count = len(numbers) // 2
    visibility = row.get("visibility") or [2] * count
    if len(numbers) % 2 or not isinstance(visibility, list) or len(visibility) != count:
        raise ValueError(".visibility: expected a number for each point")
    if keys is None or (len(keys) != count and count == 1):
        return [
            {"type": "keypoint", "points": list(numbers[2 * at : 2 * at + 2])}
            for at in range(count)
            if visibility[at]
        ]
    if len(keys) != count:
        raise ValueError(f".points: the label has {len(keys)} keypoints, got {count}")
    keypoints = [
        {"key": key, "value": [*numbers[2 * at : 2 * at + 2], int(visibility[at] == 2)]}
        for at, key in enumerate(keys)
        if visibility[at]
    ]
    return [{"type": "pose_estimation", "keypoints": keypoints}]


def _ellipse(points: Any) -> dict[str, Any]:
    if len(check_numbers(points, ".points", "[x1, y1, x2, y2]")) != 4:
        raise ValueError(f".points: expected [x1, y1, x2, y2], got {shown(points)}")
    x1, y1, x2, y2 = points
    center, rx, ry = ((x1 + x2) / 2, (y1 + y2) / 2), (x2 - x1) / 2, (y2 - y1) / 2
    # Corners that were rounded still make a circle.
    if abs(rx - ry) <= 1e-9 * max(abs(x1), abs(x2), abs(y1), abs(y2), 1):
        return {"type": "circle", "points": [*center, rx]}
    return {"type": "polygon", "points": geometry.ellipse_ring(center, (rx, ry))}
