"""Text tasks: one document each, annotated by spans of characters."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from fastlabel.endpoint import first, get, pages, post, put
from fastlabel.modalities.text import TEXT
from fastlabel.steps import Call, Pages, Resource
from fastlabel.tasks.batch import batch_to_send
from fastlabel.tasks.prepare import annotations_to_send, file_to_send
from fastlabel.types import (
    Assignees,
    BatchedTask,
    ExternalStatus,
    FilePath,
    JsonObjects,
    NewTask,
    PriorityValue,
    TaskStatus,
    TextTask,
)


class TextTasks(Resource):
    @get("tasks/text/{task_id}")
    def find_text_task(self, task_id: str) -> Call[TextTask]:
        """Return a text task with its annotations.

        `url` is signed: it needs no token and expires.
        """

    @get("tasks/text")
    def find_text_task_by_name(self, project: str, task_name: str) -> Call[TextTask | None]:
        """Return the task with exactly this name, None if there is none."""
        return Call(then=first)

    @get("tasks/text", max_limit=1000)
    def get_text_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> Call[list[TextTask]]:
        """Return up to `limit` tasks, 1,000 at most; filters and order as `get_image_tasks`."""

    @pages("tasks/text", limit=1000)
    def iter_text_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> Pages[TextTask]:
        """Iterate over all tasks that `get_text_tasks` would select."""

    @post("tasks/text")
    def create_text_task(
        self,
        project: str,
        name: str,
        file_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        annotations: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        metadatas: JsonObjects | None = None,
        **options: Unpack[NewTask],
    ) -> Call[str]:
        """Create a text task from a .txt file of up to 2 MB; return its id.

        The text is UTF-8, UTF-16 with a mark, or Shift_JIS. Annotations of the type `ner` have
        `start` and `end`, which count characters (code points) from 0, `end` exclusive, and
        `text`, what they enclose. Otherwise as `create_image_task`.

        Raises:
            FastLabelInvalidException: no text, unknown class, or a span that cannot be.
            FileNotFoundError: there is no such file.
            FastLabelConflictException: the name is taken.
        """
        return Call(
            files=file_to_send(file_path, TEXT),
            annotations=annotations_to_send(annotations, content=name),
        )

    @post("tasks/text/batch")
    def create_text_tasks(
        self, project: str, tasks: JsonObjects, *, idempotency_key: str | None = None
    ) -> Call[list[BatchedTask]]:
        """Create up to 100 tasks in one request; return what became of each, in order.

        `tasks` are the arguments of `create_text_task`, by name; otherwise as
        `create_image_tasks`.
        """
        return batch_to_send(TextTasks.create_text_task, project, tasks)

    @put("tasks/text/{task_id}")
    def update_text_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        tags: Sequence[str] | None = None,
        annotations: JsonObjects | None = None,
        metadatas: JsonObjects | None = None,
        **assignees: Unpack[Assignees],
    ) -> Call[str]:
        """Change a task and return its id; what is not given stays.

        `tags` and `annotations` replace the whole list; an empty one changes nothing.
        """
        return Call(annotations=annotations_to_send(annotations, content=""))
