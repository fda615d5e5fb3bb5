"""What writers and readers rely on: well-formed annotations, and media files where they belong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fastlabel.formats.base import Task
from fastlabel.formats.report import Report
from fastlabel.formats.target import safe_path
from fastlabel.modalities.audio import RECORDING
from fastlabel.shapes import Shape, ShapeError

NO_FORM = "the format has no form for this type"
MALFORMED = "malformed geometry"
NO_CLASS = "no class value"
ATTRIBUTES_LOST = "attributes left out"
KEYPOINTS_LOST = "keypoints of the box left out"
HOLES_CUT = "hollows joined to the outline by cuts without width"


def well_formed(
    task: Task, shapes: Mapping[str, Shape], report: Report
) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the annotations of a task that can be written, each with its place for the report.

    The others are left out and counted.

    Args:
        shapes: those that the format has a form for, by their type.
    """
    for index, annotation in enumerate(task.get("annotations") or ()):
        where = f"{task['name']}: annotations[{index}]"
        annotation_type = annotation.get("type")
        shape = shapes.get(annotation_type) if isinstance(annotation_type, str) else None
        value = annotation.get("value")
        if shape is None:
            report.leave_out(annotation, NO_FORM, where)
            continue
        try:
            shape.check(annotation, "")
        except ShapeError as error:
            report.leave_out(annotation, MALFORMED, f"{where}{error}")
            continue
        if not isinstance(value, str) or not value:
            report.leave_out(annotation, NO_CLASS, where)
            continue
        yield annotation, where


def attributes_of(annotation: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the keys and values of attributes that have a value."""
    return [
        (attribute["key"], attribute["value"])
        for attribute in annotation.get("attributes") or ()
        if isinstance(attribute, Mapping)
        and isinstance(attribute.get("key"), str)
        and attribute.get("value") is not None
    ]


def placed_keypoints(annotation: Mapping[str, Any]) -> dict[str, tuple[float, float, bool]]:
    """Return x, y, and whether it is visible, of every keypoint that is placed, by its key."""
    return {
        keypoint["key"]: (keypoint["value"][0], keypoint["value"][1], keypoint["value"][2] == 1)
        for keypoint in annotation.get("keypoints") or ()
        if keypoint["value"]
    }


def classes_in_use(classes: Iterable[Mapping[str, Any]], used: set[str]) -> list[str]:
    """Return class values without repeats: those given, in their order, then others sorted."""
    given = dict.fromkeys(str(entry["value"]) for entry in classes)
    return [*given, *sorted(used - given.keys())]


def media_beside(source: Path, name: str) -> Path | None:
    """Return the media file of a task, looked for beside its labels and in `images/`.

    Names come from strangers: one that leads out of these folders has no file.
    """
    if safe_path(name) != name:
        return None
    for folder in (source.parent, source.parent / "images"):
        if (folder / name).is_file():
            return folder / name
    return None


def recording_beside(labels: Path, source: Path) -> tuple[str, Path | None]:
    """Return the name of the recording that a file of labels belongs to, and its file.

    Without a recording of the same name beside it, the name is that of the labels, without
    their extension, and there is no file.

    Args:
        source: the folder that names begin in, or the file of labels itself.
    """
    base = labels.relative_to(source) if source.is_dir() else Path(labels.name)
    for extension in RECORDING.extensions:
        file = labels.with_suffix(extension)
        if file.is_file():
            return base.with_suffix(extension).as_posix(), file
    return base.with_suffix("").as_posix(), None
