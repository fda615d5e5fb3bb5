"""`types`: objects divided into those for training, validation and test, or named one by one."""

from __future__ import annotations

import json
import re
import threading
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, null, select
from sqlalchemy.orm import Session

from fastlabel_server.datasets import labels, queries, type_rules
from fastlabel_server.datasets.changes import Change, Wanted
from fastlabel_server.datasets.labels import Labels
from fastlabel_server.datasets.operations.base import Arguments, Chunk, Operation
from fastlabel_server.datasets.queries import Filter
from fastlabel_server.jobs.handler import Context
from fastlabel_server.tables import Dataset, DatasetLabels, DatasetObject, DatasetState

OBJECTS: Final = 2000
"""Per chunk."""
READ: Final = 5000
"""Objects that are read at a time."""
KEPT: Final = 4
"""Plans a worker remembers: as many jobs as it runs at a time."""

Grouping = Callable[[str, Labels], str | None]
"""Name and labels of an object: its group, or None where it is one of its own."""


@dataclass(frozen=True)
class Plan:
    """What becomes of the objects whose type changes, by their places."""

    seqs: NDArray[np.int64]
    types: NDArray[np.uint8]
    """Indexes of `type_rules.TYPES`."""


class _Plans:
    """The plans of the jobs at hand: all objects have to be read for one, a chunk needs a few."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plans: OrderedDict[str, Plan] = OrderedDict()

    def find(self, key: str, make: Callable[[], Plan]) -> Plan:
        with self._lock:
            found = self._plans.get(key)
        if found is None:
            found = make()
        with self._lock:
            self._plans[key] = found
            self._plans.move_to_end(key)
            while len(self._plans) > KEPT:
                self._plans.popitem(last=False)
        return found


_PLANS: Final = _Plans()


def prepare(context: Context, dataset: Dataset, arguments: Arguments, cursor: Any) -> Chunk:
    """Give the next objects the type that was said, or that the rule says."""
    if "types" in arguments:
        return _named(arguments["types"], cursor or 0)
    return _by_rule(context, dataset, arguments, cursor or 0)


def _named(types: dict[str, str], done: int) -> Chunk:
    names = sorted(types)[done : done + OBJECTS]
    wanted: dict[str, Wanted] = {name: Change(type=types[name]) for name in names}
    done += len(names)
    return Chunk(wanted, done if done < len(types) else None, done, len(types))


def _by_rule(context: Context, dataset: Dataset, arguments: Arguments, done: int) -> Chunk:
    # Nobody else changes the dataset meanwhile, so the same number is the same objects.
    key = json.dumps([dataset.id, dataset.head, dict(arguments)], sort_keys=True)
    plan = _PLANS.find(key, lambda: _planned(context, dataset, arguments))
    seqs = plan.seqs[done : done + OBJECTS].tolist()
    with context.database.read() as session:
        names = {
            row.seq: row.name
            for row in session.execute(
                select(DatasetObject.seq, DatasetObject.name).where(
                    DatasetObject.dataset_number == dataset.number, DatasetObject.seq.in_(seqs)
                )
            )
        }
    types = plan.types[done : done + OBJECTS].tolist()
    wanted: dict[str, Wanted] = {
        names[seq]: Change(type=type_rules.TYPES[index])
        for seq, index in zip(seqs, types, strict=True)
    }
    done, total = done + len(seqs), len(plan.seqs)
    return Chunk(wanted, done if done < total else None, done, total)


@dataclass
class _Objects:
    """What a rule has to know of all objects, in a few dozen bytes each."""

    seqs: array[int] = field(default_factory=lambda: array("q"))
    groups: array[int] = field(default_factory=lambda: array("Q"))
    types: array[int] = field(default_factory=lambda: array("b"))
    """-1: none of `type_rules.TYPES`."""
    pair_objects: array[int] = field(default_factory=lambda: array("q"))
    pair_texts: array[int] = field(default_factory=lambda: array("q"))
    texts: dict[str, int] = field(default_factory=dict)


def _planned(context: Context, dataset: Dataset, arguments: Arguments) -> Plan:
    stratify = arguments["stratify"]
    with context.database.read() as session:
        objects = _read(session, dataset, arguments)
    groups = np.array(objects.groups, np.uint64)
    strata = np.zeros(len(groups), np.int64)
    if stratify is not None:
        pairs = (objects.pair_objects, objects.pair_texts)
        by_class = stratify == "class"
        strata = type_rules.strata_of(
            groups, pairs, list(objects.texts), "rarest" if by_class else "commonest"
        )
    types = type_rules.assigned(groups, strata, type_rules.ratios_of(arguments["ratios"]))
    changed = np.flatnonzero(np.array(objects.types, np.int8) != types)
    return Plan(np.array(objects.seqs, np.int64)[changed], types[changed])


def _read(session: Session, dataset: Dataset, arguments: Arguments) -> _Objects:
    stratify, group_by = arguments["stratify"], arguments["groupBy"]
    grouping = _grouping(group_by)
    is_labelled = stratify is not None or group_by == "whole" or _by_metadata(group_by)
    numbers = {name: index for index, name in enumerate(type_rules.TYPES)}
    found = _Objects()
    for row in _rows(session, dataset, arguments["filter"], is_labelled):
        kept = labels.labels_of(row.document)
        group = grouping(row.name, kept)
        # The letter keeps a group from being taken for an object of that name.
        key = f"o{row.name}" if group is None else f"g{group}"
        if stratify is not None:
            if stratify == "class":
                texts: Iterable[str] = sorted(type_rules.texts_of(kept.annotations))
            else:
                texts = _metadata_text(kept, stratify["metadata"])
            for text in texts:
                found.pair_objects.append(len(found.seqs))
                found.pair_texts.append(found.texts.setdefault(text, len(found.texts)))
        found.seqs.append(row.seq)
        found.groups.append(type_rules.group_number(arguments["seed"], key))
        found.types.append(numbers.get(row.type, -1))
    return found


def _rows(
    session: Session, dataset: Dataset, wanted: dict[str, Any], is_labelled: bool
) -> Iterator[Row[Any]]:
    """Yield objects of the head: seq, name, type, and the document where it is asked for."""
    conditions = Filter(**wanted).conditions()
    document = DatasetLabels.document if is_labelled else null()
    statement: Any = (
        select(DatasetState.seq, DatasetObject.name, DatasetState.type, document.label("document"))
        .join(
            DatasetObject,
            (DatasetObject.dataset_number == DatasetState.dataset_number)
            & (DatasetObject.seq == DatasetState.seq),
        )
        .where(
            DatasetState.dataset_number == dataset.number,
            queries.alive_at(dataset.head),
            *conditions,
        )
        .order_by(DatasetState.seq)
        .limit(READ)
    )
    if is_labelled:
        statement = statement.outerjoin(DatasetLabels, DatasetLabels.key == DatasetState.labels_key)
    after = 0
    while True:
        page = session.execute(statement.where(DatasetState.seq > after)).all()
        yield from page
        if len(page) < READ:
            return
        after = page[-1].seq


def _grouping(group_by: Any) -> Grouping:
    if group_by is None:
        return lambda name, kept: None
    if group_by == "folder":
        return lambda name, kept: name.rpartition("/")[0] or None
    if group_by == "whole":
        return lambda name, kept: kept.split["object"] if kept.split else name
    if _by_metadata(group_by):
        key = group_by["metadata"]
        return lambda name, kept: next(iter(_metadata_text(kept, key)), None)
    pattern = re.compile(group_by["pattern"])

    def matched(name: str, kept: Labels) -> str | None:
        match = pattern.match(name)
        if match is None:
            return None
        # NUL, which no name has, keeps (a, bc) and (ab, c) apart.
        return "\0".join(each or "" for each in match.groups()) if match.groups() else match[0]

    return matched


def _by_metadata(group_by: Any) -> bool:
    return isinstance(group_by, dict) and "metadata" in group_by


def _metadata_text(kept: Labels, key: str) -> list[str]:
    value = kept.metadata.get(key)
    return [] if value is None else [value if isinstance(value, str) else json.dumps(value)]


OPERATION = Operation("types", prepare)
