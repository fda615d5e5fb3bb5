"""Folders and manifests imported: nothing is sent that is wrong, and what fails is placed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastlabel import Client, FastLabelConnectionException, FastLabelInvalidException, sending
from sdk.scripted_server import Received, Reply, ScriptedServer
from sdk.test_folders import Project as Tasks

BOX = {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4]}
CAT = {
    "id": "1",
    "type": "bbox",
    "value": "cat",
    "attributes": [],
    "keypoints": [],
    "maxAreaCount": None,
}
Call = Callable[..., Any]


class Project(Tasks):
    """The routes that an import needs; it has one class, `cat`."""

    type = "image_bbox"

    def __call__(self, request: Received) -> Reply:
        if request.path == "/v1/projects":
            known = request.query["slug"] == ["cats"]
            return Reply([{"type": self.type, "workflow": "two_step"}] if known else [])
        if request.path == "/v1/annotations":
            return Reply([CAT])
        return super().__call__(request)


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


def manifest_of(folder: Path, *rows: Any) -> Path:
    path = folder / "tasks.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def told(problems: list[Any]) -> list[str]:
    return [str(problem) for problem in problems]


def test_a_manifest_becomes_tasks(project: Project, call: Call, folder: Path) -> None:
    path = manifest_of(
        folder,
        {"name": "garden/tama.jpg", "file": "a.jpg", "annotations": [BOX], "priority": 20},
        {"file": "deep/er/c d.jpeg", "tags": ["small"]},
    )
    report = call("import_manifest", "cats", path, tags=["new"], status="pending", progress=False)

    assert report.created == {
        "garden/tama.jpg": "id-garden/tama.jpg",
        "deep/er/c d.jpeg": "id-deep/er/c d.jpeg",
    }
    assert (str(report), report.is_fine) == ("2 created", True)
    assert project.tasks == {
        "garden/tama.jpg": {
            "name": "garden/tama.jpg", "annotations": [BOX], "priority": 20,
            "status": "pending", "tags": ["new"], "bytes": b"a.jpg",
        },
        "deep/er/c d.jpeg": {
            "name": "deep/er/c d.jpeg", "status": "pending", "tags": ["small"],
            "bytes": b"deep/er/c d.jpeg",
        },
    }  # fmt: skip


def test_a_dry_run_finds_everything_and_makes_nothing(
    script: ScriptedServer, project: Project, call: Call, folder: Path
) -> None:
    project.tasks = {"b.PNG": {}}
    path = manifest_of(
        folder,
        {"file": "a.jpg"},
        {"file": "b.PNG"},
        {"file": "gone.jpg"},
        {"name": "a.jpg", "file": "b.PNG"},
        {"name": "x.jpg", "file": "a.jpg", "annotations": [{**BOX, "value": "dog"}], "prority": 1},
        {"name": "y.jpg", "file": "a.jpg"},
    )
    report = call("import_manifest", "cats", path, dry_run=True, progress=False)

    assert told(report.bad) == [
        f"tasks.jsonl:3: {folder}/gone.jpg: there is no such file",
        "tasks.jsonl:4: name: 'a.jpg' is that of tasks.jsonl:1 too",
        "tasks.jsonl:5: prority: no such field; did you mean priority?",
    ]
    assert report.skipped == ["b.PNG"]
    assert str(report) == "2 to create, 1 skipped, 3 bad"
    assert not report.is_fine
    assert {request.verb for request in script.received} == {"GET"}


def test_one_bad_row_keeps_all_from_being_made(project: Project, call: Call, folder: Path) -> None:
    path = manifest_of(folder, {"file": "a.jpg"}, {"file": "notes.txt"}, {"file": "b.PNG"})
    report = call("import_manifest", "cats", path, progress=False)

    assert project.tasks == {}
    assert (str(report), report.created) == ("1 bad", {})

    report = call("import_manifest", "cats", path, skip_bad=True, progress=False)

    assert sorted(project.tasks) == ["a.jpg", "b.PNG"]
    assert str(report) == "2 created, 1 bad"


def test_a_second_run_takes_up_the_rest(project: Project, call: Call, folder: Path) -> None:
    project.tasks = {f"{n}.jpg": {} for n in range(1500)} | {"a.jpg": {"old": True}}
    path = manifest_of(
        folder, {"file": "a.jpg"}, {"file": "b.PNG"}, {"name": "7.jpg", "file": "a.jpg"}
    )
    report = call("import_manifest", "cats", path, progress=False)

    assert list(report.created) == ["b.PNG"]
    assert report.skipped == ["a.jpg", "7.jpg"]
    assert project.tasks["a.jpg"] == {"old": True}


def test_what_the_server_refuses_is_placed_and_stops_no_other(
    project: Project, call: Call, folder: Path
) -> None:
    project.refused = {"a.jpg": (422, "assignee: the workspace has no user 'olga'")}
    path = manifest_of(folder, {"file": "a.jpg", "assignee": "olga"}, {"file": "b.PNG"})
    report = call("import_manifest", "cats", path, progress=False)

    assert told(report.failed) == ["tasks.jsonl:1: assignee: the workspace has no user 'olga'"]
    assert list(report.created) == ["b.PNG"]
    assert str(report) == "1 created, 1 failed"


def test_a_batch_refused_as_a_whole_is_sent_task_by_task(
    project: Project, call: Call, folder: Path
) -> None:
    project.refused_batch = Reply({"message": "tasks[0].metadatas[0].key: too long"}, 422)
    project.refused = {"a.jpg": (422, "metadatas[0].key: too long")}
    path = manifest_of(folder, {"file": "a.jpg"}, {"file": "b.PNG"})
    report = call("import_manifest", "cats", path, progress=False)

    assert told(report.failed) == ["tasks.jsonl:1: metadatas[0].key: too long"]
    assert list(report.created) == ["b.PNG"]


def test_a_refusal_that_concerns_all_is_told_of_each(
    project: Project, call: Call, folder: Path
) -> None:
    project.refused_batch = Reply({"message": "Your role is annotator"}, 403)
    report = call("import_folder", "cats", folder, progress=False)

    assert told(report.failed) == [
        f"{name}: Your role is annotator" for name in ("a.jpg", "b.PNG", "deep/er/c d.jpeg")
    ]
    assert len(project.batches) == 1


def test_batches_are_divided_by_number_and_size(
    project: Project, call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "BATCH_FILES", 2)
    monkeypatch.setattr(sending, "BATCH_BYTES", 40)
    (folder / "long.jpg").write_bytes(bytes(50))
    names = ["a.jpg", "b.PNG", "x", "long", "y", "z"]
    files = ["a.jpg", "b.PNG", "a.jpg", "long.jpg", "a.jpg", "b.PNG"]
    rows = [{"name": name, "file": file} for name, file in zip(names, files, strict=True)]
    call("import_manifest", "cats", manifest_of(folder, *rows), progress=False)

    assert sorted(project.batches) == [["a.jpg", "b.PNG"], ["long"], ["x"], ["y", "z"]]


def test_a_file_that_vanishes_after_the_check_fails_alone(
    project: Project, call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = project.create

    def create_and_lose(task: dict[str, Any], content: bytes) -> Reply:
        (folder / "b.PNG").unlink(missing_ok=True)
        return create(task, content)

    monkeypatch.setattr(sending, "BATCH_FILES", 1)
    monkeypatch.setattr(project, "create", create_and_lose)
    rows = [{"file": "a.jpg"}, {"file": "deep/er/c d.jpeg"}, {"file": "b.PNG"}]
    report = call("import_manifest", "cats", manifest_of(folder, *rows), workers=1, progress=False)

    assert list(report.created) == ["a.jpg", "deep/er/c d.jpeg"]
    assert told(report.failed) == [f"tasks.jsonl:3: {folder}/b.PNG: there is no such file"]


def test_a_folder_becomes_tasks_named_by_their_paths(
    project: Project, call: Call, folder: Path
) -> None:
    report = call("import_folder", "cats", folder, progress=False)

    assert sorted(report.created) == ["a.jpg", "b.PNG", "deep/er/c d.jpeg"]
    assert report.passed_over == ["notes.txt"]
    assert str(report) == "3 created, 1 passed over"
    assert project.tasks["deep/er/c d.jpeg"]["bytes"] == b"deep/er/c d.jpeg"


@pytest.mark.parametrize(
    ("type_name", "message"),
    [
        ("dicom_bbox", "DICOM tasks come from archives"),
        ("robotics_task_classification", "follow the task"),
        ("image_hologram", "no projects of the type 'image_hologram'"),
    ],
)
def test_projects_whose_tasks_come_otherwise_are_refused(
    project: Project, call: Call, folder: Path, type_name: str, message: str
) -> None:
    project.type = type_name
    with pytest.raises(FastLabelInvalidException, match=message):
        call("import_folder", "cats", folder, progress=False)


def test_what_cannot_begin_is_refused(
    script: ScriptedServer, project: Project, call: Call, folder: Path
) -> None:
    path = manifest_of(folder, {"file": "a.jpg"})
    with pytest.raises(FastLabelInvalidException, match="there is no project 'dogs'"):
        call("import_manifest", "dogs", path, progress=False)
    with pytest.raises(FastLabelInvalidException, match="expected a manifest"):
        call("import_manifest", "cats", folder, progress=False)
    with pytest.raises(FastLabelInvalidException, match="expected a folder"):
        call("import_folder", "cats", path, progress=False)
    with pytest.raises(FastLabelInvalidException, match="priority: expected 0, 10, 20 or 30"):
        call("import_manifest", "cats", path, priority=1, progress=False)


def test_a_server_out_of_reach_raises(folder: Path) -> None:
    with (
        Client("token", api_url="http://127.0.0.1:9/v1/", retries=0) as client,
        pytest.raises(FastLabelConnectionException),
    ):
        client.import_folder("cats", folder, progress=False)
