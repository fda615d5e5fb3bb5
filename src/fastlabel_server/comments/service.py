"""Comments on tasks: whoever sees a task may comment on it, and answer comments of others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel.modalities import listed
from fastlabel.types import Comment as CommentJson
from fastlabel.types import CommentHead, ProjectComment
from fastlabel.types import CommentThread as ThreadJson
from fastlabel_server.access import Access, Right, find_project
from fastlabel_server.auth import Caller
from fastlabel_server.comments import queries
from fastlabel_server.comments.schemas import CommentState, NewComment
from fastlabel_server.errors import Forbidden, Invalid, NotFound
from fastlabel_server.tables import Comment, CommentThread, Content, Task, iso_time, now_ms
from fastlabel_server.tasks.change import find_task
from fastlabel_server.tasks.queries import TaskFilter


def get(
    session: Session, caller: Caller, slug: str, task_id: str, offset: int, limit: int
) -> list[CommentJson]:
    """Return the comments on a task with all that was written in them, oldest first."""
    project = find_project(session, caller, slug=slug).project
    task, _ = find_task(session, caller, task_id)
    if task.project_id != project.id:
        raise NotFound(f"taskId: project {slug!r} has no task {task_id!r}")
    return _rendered(session, queries.of_task(session, task.id, offset, limit))


def get_threads(
    session: Session,
    caller: Caller,
    tasks: TaskFilter,
    issue_category_id: str | None,
    offset: int,
    limit: int,
) -> list[ProjectComment]:
    """Return what was written on a project's tasks, each with its comment, oldest first."""
    if issue_category_id:
        return []  # the field is part of the API, but nothing puts a comment into a category
    return [
        {**_thread(row), "comment": _comment(row)}
        for row in queries.threads_in(session, tasks, offset, limit)
    ]


def create(session: Session, caller: Caller, body: NewComment) -> CommentJson:
    """Make a comment with its first thread."""
    task, _ = find_task(session, caller, body.task_id)
    if body.task_annotation_id is not None:
        _check_annotation(task, body.task_annotation_id)
    comment = Comment(
        task_id=task.id,
        content_id=_content_id(session, task, body),
        author_id=caller.user_id,
        is_resolved=bool(body.is_resolved),
        points=body.points or [],
        scale=0 if body.scale is None else body.scale,
        frame=body.frame or 0,
        status=body.status or "todo",
        priority=body.priority or 0,
        annotation_id=body.task_annotation_id,
        color=body.color,
    )
    session.add(comment)
    session.flush()
    _add_thread(session, caller, comment, task.project_id, body.text)
    return _shown(session, comment)


def reply(session: Session, caller: Caller, comment_id: str, text: str) -> CommentJson:
    """Add a thread to a comment."""
    comment, access = _find(session, caller, comment_id)
    _add_thread(session, caller, comment, access.project.id, text)
    comment.updated_at = now_ms()
    return _shown(session, comment)


def update(session: Session, caller: Caller, comment_id: str, body: CommentState) -> CommentJson:
    """Set whether a comment is resolved, its status or its priority; the rest stays."""
    comment, _ = _find(session, caller, comment_id)
    for field, value in body.model_dump(exclude_none=True).items():
        setattr(comment, field, value)
    return _shown(session, comment)


def update_thread(session: Session, caller: Caller, thread_id: str, text: str) -> CommentJson:
    thread, comment = _find_own_thread(session, caller, thread_id)
    if thread.text != text:
        thread.text = text
        comment.updated_at = now_ms()
    return _shown(session, comment)


def delete_thread(session: Session, caller: Caller, thread_id: str) -> None:
    """Delete a thread, and with its last one the comment."""
    thread, comment = _find_own_thread(session, caller, thread_id)
    session.delete(thread)
    session.flush()
    others = select(CommentThread.id).where(CommentThread.comment_id == comment.id).limit(1)
    if session.scalar(others) is None:
        session.delete(comment)


def _find(session: Session, caller: Caller, comment_id: str) -> tuple[Comment, Access]:
    """Return a comment on a task that the caller sees, locked.

    Without the lock an answer could come to a comment whose last thread is being deleted.

    Raises:
        NotFound: there is none, or the caller may not see it.
    """
    missing = NotFound(f"comment: there is no comment {comment_id!r}")
    comment = session.scalar(select(Comment).where(Comment.id == comment_id).with_for_update())
    if comment is None:
        raise missing
    try:
        _, access = find_task(session, caller, comment.task_id)
    except NotFound:
        raise missing from None
    return comment, access


def _find_own_thread(
    session: Session, caller: Caller, thread_id: str
) -> tuple[CommentThread, Comment]:
    """Return a thread that the caller may change, and its comment.

    Raises:
        NotFound: there is none, or the caller may not see it.
        Forbidden: somebody else wrote it, and the caller does not manage the project's tasks.
    """
    missing = NotFound(f"thread: there is no thread {thread_id!r}")
    comment_id = session.scalar(
        select(CommentThread.comment_id).where(CommentThread.id == thread_id)
    )
    if comment_id is None:
        raise missing
    try:
        comment, access = _find(session, caller, comment_id)
    except NotFound:
        raise missing from None
    thread = session.get(CommentThread, thread_id)
    if thread is None:
        raise missing
    if thread.author_id != caller.user_id and Right.MANAGE_TASKS not in access.rights:
        raise Forbidden(
            "thread: only who wrote it may change or delete it, "
            f"or who manages the tasks of project {access.project.slug!r}"
        )
    return thread, comment


def _check_annotation(task: Task, annotation_id: str) -> None:
    if all(annotation["id"] != annotation_id for annotation in task.annotations):
        raise Invalid(
            f"taskAnnotationId: the task has no annotation {annotation_id!r}; "
            "it is the id of one of its annotations"
        )


def _content_id(session: Session, task: Task, body: NewComment) -> str | None:
    """Return the id of the content that a new comment is about; of one file it is that file.

    Raises:
        Invalid: no such content, named twice, or not named where there are several.
    """
    if body.content_name is not None and body.content_id is not None:
        raise Invalid("contentName: give either contentName or contentId, not both")
    contents = session.execute(
        select(Content.id, Content.name)
        .where(Content.task_id == task.id, Content.role == "content")
        .order_by(Content.position)
    ).all()
    for field, wanted, values in (
        ("contentName", body.content_name, [content.name for content in contents]),
        ("contentId", body.content_id, [content.id for content in contents]),
    ):
        if wanted is None:
            continue
        if wanted not in values:
            shown = f"{listed(map(repr, values[:10]))}" if values else "none at all"
            raise Invalid(f"{field}: the task has no content {wanted!r}; there are {shown}")
        found: str = contents[values.index(wanted)].id
        return found
    if len(contents) > 1:
        raise Invalid(
            f"contentName: the task has {len(contents)} contents; "
            "name the one that is meant, or give its contentId"
        )
    return contents[0].id if contents else None


def _add_thread(
    session: Session, caller: Caller, comment: Comment, project_id: str, text: str
) -> None:
    session.add(
        CommentThread(
            comment_id=comment.id, project_id=project_id, author_id=caller.user_id, text=text
        )
    )


def _shown(session: Session, comment: Comment) -> CommentJson:
    session.flush()
    return _rendered(session, queries.one(session, comment.id))[0]


def _rendered(session: Session, rows: Sequence[Any]) -> list[CommentJson]:
    threads: defaultdict[str, list[ThreadJson]] = defaultdict(list)
    for row in queries.threads_of(session, [row.Comment.id for row in rows]):
        threads[row.CommentThread.comment_id].append(_thread(row))
    return [{**_comment(row), "threads": threads[row.Comment.id]} for row in rows]


def _thread(row: Any) -> ThreadJson:
    thread: CommentThread = row.CommentThread
    return {
        "id": thread.id,
        "text": thread.text,
        "userName": row.writer,
        "createdAt": iso_time(thread.created_at),
        "updatedAt": iso_time(thread.updated_at),
    }


def _comment(row: Any) -> CommentHead:
    comment: Comment = row.Comment
    return {
        "id": comment.id,
        "taskId": comment.task_id,
        "contentId": comment.content_id,
        "contentName": row.content,
        "type": comment.type,
        "isResolved": comment.is_resolved,
        "points": comment.points,
        "scale": comment.scale,
        "frame": comment.frame,
        "status": comment.status,
        "priority": comment.priority,
        "taskAnnotationId": comment.annotation_id,
        "issueCategoryId": None,
        "color": comment.color,
        "userName": row.author,
        "createdAt": iso_time(comment.created_at),
        "updatedAt": iso_time(comment.updated_at),
    }
