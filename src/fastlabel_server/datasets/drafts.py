"""How a revision of a dataset is made.

A draft takes changes and becomes revision `head + 1` when it is published. A request does both
in its transaction. A job, which may change millions of objects, keeps its draft over many
transactions: what it has changed so far is not seen, as it is born after the head, and
the dataset takes no other changes until the draft is published or dropped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from fastlabel_server.datasets import revisions, set_hash
from fastlabel_server.datasets.changes import (
    Kept,
    State,
    Wanted,
    documents_of,
    files_of,
    merged,
    removals,
)
from fastlabel_server.datasets.current import NAMES, Current, places_of, states_at
from fastlabel_server.datasets.shared_rows import Facts, file_keys, labels_keys, table_of
from fastlabel_server.errors import Conflict, NotFound
from fastlabel_server.tables import (
    ALIVE,
    ENDED,
    Dataset,
    DatasetFile,
    DatasetLabels,
    DatasetObject,
    DatasetRevision,
    DatasetState,
    Job,
    new_id,
    now_ms,
)

Via = Literal["create", "update", "delete", "push", "split", "types", "tasks", "restore", "import"]


@dataclass
class Draft:
    """Revision `head + 1` of a dataset while it is being made."""

    dataset: Dataset
    hash: bytes
    counts: dict[str, int] = field(
        default_factory=lambda: {"added": 0, "changed": 0, "removed": 0, "size": 0}
    )
    before: Mapping[str, int] = field(default_factory=dict)
    """Of a job's: the last place and the last keys before it, so that it can be undone."""

    @classmethod
    def of_request(cls, dataset: Dataset) -> Draft:
        """Begin one that is published in the same transaction; `dataset` must be locked."""
        return cls(dataset, dataset.content_hash)

    @classmethod
    def of_job(cls, session: Session, dataset: Dataset, job_id: str) -> Draft:
        """Begin one that belongs to a job, or go on with it; `dataset` must be locked.

        Raises:
            Conflict: another job has one.
        """
        if dataset.draft_job == job_id:
            assert dataset.draft is not None
            assert dataset.draft_hash is not None
            kept = dataset.draft
            return cls(dataset, dataset.draft_hash, dict(kept["counts"]), kept["before"])
        check_no_draft(session, dataset)
        before = {
            "seq": dataset.last_seq,
            "file": session.scalar(select(func.max(DatasetFile.key))) or 0,
            "labels": session.scalar(select(func.max(DatasetLabels.key))) or 0,
        }
        draft = cls(dataset, dataset.content_hash, before=before)
        dataset.draft_job = job_id
        draft.keep()
        return draft

    @property
    def number(self) -> int:
        return self.dataset.head + 1

    @property
    def is_empty(self) -> bool:
        return not any(self.counts[name] for name in ("added", "changed", "removed"))

    def keep(self) -> None:
        """Write down how far the draft of a job is, in the transaction of its changes."""
        self.dataset.draft = {"counts": dict(self.counts), "before": dict(self.before)}
        self.dataset.draft_hash = self.hash
        _leave_time(self.dataset)

    def stage(self, session: Session, wanted: Mapping[str, Wanted]) -> None:
        """Take changes of objects by their names.

        Raises:
            NotFound: an object that is to be changed or removed is not there.
        """
        names = list(wanted)
        for first in range(0, len(names), NAMES):
            part = names[first : first + NAMES]
            self._stage(session, {name: wanted[name] for name in part})

    def publish(
        self, session: Session, author_id: str | None, via: Via, message: str = ""
    ) -> DatasetRevision:
        """Make the draft the head; where nothing changed, the head stays and is returned."""
        dataset = self.dataset
        head = revisions.find_number(session, dataset, dataset.head) if dataset.head else None
        job_id = dataset.draft_job
        dataset.draft_job = dataset.draft = dataset.draft_hash = None
        if self.is_empty and head is not None:
            _leave_time(dataset)
            return head
        now = now_ms()
        content = set_hash.digest(self.hash)
        before = head.id if head is not None else ""
        parts = [before, content, author_id or "", str(now), via, message]
        revision = DatasetRevision(
            dataset_number=dataset.number,
            number=self.number,
            id=hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40],
            content_sha256=content,
            author_id=author_id,
            via=via,
            message=message,
            added=self.counts["added"],
            changed=self.counts["changed"],
            removed=self.counts["removed"],
            object_count=(head.object_count if head else 0)
            + self.counts["added"]
            - self.counts["removed"],
            size=(head.size if head else 0) + self.counts["size"],
            created_at=now,
            job_id=job_id,
        )
        session.add(revision)
        dataset.head = self.number
        dataset.content_hash = self.hash
        dataset.updated_at = now
        session.flush()
        return revision

    def _stage(self, session: Session, wanted: dict[str, Wanted]) -> None:
        dataset = self.dataset
        now = now_ms()
        places = places_of(session, dataset, wanted)
        current = states_at(session, dataset, places)
        missing = [
            name
            for name, change in wanted.items()
            if not isinstance(change, State | Kept) and name not in current
        ]
        if missing:
            raise NotFound(f"object: dataset {dataset.name!r} has no object {missing[0]!r}")
        files = file_keys(session, dataset, files_of(wanted.values()))
        labels = labels_keys(session, dataset, documents_of(wanted.values()))
        become: dict[str, Kept] = {}
        for name, change in wanted.items():
            if change is None:
                continue
            kept = current[name].kept if name in current else None
            new = merged(change, kept, files, labels)
            if new != kept:
                become[name] = new
        seqs = {name: place.seq for name, place in places.items()}
        seqs |= self._new_seqs(session, [name for name in become if name not in places])
        ends = [current[name] for name in (*become, *removals(wanted)) if name in current]
        facts = Facts.of(session, [each.kept for each in ends] + list(become.values()))
        self._end(session, ends)
        rows = [
            {
                "dataset_number": dataset.number,
                "seq": seqs[name],
                "born": self.number,
                "died": ALIVE,
                "file_key": new.file_key,
                "labels_key": new.labels_key,
                "type": new.type,
                "tags": list(new.tags),
                "licenses": list(new.licenses),
                "created_at": current[name].created_at if name in current else now,
                "updated_at": now,
            }
            for name, new in become.items()
        ]
        if rows:
            session.execute(insert(table_of(DatasetState)), rows)
        self._count(wanted, become, current, facts)

    def _count(
        self,
        wanted: Mapping[str, Wanted],
        become: Mapping[str, Kept],
        current: Mapping[str, Current],
        facts: Facts,
    ) -> None:
        gone, come = [], []
        for name in (*become, *removals(wanted)):
            if name in current:
                before = current[name].kept
                gone.append(facts.bytes_of(name, before))
                self.counts["size"] -= facts.size_of(before)
            if name in become:
                come.append(facts.bytes_of(name, become[name]))
                self.counts["size"] += facts.size_of(become[name])
            what = "added" if name not in current else "changed" if name in become else "removed"
            self.counts[what] += 1
        self.hash = set_hash.changed(self.hash, gone, come)

    def _end(self, session: Session, states: Sequence[Current]) -> None:
        """End states with this revision; those that the draft itself had made go."""
        own = [each.seq for each in states if each.born == self.number]
        older = [each.seq for each in states if each.born != self.number]
        here = DatasetState.dataset_number == self.dataset.number
        without_sync = {"synchronize_session": False}
        if own:
            session.execute(
                delete(DatasetState).where(
                    here, DatasetState.seq.in_(own), DatasetState.born == self.number
                ),
                execution_options=without_sync,
            )
        if older:
            session.execute(
                update(DatasetState)
                .where(here, DatasetState.seq.in_(older), DatasetState.died == ALIVE)
                .values(died=self.number),
                execution_options=without_sync,
            )

    def _new_seqs(self, session: Session, names: Sequence[str]) -> dict[str, int]:
        """Give places to names that come for the first time."""
        first = self.dataset.last_seq + 1
        seqs = {name: first + index for index, name in enumerate(names)}
        if names:
            self.dataset.last_seq += len(names)
            _leave_time(self.dataset)
            rows = [
                {"dataset_number": self.dataset.number, "seq": seq, "id": new_id(), "name": name}
                for name, seq in seqs.items()
            ]
            session.execute(insert(table_of(DatasetObject)), rows)
        return seqs


def drop_draft(session: Session, dataset_number: int, job_id: str) -> None:
    """Undo all that the draft of a job has changed; nothing where it has none (any more)."""
    dataset = session.scalar(
        select(Dataset)
        .where(Dataset.number == dataset_number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if dataset is None or dataset.draft_job != job_id:
        return
    assert dataset.draft is not None
    before = dataset.draft["before"]
    number = dataset.head + 1
    here = DatasetState.dataset_number == dataset_number
    for statement in (
        delete(DatasetState).where(here, DatasetState.born == number),
        update(DatasetState).where(here, ENDED, DatasetState.died >= number).values(died=ALIVE),
        # What only the draft had: nobody else adds to a dataset that has one.
        delete(DatasetObject).where(
            DatasetObject.dataset_number == dataset_number, DatasetObject.seq > before["seq"]
        ),
        delete(DatasetFile).where(
            DatasetFile.dataset_number == dataset_number, DatasetFile.key > before["file"]
        ),
        delete(DatasetLabels).where(
            DatasetLabels.dataset_number == dataset_number, DatasetLabels.key > before["labels"]
        ),
    ):
        session.execute(statement, execution_options={"synchronize_session": False})
    dataset.last_seq = before["seq"]
    dataset.draft_job = dataset.draft = dataset.draft_hash = None
    _leave_time(dataset)


def _leave_time(dataset: Dataset) -> None:
    """Have the time of the last change stay: what is not published has changed nothing."""
    flag_modified(dataset, "updated_at")


def check_no_draft(session: Session, dataset: Dataset) -> None:
    """Refuse changes while a job is building the next revision.

    Raises:
        Conflict: says which job, and how far it is.
    """
    if dataset.draft_job is None:
        return
    job = session.get(Job, dataset.draft_job)
    what = f"{job.kind} job {job.id}" if job else f"job {dataset.draft_job}"
    raise Conflict(
        f"dataset: {dataset.name!r} is being changed by the {what}; try again when it is done",
        {"Retry-After": "2"},
    )
