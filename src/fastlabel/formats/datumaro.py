"""Datumaro: a dataset folder with `annotations/<subset>.json`.

Specification: https://open-edge-platform.github.io/datumaro/latest/docs/data-formats/formats/datumaro.html
Axes: pixels, origin top left, x right, y down; `bbox` is xywh. Clouds: `position` is the
centre, `rotation` in radians about x, y, z, `scale` the lengths, all in the cloud's axes.

Boxes, polygons, lines (`polyline`), keypoints and poses (`points`), circles (`ellipse`),
classifications (`label`) and cuboids (`cuboid_3d`) have a form of their own. A segmentation
becomes a polygon for each region, all in one group; numbers stay exact, which they would not
as a mask. A box with keypoints becomes a box and points in one group.

Lost on the way out: Datumaro's file has no rotated boxes; the rotation is the attribute
`rotation`, as CVAT writes it, which not every reader looks at. Hollows are joined to the
outline by cuts without width. The point indices of clouds have no form. The report counts
them. Media files are looked for in `images/<subset>/`, by the name of the task.

The reader takes beyond that: masks, which become segmentations along the borders of their
pixels; ellipses, which become circles or polygons within 0.05 px; points of labels without a
skeleton, one keypoint each; polygons of one label in one group, which become one
segmentation; several subsets, one after the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fastlabel import geometry
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Dataset, Format, ReadTask, Task, kind_of
from fastlabel.formats.checks import (
    HOLES_CUT,
    attributes_of,
    classes_in_use,
    placed_keypoints,
    well_formed,
)
from fastlabel.formats.coco.read import load_json
from fastlabel.formats.frames import images_of
from fastlabel.formats.jsontext import compact
from fastlabel.formats.report import ReadReport, Report
from fastlabel.formats.target import FileNames, Target, safe_path
from fastlabel.modalities import PROJECT_TYPES
from fastlabel.shapes import CUBOID, SHAPES, Shape, ShapeError
from fastlabel.shapes.base import check_number, check_numbers, shown

FOLDER: Final = "annotations"
ROTATION: Final = "rotation written as an attribute"
_IMAGE: Final = 2
_POINT_CLOUD: Final = 6
"""Datumaro's numbers for kinds of media."""
_SPACE: Final[dict[str, Shape]] = {CUBOID.type: CUBOID}


def write(dataset: Dataset, target: Target, report: Report, *, subset: str = "default") -> None:
    """Write tasks of images or clouds, or videos by their frames, as one subset.

    Labels are the classes of the dataset in their order, then other values in use.

    Args:
        subset: such as `train`.

    Raises:
        FastLabelInvalidException: a project type or a name of a subset that cannot be.
    """
    if safe_path(subset) != subset or "/" in subset:
        raise FastLabelInvalidException(f"subset: expected a plain name, got {subset!r}", 422)
    project_type = PROJECT_TYPES.get(dataset.project_type)
    tasks: Iterable[Task]
    shapes: Mapping[str, Shape]
    if project_type and project_type.kind.modality == "pcd":
        kind_of(dataset, "pcd", "Datumaro")
        report.noun = "cloud"
        tasks, shapes, media_type = dataset.tasks, _SPACE, _POINT_CLOUD
    else:
        tasks, shapes, media_type = (
            images_of(dataset, target, report, "Datumaro"),
            SHAPES,
            _IMAGE,
        )
    labels = _Labels.learnt(tasks, shapes, dataset.classes)
    names = FileNames(report.renamed)
    path = f"{FOLDER}/{subset}.json"
    with target.open_text(path) as file:
        file.write(f'{{"dm_format_version":"1.0","media_type":{media_type},"infos":{{}},')
        file.write(f'"categories":{compact(labels.categories())},\n"items":[')
        separator = "\n"
        last_group = 0
        for task in tasks:
            annotations: list[dict[str, Any]] = []
            for annotation, where in well_formed(task, shapes, report):
                changes: list[str] = []
                last_group += 1
                for one in _forms(annotation, last_group, labels, changes):
                    annotations.append({"id": len(annotations), **one})
                report.wrote(annotation)
                for change in changes:
                    report.change(annotation, change, where)
            # Datumaro tells items apart by their id, which has no extension.
            item = {
                "id": names.place(task["name"], ""),
                "annotations": annotations,
                **_media(task, media_type),
            }
            file.write(f"{separator}{compact(item)}")
            separator = ",\n"
            report.images += 1
        file.write("\n]}\n")


def _media(task: Task, media_type: int) -> dict[str, Any]:
    path = safe_path(str(task["name"]))
    if media_type == _POINT_CLOUD:
        return {"point_cloud": {"path": path}}
    image: dict[str, Any] = {"path": path}
    if task.get("width") and task.get("height"):
        image["size"] = [task["height"], task["width"]]
    return {"image": image}


@dataclass
class _Labels:
    """The labels and skeletons of a dataset."""

    ids: dict[str, int]
    keys: dict[str, list[str]]
    """Keypoints of the labels that have some."""
    joints: dict[str, list[list[int]]] = field(default_factory=dict)
    attributes: dict[str, dict[str, None]] = field(default_factory=dict)

    @classmethod
    def learnt(
        cls,
        tasks: Iterable[Task],
        shapes: Mapping[str, Shape],
        classes: Sequence[Mapping[str, Any]],
    ) -> _Labels:
        used: set[str] = set()
        keys: dict[str, dict[str, None]] = defaultdict(dict)
        attributes: dict[str, dict[str, None]] = defaultdict(dict)
        joints = {}
        for entry in classes:
            keypoints = entry.get("keypoints") or ()
            if keypoints:
                keys[str(entry["value"])].update(
                    dict.fromkeys(str(one["key"]) for one in keypoints)
                )
                joints[str(entry["value"])] = _joints(keypoints)
        quiet = Report(Path())
        for task in tasks:
            for annotation, _ in well_formed(task, shapes, quiet):
                value = annotation["value"]
                used.add(value)
                attributes[value].update((key, None) for key, _ in attributes_of(annotation))
                placed = placed_keypoints(annotation)
                if placed or annotation["type"] == "pose_estimation":
                    keys[value].update(dict.fromkeys(placed))
        names = classes_in_use(classes, used)
        ids = {name: number for number, name in enumerate(names)}
        return cls(ids, {name: list(given) for name, given in keys.items()}, joints, attributes)

    def categories(self) -> dict[str, Any]:
        labels = [
            {"name": name, "parent": "", "attributes": list(self.attributes.get(name, ()))}
            for name in self.ids
        ]
        categories: dict[str, Any] = {
            "label": {"label_groups": [], "labels": labels, "attributes": []}
        }
        if self.keys:
            items = [
                {
                    "label_id": self.ids[name],
                    "labels": keys,
                    "joints": self.joints.get(name, []),
                    "positions": [],
                }
                for name, keys in self.keys.items()
            ]
            categories["points"] = {"attributes": [], "items": items}
        return categories


def _joints(keypoints: Iterable[Mapping[str, Any]]) -> list[list[int]]:
    """Return the edges as pairs of keypoint numbers from 1, each once."""
    numbers = {keypoint.get("id"): number for number, keypoint in enumerate(keypoints, start=1)}
    edges = {
        frozenset((numbers[keypoint.get("id")], numbers[edge]))
        for keypoint in keypoints
        for edge in keypoint.get("edges") or ()
        if edge in numbers
    }
    return sorted(sorted(edge) for edge in edges if len(edge) == 2)


def _forms(
    annotation: Mapping[str, Any], group: int, labels: _Labels, changes: list[str]
) -> Iterator[dict[str, Any]]:
    """Yield what an annotation becomes."""
    value = annotation["value"]
    attributes = dict(attributes_of(annotation))
    common: dict[str, Any] = {
        "attributes": attributes,
        "group": 0,
        "label_id": labels.ids[value],
    }
    points: Any = annotation.get("points")
    drawn = {**common, "z_order": 0}
    match annotation["type"]:
        case "bbox":
            x1, y1, x2, y2 = geometry.bounds_xyxy(points)
            rotation = (annotation.get("rotation") or 0) % 360
            if rotation:
                attributes["rotation"] = rotation
                changes.append(ROTATION)
            placed = placed_keypoints(annotation)
            if placed:
                drawn["group"] = group
            yield {"type": "bbox", **drawn, "bbox": [x1, y1, x2 - x1, y2 - y1]}
            if placed:
                yield {"type": "points", **drawn, "attributes": {}, **_pose(placed, labels, value)}
        case "polygon":
            yield {"type": "polygon", **drawn, "points": list(points)}
        case "line":
            yield {"type": "polyline", **drawn, "points": list(points)}
        case "keypoint":
            yield {"type": "points", **drawn, "points": list(points), "visibility": [2]}
        case "circle":
            cx, cy, r = points
            yield {"type": "ellipse", **drawn, "points": [cx - r, cy - r, cx + r, cy + r]}
        case "segmentation":
            for region in points:
                ring = geometry.keyhole_ring(region) if len(region) > 1 else region[0]
                if len(region) > 1 and HOLES_CUT not in changes:
                    changes.append(HOLES_CUT)
                ring = geometry.closed(ring)[:-2]
                yield {"type": "polygon", **drawn, "group": group, "points": ring}
        case "pose_estimation":
            placed = placed_keypoints(annotation)
            yield {"type": "points", **drawn, **_pose(placed, labels, value)}
        case "classification":
            yield {"type": "label", **common}
        case "cuboid":
            yield {
                "type": "cuboid_3d",
                **common,
                "position": list(points[:3]),
                "rotation": list(points[3:6]),
                "scale": list(points[6:]),
            }


def _pose(
    placed: Mapping[str, tuple[float, float, bool]], labels: _Labels, value: str
) -> dict[str, Any]:
    """Return every keypoint of a label: visibility is 0 absent, 1 occluded, 2 visible."""
    points: list[float] = []
    visibility = []
    for key in labels.keys[value]:
        x, y, is_visible = placed.get(key, (0, 0, False))
        points += (x, y)
        visibility.append((2 if is_visible else 1) if key in placed else 0)
    return {"points": points, "visibility": visibility}


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
        regions = [[geometry.closed(ring) for ring in geometry.without_cuts(one["points"])]]
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
        (_SPACE if shape["type"] == "cuboid" else SHAPES)[shape["type"]].check(shape, "")
        named = [{"key": key, "value": value} for key, value in attributes.items()]
        found.append({**shape, "value": known.labels[label], "attributes": named})
    return found


def _shapes(
    row: Mapping[str, Any], keys: list[str] | None, attributes: dict[str, Any]
) -> list[dict[str, Any]]:
    points: Any = row.get("points")
    match row.get("type"):
        case "bbox":
            numbers = check_numbers(row.get("bbox"), ".bbox", "[x, y, width, height]")
            if len(numbers) != 4:
                raise ValueError(f".bbox: expected [x, y, width, height], got {shown(numbers)}")
            x, y, width, height = numbers
            box: dict[str, Any] = {"type": "bbox", "points": [x, y, x + width, y + height]}
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

            return [{"type": "segmentation", "points": regions_of_rle(row.get("rle"), ".rle")}]
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


DATUMARO = Format("datumaro", "Datumaro", ("image", "video", "pcd"), write=write, read=read)
