"""Imports: files on their way in, and the history of what came of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from fastlabel_server.tables.base import Base, Dated, Identified, Json, now_ms
from fastlabel_server.tables.blob import Blob
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
    """Tasks made, or files taken from an archive."""
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
    """An archive that arrived at a signed URL, and the import that took it.

    Its row is made when all of it is stored: a URL that is never used leaves nothing.
    """

    __tablename__ = "staged_upload"
    __table_args__ = (Index(None, "created_at"),)

    project_id: Mapped[str] = mapped_column(ForeignKey(Project.id, ondelete="CASCADE"))
    user_id: Mapped[str | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))
    """Who asked for the URL."""
    file_name: Mapped[str]
    key: Mapped[str]
    """Of its bytes in the object store: one that a blob may take over."""
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    history_id: Mapped[str | None] = mapped_column(
        ForeignKey(ImportHistory.id, ondelete="CASCADE"), index=True
    )
    """The import that reads it; None: it waits for one."""
    created_at: Mapped[int] = mapped_column(default=now_ms)


class StagedContent(Base):
    """A file that an import has found in its archive, until all of them make the task."""

    __tablename__ = "staged_content"

    history_id: Mapped[str] = mapped_column(
        ForeignKey(ImportHistory.id, ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    """Number of the file in the archive, from 0, in the order of their names."""
    name: Mapped[str]
    blob_sha256: Mapped[str] = mapped_column(ForeignKey(Blob.sha256), index=True)
    media_type: Mapped[str]
    size: Mapped[int]
    media: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """What was read of it, as its import needs it."""
