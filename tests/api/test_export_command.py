"""`fastlabel export` and `fastlabel convert`, and datasets taken in, as a shell runs them."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from api.conftest import Command
from conftest import jpeg_bytes
from fastlabel import Client

BOX = {"type": "bbox", "value": "cat", "points": [1, 2, 30, 40]}
TILTED = {**BOX, "rotation": 30}


@pytest.fixture
def labelled(sqlite_client: Client, sqlite_project: str, cat_jpg: Path) -> str:
    """The slug of a project with an approved task of two boxes and one without labels."""
    sqlite_client.create_image_task(
        sqlite_project, "a.jpg", cat_jpg, status="approved", annotations=[BOX, TILTED]
    )
    sqlite_client.create_image_task(sqlite_project, "sub/b.jpg", cat_jpg, tags=["night"])
    return sqlite_project


def test_a_project_is_written_and_what_was_changed_is_told(
    command: Command, labelled: str, tmp_path: Path
) -> None:
    done = command("export", "coco", "--project", labelled, "-o", "out")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "out/annotations.json: 2 images, 2 annotations",
        "  cat (bbox): 2 written",
        "    1 changed: rotated box written as its rotated outline, bbox encloses it "
        "(first: a.jpg: annotations[1])",
    ]
    assert "fetching tasks" in done.stderr
    written = json.loads((tmp_path / "out/annotations.json").read_text())
    assert [image["file_name"] for image in written["images"]] == ["a.jpg", "sub/b.jpg"]
    assert [category["name"] for category in written["categories"]] == ["cat"]


@pytest.mark.parametrize(
    ("filters", "names"),
    [(("--status", "approved"), ["a.jpg"]), (("--tag", "night"), ["sub/b.jpg"])],
)
def test_tasks_are_chosen_by_status_and_tag(
    command: Command, labelled: str, tmp_path: Path, filters: tuple[str, ...], names: list[str]
) -> None:
    done = command("export", "coco", "--project", labelled, "--quiet", *filters)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    written = json.loads((tmp_path / "output/coco/annotations.json").read_text())
    assert [image["file_name"] for image in written["images"]] == names


def test_a_strict_export_writes_nothing_that_would_be_changed(
    command: Command, labelled: str, tmp_path: Path
) -> None:
    done = command("export", "coco", "-p", labelled, "--strict", "--quiet", "-o", "out")
    assert done.returncode == 2
    assert "a.jpg: annotations[1]: rotated box" in done.stderr
    assert not (tmp_path / "out/annotations.json").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nonsense", "--project", "cats"), "format: expected one of"),
        (("coco", "--project", "no-such"), "project 'no-such': there is none"),
    ],
)
def test_what_cannot_be_exported_is_said_in_one_line(
    command: Command, arguments: tuple[str, ...], said: str
) -> None:
    done = command("export", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A COCO dataset of two pictures with a class, an attribute and a bad row."""
    (tmp_path / "set/images").mkdir(parents=True)
    for name in ("x.jpg", "y.jpg"):
        (tmp_path / "set/images" / name).write_bytes(jpeg_bytes((64, 48)))
    row = {"image_id": 1, "category_id": 1, "segmentation": [[1, 2, 30, 2, 30, 40]]}
    content = {
        "images": [{"id": 1, "file_name": "x.jpg"}, {"id": 2, "file_name": "y.jpg"}],
        "categories": [{"id": 1, "name": "roof"}],
        "annotations": [{**row, "id": 1, "attributes": {"material": "tin"}}],
    }
    path = tmp_path / "set/coco.json"
    path.write_text(json.dumps(content))
    return path


def test_a_dataset_becomes_tasks_with_its_classes(
    command: Command, sqlite_client: Client, slug: str, dataset: Path
) -> None:
    sqlite_client.create_project("image_polygon", "Roofs", slug)
    refused = command("import", "coco", str(dataset), "--project", slug)
    assert refused.returncode == 1
    assert "x.jpg: annotations[0].value" in refused.stdout
    assert sqlite_client.get_image_tasks(slug) == []

    tried = command("import", "coco", str(dataset), "-p", slug, "--create-classes", "--dry-run")
    assert (tried.returncode, tried.stdout) == (0, "2 to create\n")
    assert sqlite_client.get_annotations(slug) == []

    done = command("import", "coco", str(dataset), "-p", slug, "--create-classes", "--quiet")
    assert (done.returncode, done.stdout) == (0, "2 created\n")
    [first] = [t for t in sqlite_client.get_image_tasks(slug) if t["name"] == "x.jpg"]
    [annotation] = first["annotations"]
    assert (annotation["value"], annotation["points"]) == ("roof", [1, 2, 30, 2, 30, 40])
    assert [(a["key"], a["value"]) for a in annotation["attributes"]] == [("material", "tin")]

    again = command("import", "coco", str(dataset), "-p", slug, "--create-classes")
    assert (again.returncode, again.stdout) == (0, "2 skipped\n")


def test_a_picture_that_is_missing_is_a_bad_row(
    command: Command, sqlite_client: Client, sqlite_project: str, dataset: Path
) -> None:
    (dataset.parent / "images/y.jpg").unlink()
    arguments = ("import", "coco", str(dataset), "-p", sqlite_project, "--create-classes")
    done = command(*arguments, "--quiet")
    assert done.returncode == 1
    assert "y.jpg: there is no such file beside the labels" in done.stdout
    # Nothing at all is made, not even the class.
    assert [one["value"] for one in sqlite_client.get_annotations(sqlite_project)] == ["cat"]


def test_texts_come_with_their_labels(
    command: Command, sqlite_client: Client, slug: str, tmp_path: Path
) -> None:
    sqlite_client.create_project("text_ner", "Notes", slug)
    row = {
        "text": "\u732b Tama sleeps.\r\n",
        "entities": [[2, 6, "name"]],
        "meta": {"name": "a.txt"},
    }
    (tmp_path / "notes.jsonl").write_text(json.dumps(row) + "\n")
    done = command("import", "spacy", "notes.jsonl", "-p", slug, "--create-classes", "--quiet")
    assert (done.returncode, done.stdout) == (0, "1 created\n")
    [task] = sqlite_client.get_text_tasks(slug)
    [entity] = task["annotations"]
    assert (entity["value"], entity["start"], entity["end"]) == ("name", 2, 6)
    assert httpx.get(task["url"]).content.decode() == row["text"]


def test_files_may_lie_elsewhere(
    command: Command, sqlite_project: str, dataset: Path, tmp_path: Path
) -> None:
    (dataset.parent / "images").rename(tmp_path / "elsewhere")
    arguments = ("import", "coco", str(dataset), "-p", sqlite_project, "--dry-run")
    done = command(*arguments, "--create-classes", "--files", "elsewhere")
    assert (done.returncode, done.stdout) == (0, "2 to create\n")


def test_a_dataset_is_converted_without_a_server(
    command: Command, dataset: Path, tmp_path: Path
) -> None:
    nowhere = {"FASTLABEL_API_URL": "http://127.0.0.1:1/", "FASTLABEL_ACCESS_TOKEN": ""}
    done = command("convert", "coco", "coco", str(dataset), "out", **nowhere)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "read 2 images, 1 annotation",
        "out/annotations.json: 2 images, 1 annotation",
        "  roof (polygon): 1 written",
    ]
    written = json.loads((tmp_path / "out/annotations.json").read_text())
    # The dataset does not say the sizes; its pictures do.
    assert [(one["width"], one["height"]) for one in written["images"]] == [(64, 48)] * 2
    assert written["annotations"][0]["attributes"] == {"material": "tin"}


def test_bad_rows_are_told_and_end_a_conversion_with_1(command: Command, dataset: Path) -> None:
    content = json.loads(dataset.read_text())
    content["annotations"].append({"id": 2, "image_id": 1, "category_id": 9})
    dataset.write_text(json.dumps(content))
    done = command("convert", "coco", "coco", str(dataset), "out")
    assert done.returncode == 1
    assert f"{dataset}: annotations[1]: .category_id: there is no category 9" in done.stderr
    assert "1 bad row" in done.stdout
    strict = command("convert", "coco", "coco", str(dataset), "out", "--strict")
    assert strict.returncode == 2
    assert "there is no category 9" in strict.stderr


def test_where_nothing_can_be_written_is_said_in_one_line(
    command: Command, labelled: str, dataset: Path
) -> None:
    """A traceback told it, and 1 was the exit code."""
    export = ("export", "coco", "-p", labelled, "--quiet", "-o")
    for arguments in (export, ("convert", "coco", "coco", str(dataset))):
        done = command(*arguments, f"{dataset}/out")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.splitlines() == [
            f"fastlabel: [Errno 20] Not a directory: '{dataset}/out'"
        ]
