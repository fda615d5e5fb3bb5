"""Exports that the server makes: a project's tasks in a dataset format, as one ZIP."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from fastlabel.downloads import download
from fastlabel.endpoint import camel_case, composed, delete, get, pages, post
from fastlabel.exceptions import FastLabelException
from fastlabel.polling import reason, until_completed
from fastlabel.steps import Call, Pages, Resource, Steps, ask, blocking
from fastlabel.types import Export, ExternalStatus, FilePath, TaskStatus

LONGEST_POLL_S: Final = 2.0
OnProgress: TypeAlias = Callable[[Export], object]


class ServerExports(Resource):
    @post("exports")
    def create_export(
        self,
        project: str,
        format: str,
        *,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        classes: Sequence[str] | None = None,
        created_at_from: str | None = None,
        created_at_to: str | None = None,
        updated_at_from: str | None = None,
        updated_at_to: str | None = None,
        revision: str | int | None = None,
        options: Mapping[str, Any] | None = None,
        strict: bool = False,
        idempotency_key: str | None = None,
    ) -> Call[Export]:
        """Let the server write tasks of a project as a ZIP; return the export that does it.

        The tasks that exist now are in it, each as it is when its turn comes.

        Args:
            format: such as "coco": a name of `fastlabel.formats.FORMATS` that writes.
            tags: all of them must be on a task.
            classes: values; only tasks that have one of them, and only these annotations.
            created_at_from: in ISO 8601, such as "2026-05-01" or "2026-05-01T12:30:00Z";
                without an offset it is UTC. The time of `..._to` itself is not in the range.
            revision: a time: labels as they were then, of tasks that existed. A number: the
                labels of each task's revision, its newest where it has fewer.
            options: what the format takes beyond that, such as {"compat": "official"}.
            strict: fail at the first annotation that the format cannot hold as it is.

        Raises:
            FastLabelInvalidException: no such format or option, or the project's tasks have
                no form in it.
        """
        named = {camel_case(name): value for name, value in (options or {}).items()}
        return Call(options=named)

    @get("exports/{export_id}")
    def find_export(self, export_id: str) -> Call[Export]:
        """Return an export: its status, how far it is, and what was lost.

        `status` is pending, running, completed, failed (`message` says why) or canceled.
        """

    @get("exports", max_limit=1000)
    def get_exports(
        self, project: str, offset: int | None = None, limit: int = 100
    ) -> Call[list[Export]]:
        """Return up to `limit` exports of a project, oldest first; at most 1,000 a call."""

    @pages("exports", limit=1000)
    def iter_exports(self, project: str) -> Pages[Export]:
        """Iterate over all exports of a project, oldest first."""

    @post("exports/{export_id}/cancel")
    def cancel_export(self, export_id: str) -> Call[Export]:
        """End an export that is under way; there will be no file.

        Raises:
            FastLabelConflictException: it has ended already.
        """

    @delete("exports/{export_id}")
    def delete_export(self, export_id: str) -> Call[None]:
        """Delete an export and its file; one that is under way ends."""

    @composed
    def wait_for_export(
        self,
        export_id: str,
        timeout_s: float | None = None,
        progress: OnProgress | None = None,
    ) -> Steps[Export]:
        """Wait until an export is completed and return it.

        Args:
            timeout_s: seconds to wait at most; None waits for ever.
            progress: called with the export each time it was looked at.

        Raises:
            FastLabelException: the export failed or was canceled; the message says why.
            TimeoutError: it goes on still.
        """
        return until_completed(
            lambda: ask(ServerExports.find_export, export_id),
            f"export {export_id}",
            timeout_s,
            LONGEST_POLL_S,
            progress,
        )

    @composed
    def download_export(self, export_id: str, path: FilePath = ".") -> Steps[Path]:
        """Download the ZIP of a completed export and return its path.

        Args:
            path: of the file, or of a folder, in which it is named as on the server. A file
                that is there is replaced when the new one is complete.

        Raises:
            FastLabelException: there is no file, as the export is not completed.
        """
        export: Export = yield from ask(ServerExports.find_export, export_id)
        if export["url"] is None:
            raise FastLabelException(f"export {export_id} {reason(export)}")
        target = Path(path)
        if target.is_dir():
            target /= export["fileName"]
        yield from blocking(download, export["url"], target)
        return target
