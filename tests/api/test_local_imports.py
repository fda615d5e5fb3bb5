"""Folders and manifests of every kind of task that is made of files, on a real server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.conftest import Raw
from fastlabel import Client
from fastlabel.modalities import PROJECT_TYPES, ProjectType, TaskKind
from media_files import EXAMPLES, UPLOADED, extensions, sample

ANNOTATED = [PROJECT_TYPES[name] for name in EXAMPLES if PROJECT_TYPES[name].kind in UPLOADED]


def write_files(folder: Path, kind: TaskKind) -> list[str]:
    """Write a file of each extension; return the names of the tasks that a folder makes."""
    below = "task" if kind.intake == "contents" else "."
    names = []
    for extension in extensions(kind):
        path = folder / below / f"1{extension}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sample(extension))
        names.append(path.name)
    return ["task"] if kind.intake == "contents" else names


@pytest.mark.parametrize("kind", UPLOADED, ids=lambda kind: kind.name)
def test_a_folder_becomes_tasks_of_any_kind(
    sqlite_client: Client, slug: str, tmp_path: Path, kind: TaskKind
) -> None:
    type_name = next(name for name, one in PROJECT_TYPES.items() if one.kind is kind)
    sqlite_client.create_project(type_name, "Any", slug)
    names = write_files(tmp_path, kind)
    (tmp_path / "other.xyz").write_bytes(b"of no kind")

    report = sqlite_client.import_folder(slug, tmp_path, progress=False)

    assert (report.bad, report.failed) == ([], [])
    assert sorted(report.created) == sorted(names)
    assert report.passed_over == ["other.xyz"]
    assert sorted(sqlite_client.get_task_id_name_map(slug).values()) == sorted(names)


@pytest.mark.parametrize("project_type", ANNOTATED, ids=lambda one: one.name)
def test_labels_are_checked_as_the_server_does(
    sqlite_client: Client, sqlite_raw: Raw, slug: str, tmp_path: Path, project_type: ProjectType
) -> None:
    kind, example = project_type.kind, EXAMPLES[project_type.name]
    sqlite_client.create_project(project_type.name, "Any", slug)
    sqlite_client.create_annotation(slug, example.class_type, "thing", "Thing")
    names = write_files(tmp_path, kind)
    source = {"folder": "task"} if kind.intake == "contents" else {"file": names[0]}
    label = {"type": example.class_type, "value": "thing", **example.annotation}
    rows = [
        {"name": "good", **source, "annotations": [label]},
        {"name": "bad", **source, "annotations": [label, {**label, "value": "nothing"}]},
    ]
    path = tmp_path / "tasks.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))

    report = sqlite_client.import_manifest(slug, path, skip_bad=True, progress=False)

    assert list(report.created) == ["good"], report.failed
    assert [str(problem) for problem in report.bad] == [
        "tasks.jsonl:2: annotations[1].value: the project has no class 'nothing'; there are 'thing'"
    ]
    found = sqlite_raw("GET", f"tasks/{kind.path}/{report.created['good']}").json()
    (shown,) = found["annotations"]
    assert {name: shown[name] for name in label} == label
