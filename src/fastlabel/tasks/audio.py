"""Audio tasks: one recording each, annotated by spans of time."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from fastlabel.endpoint import first, get, pages, post, put
from fastlabel.modalities.audio import AUDIO
from fastlabel.steps import Call, Pages, Resource
from fastlabel.tasks.batch import batch_to_send
from fastlabel.tasks.prepare import annotations_to_send, file_to_send
from fastlabel.types import (
    Assignees,
    AudioTask,
    BatchedTask,
    ExternalStatus,
    FilePath,
    JsonObjects,
    NewTask,
    PriorityValue,
    TaskStatus,
)


class AudioTasks(Resource):
    @get("tasks/audio/{task_id}")
    def find_audio_task(self, task_id: str) -> Call[AudioTask]:
        """Return an audio task: its `duration` in seconds and its annotations.

        `url` is signed: it needs no token and expires.
        """

    @get("tasks/audio")
    def find_audio_task_by_name(self, project: str, task_name: str) -> Call[AudioTask | None]:
        """Return the task with exactly this name, None if there is none."""
        return Call(then=first)

    @get("tasks/audio", max_limit=1000)
    def get_audio_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> Call[list[AudioTask]]:
        """Return up to `limit` tasks, 1,000 at most; filters and order as `get_image_tasks`."""

    @pages("tasks/audio", limit=1000)
    def iter_audio_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> Pages[AudioTask]:
        """Iterate over all tasks that `get_audio_tasks` would select."""

    @post("tasks/audio")
    def create_audio_task(
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
        """Create an audio task from an .mp3, .wav or .m4a file of up to 120 MB; return its id.

        Annotations of the type `segmentation` have `start` and `end` in seconds. Otherwise as
        `create_image_task`.

        Raises:
            FastLabelInvalidException: wrong file, unknown class, or a span that cannot be.
            FileNotFoundError: there is no such file.
            FastLabelConflictException: the name is taken.
        """
        return Call(
            files=file_to_send(file_path, AUDIO),
            annotations=annotations_to_send(annotations, content=name),
        )

    @post("tasks/audio/batch")
    def create_audio_tasks(
        self, project: str, tasks: JsonObjects, *, idempotency_key: str | None = None
    ) -> Call[list[BatchedTask]]:
        """Create up to 100 tasks in one request; return what became of each, in order.

        `tasks` are the arguments of `create_audio_task`, by name; otherwise as
        `create_image_tasks`.
        """
        return batch_to_send(AudioTasks.create_audio_task, project, tasks)

    @put("tasks/audio/{task_id}")
    def update_audio_task(
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
