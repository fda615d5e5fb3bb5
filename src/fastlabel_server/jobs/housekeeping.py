"""Jobs that nobody asks for: the reaper starts them where they are due."""

from __future__ import annotations

import time
from typing import Final

import structlog
from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from fastlabel_server.db import Database
from fastlabel_server.jobs.enqueue import enqueue
from fastlabel_server.settings import Settings
from fastlabel_server.tables import Content, Job, now_ms
from fastlabel_server.tables.content import PENDING

RETRY_AFTER_S: Final = 60.0
"""How long after a failed job of the same kind."""
RECORD_LIFETIME_S: Final = 24 * 3600.0
"""How long the records of finished work are kept that no user asked for."""
HOUSEKEEPING: Final = ("thumbnails", "sweep")


log = structlog.get_logger(__name__)


class Housekeeping:
    """What a worker looks after beside its jobs, called every second or so."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        # By this process's clock: a worker that starts or takes over sweeps at once.
        self._sweep_due = 0.0
        self._spool_due = 0.0

    def tick(self, *, is_reaper: bool) -> None:
        if time.monotonic() >= self._spool_due:
            self._spool_due = time.monotonic() + self._settings.sweep_interval
            clean_spool(self._settings)
        if not is_reaper:
            return
        self.start_thumbnails()
        if time.monotonic() >= self._sweep_due:
            self._sweep_due = time.monotonic() + self._settings.sweep_interval
            self.start_sweep()

    def start_thumbnails(self) -> None:
        with self._database.read() as session:
            is_due = session.scalar(select(exists().where(PENDING).select_from(Content))) and (
                not _is_active_or_failed_lately(session, "thumbnails")
            )
        if is_due:
            with self._database.write() as session:
                enqueue(session, "thumbnails", {}, unique="thumbnails")

    def start_sweep(self) -> None:
        with self._database.write() as session:
            enqueue(session, "sweep", {}, unique="sweep")
        self._forget_records()

    def _forget_records(self) -> None:
        """Outside the sweep: inside a workflow DBOS would note this as a step of it."""
        from fastlabel_server.jobs import engine

        before_ms = now_ms() - round(RECORD_LIFETIME_S * 1000)
        engine.forget_finished(before_ms)
        with self._database.write() as session:
            session.execute(
                delete(Job).where(Job.kind.in_(HOUSEKEEPING), Job.finished_at < before_ms)
            )


def clean_spool(settings: Settings) -> None:
    """Delete upload files that a dead process left on this machine.

    Each machine has a spool of its own, so this is not for the sweep, which runs on one.
    """
    oldest = time.time() - settings.spool_grace
    for path in settings.spool_dir.glob("*"):
        try:
            if path.is_file() and path.stat().st_mtime <= oldest:
                path.unlink()
                log.info("left-over upload deleted", path=str(path))
        except FileNotFoundError:
            # Another worker of this machine was quicker.
            continue


def _is_active_or_failed_lately(session: Session, kind: str) -> bool:
    last = session.execute(
        select(Job.status, Job.finished_at)
        .where(Job.kind == kind)
        .order_by(Job.created_at.desc(), Job.id.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        return False
    if last.status == "failed":
        return bool(last.finished_at > now_ms() - RETRY_AFTER_S * 1000)
    return last.status in ("pending", "running")
