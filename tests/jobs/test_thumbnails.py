"""Every content ends with a thumbnail or with the reason why it has none."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from fastlabel_server.db import Database
from fastlabel_server.jobs.handlers import HANDLERS, thumbnails
from fastlabel_server.jobs.housekeeping import Housekeeping
from fastlabel_server.settings import Settings
from fastlabel_server.storage import Storage
from fastlabel_server.tables import Blob, Content, Job
from jobs.chunks import run_to_end
from jobs.rows import Rows
from jobs.workers import WorkerProcess, wait_for
from media import recordings

HANDLER = HANDLERS["thumbnails"]


@pytest.fixture
def storage(settings: Settings) -> Storage:
    return Storage.from_url(settings.storage)


def jpeg(width: int, height: int, color: str = "navy") -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (width, height), color).save(data, "JPEG")
    return data.getvalue()


def objects(settings: Settings) -> set[str]:
    folder = settings.data_dir / "objects"
    return {path.name for path in (folder / "blobs").rglob("*") if path.is_file()}


def contents(database: Database) -> list[Content]:
    with database.read() as session:
        return list(session.scalars(select(Content).order_by(Content.id)))


def states(database: Database) -> list[str]:
    return [content.thumbnail_state for content in contents(database)]


def test_waiting_contents_get_thumbnails(
    settings: Settings, database: Database, storage: Storage
) -> None:
    with database.write() as session:
        rows = Rows(session)
        task = rows.task(rows.project(), "a.jpg")
        rows.content(task, rows.blob(storage, jpeg(640, 480)))
        rows.content(task, rows.blob(storage, jpeg(20, 10)))
    run_to_end(HANDLER, settings, database, {})
    assert states(database) == ["ready", "ready"]
    sizes = []
    for content in contents(database):
        with database.read() as session:
            blob = session.get_one(Blob, content.thumbnail_sha256)
        with Image.open(io.BytesIO(storage.read(blob.key))) as image:
            sizes.append(image.size)
        assert blob.size == len(storage.read(blob.key))
    assert sizes == [(320, 240), (20, 10)]


def test_videos_and_recordings_get_posters_and_telemetry_none(
    settings: Settings, database: Database, storage: Storage
) -> None:
    files = [
        ("video/mp4", recordings.video(size_wh=(640, 360)), {}),
        ("audio/wav", recordings.wav(duration_s=0.2), {"duration": 0.2}),
        ("video/mp4", b"no video", {}),
        ("application/json", b"[]", {}),
    ]
    with database.write() as session:
        rows = Rows(session)
        task = rows.task(rows.project(), "a")
        for media_type, data, media in files:
            content = rows.content(task, rows.blob(storage, data), media=media)
            content.media_type = media_type
    run_to_end(HANDLER, settings, database, {})
    assert states(database) == ["ready", "ready", "failed", "none"]
    sizes = []
    for content in contents(database)[:2]:
        with database.read() as session:
            blob = session.get_one(Blob, content.thumbnail_sha256)
        with Image.open(io.BytesIO(storage.read(blob.key))) as image:
            sizes.append(image.size)
    assert sizes == [(320, 180), (320, 160)]


def test_one_damaged_image_fails_alone_and_is_not_tried_again(
    settings: Settings, database: Database, storage: Storage
) -> None:
    with database.write() as session:
        rows = Rows(session)
        task = rows.task(rows.project(), "a.jpg")
        rows.content(task, rows.blob(storage, jpeg(64, 64)[:200]))
        rows.content(task, rows.blob(storage, jpeg(64, 64)))
        missing = rows.blob(storage, b"gone")
        rows.content(task, missing)
        rows.content(task, None)
    storage.delete([missing.key])
    run_to_end(HANDLER, settings, database, {})
    assert states(database) == ["failed", "ready", "failed", "failed"]
    assert "damaged" in (contents(database)[0].thumbnail_error or "")
    assert missing.key in (contents(database)[2].thumbnail_error or "")
    assert "no bucket" in (contents(database)[3].thumbnail_error or "")
    assert [step.done for step in run_to_end(HANDLER, settings, database, {})] == [0]


def test_an_image_of_too_many_pixels_is_not_decoded(
    settings: Settings, database: Database, storage: Storage
) -> None:
    with database.write() as session:
        rows = Rows(session)
        rows.content(rows.task(rows.project(), "a.jpg"), rows.blob(storage, jpeg(100, 100)))
    run_to_end(HANDLER, replace(settings, max_image_pixels=9_999), database, {})
    assert states(database) == ["failed"]
    assert contents(database)[0].thumbnail_error == "100 x 100 pixels are too many"


def test_equal_thumbnails_share_a_blob_and_leave_no_object_behind(
    settings: Settings, database: Database, storage: Storage
) -> None:
    with database.write() as session:
        rows = Rows(session)
        task = rows.task(rows.project(), "a.jpg")
        # Different files, as the comment differs, with the same pixels.
        for comment in (b"one", b"two"):
            data = io.BytesIO()
            Image.new("RGB", (64, 64), "navy").save(data, "JPEG", comment=comment)
            rows.content(task, rows.blob(storage, data.getvalue()))
    run_to_end(HANDLER, settings, database, {})
    first, second = contents(database)
    assert first.thumbnail_sha256 == second.thumbnail_sha256 is not None
    assert len(objects(settings)) == 3


def test_the_content_that_ends_the_worker_each_time_is_given_up(
    settings: Settings, database: Database, storage: Storage
) -> None:
    with database.write() as session:
        rows = Rows(session)
        rows.content(rows.task(rows.project(), "a.jpg"), rows.blob(storage, jpeg(64, 64)))
    run_to_end(HANDLER, settings, database, {}, attempt=thumbnails.HOPELESS_FROM)
    assert states(database) == ["failed"]


def test_one_job_at_a_time_is_started_for_what_waits(
    settings: Settings, database: Database, storage: Storage
) -> None:
    housekeeping = Housekeeping(settings, database)
    housekeeping.start_thumbnails()
    assert kinds(database) == []
    with database.write() as session:
        rows = Rows(session)
        rows.content(rows.task(rows.project(), "a.jpg"), rows.blob(storage, jpeg(64, 64)))
    housekeeping.start_thumbnails()
    housekeeping.start_thumbnails()
    assert kinds(database) == ["thumbnails"]


def kinds(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Job.kind)))


def test_a_worker_makes_thumbnails_without_being_asked(
    settings: Settings,
    database: Database,
    storage: Storage,
    start_worker: Callable[[], WorkerProcess],
    tmp_path: Path,
) -> None:
    start_worker()
    with database.write() as session:
        rows = Rows(session)
        rows.content(rows.task(rows.project(), "a.jpg"), rows.blob(storage, jpeg(64, 64)))
    wait_for(lambda: states(database) == ["ready"], "the thumbnail")
