"""Comments on tasks, and the threads of text under them."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Sequence

from fastlabel.endpoint import delete, get, pages, post, put
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.steps import Call, Pages, Resource, Steps, ask
from fastlabel.types import UNSET, Comment, ExternalStatus, ProjectComment, TaskStatus, Unset

_FILTERS = {
    "status": "taskStatus",
    "external_status": "taskExternalStatus",
    "tags": "taskTags",
}


class Comments(Resource):
    @get("comments", max_limit=1000)
    def get_task_comments(
        self, project: str, task_id: str, offset: int | None = None, limit: int = 100
    ) -> Call[list[Comment]]:
        """Return up to `limit` comments on a task, oldest first; at most 1,000 a call.

        Each has its threads: the first text and the answers to it, oldest first.
        """

    @pages("comments", limit=1000)
    def iter_task_comments(self, project: str, task_id: str) -> Pages[Comment]:
        """Iterate over all comments on a task, oldest first."""

    @get("comments/threads", names=_FILTERS, max_limit=1000)
    def get_project_comments(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        issue_category_id: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> Call[list[ProjectComment]]:
        """Return up to `limit` texts on the tasks of a project, oldest first; at most 1,000.

        Each comes with the comment it stands under. Status and tags are those of the tasks,
        which have all of the tags (up to 10). No comment is in an issue category, so with
        `issue_category_id` the list is empty.
        """

    @pages("comments/threads", names=_FILTERS, limit=1000)
    def iter_project_comments(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
    ) -> Pages[ProjectComment]:
        """Iterate over all texts on a project's tasks, as `get_project_comments` selects them."""

    @post("comments")
    def create_task_comment(
        self,
        task_id: str | None = None,
        points: Sequence[float] | None = None,
        text: str | None = None,
        content_name: str | None = None,
        content_id: str | None = None,
        type: str = "text",
        scale: float = 0,
        frame: int = 0,
        status: str | None = None,
        priority: int | None = None,
        is_resolved: bool = False,
        task_annotation_id: str | None = None,
        color: str | None = None,
        comment_id: str | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Steps[Comment]:
        """Comment on a task, or with `comment_id` answer a comment; return the whole comment.

        Args:
            points: where in the content, in its own coordinates; None: all of it.
            content_name, content_id: either of them says which content of a task of several.
            scale: how far the view was zoomed in.
            frame: of a video or a sequence, from 1; 0 for none.
            status: any text; the server's default is "todo".
            task_annotation_id: the annotation of the task that is meant.
            color: "#rrggbb".
            comment_id: answer this comment; of the other arguments only `text` counts.
        """
        if content_name is not None and content_id is not None:
            raise FastLabelInvalidException(
                "content_name: give either content_name or content_id, not both", 422
            )
        if comment_id is not None:
            answer = Comments.create_comment_thread
            return (yield from ask(answer, comment_id, text, idempotency_key=idempotency_key))
        created: Comment = yield Call()
        return created

    @post("comments/{comment_id}/threads")
    def create_comment_thread(
        self, comment_id: str, text: str | None, *, idempotency_key: str | None = None
    ) -> Call[Comment]:
        """Answer a comment; return all of it."""

    @put("comments/{comment_id}")
    def update_task_comment_state(
        self,
        comment_id: str,
        is_resolved: bool | Unset = UNSET,
        status: str | None = None,
        priority: int | None = None,
    ) -> Call[Comment]:
        """Resolve a comment, or change its status or priority; return all of it."""

    @put("comments/threads/{thread_id}")
    def update_task_comment(self, thread_id: str, text: str) -> Call[Comment]:
        """Change what was written in a thread; return the whole comment.

        Raises:
            FastLabelPermissionException: somebody else wrote it, and the user does not manage
                the project's tasks.
        """

    @delete("comments/threads/{thread_id}")
    def delete_task_comment(self, thread_id: str) -> Call[None]:
        """Delete a thread; the last one of a comment takes the comment along.

        Who may: as in `update_task_comment`.
        """
