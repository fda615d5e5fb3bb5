"""Pushes: many objects brought piece by piece, which become one revision together.

What arrived stays: a push that broke off is gone on with under the same key, and files that the
dataset has already need not be sent again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fastlabel.modalities.objects import object_rule
from fastlabel.types import DatasetJob
from fastlabel.types import DatasetPush as PushJson
from fastlabel_server import blobs
from fastlabel_server.calls import Call
from fastlabel_server.datasets import labels, work
from fastlabel_server.datasets.changes import File
from fastlabel_server.datasets.current import current_states
from fastlabel_server.datasets.drafts import check_no_draft
from fastlabel_server.datasets.objects import stored
from fastlabel_server.datasets.revisions import find_number
from fastlabel_server.datasets.schemas import (
    PushCommit,
    PushedObject,
    PushedObjects,
    PushStart,
)
from fastlabel_server.datasets.service import find_row
from fastlabel_server.datasets.shared_rows import dialect_insert
from fastlabel_server.errors import Conflict, Invalid, NotFound
from fastlabel_server.tables import (
    Dataset,
    DatasetFile,
    DatasetPush,
    DatasetPushEntry,
    Job,
    now_ms,
)
from fastlabel_server.uploads import Upload


def start(call: Call, dataset_id: str, body: PushStart) -> PushJson:
    """Begin a push, or go on with the caller's one of the same key."""
    session = call.session
    dataset = find_row(session, call.caller, dataset_id=dataset_id)
    its = {
        "dataset_number": dataset.number,
        "author_id": call.caller.user_id,
        "key": body.key,
    }
    # Two that begin it at once begin the same one.
    session.execute(dialect_insert(session, DatasetPush).values(its).on_conflict_do_nothing())
    push = session.execute(select(DatasetPush).filter_by(**its).with_for_update()).scalar_one()
    push.message = body.message
    push.updated_at = now_ms()
    session.flush()
    return _rendered(session, dataset, push)


def receive(call: Call, dataset_id: str, push_id: str, upload: Upload[PushedObjects]) -> None:
    """Take changed objects and the names of removed ones; what came before gives way.

    Raises:
        Invalid: an object without a file that is new, or files that do not match.
        Conflict: its revision is being made.
    """
    body = upload.body
    with_file = [each for each in body.objects if each.has_file]
    if len(with_file) != len(upload.files):
        raise Invalid(
            f"contents: one file for each object with `hasFile`, got {len(with_file)} objects "
            f"and {len(upload.files)} files"
        )
    came = {each.name: file for each, file in zip(with_file, upload.files, strict=True)}
    _check_once(body)
    with call.reading() as session:
        dataset, push = _own(session, call, dataset_id, push_id)
        _check_open(session, dataset, push)
        files = _kept_files(session, dataset, body.objects)
    for index, each in enumerate(body.objects):
        if each.has_file and each.sha256 not in (None, came[each.name].sha256):
            raise Invalid(
                f"objects[{index}].sha256: expected {each.sha256}, "
                f"got a file with {came[each.name].sha256}"
            )
        try:
            labels.checked_text(each.annotations or [], each.custom_metadata or {})
        except Invalid as error:
            raise Invalid(f"objects[{index}]: {each.name}: {error}") from error
    received = stored(call, list(came.items()))
    files |= {name: file for name, (file, _) in zip(came, received, strict=True)}
    dataset, push = _own(call.session, call, dataset_id, push_id, locked=True)
    _check_open(call.session, dataset, push)
    push.updated_at = now_ms()
    blobs.claim(call, [blob for _, blob in received])
    rows = [_row(push, each, files.get(each.name)) for each in body.objects]
    rows += [
        {
            "push_id": push.id,
            "name": name,
            "removed": True,
            "blob_sha256": None,
            "file": None,
            "fields": {},
        }
        for name in body.removed
    ]
    _upsert(call.session, rows)


def commit(call: Call, dataset_id: str, push_id: str, body: PushCommit) -> DatasetJob:
    """Begin to make the revision of all that the push has brought, or tell how far that is.

    Raises:
        Conflict: the dataset has a newer revision than the sender knows.
    """
    session = call.session
    find_row(session, call.caller, dataset_id=dataset_id, locked=True)
    dataset, push = _own(session, call, dataset_id, push_id, locked=True)
    job = _job_of(session, dataset, push)
    if job is not None:
        return work.find(call, dataset_id, job.id)
    check_no_draft(session, dataset)
    head = find_number(session, dataset, dataset.head)
    if body.revision_id not in (None, head.id):
        raise Conflict(
            f"revisionId: dataset {dataset.name!r} has moved on to {head.id!r}, "
            f"got {body.revision_id!r}"
        )
    # Whoever waits to drop or to sweep it away sees by this that it has changed.
    push.updated_at = now_ms()
    return work.start(call, dataset, "push", {"push": push.id}, push.message)


def drop(call: Call, dataset_id: str, push_id: str) -> None:
    """Throw away what a push has brought.

    Raises:
        Conflict: its revision is being made.
    """
    dataset, push = _own(call.session, call, dataset_id, push_id, locked=True)
    _check_open(call.session, dataset, push)
    call.session.execute(delete(DatasetPush).where(DatasetPush.id == push.id))


def _own(
    session: Session, call: Call, dataset_id: str, push_id: str, *, locked: bool = False
) -> tuple[Dataset, DatasetPush]:
    dataset = find_row(session, call.caller, dataset_id=dataset_id)
    push = session.get(DatasetPush, push_id, with_for_update=locked, populate_existing=True)
    if (
        push is None
        or push.dataset_number != dataset.number
        or push.author_id != call.caller.user_id
    ):
        raise NotFound(f"push: dataset {dataset.name!r} has no push {push_id!r} of yours")
    return dataset, push


def _job_of(session: Session, dataset: Dataset, push: DatasetPush) -> Job | None:
    """Return the job that is making the revision of a push.

    Where the push is locked, none begins before the lock is given back.
    """
    session.refresh(dataset, ["draft_job"])
    job = None if dataset.draft_job is None else session.get(Job, dataset.draft_job)
    if job is None or job.payload["arguments"].get("push") != push.id:
        return None
    return job


def _check_open(session: Session, dataset: Dataset, push: DatasetPush) -> None:
    job = _job_of(session, dataset, push)
    if job is not None:
        raise Conflict(f"push: {push.key!r} is being committed by the job {job.id}")


def _check_once(body: PushedObjects) -> None:
    names = Counter([*(each.name for each in body.objects), *body.removed])
    for name, count in names.items():
        if count > 1:
            raise Invalid(f"objects, removed: each name comes once, {name!r} {count} times")


def _kept_files(
    session: Session, dataset: Dataset, objects: Sequence[PushedObject]
) -> dict[str, File]:
    """Return the files, by the names of objects, that are named and do not come along.

    Whoever sees the dataset may use any file that it has.

    Raises:
        Invalid: the dataset has no such file, or no such object whose file could be kept.
    """
    without = [(index, each) for index, each in enumerate(objects) if not each.has_file]
    wanted = {each.sha256 for _, each in without if each.sha256 is not None}
    rows = session.scalars(
        select(DatasetFile).where(
            DatasetFile.dataset_number == dataset.number, DatasetFile.blob_sha256.in_(wanted)
        )
    )
    known = {(row.blob_sha256, row.kind): row for row in rows}
    there = current_states(session, dataset, [each.name for _, each in without])
    files = {}
    for index, each in without:
        if each.sha256 is not None:
            kind = object_rule(each.name, 0).modality
            row = known.get((each.sha256, kind))
            if row is None:
                raise Invalid(
                    f"objects[{index}].sha256: dataset {dataset.name!r} has no such {kind} file; "
                    "send it"
                )
            files[each.name] = File(row.blob_sha256, row.kind, row.media_type, row.size, row.media)
        elif each.name not in there:
            raise Invalid(
                f"objects[{index}]: dataset {dataset.name!r} has no object {each.name!r} whose "
                "file could be kept; send one"
            )
    return files


def _row(push: DatasetPush, given: PushedObject, file: File | None) -> dict[str, Any]:
    described = file and {
        "kind": file.kind,
        "mediaType": file.media_type,
        "size": file.size,
        "media": dict(file.media),
    }
    fields = given.model_dump(
        by_alias=True, exclude_none=True, exclude={"name", "sha256", "has_file"}
    )
    return {
        "push_id": push.id,
        "name": given.name,
        "removed": False,
        "blob_sha256": file and file.sha256,
        "file": described,
        "fields": fields,
    }


def _upsert(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    statement = dialect_insert(session, DatasetPushEntry)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[DatasetPushEntry.push_id, DatasetPushEntry.name],
            set_={
                name: statement.excluded[name]
                for name in ("removed", "blob_sha256", "file", "fields")
            },
        ),
        list(rows),
    )


def _rendered(session: Session, dataset: Dataset, push: DatasetPush) -> PushJson:
    names = session.scalars(
        select(DatasetPushEntry.name)
        .where(DatasetPushEntry.push_id == push.id)
        .order_by(DatasetPushEntry.name)
    )
    return {
        "id": push.id,
        "dataset": dataset.name,
        "message": push.message,
        "received": list(names),
    }
