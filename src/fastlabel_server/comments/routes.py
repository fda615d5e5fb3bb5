"""Comment endpoints."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from fastlabel.types import Comment, ExternalStatus, ProjectComment, TaskStatus
from fastlabel_server.access import find_project
from fastlabel_server.calls import CurrentCall, TransactionalRoute
from fastlabel_server.comments import service
from fastlabel_server.comments.schemas import CommentState, NewComment, ThreadText
from fastlabel_server.schemas import Offset, ProjectSlug, QueryId, QueryTags, QueryText, up_to
from fastlabel_server.tasks.queries import TaskFilter

router = APIRouter(prefix="/comments", route_class=TransactionalRoute, tags=["comments"])


@router.get("")
def get_task_comments(
    call: CurrentCall,
    project: ProjectSlug,
    taskId: QueryId,  # noqa: N803 - the name of the query field
    offset: Offset = 0,
    limit: Annotated[int, up_to(1000)] = 100,
) -> list[Comment]:
    """Comments on a task with their threads, oldest first."""
    return service.get(call.session, call.caller, project, taskId, offset, limit)


@router.post("")
def create_task_comment(call: CurrentCall, body: NewComment) -> Comment:
    """Comment on a task."""
    return service.create(call.session, call.caller, body)


@router.put("/{comment_id}")
def update_task_comment_state(call: CurrentCall, comment_id: str, body: CommentState) -> Comment:
    """Resolve a comment, or change its status or priority."""
    return service.update(call.session, call.caller, comment_id, body)


@router.post("/{comment_id}/threads")
def create_comment_thread(call: CurrentCall, comment_id: str, body: ThreadText) -> Comment:
    """Answer a comment."""
    return service.reply(call.session, call.caller, comment_id, body.text)


@router.get("/threads")
def get_project_comments(
    call: CurrentCall,
    project: ProjectSlug,
    taskStatus: TaskStatus | None = None,  # noqa: N803
    taskExternalStatus: ExternalStatus | None = None,  # noqa: N803
    taskTags: QueryTags = None,  # noqa: N803
    issueCategoryId: QueryText = None,  # noqa: N803
    offset: Offset = 0,
    limit: Annotated[int, up_to(1000)] = 100,
) -> list[ProjectComment]:
    """All that was written on a project's tasks, oldest first; tasks have all of the tags."""
    found = find_project(call.session, call.caller, slug=project).project
    tasks = TaskFilter(found.id, taskStatus, taskExternalStatus, tuple(taskTags or ()))
    return service.get_threads(call.session, call.caller, tasks, issueCategoryId, offset, limit)


@router.put("/threads/{thread_id}")
def update_task_comment(call: CurrentCall, thread_id: str, body: ThreadText) -> Comment:
    """Change what was written; answers the whole comment."""
    return service.update_thread(call.session, call.caller, thread_id, body.text)


@router.delete("/threads/{thread_id}", status_code=204)
def delete_task_comment(call: CurrentCall, thread_id: str) -> None:
    """Delete what was written; the comment goes with the last of it."""
    service.delete_thread(call.session, call.caller, thread_id)
