"""Image tasks: one picture each, with annotations."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from fastlabel.endpoint import first, get, pages, post, put
from fastlabel.modalities.image import IMAGE
from fastlabel.steps import Call, Pages, Resource
from fastlabel.tasks.batch import batch_to_send
from fastlabel.tasks.prepare import annotations_to_send, check_remote_path, file_to_send
from fastlabel.types import (
    Assignees,
    BatchedTask,
    CustomTaskStatus,
    ExternalStatus,
    FilePath,
    ImageTask,
    JsonObjects,
    NewTask,
    PriorityValue,
    StorageType,
    TaskStatus,
)


class ImageTasks(Resource):
    @get("tasks/image/{task_id}")
    def find_image_task(self, task_id: str) -> Call[ImageTask]:
        """Return an image task with its annotations.

        `url` is signed: it needs no token and expires.
        """

    @get("tasks/image")
    def find_image_task_by_name(self, project: str, task_name: str) -> Call[ImageTask | None]:
        """Return the image task with exactly this name, None if there is none."""
        return Call(then=first)

    @get("tasks/image", max_limit=1000)
    def get_image_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> Call[list[ImageTask]]:
        """Return up to `limit` image tasks, oldest first; at most 1,000 a call.

        Tasks have both statuses and all of the tags, up to 10. `iter_image_tasks` pages
        by itself.
        """

    @pages("tasks/image", limit=1000)
    def iter_image_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> Pages[ImageTask]:
        """Iterate over all image tasks that `get_image_tasks` would select, oldest first."""

    @post("tasks/image")
    def create_image_task(
        self,
        project: str,
        name: str,
        file_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        custom_task_status: CustomTaskStatus | None = None,
        priority: PriorityValue | None = None,
        annotations: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        metadatas: JsonObjects | None = None,
        is_delete_exif: bool = False,
        **options: Unpack[NewTask],
    ) -> Call[str]:
        """Create an image task from a .jpeg, .jpg or .png file of up to 20 MB; return its id.

        Annotations refer to classes that the project already has. Those of a task that was
        fetched can be passed as they are.

        Args:
            name: unique in the project; may contain "/".
            custom_task_status: for projects with a workflow of their own.
            is_delete_exif: store the picture without its EXIF data, turned as they say.
            options: assignees by slug; `idempotency_key` makes a repeated call return the
                first one's task.

        Raises:
            FastLabelInvalidException: wrong file, unknown class or status.
            FastLabelConflictException: the name is taken.
            FileNotFoundError: there is no such file.
        """
        return Call(
            files=file_to_send(file_path, IMAGE),
            annotations=annotations_to_send(annotations, content=name),
        )

    @post("tasks/image/batch")
    def create_image_tasks(
        self, project: str, tasks: JsonObjects, *, idempotency_key: str | None = None
    ) -> Call[list[BatchedTask]]:
        """Create up to 100 image tasks in one request; return what became of each, in order.

        A task that the server refuses does not stop the others: its entry has an `error` in
        place of an `id`. A file or an argument that is wrong before anything is sent is
        raised, and nothing is. `create_image_tasks_from_folder` makes batches by itself.

        Args:
            tasks: the arguments of `create_image_task` by name, for each task: `name`,
                `file_path` and any of the others but `project` and `idempotency_key`.
            idempotency_key: makes a repeated call return the first one's result.

        Raises:
            FastLabelInvalidException: wrong file, not 1 to 100 tasks, more bytes than the
                server takes at a time (528 MB unless it is set otherwise).
            FileNotFoundError: there is no such file; a note names the task.
        """
        return batch_to_send(ImageTasks.create_image_task, project, tasks)

    @post("tasks/integrated-image")
    def create_integrated_image_task(
        self,
        project: str,
        storage_type: StorageType,
        file_path: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        annotations: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        metadatas: JsonObjects | None = None,
        **options: Unpack[NewTask],
    ) -> Call[str]:
        """Create an image task for an object that stays in the project's bucket.

        `file_path` is the object's path in the bucket and becomes the task's name.
        Otherwise as `create_image_task`.
        """
        check_remote_path(file_path, IMAGE)
        return Call(annotations=annotations_to_send(annotations, content=file_path))

    @put("tasks/image/{task_id}")
    def update_image_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        custom_task_status: CustomTaskStatus | None = None,
        priority: PriorityValue | None = None,
        tags: Sequence[str] | None = None,
        annotations: JsonObjects | None = None,
        relations: JsonObjects | None = None,
        metadatas: JsonObjects | None = None,
        **assignees: Unpack[Assignees],
    ) -> Call[str]:
        """Change an image task and return its id; what is not given stays.

        `tags` and `annotations` replace the whole list; an empty one changes nothing
        (`delete_task_annotations` removes all). `relations` are {startIndex, endIndex},
        indexes from 0 into the annotations of the same call.
        """
        return Call(annotations=annotations_to_send(annotations, content=""))
