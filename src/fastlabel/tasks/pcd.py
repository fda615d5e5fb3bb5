"""Point cloud tasks: one cloud each, with cuboids or sets of points."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from fastlabel.endpoint import first, get, pages, post, put
from fastlabel.modalities.pcd import PCD
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
    PcdTask,
    PriorityValue,
    TaskStatus,
)


class PcdTasks(Resource):
    @get("tasks/pcd/{task_id}")
    def find_pcd_task(self, task_id: str) -> Call[PcdTask]:
        """Return a point cloud task with its annotations.

        `url` is signed: it needs no token and expires.
        """

    @get("tasks/pcd")
    def find_pcd_task_by_name(self, project: str, task_name: str) -> Call[PcdTask | None]:
        """Return the task with exactly this name, None if there is none."""
        return Call(then=first)

    @get("tasks/pcd", max_limit=1000)
    def get_pcd_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> Call[list[PcdTask]]:
        """Return up to `limit` tasks, 1,000 at most; filters and order as `get_image_tasks`."""

    @pages("tasks/pcd", limit=1000)
    def iter_pcd_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> Pages[PcdTask]:
        """Iterate over all tasks that `get_pcd_tasks` would select."""

    @post("tasks/pcd")
    def create_pcd_task(
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
        """Create a point cloud task from a .pcd file of up to 100 MB; return its id.

        `points` of a `cuboid` are position x, y, z, rotation about x, y, z in radians, and
        length x, y, z; those of a `segmentation` are positions of points in the file, from 0.
        Otherwise as `create_image_task`.

        Raises:
            FastLabelInvalidException: wrong file, unknown class, or points that cannot be.
            FileNotFoundError: there is no such file.
            FastLabelConflictException: the name is taken.
        """
        return Call(
            files=file_to_send(file_path, PCD),
            annotations=annotations_to_send(annotations, content=name),
        )

    @post("tasks/pcd/batch")
    def create_pcd_tasks(
        self, project: str, tasks: JsonObjects, *, idempotency_key: str | None = None
    ) -> Call[list[BatchedTask]]:
        """Create up to 100 tasks in one request; return what became of each, in order.

        `tasks` are the arguments of `create_pcd_task`, by name; otherwise as
        `create_image_tasks`.
        """
        return batch_to_send(PcdTasks.create_pcd_task, project, tasks)

    @put("tasks/pcd/{task_id}")
    def update_pcd_task(
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
