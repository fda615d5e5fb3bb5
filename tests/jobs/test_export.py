"""An export is completed once, with the right content, whatever happens to the worker."""

from __future__ import annotations

import errno
import io
import json
import random
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from fastlabel import formats
from fastlabel_server import jobs
from fastlabel_server.db import Database
from fastlabel_server.exports import history
from fastlabel_server.exports.history import Stopped
from fastlabel_server.exports.pages import Pages
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
            last_seq=project.last_seq,
            base_url="http://localhost",
            file_name="cats.zip",
            **{"format": "coco", **values},
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


def objects(storage: Storage) -> set[str]:
    return {one.key for page in storage.list("blobs") for one in page}


@pytest.mark.slow
def test_kills_of_the_worker_at_any_moment_cost_nothing_but_time(
    settings: Settings, database: Database, storage: Storage, start_worker: StartWorker
) -> None:
    moments = random.Random(5)
    count = 3000
    export_id = begin(database, fill(database, count))
    done = 0
    for _ in range(4):
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
        assert objects(storage) == set(), "nothing is in the store before all of it is"
    start_worker()
    assert wait_for_end(database, export_id).status == "completed"
    row = found(database, export_id)
    assert (row.status, row.message, row.done, row.total) == ("completed", None, count, count)
    assert row.finished_at is not None
    coco = content(database, storage, export_id)
    names = [image["file_name"] for image in coco["images"]]
    assert names == [name_of(number) for number in range(1, count + 1)]
    assert len(coco["annotations"]) == 2 * count
    assert len(objects(storage)) == 1
    assert list(settings.spool_dir.glob("*")) == [], "the spool of the dead is nameless or swept"
