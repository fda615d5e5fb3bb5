"""Whole folders made into tasks."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastlabel import Client, FastLabelConflictException, FastLabelInvalidException, sending
from sdk.scripted_server import HangUp, Received, Reply, ScriptedServer

BOX = {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4]}


class Project:
    """The few routes that a folder needs, with a real project's memory of names."""

    def __init__(self) -> None:
        self.tasks: dict[str, Any] = {}
        self.refused: dict[str, tuple[int, str]] = {}
        """Status and message by name of a task."""
        self.batches: list[list[str]] = []
        self.refused_batch: Reply | None = None
        self._lock = threading.Lock()

    def __call__(self, request: Received) -> Reply:
        if request.path == "/v1/tasks/map/id-name":
            names = list(self.tasks)
            offset = int(request.query.get("offset", ["0"])[0])
            limit = int(request.query["limit"][0])
            return Reply({f"id-{name}": name for name in names[offset : offset + limit]})
        body = Received("", "", {}, request.parts[0][2], 0).json
        contents = [content for _, _, content in request.parts[1:]]
        if request.path == "/v1/tasks/image":
            return self.create(body, contents[0])
        assert request.path == "/v1/tasks/image/batch"
        self.batches.append([task["name"] for task in body["tasks"]])
        if self.refused_batch:
            return self.refused_batch
        # The server of the tests forgets the end of a long body; the names are at its start.
        contents += [b""] * (len(body["tasks"]) - len(contents))
        return Reply([
            {"name": task["name"], "id": reply.value}
            if (reply := self.create(task, content)).status == 200
            else {"name": task["name"], "error": {**reply.value, "statusCode": reply.status}}
            for task, content in zip(body["tasks"], contents, strict=True)
        ])  # fmt: skip

    def create(self, task: dict[str, Any], content: bytes) -> Reply:
        if refusal := self.refused.get(task["name"]):
            return Reply({"message": refusal[1]}, refusal[0])
        with self._lock:
            self.tasks[task["name"]] = {**task, "bytes": content}
        return Reply(f"id-{task['name']}")


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
    project.refused = {"a.jpg": (409, "a.jpg: taken")}
    with (folder / "b.PNG").open("wb") as file:
        file.truncate(21 * 1024 * 1024)

    result = call("create_image_tasks_from_folder", "cats", folder, progress=False, workers=2)

    assert list(result.created) == ["deep/er/c d.jpeg"]
    assert sorted(result.failed) == ["a.jpg", "b.PNG"]
    assert isinstance(result.failed["a.jpg"], FastLabelConflictException)
    assert str(result.failed["a.jpg"]) == "<Response [409]> a.jpg: taken"
    assert "up to 20 MB" in str(result.failed["b.PNG"])
    with pytest.raises(ExceptionGroup, match="2 files") as caught:
        result.raise_for_failures()
    assert set(caught.value.exceptions) == set(result.failed.values())


def write_files(folder: Path, sizes_bytes: list[int]) -> list[str]:
    """Make files of these sizes, which take no room on the disk; return their names in order."""
    folder.mkdir()
    names = [f"{number:03}.jpg" for number in range(len(sizes_bytes))]
    for name, size_bytes in zip(names, sizes_bytes, strict=True):
        with (folder / name).open("wb") as file:
            file.truncate(size_bytes)
    return names


def test_files_travel_25_at_a_time(
    project: Project, call: Callable[..., Any], tmp_path: Path
) -> None:
    names = write_files(tmp_path / "many", [10] * 60)
    project.tasks = {names[3]: {}, names[40]: {}}

    result = call("create_image_tasks_from_folder", "cats", tmp_path / "many", progress=False)

    left = [name for name in names if name not in result.skipped]
    assert sorted(result.created) == left
    assert sorted(project.batches) == [left[:25], left[25:50], left[50:]]
    assert result.skipped == [names[3], names[40]]


def test_a_batch_has_32_mb_of_files_at_most(
    project: Project, call: Callable[..., Any], tmp_path: Path
) -> None:
    mb = 1024 * 1024
    sizes = [12 * mb, 20 * mb, 1, 20 * mb, 13 * mb, 1]
    a, b, c, d, e, f = write_files(tmp_path / "large", sizes)

    result = call("create_image_tasks_from_folder", "cats", tmp_path / "large", progress=False)

    assert sorted(result.created) == [a, b, c, d, e, f]
    assert sorted(project.batches) == [[a, b], [c, d], [e, f]]


def test_a_file_larger_than_a_batch_goes_alone(
    project: Project, call: Callable[..., Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No image may be larger than 32 MB, so the batches are made smaller here."""
    monkeypatch.setattr(sending, "BATCH_BYTES", 5)

    result = call("create_image_tasks_from_folder", "cats", folder, progress=False)

    assert sorted(project.batches) == [["a.jpg"], ["b.PNG"], ["deep/er/c d.jpeg"]]
    assert project.tasks["deep/er/c d.jpeg"]["bytes"] == b"deep/er/c d.jpeg"
    assert len(result.created) == 3


def test_a_batch_refused_as_a_whole_is_sent_task_by_task(
    project: Project, call: Callable[..., Any], folder: Path
) -> None:
    project.refused_batch = Reply({"message": "tasks[0].name: too long"}, 422)
    project.refused = {"a.jpg": (422, "name: too long")}

    result = call("create_image_tasks_from_folder", "cats", folder, progress=False)

    assert sorted(result.created) == ["b.PNG", "deep/er/c d.jpeg"]
    assert str(result.failed["a.jpg"]) == "<Response [422]> name: too long"


def test_a_file_that_vanishes_while_its_batch_is_sent_stops_no_other(
    script: ScriptedServer, project: Project, call: Callable[..., Any], folder: Path
) -> None:
    def lose_the_first_batch(request: Received) -> Reply | HangUp:
        if request.path == "/v1/tasks/image/batch":
            (folder / "a.jpg").unlink()
            script.answer = project
            return HangUp()
        return project(request)

    script.answer = lose_the_first_batch

    result = call("create_image_tasks_from_folder", "cats", folder, progress=False)

    assert sorted(result.created) == ["b.PNG", "deep/er/c d.jpeg"]
    assert isinstance(result.failed["a.jpg"], FileNotFoundError)


def test_labels_that_cannot_be_sent_fail_their_own_file_only(
    project: Project, call: Callable[..., Any], folder: Path
) -> None:
    labels = {"a.jpg": ["cat"], "b.PNG": [{**BOX, "points": [float("nan"), 2, 3, 4]}]}

    result = call("create_image_tasks_from_folder", "cats", folder, labels, progress=False)

    assert list(result.created) == ["deep/er/c d.jpeg"]
    assert result.failed["a.jpg"].message == "annotations[0]: expected a dict, got 'cat'"
    assert "cannot be sent as JSON" in result.failed["b.PNG"].message


@pytest.mark.parametrize("code", [401, 403, 404])
def test_a_refusal_that_concerns_all_is_not_asked_for_again(
    project: Project, call: Callable[..., Any], folder: Path, code: int
) -> None:
    project.refused_batch = Reply({"message": "no"}, code)

    result = call("create_image_tasks_from_folder", "cats", folder, progress=False)

    assert len(project.batches) == 1
    assert project.tasks == {}
    assert {name: error.code for name, error in result.failed.items()} == dict.fromkeys(
        ["a.jpg", "b.PNG", "deep/er/c d.jpeg"], code
    )
    assert [error.__notes__ for error in result.failed.values()] == [[n] for n in result.failed]


def test_an_interrupted_folder_is_taken_up_where_it_stopped(
    project: Project, dry_client: Client, tmp_path: Path
) -> None:
    names = write_files(tmp_path / "many", [10] * 60)
    project.refused = dict.fromkeys(names[30:], (422, "the disk is full"))
    first = dry_client.create_image_tasks_from_folder("cats", tmp_path / "many", progress=False)
    project.refused = {}
    project.batches.clear()

    second = dry_client.create_image_tasks_from_folder("cats", tmp_path / "many", progress=False)

    assert sorted(first.created) == second.skipped == names[:30]
    assert sorted(first.failed) == sorted(second.created) == names[30:]
    assert sorted(project.batches) == [names[30:55], names[55:]]


def test_failures_are_raised_at_the_end_if_asked(
    project: Project, call: Callable[..., Any], folder: Path
) -> None:
    project.refused = {"a.jpg": (409, "a.jpg: taken")}

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
