"""Revisions of datasets: listed, compared, named, restored; and the jobs that make them."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from fastlabel.datasets import LATEST
from fastlabel.endpoint import composed, delete, get, pages, post
from fastlabel.polling import until_completed
from fastlabel.steps import Call, Pages, Resource, Steps, ask
from fastlabel.types import (
    DatasetDiff,
    DatasetJob,
    DatasetRevision,
    DatasetVersion,
    ObjectChange,
)

LONGEST_POLL_S: Final = 2.0
OnJob: TypeAlias = Callable[[DatasetJob], object]


class DatasetRevisions(Resource):
    @get("datasets-v2/{dataset_id}/revisions", max_limit=1000)
    def get_dataset_revisions(
        self, dataset_id: str, offset: int | None = None, limit: int = 100
    ) -> Call[list[DatasetRevision]]:
        """Return up to `limit` revisions of a dataset, newest first; at most 1,000 a call."""

    @pages("datasets-v2/{dataset_id}/revisions", limit=1000)
    def iter_dataset_revisions(self, dataset_id: str) -> Pages[DatasetRevision]:
        """Iterate over all revisions of a dataset, newest first."""

    @get("datasets-v2/{dataset_id}/revisions/{revision_id}")
    def find_dataset_revision(self, dataset_id: str, revision_id: str) -> Call[DatasetRevision]:
        """Return a revision, by at least the first 8 characters of its id.

        Raises:
            FastLabelNotFoundException: the dataset has none.
        """

    @get("datasets-v2/{dataset_id}/diff", max_limit=1000)
    def diff_dataset(
        self,
        dataset_id: str,
        base: str,
        target: str = LATEST,
        offset: int | None = None,
        limit: int = 100,
    ) -> Call[DatasetDiff]:
        """Return how one revision differs from another, with up to `limit` of the objects.

        `added`, `removed` and `changed` count all of them; `iter_dataset_diff` goes through
        them.

        Args:
            base, target: a version's name, or at least the first 8 characters of an id.
        """

    @pages("datasets-v2/{dataset_id}/diff", limit=1000)
    def iter_dataset_diff(
        self, dataset_id: str, base: str, target: str = LATEST
    ) -> Pages[ObjectChange]:
        """Iterate over all objects that differ between two revisions, as `diff_dataset` names them.

        Name the target where the dataset may change meanwhile.
        """
        return Pages(then=lambda diff: diff["objects"])

    @get("datasets-v2/{dataset_id}/versions")
    def get_dataset_versions(self, dataset_id: str) -> Call[list[DatasetVersion]]:
        """Return the named versions of a dataset, oldest first; `latest` is not among them."""

    @post("datasets-v2/{dataset_id}/versions")
    def create_dataset_version(
        self,
        dataset_id: str,
        version: str,
        revision_id: str | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Call[DatasetVersion]:
        """Name a revision, the newest if none is given.

        Args:
            version: letters, digits, `.`, `_`, `+` and `-`.

        Raises:
            FastLabelConflictException: the name is taken.
        """

    @delete("datasets-v2/{dataset_id}/versions/{version}")
    def delete_dataset_version(self, dataset_id: str, version: str) -> Call[None]:
        """Take a version's name off its revision, which stays."""

    @post("datasets-v2/{dataset_id}/restore")
    def restore_dataset(
        self,
        dataset_id: str,
        version: str | None = None,
        revision_id: str | None = None,
        message: str | None = None,
        wait: bool = True,
        timeout_s: float | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Steps[DatasetJob]:
        """Make the objects of an earlier revision the newest ones, as a new revision.

        A job does it; nothing else changes the dataset until it has ended.

        Args:
            version, revision_id: one of them, as in `find_dataset_object`.
            wait: return when the job is completed; otherwise at once, for
                `wait_for_dataset_job`.
            timeout_s: seconds to wait at most; None waits for ever.

        Raises:
            FastLabelConflictException: another job is changing the dataset.
            FastLabelException: the job failed or was canceled; the message says why.
            TimeoutError: it goes on still.
        """
        job: DatasetJob = yield Call(wait=None, timeout_s=None)
        if wait:
            return (yield from waited_for(dataset_id, job["id"], timeout_s))
        return job

    @get("datasets-v2/{dataset_id}/jobs/{job_id}")
    def find_dataset_job(self, dataset_id: str, job_id: str) -> Call[DatasetJob]:
        """Return how far a change is that a job makes.

        `status` is pending, running, completed, failed (`message` says why) or canceled.
        """

    @post("datasets-v2/{dataset_id}/jobs/{job_id}/cancel")
    def cancel_dataset_job(self, dataset_id: str, job_id: str) -> Call[DatasetJob]:
        """End a change that is under way; the dataset stays as it was.

        Raises:
            FastLabelConflictException: it has ended already.
        """

    @composed
    def wait_for_dataset_job(
        self,
        dataset_id: str,
        job_id: str,
        timeout_s: float | None = None,
        progress: OnJob | None = None,
    ) -> Steps[DatasetJob]:
        """Wait until a change is completed and return its job.

        Args:
            timeout_s: seconds to wait at most; None waits for ever.
            progress: called with the job each time it was looked at.

        Raises:
            FastLabelException: the job failed or was canceled; the message says why.
            TimeoutError: it goes on still.
        """
        return (yield from waited_for(dataset_id, job_id, timeout_s, progress))


def waited_for(
    dataset_id: str, job_id: str, timeout_s: float | None = None, progress: OnJob | None = None
) -> Steps[DatasetJob]:
    """Wait until a job of a dataset is completed."""
    return (
        yield from until_completed(
            lambda: ask(DatasetRevisions.find_dataset_job, dataset_id, job_id),
            f"job {job_id}",
            timeout_s,
            LONGEST_POLL_S,
            progress,
        )
    )
