"""Statements over tasks: pages, counters, and the rows that are rendered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fastlabel.modalities.base import Place
from fastlabel_server.tables import (
    BLOCK_SIZE,
    Content,
    Project,
    Tag,
    Task,
    TaskAssignment,
    TaskBlock,
    TaskTag,
    User,
)


@dataclass(frozen=True)
class TaskFilter:
    """Which tasks of a project are meant; what is None does not narrow."""

    project_id: str
    status: str | None = None
    external_status: str | None = None
    tags: Sequence[str] = ()
    """All of them must be on the task."""
    name: str | None = None

    @property
    def is_whole_project(self) -> bool:
        return not (self.status or self.external_status or self.tags or self.name)

    def conditions(self) -> list[ColumnElement[bool]]:
        found = [Task.project_id == self.project_id]
        if self.status:
            found.append(Task.status == self.status)
        if self.external_status:
            found.append(Task.external_status == self.external_status)
        if self.name:
            found.append(Task.name == self.name)
        for tag in self.tags:
            found.append(
                select(TaskTag.task_id)
                .join(Tag, Tag.id == TaskTag.tag_id)
                .where(
                    TaskTag.task_id == Task.id, Tag.project_id == self.project_id, Tag.name == tag
                )
                .exists()
            )
        return found


def page(
    wanted: TaskFilter, columns: Sequence[Any], session: Session, offset: int, limit: int
) -> Sequence[Any]:
    """Return the columns of a page of tasks in the order of their creation."""
    statement: Select[Any] = select(*columns).where(*wanted.conditions())
    if wanted.is_whole_project and offset >= BLOCK_SIZE:
        start = _block_at(session, wanted.project_id, offset)
        if start is None:
            return []
        block, skipped = start
        statement = statement.where(Task.seq >= block * BLOCK_SIZE)
        offset -= skipped
    return session.execute(statement.order_by(Task.seq).offset(offset).limit(limit)).all()


def page_after(
    wanted: TaskFilter, columns: Sequence[Any], session: Session, after_seq: int, limit: int
) -> Sequence[Any]:
    """Return the columns of the tasks that follow a sequence number."""
    statement: Select[Any] = select(*columns).where(*wanted.conditions(), Task.seq > after_seq)
    return session.execute(statement.order_by(Task.seq).limit(limit)).all()


def _block_at(session: Session, project_id: str, offset: int) -> tuple[int, int] | None:
    """Return the block in which the task at an offset lies and how many tasks precede it."""
    before = (func.sum(TaskBlock.count).over(order_by=TaskBlock.block) - TaskBlock.count).label(
        "before"
    )
    blocks = (
        select(TaskBlock.block, TaskBlock.count, before)
        .where(TaskBlock.project_id == project_id)
        .subquery()
    )
    row = session.execute(
        select(blocks.c.block, blocks.c.before)
        .where(blocks.c.before <= offset, blocks.c.before + blocks.c.count > offset)
        .limit(1)
    ).first()
    return (row.block, int(row.before)) if row else None


def count(session: Session, wanted: TaskFilter) -> int:
    """Return how many tasks there are."""
    if wanted.is_whole_project:
        total = session.scalar(
            select(func.sum(TaskBlock.count)).where(TaskBlock.project_id == wanted.project_id)
        )
        return int(total or 0)
    return session.scalar(select(func.count()).select_from(Task).where(*wanted.conditions())) or 0


def reserve_seqs(session: Session, project_id: str, count: int) -> int | None:
    """Return the first of `count` sequence numbers for new tasks; None if there is no project.

    The project's row stays locked until the end of the transaction.
    """
    last = session.execute(
        update(Project)
        .where(Project.id == project_id, Project.deleted_at.is_(None))
        .values(last_seq=Project.last_seq + count, updated_at=Project.updated_at)
        .returning(Project.last_seq)
        .execution_options(synchronize_session=False)
    ).scalar()
    return None if last is None else last - count + 1


def count_in(session: Session, project_id: str, seqs: Iterable[int]) -> None:
    """Count new tasks in the blocks of their sequence numbers."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    for block, count in Counter(seq // BLOCK_SIZE for seq in seqs).items():
        session.execute(
            insert(TaskBlock)
            .values(project_id=project_id, block=block, count=count)
            .on_conflict_do_update(
                index_elements=[TaskBlock.project_id, TaskBlock.block],
                set_={"count": TaskBlock.count + count},
            )
        )


def delete_task(session: Session, task: Task) -> None:
    """Delete a task with all that hangs on it, and count it out."""
    session.execute(
        update(TaskBlock)
        .where(TaskBlock.project_id == task.project_id, TaskBlock.block == task.seq // BLOCK_SIZE)
        .values(count=TaskBlock.count - 1)
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(Task).where(Task.id == task.id))


def places_of(session: Session, task_id: str, place: Place) -> Sequence[str]:
    """Return what annotations name a task's files by, in their order."""
    column = {"content": Content.name, "contentId": Content.id}[place.field]
    return session.scalars(
        select(column)
        .where(Content.task_id == task_id, Content.role == "content")
        .order_by(Content.position)
    ).all()


def contents_of(session: Session, task_ids: Sequence[str]) -> Sequence[Any]:
    """Return the files of tasks, in their order."""
    return session.execute(
        select(Content.task_id, Content.id, Content.name, Content.role, Content.media)
        .where(Content.task_id.in_(task_ids))
        .order_by(Content.task_id, Content.position)
    ).all()


def tags_of(session: Session, task_ids: Sequence[str]) -> Sequence[Any]:
    """Return the names of the tags on tasks, in the order in which they were given."""
    return session.execute(
        select(TaskTag.task_id, Tag.name)
        .join(Tag, Tag.id == TaskTag.tag_id)
        .where(TaskTag.task_id.in_(task_ids))
        .order_by(TaskTag.task_id, TaskTag.position)
    ).all()


def assignments_of(session: Session, task_ids: Sequence[str]) -> Sequence[Any]:
    """Return who has which part in tasks, by the names of the users."""
    return session.execute(
        select(TaskAssignment.task_id, TaskAssignment.role, User.name)
        .join(User, User.id == TaskAssignment.user_id)
        .where(TaskAssignment.task_id.in_(task_ids))
    ).all()
