"""What an operation has to say about itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from fastlabel_server.blobs import StoredBlob
from fastlabel_server.datasets.changes import Wanted
from fastlabel_server.datasets.drafts import Via
from fastlabel_server.datasets.reports import Report
from fastlabel_server.jobs.handler import Context
from fastlabel_server.tables import Dataset

Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Chunk:
    """Some of the changes of an operation."""

    wanted: Mapping[str, Wanted]
    """By the names of objects, which no other chunk has."""
    cursor: Any
    """Where the next chunk begins, as JSON; None: this was the last."""
    done: int
    total: int | None
    blobs: Sequence[StoredBlob] = field(default=())
    """New files of the changes, which are in the store and not yet claimed."""
    report: Report | None = None
    """What the objects came to, where there is more to tell than how many."""


def _nothing_more(session: Session, arguments: Arguments) -> None:
    pass


@dataclass(frozen=True)
class Operation:
    """How a job changes a dataset.

    `prepare(context, dataset, arguments, cursor)` reads and stores files, outside any
    transaction and maybe more than once; the dataset takes no other changes meanwhile.
    `published(session, arguments)` is called in the transaction that makes the revision.
    """

    via: Via
    prepare: Callable[[Context, Dataset, Arguments, Any], Chunk]
    published: Callable[[Session, Arguments], None] = _nothing_more
