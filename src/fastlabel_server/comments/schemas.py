"""What requests about comments carry."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fastlabel_server.schemas import Body, Color, Name, Prose, Text

Points = Annotated[list[int | float], Field(max_length=10_000)]
Frame = Annotated[
    int, Field(ge=0, le=2**31 - 1, description="1-based in sequences and videos; 0: none.")
]
Priority = Annotated[int, Field(ge=0, le=2**31 - 1)]


class NewComment(Body):
    """The official client sends null for what it was not given."""

    task_id: Text
    text: Prose
    points: Annotated[Points | None, Field(description="Where; none: the content as a whole.")] = (
        None
    )
    type: Literal["text"] | None = None
    is_resolved: bool | None = None
    scale: int | float | None = None
    frame: Frame | None = None
    content_name: Annotated[
        Text | None, Field(description="One of the task's contents; not beside contentId.")
    ] = None
    content_id: Text | None = None
    status: Name | None = None
    priority: Priority | None = None
    task_annotation_id: Annotated[
        Text | None, Field(description="The annotation of the task that is meant.")
    ] = None
    color: Color | None = None


class CommentState(Body):
    is_resolved: bool | None = None
    status: Name | None = None
    priority: Priority | None = None


class ThreadText(Body):
    text: Prose
