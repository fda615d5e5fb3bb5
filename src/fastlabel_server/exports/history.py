"""Exports as rows: begun by a request, carried on by a job, shown to users."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fastlabel.types import Export as ExportJson
from fastlabel_server.db import Database
from fastlabel_server.tables import Export, Project, User, iso_time, now_ms
from fastlabel_server.urls import EXPORT, FileUrls

UNDER_WAY: Final = ("pending", "running")
LOOK_INTERVAL_S: Final = 0.5
"""How often a job looks whether it was canceled, and says how far it is."""


class Stopped(Exception):
    """The export was canceled or deleted while its file was written."""


class Watch:
    """What a running export shows of itself, and whether it may go on.

    `total` tasks are gone through `passes` times. Where a worker begins again, the row keeps
    showing how far the one before came until that is passed: users never see it go back.
    """

    def __init__(self, database: Database, export_id: str, total: int, passes: int) -> None:
        self._database = database
        self._export_id = export_id
        self._total = total
        self._passes = passes
        self._gone_through = 0
        self._due = 0.0

    @property
    def done(self) -> int:
        """How many tasks are through, a task of the first of two passes counting half."""
        return min(self._total, self._gone_through // self._passes)

    def passed(self, count: int) -> None:
        """Note that so many tasks more were gone through.

        Raises:
            Stopped: the export is not under way any more.
        """
        self._gone_through += count
        self.look()

    def look(self) -> None:
        """Look after the export, if it was not looked after just now.

        Raises:
            Stopped: it is not under way any more.
        """
        if time.monotonic() < self._due:
            return
        with self._database.read() as session:
            shown = session.execute(
                select(Export.status, Export.done).where(Export.id == self._export_id)
            ).one_or_none()
        if shown is None or shown.status not in UNDER_WAY:
            raise Stopped(f"export {self._export_id} is not under way any more")
        if self.done > shown.done:
            self._show()
        self._due = time.monotonic() + LOOK_INTERVAL_S

    def _show(self) -> None:
        with self._database.write() as session:
            session.execute(
                update(Export)
                .where(
                    Export.id == self._export_id,
                    Export.status.in_(UNDER_WAY),
                    Export.done < self.done,
                )
                .values(done=self.done, updated_at=now_ms())
                .execution_options(synchronize_session=False)
            )


def follow(session: Session, payload: Mapping[str, Any], status: str, message: str | None) -> None:
    """End the export with its job: the `on_end` of the handler."""
    row = session.get(Export, payload["exportId"])
    if row is not None:
        row.status = status
        row.message = message
        row.finished_at = now_ms()
        session.flush()


def rendered(row: Export, project: Project, requested_by: str | None, urls: FileUrls) -> ExportJson:
    """Return an export as the API shows it.

    Args:
        requested_by: name of the user.
    """
    return {
        "id": row.id,
        "project": project.slug,
        "format": row.format,
        "status": row.status,  # type: ignore[typeddict-item]
        "message": row.message,
        "filters": row.filters,
        "revision": row.revision,
        "options": row.options,
        "strict": row.strict,
        "done": row.done,
        "total": row.total,
        "report": row.report,  # type: ignore[typeddict-item]
        "reportText": row.report_text,
        "fileName": row.file_name,
        "size": row.size,
        "url": urls.sign(row.id, row.file_name, EXPORT) if row.blob_sha256 else None,
        "requestedBy": requested_by,
        "createdAt": iso_time(row.created_at),
        "updatedAt": iso_time(row.updated_at),
        "finishedAt": None if row.finished_at is None else iso_time(row.finished_at),
    }


def name_of(session: Session, user_id: str | None) -> str | None:
    """Return the name of a user."""
    return session.scalar(select(User.name).where(User.id == user_id)) if user_id else None
