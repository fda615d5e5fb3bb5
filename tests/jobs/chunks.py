"""Runs a kind of job chunk by chunk, without a queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastlabel_server.db import Database
from fastlabel_server.jobs import Context, Handler, Step
from fastlabel_server.settings import Settings
from fastlabel_server.storage import Storage

MOST_CHUNKS = 100


def run_to_end(
    handler: Handler,
    settings: Settings,
    database: Database,
    payload: Mapping[str, Any],
    *,
    attempt: int = 1,
) -> list[Step]:
    """Return what each chunk came to."""
    steps: list[Step] = []
    context = Context(settings, database, Storage.from_url(settings.storage), attempt)
    cursor = None
    while len(steps) < MOST_CHUNKS:
        prepared = handler.prepare(context, payload, cursor)
        with database.write() as session:
            steps.append(handler.apply(session, payload, prepared))
        cursor = steps[-1].cursor
        if cursor is None:
            return steps
    raise AssertionError(f"not done after {MOST_CHUNKS} chunks, the last at {cursor}")
