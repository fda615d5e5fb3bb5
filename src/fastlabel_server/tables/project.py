"""Projects and who works in them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from fastlabel_server.tables.base import Base, Dated, Identified, new_id
from fastlabel_server.tables.user import User, Workspace


class Project(Identified, Dated, Base):
    """A project.

    Deleting one sets `deleted_at` and frees its slug at once (the slug column then holds the
    id); the job `purge_project` removes its tasks and, last, its row.
    """

    __tablename__ = "project"
    __table_args__ = (Index("ix_project_listing", "workspace_id", "created_at", "id"),)

    workspace_id: Mapped[str] = mapped_column(ForeignKey(Workspace.id, ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    type: Mapped[str]
    workflow: Mapped[str]
    external_workflow: Mapped[str]
    is_pixel: Mapped[bool] = mapped_column(default=False)
    job_size: Mapped[int] = mapped_column(default=10)
    status: Mapped[str] = mapped_column(default="active")
    metadata_id: Mapped[str] = mapped_column(default=new_id)
    external_code_1: Mapped[str | None]
    external_code_2: Mapped[str | None]
    external_code_3: Mapped[str | None]
    last_seq: Mapped[int] = mapped_column(default=0)
    """The sequence number of the newest task; the row's lock orders concurrent creations."""
    class_stamp: Mapped[int] = mapped_column(default=0)
    """Moves with every change of a class that tasks show; see `Task.shown`."""
    deleted_at: Mapped[int | None]


class ProjectMember(Identified, Dated, Base):
    """A user's role in a project; workspace owners need none."""

    __tablename__ = "project_member"
    __table_args__ = (UniqueConstraint("project_id", "user_id"),)

    project_id: Mapped[str] = mapped_column(ForeignKey(Project.id, ondelete="CASCADE"))
    user_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    role: Mapped[str]


class ProjectBucket(Identified, Dated, Base):
    """An operator's bucket whose objects can be tasks of the project: one per storage kind."""

    __tablename__ = "project_bucket"
    __table_args__ = (UniqueConstraint("project_id", "kind"),)

    project_id: Mapped[str] = mapped_column(ForeignKey(Project.id, ondelete="CASCADE"))
    kind: Mapped[str]
    """`aws-s3`, `gcp` or `azure`."""
    bucket: Mapped[str]
    region: Mapped[str | None]
    prefix: Mapped[str | None]
    strip_prefix: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Imported tasks are named by the path below the prefix rather than by the whole key."""

    def described(self) -> dict[str, Any]:
        """Return the setting as JSON, to notice when it becomes another one."""
        return {
            "bucket": self.bucket,
            "region": self.region,
            "prefix": self.prefix,
            "stripPrefix": self.strip_prefix,
        }
