"""DICOM tasks: a ZIP becomes one task, its slices are the contents."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from api.archives import saved, upload
from api.conftest import Raw
from api.waiting import wait_until
from fastlabel import AsyncClient, Client
from fastlabel.exceptions import (
    FastLabelConflictException,
    FastLabelInvalidException,
)
from fastlabel.types import DicomTask
from fastlabel_server.db import Database
from fastlabel_server.tables import Content
from media.scans import SIZE_WH, scan
from servers import Server

WIDTH, HEIGHT = SIZE_WH


@pytest.fixture
def scans(client: Client, slug: str) -> str:
    """The slug of a DICOM project with the class `nodule`."""
    client.create_project("dicom_bbox", "Scans", slug, workflow="three_step")
    client.create_annotation(slug, "bbox", "nodule", "Nodule", color="#b36d18")
    return slug


def created(client: Client, project: str, path: Path) -> DicomTask:
    """Return the task that a ZIP became."""
    client.wait_for_history(client.create_dicom_task(project, path)["id"], timeout=60)
    task = client.find_dicom_task_by_name(project, path.name)
    assert task is not None
    return task


def box(content_id: str | None, **more: object) -> dict[str, object]:
    place = {} if content_id is None else {"contentId": content_id}
    return {"type": "bbox", "value": "nodule", "points": [1, 2.5, 20, 30], **place, **more}


def test_a_zip_becomes_one_task_with_the_slices_in_their_order(
    client: Client, server: Server, scans: str, tmp_path: Path
) -> None:
    slices = {f"series/{name}.dcm": scan(place) for place, name in enumerate("cab")}
    cine = scan(9, frames=2, Rows=16, Columns=80)
    others = {"cut.dcm": scan(4)[:-600], "README.txt": b"Hello", "__MACOSX/._a.dcm": b"x"}
    path = saved(tmp_path, "頭部 1.zip", {**slices, "cine.dcm": cine, **others})
    client.create_metadata(scans, "ward")
    begun = client.create_dicom_task(
        scans,
        path,
        status="approved",
        metadatas=[{"key": "ward", "value": "3 West"}],
        external_status="declined",
        tags=["head", "night"],
        assignee="owner",
        external_reviewer="owner",
    )
    assert begun["status"] == "pending"
    assert begun["storageType"] == "zip"
    history = client.wait_for_history(begun["id"], timeout=60)
    assert (history["count"], history["total"]) == (4, 6)
    assert (history["failed"], history["passedOver"]) == (1, 1)
    (error,) = history["errors"]
    assert error["name"] == "cut.dcm"
    assert error["message"].startswith("cut.dcm: expected 2,560 bytes of pixels")

    (task,) = client.get_dicom_tasks(scans)
    assert client.find_dicom_task(task["id"]) == task
    assert list(client.iter_dicom_tasks(scans, tags=["night"])) == [task]
    assert task["name"] == "頭部 1.zip"
    assert (task["width"], task["height"]) == (WIDTH, HEIGHT)
    assert (task["status"], task["externalStatus"], task["priority"]) == ("approved", "declined", 0)
    assert task["tags"] == ["head", "night"]
    assert task["metadatas"] == [{"key": "ward", "value": "3 West"}]
    assert task["assignee"] == task["externalReviewer"] == "Olga Owner"
    assert [(one["name"], one["width"], one["height"]) for one in task["contents"]] == [
        ("series/c.dcm", WIDTH, HEIGHT),
        ("series/a.dcm", WIDTH, HEIGHT),
        ("series/b.dcm", WIDTH, HEIGHT),
        ("cine.dcm/0001", 80, 16),
        ("cine.dcm/0002", 80, 16),
    ]
    assert len({one["id"] for one in task["contents"]}) == 5
    # The very bytes, of the ZIP and of each file in it.
    assert httpx.get(task["url"]).content == path.read_bytes()
    wanted = [*slices.values(), cine, cine]
    assert [httpx.get(one["url"]).content for one in task["contents"]] == wanted


def test_annotations_lie_on_slices(client: Client, scans: str, tmp_path: Path) -> None:
    files = {f"{number}.dcm": scan(number) for number in range(2)}
    task = created(client, scans, saved(tmp_path, "a.zip", files))
    other = created(client, scans, saved(tmp_path, "b.zip", files))
    first, second = (one["id"] for one in task["contents"])
    assert client.update_dicom_task(task["id"], annotations=[box(second), box(first)]) == task["id"]
    annotations = client.find_dicom_task(task["id"])["annotations"]
    assert [one["contentId"] for one in annotations] == [second, first]
    assert annotations[0]["points"] == [1, 2.5, 20, 30]
    assert (annotations[0]["title"], annotations[0]["color"]) == ("Nodule", "#b36d18")
    # What was fetched can be sent back, and what does not fit is refused as a whole.
    client.update_dicom_task(task["id"], annotations=annotations, priority=20)
    for content_id in (None, "", other["contents"][0]["id"]):
        with pytest.raises(FastLabelInvalidException, match=r"annotations\[1\].contentId"):
            client.update_dicom_task(task["id"], annotations=[box(first), box(content_id)])
    after = client.find_dicom_task(task["id"])
    assert [one["contentId"] for one in after["annotations"]] == [second, first]
    assert after["priority"] == 20


def test_state_tags_and_people_are_changed_as_those_of_any_task(
    client: Client, scans: str, tmp_path: Path
) -> None:
    task = created(client, scans, saved(tmp_path, "a.zip", {"1": scan(1)}))
    client.update_dicom_task(
        task["id"], status="completed", external_status="skipped", tags=["x"], reviewer="owner"
    )
    changed = client.find_dicom_task(task["id"])
    assert (changed["status"], changed["externalStatus"]) == ("completed", "skipped")
    assert (changed["tags"], changed["reviewer"]) == (["x"], "Olga Owner")


def test_slices_get_thumbnails_and_the_zip_gets_none(
    client: Client, database: Database, scans: str, tmp_path: Path
) -> None:
    task = created(client, scans, saved(tmp_path, "a.zip", {"cine": scan(1, frames=2)}))

    def states() -> list[tuple[int, str]]:
        with database.read() as session:
            rows = session.execute(
                select(Content.position, Content.thumbnail_state)
                .where(Content.task_id == task["id"])
                .order_by(Content.position)
            )
            return [(row.position, row.thumbnail_state) for row in rows]

    wait_until(lambda: "pending" not in dict(states()).values(), "the thumbnails")
    assert states() == [(-1, "none"), (0, "ready"), (1, "ready")]


def test_a_name_that_is_taken_is_refused_at_once_and_the_file_can_be_used_again(
    client: Client, raw: Raw, scans: str, tmp_path: Path
) -> None:
    path = saved(tmp_path, "a.zip", {"1": scan(1)})
    task = created(client, scans, path)
    with pytest.raises(FastLabelConflictException, match=r"already has a task 'a\.zip'"):
        client.create_dicom_task(scans, path)
    key = upload(raw, scans, path.read_bytes(), "a.zip")
    body = {"project": scans, "fileKey": key}
    assert raw("POST", "tasks/dicom", json=body).status_code == 409
    client.delete_task(task["id"])
    begun = raw("POST", "tasks/dicom", json=body).json()
    client.wait_for_history(begun["id"], timeout=60)
    assert client.find_dicom_task_by_name(scans, "a.zip") is not None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"status": "done"}, "status"),
        ({"metadatas": [{"key": "ward", "value": 1}]}, "metadatas[0].key"),
        ({"assignee": "nobody"}, "assignee: the workspace has no user 'nobody'"),
        ({"customTaskStatus": "workflow_1_completed"}, "customTaskStatus"),
        ({"tags": ["a"] * 101}, "tags"),
        ({"metadatas": [{"key": "site", "value": "x"}]}, "metadatas[0].key"),
        ({"fileKey": None}, "fileKey"),
    ],
)
def test_what_the_task_would_have_is_checked_before_the_import_begins(
    raw: Raw, client: Client, scans: str, body: dict[str, object], message: str
) -> None:
    key = upload(raw, scans, b"PK")
    response = raw("POST", "tasks/dicom", json={"project": scans, "fileKey": key, **body})
    assert response.status_code == 422
    assert message in response.json()["message"]
    assert client.get_histories(scans) == []


def test_projects_of_other_kinds_hold_no_dicom_tasks(raw: Raw, project: str) -> None:
    response = raw("POST", "tasks/dicom", json={"project": project, "fileKey": "uploads/a/b.zip"})
    assert response.status_code == 422
    assert "not DICOM tasks" in response.json()["message"]


def test_files_that_are_no_zip_or_too_large_are_refused_before_they_are_sent(
    sqlite_client: Client, tmp_path: Path
) -> None:
    with pytest.raises(FastLabelInvalidException, match=r"imports take \.zip files"):
        sqlite_client.create_dicom_task("nowhere", tmp_path / "a.tar")
    with pytest.raises(FileNotFoundError):
        sqlite_client.create_dicom_task("nowhere", tmp_path / "missing.zip")
    large = tmp_path / "large.zip"
    with large.open("wb") as file:
        file.truncate(2000 * 1024**2 + 1)
    with pytest.raises(FastLabelInvalidException, match="up to 2000 MB"):
        sqlite_client.create_dicom_task("nowhere", large)


def test_the_asynchronous_client_does_the_same(
    server: Server, client: Client, scans: str, tmp_path: Path
) -> None:
    path = saved(tmp_path, "a.zip", {"1": scan(1), "2": scan(2)})

    async def create() -> DicomTask | None:
        async with AsyncClient(server.token, api_url=server.api_url) as theirs:
            begun = await theirs.create_dicom_task(scans, path)
            await theirs.wait_for_history(begun["id"], timeout=60)
            return await theirs.find_dicom_task_by_name(scans, "a.zip")

    task = asyncio.run(create())
    assert task is not None
    assert len(task["contents"]) == 2
    assert httpx.get(task["url"]).content == path.read_bytes()
