"""Dataset endpoints: both generations of the client, and what goes beyond them."""

from __future__ import annotations

import sys
from typing import Annotated, Any

from fastapi import APIRouter, Query

from fastlabel import types
from fastlabel.types import DatasetType, Visibility
from fastlabel_server.calls import Call, CurrentCall, TransactionalRoute
from fastlabel_server.datasets import (
    diffs,
    objects,
    pushes,
    retyping,
    revisions,
    service,
    splits,
    tasks,
    work,
)
from fastlabel_server.datasets.diffs import Ends
from fastlabel_server.datasets.queries import Filter
from fastlabel_server.datasets.schemas import (
    DatasetChange,
    NewDataset,
    NewObject,
    NewRevisionObject,
    NewVersion,
    ObjectChange,
    ObjectsFromTasks,
    PushCommit,
    PushedObjects,
    PushStart,
    Restore,
    Split,
    TaskRegistration,
    TypesChange,
)
from fastlabel_server.schemas import (
    MAX_TEXT,
    WITHOUT_NUL,
    Cursor,
    Offset,
    ProjectSlug,
    QueryId,
    QueryTags,
    QueryText,
    Text,
    up_to,
)
from fastlabel_server.uploads.receive import request_body_of, upload_of

router = APIRouter(route_class=TransactionalRoute, tags=["datasets"])

FILE = "filePath"
Limit = Annotated[int, up_to(1000)]
Types = Annotated[list[DatasetType] | None, Query()]
Licenses = Annotated[list[Text] | None, Query(max_length=10)]
Version = Annotated[
    str | None,
    Query(max_length=MAX_TEXT, description="Name of a version; `latest` by default."),
    WITHOUT_NUL,
]
RevisionId = Annotated[
    str | None,
    Query(max_length=MAX_TEXT, description="At least its first 8 characters."),
    WITHOUT_NUL,
]
End = Annotated[
    str,
    Query(max_length=MAX_TEXT, description="Name of a version, or the beginning of an id."),
    WITHOUT_NUL,
]


@router.get("/datasets-v2")
def get_datasets(
    call: CurrentCall,
    name: QueryText = None,
    keyword: QueryText = None,
    tags: QueryTags = None,
    license: QueryText = None,
    visibility: Visibility | None = None,
    offset: Offset = 0,
    limit: Limit = 1000,
) -> list[types.Dataset]:
    """Datasets, oldest first; `keyword` and `license` are parts, all of the tags are there."""
    return service.get(
        call.session, call.caller, name, keyword, tags or (), license, visibility, offset, limit
    )


@router.post("/datasets-v2")
def create_dataset(call: CurrentCall, body: NewDataset) -> types.Dataset:
    """Make an empty dataset."""
    return service.create(call.session, call.caller, body)


@router.get("/datasets-v2/{dataset_id}")
def find_dataset(call: CurrentCall, dataset_id: str) -> types.Dataset:
    """One dataset."""
    return service.find(call.session, call.caller, dataset_id)


@router.put("/datasets-v2/{dataset_id}")
def update_dataset(call: CurrentCall, dataset_id: str, body: DatasetChange) -> types.Dataset:
    """Change what describes a dataset; null changes nothing."""
    return service.update(call.session, call.caller, dataset_id, body)


@router.delete("/datasets-v2/{dataset_id}", status_code=204)
def delete_dataset(call: CurrentCall, dataset_id: str) -> None:
    """Delete a dataset with its objects, and the tasks that were registered from them."""
    service.delete(call.session, call.caller, dataset_id)


@router.get("/datasets-v2/{dataset_id}/revisions")
def get_dataset_revisions(
    call: CurrentCall, dataset_id: str, offset: Offset = 0, limit: Limit = 100
) -> list[types.DatasetRevision]:
    """Revisions of a dataset, newest first."""
    return service.get_revisions(call.session, call.caller, dataset_id, offset, limit)


@router.get("/datasets-v2/{dataset_id}/revisions/{revision_id}")
def find_dataset_revision(
    call: CurrentCall, dataset_id: str, revision_id: str
) -> types.DatasetRevision:
    """One revision, by at least the first 8 characters of its id."""
    return service.find_revision(call.session, call.caller, dataset_id, revision_id)


@router.get("/datasets-v2/{dataset_id}/diff")
def diff_dataset_revisions(
    call: CurrentCall,
    dataset_id: str,
    base: End,
    target: End = revisions.LATEST,
    signed: Annotated[bool, Query(description="With the URL of the file of each `after`.")] = False,
    offset: Offset = 0,
    limit: Limit = 100,
) -> types.DatasetDiff:
    """How one revision differs from another: objects, and the annotations of each."""
    urls = call.urls if signed else None
    return diffs.diff(
        call.session, call.caller, dataset_id, Ends(base, target), offset, limit, urls
    )


@router.post("/datasets-v2/{dataset_id}/restore")
def restore_dataset(call: CurrentCall, dataset_id: str, body: Restore) -> types.DatasetJob:
    """Begin to make the objects of an earlier revision the newest ones, as a new revision."""
    return work.restore(call, dataset_id, body)


@router.post("/datasets-v2/{dataset_id}/types")
def set_dataset_types(call: CurrentCall, dataset_id: str, body: TypesChange) -> types.DatasetJob:
    """Begin to divide objects into train, valid and test, by a rule or as they are named."""
    return retyping.start(call, dataset_id, body)


@router.post("/datasets-v2/{dataset_id}/split")
def split_dataset_objects(call: CurrentCall, dataset_id: str, body: Split) -> types.DatasetJob:
    """Begin to split images into tiles, and videos and recordings into parts, as new objects.

    The parts of `cat.jpg` of the dataset `image` are `image/cat/1.jpg`, `image/cat/2.jpg`, ...
    """
    return splits.start(call, dataset_id, body)


@router.get("/datasets-v2/{dataset_id}/versions")
def get_dataset_versions(call: CurrentCall, dataset_id: str) -> list[types.DatasetVersion]:
    """Named versions of a dataset, oldest first."""
    return service.get_versions(call.session, call.caller, dataset_id)


@router.post("/datasets-v2/{dataset_id}/versions")
def create_dataset_version(
    call: CurrentCall, dataset_id: str, body: NewVersion
) -> types.DatasetVersion:
    """Name a revision, the newest one if none is given."""
    return service.create_version(call, dataset_id, body)


@router.delete("/datasets-v2/{dataset_id}/versions/{version}", status_code=204)
def delete_dataset_version(call: CurrentCall, dataset_id: str, version: str) -> None:
    """Take the name of a version off its revision, which stays."""
    service.delete_version(call.session, call.caller, dataset_id, version)


@router.get("/datasets-v2/{dataset_id}/jobs/{job_id}")
def find_dataset_job(call: CurrentCall, dataset_id: str, job_id: str) -> types.DatasetJob:
    """How far a change is that a job makes."""
    return work.find(call, dataset_id, job_id)


@router.post("/datasets-v2/{dataset_id}/jobs/{job_id}/cancel")
def cancel_dataset_job(call: CurrentCall, dataset_id: str, job_id: str) -> types.DatasetJob:
    """End a change that is under way; the dataset stays as it was."""
    return work.cancel(call, dataset_id, job_id)


@router.post("/datasets-v2/{dataset_id}/tasks")
def register_dataset_tasks(
    call: CurrentCall, dataset_id: str, body: TaskRegistration
) -> types.DatasetJob:
    """Begin to make tasks of objects: one each, of its name and with its file.

    What was registered before and names that other tasks have are passed over and counted in
    the job's `report`.
    """
    return tasks.register(call, dataset_id, body)


@router.get("/datasets-v2/{dataset_id}/tasks")
def get_dataset_tasks(
    call: CurrentCall,
    dataset_id: str,
    project: ProjectSlug,
    offset: Offset = 0,
    limit: Limit = 1000,
    cursor: Cursor = None,
) -> list[types.DatasetTask]:
    """Tasks of a project that were registered from the dataset's objects, oldest first."""
    return tasks.get(call, dataset_id, project, offset, limit, cursor)


@router.post("/datasets-v2/{dataset_id}/from-tasks")
def create_dataset_objects_from_tasks(
    call: CurrentCall, dataset_id: str, body: ObjectsFromTasks
) -> types.DatasetJob:
    """Begin to make objects of tasks, with their annotations, as one revision.

    Objects that are as their tasks are already do not change; none is removed.
    """
    return tasks.from_tasks(call, dataset_id, body)


@router.post("/datasets-v2/{dataset_id}/pushes")
def start_dataset_push(call: CurrentCall, dataset_id: str, body: PushStart) -> types.DatasetPush:
    """Begin to bring changes that become one revision, or go on with what broke off."""
    return pushes.start(call, dataset_id, body)


def push_dataset_objects(
    call: CurrentCall,
    dataset_id: str,
    push_id: str,
    upload: upload_of(PushedObjects),  # type: ignore[valid-type]
) -> str:
    pushes.receive(call, dataset_id, push_id, upload)
    return push_id


router.post(
    "/datasets-v2/{dataset_id}/pushes/{push_id}/objects",
    description="Bring changed objects, with the files of those that have `hasFile`, in order.",
    openapi_extra=request_body_of(PushedObjects, multiple=True),
    max_body_size=sys.maxsize,
)(push_dataset_objects)


@router.post("/datasets-v2/{dataset_id}/pushes/{push_id}/commit")
def commit_dataset_push(
    call: CurrentCall, dataset_id: str, push_id: str, body: PushCommit | None = None
) -> types.DatasetJob:
    """Begin to make a revision of all that was brought."""
    return pushes.commit(call, dataset_id, push_id, body or PushCommit())


@router.delete("/datasets-v2/{dataset_id}/pushes/{push_id}", status_code=204)
def drop_dataset_push(call: CurrentCall, dataset_id: str, push_id: str) -> None:
    """Throw away what was brought."""
    pushes.drop(call, dataset_id, push_id)


def _page(
    call: Call,
    dataset: str,
    version: str | None,
    revision_id: str | None,
    wanted: Filter,
    offset: int,
    limit: int,
    cursor: str | None,
    *,
    signed: bool,
) -> list[Any]:
    row = service.find_row(call.session, call.caller, name=dataset)
    number = revisions.find(call.session, row, version, revision_id)
    return objects.get(
        call, row, number, wanted, offset=offset, limit=limit, cursor=cursor, signed=signed
    )


def _add_lists(path: str, signed: bool) -> None:
    """Add the list of objects of both generations, which name the dataset differently."""

    def get_objects(
        call: CurrentCall,
        dataset: QueryId,
        version: Version = None,
        revisionId: RevisionId = None,  # noqa: N803 - the name of the query field
        tags: QueryTags = None,
        licenses: Licenses = None,
        types: Types = None,
        offset: Offset = 0,
        limit: Limit = 1000,
        cursor: Cursor = None,
    ) -> list[Any]:
        wanted = Filter(tags or (), licenses or (), types or ())
        return _page(
            call, dataset, version, revisionId, wanted, offset, limit, cursor, signed=signed
        )

    def get_revision_objects(
        call: CurrentCall,
        datasetName: QueryId,  # noqa: N803
        version: Version = None,
        revisionId: RevisionId = None,  # noqa: N803
        tags: QueryTags = None,
        licenses: Licenses = None,
        types: Types = None,
        offset: Offset = 0,
        limit: Limit = 1000,
        cursor: Cursor = None,
    ) -> list[Any]:
        wanted = Filter(tags or (), licenses or (), types or ())
        return _page(
            call, datasetName, version, revisionId, wanted, offset, limit, cursor, signed=signed
        )

    name = "get_signed_dataset_objects" if signed else "get_dataset_objects"
    described = "Objects of a revision, oldest first" + (", with URLs of their files." * signed)
    for prefix, function, suffix in (
        ("/dataset-objects-v2", get_objects, "_v2"),
        ("/dataset-revision-objects", get_revision_objects, ""),
    ):
        router.get(
            f"{prefix}{path}",
            name=f"{name}{suffix}",
            response_model=list[types.DatasetObject],
            description=described,
        )(function)


_add_lists("", signed=False)
_add_lists("/signed-urls", signed=True)


def create_dataset_object_v2(
    call: CurrentCall,
    upload: upload_of(NewObject, FILE),  # type: ignore[valid-type]
) -> types.DatasetObject:
    body = upload.body
    return objects.create(call, body.dataset, body.name, body, upload.files, body.message)


def create_dataset_object(
    call: CurrentCall,
    upload: upload_of(NewRevisionObject, FILE),  # type: ignore[valid-type]
) -> types.DatasetObject:
    body = upload.body
    return objects.create(call, body.dataset, body.name, body, upload.files, body.message)


def update_dataset_object(call: CurrentCall, body: ObjectChange) -> types.DatasetObject:
    return objects.update(call, body.dataset_id, body.object_name, body, body.message)


def find_dataset_object(
    call: CurrentCall,
    dataset_id: str,
    object_name: str,
    version: Version = None,
    revisionId: RevisionId = None,  # noqa: N803
) -> types.DatasetObject:
    return objects.find(call, dataset_id, object_name, version, revisionId)


def delete_dataset_object(call: CurrentCall, dataset_id: str, object_name: str) -> None:
    objects.delete(call, dataset_id, object_name)


def _add_objects() -> None:
    for path, create, model, suffix in (
        ("/dataset-objects-v2", create_dataset_object_v2, NewObject, "_v2"),
        ("/dataset-revision-objects", create_dataset_object, NewRevisionObject, ""),
    ):
        router.post(
            path,
            name=f"create_dataset_object{suffix}",
            description="Put a file into a dataset, as a new revision.",
            openapi_extra=request_body_of(model, multiple=False, file_key=FILE),
            max_body_size=sys.maxsize,
        )(create)
        router.put(
            path,
            name=f"update_dataset_object{suffix}",
            description="Change what is given, as a new revision.",
        )(update_dataset_object)
    for path, suffix in (
        ("/datasets-v2/{dataset_id}/objects/{object_name:path}", "_v2"),
        ("/dataset-revision-objects/datasets/{dataset_id}/objects/{object_name:path}", ""),
    ):
        router.get(
            path,
            name=f"find_dataset_object{suffix}",
            description="One object, as it is in a revision.",
        )(find_dataset_object)
        router.delete(
            path,
            name=f"delete_dataset_object{suffix}",
            description="Take an object out of the newest revision; earlier ones keep it.",
            status_code=204,
        )(delete_dataset_object)


_add_objects()
