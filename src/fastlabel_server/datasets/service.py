"""Datasets as a whole: made, listed, changed, deleted; their versions and revisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from fastlabel.types import Dataset as DatasetJson
from fastlabel.types import DatasetRevision as RevisionJson
from fastlabel.types import DatasetVersion as VersionJson
from fastlabel_server import jobs
from fastlabel_server.access import require_module
from fastlabel_server.auth import Caller
from fastlabel_server.calls import Call
from fastlabel_server.datasets import drafts, queries, revisions, set_hash
from fastlabel_server.datasets.drafts import Draft
from fastlabel_server.datasets.schemas import DatasetChange, NewDataset, NewVersion
from fastlabel_server.errors import Conflict, NotFound
from fastlabel_server.tables import (
    Dataset,
    DatasetRevision,
    DatasetVersion,
    User,
    iso_time,
    now_ms,
)

MODULE = "dataset"


def visible(caller: Caller) -> ColumnElement[bool]:
    """The datasets a caller with the module sees: those of the workspace."""
    return and_(Dataset.workspace_id == caller.workspace_id, Dataset.deleted_at.is_(None))


def find_row(
    session: Session,
    caller: Caller,
    *,
    dataset_id: str | None = None,
    name: str | None = None,
    locked: bool = False,
    to_change: bool = False,
) -> Dataset:
    """Return a dataset by its id or its name.

    Args:
        locked: until the transaction ends, so that one change comes after the other.
        to_change: lock it, and refuse while a job is building the next revision.

    Raises:
        Forbidden: the caller has not the module `dataset`.
        NotFound: there is none.
        Conflict: a job is changing it.
    """
    require_module(session, caller, MODULE)
    wanted = dataset_id if dataset_id is not None else name
    missing = NotFound(f"dataset: there is no dataset {wanted!r}")
    if wanted is None or "\x00" in wanted:
        raise missing
    key = Dataset.id == dataset_id if dataset_id is not None else Dataset.name == name
    statement = select(Dataset).where(key, visible(caller))
    if locked or to_change:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    dataset = session.scalar(statement)
    if dataset is None:
        raise missing
    if to_change:
        drafts.check_no_draft(session, dataset)
    return dataset


def get(
    session: Session,
    caller: Caller,
    name: str | None,
    keyword: str | None,
    tags: Sequence[str],
    license_part: str | None,
    visibility: str | None,
    offset: int,
    limit: int,
) -> list[DatasetJson]:
    """Return datasets, oldest first; `keyword` is part of the name, all tags are there.

    `name` is all of the name.
    """
    require_module(session, caller, MODULE)
    statement = select(Dataset).where(visible(caller))
    if name:
        statement = statement.where(Dataset.name == name)
    if keyword:
        statement = statement.where(Dataset.name.icontains(keyword, autoescape=True))
    if license_part:
        statement = statement.where(Dataset.license.icontains(license_part, autoescape=True))
    if visibility:
        statement = statement.where(Dataset.visibility == visibility)
    statement = statement.where(*(queries.holds(Dataset.tags, tag) for tag in tags))
    statement = statement.order_by(Dataset.created_at, Dataset.id).offset(offset).limit(limit)
    return rendered(session, session.scalars(statement).all())


def find(session: Session, caller: Caller, dataset_id: str) -> DatasetJson:
    return _shown(session, find_row(session, caller, dataset_id=dataset_id))


def create(session: Session, caller: Caller, body: NewDataset) -> DatasetJson:
    """Make a dataset with an empty first revision."""
    require_module(session, caller, MODULE)
    _check_name_is_free(session, caller, body.name)
    dataset = Dataset(
        workspace_id=caller.workspace_id,
        name=body.name,
        tags=body.tags or [],
        visibility=body.visibility or "workspace",
        license=body.license or "",
        created_by=caller.user_id,
        head=0,
        content_hash=set_hash.EMPTY,
    )
    session.add(dataset)
    session.flush()
    Draft.of_request(dataset).publish(session, caller.user_id, "create")
    return _shown(session, dataset)


def update(session: Session, caller: Caller, dataset_id: str, body: DatasetChange) -> DatasetJson:
    """Change what describes a dataset; its objects and revisions stay as they are."""
    dataset = find_row(session, caller, dataset_id=dataset_id, locked=True)
    if body.name is not None and body.name != dataset.name:
        _check_name_is_free(session, caller, body.name)
    for field, value in body.model_dump(exclude_none=True).items():
        setattr(dataset, field, value)
    session.flush()
    return _shown(session, dataset)


def delete(session: Session, caller: Caller, dataset_id: str) -> None:
    """Take a dataset out of sight at once; a job removes its objects and their tasks."""
    dataset = find_row(session, caller, dataset_id=dataset_id, to_change=True)
    dataset.deleted_at = now_ms()
    dataset.name = f"/{dataset.id}"
    session.flush()
    jobs.enqueue(
        session,
        "purge_dataset",
        {"dataset": dataset.number},
        requested_by=caller.user_id,
        unique=f"purge-dataset-{dataset.id}",
    )


def get_revisions(
    session: Session, caller: Caller, dataset_id: str, offset: int, limit: int
) -> list[RevisionJson]:
    """Return the revisions of a dataset, newest first."""
    dataset = find_row(session, caller, dataset_id=dataset_id)
    rows = session.scalars(
        select(DatasetRevision)
        .where(DatasetRevision.dataset_number == dataset.number)
        .order_by(DatasetRevision.number.desc())
        .offset(offset)
        .limit(limit)
    ).all()
    return shown_revisions(session, dataset, rows)


def find_revision(
    session: Session, caller: Caller, dataset_id: str, revision_id: str
) -> RevisionJson:
    """Return one revision, by the beginning of its id."""
    dataset = find_row(session, caller, dataset_id=dataset_id)
    number = revisions.find(session, dataset, revision_id=revision_id)
    return shown_revision(session, dataset, number)


def shown_revision(session: Session, dataset: Dataset, number: int) -> RevisionJson:
    row = revisions.find_number(session, dataset, number)
    return shown_revisions(session, dataset, [row])[0]


def shown_revisions(
    session: Session, dataset: Dataset, rows: Sequence[DatasetRevision]
) -> list[RevisionJson]:
    """Return revisions with the names of their versions and authors."""
    versions = defaultdict(list)
    for row in session.scalars(
        select(DatasetVersion)
        .where(
            DatasetVersion.dataset_number == dataset.number,
            DatasetVersion.revision.in_([row.number for row in rows]),
        )
        .order_by(DatasetVersion.created_at, DatasetVersion.name)
    ):
        versions[row.revision].append(row.name)
    authors = _users(session, [row.author_id for row in rows])
    return [
        revisions.rendered(
            row,
            authors.get(row.author_id or ""),
            versions[row.number] + [revisions.LATEST] * (row.number == dataset.head),
        )
        for row in rows
    ]


def get_versions(session: Session, caller: Caller, dataset_id: str) -> list[VersionJson]:
    """Return the named versions of a dataset, oldest first."""
    dataset = find_row(session, caller, dataset_id=dataset_id)
    rows = session.scalars(
        select(DatasetVersion)
        .where(DatasetVersion.dataset_number == dataset.number)
        .order_by(DatasetVersion.created_at, DatasetVersion.name)
    ).all()
    return _versions_json(session, dataset, rows)


def create_version(call: Call, dataset_id: str, body: NewVersion) -> VersionJson:
    """Name a revision for good.

    Raises:
        Conflict: the name is taken.
    """
    session, caller = call.session, call.caller
    dataset = find_row(session, caller, dataset_id=dataset_id)
    number = revisions.find(session, dataset, revision_id=body.revision_id)
    if session.get(DatasetVersion, (dataset.number, body.version)) is not None:
        raise Conflict(f"version: dataset {dataset.name!r} already has a version {body.version!r}")
    row = DatasetVersion(
        dataset_number=dataset.number,
        name=body.version,
        revision=number,
        author_id=caller.user_id,
    )
    session.add(row)
    session.flush()
    return _versions_json(session, dataset, [row])[0]


def delete_version(session: Session, caller: Caller, dataset_id: str, version: str) -> None:
    """Take a name off a revision, which stays."""
    dataset = find_row(session, caller, dataset_id=dataset_id)
    row = session.get(DatasetVersion, (dataset.number, version))
    if row is None:
        raise NotFound(f"version: dataset {dataset.name!r} has no version {version!r}")
    session.delete(row)


def rendered(session: Session, rows: Sequence[Dataset]) -> list[DatasetJson]:
    """Return datasets as the API shows them."""
    heads = {
        revision.dataset_number: revision
        for revision in session.scalars(
            select(DatasetRevision)
            .join(Dataset, Dataset.number == DatasetRevision.dataset_number)
            .where(
                Dataset.number.in_([row.number for row in rows]),
                DatasetRevision.number == Dataset.head,
            )
        )
    }
    return [
        {
            "id": row.id,
            "name": row.name,
            "tags": row.tags,
            "visibility": row.visibility,  # type: ignore[typeddict-item]
            "license": row.license,
            "revisionId": heads[row.number].id,
            "objectCount": heads[row.number].object_count,
            "size": heads[row.number].size,
            "createdAt": iso_time(row.created_at),
            "updatedAt": iso_time(row.updated_at),
        }
        for row in rows
    ]


def _shown(session: Session, dataset: Dataset) -> DatasetJson:
    return rendered(session, [dataset])[0]


def _versions_json(
    session: Session, dataset: Dataset, rows: Sequence[DatasetVersion]
) -> list[VersionJson]:
    ids = {
        revision.number: revision.id
        for revision in session.scalars(
            select(DatasetRevision).where(
                DatasetRevision.dataset_number == dataset.number,
                DatasetRevision.number.in_([row.revision for row in rows]),
            )
        )
    }
    authors = _users(session, [row.author_id for row in rows])
    return [
        {
            "version": row.name,
            "revisionId": ids[row.revision],
            "userName": authors[row.author_id].name if row.author_id in authors else "",
            "createdAt": iso_time(row.created_at),
        }
        for row in rows
    ]


def _users(session: Session, ids: Iterable[str | None]) -> dict[str | None, User]:
    found = session.scalars(select(User).where(User.id.in_({each for each in ids if each})))
    return {user.id: user for user in found}


def _check_name_is_free(session: Session, caller: Caller, name: str) -> None:
    taken = session.scalar(
        select(Dataset.id).where(Dataset.workspace_id == caller.workspace_id, Dataset.name == name)
    )
    if taken is not None:
        raise Conflict(f"name: there is a dataset {name!r} already")
