"""A dataset of a million objects: made, listed, changed, compared, restored.

Every object is brought through the API, as a push of 1,000 at a time. They share a hundred
pictures, so that rows are measured and not uploads; each has a box of its own, as those of a
real dataset do, and a type and tags. Bytes on disk are those of the database alone; SQLite's
file keeps the pages that a push has needed for a while, and fills them later.

Beside it other ways to keep versions do the same with their own means, see
`benchmarks.versioning_tools`: DVC and git on as many files as `BENCHMARK_FILES` says, Delta
Lake on a table of as many rows. What theirs costs once for all objects is given for 1,000 of
them; a change of one object is given as it is.

`BENCHMARK_OBJECTS` says how many, `BENCHMARK_POSTGRES=1` runs it on PostgreSQL.
"""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
from tests.postgres import running_postgres

from benchmarks import table, versioning_tools
from benchmarks.memory import tree, watched
from benchmarks.page import server_timing
from benchmarks.pictures import SIZE_WH, write_pictures
from benchmarks.server import Server, running_server
from benchmarks.table import Row, Table
from benchmarks.versioning_tools import Measured
from benchmarks.workbench import Workbench

OBJECTS = int(os.environ.get("BENCHMARK_OBJECTS", "1000000"))
POSTGRES = os.environ.get("BENCHMARK_POSTGRES") == "1"
PICTURES = 100
BATCH = 1000
CHANGES = max(OBJECTS // 100, 1)
"""Of the larger one of the changes."""
REPEATS = 5
POLL_INTERVAL_S = 0.05
TYPES = ("train",) * 8 + ("valid", "test")
RARE = "rare"
RARE_EACH = 100
DATASET = "million"
OBJECT_LISTS = "dataset-revision-objects"


def run(bench: Workbench) -> Table:
    found = Table(f"A dataset of {OBJECTS:,} objects", "other tools")
    with _database(POSTGRES) as url:
        found.title += ", on PostgreSQL" if POSTGRES else ""
        ours = _Ours.measure(bench, url)
    found.rows = ours.rows
    tools, notes = versioning_tools.measure(bench, OBJECTS)
    for tool in tools:
        found.rows += _beside(ours, tool)
    found.notes += [
        f"{PICTURES} pictures, a box of its own in each object; {CHANGES:,} changes at once",
        *notes,
    ]
    return found


@contextmanager
def _database(on_postgres: bool) -> Iterator[str]:
    """Give the URL of a database; empty for the default."""
    if not on_postgres:
        yield ""
        return
    with running_postgres() as postgres, postgres.database() as url:
        yield url


@dataclass
class _Ours:
    """The dataset on our server, while it is measured."""

    server: Server
    http: httpx.Client
    database_url: str
    dataset_id: str = ""
    rows: list[Row] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    size_mb: dict[str, float] = field(default_factory=dict)

    @classmethod
    def measure(cls, bench: Workbench, database_url: str) -> _Ours:
        pictures = write_pictures(bench.folder("datasets-pictures"), PICTURES)
        with (
            running_server(bench.folder("datasets-server"), database_url=database_url) as server,
            server.http() as http,
        ):
            ours = cls(server, http, database_url)
            (worker,) = tree(server.pid)[1:]
            with watched(server.pid) as of_server, watched(worker) as of_worker:
                ours._create(pictures)
                ours._list()
                ours._change()
                ours._compare()
                ours._restore()
        for whose, peaks in (("the server", of_server), ("the worker", of_worker)):
            ours.rows += [
                table.alone(f"peak of {whose}", peaks.private_mb, "MB"),
                table.alone("with files mapped into memory", peaks.resident_mb, "MB"),
            ]
        return ours

    def _create(self, pictures: list[Path]) -> None:
        self.dataset_id = self._post("datasets-v2", {"name": DATASET})["id"]
        known = self._bring_files(pictures)
        empty_mb = self._database_mb()
        begin = time.perf_counter()
        push = self._push("create")
        for first in range(0, OBJECTS, BATCH):
            numbers = range(first, min(first + BATCH, OBJECTS))
            objects = [_object(number, sha256=known[number % len(known)]) for number in numbers]
            self._bring(push, objects)
        brought = time.perf_counter()
        self._commit(push)
        end = time.perf_counter()
        self.seconds["create"] = end - begin
        self.size_mb["create"] = self._database_mb() - empty_mb
        self.rows += [
            table.alone("create: bring all objects", brought - begin, "s"),
            table.alone("create: make the revision", end - brought, "s"),
            table.alone("objects a second", OBJECTS / (end - begin), "/s"),
            table.alone("on disk, per object", 1e6 * self.size_mb["create"] / OBJECTS, "bytes"),
            table.alone("the database's file then", self._files_mb(), "MB"),
        ]
        revision = self._head()
        if revision["objectCount"] != OBJECTS + len(pictures):
            raise RuntimeError(f"expected {OBJECTS:,} objects and the files, got {revision}")

    def _bring_files(self, pictures: list[Path]) -> list[str]:
        """Put the pictures into the dataset, and return the hashes of their files."""
        push = self._push("files")
        body = {"objects": [{"name": f"files/{path.name}", "hasFile": True} for path in pictures]}
        files = [("request", (None, json.dumps(body), "application/json"))]
        files += [
            ("contents", (path.name, path.read_bytes(), "image/jpeg"))  # type: ignore[list-item]
            for path in pictures
        ]
        self.http.post(f"{push}/objects", files=files).raise_for_status()
        self._commit(push)
        return [found["sha256"] for found in self._page().json()]

    def _list(self) -> None:
        first_ms = self._page_ms()
        self.rows.append(table.alone("page of 1,000, the first", first_ms, "ms"))
        middle, last = OBJECTS // 2, OBJECTS - BATCH
        for work, query in (
            (f"at offset {middle:,}", {"offset": middle}),
            (f"at offset {last:,}", {"offset": last}),
            ("by the cursor there", {"cursor": self._cursor(last - BATCH)}),
        ):
            self.rows.append(
                table.slower(
                    f"page of 1,000, {work}", self._page_ms(**query), first_ms, "ms", under=3
                )
            )
        self.rows += [
            table.alone("page of 1,000 of type valid", self._page_ms(types="valid"), "ms"),
            table.alone(f"page of the tag of 1 in {RARE_EACH}", self._page_ms(tags=RARE), "ms"),
            table.alone("page of type and tag", self._page_ms(types="test", tags=RARE), "ms"),
        ]

    def _cursor(self, offset: int) -> str:
        return self._page(offset=offset).headers["Fastlabel-Next-Cursor"]

    def _change(self) -> None:
        self._post(f"datasets-v2/{self.dataset_id}/versions", {"version": "v1"})
        self.rows.append(
            table.alone(
                "name a version",
                1000 * self._timed("name", self._name_version),
                "ms",
            )
        )
        before_mb = self._database_mb()
        number = OBJECTS // 2
        self._timed("change", lambda: self._change_one(number))
        self.size_mb["change"] = self._database_mb() - before_mb
        self.rows += [
            table.alone("change one object", 1000 * self.seconds["change"], "ms"),
            table.alone("on disk, for that revision", 1000 * self.size_mb["change"], "KB"),
        ]
        before_mb = self._database_mb()
        self._timed("changes", self._change_many)
        size_mb = self._database_mb() - before_mb
        self.rows += [
            table.alone(f"change {CHANGES:,} objects, push and job", self.seconds["changes"], "s"),
            table.alone("on disk, per change", 1e6 * size_mb / CHANGES, "bytes"),
        ]

    def _name_version(self) -> None:
        self._post(f"datasets-v2/{self.dataset_id}/versions", {"version": "v2"})

    def _change_one(self, number: int) -> None:
        body = {
            "datasetId": self.dataset_id,
            "objectName": _name(number),
            "annotations": _annotations(number + OBJECTS),
        }
        self.http.put(OBJECT_LISTS, json=body).raise_for_status()

    def _change_many(self) -> None:
        push = self._push("changes")
        step = OBJECTS // CHANGES
        numbers = [at * step for at in range(CHANGES)]
        for first in range(0, CHANGES, BATCH):
            changed = [
                {"name": _name(number), "annotations": _annotations(number + 2 * OBJECTS)}
                for number in numbers[first : first + BATCH]
            ]
            self._bring(push, changed)
        self._commit(push)

    def _compare(self) -> None:
        revisions = self._get(f"datasets-v2/{self.dataset_id}/revisions")
        after_many, after_one, created, _, empty = (each["id"] for each in revisions)
        self._timed("diff", lambda: self._diff(created, after_one, 1))
        self.rows += [
            table.alone("diff of that one change", 1000 * self.seconds["diff"], "ms"),
            table.alone(
                f"diff of {CHANGES:,} changes, page of 100",
                1000 * self._timed("", lambda: self._diff(after_one, after_many, CHANGES)),
                "ms",
            ),
            table.alone(
                "diff of all against none, page of 100",
                1000 * self._timed("", lambda: self._diff(empty, after_many, None)),
                "ms",
            ),
            table.alone("old revision: first page", self._page_ms(version="v1"), "ms"),
            table.alone(
                f"old revision: page at offset {OBJECTS // 2:,}",
                self._page_ms(version="v1", offset=OBJECTS // 2),
                "ms",
            ),
        ]
        old = self._find(OBJECTS // 2, "v1")["annotations"][0]["points"]
        if old != _annotations(OBJECTS // 2)[0]["points"]:
            raise RuntimeError(f"the old revision has other points: {old}")

    def _diff(self, base: str, target: str, changed: int | None) -> None:
        found = self._get(
            f"datasets-v2/{self.dataset_id}/diff", base=base, target=target, limit=100
        )
        if changed is not None and found["changed"] != changed:
            raise RuntimeError(f"expected {changed:,} changes, got {found['changed']:,}")

    def _restore(self) -> None:
        before_mb = self._database_mb()
        body = {"version": "v1"}
        self._timed(
            "restore",
            lambda: self._finish(self._post(f"datasets-v2/{self.dataset_id}/restore", body)),
        )
        self.rows += [
            table.alone(f"restore, {CHANGES:,} objects differ", self.seconds["restore"], "s"),
            table.alone("on disk, for that revision", self._database_mb() - before_mb, "MB"),
        ]
        versions = {
            name: each["contentHash"]
            for each in self._get(f"datasets-v2/{self.dataset_id}/revisions")
            for name in each["versions"]
        }
        if versions["latest"] != versions["v1"]:
            raise RuntimeError(f"what was restored has another hash: {versions}")

    def _push(self, key: str) -> str:
        """Begin a push and return its path."""
        path = f"datasets-v2/{self.dataset_id}/pushes"
        return f"{path}/{self._post(path, {'key': key, 'message': key})['id']}"

    def _bring(self, push: str, objects: list[dict[str, Any]]) -> None:
        self.http.post(f"{push}/objects", json={"objects": objects}).raise_for_status()

    def _commit(self, push: str) -> None:
        self._finish(self.http.post(f"{push}/commit").raise_for_status().json())

    def _finish(self, job: dict[str, Any]) -> None:
        """Wait for the end of a job.

        Raises:
            RuntimeError: it failed.
        """
        while job["status"] not in ("completed", "failed", "canceled"):
            time.sleep(POLL_INTERVAL_S)
            job = self._get(f"datasets-v2/{self.dataset_id}/jobs/{job['id']}")
        if job["status"] != "completed":
            raise RuntimeError(f"the job ended: {job}")

    def _page(self, **query: Any) -> httpx.Response:
        found = {"datasetName": DATASET, "offset": 0, "limit": BATCH, **query}
        return self.http.get(OBJECT_LISTS, params=found).raise_for_status()

    def _page_ms(self, **query: Any) -> float:
        """Return the median of the server's own time for a page."""
        self._page(**query)
        return statistics.median(server_timing(self._page(**query)) for _ in range(REPEATS))

    def _find(self, number: int, version: str) -> dict[str, Any]:
        path = f"{OBJECT_LISTS}/datasets/{self.dataset_id}/objects/{_name(number)}"
        return self._get(path, version=version)

    def _head(self) -> dict[str, Any]:
        return self._get(f"datasets-v2/{self.dataset_id}/revisions", limit=1)[0]

    def _get(self, path: str, **query: Any) -> Any:
        return self.http.get(path, params=query).raise_for_status().json()

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self.http.post(path, json=body).raise_for_status().json()

    def _timed(self, name: str, work: Callable[[], object]) -> float:
        begin = time.perf_counter()
        work()
        self.seconds[name] = time.perf_counter() - begin
        return self.seconds[name]

    def _database_mb(self) -> float:
        """Return what the database takes on disk, but for pages that the next rows fill."""
        if self.database_url:
            return self._postgres_mb()
        with closing(sqlite3.connect(self._file)) as connection:
            # What is still in the log counts where it will lie.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            (free,) = connection.execute("PRAGMA freelist_count").fetchone()
            (size,) = connection.execute("PRAGMA page_size").fetchone()
        return (pages - free) * size / 1e6

    def _files_mb(self) -> float:
        """Return the size of the database's files."""
        return self._postgres_mb() if self.database_url else self._file.stat().st_size / 1e6

    @property
    def _file(self) -> Path:
        return self.server.data_dir / "fastlabel.sqlite3"

    def _postgres_mb(self) -> float:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            # What autovacuum will have done soon: rows that were deleted make room. The second
            # time cuts off what the first has found to be empty.
            for _ in range(2):
                connection.execute("VACUUM ANALYZE")
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        assert row is not None
        return float(row[0]) / 1e6


def _beside(ours: _Ours, tool: Measured) -> list[Row]:
    """Put a tool's figures beside ours."""
    what = f"{tool.name}, {tool.objects:,} {tool.noun}"
    thousands, our_thousands = tool.objects / 1000, OBJECTS / 1000
    return [
        table.faster(
            f"{what}: create, per 1,000",
            1000 * ours.seconds["create"] / our_thousands,
            1000 * tool.create_s / thousands,
            "ms",
        ),
        table.faster(
            f"{what}: on disk, per 1,000",
            1000 * ours.size_mb["create"] / our_thousands,
            tool.create_bytes / 1000 / thousands,
            "KB",
        ),
        table.faster(
            f"{what}: change one object",
            1000 * ours.seconds["change"],
            1000 * tool.change_s,
            "ms",
        ),
        table.faster(
            f"{what}: on disk, for that revision",
            # Both write in pages: less than one is none.
            max(1000 * ours.size_mb["change"], 4.096),
            tool.change_bytes / 1000,
            "KB",
        ),
        table.faster(
            f"{what}: diff of that change",
            1000 * ours.seconds["diff"],
            1000 * tool.diff_s,
            "ms",
        ),
        table.faster(
            f"{what}: back to the first revision",
            ours.seconds["restore"],
            tool.restore_s,
            "s",
        ),
    ]


def _name(number: int) -> str:
    return f"{number // 1000:04}/{number:07}.jpg"


def _annotations(number: int) -> list[dict[str, Any]]:
    """Return a box that no other number has."""
    width, height = SIZE_WH
    x, y = number % (width - 40), number // (width - 40) % (height - 40)
    points = [x, y, x + 20.5, y + 20 + number / 1e7]
    return [{"type": "bbox", "value": f"class-{number % 10}", "points": points}]


def _object(number: int, *, sha256: str) -> dict[str, Any]:
    return {
        "name": _name(number),
        "sha256": sha256,
        "type": TYPES[number % len(TYPES)],
        "tags": ["day" if number % 2 else "night", *([RARE] * (number % RARE_EACH == 9))],
        "annotations": _annotations(number),
    }
