"""What a kind of job has to say about itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from fastlabel_server.db import Database
from fastlabel_server.settings import Settings
from fastlabel_server.storage import Storage

Payload = Mapping[str, Any]
Cursor = Any
"""Where a job stands: any JSON; None before the first chunk and after the last."""


class JobError(Exception):
    """The job cannot succeed, and trying again would not help. Its text is shown to users."""


@dataclass(frozen=True)
class Step:
    """What a chunk came to.

    Args:
        cursor: where the next chunk starts; None when the job is done.
        done: how much of the job is done now.
        total: how much there is to do, when that is known.
    """

    cursor: Cursor
    done: int
    total: int | None = None


@dataclass(frozen=True)
class Context:
    """What `prepare` may use."""

    settings: Settings
    database: Database
    storage: Storage
    attempt: int = 1
    """How many times this chunk has been begun, this time counted."""


def _cursor_alone(context: Context, payload: Payload, cursor: Cursor) -> Cursor:
    return cursor


def _nobody_follows(session: Session, payload: Payload, status: str, message: str | None) -> None:
    pass


@dataclass(frozen=True)
class Handler:
    """A kind of job, done in chunks of a second or less.

    For each chunk `prepare(context, payload, cursor)` does the slow part outside any
    transaction: it reads files, may be run again for the same chunk after a crash, and hands
    its result to `apply(session, payload, prepared)`, which writes the rows. `apply` runs in
    one transaction with the job's progress and takes effect exactly once; it must not
    touch anything but the session, and may be called again when that transaction is retried.
    Without `prepare`, `apply` is given the cursor.

    What either raises is a failed attempt, tried again a little later; `JobError` fails the
    job at once.

    However the job ends, `on_end(session, payload, status, message)` is called in the very
    transaction that ends it, so that a row which users see (an import's history, say) ends with
    it. `status` is `completed`, `failed` or `canceled`; failed jobs have a message. It must
    not raise, and finds nothing where what the job was about was deleted.
    """

    queue: str
    """`io`, `cpu` or `gpu`."""
    apply: Callable[[Session, Payload, Any], Step]
    prepare: Callable[[Context, Payload, Cursor], Any] = _cursor_alone
    on_end: Callable[[Session, Payload, str, str | None], None] = _nobody_follows
