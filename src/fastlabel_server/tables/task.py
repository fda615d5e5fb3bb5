"""Tasks of every kind, their revisions, tags, assignments and counters."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fastlabel_server.tables.annotation_class import AnnotationClass
from fastlabel_server.tables.base import ID_LENGTH, Base, Dated, Identified, Json, now_ms
from fastlabel_server.tables.project import Project
from fastlabel_server.tables.user import User

BLOCK_SIZE = 1024
"""Sequence numbers per `TaskBlock`."""


class Task(Identified, Dated, Base):
    """One unit of labelling work, of any kind.

    `annotations` is the stored form of the labels, a list of
    `{id, classId, points?, rotation?, keypoints?, attributes: [{key, value}], ...}`; what the
    class knows (type, value, title, color, names) is joined in when it is rendered. A
    classification task has at most one entry, of the class `classification`.
    """

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("project_id", "name"),
        UniqueConstraint("project_id", "seq"),
        Index("ix_task_status", "project_id", "status", "seq"),
        Index("ix_task_external_status", "project_id", "external_status", "seq"),
    )

    project_id: Mapped[str] = mapped_column(ForeignKey(Project.id, ondelete="CASCADE"))
    seq: Mapped[int]
    """Position in the project: order of creation, with gaps where tasks were deleted."""
    kind: Mapped[str]
    name: Mapped[str]
    status: Mapped[str]
    external_status: Mapped[str]
    custom_status: Mapped[str | None]
    priority: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=1)
    metadatas: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    relations: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)
    """`{startId, endId}`: pairs of annotation ids."""
    extra: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default="{}")
    """What only tasks of its kind have, under the names of the API; see `TaskKind.extra`."""
    annotations: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    shown: Mapped[str | None] = mapped_column(Text, deferred=True)
    """The labels as the API shows them: JSON text, so that a page of tasks parses none of it.

    Right while `shown_stamp` is the project's `class_stamp`; else it is made when it is read.
    """
    shown_stamp: Mapped[int | None]


class TaskBlock(Base):
    """How many tasks a run of `BLOCK_SIZE` sequence numbers of a project holds.

    Kept in the transaction that creates or deletes tasks. Summing the blocks finds the task at
    offset 1,000,000 by reading a thousand small rows instead of a million index entries.
    """

    __tablename__ = "task_block"

    project_id: Mapped[str] = mapped_column(
        ForeignKey(Project.id, ondelete="CASCADE"), primary_key=True
    )
    block: Mapped[int] = mapped_column(primary_key=True)
    """`seq // BLOCK_SIZE`."""
    count: Mapped[int]


class TaskClass(Base):
    """How many annotations of a class a task has: for deletion, filters and statistics."""

    __tablename__ = "task_class"

    task_id: Mapped[str] = mapped_column(ForeignKey(Task.id, ondelete="CASCADE"), primary_key=True)
    class_id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, index=True)
    """Kept until `purge_class` is done, hence no foreign key."""
    count: Mapped[int]


class TaskRevision(Base):
    """One saved state of a task's labels: never changed, so anything can be shown as it was."""

    __tablename__ = "task_revision"

    task_id: Mapped[str] = mapped_column(ForeignKey(Task.id, ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[str | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))
    via: Mapped[str]
    """`create`, `update`, `delete-annotations` or `restore`."""
    restored_from: Mapped[int | None]
    annotation_count: Mapped[int]
    document: Mapped[bytes]
    """zlib of the JSON `{annotations, relations}` in the stored form of `Task`."""
    created_at: Mapped[int] = mapped_column(default=now_ms)


class TaskAssignment(Base):
    """Who has which part in a task: `assignee`, `reviewer`, ..., `workflow6User`."""

    __tablename__ = "task_assignment"
    __table_args__ = (Index(None, "user_id", "role"),)

    task_id: Mapped[str] = mapped_column(ForeignKey(Task.id, ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"))


class Tag(Identified, Dated, Base):
    """A word that tasks of a project carry."""

    __tablename__ = "tag"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    project_id: Mapped[str] = mapped_column(ForeignKey(Project.id, ondelete="CASCADE"))
    name: Mapped[str]
    position: Mapped[int]
    """`order` in the API; 1-based."""


class TaskTag(Base):
    """A tag on a task; `position` keeps the order in which they were given."""

    __tablename__ = "task_tag"

    task_id: Mapped[str] = mapped_column(ForeignKey(Task.id, ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[str] = mapped_column(
        ForeignKey(Tag.id, ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int]


__all__ = [
    "BLOCK_SIZE",
    "AnnotationClass",
    "Tag",
    "Task",
    "TaskAssignment",
    "TaskBlock",
    "TaskClass",
    "TaskRevision",
    "TaskTag",
]
