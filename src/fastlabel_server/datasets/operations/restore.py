"""`restore`: the objects of an earlier revision, as a new one."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select

from fastlabel_server.datasets import diffs, queries
from fastlabel_server.datasets.changes import Kept, Wanted
from fastlabel_server.datasets.current import COLUMNS
from fastlabel_server.datasets.operations.base import Arguments, Chunk, Operation
from fastlabel_server.jobs.handler import Context
from fastlabel_server.tables import Dataset, DatasetObject, DatasetState

OBJECTS: Final = 2000
"""Per chunk."""


def prepare(context: Context, dataset: Dataset, arguments: Arguments, cursor: Any) -> Chunk:
    """Give the next objects that differ from the revision the state that they had in it."""
    number = arguments["revision"]
    after, done = cursor or (0, 0)
    with context.database.read() as session:
        seqs = diffs.changed_after(session, dataset, dataset.head, number, after, OBJECTS)
        names = {
            row.seq: row.name
            for row in session.execute(
                select(DatasetObject.seq, DatasetObject.name).where(
                    DatasetObject.dataset_number == dataset.number, DatasetObject.seq.in_(seqs)
                )
            )
        }
        states = {
            state.seq: state
            for state in session.execute(
                select(*COLUMNS).where(
                    DatasetState.dataset_number == dataset.number,
                    DatasetState.seq.in_(seqs),
                    queries.alive_at(number),
                )
            )
        }
    wanted: dict[str, Wanted] = {
        names[seq]: Kept.of(states[seq]) if seq in states else None for seq in seqs
    }
    done += len(seqs)
    cursor = [seqs[-1], done] if len(seqs) == OBJECTS else None
    return Chunk(wanted, cursor, done, None if cursor else done)


OPERATION = Operation("restore", prepare)
