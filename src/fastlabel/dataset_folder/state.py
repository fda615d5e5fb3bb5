"""What a folder knows of the dataset it was pulled from or pushed to: `.fastlabel/state.sqlite3`.

The base of an object is what it was when this folder and the dataset last agreed on it. Against
it one sees what was changed here, and against the revision of the base what was changed there.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastlabel.dataset_folder.places import STATE_FOLDER
from fastlabel.exceptions import FastLabelInvalidException

FORMAT: Final = 1
FILE: Final = "state.sqlite3"
RACY_NS: Final = 20_000_000
"""A file that was changed so shortly before it was read may have been changed once more since,
and show the same time."""
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS base (
    name TEXT PRIMARY KEY,
    sha256 TEXT,             -- NULL: the dataset has an object that this folder never had
    fields BLOB,             -- digest of its entry here; NULL: there was none
    shown BLOB,              -- digest of its fields there; NULL: not known
    behind INTEGER NOT NULL  -- 1: the dataset has something newer than this
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS base_sha256 ON base (sha256);
CREATE INDEX IF NOT EXISTS base_behind ON base (behind) WHERE behind;
CREATE TABLE IF NOT EXISTS file (
    name TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    checked_ns INTEGER NOT NULL,
    sha256 TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sent ( -- what the push under way holds, as the bases it will make
    name TEXT PRIMARY KEY,
    sha256 TEXT,                  -- NULL: the object is removed
    fields BLOB
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Base:
    """What an object was when folder and dataset last agreed on it."""

    sha256: str | None
    fields: bytes | None
    """Digest of its entry in the listing of the folder."""
    shown: bytes | None = None
    """Digest of the same as the dataset shows it; None: not known."""
    is_behind: bool = False


@dataclass(frozen=True)
class Stat:
    """What tells cheaply that a file has not changed."""

    size: int
    mtime_ns: int


class State:
    """The state of a folder, which one process at a time works on."""

    def __init__(self, database: sqlite3.Connection, folder: Path) -> None:
        self.database = database
        self.folder = folder

    def get(self, key: str) -> Any:
        """Return a fact about the folder, None where it is not known."""
        row = self.database.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def set(self, key: str, value: Any) -> None:
        if value is None:
            self.database.execute("DELETE FROM meta WHERE key = ?", (key,))
        else:
            self.database.execute(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value))
            )

    def commit(self) -> None:
        self.database.commit()

    def base(self, name: str) -> Base | None:
        row = self.database.execute(
            "SELECT sha256, fields, shown, behind FROM base WHERE name = ?", (name,)
        ).fetchone()
        return None if row is None else Base(row[0], row[1], row[2], bool(row[3]))

    def set_base(self, name: str, base: Base | None) -> None:
        if base is None:
            self.database.execute("DELETE FROM base WHERE name = ?", (name,))
        else:
            row = (name, base.sha256, base.fields, base.shown, base.is_behind)
            self.database.execute("INSERT OR REPLACE INTO base VALUES (?, ?, ?, ?, ?)", row)

    def names(self, query: str) -> list[str]:
        """Return the names that a query of the tables selects."""
        return [name for (name,) in self.database.execute(query)]

    def count(self, query: str) -> int:
        """Return how many rows a query of the tables selects."""
        counted = f"SELECT count(*) FROM ({query})"  # noqa: S608 - none comes from outside
        return int(self.database.execute(counted).fetchone()[0])

    def names_with(self, sha256: str) -> Iterator[str]:
        """Yield the objects whose base has this file."""
        for (name,) in self.database.execute("SELECT name FROM base WHERE sha256 = ?", (sha256,)):
            yield name

    def known_sha256(self, name: str, stat: Stat) -> str | None:
        """Return the hash of a file that has not changed since it was hashed."""
        row = self.database.execute(
            "SELECT sha256 FROM file WHERE name = ? AND size = ? AND mtime_ns = ?"
            " AND mtime_ns + ? <= checked_ns",
            (name, stat.size, stat.mtime_ns, RACY_NS),
        ).fetchone()
        return None if row is None else str(row[0])

    def remember(self, name: str, stat: Stat, sha256: str, checked_ns: int) -> None:
        """Keep the hash of a file as it was at a time."""
        row = (name, stat.size, stat.mtime_ns, checked_ns, sha256)
        self.database.execute("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?)", row)

    def forget_file(self, name: str) -> None:
        self.database.execute("DELETE FROM file WHERE name = ?", (name,))


def now_ns() -> int:
    return time.time_ns()


@contextmanager
def opened(root: Path) -> Iterator[State]:
    """Open the state of a folder, a new one if there is none, for this process alone.

    Raises:
        FastLabelInvalidException: another process works on it, or it is of a later release.
    """
    folder = root / STATE_FOLDER
    folder.mkdir(exist_ok=True)
    path = folder / FILE
    # Steps of an AsyncClient that block run in threads, one after the other.
    database = sqlite3.connect(path, timeout=0, check_same_thread=False)
    try:
        try:
            _prepare(database)
        except sqlite3.OperationalError as error:
            raise FastLabelInvalidException(
                f"{root}: another pull or push is at work here ({error})", 409
            ) from error
        except sqlite3.DatabaseError as error:
            raise FastLabelInvalidException(
                f"{path}: {error}; without it a pull or push compares everything anew", 422
            ) from error
        state = State(database, folder)
        found = state.get("format")
        if found not in (None, FORMAT):
            raise FastLabelInvalidException(f"{path}: a later release of FastLabel made it", 422)
        state.set("format", FORMAT)
        state.commit()
        yield state
        state.commit()
    finally:
        database.close()


def _prepare(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("BEGIN EXCLUSIVE")
    database.commit()
    database.executescript(_SCHEMA)
