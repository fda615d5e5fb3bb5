"""What the server does with whole datasets, as jobs: types, parts of files, tasks and back."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from fastlabel.dataset_revisions import waited_for
from fastlabel.datasets import OBJECTS_PER_PAGE, checked_type, find_by_name, or_unset
from fastlabel.endpoint import get, pages, post
from fastlabel.steps import Call, Pages, Resource, Steps
from fastlabel.types import (
    UNSET,
    DatasetJob,
    DatasetTask,
    DatasetType,
    ObjectFilter,
    TaskStatus,
    Unset,
)


class DatasetWork(Resource):
    @post("datasets-v2/{dataset_id}/types")
    def set_dataset_types(
        self,
        dataset_id: str,
        types: Mapping[str, DatasetType | Sequence[str]] | None = None,
        ratios: Mapping[str, float] | None = None,
        seed: int = 0,
        stratify: bool | str | Mapping[str, str] | None = None,
        group_by: str | Mapping[str, str] | None = None,
        filter: ObjectFilter | None = None,
        message: str | None = None,
        wait: bool = True,
        timeout_s: float | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Steps[DatasetJob]:
        """Divide objects into train, valid and test, by a rule or as they are named.

        The rule looks at names, labels, ratios and seed alone, so that it gives the same
        everywhere.

        Args:
            types: {name: type} or {type: names} instead of a rule, up to 100,000 names.
            ratios: such as {"train": 8, "valid": 1, "test": 1}.
            stratify: "class" for the classes of the annotations, or {"metadata": KEY}: each type
                gets its share of every class, or of every value.
            group_by: what stays together: "folder"; "whole", the parts of a file that was
                split; {"metadata": KEY}; or {"pattern": REGEX}, by what the groups of a regular
                expression match in names.
            filter: {tags, licenses, types} of the objects that the rule is for; others stay.
            message: what the revision is about.
            wait, timeout_s: as in `register_dataset_tasks`.

        Raises:
            FastLabelInvalidException: types and ratios are both given, or neither.
            FastLabelNotFoundException: a named object is not there.
            FastLabelConflictException: another job is changing the dataset.
            FastLabelException: the job failed or was canceled; the message says why.
            TimeoutError: it goes on still.
        """
        job: DatasetJob = yield Call(wait=None, timeout_s=None)
        return (yield from _ended(dataset_id, job, wait, timeout_s))

    @post("datasets-v2/{dataset_id}/split")
    def split_dataset_objects(
        self,
        dataset_id: str,
        object_names: Sequence[str] | Unset | None = UNSET,
        filter: ObjectFilter | Unset | None = UNSET,
        columns: int | None = None,
        rows: int | None = None,
        parts: int | None = None,
        method: Literal["exact", "keyframes"] | None = None,
        into_dataset: str | None = None,
        annotations: bool | Unset = UNSET,
        replace: bool = False,
        message: str | None = None,
        wait: bool = True,
        timeout_s: float | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Steps[DatasetJob]:
        """Split images into tiles, or videos and recordings into parts, as new objects.

        The parts of `cat.jpg` of the dataset `image` are `image/cat/1.jpg`, `image/cat/2.jpg`,
        ..., tiles row by row.

        Args:
            object_names: which; or instead of them
            filter: {tags, licenses, types}; {} for all that are no parts themselves.
            columns, rows: of images.
            parts: how many, of videos and recordings.
            method: of videos: "exact" codes them anew, so that all parts are equally long;
                "keyframes" cuts where nothing has to be coded.
            into_dataset: name of the dataset for the parts; by default the same.
            annotations: give the parts what they show of the annotations; they get it unless
                this is False.
            replace: parts of an earlier split.
            message: what the revision is about.
            wait, timeout_s: as in `register_dataset_tasks`.

        Raises:
            FastLabelInvalidException: these files cannot be split so.
            FastLabelNotFoundException: an object or dataset is not there.
            FastLabelConflictException: another job is changing the dataset.
            FastLabelException: the job failed or was canceled; the message says why.
            TimeoutError: it goes on still.
        """
        job: DatasetJob = yield Call(
            object_names=or_unset(object_names), filter=or_unset(filter), wait=None, timeout_s=None
        )
        if wait and into_dataset:
            # The job is one of the dataset that it changes.
            dataset_id = (yield from find_by_name(into_dataset))["id"]
        return (yield from _ended(dataset_id, job, wait, timeout_s))

    @post("datasets-v2/{dataset_id}/tasks")
    def register_dataset_tasks(
        self,
        dataset_id: str,
        project: str,
        version: str | None = None,
        revision_id: str | None = None,
        object_names: Sequence[str] | Unset | None = UNSET,
        filter: ObjectFilter | None = None,
        status: TaskStatus | None = None,
        tags: Sequence[str] | None = None,
        with_annotations: bool | Unset = UNSET,
        create_classes: bool = False,
        wait: bool = True,
        timeout_s: float | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Steps[DatasetJob]:
        """Make tasks of objects: one each, of its name and with its file, which is not copied.

        The job's `report` says what became of each. What was registered before stays, and so do
        tasks of the same names, so that the same call again takes what is new.

        Args:
            project: slug of a project whose tasks have one file each; objects of another kind
                are passed over.
            version, revision_id: which revision; the newest if neither is given.
            object_names: the only ones.
            filter: {tags, licenses, types} of the objects.
            status, tags: of the tasks.
            with_annotations: give the tasks the annotations of their objects, as far as the
                project has their classes; they do unless it is False.
            create_classes: make the classes that the project lacks.
            wait: return when the job is completed; otherwise at once, for
                `wait_for_dataset_job`.
            timeout_s: seconds to wait at most; None waits for ever.

        Raises:
            FastLabelException: the job failed or was canceled; the message says why.
            TimeoutError: it goes on still.
        """
        job: DatasetJob = yield Call(object_names=or_unset(object_names), wait=None, timeout_s=None)
        return (yield from _ended(dataset_id, job, wait, timeout_s))

    @get("datasets-v2/{dataset_id}/tasks", max_limit=OBJECTS_PER_PAGE)
    def get_dataset_tasks(
        self,
        dataset_id: str,
        project: str,
        offset: int | None = None,
        limit: int = OBJECTS_PER_PAGE,
    ) -> Call[list[DatasetTask]]:
        """Return up to `limit` tasks that were registered from a dataset; at most 1,000 a call.

        They come oldest first, each with the name of its object.
        """

    @pages("datasets-v2/{dataset_id}/tasks", limit=OBJECTS_PER_PAGE)
    def iter_dataset_tasks(self, dataset_id: str, project: str) -> Pages[DatasetTask]:
        """Iterate over all tasks of a project that were registered from a dataset."""

    @post("datasets-v2/{dataset_id}/from-tasks")
    def create_dataset_objects_from_tasks(
        self,
        dataset_id: str,
        project: str,
        status: TaskStatus | Unset | None = UNSET,
        tags: Sequence[str] | None = None,
        ids: Sequence[str] | Unset | None = UNSET,
        prefix: str | None = None,
        type: DatasetType | None = None,
        object_tags: Sequence[str] | Unset | None = UNSET,
        message: str | None = None,
        wait: bool = True,
        timeout_s: float | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Steps[DatasetJob]:
        """Make objects of tasks, with their files and annotations, as one revision.

        Objects that are as their tasks are do not change, and none is removed, so that the same
        call again takes what is new. The job's `report` says what became of each task.

        Args:
            project: slug.
            status: only tasks of it; by default `approved` unless `ids` are given; None: any.
            tags: all of them must be on a task.
            ids: of the only tasks.
            prefix: a folder that the names of the objects begin with.
            type, object_tags: of the objects.
            message: what the revision is about.
            wait, timeout_s: as in `register_dataset_tasks`.

        Raises:
            FastLabelConflictException: another job is changing the dataset.
            FastLabelException: the job failed or was canceled; the message says why.
            TimeoutError: it goes on still.
        """
        job: DatasetJob = yield Call(
            ids=or_unset(ids),
            object_tags=or_unset(object_tags),
            type=checked_type(type),
            wait=None,
            timeout_s=None,
        )
        return (yield from _ended(dataset_id, job, wait, timeout_s))


def _ended(
    dataset_id: str, job: DatasetJob, wait: bool, timeout_s: float | None
) -> Steps[DatasetJob]:
    if not wait:
        return job
    return (yield from waited_for(dataset_id, job["id"], timeout_s))
