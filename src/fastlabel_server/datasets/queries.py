"""Reading the objects of a revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Row,
    Select,
    Text,
    and_,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from fastlabel_server.tables import (
    Dataset,
    DatasetFile,
    DatasetLabels,
    DatasetObject,
    DatasetState,
)

NAMES = 500
"""That one statement looks up."""
COLUMNS: tuple[Any, ...] = (DatasetObject, DatasetState, DatasetFile, DatasetLabels.document)


@dataclass(frozen=True)
class Filter:
    """Which objects are wanted; what is not given does not narrow."""

    tags: Sequence[str] = ()
    """All of them."""
    licenses: Sequence[str] = ()
    """All of them."""
    types: Sequence[str] = ()
    """One of them."""
    seqs: Sequence[int] | None = None
    """Places of the only ones that are meant."""

    def conditions(self) -> list[ColumnElement[bool]]:
        found = [holds(DatasetState.tags, tag) for tag in self.tags]
        found += [holds(DatasetState.licenses, each) for each in self.licenses]
        if self.types:
            found.append(DatasetState.type.in_(self.types))
        if self.seqs is not None:
            found.append(DatasetState.seq.in_(self.seqs))
        return found


def alive_at(number: int) -> ColumnElement[bool]:
    """The states that a revision consists of."""
    return and_(DatasetState.born <= number, DatasetState.died > number)


def rows() -> Select[Any]:
    """Select states with all that an object shows of them: `COLUMNS`."""
    statement: Select[Any] = select(*COLUMNS)
    return (
        statement.select_from(DatasetState)
        .join(
            DatasetObject,
            and_(
                DatasetObject.dataset_number == DatasetState.dataset_number,
                DatasetObject.seq == DatasetState.seq,
            ),
        )
        .join(DatasetFile, DatasetFile.key == DatasetState.file_key)
        .outerjoin(DatasetLabels, DatasetLabels.key == DatasetState.labels_key)
    )


def page(
    session: Session,
    dataset: Dataset,
    number: int,
    wanted: Filter,
    *,
    offset: int = 0,
    limit: int,
    after: int = 0,
) -> Sequence[Row[Any]]:
    """Return objects of a revision as rows of `COLUMNS`, oldest first, behind the place `after`.

    The places come first and alone, so that what an offset skips is joined with nothing.
    """
    seqs = (
        select(DatasetState.seq)
        .where(
            DatasetState.dataset_number == dataset.number,
            alive_at(number),
            DatasetState.seq > after,
            *wanted.conditions(),
        )
        .order_by(DatasetState.seq)
        .offset(offset)
        .limit(limit)
    )
    return at(session, dataset, number, session.scalars(seqs).all())


def page_of_size(
    session: Session,
    dataset: Dataset,
    number: int,
    wanted: Filter,
    *,
    after: int,
    limit: int,
    label_bytes: int,
) -> tuple[Sequence[Row[Any]], bool]:
    """Return objects as `page` does, and whether there are more behind them.

    There are fewer than `limit` where their labels, as they are packed, would have more than
    `label_bytes` together; one is always there.
    """
    sizes = session.execute(
        select(DatasetState.seq, func.coalesce(func.length(DatasetLabels.document), 0))
        .outerjoin(DatasetLabels, DatasetLabels.key == DatasetState.labels_key)
        .where(
            DatasetState.dataset_number == dataset.number,
            alive_at(number),
            DatasetState.seq > after,
            *wanted.conditions(),
        )
        .order_by(DatasetState.seq)
        .limit(limit)
    ).all()
    seqs = [seq for seq, _ in sizes[: fitting([size for _, size in sizes], label_bytes)]]
    return at(session, dataset, number, seqs), len(seqs) == limit or len(seqs) < len(sizes)


def fitting(sizes: Sequence[int], most: int) -> int:
    """Return how many of the first sizes add up to no more than `most`; the first always does."""
    sums = accumulate(sizes)
    return sum(1 for index, total in enumerate(sums) if index == 0 or total <= most)


def at(session: Session, dataset: Dataset, number: int, seqs: Sequence[int]) -> Sequence[Row[Any]]:
    """Return the objects of places in a revision as rows of `COLUMNS`, in their order."""
    if not seqs:
        return []
    return session.execute(
        rows()
        .where(
            DatasetState.dataset_number == dataset.number,
            DatasetState.seq.in_(seqs),
            alive_at(number),
        )
        .order_by(DatasetState.seq)
    ).all()


def seqs_of(
    session: Session, dataset: Dataset, number: int, names: Sequence[str]
) -> dict[str, int]:
    """Return the places of the names that a revision has objects of."""
    found: dict[str, int] = {}
    for first in range(0, len(names), NAMES):
        found |= {
            row.name: row.seq
            for row in session.execute(
                select(DatasetObject.name, DatasetObject.seq)
                .join(
                    DatasetState,
                    and_(
                        DatasetState.dataset_number == DatasetObject.dataset_number,
                        DatasetState.seq == DatasetObject.seq,
                        alive_at(number),
                    ),
                )
                .where(
                    DatasetObject.dataset_number == dataset.number,
                    DatasetObject.name.in_(names[first : first + NAMES]),
                )
            )
        }
    return found


def find(session: Session, dataset: Dataset, number: int, name: str) -> Row[Any] | None:
    """Return the object of a name in a revision as a row of `COLUMNS`; None if there is none."""
    return session.execute(
        rows().where(
            DatasetObject.dataset_number == dataset.number,
            DatasetObject.name == name,
            alive_at(number),
        )
    ).one_or_none()


def count(session: Session, dataset: Dataset, number: int, wanted: Filter) -> int:
    statement = (
        select(func.count())
        .select_from(DatasetState)
        .where(
            DatasetState.dataset_number == dataset.number,
            alive_at(number),
            *wanted.conditions(),
        )
    )
    return session.scalar(statement) or 0


def holds(column: InstrumentedAttribute[list[str]], value: str) -> ColumnElement[bool]:
    """Tell whether a list of texts, kept as JSON, has a text."""
    return _HasText(type_coerce(column, Text), literal(value))


class _HasText(FunctionElement[bool]):
    """Asked of the list as JSON: compared as text, LIKE takes "Cat" for "cat" on SQLite."""

    type = Boolean()
    inherit_cache = True


@compiles(_HasText, "sqlite")
def _on_sqlite(element: _HasText, compiler: SQLCompiler, **options: Any) -> str:
    column, value = (compiler.process(clause, **options) for clause in element.clauses)
    return f"EXISTS (SELECT 1 FROM json_each({column}) WHERE value = {value})"  # noqa: S608


@compiles(_HasText, "postgresql")
def _on_postgresql(element: _HasText, compiler: SQLCompiler, **options: Any) -> str:
    column, value = (compiler.process(clause, **options) for clause in element.clauses)
    return f"jsonb_exists(CAST({column} AS jsonb), {value})"
