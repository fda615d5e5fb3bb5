"""Multi-modal tasks: videos and recordings on one time line."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from fastlabel.endpoint import first, get, pages, post, put
from fastlabel.modalities.multi_modal import MULTI_MODAL_VIDEO_AUDIO
from fastlabel.steps import Call, Pages, Resource
from fastlabel.tasks.prepare import annotations_to_send, folder_to_send
from fastlabel.types import (
    Assignees,
    ExternalStatus,
    FilePath,
    JsonObjects,
    MultiModalVideoAudioTask,
    NewTask,
    PriorityValue,
    TaskStatus,
)


class MultiModalVideoAudioTasks(Resource):
    @get("tasks/multi-modal-video-audio/{task_id}")
    def find_multi_modal_video_audio_task(self, task_id: str) -> Call[MultiModalVideoAudioTask]:
        """Return a task with its videos and recordings as `contents`, and its annotations."""

    @get("tasks/multi-modal-video-audio")
    def find_multi_modal_video_audio_task_by_name(
        self, project: str, task_name: str
    ) -> Call[MultiModalVideoAudioTask | None]:
        """Return the task with exactly this name, None if there is none."""
        return Call(then=first)

    @get("tasks/multi-modal-video-audio", max_limit=10)
    def get_multi_modal_video_audio_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 10,
    ) -> Call[list[MultiModalVideoAudioTask]]:
        """Return up to `limit` tasks, 10 at most; filters and order as `get_image_tasks`."""

    @pages("tasks/multi-modal-video-audio", limit=10)
    def iter_multi_modal_video_audio_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> Pages[MultiModalVideoAudioTask]:
        """Iterate over all tasks that `get_multi_modal_video_audio_tasks` would select."""

    @post("tasks/multi-modal-video-audio")
    def create_multi_modal_video_audio_task(
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
        **options: Unpack[NewTask],
    ) -> Call[str]:
        """Create a task from a folder of videos and recordings that belong together; return its id.

        The folder holds up to twelve .mp4, .mp3, .wav and .m4a files, about 512 MB in all, and
        nothing else but hidden files. Annotations of the type `segmentation` have `start` and
        `end` in seconds; `content` may name the file that one is about.

        Raises:
            FastLabelInvalidException: no folder, an empty one, a wrong file, an unknown class,
                or a span that cannot be.
            FastLabelConflictException: the name is taken.
        """
        return Call(
            files=folder_to_send(folder_path, MULTI_MODAL_VIDEO_AUDIO),
            annotations=annotations_to_send(annotations),
        )

    @put("tasks/multi-modal-video-audio/{task_id}")
    def update_multi_modal_video_audio_task(
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
