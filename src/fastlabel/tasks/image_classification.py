"""Image classification tasks: one picture each, with answers to the project's questions."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from fastlabel.endpoint import first, get, pages, post, put
from fastlabel.modalities.image import IMAGE_CLASSIFICATION
from fastlabel.steps import Call, Pages, Resource
from fastlabel.tasks.batch import batch_to_send
from fastlabel.tasks.prepare import attributes_to_send, file_to_send
from fastlabel.types import (
    Assignees,
    BatchedTask,
    ExternalStatus,
    FilePath,
    ImageClassificationTask,
    JsonObjects,
    NewTask,
    PriorityValue,
    StorageType,
    TaskStatus,
)


class ImageClassificationTasks(Resource):
    @get("tasks/image/classification/{task_id}")
    def find_image_classification_task(self, task_id: str) -> Call[ImageClassificationTask]:
        """Return an image classification task with its attributes.

        `url` is signed: it needs no token and expires.
        """

    @get("tasks/image/classification")
    def find_image_classification_task_by_name(
        self, project: str, task_name: str
    ) -> Call[ImageClassificationTask | None]:
        """Return the task with exactly this name, None if there is none."""
        return Call(then=first)

    @get("tasks/image/classification", max_limit=1000)
    def get_image_classification_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> Call[list[ImageClassificationTask]]:
        """Return up to `limit` tasks, oldest first; filters and limits as `get_image_tasks`."""

    @pages("tasks/image/classification", limit=1000)
    def iter_image_classification_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> Pages[ImageClassificationTask]:
        """Iterate over all tasks that `get_image_classification_tasks` would select."""

    @post("tasks/image/classification")
    def create_image_classification_task(
        self,
        project: str,
        name: str,
        file_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        attributes: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        is_delete_exif: bool = False,
        **options: Unpack[NewTask],
    ) -> Call[str]:
        """Create a task from a .jpeg, .jpg or .png file of up to 20 MB; return its id.

        `attributes` are {key, value} each, with keys that the project's classification
        class has. Otherwise as `create_image_task`.

        Raises:
            FastLabelInvalidException: wrong file, unknown key, or a value it does not take.
            FastLabelConflictException: the name is taken.
            FileNotFoundError: there is no such file.
        """
        return Call(
            files=file_to_send(file_path, IMAGE_CLASSIFICATION),
            attributes=attributes_to_send(attributes),
        )

    @post("tasks/image/classification/batch")
    def create_image_classification_tasks(
        self, project: str, tasks: JsonObjects, *, idempotency_key: str | None = None
    ) -> Call[list[BatchedTask]]:
        """Create up to 100 tasks in one request; return what became of each, in order.

        `tasks` are the arguments of `create_image_classification_task`, by name; otherwise as
        `create_image_tasks`.
        """
        create = ImageClassificationTasks.create_image_classification_task
        return batch_to_send(create, project, tasks)

    @post("tasks/integrated-image/classification")
    def create_integrated_image_classification_task(
        self,
        project: str,
        file_path: str,
        storage_type: StorageType,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        attributes: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        **options: Unpack[NewTask],
    ) -> Call[str]:
        """Create a task for an object that stays in the project's bucket; return its id.

        Mind the order: here `file_path` comes before `storage_type`, in
        `create_integrated_image_task` after it.
        """
        return Call(attributes=attributes_to_send(attributes))

    @put("tasks/image/classification/{task_id}")
    def update_image_classification_task(
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
