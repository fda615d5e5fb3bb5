"""DICOM tasks: the slices of one series each, with annotations."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from fastlabel.endpoint import first, get, pages, post, put
from fastlabel.modalities.dicom import ARCHIVE
from fastlabel.steps import Call, Pages, Resource, Steps
from fastlabel.tasks.prepare import annotations_to_send
from fastlabel.types import (
    Assignees,
    DicomTask,
    ExternalStatus,
    FilePath,
    History,
    JsonObjects,
    PriorityValue,
    TaskStatus,
)
from fastlabel.uploads import uploaded


class DicomTasks(Resource):
    @get("tasks/dicom/{task_id}")
    def find_dicom_task(self, task_id: str) -> Call[DicomTask]:
        """Return a DICOM task with its slices in `contents` and its annotations.

        `url` is the ZIP that was uploaded, signed: it needs no token and expires.
        """

    @get("tasks/dicom")
    def find_dicom_task_by_name(self, project: str, task_name: str) -> Call[DicomTask | None]:
        """Return the DICOM task with exactly this name, None if there is none."""
        return Call(then=first)

    @get("tasks/dicom", max_limit=1000)
    def get_dicom_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> Call[list[DicomTask]]:
        """Return up to `limit` DICOM tasks, oldest first; at most 1,000 a call.

        Tasks have both statuses and all of the tags, up to 10. `iter_dicom_tasks` pages
        by itself.
        """

    @pages("tasks/dicom", limit=100)
    def iter_dicom_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> Pages[DicomTask]:
        """Iterate over all DICOM tasks that `get_dicom_tasks` would select, oldest first."""

    @post("tasks/dicom")
    def create_dicom_task(
        self,
        project: str,
        file_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        metadatas: JsonObjects | None = None,
        **assignees: Unpack[Assignees],
    ) -> Steps[History]:
        """Upload a .zip of up to 2,000 MB with the slices of a series; return its import.

        The task is made by the import, is named like the ZIP and appears when all of its
        slices are stored: `wait_for_history(history["id"])` waits for that. Slices that
        cannot be read are named in the history's `errors`.

        Raises:
            FastLabelInvalidException: no ZIP, or too large.
            FastLabelConflictException: the name is taken.
            FileNotFoundError: there is no such file.
        """
        file_key = yield from uploaded(project, file_path, ARCHIVE)
        history: History = yield Call(file_path=None, file_key=file_key)
        return history

    @put("tasks/dicom/{task_id}")
    def update_dicom_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        metadatas: JsonObjects | None = None,
        *,
        priority: PriorityValue | None = None,
        annotations: JsonObjects | None = None,
        **assignees: Unpack[Assignees],
    ) -> Call[str]:
        """Change a DICOM task and return its id; what is not given stays.

        `tags` and `annotations` replace the whole list; an empty one changes nothing
        (`delete_task_annotations` removes all). Each annotation has the `contentId` of its
        slice, an `id` in the task's `contents`.
        """
        return Call(annotations=annotations_to_send(annotations))
