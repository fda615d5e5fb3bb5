"""Histories of imports as requests see them: listed, looked at, canceled."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel.types import History
from fastlabel_server import jobs
from fastlabel_server.access import Right, find_project, with_access
from fastlabel_server.auth import Caller
from fastlabel_server.calls import Call
from fastlabel_server.errors import Conflict
from fastlabel_server.imports import history
from fastlabel_server.tables import ImportHistory


def get(call: Call, project: str, offset: int, limit: int) -> list[History]:
    """Return a page of a project's imports, oldest first."""
    access = find_project(call.session, call.caller, slug=project)
    rows = call.session.scalars(
        select(ImportHistory)
        .where(ImportHistory.project_id == access.project.id)
        .order_by(ImportHistory.created_at, ImportHistory.id)
        .offset(offset)
        .limit(limit)
    )
    return [history.rendered(row) for row in rows]


def find(call: Call, history_id: str) -> History:
    """Return one import."""
    return history.rendered(_found(call.session, call.caller, history_id, Right.VIEW))


def cancel(call: Call, history_id: str) -> History:
    """End an import; what it has made stays.

    Raises:
        Conflict: it has ended.
    """
    row = _found(call.session, call.caller, history_id, Right.MANAGE_TASKS)
    if not jobs.cancel(call.session, row.id):
        call.session.refresh(row)
        raise Conflict(f"history: import {history_id!r} has ended: {row.status}")
    return history.rendered(row)


def _found(session: Session, caller: Caller, history_id: str, right: Right) -> ImportHistory:
    missing = f"history: there is no import {history_id!r}"
    row, _ = with_access(session, caller, session.get(ImportHistory, history_id), missing, right)
    return row
