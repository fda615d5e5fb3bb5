"""`push`: the changes that a push has brought, as one revision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, delete, func, select
from sqlalchemy.orm import Session

from fastlabel_server.datasets.changes import REMOVED, UNSET, File, Wanted
from fastlabel_server.datasets.current import Current, current_states
from fastlabel_server.datasets.labels import document_of
from fastlabel_server.datasets.objects import change_of, changed_document, state_of
from fastlabel_server.datasets.operations.base import Arguments, Chunk, Operation
from fastlabel_server.datasets.schemas import ObjectFields
from fastlabel_server.errors import ApiError, Invalid
from fastlabel_server.jobs.handler import Context, JobError
from fastlabel_server.tables import Dataset, DatasetLabels, DatasetPush, DatasetPushEntry

ENTRIES: Final = 1000
"""Per chunk."""


def prepare(context: Context, dataset: Dataset, arguments: Arguments, cursor: Any) -> Chunk:
    """Take the next entries of the push, in the order of their names."""
    push_id = arguments["push"]
    after, done, total = cursor or ("", 0, None)
    with context.database.read() as session:
        if total is None:
            total = session.scalar(select(func.count()).where(DatasetPushEntry.push_id == push_id))
        entries = session.execute(
            select(
                DatasetPushEntry.name,
                DatasetPushEntry.removed,
                DatasetPushEntry.blob_sha256,
                DatasetPushEntry.file,
                DatasetPushEntry.fields,
            )
            .where(DatasetPushEntry.push_id == push_id, DatasetPushEntry.name > after)
            .order_by(DatasetPushEntry.name)
            .limit(ENTRIES)
        ).all()
        wanted = _wanted(session, dataset, entries)
    done += len(entries)
    cursor = [entries[-1].name, done, total] if len(entries) == ENTRIES else None
    return Chunk(wanted, cursor, done, total)


def published(session: Session, arguments: Arguments) -> None:
    """Let the push go, which the revision takes the place of."""
    session.execute(delete(DatasetPush).where(DatasetPush.id == arguments["push"]))


def _wanted(session: Session, dataset: Dataset, entries: Sequence[Row[Any]]) -> dict[str, Wanted]:
    current = current_states(session, dataset, [entry.name for entry in entries])
    documents = _documents(session, current.values())
    found: dict[str, Wanted] = {}
    for entry in entries:
        there = current.get(entry.name)
        if entry.removed:
            if there is not None:
                found[entry.name] = REMOVED
            continue
        try:
            found[entry.name] = _object(entry, there, documents)
        except ApiError as error:
            raise JobError(f"{entry.name}: {error}") from error
    return found


def _documents(session: Session, states: Iterable[Current]) -> Mapping[int | None, bytes]:
    """Return the labels of states by their keys."""
    keys = {each.kept.labels_key for each in states} - {None}
    rows = session.execute(
        select(DatasetLabels.key, DatasetLabels.document).where(DatasetLabels.key.in_(keys))
    )
    return {row.key: row.document for row in rows}


def _object(
    entry: Row[Any], there: Current | None, documents: Mapping[int | None, bytes]
) -> Wanted:
    fields = ObjectFields.model_validate(entry.fields)
    file = None if entry.blob_sha256 is None else _file(entry.blob_sha256, entry.file or {})
    if there is None:
        if file is None:
            raise Invalid("there is no such object any more whose file could be kept")
        annotations, metadata = fields.annotations or [], fields.custom_metadata or {}
        return state_of(fields, file, document_of(annotations, metadata))
    document: Any = UNSET
    if fields.annotations is not None or fields.custom_metadata is not None:
        kept = documents.get(there.kept.labels_key)
        document = changed_document(kept, fields, there.id)
    return change_of(fields, file=UNSET if file is None else file, document=document)


def _file(sha256: str, found: Mapping[str, Any]) -> File:
    return File(sha256, found["kind"], found["mediaType"], found["size"], found["media"])


OPERATION = Operation("push", prepare, published)
