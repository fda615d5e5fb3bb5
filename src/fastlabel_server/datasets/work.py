"""Changes that jobs make, as requests see them: begun, looked at, ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel.types import DatasetJob
from fastlabel_server import jobs
from fastlabel_server.calls import Call
from fastlabel_server.datasets import revisions
from fastlabel_server.datasets.drafts import Draft
from fastlabel_server.datasets.schemas import Restore
from fastlabel_server.datasets.service import find_row
from fastlabel_server.errors import Conflict, NotFound
from fastlabel_server.tables import Dataset, DatasetRevision, Job, new_id

JOB: Final = "revise_dataset"
REGISTER: Final = "register_tasks"
"""The job that changes no dataset: it makes tasks of objects."""


def start(
    call: Call,
    dataset: Dataset,
    operation: str,
    arguments: Mapping[str, Any],
    message: str = "",
    *,
    queue: str | None = None,
) -> DatasetJob:
    """Begin to change a dataset, which must be locked: until it is done nobody else does."""
    job_id = new_id()
    Draft.of_job(call.session, dataset, job_id)
    payload = {
        "dataset": dataset.number,
        "job": job_id,
        "operation": operation,
        "arguments": dict(arguments),
        "author": call.caller.user_id,
        "message": message,
    }
    jobs.enqueue(
        call.session,
        JOB,
        payload,
        requested_by=call.caller.user_id,
        queue=queue,
        job_id=job_id,
    )
    return shown(call.session, dataset, job_id)


def restore(call: Call, dataset_id: str, body: Restore) -> DatasetJob:
    """Begin to make the objects of an earlier revision the newest ones."""
    dataset = find_row(call.session, call.caller, dataset_id=dataset_id, to_change=True)
    number = revisions.find(call.session, dataset, body.version, body.revision_id)
    revision = revisions.find_number(call.session, dataset, number)
    message = body.message or f"Restore {revision.id[: revisions.MIN_PREFIX]}"
    return start(call, dataset, "restore", {"revision": number}, message)


def find(call: Call, dataset_id: str, job_id: str) -> DatasetJob:
    """Return how far a change is."""
    return shown(call.session, find_row(call.session, call.caller, dataset_id=dataset_id), job_id)


def shown(session: Session, dataset: Dataset, job_id: str) -> DatasetJob:
    """Return a job of a dataset as the API shows it."""
    return _rendered(session, dataset, _found(session, dataset, job_id))


def cancel(call: Call, dataset_id: str, job_id: str) -> DatasetJob:
    """End a change; the dataset stays as it was. Tasks that were registered stay, too.

    Raises:
        Conflict: it has ended.
    """
    dataset = find_row(call.session, call.caller, dataset_id=dataset_id)
    job = _found(call.session, dataset, job_id)
    was_active = jobs.cancel(call.session, job_id)
    call.session.refresh(job)
    if not was_active:
        raise Conflict(f"job: {job_id!r} has ended: {job.status}")
    return _rendered(call.session, dataset, job)


def _found(session: Session, dataset: Dataset, job_id: str) -> Job:
    job = session.get(Job, job_id)
    if job is None or job.kind not in (JOB, REGISTER) or job.payload["dataset"] != dataset.number:
        raise NotFound(f"job: dataset {dataset.name!r} has no job {job_id!r}")
    return job


def _rendered(session: Session, dataset: Dataset, job: Job) -> DatasetJob:
    revision = session.scalar(
        select(DatasetRevision.id).where(
            DatasetRevision.dataset_number == dataset.number, DatasetRevision.job_id == job.id
        )
    )
    # What a change would have come to is undone with it; tasks that were registered stay.
    is_undone = job.kind == JOB and job.status in ("failed", "canceled")
    return {
        "id": job.id,
        "operation": job.payload["operation"],
        "status": cast("Any", job.status),
        "message": job.message or "",
        "done": job.done,
        "total": job.total,
        "revisionId": revision,
        "report": None if is_undone else cast("Any", job.report),
    }
