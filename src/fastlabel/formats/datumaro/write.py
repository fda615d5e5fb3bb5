"""Tasks for Datumaro."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fastlabel import geometry
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Dataset, Task, kind_of
from fastlabel.formats.checks import well_formed
from fastlabel.formats.fields import attributes_of, classes_in_use, placed_keypoints
from fastlabel.formats.frames import images_of
from fastlabel.formats.jsontext import compact
from fastlabel.formats.outlines import HOLLOWS_CUT, has_hollows, ring_of, rotation_of
from fastlabel.formats.report import Report
from fastlabel.formats.target import FileNames, Target, safe_path
from fastlabel.modalities import PROJECT_TYPES
from fastlabel.shapes import CUBOID, SHAPES, Shape

FOLDER: Final = "annotations"
ROTATION: Final = "rotation written as an attribute"
_IMAGE: Final = 2
_POINT_CLOUD: Final = 6
"""Datumaro's numbers for kinds of media."""
SPACE: Final[dict[str, Shape]] = {CUBOID.type: CUBOID}


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
        tasks, shapes, media_type = dataset.tasks, SPACE, _POINT_CLOUD
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
            rotation = rotation_of(annotation)
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
            changes += [HOLLOWS_CUT] * has_hollows(points)
            for region in points:
                ring = geometry.closed(ring_of(region))[:-2]
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
