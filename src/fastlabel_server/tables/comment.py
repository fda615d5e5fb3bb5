"""Comments on tasks, and what was written in them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from fastlabel_server.tables.base import ID_LENGTH, Base, Dated, Identified, Json
from fastlabel_server.tables.content import Content
from fastlabel_server.tables.project import Project
from fastlabel_server.tables.task import Task
from fastlabel_server.tables.user import User


class Comment(Identified, Dated, Base):
    """A place in a task that people talk about; it lasts as long as it has a thread."""

    __tablename__ = "comment"
    __table_args__ = (Index("ix_comment_listing", "task_id", "created_at", "id"),)

    task_id: Mapped[str] = mapped_column(ForeignKey(Task.id, ondelete="CASCADE"))
    content_id: Mapped[str | None] = mapped_column(
        ForeignKey(Content.id, ondelete="SET NULL"), index=True
    )
    author_id: Mapped[str | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))
    type: Mapped[str] = mapped_column(default="text")
    is_resolved: Mapped[bool] = mapped_column(default=False)
    points: Mapped[list[float]] = mapped_column(Json, default=list)
    scale: Mapped[float] = mapped_column(Json, default=0)
    """JSON, so that 1 does not become 1.0."""
    frame: Mapped[int] = mapped_column(default=0)
    """1-based; 0 for none."""
    status: Mapped[str] = mapped_column(default="todo")
    priority: Mapped[int] = mapped_column(default=0)
    annotation_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    """An annotation of the task when the comment was made; it may have gone since."""
    color: Mapped[str | None]


class CommentThread(Identified, Dated, Base):
    """One text under a comment: the first, or an answer."""

    __tablename__ = "comment_thread"
    __table_args__ = (
        Index("ix_comment_thread_listing", "comment_id", "created_at", "id"),
        Index("ix_comment_thread_project", "project_id", "created_at", "id"),
    )

    comment_id: Mapped[str] = mapped_column(ForeignKey(Comment.id, ondelete="CASCADE"))
    project_id: Mapped[str] = mapped_column(ForeignKey(Project.id, ondelete="CASCADE"))
    """That of the comment's task, so that a project's list is one scan of an index."""
    author_id: Mapped[str | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(Text)
