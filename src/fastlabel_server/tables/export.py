"""Exports: a project's tasks, written as one ZIP in a dataset format."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from fastlabel_server.tables.base import Base, Dated, Identified, Json
from fastlabel_server.tables.blob import Blob
from fastlabel_server.tables.project import Project
from fastlabel_server.tables.user import User


class Export(Identified, Dated, Base):
    """One export as users see it; the job of the same id writes the file. Kept until deleted."""

    __tablename__ = "export"
    __table_args__ = (Index("ix_export_listing", "project_id", "created_at", "id"),)

    project_id: Mapped[str] = mapped_column(ForeignKey(Project.id, ondelete="CASCADE"))
    format: Mapped[str]
    """Name in `fastlabel.formats.FORMATS`."""
    status: Mapped[str] = mapped_column(default="pending")
    """`pending`, `running`, `completed`, `failed` or `canceled`."""
    message: Mapped[str | None]
    """Why the export failed."""
    filters: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """Which tasks were asked for, under the names of the API; what is not there does not narrow."""
    revision: Mapped[str | int | None] = mapped_column(Json, nullable=True)
    """Labels as of this time, or each task's at this revision; None: the newest."""
    options: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """Of the format, under the names of the API."""
    strict: Mapped[bool] = mapped_column(default=False)
    last_seq: Mapped[int]
    """Of the project's newest task when the export was asked for: later ones are not in it."""
    base_url: Mapped[str]
    """Where the request reached the server: the URLs in the tasks begin with it."""
    done: Mapped[int] = mapped_column(default=0)
    """Tasks that are through; never goes back, also when a worker has to begin again."""
    total: Mapped[int | None]
    """How many tasks there are; None: not counted yet."""
    report: Mapped[dict[str, Any] | None] = mapped_column(Json, nullable=True)
    """What was written, changed and left out."""
    report_text: Mapped[str | None]
    """The same for people."""
    file_name: Mapped[str]
    blob_sha256: Mapped[str | None] = mapped_column(ForeignKey(Blob.sha256), index=True)
    """The ZIP, once it is complete."""
    size: Mapped[int | None]
    requested_by: Mapped[str | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))
    finished_at: Mapped[int | None]
