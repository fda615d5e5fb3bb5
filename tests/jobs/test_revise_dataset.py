"""Revisions that jobs build: whole or not at all, whatever happens to the worker or the job."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from fastlabel_server import jobs
from fastlabel_server.blobs import StoredBlob, new_key
from fastlabel_server.datasets import objects, queries, revisions
from fastlabel_server.datasets.changes import Change, File, State
from fastlabel_server.datasets.drafts import Draft
from fastlabel_server.datasets.labels import document_of
from fastlabel_server.datasets.operations import OPERATIONS, Chunk, Operation, push, restore
from fastlabel_server.datasets.queries import Filter
from fastlabel_server.db import Database
from fastlabel_server.jobs import Context, JobError
from fastlabel_server.jobs.handler import Payload
from fastlabel_server.jobs.handlers import HANDLERS
from fastlabel_server.settings import Settings
from fastlabel_server.storage import Storage
from fastlabel_server.tables import (
    Dataset,
    DatasetFile,
    DatasetLabels,
    DatasetObject,
    DatasetPush,
    DatasetRevision,
    DatasetState,
    new_id,
    now_ms,
)
from jobs.chunks import run_to_end
from jobs.rows import Rows
from jobs.workers import ENDED, WorkerProcess, find_job, wait_for, wait_for_end

HANDLER = HANDLERS["revise_dataset"]
StartWorker = Callable[..., WorkerProcess]
CAT = document_of([{"type": "bbox", "value": "cat", "points": [1, 2, 3, 4]}], {})


@pytest.fixture
def storage(settings: Settings) -> Storage:
    return Storage.from_url(settings.storage)


@pytest.fixture
def one_object_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "ENTRIES", 1)
    monkeypatch.setattr(restore, "OBJECTS", 1)


def locked(session: Session, number: int) -> Dataset:
    return session.execute(select(Dataset).where(Dataset.number == number)).scalar_one()


def new_dataset(database: Database, storage: Storage, count: int) -> tuple[int, list[File]]:
    """Make a dataset of objects with a file of their own; return its number and the files."""
    with database.write() as session:
        rows = Rows(session)
        dataset = rows.dataset()
        files = [rows.file(storage, f"file {number}".encode()) for number in range(count)]
        draft = Draft.of_request(dataset)
        draft.stage(session, {f"{n:03}.jpg": State(file) for n, file in enumerate(files)})
        draft.publish(session, None, "create")
        return dataset.number, files


def new_push(database: Database, number: int, entries: Mapping[str, Any]) -> str:
    with database.write() as session:
        return Rows(session).push(locked(session, number), entries).id


def begin(
    database: Database, number: int, operation: str, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """Begin a job as a request does; return its payload."""
    job_id = new_id()
    payload = {
        "dataset": number,
        "job": job_id,
        "operation": operation,
        "arguments": dict(arguments),
        "author": None,
        "message": "By a job",
    }
    with database.write() as session:
        Draft.of_job(session, locked(session, number), job_id)
        jobs.enqueue(session, "revise_dataset", payload, job_id=job_id)
    return payload


def do_chunks(settings: Settings, database: Database, payload: Payload, count: int) -> None:
    """Do the first chunks of a job."""
    context = Context(settings, database, Storage.from_url(settings.storage))
    cursor = None
    for _ in range(count):
        prepared = HANDLER.prepare(context, payload, cursor)
        with database.write() as session:
            cursor = HANDLER.apply(session, payload, prepared).cursor
        assert cursor is not None, "that was the last"


def contents(database: Database, number: int, revision: int | None = None) -> dict[str, Any]:
    """Return the objects of a revision: file, labels, type, tags by their names."""
    with database.read() as session:
        dataset = locked(session, number)
        rows = queries.page(session, dataset, revision or dataset.head, Filter(), limit=10_000)
        shown = [objects.rendered(row) for row in rows]
    return {
        each["name"]: (each["sha256"], len(each["annotations"]), each["type"], each["tags"])
        for each in shown
    }


def everything(database: Database, number: int) -> dict[str, Any]:
    """Return all rows of a dataset."""
    with database.read() as session:
        found: dict[str, Any] = {
            table.__name__: sorted(
                str(dict(row))
                for row in session.execute(
                    select(table.__table__).where(table.dataset_number == number)
                ).mappings()
            )
            for table in (DatasetObject, DatasetState, DatasetFile, DatasetLabels, DatasetRevision)
        }
        row = session.execute(
            select(Dataset.__table__).where(Dataset.__table__.c.number == number)
        ).mappings()
        found["Dataset"] = dict(row.one())
    return found


def head(database: Database, number: int) -> DatasetRevision:
    with database.read() as session:
        return revisions.find_number(session, dataset := locked(session, number), dataset.head)


def changes_of(files: list[File]) -> dict[str, State | Change | None]:
    """Return changes of a dataset of 20 objects, 40 of them."""
    return {
        **{f"new/{n:03}.jpg": State(file, CAT, tags=["new"]) for n, file in enumerate(files)},
        **{f"{n:03}.jpg": Change(document=CAT, type="train") for n in range(10)},
        **{f"{n:03}.jpg": None for n in range(10, 20)},
    }


@pytest.mark.slow
def test_kills_of_the_worker_cost_nothing_and_double_nothing(
    database: Database, storage: Storage, start_worker: StartWorker
) -> None:
    moments = random.Random(5)
    number, files = new_dataset(database, storage, 20)
    before = contents(database, number)
    push_id = new_push(database, number, changes_of(files))
    worker = start_worker()

    def survive(payload: Mapping[str, Any], kills: int) -> None:
        """Kill the worker of a job again and again; nothing of it is seen before its end."""
        nonlocal worker
        seen, at = contents(database, number), head(database, number).number
        for _ in range(kills):
            done = find_job(database, payload["job"]).done
            wait_for(lambda: find_job(database, payload["job"]).done > done, "progress")  # noqa: B023
            time.sleep(moments.uniform(0, 0.1))
            worker.kill()
            assert find_job(database, payload["job"]).status == "running"
            assert head(database, number).number == at
            assert contents(database, number) == seen
            worker = start_worker()
        assert wait_for_end(database, payload["job"]).status == "completed"

    survive(begin(database, number, "push", {"push": push_id}), kills=2)
    pushed = head(database, number)
    assert (pushed.number, pushed.via, pushed.message) == (3, "push", "By a job")
    assert (pushed.added, pushed.changed, pushed.removed) == (20, 10, 10)
    assert (pushed.object_count, pushed.size) == (
        30,
        sum(each.size for each in files) + sum(each.size for each in files[:10]),
    )
    expected = {f"{n:03}.jpg": (files[n].sha256, 1, "train", []) for n in range(10)}
    expected |= {f"new/{n:03}.jpg": (files[n].sha256, 1, "none", ["new"]) for n in range(20)}
    assert contents(database, number) == expected
    with database.read() as session:
        assert session.get(DatasetPush, push_id) is None
        assert locked(session, number).draft_job is None

    survive(begin(database, number, "restore", {"revision": 2}), kills=2)
    restored = head(database, number)
    assert (restored.number, restored.via) == (4, "restore")
    assert (restored.added, restored.changed, restored.removed) == (10, 10, 20)
    assert contents(database, number) == before
    assert contents(database, number, 3) == expected
    with database.read() as session:
        hashes = [
            revisions.find_number(session, locked(session, number), each).content_sha256
            for each in (2, 4)
        ]
        assert hashes[0] == hashes[1]
        states = session.scalar(select(func.count()).select_from(DatasetState))
        assert states == 20 + 30 + 20


@pytest.mark.slow
def test_a_cancel_at_any_moment_leaves_a_whole_revision_or_none(
    database: Database, storage: Storage, start_worker: StartWorker
) -> None:
    moments = random.Random(7)
    number, files = new_dataset(database, storage, 20)
    start_worker()
    canceled = 0
    for turn in range(6):
        before, at = contents(database, number), head(database, number)
        push_id = new_push(
            database,
            number,
            changes_of(files)
            if turn % 2 == 0
            else {
                **{f"new/{n:03}.jpg": None for n in range(20)},
                **{f"{n:03}.jpg": State(files[n]) for n in range(20)},
            },
        )
        job_id = begin(database, number, "push", {"push": push_id})["job"]
        if turn:
            wait_for(lambda: find_job(database, job_id).status != "pending", "a start")  # noqa: B023
        time.sleep(moments.uniform(0, 0.4))
        with database.write() as session:
            was_active = jobs.cancel(session, job_id)
        wait_for(lambda: find_job(database, job_id).status in ENDED, "the end")  # noqa: B023
        job = find_job(database, job_id)
        now = head(database, number)
        with database.read() as session:
            dataset = locked(session, number)
            assert (dataset.draft_job, dataset.draft) == (None, None)
            drafts = select(func.count()).where(
                DatasetState.dataset_number == number, DatasetState.born > dataset.head
            )
            assert session.scalar(drafts) == 0
            assert (session.get(DatasetPush, push_id) is None) == (not was_active)
        if was_active:
            canceled += 1
            assert (job.status, now.id) == ("canceled", at.id)
            assert contents(database, number) == before
        else:
            assert (job.status, now.number) == ("completed", at.number + 1)
    assert canceled, "the first is canceled before a worker can have it done"


@pytest.mark.parametrize("operation", ["push", "restore"])
def test_a_job_that_is_canceled_on_its_way_has_left_nothing(
    settings: Settings,
    database: Database,
    storage: Storage,
    one_object_a_chunk: None,
    operation: str,
) -> None:
    """Files that only the draft had kept their blobs for ever."""
    number, files = new_dataset(database, storage, 3)
    with database.write() as session:
        draft = Draft.of_request(locked(session, number))
        draft.stage(
            session, {"000.jpg": None, "001.jpg": Change(document=CAT), "x.jpg": State(files[0])}
        )
        draft.publish(session, None, "update")
        new = Rows(session).file(storage, b"a new file")
    entries = {
        "000.jpg": State(new, document_of([], {"new": 1})),
        "001.jpg": Change(document=document_of([], {"new": 2}), tags=["x"]),
        "002.jpg": None,
        "y.jpg": State(new),
        "z.jpg": State(new),
    }
    push_id = new_push(database, number, entries)
    before = everything(database, number)
    arguments = {"push": {"push": push_id}, "restore": {"revision": 2}}[operation]
    payload = begin(database, number, operation, arguments)
    do_chunks(settings, database, payload, {"push": 4, "restore": 2}[operation])
    assert everything(database, number) != before
    with database.write() as session:
        assert jobs.cancel(session, payload["job"])
    assert everything(database, number) == before
    with database.read() as session:
        assert session.get(DatasetPush, push_id) is not None
    run_to_end(HANDLER, settings, database, begin(database, number, operation, arguments))
    assert head(database, number).number == 4


def test_the_end_of_a_job_is_no_matter_of_another_ones_draft(
    settings: Settings, database: Database, storage: Storage, one_object_a_chunk: None
) -> None:
    """A job that ended after its revision was made dropped the draft of the next."""
    number, files = new_dataset(database, storage, 2)
    first = begin(database, number, "push", {"push": new_push(database, number, {})})
    run_to_end(HANDLER, settings, database, first)
    entries = {"000.jpg": None, "a.jpg": State(files[0]), "b.jpg": State(files[0])}
    second = begin(database, number, "push", {"push": new_push(database, number, entries)})
    do_chunks(settings, database, second, 2)
    with database.write() as session:
        HANDLER.on_end(session, first, "canceled", None)
    with pytest.raises(JobError, match="the dataset was deleted"):
        do_chunks(
            settings, database, first | {"operation": "restore", "arguments": {"revision": 1}}, 1
        )
    run_to_end(HANDLER, settings, database, second)
    assert sorted(contents(database, number)) == ["001.jpg", "a.jpg", "b.jpg"]
    with database.write() as session:
        HANDLER.on_end(session, second, "failed", "too late")
    assert sorted(contents(database, number)) == ["001.jpg", "a.jpg", "b.jpg"]


def test_a_dataset_that_is_deleted_meanwhile_ends_the_job(
    settings: Settings, database: Database, storage: Storage, one_object_a_chunk: None
) -> None:
    number, _ = new_dataset(database, storage, 3)
    payload = begin(database, number, "restore", {"revision": 1})
    context = Context(settings, database, storage)
    chunk = HANDLER.prepare(context, payload, None)
    with database.write() as session:
        session.execute(update(Dataset).values(deleted_at=now_ms()))
    with pytest.raises(JobError, match="the dataset was deleted"), database.write() as session:
        HANDLER.apply(session, payload, chunk)
    with pytest.raises(JobError, match="the dataset was deleted"):
        HANDLER.prepare(context, payload, None)
    with database.write() as session:
        HANDLER.on_end(session, payload, "failed", "the dataset was deleted")
        HANDLER.on_end(session, {**payload, "dataset": 0}, "failed", "it is gone altogether")


def test_what_a_job_stores_is_claimed_and_what_is_surplus_deleted(
    settings: Settings, database: Database, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two chunks store a file that is there and one that is not; of the last nothing is deleted."""
    number, _ = new_dataset(database, storage, 1)
    stored: list[StoredBlob] = []

    def prepare(context: Context, dataset: Dataset, arguments: Any, cursor: Any) -> Chunk:
        turn = cursor or 0
        wanted = {}
        blobs = []
        for name, data in ((f"old {turn}.jpg", b"file 0"), (f"new {turn}.jpg", bytes([turn]))):
            blob = _stored(storage, data)
            stored.append(blob)
            blobs.append(blob)
            wanted[name] = State(File(blob.sha256, "image", "image/jpeg", blob.size, {}))
        return Chunk(wanted, turn + 1 if turn == 0 else None, turn, None, blobs)

    monkeypatch.setitem(OPERATIONS, "test", Operation("import", prepare))
    run_to_end(HANDLER, settings, database, begin(database, number, "test", {}))
    assert len(contents(database, number)) == 5
    surplus, new, left, last = stored
    assert not storage.exists(surplus.key)
    assert storage.exists(new.key)
    assert storage.exists(last.key)
    assert storage.exists(left.key), "it waits for the sweep, as the job has ended"
    assert head(database, number).via == "import"


def _stored(storage: Storage, data: bytes) -> StoredBlob:
    sha256 = hashlib.sha256(data).hexdigest()
    blob = StoredBlob(sha256, new_key(sha256), len(data))
    storage.put_bytes(blob.key, data)
    return blob
