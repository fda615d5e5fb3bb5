"""Background jobs as users see them, and the leases of the workers that run them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from fastlabel_server.tables.base import Base, Dated, Identified, Json
from fastlabel_server.tables.user import User

ACTIVE = text("status IN ('pending', 'running')")


class Job(Identified, Dated, Base):
    """One piece of background work: its progress is written with the rows it makes.

    The row decides whether the job goes on: a worker reads `status` before each chunk, so
    setting it to `canceled` is all there is to canceling. The queue keeps a workflow of the
    same id, which nothing but the package `jobs` looks at.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "uq_job_unique_key",
            "unique_key",
            unique=True,
            sqlite_where=ACTIVE,
            postgresql_where=ACTIVE,
        ),
        Index("ix_job_kind", "kind", "created_at"),
    )

    kind: Mapped[str]
    queue: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    status: Mapped[str] = mapped_column(default="pending")
    """`pending`, `running`, `completed`, `failed` or `canceled`."""
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    """How much `done` counts up to; None: not known yet."""
    message: Mapped[str | None]
    """Why the job failed, or why its last attempt did."""
    report: Mapped[dict[str, Any] | None] = mapped_column(Json, nullable=True)
    """What its handler counts and tells users, beside `done`."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How many times the chunk at hand has been begun; 0 before the first start."""
    steps: Mapped[int] = mapped_column(default=0)
    """Transactions of the job so far: a resumed workflow skips the work of that many."""
    unique_key: Mapped[str | None]
    requested_by: Mapped[str | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))
    finished_at: Mapped[int | None]


class Worker(Base):
    """A worker process and when it was last seen, in milliseconds by the database's clock."""

    __tablename__ = "worker"

    id: Mapped[str] = mapped_column(primary_key=True)
    """`host:pid:uuid`, never used twice: the queue's `executor_id`."""
    queues: Mapped[list[str]] = mapped_column(Json)
    started_at: Mapped[int]
    seen_at: Mapped[int]


class Reaper(Base):
    """The one worker at a time that hands on the jobs of dead workers and starts housekeeping."""

    __tablename__ = "reaper"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Always 1."""
    holder: Mapped[str]
    seen_at: Mapped[int]
