"""Imports: files on their way in, and the history of what came of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from fastlabel_server.tables.base import Base, Dated, Identified, Json, now_ms
from fastlabel_server.tables.project import Project
from fastlabel_server.tables.user import User


class ImportHistory(Identified, Dated, Base):
    """One import as users see it; its job writes the counters with the rows it makes."""

    __tablename__ = "import_history"
    __table_args__ = (Index("ix_import_history_listing", "project_id", "created_at", "id"),)

    project_id: Mapped[str] = mapped_column(ForeignKey(Project.id, ondelete="CASCADE"))
    kind: Mapped[str]
    """The kind of job that does it: `import_bucket`, `import_dicom`, ..."""
    storage_type: Mapped[str]
    """`zip`, `aws-s3`, `gcp` or `azure`."""
    status: Mapped[str] = mapped_column(default="pending")
    """`pending`, `running`, `completed`, `failed` or `canceled`."""
    msg_code: Mapped[str] = mapped_column(default="none")
    message: Mapped[str | None]
    """Why the import failed."""
    options: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """What the request asked for, as the job needs it."""
    total: Mapped[int | None]
    """How many files there are; None: not known yet."""
    created: Mapped[int] = mapped_column(default=0)
    """Tasks made, or files added to tasks."""
    skipped: Mapped[int] = mapped_column(default=0)
    """Files whose name a task has already."""
    passed_over: Mapped[int] = mapped_column(default=0)
    """Files that are not of the project's kind."""
    failed: Mapped[int] = mapped_column(default=0)
    """Files of the right kind that could not be taken."""
    errors: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)
    """`{name, message}` of the first files that failed."""
    requested_by: Mapped[str | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))
    finished_at: Mapped[int | None]


class StagedUpload(Identified, Base):
    """A file that a signed URL was given for, until an import takes it.

    `id` is the last but one part of the `name` that the API gives it.
    """

    __tablename__ = "staged_upload"
    __table_args__ = (Index(None, "created_at"),)

    project_id: Mapped[str] = mapped_column(ForeignKey(Project.id, ondelete="CASCADE"))
    user_id: Mapped[str | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))
    file_name: Mapped[str]
    key: Mapped[str | None]
    """Of its bytes in the object store; None until they have arrived."""
    sha256: Mapped[str | None]
    size: Mapped[int | None]
    created_at: Mapped[int] = mapped_column(default=now_ms)
