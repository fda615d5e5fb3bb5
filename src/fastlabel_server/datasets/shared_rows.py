"""Rows of files and labels, which the states of a dataset share: a row for each content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson
from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fastlabel_server.datasets.changes import File, Kept
from fastlabel_server.datasets.labels import Document
from fastlabel_server.tables import Dataset, DatasetFile, DatasetLabels
from fastlabel_server.tables.base import Base


def file_keys(
    session: Session, dataset: Dataset, files: Sequence[File]
) -> dict[tuple[str, str], int]:
    """Return the keys of files, whose rows are made where there are none."""
    rows = {
        (file.sha256, file.kind): {
            "dataset_number": dataset.number,
            "blob_sha256": file.sha256,
            "kind": file.kind,
            "media_type": file.media_type,
            "size": file.size,
            "media": dict(file.media),
        }
        for file in files
    }
    if not rows:
        return {}
    session.execute(
        dialect_insert(session, DatasetFile).on_conflict_do_nothing(), list(rows.values())
    )
    found = session.execute(
        select(DatasetFile.key, DatasetFile.blob_sha256, DatasetFile.kind).where(
            DatasetFile.dataset_number == dataset.number,
            DatasetFile.blob_sha256.in_({sha256 for sha256, _ in rows}),
        )
    )
    return {(row.blob_sha256, row.kind): row.key for row in found}


def labels_keys(
    session: Session, dataset: Dataset, documents: Sequence[Document]
) -> dict[bytes, int]:
    """Return the keys of labels, whose rows are made where there are none."""
    rows = {
        document.digest: {
            "dataset_number": dataset.number,
            "digest": document.digest,
            "document": document.packed,
        }
        for document in documents
    }
    if not rows:
        return {}
    session.execute(
        dialect_insert(session, DatasetLabels).on_conflict_do_nothing(), list(rows.values())
    )
    found = session.execute(
        select(DatasetLabels.key, DatasetLabels.digest).where(
            DatasetLabels.dataset_number == dataset.number, DatasetLabels.digest.in_(rows)
        )
    )
    return {row.digest: row.key for row in found}


@dataclass(frozen=True)
class Facts:
    """What the hash and the counts need of files and labels, by their keys."""

    files: Mapping[int, tuple[str, str, int]]
    digests: Mapping[int, bytes]

    @classmethod
    def of(cls, session: Session, states: Sequence[Kept]) -> Facts:
        file_keys = {each.file_key for each in states}
        labels_keys = {each.labels_key for each in states if each.labels_key is not None}
        files = session.execute(
            select(
                DatasetFile.key, DatasetFile.blob_sha256, DatasetFile.kind, DatasetFile.size
            ).where(DatasetFile.key.in_(file_keys))
        )
        digests = session.execute(
            select(DatasetLabels.key, DatasetLabels.digest).where(
                DatasetLabels.key.in_(labels_keys)
            )
        )
        return cls(
            {row.key: (row.blob_sha256, row.kind, row.size) for row in files},
            {row.key: row.digest for row in digests},
        )

    def size_of(self, state: Kept) -> int:
        return self.files[state.file_key][2]

    def bytes_of(self, name: str, state: Kept) -> bytes:
        sha256, kind, _ = self.files[state.file_key]
        digest = self.digests[state.labels_key].hex() if state.labels_key is not None else ""
        return orjson.dumps(
            [name, sha256, kind, digest, state.type, list(state.tags), list(state.licenses)]
        )


def dialect_insert(session: Session, table: type[Base]) -> Any:
    """Return an INSERT that can say what to do about rows that are there."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    return dialect.insert(table_of(table))


def table_of(rows: type[Base]) -> Table:
    """Return the table of a class: rows go into it without what makes objects of them.

    Of a million rows that takes longer than the database does.
    """
    return cast("Table", rows.__table__)
