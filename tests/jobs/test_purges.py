"""What is deleted is gone in the end, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from fastlabel_server.datasets.changes import State
from fastlabel_server.datasets.drafts import Draft
from fastlabel_server.datasets.labels import document_of
from fastlabel_server.db import Database
from fastlabel_server.jobs.handlers import HANDLERS, purge_class, purge_dataset, purge_project
from fastlabel_server.settings import Settings
from fastlabel_server.storage import Storage
from fastlabel_server.tables import (
    Content,
    Dataset,
    DatasetFile,
    DatasetLabels,
    DatasetObject,
    DatasetPush,
    DatasetPushEntry,
    DatasetRevision,
    DatasetState,
    DatasetVersion,
    Project,
    Task,
    TaskClass,
    TaskRevision,
    TaskSource,
    now_ms,
)
from jobs.chunks import run_to_end
from jobs.rows import Rows


def count(database: Database, table: type[Any]) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_purged_project_leaves_nothing(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge_project, "TASKS", 2)
    with database.write() as session:
        rows = Rows(session)
        project = rows.project(deleted_at=now_ms())
        other = rows.project()
        for number in range(5):
            rows.content(rows.task(project, f"{number}.jpg"))
        kept = rows.task(other, "kept.jpg").id
    steps = run_to_end(HANDLERS["purge_project"], settings, database, {"projectId": project.id})
    assert [(step.done, step.total) for step in steps] == [(2, 5), (4, 5), (5, 5), (5, 5)]
    with database.read() as session:
        assert session.scalars(select(Task.id)).all() == [kept]
        assert session.scalars(select(Project.id)).all() == [other.id]
    assert count(database, Content) == 0
    assert count(database, TaskRevision) == 1


def test_a_project_that_is_not_deleted_keeps_its_row(
    settings: Settings, database: Database
) -> None:
    with database.write() as session:
        project = Rows(session).project()
    run_to_end(HANDLERS["purge_project"], settings, database, {"projectId": project.id})
    assert count(database, Project) == 1


def test_annotations_of_a_purged_class_are_taken_out_with_their_relations(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge_class, "TASKS", 2)
    gone = {"id": "g", "classId": "gone", "points": [1, 2], "attributes": []}
    first = {"id": "a", "classId": "kept", "points": [0.5, 2], "attributes": []}
    second = {"id": "b", "classId": "kept", "points": [3, 4], "attributes": []}
    relations = [{"startId": "a", "endId": "b"}, {"startId": "a", "endId": "g"}]
    with database.write() as session:
        rows = Rows(session)
        project = rows.project()
        mixed = [
            rows.task(
                project,
                f"{number}.jpg",
                annotations=[first, gone, second],
                relations=relations,
                updated_at=1_000,
            )
            for number in range(3)
        ]
        untouched = rows.task(project, "untouched.jpg", annotations=[first])
    steps = run_to_end(HANDLERS["purge_class"], settings, database, {"classId": "gone"})
    assert [(step.done, step.total) for step in steps] == [(2, 3), (3, 3), (3, 3)]
    with database.read() as session:
        for task in mixed:
            found = session.get_one(Task, task.id)
            assert found.annotations == [first, second]
            assert found.relations == [{"startId": "a", "endId": "b"}]
            assert (found.revision, found.updated_at) == (1, 1_000)
        assert session.get_one(Task, untouched.id).annotations == [first]
        counted = session.execute(select(TaskClass.class_id, TaskClass.count)).all()
    assert {class_id for class_id, _ in counted} == {"kept"}
    assert len(counted) == 4


def test_a_purged_dataset_leaves_nothing_and_takes_its_tasks_along(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TASKS", "ROWS"):
        monkeypatch.setattr(purge_dataset, name, 2)
    storage = Storage.from_url(settings.storage)
    with database.write() as session:
        rows = Rows(session)
        gone, other = rows.dataset(), rows.dataset()
        project = rows.project()
        for dataset in (gone, other):
            files = [rows.file(storage, bytes([dataset.number, n])) for n in range(3)]
            draft = Draft.of_request(dataset)
            wanted = {f"{n}.jpg": State(files[n % 3], document_of([], {"n": n})) for n in range(5)}
            draft.stage(session, wanted)
            draft.publish(session, None, "push")
            session.add(DatasetVersion(dataset_number=dataset.number, name="v1", revision=2))
            rows.push(dataset, {"a.jpg": State(files[0])})
            for number in range(3):
                task = rows.task(project, f"{dataset.number}-{number}.jpg")
                source = {"dataset_number": dataset.number, "seq": number + 1, "revision": 2}
                session.add(TaskSource(task_id=task.id, **source))
        free = rows.task(project, "of nobody.jpg").id
        gone.deleted_at = now_ms()
    steps = run_to_end(HANDLERS["purge_dataset"], settings, database, {"dataset": gone.number})
    assert [step.done for step in steps] == [0, 0, 2, 4, 5, 5, 5, 5, 5, 5, 5]
    assert {step.total for step in steps} == {5}
    with database.read() as session:
        assert session.scalars(select(Dataset.number)).all() == [other.number]
        for table in (
            *(DatasetObject, DatasetState, DatasetFile, DatasetLabels, DatasetRevision),
            *(DatasetVersion, DatasetPush, TaskSource),
        ):
            assert set(session.scalars(select(table.dataset_number))) == {other.number}, table
        assert count(database, DatasetPushEntry) == 1
        assert set(session.scalars(select(Task.name))) == {
            *(f"{other.number}-{number}.jpg" for number in range(3)),
            "of nobody.jpg",
        }
        assert session.get(Task, free) is not None


def test_numbers_of_datasets_and_files_never_come_again(
    settings: Settings, database: Database
) -> None:
    """A URL of a deleted dataset, which is signed for hours, gave a file of the next one."""
    storage = Storage.from_url(settings.storage)
    numbers, keys = [], []
    for turn in range(2):
        with database.write() as session:
            rows = Rows(session)
            dataset = rows.dataset()
            draft = Draft.of_request(dataset)
            draft.stage(session, {"a.jpg": State(rows.file(storage, bytes([turn])))})
            draft.publish(session, None, "create")
            keys.append(session.scalars(select(DatasetFile.key)).one())
            numbers.append(dataset.number)
            dataset.deleted_at = now_ms()
        run_to_end(HANDLERS["purge_dataset"], settings, database, {"dataset": dataset.number})
    assert len(set(numbers)) == len(set(keys)) == 2
