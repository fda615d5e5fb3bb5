"""Sequential image tasks: up to 250 pictures each, annotated one by one."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from fastlabel.endpoint import first, get, pages, post, put
from fastlabel.modalities.image import SEQUENTIAL_IMAGE
from fastlabel.steps import Call, Pages, Resource
from fastlabel.tasks.prepare import annotations_to_send, folder_to_send
from fastlabel.types import (
    Assignees,
    ExternalStatus,
    FilePath,
    JsonObjects,
    NewTask,
    PriorityValue,
    SequentialImageTask,
    TaskStatus,
)


class SequentialImageTasks(Resource):
    @get("tasks/sequential-image/{task_id}")
    def find_sequential_image_task(self, task_id: str) -> Call[SequentialImageTask]:
        """Return a sequence with its annotations.

        Its `contents` come in the order of their names, each with a signed `url`; the
        `content` of an annotation is the name of one of them.
        """

    @get("tasks/sequential-image")
    def find_sequential_image_task_by_name(
        self, project: str, task_name: str
    ) -> Call[SequentialImageTask | None]:
        """Return the task with exactly this name, None if there is none."""
        return Call(then=first)

    @get("tasks/sequential-image", max_limit=10)
    def get_sequential_image_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 10,
    ) -> Call[list[SequentialImageTask]]:
        """Return up to `limit` tasks, 10 at most; filters and order as `get_image_tasks`."""

    @pages("tasks/sequential-image", limit=10)
    def iter_sequential_image_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> Pages[SequentialImageTask]:
        """Iterate over all tasks that `get_sequential_image_tasks` would select."""

    @post("tasks/sequential-image")
    def create_sequential_image_task(
        self,
        project: str,
        name: str,
        folder_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        annotations: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        metadatas: JsonObjects | None = None,
        is_delete_exif: bool = False,
        **options: Unpack[NewTask],
    ) -> Call[str]:
        """Create a task from a folder of up to 250 pictures; return its id.

        The folder holds .jpeg, .jpg and .png files of up to 20 MB each, about 512 MB in all,
        and nothing else but hidden files. They come in the order of their names. Each
        annotation names its picture in `content`.

        Raises:
            FastLabelInvalidException: no folder, an empty one, a wrong file, an unknown class,
                or an annotation whose `content` is none of the files.
            FastLabelConflictException: the name is taken.
        """
        return Call(
            files=folder_to_send(folder_path, SEQUENTIAL_IMAGE),
            annotations=annotations_to_send(annotations),
        )

    @put("tasks/sequential-image/{task_id}")
    def update_sequential_image_task(
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
        return Call(annotations=annotations_to_send(annotations))
