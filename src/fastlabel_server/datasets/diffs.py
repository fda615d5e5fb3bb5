"""What differs between two revisions of a dataset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, Subquery, func, literal_column, or_, select
from sqlalchemy.orm import Session

from fastlabel.types import AnnotationChanges, DatasetAnnotation, DatasetDiff, ObjectChange
from fastlabel.types import DatasetObject as ObjectJson
from fastlabel_server.auth import Caller
from fastlabel_server.datasets import objects, queries, revisions
from fastlabel_server.datasets.labels import is_same
from fastlabel_server.datasets.service import find_row, shown_revision
from fastlabel_server.tables import ENDED, Dataset, DatasetState
from fastlabel_server.urls import FileUrls

WINDOW: Final = 50_000
"""Places that are looked through at once for what differs."""
MANY: Final = 100_000
"""Objects that differ: to sort more takes longer than to look at all there are."""
_FIELDS = ("type", "tags", "licenses", "annotations", "customMetadata", "split")


@dataclass(frozen=True)
class Ends:
    """A revision of either side: version or beginning of the id, as requests name them."""

    base: str
    target: str


def diff(
    session: Session,
    caller: Caller,
    dataset_id: str,
    ends: Ends,
    offset: int,
    limit: int,
    urls: FileUrls | None = None,
) -> DatasetDiff:
    """Return how `target` differs from `base`, a page of objects in their order.

    Args:
        urls: signs the files of the target.
    """
    dataset = find_row(session, caller, dataset_id=dataset_id)
    base = revisions.find_either(session, dataset, ends.base)
    target = revisions.find_either(session, dataset, ends.target)
    counts = _counts(session, dataset, base, target)
    # The sum keeps SQLite from reading all places in their order, which pays for many alone.
    order = "seq" if sum(counts.values()) > MANY else "seq + 0"
    page = _changed_seqs(dataset, base, target).order_by(literal_column(order))
    seqs = session.scalars(page.offset(offset).limit(limit)).all()
    before = _objects(session, dataset, base, seqs)
    after = _objects(session, dataset, target, seqs)
    return {
        "base": shown_revision(session, dataset, base),
        "target": shown_revision(session, dataset, target),
        **counts,  # type: ignore[typeddict-item]
        "objects": [_change(before.get(seq), after.get(seq), urls) for seq in seqs],
    }


def changed_after(
    session: Session, dataset: Dataset, base: int, target: int, after: int, limit: int
) -> list[int]:
    """Return the next places behind `after` of objects that differ between two revisions.

    Fewer than `limit`, when these are the last. All calls together read each place once, which
    paging by `limit` alone would not: it has to find all that differ each time.
    """
    found: list[int] = []
    while len(found) < limit and after < dataset.last_seq:
        page = _changed_seqs(dataset, base, target, (after, after + WINDOW))
        found += session.scalars(page.order_by("seq").limit(limit - len(found)))
        after += WINDOW
    return found


def _changed_seqs(
    dataset: Dataset, base: int, target: int, within: tuple[int, int] | None = None
) -> Select[Any]:
    """Select the places, as `seq`, of objects that differ between two revisions.

    Read from the states that began or ended between the two: what lies before and after, and
    how many objects there are, does not matter; or from the places `within`, first exclusive.
    """
    old, new = _side(dataset, base, target, within), _side(dataset, target, base, within)
    old_of = _side(dataset, base, target, joined=True)
    new_of = _side(dataset, target, base, joined=True)
    return (
        select(old.c.seq)
        .where(_differ(old, new_of))
        .select_from(old.outerjoin(new_of, old.c.seq == new_of.c.seq))
        .union_all(
            select(new.c.seq)
            .select_from(new.outerjoin(old_of, new.c.seq == old_of.c.seq))
            .where(old_of.c.seq.is_(None))
        )
        .subquery()
        .select()
    )


def _side(
    dataset: Dataset,
    number: int,
    other: int,
    within: tuple[int, int] | None = None,
    *,
    joined: bool = False,
) -> Subquery:
    """Select the states of a revision that the other does not have.

    Args:
        within: of these places only, the first exclusive.
        joined: to be looked up by their places.
    """
    born: ColumnElement[int] = DatasetState.born.expression
    died: ColumnElement[int] = DatasetState.died.expression
    conditions: list[Any] = [DatasetState.dataset_number == dataset.number]
    if within is not None:
        conditions += [DatasetState.seq > within[0], DatasetState.seq <= within[1]]
    if within is not None or joined:
        # The sums keep SQLite, which guesses, from looking through all that was born or died.
        born, died = born + 0, died + 0
    if number <= other:
        conditions += [born <= number, died > number, died <= other]
    else:
        conditions += [born > other, born <= number, died > number]
    if within is None and not joined and number < other:
        # Behind the bound, as SQLite goes through the index up to the first one that it reads.
        conditions.append(ENDED)
    return (
        select(
            DatasetState.seq,
            DatasetState.file_key,
            DatasetState.labels_key,
            DatasetState.type,
            DatasetState.tags,
            DatasetState.licenses,
        )
        .where(*conditions)
        .subquery()
    )


def _differ(old: Any, new: Any) -> Any:
    """Tell whether two states of an object differ, or there is only the old one.

    An object may have been changed and changed back in between.
    """
    return or_(
        new.c.seq.is_(None),
        old.c.file_key != new.c.file_key,
        func.coalesce(old.c.labels_key, 0) != func.coalesce(new.c.labels_key, 0),
        old.c.type != new.c.type,
        old.c.tags != new.c.tags,
        old.c.licenses != new.c.licenses,
    )


def _counts(session: Session, dataset: Dataset, base: int, target: int) -> dict[str, int]:
    old, new = _side(dataset, base, target), _side(dataset, target, base)
    new_of = _side(dataset, target, base, joined=True)
    both = select(func.count()).select_from(old.join(new_of, old.c.seq == new_of.c.seq))
    pairs = session.scalar(both) or 0
    changed = session.scalar(both.where(_differ(old, new_of))) or 0
    ended = session.scalar(select(func.count()).select_from(old)) or 0
    begun = session.scalar(select(func.count()).select_from(new)) or 0
    return {"added": begun - pairs, "removed": ended - pairs, "changed": changed}


def _objects(
    session: Session, dataset: Dataset, number: int, seqs: Sequence[int]
) -> dict[int, Row[Any]]:
    rows = session.execute(
        queries.rows().where(
            DatasetState.dataset_number == dataset.number,
            DatasetState.seq.in_(seqs),
            queries.alive_at(number),
        )
    )
    return {row.DatasetState.seq: row for row in rows}


def _change(before: Row[Any] | None, after: Row[Any] | None, urls: FileUrls | None) -> ObjectChange:
    old = None if before is None else objects.rendered(before)
    new = None if after is None else objects.rendered(after, urls)
    shown = new or old
    assert shown is not None
    return {
        "name": shown["name"],
        "change": "added" if old is None else "removed" if new is None else "changed",
        "fields": _changed_fields(old, new),
        "before": old,
        "after": new,
        "annotations": _annotation_changes(
            [] if old is None else old["annotations"], [] if new is None else new["annotations"]
        ),
    }


def _changed_fields(old: ObjectJson | None, new: ObjectJson | None) -> list[str]:
    if old is None or new is None:
        return []
    shown: Any = (old, new)
    fields = [name for name in _FIELDS if not is_same(*(each.get(name) for each in shown))]
    return ["file"] * (old["sha256"] != new["sha256"]) + fields


def _annotation_changes(
    old: Sequence[DatasetAnnotation], new: Sequence[DatasetAnnotation]
) -> AnnotationChanges:
    before, after = _by_id(old), _by_id(new)
    return {
        "added": [each for key, each in after.items() if key not in before],
        "removed": [each for key, each in before.items() if key not in after],
        "changed": [
            {"before": before[key], "after": each}
            for key, each in after.items()
            if key in before and not is_same(before[key], each)
        ],
    }


def _by_id(
    annotations: Sequence[DatasetAnnotation],
) -> dict[tuple[str, int], DatasetAnnotation]:
    """Return annotations by their ids, which who gives them may give more than once."""
    seen: Counter[str] = Counter()
    found = {}
    for each in annotations:
        found[each["id"], seen[each["id"]]] = each
        seen[each["id"]] += 1
    return found
