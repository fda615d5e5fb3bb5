"""The synchronous client."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing
from types import TracebackType
from typing import Any, Self

from fastlabel.annotations import Annotations
from fastlabel.appendix import Appendix
from fastlabel.bulk import Bulk
from fastlabel.comments import Comments
from fastlabel.conversions import Conversions
from fastlabel.dataset_imports import DatasetImports
from fastlabel.dataset_revisions import DatasetRevisions
from fastlabel.dataset_transfers import DatasetTransfers
from fastlabel.dataset_work import DatasetWork
from fastlabel.datasets import Datasets
from fastlabel.episodes import Episodes
from fastlabel.exceptions import FastLabelException
from fastlabel.exports import Exports
from fastlabel.http import Http
from fastlabel.imports import Imports
from fastlabel.local_imports import LocalImports
from fastlabel.metadatas import Metadatas
from fastlabel.paging import Paging
from fastlabel.projects import Projects
from fastlabel.server_exports import ServerExports
from fastlabel.steps import Attempt, Fetch, Many, Prepared, Steps, Work
from fastlabel.storages import Storages
from fastlabel.tags import Tags
from fastlabel.tasks.audio import AudioTasks
from fastlabel.tasks.audio_classification import AudioClassificationTasks
from fastlabel.tasks.common import Tasks
from fastlabel.tasks.dicom import DicomTasks
from fastlabel.tasks.image import ImageTasks
from fastlabel.tasks.image_classification import ImageClassificationTasks
from fastlabel.tasks.integration import Integration
from fastlabel.tasks.multi_image_classification import MultiImageClassificationTasks
from fastlabel.tasks.multi_modal_video_audio import MultiModalVideoAudioTasks
from fastlabel.tasks.pcd import PcdTasks
from fastlabel.tasks.robotics import RoboticsTasks
from fastlabel.tasks.sequential_image import SequentialImageTasks
from fastlabel.tasks.sequential_pcd import SequentialPcdTasks
from fastlabel.tasks.text import TextTasks
from fastlabel.tasks.text_classification import TextClassificationTasks
from fastlabel.tasks.video import VideoTasks
from fastlabel.tasks.video_classification import VideoClassificationTasks
from fastlabel.workspace import WorkspaceUsers

DEFAULT_API_URL = "http://127.0.0.1:8000/v1/"


class Resources(
    Projects,
    Storages,
    Annotations,
    Tags,
    Tasks,
    ImageTasks,
    ImageClassificationTasks,
    MultiImageClassificationTasks,
    SequentialImageTasks,
    VideoTasks,
    VideoClassificationTasks,
    TextTasks,
    TextClassificationTasks,
    AudioTasks,
    AudioClassificationTasks,
    PcdTasks,
    SequentialPcdTasks,
    MultiModalVideoAudioTasks,
    RoboticsTasks,
    Integration,
    DicomTasks,
    Imports,
    Appendix,
    Comments,
    Metadatas,
    WorkspaceUsers,
    Datasets,
    DatasetRevisions,
    DatasetWork,
    DatasetTransfers,
    Bulk,
    LocalImports,
    DatasetImports,
    Episodes,
    Exports,
    Conversions,
    ServerExports,
):
    """Every declared method."""


class Client(Resources):
    """A connection to a FastLabel server; may be shared by threads.

    Use it in a `with` block, or `close` it, where a program makes many of them.

    Args:
        access_token: made by `fastlabel token create` or in the web app; by default the
            environment variable FASTLABEL_ACCESS_TOKEN.
        api_url: by default FASTLABEL_API_URL, else http://127.0.0.1:8000/v1/.
        timeout: seconds without a sign of life after which an attempt is given up; None
            waits for ever.
        retries: how often a request is sent again when the connection is lost or the
            server answers 429, 502, 503 or 504. Creating is safe to repeat.
        backoff_s: longest wait before the first retry; it doubles with every further one.

    Raises:
        ValueError: there is no access token, or the URL is none.
    """

    def __init__(
        self,
        access_token: str | None = None,
        *,
        api_url: str | None = None,
        timeout: float | None = 60.0,
        retries: int = 5,
        backoff_s: float = 0.5,
    ) -> None:
        self.api = Http(*connection(access_token, api_url), timeout, retries, backoff_s)

    def close(self) -> None:
        """Close the connections."""
        self.api.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self, steps: Steps[Any]) -> Any:
        with closing(steps):
            return self._run_steps(steps)

    def _run_steps(self, steps: Steps[Any]) -> Any:
        answer = None
        while True:
            try:
                step = steps.send(answer)
            except StopIteration as done:
                return done.value
            if isinstance(step, Prepared):
                answer = step.result(self.api.answer(step.request))
            elif isinstance(step, Fetch):
                answer = self.api.send(step.request)
            elif isinstance(step, Work):
                answer = step.do()
            elif isinstance(step, Attempt):
                try:
                    answer = self._run(step.steps)
                except FastLabelException as error:
                    answer = error
            elif isinstance(step, Many):
                self._run_many(step)
                answer = None

    def _run_many(self, many: Many[Any]) -> None:
        from concurrent.futures import ThreadPoolExecutor  # slow to import, and rarely used

        turn = threading.Lock()
        stopped = threading.Event()

        def work() -> None:
            while not stopped.is_set():
                with turn:
                    item = next(many.items, stopped)
                if item is stopped:
                    return
                try:
                    step = many.prepare(item)
                    result = step.result(self.api.answer(step.request))
                except many.failures as error:
                    result = error
                with turn:
                    many.done(item, result)

        with ThreadPoolExecutor(many.workers) as pool:
            workers = [pool.submit(work) for _ in range(many.workers)]
            try:
                for worker in workers:
                    worker.result()
            finally:
                # Interrupted: requests under way are finished, no further one begins.
                stopped.set()

    def _iterate(self, first: Prepared) -> Iterator[Any]:
        paging = Paging(first.request, first.then)
        while request := paging.next_request():
            yield from paging.items(self.api.send(request))


def connection(access_token: str | None, api_url: str | None) -> tuple[str, str]:
    """Return URL and token, from the environment where they are not given.

    Raises:
        ValueError: there is no access token, or the URL is none.
    """
    token = (access_token or os.environ.get("FASTLABEL_ACCESS_TOKEN") or "").strip()
    if not token:
        raise ValueError(
            "no access token: pass it to the client or set FASTLABEL_ACCESS_TOKEN; "
            "`fastlabel token create --email YOU` makes one"
        )
    if not token.isascii():
        raise ValueError("the access token has characters that no token has")
    url = api_url or os.environ.get("FASTLABEL_API_URL") or DEFAULT_API_URL
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"API URL {url!r}: expected http://HOST/v1/ or https://HOST/v1/")
    return url if url.endswith("/") else f"{url}/", token
