"""`revise_dataset`: a revision built in chunks, which nobody sees before it is whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypedDict

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from fastlabel_server.blobs import living_keys
from fastlabel_server.datasets import drafts
from fastlabel_server.datasets.drafts import Draft
from fastlabel_server.datasets.operations import OPERATIONS, Chunk
from fastlabel_server.db import Database
from fastlabel_server.errors import ApiError
from fastlabel_server.jobs.handler import Context, Handler, JobError, Payload, Step
from fastlabel_server.tables import (
    Dataset,
    DatasetFile,
    DatasetLabels,
    DatasetObject,
    DatasetState,
    Job,
)

DELETED = "the dataset was deleted"
_GROWING: Final = (DatasetFile, DatasetLabels, DatasetObject, DatasetState)
_DOUBLED: Final = frozenset(2**power for power in range(1, 40))
"""Numbers of chunks after which what there is may be twice as much as before."""


class Cursor(TypedDict):
    at: Any
    """Where the operation's next chunk begins."""
    surplus: list[str]
    """Objects of the store that no row took over, as the same bytes were there already."""
    chunks: int
    """That are done."""


@dataclass(frozen=True)
class Prepared:
    chunk: Chunk
    chunks: int
    """With this one."""


def prepare(context: Context, payload: Payload, cursor: Cursor | None) -> Prepared:
    """Let the operation read and store what the next changes need."""
    cursor = cursor or Cursor(at=None, surplus=[], chunks=0)
    if cursor["surplus"]:
        context.storage.delete(cursor["surplus"])
    if cursor["chunks"] in _DOUBLED:
        _take_stock(context.database)
    with context.database.read() as session:
        dataset = session.scalar(
            select(Dataset).where(
                Dataset.number == payload["dataset"], Dataset.deleted_at.is_(None)
            )
        )
    if dataset is None:
        raise JobError(DELETED)
    operation = OPERATIONS[payload["operation"]]
    try:
        chunk = operation.prepare(context, dataset, payload["arguments"], cursor["at"])
    except ApiError as error:
        raise JobError(str(error)) from error
    return Prepared(chunk, cursor["chunks"] + 1)


def _take_stock(database: Database) -> None:
    """Let PostgreSQL count what there is.

    It does so by itself, but a minute late: until then it takes tables that have just grown for
    small ones, and reads all of them for each chunk.
    """
    if database.is_sqlite:
        return
    with database.write() as session:
        session.execute(text(f"ANALYZE {', '.join(table.__tablename__ for table in _GROWING)}"))


def apply(session: Session, payload: Payload, prepared: Prepared) -> Step:
    """Take the changes into the draft; after the last, make it the newest revision."""
    chunk = prepared.chunk
    dataset = session.scalar(
        select(Dataset)
        .where(Dataset.number == payload["dataset"], Dataset.deleted_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if dataset is None or dataset.draft_job != payload["job"]:
        raise JobError(DELETED)
    draft = Draft.of_job(session, dataset, payload["job"])
    keys = living_keys(session, chunk.blobs)
    try:
        draft.stage(session, chunk.wanted)
    except ApiError as error:
        raise JobError(str(error)) from error
    if chunk.report is not None:
        job = session.get_one(Job, payload["job"])
        job.report = chunk.report.joined(job.report)
    if chunk.cursor is None:
        operation = OPERATIONS[payload["operation"]]
        operation.published(session, payload["arguments"])
        draft.publish(session, payload["author"], operation.via, payload["message"])
        # A job ends with its revision, which nobody can cancel then: what is surplus of the
        # last chunk is left to the sweep.
        return Step(None, chunk.done, chunk.total)
    draft.keep()
    surplus = [blob.key for blob in chunk.blobs if keys[blob.sha256] != blob.key]
    cursor = Cursor(at=chunk.cursor, surplus=surplus, chunks=prepared.chunks)
    return Step(cursor, chunk.done, chunk.total)


def end(session: Session, payload: Payload, status: str, message: str | None) -> None:
    """Undo a draft whose job did not come to its end."""
    if status != "completed":
        drafts.drop_draft(session, payload["dataset"], payload["job"])


HANDLER = Handler("io", prepare=prepare, apply=apply, on_end=end)
