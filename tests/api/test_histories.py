"""Histories of imports: what users see of them, and how an import is ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.archives import saved, upload
from api.conftest import Raw
from fastlabel import Client
from fastlabel.exceptions import (
    FastLabelConflictException,
    FastLabelException,
    FastLabelNotFoundException,
)
from fastlabel_server.db import Database
from fastlabel_server.tables import Job
from servers import Server

NOWHERE = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def scans(sqlite_client: Client, slug: str) -> str:
    """The slug of a DICOM project; its imports wait for a worker that never comes."""
    sqlite_client.create_project("dicom_bbox", "Scans", slug)
    return slug


@pytest.fixture
def database(sqlite_server: Server) -> Iterator[Database]:
    database = Database(sqlite_server.settings.database, pool_size=1)
    yield database
    database.close()


def begin(raw: Raw, project: str, name: str) -> str:
    """Begin an import and return its id."""
    key = upload(raw, project, b"PK", name)
    response = raw("POST", "tasks/dicom", json={"project": project, "fileKey": key})
    history_id: str = response.json()["id"]
    return history_id


def test_an_import_that_waits_says_so(sqlite_raw: Raw, sqlite_client: Client, scans: str) -> None:
    history = sqlite_client.find_history(begin(sqlite_raw, scans, "a.zip"))
    assert history.pop("createdAt") == history.pop("updatedAt")
    history_id = history.pop("id")
    assert history == {
        "storageType": "zip",
        "status": "pending",
        "msgCode": "none",
        "message": None,
        "count": 0,
        "total": None,
        "skipped": 0,
        "passedOver": 0,
        "failed": 0,
        "errors": [],
    }
    with pytest.raises(TimeoutError, match=history_id):
        sqlite_client.wait_for_history(history_id, timeout=0.3)


def test_imports_of_a_project_come_oldest_first_in_pages(
    sqlite_raw: Raw, sqlite_client: Client, scans: str
) -> None:
    ids = [begin(sqlite_raw, scans, f"{number}.zip") for number in range(3)]
    sqlite_client.create_project("dicom_bbox", "Other", f"{scans}-other")
    begin(sqlite_raw, f"{scans}-other", "0.zip")

    def found(**page: int) -> list[str]:
        return [history["id"] for history in sqlite_client.get_histories(scans, **page)]

    assert found() == ids
    assert found(offset=1, limit=1) == ids[1:2]
    assert found(offset=3) == []
    assert [history["id"] for history in sqlite_client.iter_histories(scans)] == ids


def test_a_canceled_import_ends_with_its_job(
    sqlite_raw: Raw, sqlite_client: Client, scans: str, database: Database
) -> None:
    history_id = begin(sqlite_raw, scans, "a.zip")
    assert sqlite_client.cancel_import(history_id)["status"] == "canceled"
    assert sqlite_client.find_history(history_id)["status"] == "canceled"
    with database.read() as session:
        assert session.get_one(Job, history_id).status == "canceled"
    with pytest.raises(FastLabelConflictException, match="has ended: canceled"):
        sqlite_client.cancel_import(history_id)
    with pytest.raises(FastLabelException, match="was canceled"):
        sqlite_client.wait_for_history(history_id)


def test_an_unknown_import_is_not_found(sqlite_client: Client) -> None:
    for ask in (sqlite_client.find_history, sqlite_client.cancel_import):
        with pytest.raises(FastLabelNotFoundException, match=NOWHERE):
            ask(NOWHERE)


def test_a_failed_import_says_why_and_leaves_no_task(
    client: Client, slug: str, tmp_path: Path
) -> None:
    client.create_project("dicom_bbox", "Scans", slug)
    for name, files, reason in (
        ("out.zip", {"../../etc/passwd": b"x"}, "no safe name"),
        ("text.zip", {"a.txt": b"text"}, "nothing in it that could be taken"),
    ):
        begun = client.create_dicom_task(slug, saved(tmp_path, name, files))
        with pytest.raises(FastLabelException, match=f"failed: {name}: .*{reason}"):
            client.wait_for_history(begun["id"], timeout=60)
        history = client.find_history(begun["id"])
        assert (history["status"], history["msgCode"]) == ("failed", "error")
        assert history["message"] is not None
        assert reason in history["message"]
    no_zip = tmp_path / "no.zip"
    no_zip.write_bytes(b"This is no ZIP.")
    begun = client.create_dicom_task(slug, no_zip)
    with pytest.raises(FastLabelException, match=r"no\.zip: not a ZIP archive"):
        client.wait_for_history(begun["id"], timeout=60)
    assert client.get_dicom_tasks(slug) == []
