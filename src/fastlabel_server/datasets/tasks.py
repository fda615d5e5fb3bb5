"""What goes from datasets to projects and back, as requests see it: begun and looked at."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from fastlabel.modalities import PROJECT_TYPES
from fastlabel.types import DatasetJob, DatasetTask
from fastlabel_server import jobs
from fastlabel_server.access import STATUS_RIGHTS, Access, Right, find_project
from fastlabel_server.calls import Call, Page
from fastlabel_server.datasets import queries, revisions, work
from fastlabel_server.datasets.schemas import ObjectsFromTasks, TaskRegistration
from fastlabel_server.datasets.service import find_row
from fastlabel_server.errors import Invalid, NotFound
from fastlabel_server.paging import cursor_behind, read_cursor
from fastlabel_server.tables import (
    Dataset,
    DatasetObject,
    DatasetRevision,
    Task,
    TaskSource,
    new_id,
)

APPROVED = "approved"


def register(call: Call, dataset_id: str, body: TaskRegistration) -> DatasetJob:
    """Begin to make tasks of the objects of a revision.

    Raises:
        NotFound: no such dataset, revision, project or object.
        Forbidden: the caller may not create tasks there, or classes where that is asked for.
        Invalid: the project's tasks are not made of one file each.
    """
    session = call.session
    dataset = find_row(session, call.caller, dataset_id=dataset_id)
    access = find_project(session, call.caller, Right.MANAGE_TASKS, slug=body.project)
    access.require(STATUS_RIGHTS[body.status])
    if body.create_classes:
        access.require(Right.CONFIGURE)
    _check_takes_objects(access)
    number = revisions.find(session, dataset, body.version, body.revision_id)
    job_id = new_id()
    payload = {
        "job": job_id,
        "operation": "register",
        "dataset": dataset.number,
        "revision": number,
        "project": access.project.id,
        "filter": {
            **body.filter.model_dump(),
            "seqs": _seqs(session, dataset, number, body.object_names),
        },
        "fields": {"status": body.status, "tags": body.tags or []},
        "withAnnotations": body.with_annotations,
        "createClasses": body.create_classes and body.with_annotations,
        "author": call.caller.user_id,
    }
    jobs.enqueue(session, work.REGISTER, payload, requested_by=call.caller.user_id, job_id=job_id)
    return work.shown(session, dataset, job_id)


def from_tasks(call: Call, dataset_id: str, body: ObjectsFromTasks) -> DatasetJob:
    """Begin to make objects of tasks, as one revision.

    Raises:
        NotFound: no such dataset, project or task.
        Invalid: the labels of the project's tasks belong to no single file.
        Conflict: a job is changing the dataset.
    """
    session = call.session
    dataset = find_row(session, call.caller, dataset_id=dataset_id, to_change=True)
    access = find_project(session, call.caller, slug=body.project)
    _check_has_objects(access)
    _check_tasks(session, access, body.ids or ())
    is_default = body.ids is None and not body.given("status")
    arguments = {
        "project": access.project.id,
        "lastSeq": access.project.last_seq,
        "status": APPROVED if is_default else body.status,
        "tags": body.tags or [],
        "ids": body.ids,
        "prefix": body.prefix or "",
        "type": body.type,
        "objectTags": body.object_tags,
    }
    message = body.message or f"Tasks of {access.project.slug}"
    return work.start(call, dataset, "tasks", arguments, message)


def get(
    call: Call, dataset_id: str, project: str, offset: int, limit: int, cursor: str | None
) -> Page:
    """Return the tasks of a project that were registered from a dataset, oldest first."""
    session = call.session
    dataset = find_row(session, call.caller, dataset_id=dataset_id)
    access = find_project(session, call.caller, slug=project)
    after = read_cursor(cursor) if cursor else 0
    rows = session.execute(
        select(
            Task.id,
            Task.seq,
            Task.name,
            Task.status,
            DatasetObject.name.label("object_name"),
            DatasetRevision.id.label("revision_id"),
        )
        .join(TaskSource, TaskSource.task_id == Task.id)
        .join(
            DatasetObject,
            and_(
                DatasetObject.dataset_number == TaskSource.dataset_number,
                DatasetObject.seq == TaskSource.seq,
            ),
        )
        .join(
            DatasetRevision,
            and_(
                DatasetRevision.dataset_number == TaskSource.dataset_number,
                DatasetRevision.number == TaskSource.revision,
            ),
        )
        .where(
            Task.project_id == access.project.id,
            TaskSource.dataset_number == dataset.number,
            Task.seq > after,
        )
        .order_by(Task.seq)
        .offset(offset)
        .limit(limit)
    ).all()
    following = cursor_behind(rows[-1].seq) if len(rows) == limit else None
    return Page([_rendered(row) for row in rows], following)


def _rendered(row: Any) -> DatasetTask:
    return {
        "taskId": row.id,
        "taskName": row.name,
        "status": row.status,
        "objectName": row.object_name,
        "revisionId": row.revision_id,
    }


def _check_takes_objects(access: Access) -> None:
    project = access.project
    kind = PROJECT_TYPES[project.type].kind
    if not kind.is_imported:
        raise Invalid(
            f"project: {project.slug!r} is of type {project.type} and holds {kind.title}; "
            "objects become tasks of one file each"
        )


def _check_has_objects(access: Access) -> None:
    project = access.project
    kind = PROJECT_TYPES[project.type].kind
    if not kind.labels_lie_in_files:
        raise Invalid(
            f"project: {project.slug!r} is of type {project.type}; the labels of {kind.title} "
            "belong to all files of a task, so that none of them can become an object alone"
        )


def _seqs(
    session: Session, dataset: Dataset, number: int, names: list[str] | None
) -> list[int] | None:
    if names is None:
        return None
    found = queries.seqs_of(session, dataset, number, names)
    for index, name in enumerate(names):
        if name not in found:
            raise NotFound(
                f"objectNames[{index}]: the revision of dataset {dataset.name!r} has no object "
                f"{name!r}"
            )
    return sorted(set(found.values()))


def _check_tasks(session: Session, access: Access, ids: list[str] | tuple[()]) -> None:
    known: set[str] = set()
    for first in range(0, len(ids), queries.NAMES):
        part = ids[first : first + queries.NAMES]
        known |= set(
            session.scalars(
                select(Task.id).where(Task.project_id == access.project.id, Task.id.in_(part))
            )
        )
    for index, task_id in enumerate(ids):
        if task_id not in known:
            raise NotFound(f"ids[{index}]: project {access.project.slug!r} has no task {task_id!r}")
