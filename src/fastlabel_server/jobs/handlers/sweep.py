"""`sweep`: removes what nothing refers to and nobody asks for any more.

In this order: pushes that nobody goes on with go; blobs without content are doomed; those doomed
long ago go, rows first, then objects; archives that no import took, or whose import has ended,
go; objects that never got a row (their upload crashed) go; old answers and logins go.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypedDict

from sqlalchemy import ColumnElement, Select, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from fastlabel_server.jobs.handler import Context, Handler, Payload, Step
from fastlabel_server.tables import (
    Appendix,
    Blob,
    Content,
    Credential,
    Dataset,
    DatasetFile,
    DatasetPush,
    DatasetPushEntry,
    Export,
    IdempotentAnswer,
    ImportHistory,
    StagedContent,
    StagedUpload,
    now_ms,
)

BLOBS: Final = 500
"""Per chunk."""
PHASES: Final = ("pushes", "doom", "delete", "uploads", "orphans", "rows")
REFERENCES: Final = (
    Content.blob_sha256,
    Content.thumbnail_sha256,
    StagedContent.blob_sha256,
    Appendix.blob_sha256,
    Appendix.calibration_sha256,
    Export.blob_sha256,
    DatasetFile.blob_sha256,
    DatasetPushEntry.blob_sha256,
)
"""Everything that keeps a blob."""
HEX: Final = "0123456789abcdef"


class Cursor(TypedDict):
    phase: str
    at: str
    """How far the phase is; empty where it starts."""
    done: int
    keys: list[str]
    """Objects whose rows are gone, to be deleted now that this is certain."""


@dataclass(frozen=True)
class Prepared:
    cursor: Cursor
    unused: list[str]
    """Blobs that nothing seems to refer to."""
    removed: int
    blob_cutoff: int
    upload_cutoff: int
    push_cutoff: int
    answer_cutoff: int


def prepare(context: Context, payload: Payload, cursor: Cursor | None) -> Prepared:
    """Look for garbage, and delete files: what is looked for is out of use for hours."""
    settings = context.settings
    cursor = cursor or Cursor(phase=PHASES[0], at="", done=0, keys=[])
    removed = 0
    unused: list[str] = []
    if cursor["keys"]:
        context.storage.delete(cursor["keys"])
    if cursor["phase"] == "doom":
        with context.database.read() as session:
            unused = list(session.scalars(_unused_after(cursor["at"])))
    elif cursor["phase"] == "orphans":
        if not cursor["at"]:
            removed += context.storage.discard_drafts(settings.spool_grace)
        removed += _delete_orphans(context, cursor["at"] or HEX[0])
    return Prepared(
        cursor,
        unused,
        removed,
        blob_cutoff=now_ms() - round(settings.blob_grace * 1000),
        upload_cutoff=now_ms() - round(settings.staged_lifetime * 1000),
        push_cutoff=now_ms() - round(settings.push_lifetime * 1000),
        answer_cutoff=now_ms() - round(settings.idempotency_lifetime * 1000),
    )


def _delete_orphans(context: Context, first_digit: str) -> int:
    """Delete objects of one sixteenth of the keys that have been without a row for long.

    A key is used once, so what is old and has no row will never get one.
    """
    oldest = datetime.now(UTC) - timedelta(seconds=context.settings.orphan_grace)
    removed = 0
    for second_digit in HEX:
        for page in context.storage.list(f"blobs/{first_digit}{second_digit}"):
            old = [entry.key for entry in page if entry.last_modified <= oldest]
            with context.database.read() as session:
                known = set(session.scalars(select(Blob.key).where(Blob.key.in_(old))))
                known |= set(
                    session.scalars(select(StagedUpload.key).where(StagedUpload.key.in_(old)))
                )
            if orphans := [key for key in old if key not in known]:
                context.storage.delete(orphans)
                removed += len(orphans)
    return removed


def apply(session: Session, payload: Payload, prepared: Prepared) -> Step:
    """Delete rows, and move on to the next part of the phase, or the next phase."""
    cursor = prepared.cursor
    done = cursor["done"] + prepared.removed
    at = ""
    keys: list[str] = []
    match cursor["phase"]:
        case "pushes":
            gone = _delete_push(session, prepared.push_cutoff)
            at = "more" if gone else ""
            done += gone
        case "doom":
            at = _doom(session, prepared.unused)
        case "delete":
            keys = _delete_doomed(session, prepared.blob_cutoff)
            at = "more" if keys else ""
            done += len(keys)
        case "uploads":
            gone, keys = _delete_uploads(session, prepared.upload_cutoff)
            at = "more" if gone else ""
            done += gone
        case "orphans":
            at = HEX[HEX.index(cursor["at"] or HEX[0]) + 1 :][:1]
        case "rows":
            done += _delete_expired_rows(session, prepared.answer_cutoff)
    phase = cursor["phase"] if at else _next(cursor["phase"])
    if phase is None:
        return Step(cursor=None, done=done)
    return Step(Cursor(phase=phase, at=at, done=done, keys=keys), done)


def _next(phase: str) -> str | None:
    following = PHASES[PHASES.index(phase) + 1 :]
    return following[0] if following else None


def _is_used() -> ColumnElement[bool]:
    return or_(*(exists().where(column == Blob.sha256) for column in REFERENCES))


def _unused_after(sha256: str) -> Select[Any]:
    return (
        select(Blob.sha256)
        .where(Blob.sha256 > sha256, Blob.doomed_at.is_(None), ~_is_used())
        .order_by(Blob.sha256)
        .limit(BLOBS)
    )


def _doom(session: Session, unused: list[str]) -> str:
    """Mark blobs that are still unused; return how far this came, or nothing at the end."""
    session.execute(
        update(Blob)
        .where(Blob.sha256.in_(unused), Blob.doomed_at.is_(None), ~_is_used())
        .values(doomed_at=now_ms())
        .execution_options(synchronize_session=False)
    )
    return unused[-1] if len(unused) == BLOBS else ""


def _delete_doomed(session: Session, cutoff_ms: int) -> list[str]:
    """Delete rows of blobs doomed before a time; return the keys of their objects."""
    old = (
        select(Blob.sha256)
        .where(Blob.doomed_at <= cutoff_ms, ~_is_used())
        .order_by(Blob.doomed_at)
        .limit(BLOBS)
    )
    return list(
        session.scalars(
            delete(Blob)
            .where(Blob.sha256.in_(old), Blob.doomed_at <= cutoff_ms, ~_is_used())
            .returning(Blob.key)
            .execution_options(synchronize_session=False)
        )
    )


def _delete_uploads(session: Session, cutoff_ms: int) -> tuple[int, list[str]]:
    """Delete rows of archives that nothing will read; return their number and objects to delete.

    Where a task has taken the archive over, its object belongs to a blob and stays.
    """
    ended = select(ImportHistory.id).where(ImportHistory.finished_at.is_not(None))
    # Said of the row itself: an import may take it while this waits for it.
    is_over = or_(
        and_(StagedUpload.history_id.is_(None), StagedUpload.created_at <= cutoff_ms),
        StagedUpload.history_id.in_(ended),
    )
    old = select(StagedUpload.id).where(is_over).order_by(StagedUpload.id).limit(BLOBS)
    keys = set(
        session.scalars(
            delete(StagedUpload)
            .where(StagedUpload.id.in_(old), is_over)
            .returning(StagedUpload.key)
            .execution_options(synchronize_session=False)
        )
    )
    kept = set(session.scalars(select(Blob.key).where(Blob.key.in_(keys))))
    return len(keys), sorted(keys - kept)


def _delete_push(session: Session, cutoff_ms: int) -> int:
    """Delete a push that was left open, with all that it has brought; return 1, or 0 at the end.

    One may have brought a million objects, so the next one has its own transaction.
    """
    building = exists().where(
        Dataset.number == DatasetPush.dataset_number, Dataset.draft_job.is_not(None)
    )
    # Said of the row itself: who commits it while this waits for it changes its time.
    is_over = and_(DatasetPush.updated_at <= cutoff_ms, ~building)
    old = select(DatasetPush.id).where(is_over).order_by(DatasetPush.id).limit(1)
    deleted = session.scalars(
        delete(DatasetPush)
        .where(DatasetPush.id.in_(old), is_over)
        .returning(DatasetPush.id)
        .execution_options(synchronize_session=False)
    )
    return len(deleted.all())


def _delete_expired_rows(session: Session, answer_cutoff_ms: int) -> int:
    answers = session.scalars(
        delete(IdempotentAnswer)
        .where(IdempotentAnswer.created_at < answer_cutoff_ms)
        .returning(IdempotentAnswer.key)
        .execution_options(synchronize_session=False)
    ).all()
    credentials = session.scalars(
        delete(Credential)
        .where(Credential.expires_at < now_ms())
        .returning(Credential.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(answers) + len(credentials)


HANDLER = Handler("io", prepare=prepare, apply=apply)
