"""Imports: the history of each, and ZIPs that bring files to tasks that are there."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from typing import Final

from fastlabel.endpoint import composed, get, pages, post
from fastlabel.modalities.pcd import APPENDIX
from fastlabel.modalities.robotics import EPISODE
from fastlabel.polling import until_completed
from fastlabel.steps import Call, Pages, Resource, Steps, ask
from fastlabel.types import FilePath, History
from fastlabel.uploads import uploaded

LONGEST_POLL_S: Final = 5.0


class Imports(Resource):
    @get("tasks/import/histories/{history_id}")
    def find_history(self, history_id: str) -> Call[History]:
        """Return an import: its status, how far it is, and what it could not take.

        `status` is pending, running, completed, failed (`message` says why) or canceled.
        """

    @get("tasks/import/histories", max_limit=1000)
    def get_histories(
        self, project: str, offset: int | None = None, limit: int = 100
    ) -> Call[list[History]]:
        """Return up to `limit` imports of a project, oldest first; at most 1,000 a call."""

    @pages("tasks/import/histories", limit=1000)
    def iter_histories(self, project: str) -> Pages[History]:
        """Iterate over all imports of a project, oldest first."""

    @post("tasks/import/histories/{history_id}/cancel")
    def cancel_import(self, history_id: str) -> Call[History]:
        """End an import before its next step; what it has made stays.

        Raises:
            FastLabelConflictException: it has ended already.
        """

    @composed
    def wait_for_history(self, history_id: str, timeout: float | None = None) -> Steps[History]:
        """Wait until an import has ended and return it.

        Args:
            timeout: seconds to wait at most; None waits for ever.

        Raises:
            FastLabelException: the import failed or was canceled; the message says why.
            TimeoutError: it goes on still.
        """
        return until_completed(
            lambda: ask(Imports.find_history, history_id),
            f"import {history_id}",
            timeout,
            LONGEST_POLL_S,
        )

    @post("contents/imports/robotics-contents/batch")
    def import_robotics_contents_file(self, project: str, file_path: FilePath) -> Steps[History]:
        """Upload the files of an episode as EPISODE.zip; return the import that adds them.

        The robotics task EPISODE must be there. The ZIP has a `CAMERA.mp4` for each camera
        and the telemetry as `EPISODE.json`; files that the task has already are replaced.

        Raises:
            FastLabelInvalidException: no ZIP, or too large.
            FastLabelNotFoundException: there is no such task.
            FileNotFoundError: there is no such file.
        """
        file_key = yield from uploaded(project, file_path, EPISODE.rule)
        history: History = yield Call(file_path=None, file_key=file_key)
        return history

    @post("contents/imports/appendix/batch")
    def import_appendix_file(self, project: str, file_path: FilePath) -> Steps[list[History]]:
        """Upload pictures and calibrations of point clouds; return the import that adds them.

        The ZIP has a folder `TASK/CONTENT.pcd` for each cloud, with pictures `000001.png` and
        beside each, if its camera is calibrated, a `000001.yaml` or, in the format of KITTI,
        a `000001.txt`. Pictures that a cloud has already are replaced.

        Raises:
            FastLabelInvalidException: no ZIP, or too large.
            FileNotFoundError: there is no such file.
        """
        file_key = yield from uploaded(project, file_path, APPENDIX.rule)
        histories: list[History] = yield Call(file_path=None, file_key=file_key)
        return histories
