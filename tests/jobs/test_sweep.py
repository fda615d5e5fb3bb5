"""No file stays that nothing refers to, and none goes that something does."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from fastlabel_server.blobs import StoredBlob, living_keys, new_key
from fastlabel_server.datasets.changes import Change, State
from fastlabel_server.datasets.drafts import Draft, drop_draft
from fastlabel_server.db import Database
from fastlabel_server.jobs.handlers import HANDLERS
from fastlabel_server.jobs.housekeeping import clean_spool
from fastlabel_server.settings import Settings
from fastlabel_server.storage import Storage
from fastlabel_server.tables import (
    Appendix,
    Blob,
    Content,
    Credential,
    DatasetPush,
    DatasetPushEntry,
    IdempotentAnswer,
    ImportHistory,
    StagedContent,
    StagedUpload,
    User,
    now_ms,
)
from jobs.chunks import run_to_end
from jobs.rows import Rows

HOUR_MS = 3_600_000


@pytest.fixture
def storage(settings: Settings) -> Storage:
    return Storage.from_url(settings.storage)


def sweep(settings: Settings, database: Database, **graces: float) -> int:
    """Return how many things were removed."""
    return run_to_end(HANDLERS["sweep"], replace(settings, **graces), database, {})[-1].done


def blob_keys(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(select(Blob.key)))


def test_files_of_tasks_and_thumbnails_stay(
    settings: Settings, database: Database, storage: Storage
) -> None:
    with database.write() as session:
        rows = Rows(session)
        file, thumbnail = rows.blob(storage, b"file"), rows.blob(storage, b"thumbnail")
        task = rows.task(rows.project(), "a.jpg")
        rows.content(task, file, thumbnail_sha256=thumbnail.sha256)
    assert sweep(settings, database, blob_grace=0, orphan_grace=0) == 0
    assert blob_keys(database) == {file.key, thumbnail.key}
    assert storage.exists(file.key)
    assert storage.exists(thumbnail.key)


def test_a_file_that_nothing_refers_to_is_doomed_first_and_deleted_after_the_grace(
    settings: Settings, database: Database, storage: Storage
) -> None:
    with database.write() as session:
        blob = Rows(session).blob(storage, b"file")
    assert sweep(settings, database) == 0
    with database.read() as session:
        assert session.get_one(Blob, blob.sha256).doomed_at is not None
    assert storage.exists(blob.key)
    with database.write() as session:
        session.execute(update(Blob).values(doomed_at=Blob.doomed_at - 2 * HOUR_MS))
    assert sweep(settings, database) == 1
    assert blob_keys(database) == set()
    assert not storage.exists(blob.key)


def test_a_doomed_file_that_is_uploaded_again_is_kept(
    settings: Settings, database: Database, storage: Storage
) -> None:
    with database.write() as session:
        rows = Rows(session)
        blob = rows.blob(storage, b"file", doomed_at=1)
        task = rows.task(rows.project(), "a.jpg")
    again = StoredBlob(blob.sha256, new_key(blob.sha256), blob.size)
    storage.put_bytes(again.key, b"file")
    with database.write() as session:
        living_keys(session, [again])
        session.add(
            Content(
                task_id=task.id,
                position=0,
                name="a.jpg",
                blob_sha256=blob.sha256,
                media_type="image/jpeg",
                size=4,
            )
        )
    sweep(settings, database, blob_grace=0, orphan_grace=0)
    assert blob_keys(database) == {again.key}
    assert storage.read(again.key) == b"file"
    # The first incarnation has lost its row, and goes as an orphan.
    assert not storage.exists(blob.key)


def test_all_garbage_goes_however_much_there_is(
    settings: Settings, database: Database, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastlabel_server.jobs.handlers.sweep.BLOBS", 3)
    with database.write() as session:
        rows = Rows(session)
        keys = [rows.blob(storage, str(number).encode()).key for number in range(8)]
    assert sweep(settings, database, blob_grace=0) == 8
    assert blob_keys(database) == set()
    assert not any(storage.exists(key) for key in keys)


def test_an_object_without_a_row_goes_when_it_is_old(
    settings: Settings, database: Database, storage: Storage
) -> None:
    keys = [new_key(f"{digit}0" + "0" * 62) for digit in "0af"]
    for key in keys:
        storage.put_bytes(key, b"upload of a process that died")
    assert sweep(settings, database) == 0
    assert all(storage.exists(key) for key in keys)
    assert sweep(settings, database, orphan_grace=0) == 3
    assert not any(storage.exists(key) for key in keys)


def test_expired_answers_and_logins_go(settings: Settings, database: Database) -> None:
    def answer(key: str, age_ms: int) -> IdempotentAnswer:
        return IdempotentAnswer(
            user_id=user.id, key=key, request="POST", answer="x", created_at=now_ms() - age_ms
        )

    def credential(name: str, expires_at: int | None) -> Credential:
        return Credential(user_id=user.id, kind="session", sha256=name, expires_at=expires_at)

    with database.write() as session:
        user = User(slug="ann", name="Ann", email="ann@example.com")
        session.add(user)
        session.flush()
        session.add_all([answer("old", 25 * HOUR_MS), answer("new", 23 * HOUR_MS)])
        session.add_all(
            [
                credential("ended", now_ms() - 1),
                credential("open", now_ms() + HOUR_MS),
                credential("token", None),
            ]
        )
    assert sweep(settings, database) == 2
    with database.read() as session:
        assert session.scalars(select(IdempotentAnswer.key)).all() == ["new"]
        kept = session.scalars(select(Credential.sha256).order_by(Credential.sha256)).all()
        assert kept == ["open", "token"]


def test_left_over_uploads_go_when_they_are_old(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, spool_grace=60)
    clean_spool(settings)  # without the folder
    settings.spool_dir.mkdir()
    old, new = settings.spool_dir / "old", settings.spool_dir / "new"
    old.touch()
    new.touch()
    os.utime(old, times=(time.time() - 61, time.time() - 61))
    clean_spool(settings)
    assert [path.name for path in settings.spool_dir.iterdir()] == ["new"]


def test_files_of_imports_under_way_and_of_appendices_stay(
    settings: Settings, database: Database, storage: Storage
) -> None:
    with database.write() as session:
        rows = Rows(session)
        project = rows.project()
        history = rows.history(project)
        slice_, picture, calibration = (rows.blob(storage, bytes([n])) for n in range(3))
        session.add(
            StagedContent(
                history_id=history.id,
                position=0,
                name="1.dcm",
                blob_sha256=slice_.sha256,
                media_type="application/dicom",
                size=1,
            )
        )
        content = rows.content(rows.task(project, "a.pcd"))
        session.add(
            Appendix(
                content_id=content.id,
                name="1.png",
                blob_sha256=picture.sha256,
                media_type="image/png",
                calibration_sha256=calibration.sha256,
            )
        )
    assert sweep(settings, database, blob_grace=0, orphan_grace=0) == 0
    assert blob_keys(database) == {slice_.key, picture.key, calibration.key}


def test_archives_go_when_no_import_takes_them_or_theirs_has_ended(
    settings: Settings, database: Database, storage: Storage
) -> None:
    day_ago = now_ms() - 25 * HOUR_MS
    with database.write() as session:
        rows = Rows(session)
        project = rows.project()
        ended = rows.history(project, status="failed", finished_at=now_ms())
        waiting = rows.history(project)
        fresh = rows.upload(storage, project, b"fresh")
        taken = rows.upload(storage, project, b"taken", created_at=day_ago, history_id=waiting.id)
        forgotten = rows.upload(storage, project, b"forgotten", created_at=day_ago)
        failed = rows.upload(storage, project, b"failed", history_id=ended.id)
        # A task has made the archive's object its own.
        source = rows.upload(storage, project, b"source", history_id=ended.id)
        blob = Blob(sha256=source.sha256, key=source.key, size=source.size)
        session.add(blob)
        rows.content(rows.task(project, "scan.zip"), blob, role="source")
    # The three rows, and the two objects that nothing else has.
    assert sweep(settings, database, orphan_grace=0) == 3
    with database.read() as session:
        assert set(session.scalars(select(StagedUpload.id))) == {fresh.id, taken.id}
    for upload in (fresh, taken, source):
        assert storage.exists(upload.key), upload.sha256
    for upload in (forgotten, failed):
        assert not storage.exists(upload.key), upload.sha256
    assert sweep(settings, database, orphan_grace=0) == 0
    with database.write() as session:
        session.execute(update(ImportHistory).values(finished_at=now_ms()))
    assert sweep(settings, database, staged_lifetime=0) == 2
    assert not storage.exists(fresh.key)
    assert not storage.exists(taken.key)


def test_files_of_all_revisions_and_of_open_pushes_stay(
    settings: Settings, database: Database, storage: Storage
) -> None:
    with database.write() as session:
        rows = Rows(session)
        dataset = rows.dataset()
        old, new, pushed = (rows.file(storage, name) for name in (b"old", b"new", b"pushed"))
        for wanted in (State(old), Change(file=new), None):
            draft = Draft.of_request(dataset)
            draft.stage(session, {"a.jpg": wanted})
            draft.publish(session, None, "update")
        rows.push(dataset, {"b.jpg": State(pushed), "c.jpg": None})
    assert sweep(settings, database, blob_grace=0, orphan_grace=0) == 0
    with database.read() as session:
        assert set(session.scalars(select(Blob.sha256).where(Blob.doomed_at.is_(None)))) == {
            each.sha256 for each in (old, new, pushed)
        }


def test_a_push_that_nobody_goes_on_with_goes_with_its_files(
    settings: Settings, database: Database, storage: Storage
) -> None:
    with database.write() as session:
        rows = Rows(session)
        dataset, busy = rows.dataset(), rows.dataset()
        kept, gone, made = (rows.file(storage, name) for name in (b"kept", b"gone", b"made"))
        fresh = rows.push(dataset, {"a.jpg": State(kept)})
        # Two, as each goes in a transaction of its own.
        old = [rows.push(dataset, {"a.jpg": State(gone), "b.jpg": State(kept)}) for _ in range(2)]
        committed = rows.push(busy, {"a.jpg": State(made)})
        Draft.of_job(session, busy, "the job that makes its revision")
        for push in (*old, committed):
            push.updated_at = now_ms() - 8 * 24 * HOUR_MS
    assert sweep(settings, database, blob_grace=0) == 3, "two pushes and a file"
    with database.read() as session:
        assert set(session.scalars(select(DatasetPush.id))) == {fresh.id, committed.id}
        assert set(session.scalars(select(DatasetPushEntry.push_id))) == {fresh.id, committed.id}
        assert set(session.scalars(select(Blob.sha256))) == {kept.sha256, made.sha256}
    assert sweep(settings, database, push_lifetime=9 * 24 * 3600) == 0


def test_a_file_that_only_a_dropped_draft_had_goes(
    settings: Settings, database: Database, storage: Storage
) -> None:
    with database.write() as session:
        rows = Rows(session)
        dataset = rows.dataset()
        file = rows.file(storage, b"new")
        draft = Draft.of_job(session, dataset, "job")
        draft.stage(session, {"a.jpg": State(file)})
        draft.keep()
    assert sweep(settings, database, blob_grace=0) == 0
    with database.write() as session:
        drop_draft(session, dataset.number, "job")
    assert sweep(settings, database, blob_grace=0) == 1
    assert blob_keys(database) == set()
