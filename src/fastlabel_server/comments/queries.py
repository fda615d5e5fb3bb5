"""Statements over comments and their threads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from fastlabel_server.tables import Comment, CommentThread, Content, Task, User
from fastlabel_server.tasks.queries import TaskFilter

_Writer = aliased(User)


def _comments(*columns: Any) -> Select[Any]:
    """Select comments with the names of their authors and contents."""
    return (
        select(
            *columns,
            Comment,
            User.name.label("author"),
            Content.name.label("content"),
        )
        .select_from(Comment)
        .outerjoin(User, User.id == Comment.author_id)
        .outerjoin(Content, Content.id == Comment.content_id)
    )


def of_task(session: Session, task_id: str, offset: int, limit: int) -> Sequence[Any]:
    """Return a page of the comments on a task, oldest first."""
    return session.execute(
        _comments()
        .where(Comment.task_id == task_id)
        .order_by(Comment.created_at, Comment.id)
        .offset(offset)
        .limit(limit)
    ).all()


def one(session: Session, comment_id: str) -> Sequence[Any]:
    return session.execute(_comments().where(Comment.id == comment_id)).all()


def threads_of(session: Session, comment_ids: Sequence[str]) -> Sequence[Any]:
    """Return the threads of comments with the names of their writers, oldest first."""
    return session.execute(
        select(CommentThread, User.name.label("writer"))
        .outerjoin(User, User.id == CommentThread.author_id)
        .where(CommentThread.comment_id.in_(comment_ids))
        .order_by(CommentThread.comment_id, CommentThread.created_at, CommentThread.id)
    ).all()


def threads_in(session: Session, tasks: TaskFilter, offset: int, limit: int) -> Sequence[Any]:
    """Return a page of all threads on the tasks of a filter with their comments, oldest first."""
    statement = (
        _comments(CommentThread, _Writer.name.label("writer"))
        .join(CommentThread, CommentThread.comment_id == Comment.id)
        .outerjoin(_Writer, _Writer.id == CommentThread.author_id)
        .where(CommentThread.project_id == tasks.project_id)
    )
    if not tasks.is_whole_project:
        statement = statement.join(Task, Task.id == Comment.task_id).where(*tasks.conditions())
    return session.execute(
        statement.order_by(CommentThread.created_at, CommentThread.id).offset(offset).limit(limit)
    ).all()
