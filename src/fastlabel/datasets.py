"""Datasets and their objects: files with annotations, kept in revisions."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from fastlabel.endpoint import delete, first, get, pages, post, put
from fastlabel.exceptions import FastLabelInvalidException, FastLabelNotFoundException
from fastlabel.modalities import FileError
from fastlabel.modalities.objects import object_rule
from fastlabel.steps import Call, Pages, Resource, Steps, ask
from fastlabel.types import (
    UNSET,
    Dataset,
    DatasetObject,
    DatasetType,
    FilePath,
    JsonObjects,
    Unset,
    Visibility,
)

LATEST = "latest"
OBJECTS_PER_PAGE = 1000
_BY_NAME = {"dataset": "datasetName"}
_TYPES = get_args(DatasetType)
T = TypeVar("T")


class Datasets(Resource):
    @get("datasets-v2/{dataset_id}")
    def find_dataset(self, dataset_id: str) -> Call[Dataset]:
        """Return a dataset; `revisionId` is that of its newest revision.

        Raises:
            FastLabelNotFoundException: there is none with this id.
        """

    @get("datasets-v2")
    def find_dataset_by_name(self, name: str) -> Call[Dataset | None]:
        """Return the dataset with exactly this name, None if there is none."""
        return Call(then=first)

    @get("datasets-v2")
    def get_datasets(
        self,
        keyword: str | None = None,
        tags: Sequence[str] | None = None,
        license: str | None = None,
        visibility: Visibility | None = None,
    ) -> Call[list[Dataset]]:
        """Return up to 1,000 datasets, oldest first; `iter_datasets` goes through all.

        Args:
            keyword, license: a part of the name, of the licence, in any case.
            tags: all of them must be on the dataset.
        """

    @pages("datasets-v2", limit=1000)
    def iter_datasets(
        self,
        keyword: str | None = None,
        tags: Sequence[str] | None = None,
        license: str | None = None,
        visibility: Visibility | None = None,
    ) -> Pages[Dataset]:
        """Iterate over all datasets that `get_datasets` would select, oldest first."""

    @post("datasets-v2")
    def create_dataset(
        self,
        name: str,
        tags: Sequence[str] | None = None,
        visibility: Visibility | None = None,
        license: str | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Call[Dataset]:
        """Create an empty dataset.

        Args:
            name: lower-case letters, digits and `-`; unique in the workspace.
            tags: up to 5.

        Raises:
            FastLabelConflictException: the name is taken.
        """

    @put("datasets-v2/{dataset_id}")
    def update_dataset(
        self,
        dataset_id: str,
        name: str | None = None,
        tags: Sequence[str] | Unset | None = UNSET,
        visibility: Visibility | None = None,
        license: str | None = None,
    ) -> Call[Dataset]:
        """Change what describes a dataset; what is not given stays, and `tags=[]` clears.

        Its objects and revisions stay as they are.
        """
        return Call(tags=or_unset(tags))

    @delete("datasets-v2/{dataset_id}")
    def delete_dataset(self, dataset_id: str) -> Call[None]:
        """Delete a dataset with all of its revisions, and the tasks registered from it."""

    @get("dataset-revision-objects/datasets/{dataset_id}/objects/{object_name}")
    def find_dataset_object(
        self,
        dataset_id: str,
        object_name: str,
        version: str | None = None,
        revision_id: str | None = None,
    ) -> Call[DatasetObject]:
        """Return an object as it is in a revision, the newest if none is named.

        Args:
            version: its name; `latest` is the newest one.
            revision_id: at least its first 8 characters.

        Raises:
            FastLabelInvalidException: 400, both are given.
            FastLabelNotFoundException: the revision has no such object, or is none.
        """
        _check_one_revision(version, revision_id)
        return Call()

    @get("dataset-revision-objects", names=_BY_NAME, max_limit=OBJECTS_PER_PAGE)
    def get_dataset_objects(
        self,
        dataset: str,
        version: str | None = None,
        tags: Sequence[str] | None = None,
        licenses: Sequence[str] | None = None,
        revision_id: str | None = None,
        types: Sequence[DatasetType] | None = None,
        offset: int | None = 0,
        limit: int = OBJECTS_PER_PAGE,
    ) -> Call[list[DatasetObject]]:
        """Return up to `limit` objects of a revision, oldest first; at most 1,000 a call.

        Args:
            dataset: its name.
            version: `latest` is the newest revision, which is the default.
            tags, licenses: all of them must be on the object.
            revision_id: instead of a version, at least the first 8 characters.
            types: the object has one of them.

        Raises:
            FastLabelInvalidException: 400, version and revision_id are both given; 422, an
                unknown type or too high a limit.
        """
        _check_one_revision(version, revision_id)
        return Call(types=checked_types(types))

    @pages("dataset-revision-objects", limit=OBJECTS_PER_PAGE, names=_BY_NAME)
    def iter_dataset_objects(
        self,
        dataset: str,
        version: str | None = None,
        tags: Sequence[str] | None = None,
        licenses: Sequence[str] | None = None,
        revision_id: str | None = None,
        types: Sequence[DatasetType] | None = None,
    ) -> Pages[DatasetObject]:
        """Iterate over all objects that `get_dataset_objects` would select.

        Name a revision where the dataset may change meanwhile: each page shows the newest.
        """
        _check_one_revision(version, revision_id)
        return Pages(types=checked_types(types))

    @pages("dataset-revision-objects/signed-urls", limit=OBJECTS_PER_PAGE, names=_BY_NAME)
    def iter_signed_dataset_objects(
        self,
        dataset: str,
        version: str | None = None,
        tags: Sequence[str] | None = None,
        licenses: Sequence[str] | None = None,
        revision_id: str | None = None,
        types: Sequence[DatasetType] | None = None,
    ) -> Pages[DatasetObject]:
        """As `iter_dataset_objects`, each object with the `signedUrl` of its file.

        The URLs need no token and work for an hour.
        """
        _check_one_revision(version, revision_id)
        return Pages(types=checked_types(types))

    @post("dataset-revision-objects", names={"dataset": "datasetName", "name": "objectName"})
    def create_dataset_object(
        self,
        dataset: str,
        name: str,
        file_path: FilePath,
        tags: Sequence[str] | None = None,
        licenses: Sequence[str] | None = None,
        annotations: JsonObjects | None = None,
        custom_metadata: Mapping[str, Any] | None = None,
        type: DatasetType | None = None,
        message: str | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Call[DatasetObject]:
        """Put a file of up to 250 MB into a dataset, as a new revision; return the object.

        `upload_dataset_objects` and `push_dataset` bring many as one revision.

        Args:
            dataset: its name.
            name: unique in the dataset; may contain "/". Its extension tells the kind: an
                image, a video (MP4 with H.264), a recording, a text, a point cloud or a slice.
            tags: up to 5.
            licenses: up to 10.
            annotations: of any type; their classes need not be configured anywhere.
            custom_metadata: texts and numbers by their keys.
            message: what the revision is about.

        Raises:
            FastLabelInvalidException: the file is too large, damaged, or of no such kind.
            FastLabelConflictException: the name is taken.
            FileNotFoundError: there is no such file.
        """
        return Call(files=[("file", checked_file(name, file_path))], type=checked_type(type))

    @put("dataset-revision-objects")
    def update_dataset_object(
        self,
        dataset_id: str,
        object_name: str,
        tags: Sequence[str] | Unset | None = UNSET,
        licenses: Sequence[str] | Unset | None = UNSET,
        annotations: JsonObjects | Unset | None = UNSET,
        custom_metadata: Mapping[str, Any] | Unset | None = UNSET,
        type: DatasetType | None = None,
        message: str | None = None,
    ) -> Call[DatasetObject]:
        """Change what an object has beside its file, as a new revision; return the object.

        What is not given stays. Lists and metadata replace what was there; empty ones clear.
        """
        return Call(
            tags=or_unset(tags),
            licenses=or_unset(licenses),
            annotations=or_unset(annotations),
            custom_metadata=or_unset(custom_metadata),
            type=checked_type(type),
        )

    @delete("dataset-revision-objects/datasets/{dataset_id}/objects/{object_name}")
    def delete_dataset_object(self, dataset_id: str, object_name: str) -> Call[None]:
        """Take an object out of the newest revision; earlier revisions keep it."""


def find_by_name(name: str) -> Steps[Dataset]:
    """Return the dataset with a name.

    Raises:
        FastLabelNotFoundException: there is none.
    """
    found = yield from ask(Datasets.find_dataset_by_name, name)
    if found is None:
        raise FastLabelNotFoundException(f"dataset: there is no dataset {name!r}", 404)
    return found


def checked_types(types: Iterable[str] | None) -> list[str] | None:
    """Return types as they are sent; None for none.

    Raises:
        FastLabelInvalidException: 422, one of them is unknown.
    """
    return [checked_type(each) for each in types] if types else None


def checked_type(value: T) -> T:
    """Refuse a type that objects cannot have; None is no type at all.

    Raises:
        FastLabelInvalidException: 422.
    """
    if value is not None and value not in _TYPES:
        raise FastLabelInvalidException(
            f"types: expected one of {', '.join(_TYPES)}, got {value!r}", 422
        )
    return value


def checked_file(name: str, file_path: FilePath) -> Path:
    """Check the file of an object by the object's name and the file's size.

    Raises:
        FastLabelInvalidException: 422, no object has such an extension, or it is too large.
        FileNotFoundError: there is no such file.
    """
    path = Path(file_path)
    try:
        object_rule(name, path.stat().st_size)
    except FileError as error:
        raise FastLabelInvalidException(str(error), 422) from error
    return path


def _check_one_revision(version: str | None, revision_id: str | None) -> None:
    if version and revision_id:
        raise FastLabelInvalidException("version, revision_id: only one of them can be given", 400)


def or_unset(value: T | Unset | None) -> T | Unset:
    """Return what is sent of an argument whose empty value clears and whose None is not given."""
    return UNSET if value is None else value
