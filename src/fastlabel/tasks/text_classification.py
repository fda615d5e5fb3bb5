"""Text classification tasks: one document each, with answers to the questions of the project."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from fastlabel.endpoint import first, get, pages, post, put
from fastlabel.modalities.text import TEXT_CLASSIFICATION
from fastlabel.steps import Call, Pages, Resource
from fastlabel.tasks.batch import batch_to_send
from fastlabel.tasks.prepare import attributes_to_send, file_to_send
from fastlabel.types import (
    Assignees,
    BatchedTask,
    ExternalStatus,
    FilePath,
    JsonObjects,
    NewTask,
    PriorityValue,
    TaskStatus,
    TextClassificationTask,
)


class TextClassificationTasks(Resource):
    @get("tasks/text/classification/{task_id}")
    def find_text_classification_task(self, task_id: str) -> Call[TextClassificationTask]:
        """Return a text classification task with its attributes."""

    @get("tasks/text/classification")
    def find_text_classification_task_by_name(
        self, project: str, task_name: str
    ) -> Call[TextClassificationTask | None]:
        """Return the task with exactly this name, None if there is none."""
        return Call(then=first)

    @get("tasks/text/classification", max_limit=1000)
    def get_text_classification_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> Call[list[TextClassificationTask]]:
        """Return up to `limit` tasks, 1,000 at most; filters and order as `get_image_tasks`."""

    @pages("tasks/text/classification", limit=1000)
    def iter_text_classification_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> Pages[TextClassificationTask]:
        """Iterate over all tasks that `get_text_classification_tasks` would select."""

    @post("tasks/text/classification")
    def create_text_classification_task(
        self,
        project: str,
        name: str,
        file_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        attributes: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        **options: Unpack[NewTask],
    ) -> Call[str]:
        """Create a task from a .txt file of up to 2 MB; return its id.

        `attributes` are {key, value} each, with keys that the project's classification
        class has. Otherwise as `create_image_task`.

        Raises:
            FastLabelInvalidException: no text, unknown key, or a value it does not take.
            FileNotFoundError: there is no such file.
            FastLabelConflictException: the name is taken.
        """
        return Call(
            files=file_to_send(file_path, TEXT_CLASSIFICATION),
            attributes=attributes_to_send(attributes),
        )

    @post("tasks/text/classification/batch")
    def create_text_classification_tasks(
        self, project: str, tasks: JsonObjects, *, idempotency_key: str | None = None
    ) -> Call[list[BatchedTask]]:
        """Create up to 100 tasks in one request; return what became of each, in order.

        `tasks` are the arguments of `create_text_classification_task`, by name; otherwise as
        `create_image_tasks`.
        """
        return batch_to_send(
            TextClassificationTasks.create_text_classification_task, project, tasks
        )

    @put("tasks/text/classification/{task_id}")
    def update_text_classification_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        attributes: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        **assignees: Unpack[Assignees],
    ) -> Call[str]:
        """Change a task and return its id; what is not given stays.

        `tags` and `attributes` replace the whole list; an empty one changes nothing.
        """
        return Call(attributes=attributes_to_send(attributes))
