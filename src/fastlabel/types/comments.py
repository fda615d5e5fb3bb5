"""Comments on tasks, and their threads."""

from __future__ import annotations

from fastlabel.types.typed_dict import TypedDict


class CommentThread(TypedDict):
    """One text under a comment; `userName` is who wrote it."""

    id: str
    text: str
    userName: str | None
    createdAt: str
    updatedAt: str


class CommentHead(TypedDict):
    """A comment without its threads; `frame` counts from 1, 0 for none."""

    id: str
    taskId: str
    contentId: str | None
    contentName: str | None
    type: str
    isResolved: bool
    points: list[float]
    scale: float
    frame: int
    status: str
    priority: int
    taskAnnotationId: str | None
    issueCategoryId: str | None
    color: str | None
    userName: str | None
    createdAt: str
    updatedAt: str


class Comment(CommentHead):
    """A place in a task that people talk about."""

    threads: list[CommentThread]


class ProjectComment(CommentThread):
    """A text together with the comment it stands under."""

    comment: CommentHead
