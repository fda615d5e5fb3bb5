"""The appendix of point clouds: pictures taken with them, and the calibration of the cameras."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Sequence

from fastlabel.endpoint import get, pages
from fastlabel.steps import Call, Pages, Resource
from fastlabel.types import AppendixData, ExternalStatus, TaskStatus


class Appendix(Resource):
    @get("contents/export/appendix", max_limit=10_000)
    def get_appendix_data(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 10_000,
    ) -> Call[list[AppendixData]]:
        """Return up to `limit` pictures of a project's point clouds; at most 10,000 a call.

        They come in the order of their tasks, clouds and names. Tasks have both statuses and
        all of the tags, up to 10.
        """

    @pages("contents/export/appendix", limit=10_000)
    def iter_appendix_data(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> Pages[AppendixData]:
        """Iterate over all that `get_appendix_data` would select, in the same order."""

    @get("tasks/appendix", max_limit=10_000)
    def get_task_appendix_data(
        self,
        project: str,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 10_000,
    ) -> Call[list[AppendixData]]:
        """Return up to `limit` pictures of one task, or of all; at most 10,000 a call."""
