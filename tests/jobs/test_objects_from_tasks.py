"""Tasks become objects of one revision, whatever happens to the worker."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from clouds import S3Server
from fastlabel_server.buckets import BucketUnavailable
from fastlabel_server.datasets import task_files
from fastlabel_server.datasets.task_files import HOPELESS_FROM, PATIENT_UNTIL
from fastlabel_server.db import Database
from fastlabel_server.jobs import Context, JobError
from fastlabel_server.jobs.handlers import HANDLERS
from fastlabel_server.settings import Settings
from fastlabel_server.storage import Storage
from fastlabel_server.stores import open_bucket
from fastlabel_server.tables import (
    Blob,
    Dataset,
    DatasetFile,
    DatasetObject,
    DatasetRevision,
    DatasetState,
    Project,
    ProjectBucket,
    Task,
    now_ms,
)
from jobs.chunks import run_to_end
from jobs.dataset_rows import Place, picture
from jobs.rows import Rows
from jobs.workers import WorkerProcess, find_job, wait_for, wait_for_end

KIND = "revise_dataset"
HANDLER = HANDLERS[KIND]
StartWorker = Callable[..., WorkerProcess]


@pytest.fixture
def place(settings: Settings, database: Database) -> Place:
    return Place(database, Storage.from_url(settings.storage))


def with_tasks(place: Place, settings: Settings, names: list[str]) -> Project:
    """Make a project with approved tasks that have a box each."""
    project = place.project()
    source = place.dataset(project)
    place.put(source, names)
    payload = place.registration(source, project)
    place.note("register_tasks", payload)
    run_to_end(HANDLERS["register_tasks"], settings, place.database, payload)
    return project


def begun(place: Place, dataset: Dataset, project: Project, **values: Any) -> dict[str, Any]:
    payload = place.sending(dataset, project, **values)
    place.note(KIND, payload)
    return payload


def objects(place: Place, dataset: Dataset) -> list[str]:
    """Return the names of the objects of the newest revision."""
    with place.database.read() as session:
        head = session.get_one(Dataset, dataset.number).head
        return list(
            session.scalars(
                select(DatasetObject.name)
                .join(
                    DatasetState,
                    (DatasetState.dataset_number == DatasetObject.dataset_number)
                    & (DatasetState.seq == DatasetObject.seq),
                )
                .where(
                    DatasetObject.dataset_number == dataset.number,
                    DatasetState.born <= head,
                    DatasetState.died > head,
                )
                .order_by(DatasetObject.seq)
            )
        )


@pytest.mark.slow
def test_kills_of_the_worker_at_any_moment_double_and_lose_nothing(
    place: Place, settings: Settings, start_worker: StartWorker
) -> None:
    moments = random.Random(11)
    names = [f"in/{number}.png" for number in range(400)]
    project = with_tasks(place, settings, names)
    dataset = place.dataset(project)
    payload = place.sending(dataset, project)
    job_id = place.enqueue(KIND, payload)
    worker = start_worker()
    for _ in range(4):
        before = find_job(place.database, job_id).done
        wait_for(lambda: find_job(place.database, job_id).done > before, "progress")  # noqa: B023
        time.sleep(moments.uniform(0, 0.2))
        worker.kill()
        assert find_job(place.database, job_id).status == "running"
        assert objects(place, dataset) == [], "objects are there when all of them are"
        worker = start_worker()
    job = wait_for_end(place.database, job_id)
    assert (job.status, job.done, job.total) == ("completed", 400, 400)
    assert place.report(payload) == {"created": 400, "annotations": 400}
    assert objects(place, dataset) == names
    here = DatasetState.dataset_number == dataset.number
    assert place.count(DatasetState, here) == 400
    with place.database.read() as session:
        revision = session.scalars(
            select(DatasetRevision).where(DatasetRevision.job_id == job_id)
        ).one()
        counted = (revision.number, revision.added, revision.object_count)
    assert counted == (2, 400, 400)

    again = place.sending(dataset, project)
    assert wait_for_end(place.database, place.enqueue(KIND, again)).status == "completed"
    assert place.report(again) == {"unchanged": 400}
    assert place.count(DatasetState, here) == 400
    assert place.count(DatasetRevision, DatasetRevision.dataset_number == dataset.number) == 2


def test_chunks_follow_one_another_and_one_done_again_changes_nothing(
    place: Place, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_files, "FILES", 2)
    names = [f"{number}.png" for number in range(5)]
    project = with_tasks(place, settings, names)
    dataset = place.dataset(project)
    payload = begun(place, dataset, project)
    context = Context(settings, place.database, place.storage)
    cursor, done = None, []
    while not done or cursor is not None:
        HANDLER.prepare(context, payload, cursor)  # the worker dies here
        prepared = HANDLER.prepare(context, payload, cursor)
        with place.database.write() as session:
            step = HANDLER.apply(session, payload, prepared)
        cursor = step.cursor
        done.append((step.done, step.total))
    assert done == [(2, 5), (4, 5), (5, 5)]
    assert place.report(payload) == {"created": 5, "annotations": 5}
    assert objects(place, dataset) == names


def test_tasks_that_are_made_or_deleted_meanwhile_do_not_disturb(
    place: Place, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that were there when the job began become objects, if they still are."""
    monkeypatch.setattr(task_files, "FILES", 2)
    project = with_tasks(place, settings, ["a.png", "b.png", "c.png", "d.png"])
    dataset = place.dataset(project)
    payload = begun(place, dataset, project)
    context = Context(settings, place.database, place.storage)
    prepared = HANDLER.prepare(context, payload, None)
    with place.database.write() as session:
        cursor = HANDLER.apply(session, payload, prepared).cursor
    other = place.dataset(project)
    place.put(other, ["e.png"])
    late = place.registration(other, project)
    place.note("register_tasks", late)
    run_to_end(HANDLERS["register_tasks"], settings, place.database, late)
    with place.database.write() as session:
        session.delete(session.scalars(select(Task).where(Task.name == "c.png")).one())
    prepared = HANDLER.prepare(context, payload, cursor)
    with place.database.write() as session:
        step = HANDLER.apply(session, payload, prepared)
    assert (step.cursor, step.done, step.total) == (None, 3, 3)
    assert objects(place, dataset) == ["a.png", "b.png", "d.png"]


def test_the_file_of_a_task_is_shared_and_claimed(place: Place, settings: Settings) -> None:
    """Even where the sweep has doomed it meanwhile."""
    project = with_tasks(place, settings, ["a.png"])
    dataset = place.dataset(project)
    payload = begun(place, dataset, project)
    with place.database.write() as session:
        session.execute(update(Blob).values(doomed_at=1))
    run_to_end(HANDLER, settings, place.database, payload)
    with place.database.read() as session:
        blob = session.scalars(select(Blob)).one()
        assert blob.doomed_at is None
        statement = select(DatasetFile).where(DatasetFile.dataset_number == dataset.number)
        file = session.scalars(statement).one()
    assert (file.blob_sha256, file.kind, file.media) == (
        blob.sha256,
        "image",
        {"width": 8, "height": 6},
    )
    assert place.storage.read(blob.key) == picture()


def test_a_project_that_is_deleted_meanwhile_leaves_the_dataset_as_it_was(
    place: Place, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_files, "FILES", 1)
    project = with_tasks(place, settings, ["a.png", "b.png"])
    dataset = place.dataset(project)
    payload = begun(place, dataset, project)
    context = Context(settings, place.database, place.storage)
    prepared = HANDLER.prepare(context, payload, None)
    with place.database.write() as session:
        cursor = HANDLER.apply(session, payload, prepared).cursor
        session.get_one(Project, project.id).deleted_at = now_ms()
    with pytest.raises(JobError, match="the project was deleted"):
        HANDLER.prepare(context, payload, cursor)
    with place.database.write() as session:
        HANDLER.on_end(session, payload, "failed", "the project was deleted")
    assert objects(place, dataset) == []
    with place.database.read() as session:
        row = session.get_one(Dataset, dataset.number)
        assert (row.head, row.draft_job) == (1, None)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_bucket_out_of_reach_is_waited_for_and_a_deadly_file_given_up(
    place: Place,
    settings: Settings,
    s3_cloud: S3Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    s3_cloud.enter(monkeypatch)
    bucket = s3_cloud.new_bucket()
    project = place.project()
    with place.database.write() as session:
        rows = Rows(session)
        session.add(ProjectBucket(project_id=project.id, kind="aws-s3", bucket=bucket))
        for name in ("a.png", "b.png"):
            s3_cloud.put(bucket, name, picture())
            task = rows.task(session.get_one(Project, project.id), name)
            task.status = "approved"
            rows.content(task, bucket_kind="aws-s3", bucket_path=name)
        session.get_one(Project, project.id).last_seq = 100
        session.execute(update(Task).values(status="approved"))
    dataset = place.dataset(project)
    payload = begun(place, dataset, project)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    open_bucket.cache_clear()
    with pytest.raises(BucketUnavailable):
        HANDLER.prepare(Context(settings, place.database, place.storage), payload, None)
    patient = Context(settings, place.database, place.storage, PATIENT_UNTIL)
    report = HANDLER.prepare(patient, payload, None).chunk.report
    assert report.counts == {"failed": 2}

    s3_cloud.enter(monkeypatch)
    hopeless = Context(settings, place.database, place.storage, HOPELESS_FROM)
    prepared = HANDLER.prepare(hopeless, payload, None)
    assert "the worker ended each time" in prepared.chunk.report.examples[0]["message"]
    with place.database.write() as session:
        cursor = HANDLER.apply(session, payload, prepared).cursor
    prepared = HANDLER.prepare(Context(settings, place.database, place.storage), payload, cursor)
    with place.database.write() as session:
        assert HANDLER.apply(session, payload, prepared).cursor is None
    assert objects(place, dataset) == ["b.png"]
    assert place.storage.read(prepared.chunk.blobs[0].key) == picture()
    assert list(settings.spool_dir.glob("*")) == []
