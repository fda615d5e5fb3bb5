"""The files of a robotics task: an import brings them to a task that is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.archives import import_of, saved, upload
from api.conftest import Raw
from fastlabel import Client
from fastlabel.exceptions import FastLabelNotFoundException
from fastlabel.types import History
from media_files import sample

TELEMETRY = json.dumps(
    [{"frame_index": n, "timestamp": n / 30, "action": {"grip": 0.5}} for n in range(3)]
).encode()


@pytest.fixture
def robots(client: Client, slug: str) -> str:
    """The slug of a robotics project with the task `episode_000001`."""
    client.create_project("robotics_task_classification", "Robots", slug)
    client.create_robotics_task(slug, "episode_000001")
    return slug


def imported(client: Client, project: str, folder: Path, files: dict[str, bytes]) -> History:
    path = saved(folder, "episode_000001.zip", files)
    history: History = import_of(client, client.import_robotics_contents_file(project, path))
    return history


def contents(client: Client, project: str) -> dict[str, dict[str, Any]]:
    task = client.find_robotics_task_by_name(project, "episode_000001")
    assert task is not None
    return {one["name"]: dict(one) for one in task["contents"]}


def test_cameras_and_telemetry_become_the_files_of_the_task(
    client: Client, robots: str, tmp_path: Path
) -> None:
    files = {
        "images_wrist.mp4": sample(".mp4", 1),
        "images_top.mp4": sample(".mp4", 0),
        "episode_000001.json": TELEMETRY,
    }
    history = imported(client, robots, tmp_path, {**files, "README.md": b"# An episode"})
    assert (history["status"], history["storageType"]) == ("completed", "zip")
    assert (history["count"], history["total"], history["passedOver"]) == (3, 4, 1)
    found = contents(client, robots)
    assert list(found) == ["episode_000001.json", "images_top.mp4", "images_wrist.mp4"]
    for name, data in files.items():
        assert httpx.get(found[name]["url"]).content == data
    assert found["images_top.mp4"]["width"] > 0
    assert found["episode_000001.json"]["width"] is None


def test_a_second_import_replaces_files_of_the_same_name_and_adds_the_others(
    client: Client, robots: str, tmp_path: Path
) -> None:
    imported(client, robots, tmp_path, {"b.mp4": sample(".mp4", 0), "c.mp4": sample(".mp4", 0)})
    before = contents(client, robots)
    # The folders of the ZIP do not count.
    imported(client, robots, tmp_path, {"x/a.mp4": sample(".mp4", 2), "b.mp4": sample(".mp4", 1)})
    after = contents(client, robots)
    assert list(after) == ["a.mp4", "b.mp4", "c.mp4"]
    assert httpx.get(after["b.mp4"]["url"]).content == sample(".mp4", 1)
    assert httpx.get(after["c.mp4"]["url"]).content == sample(".mp4", 0)
    # It stays the same file of the task to whatever refers to it.
    same = [one["b.mp4"]["url"].partition("?")[0] for one in (before, after)]
    assert same[0] == same[1]


def test_a_broken_file_is_named_and_the_others_are_taken(
    client: Client, robots: str, tmp_path: Path
) -> None:
    files = {"a.mp4": sample(".mp4"), "b.mp4": b"no video", "episode_000001.json": b"{}"}
    history = imported(client, robots, tmp_path, files)
    assert history["status"] == "completed"
    assert (history["count"], history["failed"]) == (1, 2)
    assert [error["name"] for error in history["errors"]] == ["b.mp4", "episode_000001.json"]
    assert list(contents(client, robots)) == ["a.mp4"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.mp4": b"no video"}, "nothing in it that could be taken: a.mp4: "),
        ({"x/a.mp4": sample(".mp4"), "y/a.mp4": sample(".mp4", 1)}, "'a.mp4' is in it 2 times"),
        ({f"{n}.json": b"[]" for n in range(100)}, "up to 100 files, with these it would have 101"),
    ],
)
def test_an_import_that_cannot_be_leaves_the_task_as_it_was(
    client: Client, robots: str, tmp_path: Path, files: dict[str, bytes], message: str
) -> None:
    imported(client, robots, tmp_path, {"first.json": b"[]"})
    history = imported(client, robots, tmp_path, files)
    assert history["status"] == "failed"
    assert message in str(history["message"])
    assert list(contents(client, robots)) == ["first.json"]


def test_the_task_must_be_there(client: Client, robots: str, tmp_path: Path) -> None:
    path = saved(tmp_path, "episode_000002.zip", {"a.mp4": sample(".mp4")})
    with pytest.raises(FastLabelNotFoundException, match="no task 'episode_000002'"):
        client.import_robotics_contents_file(robots, path)
    assert client.get_histories(robots) == []


@pytest.mark.parametrize("what", ["robotics-contents", "appendix"])
def test_projects_of_other_kinds_take_no_such_zip(raw: Raw, client: Client, slug: str, what: str):
    client.create_project("dicom_bbox", "Scans", slug)
    key = upload(raw, slug, b"PK")
    body = {"project": slug, "fileKey": key}
    response = raw("POST", f"contents/imports/{what}/batch", json=body)
    assert response.status_code == 422
    assert "DICOM tasks take no ZIP with" in response.json()["message"]
