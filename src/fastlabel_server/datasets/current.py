"""What the objects of a dataset are now, a draft included, by their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel_server.datasets.changes import Kept
from fastlabel_server.tables import (
    ALIVE,
    Dataset,
    DatasetObject,
    DatasetState,
)

NAMES = 500
"""Objects that are looked up and written with one statement."""
COLUMNS: tuple[Any, ...] = (
    DatasetState.seq,
    DatasetState.born,
    DatasetState.created_at,
    DatasetState.file_key,
    DatasetState.labels_key,
    DatasetState.type,
    DatasetState.tags,
    DatasetState.licenses,
)
"""Of states that change by the thousand, for which whole objects take too long."""


@dataclass(frozen=True)
class Current:
    """The newest state of an object."""

    id: str
    seq: int
    born: int
    created_at: int
    kept: Kept


def current_states(session: Session, dataset: Dataset, names: Iterable[str]) -> dict[str, Current]:
    """Return the living states of names, those of a draft included."""
    return states_at(session, dataset, places_of(session, dataset, names))


@dataclass(frozen=True)
class Place:
    """The place and the id of a name, which it keeps for good."""

    seq: int
    id: str


def places_of(session: Session, dataset: Dataset, names: Iterable[str]) -> dict[str, Place]:
    """Return the places of those names that have ever been in a dataset."""
    rows = session.execute(
        select(DatasetObject.name, DatasetObject.seq, DatasetObject.id).where(
            DatasetObject.dataset_number == dataset.number, DatasetObject.name.in_(list(names))
        )
    )
    return {row.name: Place(row.seq, row.id) for row in rows}


def states_at(
    session: Session, dataset: Dataset, places: Mapping[str, Place]
) -> dict[str, Current]:
    """Return the living states of places.

    Asked for by their numbers: in one statement with the names, SQLite goes through all states
    of the dataset as soon as there are a few hundred names.
    """
    if not places:
        return {}
    rows = session.execute(
        select(*COLUMNS).where(
            DatasetState.dataset_number == dataset.number,
            DatasetState.seq.in_([place.seq for place in places.values()]),
            DatasetState.died == ALIVE,
        )
    )
    states = {row.seq: row for row in rows}
    return {
        name: Current(place.id, place.seq, state.born, state.created_at, Kept.of(state))
        for name, place in places.items()
        if (state := states.get(place.seq)) is not None
    }
