"""Chunks of an import from a bucket: what stops it, and what does not."""

from __future__ import annotations

import io
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from clouds import AzureServer, CloudServer, S3Server
from fastlabel_server.buckets import BucketUnavailable
from fastlabel_server.db import Database
from fastlabel_server.jobs import Context, JobError
from fastlabel_server.jobs.handlers import import_bucket
from fastlabel_server.jobs.handlers.import_bucket import HANDLER, HOPELESS_FROM, PATIENT_UNTIL
from fastlabel_server.settings import Settings
from fastlabel_server.storage import Storage
from fastlabel_server.stores import open_bucket
from fastlabel_server.tables import ImportHistory, Project, ProjectBucket, Task, now_ms
from jobs.chunks import run_to_end
from jobs.rows import Rows

pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


def picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (8, 6)).save(data, "PNG")
    return data.getvalue()


@pytest.fixture
def bucket(s3_cloud: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    s3_cloud.enter(monkeypatch)
    return s3_cloud.new_bucket()


def begin(database: Database, bucket: str, cloud: str = "aws-s3", **values: Any) -> dict[str, Any]:
    """Return the payload of an import into a new project."""
    with database.write() as session:
        project = Rows(session).project()
        setting = ProjectBucket(project_id=project.id, kind=cloud, bucket=bucket, **values)
        session.add(setting)
        session.flush()
        row = ImportHistory(
            project_id=project.id,
            kind="import_bucket",
            storage_type=cloud,
            options={"fields": {"tags": ["new"]}, "bucket": setting.described()},
        )
        session.add(row)
        session.flush()
        return {"historyId": row.id}


def history(database: Database) -> ImportHistory:
    with database.read() as session:
        return session.scalars(select(ImportHistory)).one()


def names(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Task.name).order_by(Task.seq)))


def context(settings: Settings, database: Database, attempt: int = 1) -> Context:
    return Context(settings, database, Storage.from_url(settings.storage), attempt)


def chunk(
    settings: Settings, database: Database, payload: Any, cursor: Any = None, attempt: int = 1
) -> Any:
    """Do one chunk; return the cursor of the next."""
    prepared = HANDLER.prepare(context(settings, database, attempt), payload, cursor)
    with database.write() as session:
        return HANDLER.apply(session, payload, prepared).cursor


def test_chunks_follow_one_another_without_listing_anew(
    settings: Settings,
    database: Database,
    s3_cloud: S3Server,
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(import_bucket, "OBJECTS", 2)
    for name in "abcde":
        s3_cloud.put(bucket, f"{name}.png", picture())
    payload = begin(database, bucket)
    cursor = chunk(settings, database, payload)
    # Not in the list that was begun.
    s3_cloud.put(bucket, "d2.png", picture())
    steps = [cursor]
    while steps[-1] is not None:
        steps.append(chunk(settings, database, payload, steps[-1]))

    assert [step and step["done"] for step in steps] == [2, 4, None]
    assert names(database) == ["a.png", "b.png", "c.png", "d.png", "e.png"]
    row = history(database)
    assert (row.created, row.total, row.status) == (5, 5, "running")


def test_a_chunk_that_is_done_again_makes_nothing_twice(
    settings: Settings,
    database: Database,
    s3_cloud: S3Server,
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(import_bucket, "OBJECTS", 2)
    for name in "abc":
        s3_cloud.put(bucket, f"{name}.png", picture())
    payload = begin(database, bucket)
    HANDLER.prepare(context(settings, database), payload, None)  # the worker dies here
    cursor = chunk(settings, database, payload)
    HANDLER.prepare(context(settings, database), payload, cursor)  # and here
    assert chunk(settings, database, payload, cursor) is None

    assert names(database) == ["a.png", "b.png", "c.png"]
    assert history(database).created == 3


def test_a_name_that_is_taken_meanwhile_is_skipped(
    settings: Settings, database: Database, s3_cloud: S3Server, bucket: str
) -> None:
    for name in "ab":
        s3_cloud.put(bucket, f"{name}.png", picture())
    payload = begin(database, bucket)
    prepared = HANDLER.prepare(context(settings, database), payload, None)
    chunk(settings, database, payload)  # somebody else's, as far as the names go
    with database.write() as session:
        HANDLER.apply(session, payload, prepared)

    assert names(database) == ["a.png", "b.png"]
    row = history(database)
    assert (row.created, row.skipped) == (2, 2)


def test_names_that_no_task_can_have_are_told(
    settings: Settings, database: Database, s3_cloud: S3Server, bucket: str
) -> None:
    long = f"{'x' * 497}.png"
    for key in ("a.png", long, "../b.png", "c\x7f.png", "empty.png"):
        s3_cloud.put(bucket, key, b"" if key == "empty.png" else picture())
    run_to_end(HANDLER, settings, database, begin(database, bucket))

    assert names(database) == ["a.png"]
    told = {error["name"]: error["message"] for error in history(database).errors}
    assert told.keys() == {long, "../b.png", "c\x7f.png", "empty.png"}
    assert "500" in told[long]
    assert "'..'" in told["../b.png"]
    assert "control characters" in told["c\x7f.png"]


def test_a_file_that_is_too_large_is_told_without_being_read(
    settings: Settings, database: Database, s3_cloud: S3Server, bucket: str
) -> None:
    s3_cloud.put(bucket, "large.png", picture() + bytes(20 * 1024 * 1024))
    run_to_end(HANDLER, settings, database, begin(database, bucket))

    (error,) = history(database).errors
    assert "large.png: image tasks take files of up to 20 MB" in error["message"]


def test_a_hundred_errors_are_named_and_all_are_counted(
    settings: Settings, database: Database, s3_cloud: S3Server, bucket: str
) -> None:
    for number in range(103):
        s3_cloud.put(bucket, f"{number:03}.png", b"no picture")
    run_to_end(HANDLER, settings, database, begin(database, bucket))

    row = history(database)
    assert row.failed == 103
    assert [error["name"] for error in row.errors] == [f"{n:03}.png" for n in range(100)]


def test_a_folder_and_a_file_of_one_name_are_one_task(
    settings: Settings, database: Database, s3_cloud: S3Server, bucket: str
) -> None:
    """Consoles of clouds make an empty object `folder/` for a folder."""
    s3_cloud.put(bucket, "a.png", picture())
    s3_cloud.put(bucket, "a.png/", b"")
    s3_cloud.put(bucket, "b/", b"")
    run_to_end(HANDLER, settings, database, begin(database, bucket))

    assert names(database) == ["a.png"]
    row = history(database)
    assert (row.created, row.skipped, row.passed_over, row.failed) == (1, 1, 1, 0)


@contextmanager
def broken_for(cloud: S3Server, key: str) -> Iterator[str]:
    """Stand in front of a server; answer 503 for one object, and pass the rest on."""

    class Relay(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if key in self.path:
                self.send_error(503)
                return
            headers = {
                name: self.headers[name]
                for name in ("Range", "Authorization")
                if name in self.headers
            }
            request = urllib.request.Request(cloud.url + self.path, headers=headers)
            with urllib.request.urlopen(request) as answer:
                body = answer.read()
                self.send_response(answer.status)
                for name in ("Content-Range", "Content-Type", "ETag", "Last-Modified"):
                    if answer.headers[name]:
                        self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Relay)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_an_object_out_of_reach_is_given_up_and_no_other(
    settings: Settings,
    database: Database,
    s3_cloud: S3Server,
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in "abc":
        s3_cloud.put(bucket, f"{name}.png", picture())
    payload = begin(database, bucket)
    with broken_for(s3_cloud, "b.png") as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        open_bucket.cache_clear()
        with pytest.raises(BucketUnavailable, match=r"b\.png"):
            chunk(settings, database, payload)
        assert names(database) == []
        run_to_end(HANDLER, settings, database, payload, attempt=PATIENT_UNTIL)

    assert names(database) == ["a.png", "c.png"]
    (error,) = history(database).errors
    assert error["name"] == "b.png"
    assert "503" in error["message"]


def test_a_cloud_out_of_reach_is_waited_for_and_then_given_up(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch, bucket: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    open_bucket.cache_clear()
    payload = begin(database, bucket)
    with pytest.raises(BucketUnavailable):
        chunk(settings, database, payload)
    with pytest.raises(JobError, match=bucket):
        chunk(settings, database, payload, attempt=PATIENT_UNTIL)


def test_access_that_is_denied_is_no_use_trying_again(
    settings: Settings,
    database: Database,
    azure_cloud: AzureServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    azure_cloud.enter(monkeypatch)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "d3Jvbmc=")
    payload = begin(database, azure_cloud.new_bucket(), "azure")
    with pytest.raises(JobError, match="is denied"):
        chunk(settings, database, payload)


def test_a_server_without_the_settings_of_a_cloud_says_so(
    settings: Settings, database: Database, s3_cloud: CloudServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3_cloud.enter(monkeypatch)
    with pytest.raises(JobError, match=r"Azure container 'a-bucket'"):
        chunk(settings, database, begin(database, "a-bucket", "azure"))


def test_the_object_that_ends_the_worker_each_time_is_given_up(
    settings: Settings, database: Database, s3_cloud: S3Server, bucket: str
) -> None:
    for name in "ab":
        s3_cloud.put(bucket, f"{name}.png", picture())
    payload = begin(database, bucket)
    cursor = chunk(settings, database, payload, attempt=HOPELESS_FROM)
    assert chunk(settings, database, payload, cursor) is None

    assert names(database) == ["b.png"]
    (error,) = history(database).errors
    assert "the worker ended each time" in error["message"]


def test_another_bucket_or_no_project_ends_an_import(
    settings: Settings, database: Database, s3_cloud: S3Server, bucket: str
) -> None:
    s3_cloud.put(bucket, "a.png", picture())
    payload = begin(database, bucket)
    prepared = HANDLER.prepare(context(settings, database), payload, None)
    with database.write() as session:
        session.scalars(select(ProjectBucket)).one().prefix = "elsewhere"
    with pytest.raises(JobError, match="was changed"):
        chunk(settings, database, payload)
    with database.write() as session:
        session.scalars(select(Project)).one().deleted_at = now_ms()
    with pytest.raises(JobError, match="was deleted"):
        chunk(settings, database, payload)
    with pytest.raises(JobError, match="there is no project"), database.write() as session:
        HANDLER.apply(session, payload, prepared)
    assert names(database) == []
