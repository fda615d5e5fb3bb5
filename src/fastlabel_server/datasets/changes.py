"""What becomes of objects: whole new states, changes of fields, removals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row

from fastlabel_server.datasets.labels import Document
from fastlabel_server.tables import DatasetState


@dataclass(frozen=True)
class File:
    """A stored file and what was measured of it; its blob must have been claimed."""

    sha256: str
    kind: str
    media_type: str
    size: int
    media: Mapping[str, Any]


@dataclass(frozen=True)
class State:
    """What an object is to be."""

    file: File
    document: Document | None = None
    type: str = "none"
    tags: Sequence[str] = ()
    licenses: Sequence[str] = ()


@dataclass(frozen=True)
class Kept:
    """What an object is, with its file and labels by their keys."""

    file_key: int
    labels_key: int | None
    type: str
    tags: Sequence[str]
    licenses: Sequence[str]

    @classmethod
    def of(cls, state: DatasetState | Row[*tuple[Any, ...]]) -> Kept:
        """Take it from a state, or from a row that has its columns."""
        return cls(
            state.file_key,
            state.labels_key,
            state.type,
            tuple(state.tags),
            tuple(state.licenses),
        )


class Unset:
    """Stands for what a change leaves as it is."""


UNSET = Unset()


@dataclass(frozen=True)
class Change:
    """What becomes of an object that is there; what is not given stays."""

    file: File | Unset = UNSET
    document: Document | Unset | None = UNSET
    type: str | Unset = UNSET
    tags: Sequence[str] | Unset = UNSET
    licenses: Sequence[str] | Unset = UNSET


REMOVED = None
Wanted = State | Kept | Change | None
"""A new object or a whole new state of one, a change of one that is there, or its removal."""


def removals(wanted: Mapping[str, Wanted]) -> list[str]:
    return [name for name, change in wanted.items() if change is None]


def files_of(wanted: Iterable[Wanted]) -> list[File]:
    return [
        each.file
        for each in wanted
        if isinstance(each, State | Change) and isinstance(each.file, File)
    ]


def documents_of(wanted: Iterable[Wanted]) -> list[Document]:
    return [
        each.document
        for each in wanted
        if isinstance(each, State | Change) and isinstance(each.document, Document)
    ]


def merged(
    change: State | Kept | Change,
    kept: Kept | None,
    files: Mapping[tuple[str, str], int],
    labels: Mapping[bytes, int],
) -> Kept:
    """Return what a change makes of an object."""

    def labels_key(document: Document | None) -> int | None:
        return None if document is None else labels[document.digest]

    if isinstance(change, State):
        return Kept(
            files[change.file.sha256, change.file.kind],
            labels_key(change.document),
            change.type,
            tuple(change.tags),
            tuple(change.licenses),
        )
    if isinstance(change, Kept):
        return change
    assert kept is not None
    given: dict[str, Any] = {}
    if not isinstance(change.file, Unset):
        given["file_key"] = files[change.file.sha256, change.file.kind]
    if not isinstance(change.document, Unset):
        given["labels_key"] = labels_key(change.document)
    if not isinstance(change.type, Unset):
        given["type"] = change.type
    if not isinstance(change.tags, Unset):
        given["tags"] = tuple(change.tags)
    if not isinstance(change.licenses, Unset):
        given["licenses"] = tuple(change.licenses)
    return replace(kept, **given)
