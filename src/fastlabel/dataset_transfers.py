"""Objects of datasets in bulk: downloaded, uploaded, and folders kept in step with a dataset."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fastlabel.dataset_revisions import DatasetRevisions
from fastlabel.datasets import LATEST, OBJECTS_PER_PAGE, Datasets, checked_types, find_by_name
from fastlabel.endpoint import composed
from fastlabel.exceptions import FastLabelInvalidException, FastLabelNotFoundException
from fastlabel.steps import Resource, Steps, ask
from fastlabel.types import (
    Dataset,
    DatasetObject,
    DatasetRevision,
    DatasetType,
    FilePath,
    JsonObjects,
)

if TYPE_CHECKING:
    from fastlabel.dataset_folder.reports import PullReport, PushReport


_REVISION = re.compile(r"[0-9a-f]{8,40}")


class DatasetTransfers(Resource):
    @composed
    def download_dataset_objects(
        self,
        dataset: str,
        path: FilePath,
        version: str | None = None,
        revision_id: str | None = None,
        tags: Sequence[str] | None = None,
        licenses: Sequence[str] | None = None,
        types: Sequence[DatasetType] | None = None,
        offset: int | None = 0,
        limit: int | None = OBJECTS_PER_PAGE,
        *,
        workers: int = 4,
        progress: bool = False,
    ) -> Steps[list[DatasetObject]]:
        """Download the objects that `get_dataset_objects` would select; return them.

        Each lies at `path`/NAME, and what else they have in `path`/annotations.json: a list of
        {name, annotations, customMetadata, tags, object_type}. With `types` there is a folder
        and a list for each type, such as `path`/train.

        Files that are there already are not brought again, and each is checked against its
        SHA-256: after an interruption the same call takes up the rest. Entries that a list has
        already stay in front, except those of the same objects, which are replaced. A file that
        cannot be brought does not stop the others, and is raised at the end. No object is
        written outside of `path`. `pull_dataset` keeps a folder in step with a dataset.

        Args:
            limit: at most 1,000; None: all objects, of the newest revision of the moment
                unless one is named.
            workers: how many files are brought at a time.
            progress: show a bar on the standard error stream.

        Raises:
            FastLabelInvalidException: 400, version and revision_id are both given; 422, an
                unknown type or too high a limit.
            FastLabelException: files could not be brought; the message names them.
        """
        from fastlabel.dataset_folder import download

        if version and revision_id:
            raise FastLabelInvalidException(
                "version, revision_id: only one of them can be given", 400
            )
        if limit is not None and limit > OBJECTS_PER_PAGE:
            raise FastLabelInvalidException(
                f"limit: expected up to {OBJECTS_PER_PAGE:,}, got {limit:,}", 422
            )
        wanted_types = checked_types(types)
        if limit is None and not revision_id and version in (None, "", LATEST):
            version, revision_id = None, (yield from find_by_name(dataset))["revisionId"]
        selection = download.Selection(
            dataset,
            {
                "version": version or None,
                "revisionId": revision_id or None,
                "tags": tags or None,
                "licenses": licenses or None,
                "types": wanted_types,
            },
            offset or 0,
            limit,
        )
        return (
            yield from download.download(selection, Path(path), wanted_types, workers, progress)
        )

    @composed
    def upload_dataset_objects(
        self,
        dataset: str,
        objects: JsonObjects | Iterable[dict[str, object]],
        message: str = "",
        *,
        remove: Iterable[str] = (),
        key: str | None = None,
        skip_bad: bool = False,
        workers: int = 4,
        progress: bool = True,
    ) -> Steps[PushReport]:
        """Put many objects into a dataset, change them or take them out, as one revision.

        Files are streamed, several at a time. If any object is bad or refused, there is no
        revision, unless `skip_bad` leaves those out; the report tells of each.

        Args:
            dataset: its name.
            objects: for each its `name` and any of `file_path`, `type`, `tags`, `licenses`,
                `annotations`, `custom_metadata`. Those that the dataset has need no file; of
                them, what is not given stays.
            message: what the revision is about.
            remove: names of objects to take out; those that are not there do not matter.
            key: the same for a call that takes up the rest of one that broke off. What has
                arrived under it is not sent again.
            workers: how many requests are under way at a time.
            progress: show a bar on the standard error stream.

        Raises:
            FastLabelNotFoundException: there is no such dataset.
            FastLabelException: the revision could not be made; the message says why.
        """
        from fastlabel.dataset_folder import upload

        found = yield from find_by_name(dataset)
        options = upload.UploadOptions(message, key, skip_bad, workers, progress)
        return (yield from upload.upload(found, objects, remove, options))

    @composed
    def pull_dataset(
        self,
        dataset: str,
        folder_path: FilePath,
        version: str = LATEST,
        *,
        force: bool = False,
        workers: int = 4,
        progress: bool = True,
    ) -> Steps[PullReport]:
        """Make a folder hold the objects of a revision, bringing only what it lacks.

        Files lie below the folder under the names of the objects, and what else these have in
        `annotations.json`. The folder keeps in `.fastlabel` what it needs to know. A pull that
        broke off is gone on with by the next.

        What was changed here stays, and the report names it: `kept` was changed here alone,
        `conflicts` there too. Files that are missing here are brought again.

        Args:
            version: its name, or at least the first 8 characters of a revision's id.
            force: take everything as the dataset has it, whatever was changed here.

        Raises:
            FastLabelNotFoundException: there is no such dataset or revision.
            FastLabelInvalidException: the folder belongs to another dataset, or another pull
                or push is at work there.
        """
        from fastlabel.dataset_folder import pull, state

        root = Path(folder_path)
        found = yield from find_by_name(dataset)
        revision = yield from _revision(found, version)
        root.mkdir(parents=True, exist_ok=True)
        options = pull.PullOptions(force, workers, progress)
        with state.opened(root) as opened:
            return (yield from pull.pull(opened, root, found, revision, options))

    @composed
    def push_dataset(
        self,
        folder_path: FilePath,
        dataset: str,
        message: str = "",
        *,
        force: bool = False,
        skip_bad: bool = False,
        workers: int = 4,
        progress: bool = True,
    ) -> Steps[PushReport]:
        """Send what changed in a folder to a dataset, as one revision.

        Every file whose extension an object may have becomes an object that is named by its
        path; what else objects have is taken from `annotations.json`, if there is one.
        Objects that were pulled and whose files are gone are taken out of the dataset. A
        dataset that is not there is made. A push that broke off is gone on with by the next.

        What others have changed since the last pull stays. If any file or entry is bad,
        nothing is changed, unless `skip_bad` leaves those out; the report tells of each.

        Args:
            message: what the revision is about.
            force: overwrite what others changed of the same objects.

        Raises:
            FastLabelConflictException: objects were changed here and by others.
            FastLabelInvalidException: no such folder, one of another dataset, or one whose
                pull broke off.
        """
        from fastlabel.dataset_folder import push, state

        root = Path(folder_path)
        if not root.is_dir():
            raise FastLabelInvalidException(f"{root}: expected a folder", 422)
        options = push.PushOptions(message, force, skip_bad, workers, progress)
        with state.opened(root) as opened:
            found = yield from ask(Datasets.find_dataset_by_name, dataset)
            is_new = found is None
            if found is None:
                push.check_may_make(opened, root, dataset)
                found = yield from ask(Datasets.create_dataset, dataset)
            report = yield from push.push(opened, root, found, options)
            report.is_new_dataset = is_new
            return report


def _revision(dataset: Dataset, version: str) -> Steps[DatasetRevision]:
    """Return the revision that a version's name, or the beginning of an id, means.

    Raises:
        FastLabelNotFoundException: there is none.
    """
    wanted = dataset["revisionId"] if version in ("", LATEST) else None
    if wanted is None:
        versions = yield from ask(DatasetRevisions.get_dataset_versions, dataset["id"])
        named = {each["version"]: each["revisionId"] for each in versions}
        wanted = named.get(version) or (version if _REVISION.fullmatch(version) else None)
    if wanted is None:
        raise FastLabelNotFoundException(
            f"version: dataset {dataset['name']!r} has no version {version!r}", 404
        )
    return (yield from ask(DatasetRevisions.find_dataset_revision, dataset["id"], wanted))
