"""Revisions of a dataset: how one is found, and what the API shows of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel.types import DatasetRevision as RevisionJson
from fastlabel_server.errors import BadRequest, Invalid, NotFound
from fastlabel_server.tables import (
    Dataset,
    DatasetRevision,
    DatasetVersion,
    User,
    iso_time,
)

LATEST = "latest"
MIN_PREFIX = 8
_HEX = re.compile(r"[0-9a-f]{1,40}")


def find(
    session: Session, dataset: Dataset, version: str | None = None, revision_id: str | None = None
) -> int:
    """Return the number of a revision, by a version's name or the beginning of its id.

    Raises:
        BadRequest: both are given.
        Invalid: fewer than eight characters of an id, or they are the beginning of several.
        NotFound: there is none.
    """
    if version and revision_id:
        raise BadRequest("version, revisionId: only one of them can be given")
    if revision_id:
        return _by_prefix(session, dataset, revision_id.strip().lower())
    if not version or version == LATEST:
        return dataset.head
    number = session.scalar(
        select(DatasetVersion.revision).where(
            DatasetVersion.dataset_number == dataset.number, DatasetVersion.name == version
        )
    )
    if number is None:
        raise NotFound(f"version: dataset {dataset.name!r} has no version {version!r}")
    return number


def find_either(session: Session, dataset: Dataset, name: str) -> int:
    """Return the number of a revision that is named by a version or the beginning of its id.

    Raises:
        Invalid, NotFound: as `find` does.
    """
    try:
        return find(session, dataset, version=name)
    except NotFound:
        if not _HEX.fullmatch(name.lower()):
            raise
        return find(session, dataset, revision_id=name)


def _by_prefix(session: Session, dataset: Dataset, prefix: str) -> int:
    if len(prefix) < MIN_PREFIX:
        raise Invalid(f"revisionId: at least the first {MIN_PREFIX} characters, got {prefix!r}")
    numbers = (
        session.scalars(
            select(DatasetRevision.number)
            .where(
                DatasetRevision.dataset_number == dataset.number,
                DatasetRevision.id.startswith(prefix),
            )
            .limit(2)
        ).all()
        if _HEX.fullmatch(prefix)
        else []
    )
    if not numbers:
        raise NotFound(f"revisionId: dataset {dataset.name!r} has no revision {prefix!r}")
    if len(numbers) > 1:
        raise Invalid(f"revisionId: {prefix!r} is the beginning of several; give more of it")
    return numbers[0]


def find_number(session: Session, dataset: Dataset, number: int) -> DatasetRevision:
    """Return a revision by its number, which must exist."""
    return session.execute(
        select(DatasetRevision).where(
            DatasetRevision.dataset_number == dataset.number, DatasetRevision.number == number
        )
    ).scalar_one()


def rendered(
    revision: DatasetRevision, author: User | None, versions: Sequence[str]
) -> RevisionJson:
    """Return a revision as the API shows it."""
    return {
        "id": revision.id,
        "number": revision.number,
        "contentHash": revision.content_sha256,
        "versions": list(versions),
        "via": revision.via,
        "message": revision.message,
        "added": revision.added,
        "changed": revision.changed,
        "removed": revision.removed,
        "objectCount": revision.object_count,
        "size": revision.size,
        "userName": author.name if author else "",
        "userSlug": author.slug if author else "",
        "createdAt": iso_time(revision.created_at),
    }
