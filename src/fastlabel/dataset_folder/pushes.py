"""Changes on their way to a dataset: in batches, several at a time, then made one revision."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fastlabel.dataset_revisions import waited_for
from fastlabel.datasets import Datasets
from fastlabel.exceptions import (
    FastLabelConflictException,
    FastLabelConnectionException,
    FastLabelException,
)
from fastlabel.exchange import Request, to_json
from fastlabel.modalities.base import MB
from fastlabel.sending import CONCERNS_ALL, Failure
from fastlabel.steps import Many, Prepared, Steps, ask, attempted, blocking
from fastlabel.types import DatasetJob, DatasetPush

BATCH_FILES: Final = 100
BATCH_BYTES: Final = 32 * MB
"""Of files; a larger one goes alone."""
BATCH_FIELDS_BYTES: Final = 8 * MB
BATCH_OBJECTS: Final = 1000
BUSY_WAIT_S: Final = 2.0
BUSY_PATIENCE_S: Final = 3600.0
"""How long another job may be changing the dataset."""


@dataclass(frozen=True)
class Change:
    """What is to become of one object."""

    name: str
    is_removal: bool = False
    file: Path | None = None
    """That is sent."""
    sha256: str | None = None
    """Of a file that the dataset has, instead."""
    size: int = 0
    """Bytes of the file that is sent."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Under the names of the API; what is not given stays."""

    @property
    def sent(self) -> dict[str, Any]:
        described: dict[str, Any] = {"name": self.name, **self.fields}
        if self.file is not None:
            described["hasFile"] = True
        elif self.sha256 is not None:
            described["sha256"] = self.sha256
        return described


def start(dataset_id: str, key: str, message: str) -> Steps[DatasetPush]:
    """Begin a push, or go on with the one of the same key."""
    body = {"key": key, "message": message}
    push: DatasetPush = yield Prepared(
        Request("POST", f"datasets-v2/{dataset_id}/pushes", body=body)
    )
    return push


def drop(dataset_id: str, push_id: str) -> Steps[None]:
    """Throw away what a push has brought; it may be gone already."""
    gone = yield from attempted(_dropped(dataset_id, push_id))
    if isinstance(gone, FastLabelException) and gone.code != 404:
        raise gone


def _dropped(dataset_id: str, push_id: str) -> Steps[None]:
    yield Prepared(Request("DELETE", f"datasets-v2/{dataset_id}/pushes/{push_id}"))


def send(
    dataset_id: str,
    push_id: str,
    changes: Iterable[Change],
    done: Callable[[Change, Failure | None], object],
    workers: int,
    answered: Callable[[], object] = lambda: None,
) -> Steps[None]:
    """Bring changes; `done` is told of each once, with why it was refused if it was.

    A batch that is refused as a whole is sent change by change.

    Args:
        answered: called after each request, when `done` was told of all that it brought.

    Raises:
        FastLabelException: what concerns all of them, such as a lost connection.
    """
    path = f"datasets-v2/{dataset_id}/pushes/{push_id}/objects"
    alone: list[Change] = []
    given_up: list[Failure] = []

    def request(batch: list[Change]) -> Prepared:
        body = {
            "objects": [each.sent for each in batch if not each.is_removal],
            "removed": [each.name for each in batch if each.is_removal],
        }
        files = tuple(("contents", each.file) for each in batch if each.file is not None)
        return Prepared(Request("POST", path, body=body, files=files, is_form=True))

    def batch_done(batch: list[Change], outcome: Any) -> None:
        if not isinstance(outcome, Many.failures):
            for each in batch:
                done(each, None)
        elif isinstance(outcome, FastLabelException) and outcome.code in CONCERNS_ALL:
            given_up.append(outcome)
        elif len(batch) == 1:
            done(batch[0], outcome)
        else:
            alone.extend(batch)
        answered()

    def until_given_up(batches: Iterable[list[Change]]) -> Iterator[list[Change]]:
        for batch in batches:
            if given_up:
                return
            yield batch

    yield Many(until_given_up(_batches(changes)), request, batch_done, workers)
    yield Many(until_given_up([each] for each in alone), request, batch_done, workers)
    if given_up:
        raise copy(given_up[0])


def commit(dataset_id: str, push_id: str, head: str | None) -> Steps[DatasetJob]:
    """Make a revision of what a push has brought, and wait for it.

    The same commit may be asked for again, also by another process, and is done once.

    Args:
        head: the newest revision that is known; None: whatever it is.

    Raises:
        FastLabelConflictException: the dataset has moved on.
        FastLabelException: the job failed, and what was brought is thrown away; the message
            says why.
        TimeoutError: another job has been changing the dataset for an hour.
    """
    begun = time.monotonic()
    while True:
        job = yield from attempted(_committed(dataset_id, push_id, head))
        if not isinstance(job, FastLabelException):
            return (yield from _ended(dataset_id, push_id, job["id"]))
        if not isinstance(job, FastLabelConflictException):
            raise job
        if head is not None:
            dataset = yield from ask(Datasets.find_dataset, dataset_id)
            if dataset["revisionId"] != head:
                raise job
        if time.monotonic() - begun > BUSY_PATIENCE_S:
            raise TimeoutError(job.message)
        yield from blocking(time.sleep, BUSY_WAIT_S)


def _ended(dataset_id: str, push_id: str, job_id: str) -> Steps[DatasetJob]:
    job = yield from attempted(waited_for(dataset_id, job_id))
    if isinstance(job, FastLabelException):
        if not isinstance(job, FastLabelConnectionException):
            # The same commit would have the same answer, for a day.
            yield from drop(dataset_id, push_id)
        raise job
    return job


def _committed(dataset_id: str, push_id: str, head: str | None) -> Steps[DatasetJob]:
    job: DatasetJob = yield Prepared(
        Request(
            "POST",
            f"datasets-v2/{dataset_id}/pushes/{push_id}/commit",
            body={} if head is None else {"revisionId": head},
            idempotency_key=f"commit-{push_id}-{head or 'any'}",
        )
    )
    return job


def _batches(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Divide changes by the sizes of what they bring."""
    batch: list[Change] = []
    files = file_bytes = fields_bytes = 0
    for each in changes:
        has_file = each.file is not None
        length = len(to_json(each.fields)) if each.fields else 0
        is_full = (
            len(batch) == BATCH_OBJECTS
            or files + has_file > BATCH_FILES
            or file_bytes + each.size > BATCH_BYTES
            or fields_bytes + length > BATCH_FIELDS_BYTES
        )
        if batch and is_full:
            yield batch
            batch = []
            files = file_bytes = fields_bytes = 0
        batch.append(each)
        files += has_file
        file_bytes += each.size
        fields_bytes += length
    if batch:
        yield batch
