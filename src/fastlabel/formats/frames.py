"""Videos as pictures: formats of images hold one image a frame.

Frame files are named `<name of the video>_<n>.jpg`, n from 0 and as wide as the number of
frames needs; they lie in `images/`. Frame file n shows what the annotations say of frame
n + 1. These are the rules of the official client.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Dataset, Task, repeatable
from fastlabel.formats.target import FileNames, Target, safe_path
from fastlabel.modalities import PROJECT_TYPES

if TYPE_CHECKING:
    from fastlabel.formats.report import Report

FOLDER = "images/"


def images_of(dataset: Dataset, target: Target, report: Report, format_name: str) -> Iterable[Task]:
    """Return what a format of single images writes: the tasks, or the frames of videos.

    The result can be gone through more than once. Frames are written to the target now.

    Raises:
        FastLabelInvalidException: the project's tasks are neither images nor videos with
            annotations, or a video cannot be read.
    """
    project_type = PROJECT_TYPES.get(dataset.project_type)
    kind = project_type.kind if project_type else None
    if kind and kind.labels == "annotations" and not kind.shows_contents:
        if kind.modality == "image":
            return repeatable(dataset.tasks)
        if kind.modality == "video":
            names = FileNames(report.renamed)
            return Frames([_Video.written(task, dataset, target, names) for task in dataset.tasks])
    raise FastLabelInvalidException(
        f"project type {dataset.project_type!r}: {format_name} holds annotations of single images "
        "and of videos by their frames, not of sequences or classifications",
        422,
    )


@dataclass(frozen=True)
class _Video:
    task: Task
    file_names: list[str]

    @classmethod
    def written(cls, task: Task, dataset: Dataset, target: Target, names: FileNames) -> _Video:
        if dataset.open_file is None:
            raise FastLabelInvalidException(
                f"{task['name']}: the frames of videos need their files", 422
            )
        with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
            with dataset.open_file(task) as source:
                shutil.copyfileobj(source, file)
            file.flush()
            return cls(task, list(_write_frames(file.name, task, target, names)))


@dataclass(frozen=True)
class Frames(Iterable[Task]):
    """Each frame as the task of an image."""

    videos: list[_Video]

    def __iter__(self) -> Iterator[Task]:
        for video in self.videos:
            task = video.task
            for number, name in enumerate(video.file_names, start=1):
                shown = [
                    at_frame(annotation, str(number)) for annotation in task.get("annotations", ())
                ]
                yield {
                    "name": name,
                    "width": task["width"],
                    "height": task["height"],
                    "annotations": [one for one in shown if one is not None],
                }


def at_frame(annotation: Mapping[str, Any], number: str) -> dict[str, Any] | None:
    """Return an annotation as it is in one frame, None where the object is absent."""
    points = annotation.get("points")
    frame = points.get(number) if isinstance(points, Mapping) else None
    if frame is None:
        return None
    placed = {**annotation, "points": frame["value"]}
    if "rotation" in frame:
        placed["rotation"] = frame["rotation"]
    return placed


def _write_frames(path: str, task: Task, target: Target, names: FileNames) -> Iterator[str]:
    import cv2  # slow to import, and only videos need it here

    capture = cv2.VideoCapture(path)
    try:
        if not capture.isOpened():
            raise FastLabelInvalidException(f"{task['name']}: the video cannot be read", 422)
        digits = len(str(int(capture.get(cv2.CAP_PROP_FRAME_COUNT))))
        base = safe_path(str(task["name"])).rpartition("/")[2]
        stem = base.rpartition(".")[0] or base
        number = 0
        while True:
            is_there, pixels = capture.read()
            if not is_there:
                return
            path = names.place(f"{stem}_{number:0{digits}}.jpg", None, FOLDER)
            _, jpeg = cv2.imencode(".jpg", pixels)
            target.write(path, jpeg.tobytes())
            yield path.removeprefix(FOLDER)
            number += 1
    finally:
        capture.release()
