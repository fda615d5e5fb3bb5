"""Multi-image classification tasks: up to six pictures each, answered together."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from fastlabel.endpoint import first, get, pages, post, put
from fastlabel.modalities.image import MULTI_IMAGE_CLASSIFICATION
from fastlabel.steps import Call, Pages, Resource
from fastlabel.tasks.prepare import attributes_to_send, folder_to_send
from fastlabel.types import (
    Assignees,
    ExternalStatus,
    FilePath,
    JsonObjects,
    MultiImageTask,
    NewTask,
    PriorityValue,
    TaskStatus,
)


class MultiImageClassificationTasks(Resource):
    @get("tasks/multi-image/classification/{task_id}")
    def find_multi_image_classification_task(self, task_id: str) -> Call[MultiImageTask]:
        """Return a multi-image classification task with its attributes.

        Its `contents` come in the order of their names, each with a signed `url`.
        """

    @get("tasks/multi-image/classification")
    def find_multi_image_classification_task_by_name(
        self, project: str, task_name: str
    ) -> Call[MultiImageTask | None]:
        """Return the task with exactly this name, None if there is none."""
        return Call(then=first)

    @get("tasks/multi-image/classification", max_limit=1000)
    def get_multi_image_classification_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> Call[list[MultiImageTask]]:
        """Return up to `limit` tasks, oldest first; filters and limits as `get_image_tasks`."""

    @pages("tasks/multi-image/classification", limit=1000)
    def iter_multi_image_classification_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> Pages[MultiImageTask]:
        """Iterate over all tasks that `get_multi_image_classification_tasks` would select."""

    @post("tasks/multi-image/classification")
    def create_multi_image_classification_task(
        self,
        project: str,
        name: str,
        folder_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        attributes: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        is_delete_exif: bool = False,
        **options: Unpack[NewTask],
    ) -> Call[str]:
        """Create a task from a folder of up to six pictures and return its id.

        The folder holds .gif, .jpeg, .jpg and .png files of up to 20 MB each and nothing
        else but hidden files. `attributes` are as in `create_image_classification_task`.

        Raises:
            FastLabelInvalidException: no folder, an empty one, a wrong file, unknown key.
            FastLabelConflictException: the name is taken.
        """
        return Call(
            files=folder_to_send(folder_path, MULTI_IMAGE_CLASSIFICATION),
            attributes=attributes_to_send(attributes),
        )

    @put("tasks/multi-image/classification/{task_id}")
    def update_multi_image_classification_task(
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
