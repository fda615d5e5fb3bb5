"""What lies in a folder, and how it differs from the bases of its objects."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson

from fastlabel.dataset_folder import listing
from fastlabel.dataset_folder.places import LISTING, STATE_FOLDER
from fastlabel.dataset_folder.state import Base, Stat, State, now_ns
from fastlabel.formats.report import Problem
from fastlabel.modalities import FileError
from fastlabel.modalities.objects import object_rule
from fastlabel.names import check_object_name

FILES: Final = 256
"""That are looked at together."""
_TABLES: Final = """
CREATE TEMP TABLE IF NOT EXISTS local ( -- files that may be objects
    name TEXT PRIMARY KEY,
    sha256 TEXT,                   -- NULL: no object can be made of it
    size INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS entry ( -- of the listing
    name TEXT PRIMARY KEY,
    digest BLOB NOT NULL,
    fields BLOB                    -- JSON; NULL: as in the base, and not wanted
) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS plan (
    name TEXT PRIMARY KEY,
    sha256 TEXT,                   -- NULL: the object is to be removed
    size INTEGER NOT NULL,
    has_new_file INTEGER NOT NULL,
    fields BLOB,                   -- JSON; NULL: they stay
    digest BLOB                    -- of the fields that the object then has
) WITHOUT ROWID;
DELETE FROM local;
DELETE FROM entry;
DELETE FROM plan;
"""
_CHANGED: Final = """
INSERT INTO plan
SELECT local.name, local.sha256, local.size, local.sha256 IS NOT base.sha256, entry.fields,
    coalesce(entry.digest, base.fields)
FROM local LEFT JOIN base USING (name) LEFT JOIN entry USING (name)
WHERE local.sha256 IS NOT NULL
    AND (local.sha256 IS NOT base.sha256 OR (entry.digest IS NOT NULL
        AND entry.digest IS NOT base.fields))
"""
_REMOVED: Final = """
INSERT INTO plan
SELECT base.name, NULL, 0, 0, NULL, NULL
FROM base LEFT JOIN local USING (name)
WHERE local.name IS NULL AND base.sha256 IS NOT NULL
"""


@dataclass(frozen=True)
class File:
    """A file below a folder."""

    name: str
    """Its path, with "/" between folders."""
    path: Path
    stat: Stat

    @property
    def is_hidden(self) -> bool:
        return self.name.startswith(".") or "/." in self.name


@dataclass(frozen=True)
class Planned:
    """A change that is to be sent."""

    name: str
    sha256: str | None
    """Of the file that the object then has; None: the object is removed."""
    size: int
    has_new_file: bool
    fields: dict[str, Any] | None
    """Under the names of the API; None: they stay."""
    digest: bytes | None
    """Of the fields that the object then has."""

    @property
    def base(self) -> Base | None:
        """What the object's base is when the change is done."""
        return None if self.sha256 is None else Base(self.sha256, self.digest)


@dataclass
class Found:
    """What is remarkable about a folder."""

    bad: list[Problem] = field(default_factory=list)
    """Files that could be objects by their names, and are none."""
    bad_entries: list[Problem] = field(default_factory=list)
    """Of the listing."""
    passed_over: list[str] = field(default_factory=list)
    """Files that no objects are made of."""
    without_file: int = 0
    """Entries of the listing whose files are not there."""
    listing: Stat | None = None
    """What it was when it was read; None where there was none."""


def files_below(root: Path) -> Iterator[File]:
    """Yield the files below a folder, hidden ones too, without its listing and its state."""
    folders = [("", root)]
    while folders:
        prefix, folder = folders.pop()
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        below = []
        for entry in found:
            name = prefix + entry.name
            if name in (LISTING, STATE_FOLDER):
                continue
            if entry.is_dir(follow_symlinks=False):
                below.append((f"{name}/", Path(entry.path)))
            elif entry.is_file():
                stat = entry.stat()
                yield File(name, Path(entry.path), Stat(stat.st_size, stat.st_mtime_ns))
        folders += reversed(below)


def hashed(
    state: State, files: Iterable[File], workers: int
) -> Iterator[tuple[File, str | OSError]]:
    """Yield files with their hashes; those that have not changed are not read."""
    files = iter(files)
    with ThreadPoolExecutor(workers) as pool:
        while batch := list(islice(files, FILES)):
            known = [state.known_sha256(file.name, file.stat) for file in batch]
            unknown = [file for file, sha256 in zip(batch, known, strict=True) if sha256 is None]
            begun_ns = now_ns()
            read = dict(zip(unknown, pool.map(_sha256, unknown), strict=True))
            for file, sha256 in zip(batch, known, strict=True):
                if sha256 is not None:
                    yield file, sha256
                    continue
                outcome = read[file]
                if isinstance(outcome, str):
                    state.remember(file.name, file.stat, outcome, begun_ns)
                yield file, outcome


def look(
    state: State,
    root: Path,
    found: Found,
    workers: int,
    *,
    keep_fields: bool,
    with_listing: bool = True,
    advance: Callable[[], object],
) -> None:
    """Take down what lies in a folder, in the tables `local` and `entry`.

    Args:
        keep_fields: of entries that are as in their bases, too.
        with_listing: otherwise there are no entries.
        advance: called for each file.
    """
    database = state.database
    database.executescript(_TABLES)
    for file, sha256 in hashed(state, _usable(state, root, found), workers):
        if isinstance(sha256, OSError):
            found.bad.append(Problem(file.name, str(sha256)))
        row = (file.name, sha256 if isinstance(sha256, str) else None, file.stat.size)
        database.execute("INSERT INTO local VALUES (?, ?, ?)", row)
        advance()
    if with_listing:
        found.listing = stat_of(root / LISTING)
        _look_at_listing(state, root / LISTING, found, keep_fields)
    state.commit()


def stat_of(path: Path) -> Stat | None:
    """Return what tells whether a file has changed; None where there is none."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return Stat(stat.st_size, stat.st_mtime_ns)


def plan(state: State) -> int:
    """Take down what differs from the bases, in the table `plan`; return how much that is."""
    database = state.database
    database.execute("DELETE FROM plan")
    database.execute(_CHANGED)
    database.execute(_REMOVED)
    return planned_count(database)


def planned_count(database: sqlite3.Connection) -> int:
    return int(database.execute("SELECT count(*) FROM plan").fetchone()[0])


def planned(database: sqlite3.Connection) -> Iterator[Planned]:
    """Yield the plan in the order of names; changes to the tables meanwhile do not matter."""
    after = ""
    while True:
        rows = database.execute(
            "SELECT * FROM plan WHERE name > ? ORDER BY name LIMIT 1000", (after,)
        ).fetchall()
        for row in rows:
            yield _planned(row)
        if not rows:
            return
        after = rows[-1][0]


def find_planned(database: sqlite3.Connection, name: str) -> Planned | None:
    row = database.execute("SELECT * FROM plan WHERE name = ?", (name,)).fetchone()
    return None if row is None else _planned(row)


def drop_planned(database: sqlite3.Connection, name: str) -> None:
    database.execute("DELETE FROM plan WHERE name = ?", (name,))


def set_aside(database: sqlite3.Connection, name: str) -> None:
    """Leave a file out of this plan and those that follow, as no object can be made of it."""
    drop_planned(database, name)
    database.execute("UPDATE local SET sha256 = NULL WHERE name = ?", (name,))


def plan_all_fields(database: sqlite3.Connection, name: str) -> None:
    """Let a planned change carry all that the listing says of the object."""
    database.execute(
        "UPDATE plan SET fields = (SELECT fields FROM entry WHERE entry.name = plan.name)"
        " WHERE name = ? AND sha256 IS NOT NULL",
        (name,),
    )


def _planned(row: tuple[Any, ...]) -> Planned:
    name, sha256, size, has_new_file, fields, digest = row
    parsed = None if fields is None else orjson.loads(fields)
    return Planned(name, sha256, size, bool(has_new_file), parsed, digest)


def _usable(state: State, root: Path, found: Found) -> Iterator[File]:
    """Yield the files that can be objects; take down the others that are no objects any more."""
    for file in files_below(root):
        if not _is_text(file.name):
            found.bad.append(Problem(repr(file.name), "name: not UTF-8"))
            continue
        has_base = state.base(file.name) is not None
        if file.is_hidden and not has_base:
            continue
        try:
            problem = _problem(file)
        except FileError:
            if not has_base:
                found.passed_over.append(file.name)
                continue
            problem = "no object has such an extension"
        if problem is None:
            yield file
            continue
        found.bad.append(Problem(file.name, problem))
        state.database.execute("INSERT INTO local VALUES (?, NULL, 0)", (file.name,))


def _is_text(name: str) -> bool:
    """Tell whether a file's name, which may be any bytes, is a text."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _problem(file: File) -> str | None:
    """Say why no object can be made of a file.

    Raises:
        FileError: as its extension is none of theirs.
    """
    try:
        check_object_name(file.name)
    except ValueError as error:
        return f"name: {error}"
    rule = object_rule(file.name, 0)
    if not file.stat.size:
        return "the file is empty"
    try:
        rule.check_size(file.stat.size, file.name, "datasets")
    except FileError as error:
        return str(error)
    return None


def _look_at_listing(state: State, path: Path, found: Found, keep_fields: bool) -> None:
    database = state.database
    for entry in listing.read(path):
        name = entry["name"]
        where = f"{path.name}: {name}"
        row = database.execute("SELECT sha256 FROM local WHERE name = ?", (name,)).fetchone()
        if row is None:
            found.without_file += 1
            continue
        try:
            fields = listing.fields_of(entry)
            digest = listing.digest_of(fields)
        except (ValueError, TypeError) as error:
            found.bad_entries.append(Problem(where, str(error)))
            continue
        base = state.base(name)
        is_wanted = keep_fields or base is None or base.fields != digest
        kept = orjson.dumps(fields) if is_wanted else None
        try:
            database.execute("INSERT INTO entry VALUES (?, ?, ?)", (name, digest, kept))
        except sqlite3.IntegrityError:
            found.bad_entries.append(Problem(where, "there are two entries of this name"))


def _sha256(file: File) -> str | OSError:
    try:
        with file.path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        return error
