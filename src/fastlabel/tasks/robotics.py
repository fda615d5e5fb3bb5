"""Robotics tasks: one episode each; the files of its cameras follow the task."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from fastlabel.endpoint import first, get, pages, post, put
from fastlabel.steps import Call, Pages, Resource
from fastlabel.tasks.prepare import annotations_to_send
from fastlabel.types import (
    UNSET,
    Assignees,
    ExternalStatus,
    JsonObjects,
    NewTask,
    PriorityValue,
    RoboticsTask,
    TaskStatus,
    Unset,
)


class RoboticsTasks(Resource):
    @get("tasks/robotics/{task_id}")
    def find_robotics_task(self, task_id: str) -> Call[RoboticsTask]:
        """Return an episode with its sub-tasks.

        Its `contents` are the cameras and the telemetry that
        `import_robotics_contents_file` brought.
        """

    @get("tasks/robotics")
    def find_robotics_task_by_name(self, project: str, task_name: str) -> Call[RoboticsTask | None]:
        """Return the task with exactly this name, None if there is none."""
        return Call(then=first)

    @get("tasks/robotics", max_limit=100)
    def get_robotics_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = 0,
        limit: int = 100,
    ) -> Call[list[RoboticsTask]]:
        """Return up to `limit` tasks, oldest first, at most 100; filters as `get_image_tasks`."""

    @pages("tasks/robotics", limit=100)
    def iter_robotics_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> Pages[RoboticsTask]:
        """Iterate over all tasks that `get_robotics_tasks` would select."""

    @post("tasks/robotics")
    def create_robotics_task(
        self,
        project: str,
        name: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        tags: Sequence[str] | None = None,
        operator: str | None = None,
        metadatas: JsonObjects | None = None,
        **options: Unpack[NewTask],
    ) -> Call[str]:
        """Create a task for an episode, without files yet; return its id.

        Args:
            name: of the episode; the ZIP that brings its files is called `<name>.zip`.
            operator: who steered the robot; shown as `roboticsOperator`.

        Raises:
            FastLabelConflictException: the name is taken.
        """

    @put("tasks/robotics/{task_id}")
    def update_robotics_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        tags: Sequence[str] | None = None,
        operator: str | None = None,
        annotations: JsonObjects | Unset | None = UNSET,
        metadatas: JsonObjects | None = None,
        **assignees: Unpack[Assignees],
    ) -> Call[str]:
        """Change a task and return its id; what is not given stays.

        Annotations of the type `sub_task` have `start` and `end`, frames of the episode.
        Unlike those of other tasks, `annotations=[]` removes all of them.
        """
        if annotations is None or isinstance(annotations, Unset):
            return Call(annotations=UNSET)
        return Call(annotations=annotations_to_send(annotations) or [])
