"""A ZIP becomes one task, once, whatever happens to the worker."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from sqlalchemy import delete, func, select, update

from fastlabel_server.db import Database
from fastlabel_server.imports import history
from fastlabel_server.jobs import Context, JobError
from fastlabel_server.jobs.handlers import HANDLERS
from fastlabel_server.jobs.handlers.unpacking import CAREFUL_FROM, HOPELESS_FROM
from fastlabel_server.settings import Settings
from fastlabel_server.storage import Storage
from fastlabel_server.tables import (
    Blob,
    Content,
    ImportHistory,
    Project,
    StagedContent,
    StagedUpload,
    Task,
    now_ms,
)
from jobs.chunks import run_to_end
from jobs.rows import Rows
from jobs.workers import WorkerProcess, find_job, wait_for, wait_for_end
from media.scans import scan, zipped

HANDLER = HANDLERS["import_archive"]
StartWorker = Callable[..., WorkerProcess]


@pytest.fixture
def storage(settings: Settings) -> Storage:
    return Storage.from_url(settings.storage)


def begin(
    database: Database, storage: Storage, files: Mapping[str, bytes], name: str = "scan.zip"
) -> str:
    """Make an import as the API would, in a project of its own; return its id."""
    with database.write() as session:
        rows = Rows(session)
        project = rows.project(type="dicom_bbox")
        upload = rows.upload(storage, project, zipped(files), file_name=name)
        options = {"name": name, "state": {"status": "completed"}, "people": {}}
        row = history.begin(session, project.id, "import_archive", "zip", options, None)
        upload.history_id = row.id
        return row.id


def found(database: Database, history_id: str) -> ImportHistory:
    with database.read() as session:
        return session.get_one(ImportHistory, history_id)


def contents(database: Database, storage: Storage) -> list[tuple[str, bytes]]:
    """Return names and bytes of all contents of all tasks, in their order."""
    with database.read() as session:
        rows = session.execute(
            select(Content.name, Blob.key)
            .join(Blob, Blob.sha256 == Content.blob_sha256)
            .where(Content.role == "content")
            .order_by(Content.task_id, Content.position)
        ).all()
    return [(row.name, storage.read(row.key)) for row in rows]


def count(database: Database, table: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.slow
def test_kills_of_the_worker_at_any_moment_cost_nothing(
    database: Database, storage: Storage, start_worker: StartWorker
) -> None:
    moments = random.Random(3)
    slices = {f"{number:03}.dcm": scan(number) for number in range(60)}
    history_id = begin(database, storage, {**slices, "cut.dcm": scan(1)[:-600], "a.txt": b"x"})
    worker = start_worker()
    for _ in range(4):
        before = find_job(database, history_id).done
        wait_for(lambda: find_job(database, history_id).done > before, "progress")  # noqa: B023
        time.sleep(moments.uniform(0, 0.2))
        worker.kill()
        assert find_job(database, history_id).status == "running"
        assert count(database, Task) == 0, "a task is there when all of it is"
        worker = start_worker()
    wait_for_end(database, history_id)
    row = found(database, history_id)
    assert (row.status, row.message) == ("completed", None)
    assert (row.created, row.failed, row.passed_over, row.total) == (60, 1, 1, 62)
    assert [error["name"] for error in row.errors] == ["cut.dcm"]
    assert count(database, Task) == 1
    assert contents(database, storage) == list(slices.items())
    assert count(database, StagedContent) == 0


def test_files_that_are_the_same_are_stored_once(
    settings: Settings, database: Database, storage: Storage
) -> None:
    same, other = scan(1), scan(2)
    history_id = begin(database, storage, {"a.dcm": same, "b.dcm": same, "c.dcm": other})
    run_to_end(HANDLER, settings, database, {"historyId": history_id})
    assert contents(database, storage) == [("a.dcm", same), ("b.dcm", same), ("c.dcm", other)]
    # Two files and the archive, and no object beside those that rows know.
    stored = {one.key for page in storage.list("blobs") for one in page}
    with database.read() as session:
        assert stored == set(session.scalars(select(Blob.key)))
    assert len(stored) == 3


def test_the_archive_is_the_source_of_the_task(
    settings: Settings, database: Database, storage: Storage
) -> None:
    history_id = begin(database, storage, {"a.dcm": scan(1)})
    run_to_end(HANDLER, settings, database, {"historyId": history_id})
    with database.read() as session:
        upload = session.scalars(select(StagedUpload)).one()
        source = session.scalars(select(Content).where(Content.role == "source")).one()
        assert (source.position, source.name) == (-1, "scan.zip")
        assert source.blob_sha256 == upload.sha256
        assert session.get_one(Blob, upload.sha256).key == upload.key
        assert session.scalars(select(Task)).one().status == "completed"


def test_a_name_that_was_taken_meanwhile_fails_the_import(
    settings: Settings, database: Database, storage: Storage
) -> None:
    history_id = begin(database, storage, {"a.dcm": scan(1)})
    with database.write() as session:
        project = session.scalars(select(Project)).one()
        Rows(session).task(project, "scan.zip")
    with pytest.raises(JobError, match=r"already has a task 'scan\.zip'"):
        run_to_end(HANDLER, settings, database, {"historyId": history_id})
    assert count(database, Task) == 1


def test_a_project_that_was_deleted_meanwhile_fails_the_import(
    settings: Settings, database: Database, storage: Storage
) -> None:
    history_id = begin(database, storage, {"a.dcm": scan(1)})
    with database.write() as session:
        session.execute(update(Project).values(deleted_at=now_ms()))
    with pytest.raises(JobError, match="the project was deleted"):
        run_to_end(HANDLER, settings, database, {"historyId": history_id})
    with database.write() as session:
        session.execute(delete(Project))
    with pytest.raises(JobError, match="the project was deleted"):
        run_to_end(HANDLER, settings, database, {"historyId": history_id})
    with database.write() as session:
        HANDLER.on_end(session, {"historyId": history_id}, "failed", "the project was deleted")


def test_an_archive_that_is_gone_fails_the_import(
    settings: Settings, database: Database, storage: Storage
) -> None:
    history_id = begin(database, storage, {"a.dcm": scan(1)})
    with database.read() as session:
        storage.delete(session.scalars(select(StagedUpload.key)))
    with pytest.raises(JobError, match=r"scan\.zip: it is no longer in the object store"):
        run_to_end(HANDLER, settings, database, {"historyId": history_id})


def test_more_slices_than_a_task_may_have_are_refused(
    settings: Settings, database: Database, storage: Storage
) -> None:
    tiny = {"Rows": 1, "Columns": 1, "PixelData": bytes(2 * 6000), "NumberOfFrames": 6000}
    history_id = begin(database, storage, {"a": scan(1, **tiny), "b": scan(2, **tiny)})
    with pytest.raises(JobError, match="DICOM tasks have up to 10,000 files, got 12,000"):
        run_to_end(HANDLER, settings, database, {"historyId": history_id})
    assert count(database, Task) == 0


def test_what_came_to_nothing_is_forgotten_with_its_import(
    settings: Settings, database: Database, storage: Storage
) -> None:
    history_id = begin(database, storage, {"a.dcm": scan(1)})
    context = Context(settings, database, storage)
    payload = {"historyId": history_id}
    chunk = HANDLER.prepare(context, payload, None)
    with database.write() as session:
        HANDLER.apply(session, payload, chunk)
    assert count(database, StagedContent) == 1
    with database.write() as session:
        HANDLER.on_end(session, payload, "canceled", None)
    assert count(database, StagedContent) == 0
    row = found(database, history_id)
    assert (row.status, row.msg_code) == ("canceled", "none")
    assert row.finished_at is not None


def test_the_file_that_ends_the_worker_each_time_is_given_up(
    settings: Settings, database: Database, storage: Storage
) -> None:
    history_id = begin(database, storage, {"a.dcm": scan(1), "b.dcm": scan(2)})
    payload = {"historyId": history_id}
    context = Context(settings, database, storage, CAREFUL_FROM)
    chunk = HANDLER.prepare(context, payload, None)
    assert [one.name for one in chunk.found.values()] == ["a.dcm"]
    chunk = HANDLER.prepare(replace(context, attempt=HOPELESS_FROM), payload, None)
    assert (chunk.found, chunk.errors) == (
        {},
        [{"name": "a.dcm", "message": "a.dcm: the worker ended each time it was read"}],
    )
    with database.write() as session:
        cursor = HANDLER.apply(session, payload, chunk).cursor
    chunk = HANDLER.prepare(context, payload, cursor)
    assert [one.name for one in chunk.found.values()] == ["b.dcm"]


def test_unpacking_leaves_no_file_behind(
    settings: Settings, database: Database, storage: Storage
) -> None:
    large = scan(1, Rows=1024, Columns=1024, PixelData=bytes(2 * 1024 * 1024))
    assert len(large) > 1024 * 1024, "small ones stay in memory"
    history_id = begin(database, storage, {"a.dcm": large, "b.dcm": large[:-10]})
    run_to_end(HANDLER, settings, database, {"historyId": history_id})
    assert found(database, history_id).failed == 1
    assert contents(database, storage) == [("a.dcm", large)]
    assert list(settings.spool_dir.glob("*")) == []
