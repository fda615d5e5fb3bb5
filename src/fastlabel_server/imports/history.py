"""The history of imports: begun by a request, carried on by a job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.orm import Session

from fastlabel.types import History
from fastlabel_server.errors import Conflict
from fastlabel_server.tables import ImportHistory, iso_time, now_ms

KEPT_ERRORS: Final = 100
"""Files that failed and are named in the history; all of them are counted."""


@dataclass(frozen=True)
class Progress:
    """What a chunk of an import came to."""

    created: int = 0
    skipped: int = 0
    passed_over: int = 0
    errors: Iterable[Mapping[str, str]] = field(default_factory=tuple)
    """`{name, message}` of each file that failed."""


def begin(
    session: Session,
    project_id: str,
    kind: str,
    storage_type: str,
    options: Mapping[str, Any],
    requested_by: str | None,
    unique: str | None = None,
) -> ImportHistory:
    """Make the row of a new import and the job that does it, of the same id and kind.

    Args:
        unique: while an import with this key waits or runs, no second one begins.

    Raises:
        Conflict: one with the key is under way.
    """
    # Here, as the jobs that imports are use this module too.
    from fastlabel_server import jobs

    row = ImportHistory(
        project_id=project_id,
        kind=kind,
        storage_type=storage_type,
        options=dict(options),
        requested_by=requested_by,
    )
    session.add(row)
    session.flush()
    job_id = jobs.enqueue(
        session,
        kind,
        {"historyId": row.id},
        requested_by=requested_by,
        unique=unique,
        job_id=row.id,
    )
    if job_id != row.id:
        raise Conflict(f"project: an import from {storage_type} is under way; wait for its end")
    return row


def note(session: Session, row: ImportHistory, progress: Progress) -> None:
    """Add what a chunk came to, in the chunk's transaction."""
    errors = list(progress.errors)
    row.status = "running"
    row.created += progress.created
    row.skipped += progress.skipped
    row.passed_over += progress.passed_over
    row.failed += len(errors)
    row.errors = [*row.errors, *map(dict, errors)][:KEPT_ERRORS]


def end(row: ImportHistory, status: str, message: str | None = None) -> None:
    """Close an import as `completed`, `failed` or `canceled`; failures have a message."""
    row.status = status
    row.message = message
    row.msg_code = "none" if message is None else "error"
    row.finished_at = now_ms()


def follow(session: Session, payload: Mapping[str, Any], status: str, message: str | None) -> None:
    """End the history with its job: the `on_end` of handlers of imports."""
    row = session.get(ImportHistory, payload["historyId"])
    if row is not None:
        end(row, status, message)
        session.flush()


def rendered(row: ImportHistory) -> History:
    """Return an import as the API shows it."""
    return {
        "id": row.id,
        "storageType": row.storage_type,
        "status": row.status,
        "msgCode": row.msg_code,
        "message": row.message,
        "count": row.created,
        "total": row.total,
        "skipped": row.skipped,
        "passedOver": row.passed_over,
        "failed": row.failed,
        "errors": [{"name": one["name"], "message": one["message"]} for one in row.errors],
        "createdAt": iso_time(row.created_at),
        "updatedAt": iso_time(row.updated_at),
    }
