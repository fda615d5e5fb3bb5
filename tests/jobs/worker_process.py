"""A worker with the kinds of jobs that the tests need; takes the usual environment.

The argument, if any, is how many seconds records of finished work are kept.
"""

from __future__ import annotations

import os
import sys
import time

from sqlalchemy import text
from sqlalchemy.orm import Session

from fastlabel_server.datasets import task_files
from fastlabel_server.datasets.operations import push, restore, split, types
from fastlabel_server.jobs import Context, Handler, JobError, Step, housekeeping, worker
from fastlabel_server.jobs.handler import Cursor, Payload
from fastlabel_server.jobs.handlers import HANDLERS, register_tasks, unpacking
from fastlabel_server.logs import configure_logging
from fastlabel_server.settings import Settings


def prepare_numbers(context: Context, payload: Payload, cursor: Cursor) -> dict[str, int]:
    time.sleep(payload["pause_s"])
    start = cursor or 0
    return {"start": start, "end": min(payload["count"], start + payload["chunk"])}


def write_numbers(session: Session, payload: Payload, prepared: dict[str, int]) -> Step:
    """Write the numbers of the chunk; nothing but the engine keeps one from coming twice."""
    start, end = prepared["start"], prepared["end"]
    session.execute(
        text("INSERT INTO number_written (value, pid) VALUES (:value, :pid)"),
        [{"value": value, "pid": os.getpid()} for value in range(start, end)],
    )
    time.sleep(payload["pause_s"])
    return Step(cursor=None if end == payload["count"] else end, done=end, total=payload["count"])


def fail_in_prepare(context: Context, payload: Payload, cursor: Cursor) -> None:
    raise JobError("archive.zip: not a ZIP file")


def fail_once(session: Session, payload: Payload, attempt: int) -> Step:
    session.execute(
        text("INSERT INTO number_written (value, pid) VALUES (:value, 0)"), {"value": attempt}
    )
    if attempt == 1:
        raise ValueError("the first attempt fails")
    return Step(cursor=None, done=1, total=1)


def die(context: Context, payload: Payload, cursor: Cursor) -> None:
    os._exit(9)


def die_twice(context: Context, payload: Payload, cursor: Cursor) -> Cursor:
    """End the process when the second chunk is begun for the first and the second time."""
    if cursor is not None and context.attempt < 3:
        os._exit(9)
    return cursor


def two_chunks(session: Session, payload: Payload, cursor: Cursor) -> Step:
    return Step(cursor=None if cursor else "second", done=2 if cursor else 1, total=2)


def nothing(session: Session, payload: Payload, prepared: object) -> Step:
    return Step(cursor=None, done=0)


def work_or_fail(session: Session, payload: Payload, cursor: Cursor) -> Step:
    if payload["succeeds"]:
        return Step(cursor=None, done=1)
    raise JobError("there is nothing to do")


def write_end(session: Session, payload: Payload, status: str, message: str | None) -> None:
    session.execute(
        text("INSERT INTO number_written (value, pid) VALUES (:value, 0)"),
        {"value": payload["ends"].index([status, message])},
    )


KINDS = {
    **HANDLERS,
    "numbers": Handler("io", prepare=prepare_numbers, apply=write_numbers),
    "hopeless": Handler("io", prepare=fail_in_prepare, apply=nothing),
    "flaky": Handler("io", prepare=lambda context, *_: context.attempt, apply=fail_once),
    "fragile": Handler("io", prepare=die_twice, apply=two_chunks),
    "deadly": Handler("io", prepare=die, apply=nothing),
    "followed": Handler("io", apply=work_or_fail, on_end=write_end),
}


if __name__ == "__main__":
    # Little in a chunk: many moments at which a worker can be killed.
    unpacking.CHUNK_S = 0.0  # type: ignore[misc]
    split.CHUNK_S = 0.0  # type: ignore[misc]
    types.OBJECTS = 5  # type: ignore[misc]
    push.ENTRIES = restore.OBJECTS = 1  # type: ignore[misc]
    register_tasks.OBJECTS = 2  # type: ignore[misc]
    task_files.FILES = 2  # type: ignore[misc]
    settings = Settings.from_env()
    configure_logging(settings.log_level)
    if len(sys.argv) > 1:
        housekeeping.RECORD_LIFETIME_S = float(sys.argv[1])  # type: ignore[misc]
    worker.run(settings, handlers=KINDS)
