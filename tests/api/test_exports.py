"""Exports by the server: what is in the ZIP, which tasks, who may ask, what is refused."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.conftest import Raw
from conftest import jpeg_bytes
from fastlabel import Client, formats
from fastlabel.downloads import downloaded
from fastlabel.exceptions import (
    FastLabelConflictException,
    FastLabelException,
    FastLabelInvalidException,
    FastLabelNotFoundException,
)
from fastlabel_server.db import Database
from fastlabel_server.tables import Job
from media_files import sample
from servers import Server

NOWHERE = "00000000-0000-7000-8000-000000000000"
TIMEOUT_S = 120
IMAGE_FORMATS = sorted(
    name for name, found in formats.FORMATS.items() if found.write and "image" in found.modalities
)


def box(value: str, *points: float, **more: Any) -> dict[str, Any]:
    return {"type": "bbox", "value": value, "points": list(points), **more}


@pytest.fixture
def pictures(client: Client, project: str, tmp_path: Path) -> str:
    """The slug of a project with labelled images `a.jpg` to `d.jpg` and classes in an order."""
    client.create_annotation(project, "polygon", "ant", "Ant", color="#102030")
    client.create_annotation(project, "keypoint", "eye", "Eye")
    labels = {
        "a.jpg": [box("cat", 1, 2, 30, 40, attributes=[{"key": "kind", "value": "tabby"}])],
        "b.jpg": [
            {"type": "keypoint", "value": "eye", "points": [5, 6]},
            {"type": "polygon", "value": "ant", "points": [1, 1, 20, 1, 20, 20.5]},
            box("cat", 3, 4, 20, 30, rotation=30),
        ],
        "folder/c.jpg": [],
        "d.jpg": [box("cat", 0, 0, 64, 48)],
    }
    for number, (name, found) in enumerate(labels.items()):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(jpeg_bytes())
        client.create_image_task(project, name, path, annotations=found)
    return project


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def unpacked(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def coco_of(client: Client, export_id: str, folder: Path) -> Any:
    """Return the COCO file of an export when it is completed."""
    client.wait_for_export(export_id, TIMEOUT_S)
    path = client.download_export(export_id, folder / f"{export_id}.zip")
    return json.loads(unpacked(path)["annotations.json"])


def test_a_zip_has_what_the_writer_of_the_format_makes_of_the_same_tasks(
    client: Client, pictures: str, tmp_path: Path
) -> None:
    begun = {name: client.create_export(pictures, name)["id"] for name in IMAGE_FORMATS}
    for name, export_id in begun.items():
        export = client.wait_for_export(export_id, TIMEOUT_S)
        report = formats.write(
            name,
            client.get_image_tasks(pictures),
            tmp_path / name,
            project_type="image_all",
            classes=client.get_annotations(pictures),
            open_file=downloaded,
        )
        path = client.download_export(export_id, tmp_path)
        assert path == tmp_path / export["fileName"]
        assert export["size"] == path.stat().st_size
        written = files_of(tmp_path / name)
        assert written, name
        assert unpacked(path) == written, name
        found = export["report"]
        assert found is not None
        assert (found["images"], found["written"]) == (report.images, report.written), name
        assert (found["changed"], found["leftOut"]) == (report.changed, report.left_out), name
        text = str(report).replace(str(tmp_path / name), export["fileName"])
        assert export["reportText"] == text, name


def test_an_export_says_what_it_is_and_what_was_lost(client: Client, pictures: str) -> None:
    begun = client.create_export(pictures, "coco", tags=[], options={"compat": "official"})
    assert (begun["status"], begun["done"], begun["total"]) == ("pending", 0, None)
    assert (begun["report"], begun["url"], begun["size"]) == (None, None, None)
    looks: list[int] = []
    export = client.wait_for_export(
        begun["id"], TIMEOUT_S, progress=lambda export: looks.append(export["done"])
    )
    assert looks == sorted(looks)
    assert looks[-1] == 4
    assert (export["status"], export["message"], export["total"]) == ("completed", None, 4)
    assert (export["project"], export["format"], export["strict"]) == (pictures, "coco", False)
    assert (export["filters"], export["options"]) == ({}, {"compat": "official"})
    assert (export["revision"], export["requestedBy"]) == (None, "Olga Owner")
    assert export["finishedAt"] is not None
    report = export["report"]
    assert report is not None
    eye = {"value": "eye", "type": "keypoint", "written": 0, "changed": {}}
    (found,) = (one for one in report["classes"] if one["value"] == "eye")
    assert found == {**eye, "leftOut": found["leftOut"]}
    assert sum(found["leftOut"].values()) == 1
    (reason,) = found["leftOut"]
    assert report["examples"][reason] == "b.jpg: annotations[0]"
    assert report["leftOut"] == 1
    assert "1 left out" in (export["reportText"] or "")


def test_filters_say_which_tasks_and_labels_are_in_it(
    client: Client, pictures: str, tmp_path: Path
) -> None:
    ids = {task["name"]: task["id"] for task in client.get_image_tasks(pictures)}
    client.update_task(ids["a.jpg"], status="completed", tags=["x", "y"])
    client.update_task(ids["b.jpg"], status="completed", external_status="approved", tags=["x"])
    tasks = {task["name"]: task for task in client.get_image_tasks(pictures)}
    created, updated = tasks["b.jpg"]["createdAt"], tasks["b.jpg"]["updatedAt"]
    everything = ["a.jpg", "b.jpg", "folder/c.jpg", "d.jpg"]
    expected: list[tuple[dict[str, Any], list[str]]] = [
        ({}, everything),
        ({"status": "completed"}, ["a.jpg", "b.jpg"]),
        ({"external_status": "approved"}, ["b.jpg"]),
        ({"tags": ["x"]}, ["a.jpg", "b.jpg"]),
        ({"tags": ["x", "y"]}, ["a.jpg"]),
        ({"tags": ["nowhere"]}, []),
        ({"classes": ["ant"]}, ["b.jpg"]),
        ({"classes": ["cat", "ant"]}, ["a.jpg", "b.jpg", "d.jpg"]),
        ({"created_at_from": created}, everything[1:]),
        ({"created_at_to": created}, everything[:1]),
        ({"updated_at_from": updated}, ["b.jpg"]),
        ({"created_at_from": "2000-01-01", "updated_at_to": "2000-01-02T00:00:00+09:00"}, []),
    ]
    begun = [client.create_export(pictures, "coco", **given)["id"] for given, _ in expected]
    for (given, names), export_id in zip(expected, begun, strict=True):
        coco = coco_of(client, export_id, tmp_path)
        assert [image["file_name"] for image in coco["images"]] == names, given
        if "classes" in given:
            values = {category["name"] for category in coco["categories"]}
            assert values == set(given["classes"])
        export = client.find_export(export_id)
        assert export["done"] == export["total"] == len(names), given
    assert client.find_export(begun[1])["filters"] == {"status": "completed"}


def test_labels_are_exported_as_they_were(client: Client, pictures: str, tmp_path: Path) -> None:
    (task, *_) = client.get_image_tasks(pictures)
    first = task["updatedAt"]
    client.update_image_task(task["id"], annotations=[box("cat", 5, 5, 6.5, 7)])
    client.delete_task_annotations(task["id"])
    (second,) = (
        one["createdAt"] for one in client.get_task_revisions(task["id"]) if one["revision"] == 2
    )
    expected: list[tuple[str | int | None, list[list[float]]]] = [
        (None, []),
        (1, [[1, 2, 29, 38]]),
        (2, [[5, 5, 1.5, 2]]),
        (7, []),
        (first, [[1, 2, 29, 38]]),
        (second, [[5, 5, 1.5, 2]]),
    ]
    begun = [client.create_export(pictures, "coco", revision=at)["id"] for at, _ in expected]
    filtered = client.create_export(pictures, "coco", revision=2, classes=["ant"])["id"]
    for (at, boxes), export_id in zip(expected, begun, strict=True):
        coco = coco_of(client, export_id, tmp_path)
        found = [one["bbox"] for one in coco["annotations"] if one["image_id"] == 1]
        assert found == boxes, at
        # Tasks that were not there yet are not in it.
        assert len(coco["images"]) == (1 if at == first else 4), at
    # Of others only the class; which tasks have it is a matter of the revision, too.
    coco = coco_of(client, filtered, tmp_path)
    assert [image["file_name"] for image in coco["images"]] == ["b.jpg"]
    assert client.find_export(filtered)["done"] == 4


def test_videos_are_read_from_the_store_by_frame(client: Client, slug: str, tmp_path: Path) -> None:
    client.create_project("video_bbox", "Clips", slug)
    client.create_annotation(slug, "bbox", "car", "Car")
    path = tmp_path / "clip.mp4"
    path.write_bytes(sample(".mp4"))
    points = {
        "1": {"value": [1, 1, 10, 10], "autogenerated": False},
        "2": {"value": [2, 2, 12, 12], "autogenerated": True},
    }
    client.create_video_task(
        slug, "clip.mp4", path, annotations=[{"type": "bbox", "value": "car", "points": points}]
    )
    export = client.create_export(slug, "coco")
    client.wait_for_export(export["id"], TIMEOUT_S)
    written = unpacked(client.download_export(export["id"], tmp_path / "clips.zip"))
    formats.write(
        "coco",
        client.get_video_tasks(slug),
        tmp_path / "out",
        project_type="video_bbox",
        classes=client.get_annotations(slug),
        open_file=downloaded,
    )
    assert written == files_of(tmp_path / "out")
    assert len(json.loads(written["annotations.json"])["annotations"]) == 2


def test_a_strict_export_fails_at_the_first_loss_and_leaves_no_file(
    client: Client, pictures: str, tmp_path: Path
) -> None:
    export = client.create_export(pictures, "coco", strict=True)
    with pytest.raises(FastLabelException, match=r"failed: b\.jpg: annotations\[0\]: "):
        client.wait_for_export(export["id"], TIMEOUT_S)
    export = client.find_export(export["id"])
    assert (export["status"], export["url"], export["report"]) == ("failed", None, None)
    with pytest.raises(FastLabelException, match=r"failed: b\.jpg"):
        client.download_export(export["id"], tmp_path)
    assert list(tmp_path.glob("*.zip*")) == []


def test_the_url_needs_no_token_and_ends_with_the_export(
    client: Client, pictures: str, http: httpx.Client
) -> None:
    begun = client.create_export(pictures, "coco")
    url = client.wait_for_export(begun["id"], TIMEOUT_S)["url"]
    assert url is not None
    answer = http.get(url, headers={"Range": "bytes=0-1"})
    assert (answer.status_code, answer.content) == (206, b"PK")
    assert answer.headers["content-type"] == "application/zip"
    assert begun["fileName"] in answer.headers["content-disposition"]
    assert http.get(url.replace("signature=", "signature=0")).status_code == 403
    client.delete_export(begun["id"])
    assert http.get(url).status_code == 404
    with pytest.raises(FastLabelNotFoundException, match=begun["id"]):
        client.find_export(begun["id"])
    assert client.get_exports(pictures) == []


# What no worker and no database has a say in.


@pytest.fixture
def database(sqlite_server: Server) -> Iterator[Database]:
    database = Database(sqlite_server.settings.database, pool_size=1)
    yield database
    database.close()


def test_exports_of_a_project_come_oldest_first_in_pages(
    sqlite_client: Client, sqlite_project: str
) -> None:
    ids = [sqlite_client.create_export(sqlite_project, "coco")["id"] for _ in range(3)]
    other = f"{sqlite_project}-other"
    sqlite_client.create_project("image_all", "Other", other)
    sqlite_client.create_export(other, "coco")

    def found(**page: int) -> list[str]:
        return [export["id"] for export in sqlite_client.get_exports(sqlite_project, **page)]

    assert found() == ids
    assert found(offset=1, limit=1) == ids[1:2]
    assert found(offset=3) == []
    assert [export["id"] for export in sqlite_client.iter_exports(sqlite_project)] == ids
    with pytest.raises(TimeoutError, match=ids[0]):
        sqlite_client.wait_for_export(ids[0], timeout_s=0.3)
    with pytest.raises(FastLabelException, match="is pending; wait for its end"):
        sqlite_client.download_export(ids[0])


def test_a_canceled_export_ends_with_its_job(
    sqlite_client: Client, sqlite_project: str, database: Database
) -> None:
    export_id = sqlite_client.create_export(sqlite_project, "coco")["id"]
    assert sqlite_client.cancel_export(export_id)["status"] == "canceled"
    with database.read() as session:
        assert session.get_one(Job, export_id).status == "canceled"
    with pytest.raises(FastLabelConflictException, match="has ended: canceled"):
        sqlite_client.cancel_export(export_id)
    with pytest.raises(FastLabelException, match="was canceled"):
        sqlite_client.wait_for_export(export_id)


def test_an_export_that_is_deleted_ends_with_its_job(
    sqlite_client: Client, sqlite_project: str, database: Database
) -> None:
    export_id = sqlite_client.create_export(sqlite_project, "coco")["id"]
    sqlite_client.delete_export(export_id)
    with database.read() as session:
        assert session.get_one(Job, export_id).status == "canceled"
    asks = (sqlite_client.find_export, sqlite_client.cancel_export, sqlite_client.delete_export)
    for ask in asks:
        with pytest.raises(FastLabelNotFoundException, match=export_id):
            ask(export_id)


def test_a_request_that_is_sent_twice_makes_one_export(
    sqlite_client: Client, sqlite_project: str
) -> None:
    first, again = (
        sqlite_client.create_export(sqlite_project, "coco", idempotency_key=sqlite_project)["id"]
        for _ in range(2)
    )
    assert first == again
    assert len(sqlite_client.get_exports(sqlite_project)) == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"format": "docx"}, "format: expected one of .*coco.*, got 'docx'"),
        ({"format": 1}, "format: .*got 1"),
        ({"status": "done"}, "status: .*got 'done'"),
        ({"tags": "x"}, "tags: .*got 'x'"),
        ({"classes": ["cat", "dog"]}, r"classes\[1\]: .* no class 'dog'; it has cat"),
        ({"createdAtFrom": "May"}, "createdAtFrom: expected a time such as .*, got 'May'"),
        ({"updatedAtTo": 5}, "updatedAtTo: .*got 5"),
        ({"revision": 0}, "revision: expected the number of a revision, .*, got 0"),
        ({"revision": True}, "revision: expected .*, got True"),
        ({"revision": "yesterday"}, "revision: expected a time such as .*, got 'yesterday'"),
        ({"revision": [1]}, r"revision: expected .*, got \[1\]"),
        ({"strict": "no"}, "strict: .*got 'no'"),
        ({"options": {"size": 1}}, "options.size: COCO has no such option; it has compat"),
        ({"options": {"compat": "mine"}}, "options.compat: .*got 'mine'"),
        ({"options": {"fileName": "../../a.json"}}, r"'\.\./\.\./a\.json' is no path inside"),
        ({"options": {"fileName": "a.txt"}}, r"ends in \.json, got 'a\.txt'"),
        ({"options": []}, r"options: .*got \[\]"),
    ],
)
def test_what_will_not_do_is_refused_by_field_and_value(
    sqlite_raw: Raw,
    sqlite_client: Client,
    sqlite_project: str,
    body: dict[str, Any],
    message: str,
) -> None:
    body = {"project": sqlite_project, "format": "coco", **body}
    response = sqlite_raw("POST", "exports", json=body)
    assert response.status_code == 422
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(response.json()["message"])
    assert sqlite_client.get_exports(sqlite_project) == []


def test_the_sdk_sends_a_revision_of_zero_too(sqlite_client: Client, sqlite_project: str) -> None:
    with pytest.raises(FastLabelInvalidException, match=r"revision: .*got 0"):
        sqlite_client.create_export(sqlite_project, "coco", revision=0)


@pytest.mark.parametrize(
    ("project_type", "message"),
    [
        ("text_ner", "COCO holds tasks of image(, | or )video; .* is of type text_ner"),
        ("image_classification", "not of sequences or classifications"),
    ],
)
def test_a_project_without_a_form_in_the_format_is_refused(
    sqlite_client: Client, slug: str, project_type: str, message: str
) -> None:
    sqlite_client.create_project(project_type, "P", slug)
    with pytest.raises(FastLabelInvalidException, match=message):
        sqlite_client.create_export(slug, "coco")
    assert sqlite_client.get_exports(slug) == []


def test_who_reads_the_tasks_may_export_them_and_end_their_own_exports(
    sqlite_server: Server, sqlite_client: Client, sqlite_project: str
) -> None:
    email = f"annotator-{sqlite_project}@example.com"
    token = sqlite_server.create_user(email, "Anna Annotator", "member")
    of_owner = sqlite_client.create_export(sqlite_project, "coco")["id"]
    with sqlite_server.client(token) as annotator:
        for ask in (annotator.find_export, annotator.cancel_export, annotator.delete_export):
            with pytest.raises(FastLabelNotFoundException, match=of_owner):
                ask(of_owner)
        with pytest.raises(FastLabelNotFoundException, match=sqlite_project):
            annotator.create_export(sqlite_project, "coco")
        sqlite_client.update_project_user_permission(sqlite_project, email, "annotator")
        assert annotator.find_export(of_owner)["requestedBy"] == "Olga Owner"
        for ask in (annotator.cancel_export, annotator.delete_export):
            with pytest.raises(FastLabelInvalidException, match="Your role in project"):
                ask(of_owner)
        own = annotator.create_export(sqlite_project, "coco")
        assert own["requestedBy"] == "Anna Annotator"
        assert annotator.cancel_export(own["id"])["status"] == "canceled"
        annotator.delete_export(own["id"])
    sqlite_client.delete_export(of_owner)


def test_every_format_says_which_options_it_takes() -> None:
    """The values of a request are checked by the annotations of the writer's keywords."""
    from fastlabel_server.exports.checks import option_kinds

    for found in formats.FORMATS.values():
        if found.write is not None:
            assert all(name.isidentifier() for name in option_kinds(found)), found.name


def test_an_unknown_export_is_not_found(sqlite_client: Client) -> None:
    asks = (sqlite_client.find_export, sqlite_client.cancel_export, sqlite_client.delete_export)
    for ask in asks:
        with pytest.raises(FastLabelNotFoundException, match=NOWHERE):
            ask(NOWHERE)
