"""`fastlabel import`, as a shell runs it, against a real server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api.conftest import Command
from conftest import jpeg_bytes
from fastlabel import Client

BOX = {"type": "bbox", "value": "cat", "points": [1, 2, 30, 40]}


@pytest.fixture
def run(command: Command) -> Command:
    """Run `fastlabel import` with arguments in the folder of the test, as the owner."""
    return lambda *arguments, **environment: command("import", *arguments, **environment)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for number, name in enumerate(("a.jpg", "b.jpg", "garden/猫.jpg")):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg_bytes((64, 48), f"#00{number}"))
    (tmp_path / "photos/notes.txt").write_text("no picture")
    return tmp_path / "photos"


def write_manifest(folder: Path, *rows: Any) -> None:
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / "tasks.jsonl").write_text("\n".join(lines), encoding="utf-8")


def test_a_manifest_is_tried_out_then_imported_then_taken_up(
    run: Command, sqlite_client: Client, sqlite_project: str, tmp_path: Path, photos: Path
) -> None:
    rows = [
        {"name": "tama.jpg", "file": "photos/a.jpg", "annotations": [BOX], "tags": ["mine"]},
        {"file": "photos/garden/猫.jpg", "status": "completed", "priority": 20},
    ]
    write_manifest(tmp_path, *rows)
    arguments = ("manifest", "tasks.jsonl", "--project", sqlite_project)
    options = ("--tag", "new", "--tag", "far", "--status", "pending", "--priority", "10")

    tried = run(*arguments, *options, "--dry-run")
    assert (tried.returncode, tried.stdout) == (0, "2 to create\n"), tried.stderr
    assert sqlite_client.count_tasks(sqlite_project) == 0

    done = run(*arguments, *options)
    assert (done.returncode, done.stdout) == (0, "2 created\n"), done.stderr
    assert "2/2" in done.stderr
    tasks = {task["name"]: task for task in sqlite_client.iter_image_tasks(sqlite_project)}
    first, second = tasks["tama.jpg"], tasks["photos/garden/猫.jpg"]
    assert (first["status"], first["priority"], first["tags"]) == ("pending", 10, ["mine"])
    assert (second["status"], second["priority"], second["tags"]) == (
        "completed",
        20,
        ["new", "far"],
    )
    assert [one["points"] for one in first["annotations"]] == [[1, 2, 30, 40]]

    write_manifest(tmp_path, *rows, {"file": "photos/b.jpg"})
    again = run(*arguments, "--quiet")
    assert (again.returncode, again.stdout) == (0, "1 created, 2 skipped\n")
    assert again.stderr == ""
    assert sqlite_client.count_tasks(sqlite_project) == 3


def test_every_bad_row_is_told_with_its_line_and_nothing_is_made(
    run: Command, sqlite_client: Client, sqlite_project: str, tmp_path: Path, photos: Path
) -> None:
    write_manifest(
        tmp_path,
        {"file": "photos/a.jpg"},
        '{"file": "photos/b.jpg",',
        "",
        {"file": "photos/gone.jpg"},
        {"file": "photos/notes.txt"},
        {"name": "photos/a.jpg", "file": "photos/b.jpg"},
        {"file": "photos/b.jpg", "annotations": [BOX, {**BOX, "value": "dog"}]},
    )
    arguments = ("manifest", "tasks.jsonl", "--project", sqlite_project)
    problems = [
        "tasks.jsonl:2: not JSON: ",
        "tasks.jsonl:4: photos/gone.jpg: there is no such file",
        "tasks.jsonl:5: photos/notes.txt: image tasks take .jpeg, .jpg or .png files",
        "tasks.jsonl:6: name: 'photos/a.jpg' is that of tasks.jsonl:1 too",
        "tasks.jsonl:7: annotations[1].value: the project has no class 'dog'",
    ]

    for option in ("--dry-run", "--quiet"):
        result = run(*arguments, option)
        assert result.returncode == 1, result.stderr
        *told, summary = [line for line in result.stdout.splitlines() if "--skip-bad" not in line]
        assert len(told) == len(problems)
        assert all(map(str.startswith, told, problems)), told
        assert summary.endswith("5 bad")
    assert "nothing was made" in result.stdout
    assert sqlite_client.count_tasks(sqlite_project) == 0

    result = run(*arguments, "--skip-bad")
    assert result.returncode == 1
    assert result.stdout.endswith("1 created, 5 bad\n")
    names = sqlite_client.get_task_id_name_map(sqlite_project).values()
    assert list(names) == ["photos/a.jpg"]


def test_what_the_server_alone_can_see_is_told_with_its_line(
    run: Command, sqlite_client: Client, sqlite_project: str, tmp_path: Path, photos: Path
) -> None:
    (photos / "b.jpg").write_bytes(b"This is not an image.")
    write_manifest(
        tmp_path,
        {"file": "photos/a.jpg", "assignee": "nobody"},
        {"file": "photos/b.jpg"},
        {"file": "photos/garden/猫.jpg"},
    )
    result = run("manifest", "tasks.jsonl", "--project", sqlite_project, "--workers", "1")

    assert result.returncode == 1
    assert result.stdout.splitlines() == [
        "tasks.jsonl:1: assignee: the workspace has no user 'nobody'",
        "tasks.jsonl:2: photos/b.jpg: not a jpeg or png image",
        "1 created, 2 failed",
    ]


def test_a_folder_is_imported(
    run: Command, sqlite_client: Client, sqlite_project: str, photos: Path
) -> None:
    result = run("folder", "photos", "-p", sqlite_project, "--tag", "folder")

    assert (result.returncode, result.stdout) == (0, "3 created, 1 passed over\n"), result.stderr
    names = sqlite_client.get_task_id_name_map(sqlite_project).values()
    assert sorted(names) == ["a.jpg", "b.jpg", "garden/猫.jpg"]


def test_tasks_of_several_files_are_imported_too(
    run: Command, sqlite_client: Client, slug: str, tmp_path: Path, photos: Path
) -> None:
    sqlite_client.create_project("multi_image_classification", "Views", slug)
    sqlite_client.create_classification_annotation(
        slug, [{"type": "text", "name": "Weather", "key": "weather"}]
    )
    answer = [{"key": "weather", "value": "rain"}]
    write_manifest(
        tmp_path,
        {"name": "both", "files": ["photos/b.jpg", "photos/a.jpg"], "attributes": answer},
        {"folder": "photos/garden", "attributes": [{"key": "mood", "value": "grim"}]},
    )
    arguments = ("manifest", "tasks.jsonl", "--project", slug)
    assert "no attribute 'mood'" in run(*arguments, "--dry-run").stdout
    assert run(*arguments, "--skip-bad").stdout.endswith("1 created, 1 bad\n")
    assert run("folder", "photos", "--project", slug).stdout == "1 created, 3 passed over\n"

    tasks = {t["name"]: t for t in sqlite_client.iter_multi_image_classification_tasks(slug)}
    assert {name: [one["name"] for one in task["contents"]] for name, task in tasks.items()} == {
        "both": ["a.jpg", "b.jpg"],
        "garden": ["猫.jpg"],
    }
    assert [one["value"] for one in tasks["both"]["attributes"]] == ["rain"]


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        (("manifest", "gone.jsonl", "-p", "x"), {}, "gone.jsonl: expected a manifest"),
        (("folder", "gone", "-p", "x"), {}, "gone: expected a folder"),
        (("folder", "photos"), {}, "--project"),
        (("folder", "photos", "-p", "x", "--status", "done"), {}, "--status"),
        (("folder", "photos", "-p", "x", "--priority", "1"), {}, "--priority"),
        (("folder", "photos", "-p", "no-such"), {}, "there is no project 'no-such'"),
        (("folder", "photos", "-p", "x", "--tag", " "), {}, "tags: expected tags of 1 to 140"),
        (("folder", "photos", "-p", "x"), {"FASTLABEL_ACCESS_TOKEN": ""}, "no access token"),
        (("folder", "photos", "-p", "x"), {"FASTLABEL_ACCESS_TOKEN": "fl_no"}, "token"),
    ],
    ids=str,
)
def test_what_cannot_begin_says_why(
    run: Command,
    photos: Path,
    arguments: tuple[str, ...],
    environment: dict[str, str],
    message: str,
) -> None:
    result = run(*arguments, **environment)

    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr
