"""Bringing a revision of a dataset into a folder: what is not there yet, and no more.

Files lie below the folder under the names of their objects, and what else the objects have is in
`annotations.json`. What was changed here and not yet pushed stays as it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import orjson

from fastlabel.dataset_folder import listing, local
from fastlabel.dataset_folder.bringing import NO_MORE, Carrier, Outcome, Wanted, carrier, part_name
from fastlabel.dataset_folder.local import Found
from fastlabel.dataset_folder.places import LISTING, Places
from fastlabel.dataset_folder.push import (
    changes_between,
    check_belongs,
    finish_earlier,
    shown_digest,
)
from fastlabel.dataset_folder.reports import PullReport, PushReport
from fastlabel.dataset_folder.state import Base, Stat, State, now_ns
from fastlabel.dataset_revisions import DatasetRevisions
from fastlabel.exceptions import FastLabelException, FastLabelInvalidException
from fastlabel.exchange import Request
from fastlabel.formats.report import Problem
from fastlabel.paging import Paging
from fastlabel.sending import bar
from fastlabel.steps import Fetch, Steps, ask, blocking
from fastlabel.types import Dataset, DatasetObject, DatasetRevision

PAGE: Final = 1000
MOST_CHANGES: Final = 20_000
"""Of more, all objects are listed instead: each page of a comparison begins anew."""
PARTS: Final = "parts"
_VISITED: Final = """
CREATE TEMP TABLE IF NOT EXISTS visited (name TEXT PRIMARY KEY) WITHOUT ROWID;
DELETE FROM visited;
"""


@dataclass(frozen=True)
class PullOptions:
    """How a pull is to go about it."""

    force: bool = False
    workers: int = 4
    progress: bool = True


@dataclass(frozen=True)
class Decided:
    """What becomes of one object here."""

    line: bytes | None = None
    """Its entry of the listing."""
    wanted: Wanted | None = None
    """Its file, where it has to be brought."""
    base: Base | None = None
    """When that is done."""


@dataclass
class Pull:
    """One pull under way."""

    state: State
    places: Places
    revision: DatasetRevision
    options: PullOptions
    report: PullReport
    advance: Callable[..., object] = lambda by=1: None
    changed_there: set[str] | None = None
    """Objects that differ from the folder's revision; None where that is not known."""
    is_complete: bool = True
    """All files are here that can be."""

    def decide(self, found: DatasetObject) -> Decided:
        """Decide what becomes of an object that the revision has."""
        name = found["name"]
        self.state.database.execute("INSERT OR IGNORE INTO visited VALUES (?)", (name,))
        line = listing.line_of(listing.entry_of(found))
        try:
            path = self.places.path_of(name)
        except FastLabelInvalidException as error:
            self.report.failed.append(Problem(name, error.message))
            self.state.set_base(name, Base(None, None))
            return Decided()
        base, shown = self.state.base(name), shown_digest(found)
        if not self.options.force and self._is_edited(found):
            return self._kept(found, base, shown, line)
        agreed = Base(found["sha256"], shown, shown)
        row = self._local(name)
        if row is not None and row[0] == found["sha256"]:
            self.report.unchanged += 1
            self.state.set_base(name, agreed)
            return Decided(line)
        part = self.state.folder / PARTS / part_name(name, found["sha256"])
        wanted = Wanted(name, found["signedUrl"], path, part, found["size"], found["sha256"])
        return Decided(line, wanted, agreed)

    def remove(self, name: str) -> bytes | None:
        """Let the file of an object go that the revision does not have; return a kept entry."""
        base, row = self.state.base(name), self._local(name)
        if base is None or base.sha256 is None:
            self.state.set_base(name, None)
            return self.local_line(name)
        planned = local.find_planned(self.state.database, name)
        is_edited = row is not None and (row[0] is None or planned is not None)
        if is_edited and not self.options.force:
            self.report.conflicts.append(name)
            self.state.set_base(name, replace(base, is_behind=True))
            return self.local_line(name)
        if row is not None:
            self.places.remove(self.places.path_of(name))
            self.report.removed += 1
        self.state.set_base(name, None)
        self.state.forget_file(name)
        return None

    def bring(self, over: Carrier, decided: Iterable[Decided]) -> list[Wanted]:
        """Bring the files that are wanted; return those whose URLs have expired."""
        bases = {one.wanted.name: one.base for one in decided if one.wanted is not None}
        expired: list[Wanted] = []

        def done(wanted: Wanted, outcome: Outcome) -> None:
            if isinstance(outcome, FastLabelException):
                if outcome.code in NO_MORE:
                    expired.append(wanted)
                    return
                self.fail(wanted, outcome.message)
            elif isinstance(outcome, OSError):
                self.fail(wanted, str(outcome))
            else:
                stat = Stat(outcome.st_size, outcome.st_mtime_ns)
                self.state.remember(wanted.name, stat, wanted.sha256, now_ns())
                self.state.set_base(wanted.name, bases[wanted.name])
                self.report.downloaded += 1
            self.advance()

        over.bring((one.wanted for one in decided if one.wanted is not None), done)
        self.state.commit()
        return expired

    def fail(self, wanted: Wanted, reason: str) -> None:
        """Take down that a file could not be brought, which the next pull tries again."""
        self.report.failed.append(Problem(wanted.name, reason))
        self.is_complete = False

    def _is_edited(self, found: DatasetObject) -> bool:
        """Tell whether an object was changed here and is not what the revision has."""
        row = self._local(found["name"])
        if row is None:
            return False
        if row[0] is None:
            return True
        planned = local.find_planned(self.state.database, found["name"])
        if planned is None:
            return False
        is_same = planned.sha256 == found["sha256"]
        return not (is_same and listing.is_shown_as(planned.fields or {}, found))

    def _kept(self, found: DatasetObject, base: Base | None, shown: bytes, line: bytes) -> Decided:
        """Leave an object alone that was changed here; tell whether it was changed there too."""
        name = found["name"]
        base = base or Base(None, None)
        if base.is_behind or base.sha256 != found["sha256"] or self._differs(name, base, shown):
            self.report.conflicts.append(name)
            self.state.set_base(name, replace(base, is_behind=True))
        else:
            self.report.kept.append(name)
        return Decided(self.local_line(name) or line)

    def _differs(self, name: str, base: Base, shown: bytes) -> bool:
        """Tell whether the dataset shows something else of an object than when it was agreed on."""
        if base.shown is not None:
            return base.shown != shown
        return self.changed_there is None or name in self.changed_there

    def _local(self, name: str) -> tuple[str | None] | None:
        """Return the hash of a file that is here; None where there is no file."""
        row: tuple[str | None] | None = self.state.database.execute(
            "SELECT sha256 FROM local WHERE name = ?", (name,)
        ).fetchone()
        return row

    def local_line(self, name: str) -> bytes | None:
        """Return the entry that the listing here has of an object; None if it has none."""
        row = self.state.database.execute(
            "SELECT fields FROM entry WHERE name = ?", (name,)
        ).fetchone()
        return None if row is None else listing.line_of_fields(name, orjson.loads(row[0]))


def pull(
    state: State, root: Path, dataset: Dataset, revision: DatasetRevision, options: PullOptions
) -> Steps[PullReport]:
    """Bring what the folder lacks of a revision, and take out what the revision lacks.

    Raises:
        FastLabelInvalidException: the folder belongs to another dataset, or its listing is
            damaged.
    """
    report = PullReport(dataset["name"], revision["id"])
    check_belongs(state, root, dataset)
    state.set("dataset", {"id": dataset["id"], "name": dataset["name"]})
    yield from finish_earlier(state, dataset["id"], PushReport(dataset["name"]))
    found = Found()
    with bar(None, options.progress, "looking at files") as advance:
        yield from blocking(
            local.look,
            state,
            root,
            found,
            options.workers,
            keep_fields=True,
            with_listing=not options.force,
            advance=advance,
        )
    if found.bad_entries:
        raise FastLabelInvalidException(
            f"{found.bad_entries[0]}; correct it, or force the pull to replace {LISTING}", 422
        )
    yield from blocking(local.plan, state)
    changes = yield from _changes(state, root, dataset["id"], revision, options)
    state.set("pulling", revision["id"])
    state.database.executescript(_VISITED)
    state.commit()
    (state.folder / PARTS).mkdir(exist_ok=True)
    with carrier(root, options.workers) as over:
        pulling = Pull(state, over.places, revision, options, report)
        if changes is None:
            pulling.changed_there = yield from _changed_there(state, dataset["id"], revision)
            yield from _all(pulling, over, root, dataset)
        else:
            yield from _changed(pulling, over, root, dataset, changes)
    if pulling.is_complete:
        shutil.rmtree(state.folder / PARTS, ignore_errors=True)
        state.set("revision", revision["id"])
        state.set("pulling", None)
    state.commit()
    return report


def _changes(
    state: State, root: Path, dataset_id: str, revision: DatasetRevision, options: PullOptions
) -> Steps[int | None]:
    """Return how many objects differ from the folder's revision; None: all are to be listed.

    They are where files or entries are missing, or an entry is not known to be what the dataset
    shows: what changed alone says nothing of those.
    """
    base, pulling = state.get("revision"), state.get("pulling")
    missing = (
        "SELECT name FROM base LEFT JOIN local USING (name) LEFT JOIN entry USING (name)"
        " WHERE base.sha256 IS NOT NULL AND (local.name IS NULL OR entry.name IS NULL"
        " OR base.fields IS NOT base.shown)"
    )
    if (
        base is None
        or pulling not in (None, revision["id"])
        or options.force
        or not (root / LISTING).exists()
        or state.count("SELECT name FROM base WHERE behind")
        or state.count(missing)
    ):
        return None
    diff = yield from ask(DatasetRevisions.diff_dataset, dataset_id, base, revision["id"], limit=1)
    changes = diff["added"] + diff["changed"] + diff["removed"]
    return changes if changes <= MOST_CHANGES else None


def _changed_there(
    state: State, dataset_id: str, revision: DatasetRevision
) -> Steps[set[str] | None]:
    """Return the objects that differ from the folder's revision, where that has to be known.

    That is of objects that were pushed from here, are changed here again, and of which it is
    not known what the dataset shows.
    """
    base = state.get("revision")
    unknown = (
        "SELECT name FROM plan JOIN base USING (name)"
        " WHERE base.sha256 IS NOT NULL AND base.shown IS NULL"
    )
    if base is None or not state.count(unknown):
        return None
    if base == revision["id"]:
        return set()
    diff = yield from ask(DatasetRevisions.diff_dataset, dataset_id, base, revision["id"], limit=1)
    if diff["added"] + diff["changed"] + diff["removed"] > MOST_CHANGES:
        return None
    changes = yield from changes_between(dataset_id, base, revision["id"])
    return {change["name"] for change in changes}


def _all(pulling: Pull, over: Carrier, root: Path, dataset: Dataset) -> Steps[None]:
    """Go through all objects of the revision."""
    state, revision = pulling.state, pulling.revision
    query = {"datasetName": dataset["name"], "revisionId": revision["id"], "limit": PAGE}
    first = Request("GET", "dataset-revision-objects/signed-urls", query=query)
    part = state.folder / f"{LISTING}.part"
    with (
        listing.writing_lines(root / LISTING, part) as lines,
        bar(revision["objectCount"], pulling.options.progress, "pulling") as pulling.advance,
    ):
        paging = Paging(first)
        while request := paging.next_request():
            page = list(paging.items((yield Fetch(request))))
            decided = yield from _page(pulling, over, request, page, lambda value: value)
            for one in decided:
                if one.line is not None:
                    lines.add(one.line)
        others = "name NOT IN (SELECT name FROM visited)"
        own = state.names(
            f"SELECT name FROM entry WHERE {others} AND name NOT IN (SELECT name FROM base)"  # noqa: S608
        )
        gone = state.names(f"SELECT name FROM base WHERE {others}")  # noqa: S608
        for line in (*map(pulling.remove, gone), *map(pulling.local_line, own)):
            if line is not None:
                lines.add(line)


def _changed(
    pulling: Pull, over: Carrier, root: Path, dataset: Dataset, changes: int
) -> Steps[None]:
    """Go through the objects that differ from the folder's revision."""
    state, revision, report = pulling.state, pulling.revision, pulling.report
    base = state.get("revision")
    query = {"base": base, "target": revision["id"], "signed": "true", "limit": PAGE}
    first = Request("GET", f"datasets-v2/{dataset['id']}/diff", query=query)
    changed: dict[str, bytes | None] = {}
    there = 0
    is_shown = pulling.options.progress and changes > 0
    with bar(changes, is_shown, "pulling") as pulling.advance:
        paging = Paging(first, lambda diff: diff["objects"])
        request = paging.next_request() if changes else None
        while request:
            page = list(paging.items((yield Fetch(request))))
            for change in page:
                if change["after"] is None:
                    state.database.execute(
                        "INSERT OR IGNORE INTO visited VALUES (?)", (change["name"],)
                    )
                    changed[change["name"]] = pulling.remove(change["name"])
                    pulling.advance()
            here = _afters({"objects": page})
            there += len(here)
            decided = yield from _page(pulling, over, request, here, _afters)
            changed |= {found["name"]: one.line for found, one in zip(here, decided, strict=True)}
            request = paging.next_request()
    report.unchanged += revision["objectCount"] - there
    report.kept += state.names(
        "SELECT name FROM plan JOIN base USING (name) WHERE base.sha256 IS NOT NULL"
        " AND plan.sha256 IS NOT NULL AND NOT base.behind"
        " AND name NOT IN (SELECT name FROM visited) ORDER BY name"
    )
    if changed:
        part = state.folder / f"{LISTING}.part"
        yield from blocking(listing.rewrite, root / LISTING, part, changed)


def _afters(diff: Any) -> list[DatasetObject]:
    """Return the objects of a comparison that the target has."""
    return [change["after"] for change in diff["objects"] if change["after"] is not None]


def _page(
    pulling: Pull,
    over: Carrier,
    request: Request,
    page: Sequence[DatasetObject],
    objects_of: Callable[[Any], Sequence[DatasetObject]],
) -> Steps[list[Decided]]:
    """Bring the objects of one page; it is asked for again if URLs have expired meanwhile."""
    decided = [pulling.decide(found) for found in page]
    pulling.advance(sum(one.wanted is None for one in decided))
    expired = yield from blocking(pulling.bring, over, decided)
    if expired:
        names = {wanted.name for wanted in expired}
        answer = yield Fetch(request)
        urls = {found["name"]: found["signedUrl"] for found in objects_of(answer.value)}
        again = [
            replace(one, wanted=replace(one.wanted, url=urls[one.wanted.name]))
            for one in decided
            if one.wanted is not None and one.wanted.name in names
        ]
        for wanted in (yield from blocking(pulling.bring, over, again)):
            pulling.fail(wanted, "the server does not give the file")
    return decided
