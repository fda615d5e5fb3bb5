"""Robotics tasks of 0.26.0: created empty, filled from a ZIP named like the task."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import cv2
import numpy as np

from scenarios.archives import finished, zip_of
from scenarios.support import (
    ID,
    client,
    fetch,
    later,
    names,
    new_class,
    new_project,
    refused,
    same,
)

TELEMETRY = json.dumps(
    [{"observation.state": {"joint": 0.5}, "action": {"joint": 1}, "frame_index": 0}]
).encode()


def _video(frames: int = 5) -> bytes:
    """Return a video as the client's own import writes it: MPEG-4 Part 2."""
    path = Path(tempfile.mkdtemp(dir="."), "camera.mp4")
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 10, (48, 32))
    for number in range(frames):
        writer.write(np.full((32, 48, 3), number * 20, np.uint8))
    writer.release()
    return path.read_bytes()


def _project() -> str:
    project = new_project("robotics_task_classification")
    new_class(project, "sub_task", "grasp")
    return project


@later
def an_episode_gets_its_files_from_a_zip() -> None:
    project = _project()
    created = client.create_robotics_task(project=project, name="episode_000001", operator="R2")
    assert ID.fullmatch(created), created
    video = _video()
    files = {"images_top.mp4": video, "episode_000001.json": TELEMETRY}
    begun = client.import_robotics_contents_file(
        project=project, file_path=zip_of(files, "episode_000001.zip")
    )
    history = finished(begun)
    assert (history["status"], history["storageType"]) == ("completed", "zip"), history
    task = client.find_robotics_task(task_id=created)
    assert task["roboticsOperator"] == "R2"
    assert names(task["contents"]) == ["episode_000001.json", "images_top.mp4"]
    camera = task["contents"][1]
    assert (camera["width"], camera["height"]) == (48, 32), camera
    assert fetch(camera["url"])[2] == video
    assert fetch(task["contents"][0]["url"])[2] == TELEMETRY
    same(client.find_robotics_task_by_name(project, "episode_000001")["id"], created)


@later
def a_second_import_replaces_and_adds_files() -> None:
    project = _project()
    created = client.create_robotics_task(project=project, name="e")
    for files in ({"a.mp4": _video(5)}, {"a.mp4": _video(7), "b.mp4": _video(5)}):
        path = zip_of(files, "e.zip")
        finished(client.import_robotics_contents_file(project=project, file_path=path))
    task = client.find_robotics_task(created)
    assert names(task["contents"]) == ["a.mp4", "b.mp4"]
    assert fetch(task["contents"][0]["url"])[2] == _video(7)


@later
def an_episode_that_is_not_there_is_not_found() -> None:
    with refused(404, "nobody"):
        client.import_robotics_contents_file(
            project=_project(), file_path=zip_of({"a.mp4": _video()}, "nobody.zip")
        )


@later
def sub_tasks_are_saved_and_cleared() -> None:
    project = _project()
    created = client.create_robotics_task(project=project, name="e")
    annotation = {"type": "sub_task", "value": "grasp", "start": 0, "end": 12}
    client.update_robotics_task(task_id=created, annotations=[annotation])
    (saved,) = client.find_robotics_task(created)["annotations"]
    assert (saved["type"], saved["value"]) == ("sub_task", "grasp")
    same(saved["points"], [0, 12])
    client.update_robotics_task(task_id=created, annotations=[])
    assert client.find_robotics_task(created)["annotations"] == []
