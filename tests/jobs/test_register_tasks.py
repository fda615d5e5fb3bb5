"""Objects become tasks once, whatever happens to the worker, the dataset and the project."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError

from fastlabel_server.datasets import queries
from fastlabel_server.db import Database
from fastlabel_server.jobs import Context, JobError
from fastlabel_server.jobs.handlers import HANDLERS, register_tasks
from fastlabel_server.settings import Settings
from fastlabel_server.storage import Storage
from fastlabel_server.tables import (
    AnnotationClass,
    Content,
    Dataset,
    Project,
    Task,
    TaskBlock,
    TaskClass,
    TaskRevision,
    TaskSource,
    now_ms,
)
from jobs.chunks import run_to_end
from jobs.dataset_rows import BOX, Place
from jobs.workers import WorkerProcess, find_job, wait_for, wait_for_end

KIND = "register_tasks"
HANDLER = HANDLERS[KIND]
StartWorker = Callable[..., WorkerProcess]


@pytest.fixture
def place(settings: Settings, database: Database) -> Place:
    return Place(database, Storage.from_url(settings.storage))


@pytest.fixture
def context(settings: Settings, place: Place) -> Context:
    return Context(settings, place.database, place.storage)


def begun(place: Place, names: list[str], **values: Any) -> tuple[Dataset, Project, dict[str, Any]]:
    """Make a dataset and a project, and the row of a registration that no worker takes."""
    project = place.project()
    dataset = place.dataset(project)
    place.put(dataset, names)
    payload = place.registration(dataset, project, **values)
    place.note(KIND, payload)
    return dataset, project, payload


def apply(place: Place, payload: Mapping[str, Any], prepared: Any) -> Any:
    """Apply a chunk; return the cursor of the next."""
    with place.database.write() as session:
        return HANDLER.apply(session, payload, prepared).cursor


@pytest.mark.slow
def test_kills_of_the_worker_at_any_moment_make_nothing_twice(
    place: Place, start_worker: StartWorker
) -> None:
    moments = random.Random(7)
    project = place.project()
    dataset = place.dataset(project)
    names = [f"in/{number}.png" for number in range(400)]
    place.put(dataset, names)
    place.put(dataset, ["late.png"])
    payload = place.registration(dataset, project)
    job_id = place.enqueue(KIND, payload)
    worker = start_worker()
    for _ in range(4):
        before = find_job(place.database, job_id).done
        wait_for(lambda: find_job(place.database, job_id).done > before, "progress")  # noqa: B023
        time.sleep(moments.uniform(0, 0.2))
        worker.kill()
        assert find_job(place.database, job_id).status == "running"
        worker = start_worker()
    job = wait_for_end(place.database, job_id)
    assert (job.status, job.done, job.total) == ("completed", 401, 401)
    assert place.report(payload) == {"created": 401, "annotations": 401}
    assert place.names(project) == [*names, "late.png"]
    for table in (Task, TaskSource, Content, TaskRevision, TaskClass):
        assert place.count(table) == 401, table
    with place.database.read() as session:
        assert sum(session.scalars(select(TaskBlock.count))) == 401
        seqs = session.scalars(select(TaskSource.seq).order_by(TaskSource.seq)).all()
    assert seqs == list(range(1, 402))

    again = place.registration(dataset, project)
    assert wait_for_end(place.database, place.enqueue(KIND, again)).status == "completed"
    assert place.report(again) == {"unchanged": 401}
    assert place.count(Task) == 401


def test_a_chunk_that_is_done_again_makes_nothing_twice(
    place: Place, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register_tasks, "OBJECTS", 2)
    _, project, payload = begun(place, ["a.png", "b.png", "c.png"])
    HANDLER.prepare(context, payload, None)  # the worker dies here
    cursor = apply(place, payload, HANDLER.prepare(context, payload, None))
    HANDLER.prepare(context, payload, cursor)  # and here
    prepared = HANDLER.prepare(context, payload, cursor)
    with pytest.raises(RuntimeError), place.database.write() as session:
        HANDLER.apply(session, payload, prepared)
        raise RuntimeError("the transaction is made again")
    assert apply(place, payload, prepared) is None
    assert place.names(project) == ["a.png", "b.png", "c.png"]
    assert place.report(payload) == {"created": 3, "annotations": 3}


def test_what_somebody_else_makes_meanwhile_is_seen(place: Place, context: Context) -> None:
    """By registrations of the same objects, and of those of another dataset."""
    _, project, payload = begun(place, ["a.png", "b.png", "c.png"])
    prepared = HANDLER.prepare(context, payload, None)
    same = {**payload, "job": "same", "filter": {**payload["filter"], "seqs": [2]}}
    other = place.dataset(project)
    place.put(other, ["c.png"])
    for quicker in (same, place.registration(other, project)):
        place.note(KIND, quicker)
        apply(place, quicker, HANDLER.prepare(context, quicker, None))
    apply(place, payload, prepared)
    assert place.report(payload) == {
        "created": 1,
        "unchanged": 1,
        "taken": 1,
        "annotations": 1,
        "examples": [
            {
                "name": "c.png",
                "message": f"name: project {project.slug!r} has another task of this name",
            }
        ],
    }
    assert sorted(place.names(project)) == ["a.png", "b.png", "c.png"]
    assert place.count(TaskSource) == 3


def test_classes_are_collected_over_all_chunks_before_the_first_task(
    place: Place, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register_tasks, "OBJECTS", 2)
    monkeypatch.setattr(register_tasks, "LOOKED_AT", 3)
    project = place.project()
    dataset = place.dataset(project)
    for number in range(5):
        answer = {"key": "size", "type": "select", "value": f"s{number}"}
        annotation = {**BOX, "value": "dog", "attributes": [answer]}
        place.put(dataset, [f"{number}.png"], [BOX, annotation])
    payload = place.registration(dataset, project, createClasses=True)
    place.note(KIND, payload)
    steps = run_to_end(HANDLER, settings, place.database, payload)
    assert [step.done for step in steps] == [1, 2, 3, 4, 5]
    assert {step.total for step in steps} == {5}
    assert place.report(payload) == {"created": 5, "annotations": 10, "classes": ["dog"]}
    with place.database.read() as session:
        statement = select(AnnotationClass).where(AnnotationClass.value == "dog")
        [attribute] = session.scalars(statement).one().attributes
    assert [one["value"] for one in attribute["options"]] == ["s0", "s1", "s2", "s3", "s4"]


def test_objects_with_many_annotations_come_in_smaller_chunks(
    place: Place, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a chunk's objects all labels are in memory; an object alone always comes along."""
    monkeypatch.setattr(register_tasks, "LABEL_BYTES", 200)
    project = place.project()
    dataset = place.dataset(project)
    chance = random.Random(1)
    for number in range(4):
        points = [[chance.random() for _ in range(4)] for _ in range(30 if number == 1 else 1)]
        place.put(dataset, [f"{number}.png"], [{**BOX, "points": each} for each in points])
    payload = place.registration(dataset, project)
    place.note(KIND, payload)
    steps = run_to_end(HANDLER, settings, place.database, payload)
    assert [step.done for step in steps] == [1, 2, 3, 4]
    assert place.report(payload) == {"created": 4, "annotations": 33}


@pytest.mark.parametrize(
    ("sizes", "most", "count"),
    [([], 5, 0), ([9], 5, 1), ([9, 1], 5, 1), ([2, 3, 1], 5, 2), ([0, 0, 6, 0], 5, 2)],
)
def test_as_many_fit_as_add_up_to_the_most(sizes: list[int], most: int, count: int) -> None:
    assert queries.fitting(sizes, most) == count


def test_nothing_is_made_for_a_dataset_or_a_project_that_was_deleted(
    place: Place, context: Context
) -> None:
    dataset, project, payload = begun(place, ["a.png"])
    prepared = HANDLER.prepare(context, payload, None)
    for table, row_id, what in ((Dataset, dataset.id, "dataset"), (Project, project.id, "project")):
        with place.database.write() as session:
            session.execute(update(table).where(table.id == row_id).values(deleted_at=now_ms()))
        with pytest.raises(JobError, match=f"the {what} was deleted"):
            apply(place, payload, prepared)
        with pytest.raises(JobError, match=f"the {what} was deleted"):
            HANDLER.prepare(context, payload, None)
        with place.database.write() as session:
            session.execute(update(table).where(table.id == row_id).values(deleted_at=None))
    assert place.count(Task) == 0


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_a_dataset_is_not_deleted_in_the_midst_of_a_chunk(place: Place, context: Context) -> None:
    """Whoever deletes it afterwards finds the tasks that were made; on SQLite one writes anyway."""
    dataset, _, payload = begun(place, ["a.png"])
    prepared = HANDLER.prepare(context, payload, None)
    lock = select(Dataset).where(Dataset.number == dataset.number).with_for_update()
    with place.database.write() as session:
        HANDLER.apply(session, payload, prepared)
        with (
            pytest.raises(OperationalError, match="lock timeout"),
            place.database.write() as deleting,
        ):
            deleting.execute(text("SET LOCAL lock_timeout = '100ms'"))
            deleting.execute(lock)
    with place.database.write() as deleting:
        deleting.execute(lock)
    assert place.count(TaskSource) == 1


def test_a_purged_dataset_takes_its_tasks_with_it(
    place: Place, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    purge_dataset = HANDLERS["purge_dataset"]
    monkeypatch.setitem(purge_dataset.apply.__globals__, "TASKS", 2)
    dataset, project, payload = begun(place, [f"{number}.png" for number in range(5)])
    run_to_end(HANDLER, settings, place.database, payload)
    other, _, kept = begun(place, ["kept.png"])
    run_to_end(HANDLER, settings, place.database, kept)
    with place.database.write() as session:
        session.get_one(Dataset, dataset.number).deleted_at = now_ms()
    run_to_end(purge_dataset, settings, place.database, {"dataset": dataset.number})
    assert place.names(project) == []
    assert place.count(Dataset) == 1
    for table in (Task, TaskSource, Content, TaskRevision, TaskClass):
        assert place.count(table) == 1, table
    with place.database.read() as session:
        assert session.scalars(select(TaskSource.dataset_number)).one() == other.number
        assert sum(session.scalars(select(TaskBlock.count))) == 1
