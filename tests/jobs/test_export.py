"""An export is completed once, with the right content, whatever happens to the worker."""

from __future__ import annotations

import errno
import io
import json
import random
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from fastlabel import formats
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel_server import jobs
from fastlabel_server.annotations.catalog import catalog_of
from fastlabel_server.db import Database
from fastlabel_server.exports import history, pages
from fastlabel_server.exports.history import Stopped, Watch
from fastlabel_server.exports.media import TaskFiles
from fastlabel_server.jobs import Context, JobError
from fastlabel_server.jobs.handlers import HANDLERS
from fastlabel_server.jobs.handlers import export as export_job
from fastlabel_server.settings import Settings
from fastlabel_server.storage import Storage, StorageUnavailable
from fastlabel_server.tables import (
    AnnotationClass,
    Blob,
    Content,
    Export,
    Project,
    Task,
    new_id,
    now_ms,
)
from fastlabel_server.uploads.spool import ReceivedFile
from jobs.chunks import run_to_end
from jobs.rows import Rows
from jobs.workers import WorkerProcess, find_job, wait_for, wait_for_end

HANDLER = HANDLERS["export"]
CLASS_ID = "class-cat"
StartWorker = Callable[..., WorkerProcess]


@pytest.fixture
def storage(settings: Settings) -> Storage:
    return Storage.from_url(settings.storage)


def box(number: int, index: int) -> dict[str, Any]:
    x, y = number % 500, index * 10
    return {"id": f"{number}-{index}", "classId": CLASS_ID, "points": [x, y, x + 50, y + 40]}


def fill(database: Database, count: int, boxes: int = 2) -> str:
    """Make a project of image tasks with boxes, named by their number from 1; return its id."""
    with database.write() as session:
        project = Rows(session).project(last_seq=count)
        session.add(
            AnnotationClass(
                id=CLASS_ID,
                project_id=project.id,
                type="bbox",
                value="cat",
                title="Cat",
                color="#b36d18",
                position=1,
            )
        )
        tasks = [
            {
                "id": new_id(),
                "project_id": project.id,
                "seq": number,
                "kind": "image",
                "name": name_of(number),
                "status": "registered",
                "external_status": "registered",
                "annotations": [box(number, index) for index in range(boxes)],
            }
            for number in range(1, count + 1)
        ]
        files = [
            {
                "id": new_id(),
                "task_id": task["id"],
                "position": 0,
                "name": task["name"],
                "media_type": "image/jpeg",
                "size": 0,
                "media": {"width": 640, "height": 480},
                "thumbnail_state": "none",
            }
            for task in tasks
        ]
        session.execute(insert(Task), tasks)
        session.execute(insert(Content), files)
        return project.id


def name_of(number: int) -> str:
    return f"{number:05}.jpg"


def begin(database: Database, project_id: str, **values: Any) -> str:
    """Make an export as the API would; return its id."""
    with database.write() as session:
        project = session.get_one(Project, project_id)
        row = Export(
            project_id=project_id,
            base_url="http://localhost",
            file_name="cats.zip",
            **{"format": "coco", "last_seq": project.last_seq, **values},
        )
        session.add(row)
        session.flush()
        jobs.enqueue(session, "export", {"exportId": row.id}, job_id=row.id)
        return row.id


def found(database: Database, export_id: str) -> Export:
    with database.read() as session:
        return session.get_one(Export, export_id)


def run(settings: Settings, database: Database, export_id: str, *, attempt: int = 1) -> None:
    run_to_end(HANDLER, settings, database, {"exportId": export_id}, attempt=attempt)


def content(database: Database, storage: Storage, export_id: str) -> dict[str, Any]:
    """Return the COCO file of an export."""
    with database.read() as session:
        key = session.scalar(
            select(Blob.key)
            .join(Export, Export.blob_sha256 == Blob.sha256)
            .where(Export.id == export_id)
        )
    assert key is not None
    with zipfile.ZipFile(io.BytesIO(storage.read(key))) as file:
        assert file.testzip() is None
        assert file.namelist() == ["annotations.json"]
        read: dict[str, Any] = json.loads(file.read("annotations.json"))
    return read


def sweep(settings: Settings, database: Database, **graces: float) -> int:
    """Return how many things were removed."""
    steps = run_to_end(HANDLERS["sweep"], replace(settings, **graces), database, {})
    return steps[-1].done


def objects(storage: Storage) -> set[str]:
    return {one.key for page in storage.list("blobs") for one in page}


@pytest.mark.slow
def test_kills_of_the_worker_at_any_moment_cost_nothing_but_time(
    settings: Settings, database: Database, storage: Storage, start_worker: StartWorker
) -> None:
    moments = random.Random(settings.database_url)
    count = 2000
    export_id = begin(database, fill(database, count))
    done = 0
    for _ in range(2):
        starts = find_job(database, export_id).attempts
        worker = start_worker()
        wait_for(lambda: find_job(database, export_id).attempts > starts, "the start")  # noqa: B023
        time.sleep(moments.uniform(0, 0.6))
        worker.kill()
        row = found(database, export_id)
        assert row.done >= done, "what was shown is not taken back"
        done = row.done
        if row.status == "completed":
            break
        assert row.blob_sha256 is None
    start_worker()
    assert wait_for_end(database, export_id).status == "completed"
    row = found(database, export_id)
    assert (row.status, row.message, row.done, row.total) == ("completed", None, count, count)
    assert row.finished_at is not None
    coco = content(database, storage, export_id)
    names = [image["file_name"] for image in coco["images"]]
    assert names == [name_of(number) for number in range(1, count + 1)]
    assert len(coco["annotations"]) == 2 * count


def test_a_worker_that_dies_before_the_commit_leaves_an_object_for_the_sweep_alone(
    settings: Settings, database: Database, storage: Storage
) -> None:
    export_id = begin(database, fill(database, 3))
    payload = {"exportId": export_id}
    context = Context(settings, database, storage)
    with database.write() as session:
        cursor = HANDLER.apply(session, payload, HANDLER.prepare(context, payload, None)).cursor
    lost = HANDLER.prepare(context, payload, cursor)
    assert found(database, export_id).blob_sha256 is None
    assert objects(storage) == {lost.blob.key}
    run(settings, database, export_id)
    assert len(content(database, storage, export_id)["images"]) == 3
    assert sweep(settings, database, orphan_grace=0) == 1
    assert len(objects(storage)) == 1
    assert len(content(database, storage, export_id)["images"]) == 3


def test_the_file_goes_when_the_last_export_of_these_bytes_is_deleted(
    settings: Settings, database: Database, storage: Storage
) -> None:
    project_id = fill(database, 3)
    first, second = begin(database, project_id), begin(database, project_id)
    for export_id in (first, second):
        run(settings, database, export_id)
    assert found(database, first).blob_sha256 == found(database, second).blob_sha256
    assert len(objects(storage)) == 1
    for export_id, left in ((first, 1), (second, 0)):
        with database.write() as session:
            session.execute(delete(Export).where(Export.id == export_id))
        sweep(settings, database, blob_grace=0, orphan_grace=0)
        assert len(objects(storage)) == left


def test_the_same_bytes_stored_meanwhile_leave_one_object(
    settings: Settings, database: Database, storage: Storage
) -> None:
    project_id = fill(database, 3)
    ids = [begin(database, project_id) for _ in range(2)]
    context = Context(settings, database, storage)
    cursor = {"surplus": [], "total": 3}
    written = {
        export_id: HANDLER.prepare(context, {"exportId": export_id}, cursor) for export_id in ids
    }
    assert len(objects(storage)) == 2
    for export_id, chunk in written.items():
        with database.write() as session:
            step = HANDLER.apply(session, {"exportId": export_id}, chunk)
        if step.cursor is not None:
            last = HANDLER.prepare(context, {"exportId": export_id}, step.cursor)
            with database.write() as session:
                assert HANDLER.apply(session, {"exportId": export_id}, last).cursor is None
    assert len(objects(storage)) == 1
    assert all(len(content(database, storage, one)["images"]) == 3 for one in ids)


def test_tasks_that_come_later_are_not_in_it_and_those_that_went_neither(
    settings: Settings, database: Database, storage: Storage
) -> None:
    project_id = fill(database, 4)
    export_id = begin(database, project_id, last_seq=3)
    with database.write() as session:
        session.execute(delete(Task).where(Task.name == name_of(2)))
    run(settings, database, export_id)
    coco = content(database, storage, export_id)
    assert [image["file_name"] for image in coco["images"]] == [name_of(1), name_of(3)]


def test_what_changes_meanwhile_is_the_same_in_every_pass(
    settings: Settings, database: Database, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "TASKS", 2)
    export_id = begin(database, fill(database, 5))
    context = Context(settings, database, storage)
    work = export_job.find(context, {"exportId": export_id})
    reading = export_job.reading(context, work)
    tasks = pages.Pages(reading, settings.spool_dir)
    first = iter(tasks)
    before = [next(first)]
    with database.write() as session:
        # A class gets another value, and tasks other labels; the texts kept with them too.
        session.execute(update(AnnotationClass).values(value="dog"))
        session.execute(update(Project).values(class_stamp=Project.class_stamp + 1))
        catalog = catalog_of(session, work.project.id)
        session.execute(
            update(Task).values(annotations=[box(9, 9)], shown="[]", shown_stamp=catalog.stamp)
        )
    whole = before + list(first)
    assert list(tasks) == whole
    assert [task["name"] for task in whole] == [name_of(number) for number in range(1, 6)]
    assert {one["value"] for task in whole for one in task["annotations"]} == {"cat"}
    assert [len(task["annotations"]) for task in whole] == [2, 2, 1, 1, 1]
    # A pass that is not gone through to the end is none for the next one to rely on.
    abandoned = pages.Pages(reading, settings.spool_dir)
    next(iter(abandoned))
    assert len(list(abandoned)) == len(list(abandoned)) == 5


def test_a_cancel_ends_the_writing_at_once_and_leaves_nothing(
    settings: Settings, database: Database, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "LOOK_INTERVAL_S", 0)
    monkeypatch.setattr(pages, "TASKS", 10)
    export_id = begin(database, fill(database, 60))
    read: list[int] = []
    original = pages.Reading.page

    def page(reading: pages.Reading, after_seq: int) -> Any:
        if after_seq == 40:
            with database.write() as session:
                assert jobs.cancel(session, export_id)
        read.append(after_seq)
        return original(reading, after_seq)

    monkeypatch.setattr(pages.Reading, "page", page)
    with pytest.raises(Stopped, match=export_id):
        run(settings, database, export_id)
    assert read[-1] == 40
    row = found(database, export_id)
    assert (row.status, row.message, row.blob_sha256) == ("canceled", None, None)
    assert 0 < row.done < 60
    assert objects(storage) == set()
    assert list(settings.spool_dir.glob("*")) == []


def test_a_deleted_export_stops_its_job(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "LOOK_INTERVAL_S", 0)
    export_id = begin(database, fill(database, 1))
    watch = Watch(database, export_id, 1, 1)
    watch.look()
    with database.write() as session:
        session.execute(delete(Export))
    with pytest.raises(Stopped):
        watch.look()
    with database.write() as session:
        HANDLER.on_end(session, {"exportId": export_id}, "canceled", None)
    with pytest.raises(JobError, match="the project was deleted"):
        run(settings, database, export_id)


def test_a_project_that_was_deleted_meanwhile_fails_the_export(
    settings: Settings, database: Database
) -> None:
    export_id = begin(database, fill(database, 1))
    with database.write() as session:
        session.execute(update(Project).values(deleted_at=now_ms()))
    with pytest.raises(JobError, match="the project was deleted"):
        run(settings, database, export_id)


def test_what_is_shown_counts_passes_and_never_goes_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "LOOK_INTERVAL_S", 0)
    export_id = begin(database, fill(database, 1))
    watch = Watch(database, export_id, total=10, passes=2)
    shown = []
    for _ in range(20):
        watch.passed(1)
        shown.append(found(database, export_id).done)
    assert shown == [number // 2 for number in range(1, 21)]
    again = Watch(database, export_id, total=10, passes=2)
    again.passed(6)
    assert (again.done, found(database, export_id).done) == (3, 10)
    again.passed(100)
    assert found(database, export_id).done == 10


@pytest.mark.parametrize(
    "name", [name for name, each in formats.FORMATS.items() if "image" in each.modalities]
)
def test_a_format_goes_through_the_tasks_as_often_as_it_says(name: str, tmp_path: Path) -> None:
    """What exports show of their progress builds on it."""
    if formats.FORMATS[name].write is None:
        return

    class Tasks:
        passes = 0

        def __iter__(self) -> Iterator[Any]:
            self.passes += 1
            return iter([])

    tasks = Tasks()
    formats.write(
        name,
        tasks,  # type: ignore[arg-type]
        tmp_path,
        classes=[{"value": "cat", "type": "bbox", "color": "#b36d18"}],
        open_file=lambda task: io.BytesIO(),
    )
    assert tasks.passes == formats.FORMATS[name].passes


def test_a_full_disk_of_the_worker_fails_the_export_at_once(
    settings: Settings, database: Database, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_id = begin(database, fill(database, 3))

    def full(file: ReceivedFile, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(ReceivedFile, "write", full)
    with pytest.raises(JobError, match=f"The disk of the worker is full: {settings.spool_dir}"):
        run(settings, database, export_id)
    assert objects(storage) == set()
    assert list(settings.spool_dir.glob("*")) == []


def test_a_spool_file_that_finds_no_room_to_be_closed_is_discarded(tmp_path: Path) -> None:
    file = ReceivedFile(tmp_path)
    file.write(bytes(2 << 20))
    spooled = file._file
    assert spooled is not None

    class Full:
        def close(self) -> None:
            spooled.close()
            raise OSError(errno.ENOSPC, "No space left on device")

    file._file = Full()  # type: ignore[assignment]
    file.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_fails_is_tried_again_and_then_told(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_id = begin(database, fill(database, 3))
    reason = "The object store cannot be used: it is on fire"

    def burning(storage: Storage, key: str, data: bytes) -> None:
        raise StorageUnavailable(reason)

    monkeypatch.setattr(Storage, "put_bytes", burning)
    with pytest.raises(StorageUnavailable):
        run(settings, database, export_id, attempt=1)
    with pytest.raises(JobError, match=reason):
        run(settings, database, export_id, attempt=export_job.ATTEMPTS)

    def full(storage: Storage, key: str, data: bytes) -> None:
        raise StorageUnavailable(reason) from OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Storage, "put_bytes", full)
    with pytest.raises(JobError, match=reason):
        run(settings, database, export_id, attempt=1)


def test_a_file_that_is_gone_is_named_with_its_task(database: Database, storage: Storage) -> None:
    with database.write() as session:
        rows = Rows(session)
        blob = rows.blob(storage, b"picture")
        project = rows.project()
        there, gone = rows.task(project, "a.jpg"), rows.task(project, "b.jpg")
        rows.content(there, blob)
        rows.content(gone, rows.blob(storage, b"gone"))
        empty = rows.task(project, "c.jpg")
    files = TaskFiles(database, storage)
    storage.delete(key for key in objects(storage) if key != blob.key)
    with files.open({"id": there.id, "name": "a.jpg"}) as file:
        assert file.read() == b"picture"
    for task in (gone, empty):
        with pytest.raises(FastLabelInvalidException, match=task.name):
            files.open({"id": task.id, "name": task.name})
