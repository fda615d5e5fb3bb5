"""What people say about a task, as its page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastlabel.types import CommentThread
from fastlabel_server.calls import Call
from fastlabel_server.comments import service
from fastlabel_server.web.drawing import Annotation

SHOWN = 50
"""Comments a page; the API has the others."""


@dataclass(frozen=True)
class Talk:
    """A comment with its answers: `about` says what it is about, where that is known."""

    threads: Sequence[CommentThread]
    about: str
    is_resolved: bool


def comments_of(
    call: Call, slug: str, task_id: str, annotations: Sequence[Annotation]
) -> list[Talk]:
    """Return the first comments on a task, oldest first.

    Args:
        annotations: of the task, as they are shown; comments name theirs by its id.
    """
    found = service.get(call.session, call.caller, slug, task_id, 0, SHOWN)
    numbers = {annotation["id"]: number for number, annotation in enumerate(annotations, start=1)}
    talks = []
    for comment in found:
        number = numbers.get(comment["taskAnnotationId"] or "")
        about = [
            f"annotation {number}" if number else "",
            f"frame {comment['frame']:,}" if comment["frame"] else "",
        ]
        words = ", ".join(filter(None, about))
        talks.append(Talk(comment["threads"], words, comment["isResolved"]))
    return talks
