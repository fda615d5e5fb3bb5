"""Audio classification tasks: one recording each, with answers to the questions of the project."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from fastlabel.endpoint import first, get, pages, post, put
from fastlabel.modalities.audio import AUDIO_CLASSIFICATION
from fastlabel.steps import Call, Pages, Resource
from fastlabel.tasks.batch import batch_to_send
from fastlabel.tasks.prepare import attributes_to_send, file_to_send
from fastlabel.types import (
    Assignees,
    AudioClassificationTask,
    BatchedTask,
    ExternalStatus,
    FilePath,
    JsonObjects,
    NewTask,
    PriorityValue,
    TaskStatus,
)


class AudioClassificationTasks(Resource):
    @get("tasks/audio/classification/{task_id}")
    def find_audio_classification_task(self, task_id: str) -> Call[AudioClassificationTask]:
        """Return an audio classification task with its attributes."""

    @get("tasks/audio/classification")
    def find_audio_classification_task_by_name(
        self, project: str, task_name: str
    ) -> Call[AudioClassificationTask | None]:
        """Return the task with exactly this name, None if there is none."""
        return Call(then=first)

    @get("tasks/audio/classification", max_limit=1000)
    def get_audio_classification_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> Call[list[AudioClassificationTask]]:
        """Return up to `limit` tasks, 1,000 at most; filters and order as `get_image_tasks`."""

    @pages("tasks/audio/classification", limit=1000)
    def iter_audio_classification_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> Pages[AudioClassificationTask]:
        """Iterate over all tasks that `get_audio_classification_tasks` would select."""

    @post("tasks/audio/classification")
    def create_audio_classification_task(
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
        """Create a task from an .mp3, .wav or .m4a file of up to 120 MB; return its id.

        `attributes` are {key, value} each, with keys that the project's classification
        class has. Otherwise as `create_image_task`.

        Raises:
            FastLabelInvalidException: wrong file, unknown key, or a value it does not take.
            FileNotFoundError: there is no such file.
            FastLabelConflictException: the name is taken.
        """
        return Call(
            files=file_to_send(file_path, AUDIO_CLASSIFICATION),
            attributes=attributes_to_send(attributes),
        )

    @post("tasks/audio/classification/batch")
    def create_audio_classification_tasks(
        self, project: str, tasks: JsonObjects, *, idempotency_key: str | None = None
    ) -> Call[list[BatchedTask]]:
        """Create up to 100 tasks in one request; return what became of each, in order.

        `tasks` are the arguments of `create_audio_classification_task`, by name; otherwise as
        `create_image_tasks`.
        """
        return batch_to_send(
            AudioClassificationTasks.create_audio_classification_task, project, tasks
        )

    @put("tasks/audio/classification/{task_id}")
    def update_audio_classification_task(
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
