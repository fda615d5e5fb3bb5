"""Signed URLs for ZIPs: who gets one, what it takes, and what becomes of the file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from sqlalchemy import select

from api.archives import ask_for_url, put, upload
from api.conftest import Raw
from fastlabel import Client
from fastlabel_server import urls
from fastlabel_server.db import Database
from fastlabel_server.tables import StagedUpload
from fastlabel_server.urls import FileUrls, UploadPass
from servers import Server, running_server


@pytest.fixture
def project(sqlite_client: Client, slug: str) -> str:
    """The slug of a DICOM project, for which no worker does anything."""
    sqlite_client.create_project("dicom_bbox", "Scans", slug)
    return slug


@pytest.fixture
def database(sqlite_server: Server) -> Iterator[Database]:
    database = Database(sqlite_server.settings.database, pool_size=1)
    yield database
    database.close()


def staged(database: Database, file_key: str) -> StagedUpload | None:
    with database.read() as session:
        return session.get(StagedUpload, file_key.split("/")[1])


def begin(raw: Raw, project: str, file_key: str) -> int:
    return raw("POST", "tasks/dicom", json={"project": project, "fileKey": file_key}).status_code


def signed(raw: Raw, project: str, most: int) -> tuple[str, str]:
    """Return a URL as the server signs it, but for files of up to `most` bytes, and the key."""
    target = ask_for_url(raw, project)
    url = urlsplit(target["url"])
    query = dict(parse_qsl(url.query))
    upload_id, name = url.path.split("/")[-2:]
    upload = UploadPass(upload_id, query["project"], query["user"], name, most)
    key = (raw.server.data_dir / "secret-key").read_bytes()
    return FileUrls(raw.server.url, key, 3600).sign_upload(upload), target["name"]


@pytest.mark.parametrize("as_form", [True, False])
def test_a_file_is_stored_as_it_is_sent_as_a_form_or_as_the_body(
    sqlite_raw: Raw, sqlite_server: Server, project: str, database: Database, as_form: bool
) -> None:
    target = ask_for_url(sqlite_raw, project, "頭 1.zip")
    data = b"PK" + bytes(range(256)) * 8000
    if as_form:
        response = put(sqlite_raw, target["url"], data, "another name.zip")
    else:
        response = sqlite_raw.http.put(target["url"], content=data)
    assert (response.status_code, response.content) == (200, b"")
    assert target["name"].endswith("/頭 1.zip")
    row = staged(database, target["name"])
    assert row is not None
    assert (row.size, row.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert (sqlite_server.data_dir / "objects" / row.key).read_bytes() == data
    assert list(sqlite_server.settings.spool_dir.glob("*")) == []


def test_an_import_takes_a_file_once(sqlite_raw: Raw, project: str) -> None:
    target = ask_for_url(sqlite_raw, project)
    assert begin(sqlite_raw, project, target["name"]) == 404, "nothing was uploaded yet"
    put(sqlite_raw, target["url"], b"PK")
    assert begin(sqlite_raw, project, target["name"]) == 200
    assert begin(sqlite_raw, project, target["name"]) == 409


def test_keys_of_nothing_of_other_projects_and_of_other_names_are_unknown(
    sqlite_raw: Raw, sqlite_client: Client, project: str
) -> None:
    other = f"{project}-other"
    sqlite_client.create_project("dicom_bbox", "Other", other)
    theirs = upload(sqlite_raw, other, b"PK")
    ours = upload(sqlite_raw, project, b"PK")
    for key in (theirs, ours + "x", ours.rpartition("/")[0], f"/{ours}", "", "uploads//a.zip"):
        assert begin(sqlite_raw, project, key) == 404, key
    assert begin(sqlite_raw, project, ours) == 200


def test_a_second_file_replaces_the_first_until_an_import_has_it(
    sqlite_raw: Raw, sqlite_server: Server, project: str, database: Database
) -> None:
    target = ask_for_url(sqlite_raw, project)
    put(sqlite_raw, target["url"], b"first")
    first = staged(database, target["name"])
    put(sqlite_raw, target["url"], b"second")
    second = staged(database, target["name"])
    assert first is not None
    assert second is not None
    objects = sqlite_server.data_dir / "objects"
    assert (objects / second.key).read_bytes() == b"second"
    assert not (objects / first.key).exists()
    assert begin(sqlite_raw, project, target["name"]) == 200
    assert put(sqlite_raw, target["url"], b"third").status_code == 409
    third = staged(database, target["name"])
    assert third is not None
    assert third.key == second.key


@pytest.mark.parametrize("field", ["project", "user", "limit", "expires", "signature", "path"])
def test_a_url_that_was_changed_is_refused(sqlite_raw: Raw, project: str, field: str) -> None:
    url = urlsplit(ask_for_url(sqlite_raw, project)["url"])
    query = dict(parse_qsl(url.query))
    path = url.path
    if field == "path":
        path = path.replace("scan.zip", "scam.zip")
    elif field in ("limit", "expires"):
        query[field] = str(int(query[field]) + 1)
    else:
        query[field] = query[field][:-1] + ("0" if query[field][-1] != "0" else "1")
    changed = url._replace(path=path, query=urlencode(query)).geturl()
    response = put(sqlite_raw, changed, b"PK")
    assert response.status_code == 403
    assert "changed" in response.json()["message"]


def test_an_expired_url_is_refused_when_all_has_arrived(
    sqlite_raw: Raw, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urls, "UPLOAD_LIFETIME_S", -1)
    url, _ = signed(sqlite_raw, project, most=10**9)
    response = put(sqlite_raw, url, bytes(20_000_000))
    assert response.status_code == 403
    assert "expired" in response.json()["message"]


@pytest.mark.parametrize("as_form", [True, False])
def test_the_limit_is_kept_to_the_byte(sqlite_raw: Raw, project: str, as_form: bool) -> None:
    url, key = signed(sqlite_raw, project, most=1000)
    for size, status in ((1001, 413), (20_000_000, 413), (1000, 200)):
        assert begin(sqlite_raw, project, key) == 404
        data = bytes(size)
        response = put(sqlite_raw, url, data) if as_form else sqlite_raw.http.put(url, content=data)
        assert response.status_code == status, (size, response.text)
    assert begin(sqlite_raw, project, key) == 200
    assert list(sqlite_raw.server.settings.spool_dir.glob("*")) == []


def test_the_limit_of_requests_is_not_that_of_archives(tmp_path: Path, http: httpx.Client) -> None:
    with running_server(tmp_path, with_worker=False, FASTLABEL_MAX_BODY="100000") as server:
        raw = Raw(http, server)
        with server.client() as client:
            client.create_project("dicom_bbox", "Scans", "scans")
        target = ask_for_url(raw, "scans")
        assert put(raw, target["url"], bytes(3_000_000)).status_code == 200
        assert dict(parse_qsl(urlsplit(target["url"]).query))["limit"] == str(2000 * 1024**2)


@pytest.mark.parametrize(
    ("files", "status", "message"),
    [
        ([("file", ("a.zip", b""))], 422, "empty"),
        ([("file", ("a.zip", b"PK")), ("file", ("b.zip", b"PK"))], 422, "one file, got 2"),
        ([("archive", ("a.zip", b"PK"))], 422, "archive"),
        ([("request", (None, b"{}"))], 422, "one file, got 0"),
    ],
)
def test_what_is_not_one_file_is_refused(
    sqlite_raw: Raw, project: str, files: list[object], status: int, message: str
) -> None:
    target = ask_for_url(sqlite_raw, project)
    response = sqlite_raw.http.put(target["url"], files=files)  # type: ignore[arg-type]
    assert response.status_code == status
    assert message in response.json()["message"]
    assert begin(sqlite_raw, project, target["name"]) == 404


@pytest.mark.parametrize(
    "name", ["scan.tar", "a/b.zip", "..", "", "a\x00.zip", f"{'a' * 252}.zip", "b\\c.zip"]
)
def test_names_that_are_no_names_of_zips_get_no_url(
    sqlite_raw: Raw, project: str, name: str
) -> None:
    response = sqlite_raw("GET", "files", params={"project": project, "fileName": name})
    assert response.status_code == 422
    assert "fileName" in response.json()["message"]


def test_a_project_whose_tasks_take_no_zip_gets_no_url(
    sqlite_raw: Raw, sqlite_project: str
) -> None:
    query = {"project": sqlite_project, "fileName": "a.zip"}
    response = sqlite_raw("GET", "files", params=query)
    assert response.status_code == 422
    assert "image tasks take no ZIP" in response.json()["message"]


def test_a_file_for_a_project_that_was_deleted_leaves_nothing(
    sqlite_raw: Raw, sqlite_client: Client, sqlite_server: Server, project: str, database: Database
) -> None:
    target = ask_for_url(sqlite_raw, project)
    sqlite_client.delete_project(sqlite_client.get_projects(slug=project)[0]["id"])
    data = f"a file for {project}".encode()
    assert put(sqlite_raw, target["url"], data).status_code == 404
    sha256 = hashlib.sha256(data).hexdigest()
    assert list(sqlite_server.data_dir.glob(f"objects/blobs/*/{sha256}*")) == []
    with database.read() as session:
        assert session.scalar(select(StagedUpload).where(StagedUpload.sha256 == sha256)) is None
