"""What can be done with tasks of every kind."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from fastlabel.const import TASK_TAGS_UPDATE_TASK_IDS_LIMIT
from fastlabel.endpoint import delete, get, post, put
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.steps import Call, Resource, Steps
from fastlabel.types import (
    Assignees,
    ExternalStatus,
    JsonObjects,
    LabelledTaskRevision,
    PriorityValue,
    TagCount,
    TaskRevision,
    TaskStatus,
)


class Tasks(Resource):
    @get("tasks/count")
    def count_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
    ) -> Call[int]:
        """Return how many tasks of a project have both statuses and all of the tags."""

    @get("tasks/map/id-name", max_limit=1000)
    def get_task_id_name_map(
        self, project: str, offset: int | None = None, limit: int = 1000
    ) -> Call[dict[str, str]]:
        """Return the names of up to `limit` tasks by their ids; at most 1,000 a call."""

    @put("tasks/{task_id}")
    def update_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        tags: Sequence[str] | None = None,
        metadatas: JsonObjects | None = None,
        **assignees: Unpack[Assignees],
    ) -> Call[str]:
        """Change a task of any kind and return its id; what is not given stays.

        `tags` replaces all tags of the task; tags that the project lacks are created.
        """

    @delete("tasks/{task_id}")
    def delete_task(self, task_id: str) -> Call[None]:
        """Delete a task with its files and labels; its name is free again."""

    @delete("tasks/{task_id}/task-annotations")
    def delete_task_annotations(self, task_id: str) -> Call[None]:
        """Delete all labels of a task; its revisions keep them."""

    @post("tasks/tags/add")
    def add_task_tags(
        self, project: str, task_ids: Sequence[str], tags: Sequence[str]
    ) -> Steps[int]:
        """Add tags to tasks and return how many tasks changed.

        Any number of tasks may be given: 5,000 go into a request, and what earlier requests
        changed stays when a later one fails. Tags that the project lacks are created.
        """
        return (yield from _in_batches(task_ids, tags))

    @post("tasks/tags/remove")
    def remove_task_tags(
        self, project: str, task_ids: Sequence[str], tags: Sequence[str]
    ) -> Steps[int]:
        """Take tags off tasks and return how many tasks changed.

        Batches as in `add_task_tags`. The tags stay in the project; unknown ones are ignored.
        """
        return (yield from _in_batches(task_ids, tags))

    @get("tasks/{task_id}/revisions")
    def get_task_revisions(self, task_id: str) -> Call[list[TaskRevision]]:
        """Return what the saves of a task's labels were, newest first, without the labels."""

    @get("tasks/{task_id}/revisions/{revision}")
    def find_task_revision(self, task_id: str, revision: int) -> Call[LabelledTaskRevision]:
        """Return the labels of a task as the save number `revision`, from 1, left them."""

    @post("tasks/{task_id}/revisions/{revision}/restore")
    def restore_task_revision(
        self, task_id: str, revision: int, *, idempotency_key: str | None = None
    ) -> Call[str]:
        """Make the labels of an earlier revision the task's newest; return the task's id."""


def _in_batches(task_ids: Sequence[str], tags: Sequence[str]) -> Steps[int]:
    ids = list(dict.fromkeys(task_ids))
    if not ids:
        raise FastLabelInvalidException("task_ids: expected at least one, got none", 422)
    if not tags:
        raise FastLabelInvalidException("tags: expected at least one, got none", 422)
    changed = 0
    for start in range(0, len(ids), TASK_TAGS_UPDATE_TASK_IDS_LIMIT):
        batch = ids[start : start + TASK_TAGS_UPDATE_TASK_IDS_LIMIT]
        count: TagCount = yield Call(task_ids=batch)
        changed += count["updatedTaskCount"]
    return changed
