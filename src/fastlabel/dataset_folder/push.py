"""Sending what changed in a folder to its dataset, as one revision.

What others have changed since the last pull or push stays: their objects and those changed here
are taken together, unless both sides changed the same object.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from fastlabel.dataset_folder import listing, local, pushes
from fastlabel.dataset_folder.local import Found, Planned
from fastlabel.dataset_folder.places import LISTING
from fastlabel.dataset_folder.pushes import Change
from fastlabel.dataset_folder.reports import PushReport
from fastlabel.dataset_folder.state import Base, Stat, State
from fastlabel.datasets import Datasets
from fastlabel.exceptions import (
    FastLabelConflictException,
    FastLabelConnectionException,
    FastLabelException,
    FastLabelInvalidException,
    FastLabelNotFoundException,
)
from fastlabel.exchange import Request
from fastlabel.fetching import each_page
from fastlabel.formats.report import Problem
from fastlabel.modalities.objects import object_rule
from fastlabel.paging import Paging
from fastlabel.sending import Failure, bar
from fastlabel.steps import Fetch, Steps, ask, attempted, blocking
from fastlabel.types import Dataset, DatasetObject, ObjectChange

PAGE: Final = 1000
NAMED: Final = 20
"""Objects that a message names."""
LISTED: Final = 20_000
"""Objects whose entries are renewed after a push."""
ROUNDS: Final = 20
"""How often a push looks again, as the dataset has moved on meanwhile."""


@dataclass(frozen=True)
class PushOptions:
    """How a push is to go about it."""

    message: str = ""
    force: bool = False
    skip_bad: bool = False
    workers: int = 4
    progress: bool = True


def push(state: State, root: Path, dataset: Dataset, options: PushOptions) -> Steps[PushReport]:
    """Send what differs from the bases, or finish the push that broke off.

    Raises:
        FastLabelConflictException: objects were changed here and there.
        FastLabelInvalidException: the folder belongs to another dataset, or a pull broke off.
    """
    report = PushReport(dataset["name"])
    _check_may_push(state, root, dataset)
    state.set("dataset", {"id": dataset["id"], "name": dataset["name"]})
    yield from finish_earlier(state, dataset["id"], report)
    found = Found()
    with bar(None, options.progress, "looking at files") as advance:
        yield from blocking(
            local.look,
            state,
            root,
            found,
            options.workers,
            keep_fields=options.force,
            advance=advance,
        )
    report.bad, report.passed_over = [*found.bad, *found.bad_entries], found.passed_over
    if report.bad and not options.skip_bad:
        return report
    for _ in range(ROUNDS):
        dataset = yield from ask(Datasets.find_dataset, dataset["id"])
        report.behind = yield from _compared(state, dataset, options.force)
        if not local.planned_count(state.database):
            yield from _dropped(state, dataset["id"])
            state.set("revision", dataset["revisionId"])
            return report
        push_id = yield from _started(state, dataset["id"], options.message)
        yield from _sent(state, root, dataset["id"], push_id, report, options)
        if report.bad and not options.skip_bad:
            return report
        head = dataset["revisionId"]
        if local.planned_count(state.database) and (
            yield from _committed(state, dataset["id"], push_id, head, report)
        ):
            if report.revision_id is not None:
                ends = (head, report.revision_id)
                yield from _listed(state, root, dataset["id"], ends, found.listing)
            return report
    raise FastLabelConflictException(
        f"dataset: {dataset['name']!r} keeps being changed by others; push again", 409
    )


def _check_may_push(state: State, root: Path, dataset: Dataset) -> None:
    if pulling := state.get("pulling"):
        raise FastLabelInvalidException(
            f"{root}: the pull of revision {pulling[:8]} broke off; pull again first", 409
        )
    check_belongs(state, root, dataset)


def check_may_make(state: State, root: Path, name: str) -> None:
    """Refuse to make a dataset of a folder that belongs to one.

    Raises:
        FastLabelInvalidException: 409, names both.
    """
    known = state.get("dataset")
    if known is not None:
        raise FastLabelInvalidException(
            f"{root}: the folder belongs to the dataset {known['name']!r} with the id "
            f"{known['id']}, and there is no dataset {name!r}",
            409,
        )


def check_belongs(state: State, root: Path, dataset: Dataset) -> None:
    """Refuse a folder that belongs to another dataset.

    Raises:
        FastLabelInvalidException: 409, names both.
    """
    known = state.get("dataset")
    if known is not None and known["id"] != dataset["id"]:
        raise FastLabelInvalidException(
            f"{root}: the folder belongs to the dataset {known['name']!r} with the id "
            f"{known['id']}, not to {dataset['name']!r} with the id {dataset['id']}",
            409,
        )


def finish_earlier(state: State, dataset_id: str, report: PushReport) -> Steps[None]:
    """Learn what became of a push that broke off while its revision was made."""
    under_way = state.get("push")
    if under_way is None or "head" not in under_way:
        return
    outcome = yield from attempted(
        _committed(state, dataset_id, under_way["id"], under_way["head"], report)
    )
    if isinstance(outcome, FastLabelConnectionException):
        raise outcome
    # Otherwise it is done, or came to nothing and what it held is sent anew.


def _compared(state: State, dataset: Dataset, force: bool) -> Steps[int]:
    """Plan what is to be sent, without what the dataset has already.

    Returns how many objects of the dataset are newer than those of the folder.

    Raises:
        FastLabelConflictException: objects were changed here and there, and not `force`.
    """
    yield from blocking(local.plan, state)
    conflicts: set[str] = set()

    def compare(name: str, found: DatasetObject | None) -> None:
        if not _is_settled(state, name, found):
            conflicts.add(name)
            local.plan_all_fields(state.database, name)

    base, head = state.get("revision"), dataset["revisionId"]
    if base is None:
        query = {"datasetName": dataset["name"], "revisionId": head, "limit": PAGE}

        def take(page: Sequence[Any]) -> None:
            for found in page:
                compare(found["name"], found)

        yield from each_page(Request("GET", "dataset-revision-objects", query=query), take)
    elif base != head:
        for change in (yield from changes_between(dataset["id"], base, head)):
            compare(change["name"], change["after"])
    for name in state.names("SELECT name FROM plan JOIN base USING (name) WHERE base.behind"):
        found = yield from attempted(ask(Datasets.find_dataset_object, dataset["id"], name))
        if isinstance(found, FastLabelNotFoundException):
            compare(name, None)
        elif isinstance(found, FastLabelException):
            raise found
        else:
            compare(name, found)
    state.commit()
    if conflicts and not force:
        raise FastLabelConflictException(_conflict(dataset["name"], sorted(conflicts)), 409)
    return state.count("SELECT name FROM base WHERE behind AND name NOT IN (SELECT name FROM plan)")


def _is_settled(state: State, name: str, found: DatasetObject | None) -> bool:
    """Take down what the dataset has of an object; tell whether that leaves no conflict."""
    database = state.database
    planned, base = local.find_planned(database, name), state.base(name)
    if found is None and (base is None or base.sha256 is None):
        state.set_base(name, None)
        return True
    if planned is None:
        base = base or Base(None, None)
        has_all = found is not None and base.sha256 == found["sha256"]
        if found is None or not has_all or base.shown != shown_digest(found):
            state.set_base(name, replace(base, is_behind=True))
        return True
    if planned.sha256 != (None if found is None else found["sha256"]):
        return False
    if found is not None and not listing.is_shown_as(planned.fields or {}, found):
        return False
    local.drop_planned(database, name)
    if found is None:
        state.set_base(name, None)
        return True
    shown = shown_digest(found)
    # The file is the same; of an entry that is not sent it is not known whether theirs is.
    newer = planned.fields is None and base is not None and base.shown not in (None, shown)
    state.set_base(name, Base(planned.sha256, planned.digest, shown, is_behind=newer))
    return True


def shown_digest(found: DatasetObject) -> bytes:
    """Return what tells what an object has beside its file, as the dataset shows it."""
    return listing.digest_of(listing.shown_fields(found))


def changes_between(dataset_id: str, base: str, target: str) -> Steps[list[ObjectChange]]:
    found: list[ObjectChange] = []
    query = {"base": base, "target": target, "limit": PAGE}
    request = Request("GET", f"datasets-v2/{dataset_id}/diff", query=query)
    paging = Paging(request, lambda diff: diff["objects"])
    while following := paging.next_request():
        found += paging.items((yield Fetch(following)))
    return found


def _conflict(dataset: str, names: Sequence[str]) -> str:
    shown = ", ".join(names[:NAMED]) + (", ..." if len(names) > NAMED else "")
    what = "object was" if len(names) == 1 else "objects were"
    return (
        f"{len(names):,} {what} changed here and in dataset {dataset!r} since the last pull: "
        f"{shown}; pull to see theirs, or force the push to overwrite them"
    )


def _started(state: State, dataset_id: str, message: str) -> Steps[str]:
    """Begin a push, or go on with the one that broke off; return its id."""
    under_way = state.get("push") or {"key": uuid.uuid4().hex}
    state.set("push", under_way)
    state.commit()
    started = yield from pushes.start(dataset_id, under_way["key"], message)
    if _is_stale(state.database, started["received"]):
        # Some of what it holds has been changed back here, which no push can take back.
        yield from pushes.drop(dataset_id, started["id"])
        state.set("push", None)
        state.database.execute("DELETE FROM sent")
        return (yield from _started(state, dataset_id, message))
    state.set("push", {"key": under_way["key"], "id": started["id"]})
    state.commit()
    return started["id"]


def _is_stale(database: sqlite3.Connection, received: Sequence[str]) -> bool:
    """Tell whether a push holds more than is planned; forget of `sent` what it lacks."""
    database.execute("CREATE TEMP TABLE IF NOT EXISTS received (name TEXT PRIMARY KEY)")
    database.execute("DELETE FROM received")
    database.executemany("INSERT INTO received VALUES (?)", ((name,) for name in received))
    database.execute("DELETE FROM sent WHERE name NOT IN (SELECT name FROM received)")
    more = "SELECT 1 FROM received LEFT JOIN plan USING (name) WHERE plan.name IS NULL LIMIT 1"
    return database.execute(more).fetchone() is not None


def _sent(
    state: State,
    root: Path,
    dataset_id: str,
    push_id: str,
    report: PushReport,
    options: PushOptions,
) -> Steps[None]:
    """Bring what is planned and not yet there; what is refused goes into the report."""
    database = state.database
    bases: dict[str, Base | None] = {}
    with bar(local.planned_count(database), options.progress, "sending changes") as advance:

        def changes() -> Iterator[Change]:
            for planned in local.planned(database):
                if _was_sent(database, planned):
                    advance()
                else:
                    bases[planned.name] = planned.base
                    yield _change(state, root, planned)

        def done(change: Change, failure: Failure | None) -> None:
            base = bases.pop(change.name)
            if failure is None:
                sha256, fields = (None, None) if base is None else (base.sha256, base.fields)
                row = (change.name, sha256, fields)
                database.execute("INSERT OR REPLACE INTO sent VALUES (?, ?, ?)", row)
                if change.file is not None:
                    report.sent_files += 1
                    report.sent_bytes += change.size
            else:
                message = (
                    failure.message if isinstance(failure, FastLabelException) else str(failure)
                )
                report.bad.append(Problem(change.name, message))
                local.set_aside(database, change.name)
            advance()

        yield from pushes.send(
            dataset_id, push_id, changes(), done, options.workers, answered=state.commit
        )


def _was_sent(database: sqlite3.Connection, planned: Planned) -> bool:
    row = database.execute(
        "SELECT sha256, fields FROM sent WHERE name = ?", (planned.name,)
    ).fetchone()
    base = planned.base
    return row is not None and row == ((None, None) if base is None else (base.sha256, base.fields))


def _change(state: State, root: Path, planned: Planned) -> Change:
    if planned.sha256 is None:
        return Change(planned.name, is_removal=True)
    fields = planned.fields or {}
    if planned.has_new_file and not _is_known(state, planned.name, planned.sha256):
        return Change(
            planned.name,
            file=root / planned.name,
            sha256=planned.sha256,
            size=planned.size,
            fields=fields,
        )
    return Change(planned.name, sha256=planned.sha256, fields=fields)


def _is_known(state: State, name: str, sha256: str) -> bool:
    """Tell whether the dataset has such a file, of the kind that the name says it is."""
    modality = object_rule(name, 0).modality
    return any(object_rule(other, 0).modality == modality for other in state.names_with(sha256))


def _dropped(state: State, dataset_id: str) -> Steps[None]:
    """Throw away the push that is under way, if there is one."""
    under_way = state.get("push")
    if under_way is not None and "id" in under_way:
        yield from pushes.drop(dataset_id, under_way["id"])
    state.set("push", None)
    state.database.execute("DELETE FROM sent")
    state.commit()


def _committed(
    state: State, dataset_id: str, push_id: str, head: str, report: PushReport
) -> Steps[bool]:
    """Make the revision and take it down as the new base; False: the dataset has moved on.

    Raises:
        FastLabelException: its job failed, and the next push begins anew.
    """
    key = state.get("push")["key"]
    state.set("push", {"key": key, "id": push_id, "head": head})
    state.commit()
    job = yield from attempted(pushes.commit(dataset_id, push_id, head))
    if isinstance(job, FastLabelConflictException):
        state.set("push", {"key": key, "id": push_id})
        state.commit()
        return False
    if isinstance(job, FastLabelException):
        if not isinstance(job, FastLabelConnectionException):
            yield from _dropped(state, dataset_id)
        raise job
    _take_down(state, report)
    revision_id = job["revisionId"]
    report.revision_id = revision_id
    state.set("revision", revision_id or head)
    state.set("push", None)
    state.commit()
    return True


def _take_down(state: State, report: PushReport) -> None:
    """Make what was sent the bases, and count it."""
    both = "SELECT name FROM sent LEFT JOIN base USING (name) WHERE sent.sha256 IS"
    report.removed += state.count(f"{both} NULL")
    report.added += state.count(f"{both} NOT NULL AND base.sha256 IS NULL")
    report.changed += state.count(f"{both} NOT NULL AND base.sha256 IS NOT NULL")
    database = state.database
    database.execute("DELETE FROM base WHERE name IN (SELECT name FROM sent WHERE sha256 IS NULL)")
    database.execute(
        "INSERT OR REPLACE INTO base SELECT name, sha256, fields, NULL, 0 FROM sent"
        " WHERE sha256 IS NOT NULL"
    )
    database.execute("DELETE FROM sent")


def _listed(
    state: State, root: Path, dataset_id: str, ends: tuple[str, str], seen: Stat | None
) -> Steps[None]:
    """Let the listing say of what was pushed what the dataset shows.

    It is left as it is where it was changed meanwhile, or where very much was pushed; the next
    pull does it then.

    Args:
        ends: the revisions before and after the push.
        seen: what the listing was when it was read.
    """
    if state.count("SELECT name FROM base WHERE shown IS NULL AND sha256 IS NOT NULL") > LISTED:
        return
    path, part = root / LISTING, state.folder / f"{LISTING}.part"
    changed: dict[str, bytes | None] = {}
    agreed: dict[str, Base] = {}
    for change in (yield from changes_between(dataset_id, *ends)):
        name, found = change["name"], change["after"]
        if found is None:
            changed[name] = None
            continue
        changed[name] = listing.line_of(listing.entry_of(found))
        shown = shown_digest(found)
        agreed[name] = Base(found["sha256"], shown, shown)
    if local.stat_of(path) == seen:
        yield from blocking(listing.rewrite, path, part, changed)
        for name, base in agreed.items():
            state.set_base(name, base)
    else:
        for name, base in agreed.items():
            if (kept := state.base(name)) is not None:
                state.set_base(name, replace(kept, shown=base.shown))
    state.commit()
