"""Contents: the files of a task."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from fastlabel_server.tables.base import Base, Identified, Json
from fastlabel_server.tables.blob import Blob
from fastlabel_server.tables.task import Task

PENDING = text("thumbnail_state = 'pending'")


class Content(Identified, Base):
    """One file of a task: a blob of the platform, or an object that stays in a project's bucket."""

    __tablename__ = "content"
    __table_args__ = (
        UniqueConstraint("task_id", "position"),
        Index(
            "ix_content_thumbnail_pending",
            "id",
            sqlite_where=PENDING,
            postgresql_where=PENDING,
        ),
    )

    task_id: Mapped[str] = mapped_column(ForeignKey(Task.id, ondelete="CASCADE"))
    position: Mapped[int]
    """0-based; contents of a task are in the order of their names, slices in that of the series.
    A source comes before them, at -1."""
    name: Mapped[str]
    role: Mapped[str] = mapped_column(default="content", server_default="content")
    """`content`, or `source`: the archive that the contents of the task were taken from."""
    blob_sha256: Mapped[str | None] = mapped_column(ForeignKey(Blob.sha256), index=True)
    bucket_kind: Mapped[str | None]
    """Which of the project's buckets holds it (`aws-s3`, ...), when it is not a blob."""
    bucket_path: Mapped[str | None]
    """Path below the bucket's prefix."""
    media_type: Mapped[str]
    size: Mapped[int]
    media: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """What the probe read: `{"width", "height"}` of an image as it is shown, ..."""
    thumbnail_sha256: Mapped[str | None] = mapped_column(ForeignKey(Blob.sha256), index=True)
    thumbnail_state: Mapped[str] = mapped_column(default="pending")
    """`pending`, `ready`, `failed` (see `thumbnail_error`) or `none`."""
    thumbnail_error: Mapped[str | None]
