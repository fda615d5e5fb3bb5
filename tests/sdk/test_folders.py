"""Whole folders made into tasks."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastlabel import Client, FastLabelConflictException, FastLabelInvalidException
from sdk.scripted_server import Received, Reply, ScriptedServer

BOX = {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4]}


class Project:
    """The few routes that a folder needs, with a real project's memory of names."""

    def __init__(self) -> None:
        self.tasks: dict[str, Any] = {}
        self.refused: dict[str, Reply] = {}
        self._lock = threading.Lock()

    def __call__(self, request: Received) -> Reply:
        if request.path == "/v1/tasks/map/id-name":
            names = list(self.tasks)
            offset = int(request.query.get("offset", ["0"])[0])
            limit = int(request.query["limit"][0])
            return Reply({f"id-{name}": name for name in names[offset : offset + limit]})
        body = Received("", "", {}, request.parts[0][2], 0).json
        if body["name"] in self.refused:
            return self.refused[body["name"]]
        with self._lock:
            self.tasks[body["name"]] = {**body, "bytes": request.parts[1][2]}
        return Reply(f"id-{body['name']}")


@pytest.fixture
def project(script: ScriptedServer) -> Project:
    script.answer = project = Project()
    return project


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    for name in ("a.jpg", "b.PNG", "deep/er/c d.jpeg", "notes.txt", ".trash/old.jpg"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


def test_a_folder_becomes_tasks_named_by_their_paths(
    project: Project, call: Callable[..., Any], folder: Path
) -> None:
    result = call(
        "create_image_tasks_from_folder",
        "cats",
        folder,
        {"deep/er/c d.jpeg": [BOX], "gone.jpg": [BOX]},
        tags=["small"],
        progress=False,
    )

    names = ["a.jpg", "b.PNG", "deep/er/c d.jpeg"]
    assert result.created == {name: f"id-{name}" for name in names}
    assert (result.skipped, result.failed) == ([], {})
    assert result.passed_over == ["notes.txt"]
    assert result.without_file == ["gone.jpg"]
    assert str(result) == "3 created, 1 passed over, 1 annotated without a file"
    assert {name: task["bytes"].decode() for name, task in project.tasks.items()} == {
        name: name for name in names
    }
    assert project.tasks["a.jpg"]["tags"] == ["small"]
    assert "annotations" not in project.tasks["a.jpg"]
    assert project.tasks["deep/er/c d.jpeg"]["annotations"] == [
        {**BOX, "attributes": [], "content": "deep/er/c d.jpeg"}
    ]


def test_a_second_run_takes_up_the_rest(
    project: Project, call: Callable[..., Any], folder: Path
) -> None:
    project.tasks = {f"{n}.jpg": {} for n in range(1500)} | {"a.jpg": {}, "b.PNG": {}}

    result = call("create_image_tasks_from_folder", "cats", folder, progress=False)

    assert list(result.created) == ["deep/er/c d.jpeg"]
    assert result.skipped == ["a.jpg", "b.PNG"]


def test_what_fails_is_told_and_stops_nothing_else(
    project: Project, call: Callable[..., Any], folder: Path
) -> None:
    project.refused = {"a.jpg": Reply({"message": "a.jpg: taken"}, 409)}
    with (folder / "b.PNG").open("wb") as file:
        file.truncate(21 * 1024 * 1024)

    result = call("create_image_tasks_from_folder", "cats", folder, progress=False, workers=2)

    assert list(result.created) == ["deep/er/c d.jpeg"]
    assert sorted(result.failed) == ["a.jpg", "b.PNG"]
    assert isinstance(result.failed["a.jpg"], FastLabelConflictException)
    assert "up to 20 MB" in str(result.failed["b.PNG"])
    with pytest.raises(ExceptionGroup, match="2 files") as caught:
        result.raise_for_failures()
    assert set(caught.value.exceptions) == set(result.failed.values())


def test_failures_are_raised_at_the_end_if_asked(
    project: Project, call: Callable[..., Any], folder: Path
) -> None:
    project.refused = {"a.jpg": Reply({"message": "a.jpg: taken"}, 409)}

    with pytest.raises(ExceptionGroup) as caught:
        call("create_image_tasks_from_folder", "cats", folder, progress=False, raise_failures=True)

    assert caught.value.exceptions[0].__notes__ == ["a.jpg"]
    assert len(project.tasks) == 2


def test_annotations_may_be_in_a_file(
    project: Project, dry_client: Client, folder: Path, tmp_path: Path
) -> None:
    labels = tmp_path / "labels.json"
    labels.write_text(json.dumps({"a.jpg": [BOX]}))

    dry_client.create_image_tasks_from_folder("cats", folder, labels, progress=False)

    assert project.tasks["a.jpg"]["annotations"][0]["value"] == "cat"


@pytest.mark.parametrize("text", ["[]", "{", "3"])
def test_a_file_of_other_things_than_annotations_is_refused(
    script: ScriptedServer, dry_client: Client, folder: Path, tmp_path: Path, text: str
) -> None:
    labels = tmp_path / "labels.json"
    labels.write_text(text)

    with pytest.raises(FastLabelInvalidException, match=r"labels\.json: "):
        dry_client.create_image_tasks_from_folder("cats", folder, labels, progress=False)
    assert script.received == []


def test_the_progress_bar_counts_on_the_error_stream(
    project: Project, dry_client: Client, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dry_client.create_image_tasks_from_folder("cats", folder)

    shown = capsys.readouterr()
    assert "3/3" in shown.err
    assert shown.out == ""


def test_a_folder_that_is_missing_is_refused(
    script: ScriptedServer, call: Callable[..., Any], tmp_path: Path
) -> None:
    with pytest.raises(FastLabelInvalidException, match="none: expected a folder"):
        call("create_image_tasks_from_folder", "cats", tmp_path / "none")
    assert script.received == []
