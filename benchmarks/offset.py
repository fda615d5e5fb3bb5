"""Read a page of 1,000 image tasks at offset 1,000,000, and the first one of the same project.

On SQLite and, where its programs are found, on PostgreSQL. Then 1,000 tasks all over the
project are deleted through the API, so that offsets and sequence numbers part, and the page is
read again. Times are the server's own; what the pages hold is checked.
"""

from __future__ import annotations

from pathlib import Path

import httpx
from tests.postgres import find_binaries, running_postgres

from benchmarks import table
from benchmarks.filling import fill, task_name
from benchmarks.page import read_page, server_milliseconds
from benchmarks.server import Server, running_server
from benchmarks.table import Row, Table
from benchmarks.workbench import Workbench
from fastlabel_server.db import Database
from fastlabel_server.settings import Settings

OFFSET = 1_000_000
LIMIT = 1000
DELETED = 1000
PROJECT = "million"


def run(bench: Workbench) -> Table:
    found = Table(f"Read {LIMIT:,} image tasks with 10 boxes each, far in", "first page")
    found.rows = _measure("SQLite", bench.folder("offset-sqlite"), "")
    try:
        find_binaries()
    except FileNotFoundError as error:
        found.notes.append(f"PostgreSQL is left out: {error}")
        return found
    with running_postgres() as postgres, postgres.database() as url:
        found.rows += _measure("PostgreSQL", bench.folder("offset-postgres"), url)
    return found


def _measure(name: str, folder: Path, database_url: str) -> list[Row]:
    with running_server(folder, "--no-worker", database_url=database_url) as server:
        server.create_project(PROJECT)
        settings = Settings(data_dir=server.data_dir, database_url=database_url)
        database = Database(settings.database)
        fill(database, PROJECT, OFFSET + LIMIT + DELETED)
        database.close()
        with server.http() as http:
            before = _compare(f"{name}: offset {OFFSET:,}", http, first=1, far=OFFSET + 1)
            _delete_evenly(server, http)
            after = _compare(
                f"{name}: the same after {DELETED:,} deletions",
                http,
                first=2,
                far=OFFSET + DELETED + 1,
            )
    return [before, after]


def _compare(work: str, http: httpx.Client, first: int, far: int) -> Row:
    """Measure both pages; `first` and `far` are the tasks that they have to begin with."""
    for offset, seq in ((0, first), (OFFSET, far)):
        tasks = read_page(http, PROJECT, LIMIT, offset).json()
        if len(tasks) != LIMIT or tasks[0]["name"] != task_name(seq):
            raise RuntimeError(
                f"offset {offset:,}: expected {LIMIT} tasks from {task_name(seq)}, "
                f"got {len(tasks)} from {tasks[0]['name'] if tasks else 'none'}"
            )
    base_ms = server_milliseconds(http, PROJECT, LIMIT)
    far_ms = server_milliseconds(http, PROJECT, LIMIT, OFFSET)
    return table.slower(work, far_ms, base_ms, "ms", under=3)


def _delete_evenly(server: Server, http: httpx.Client) -> None:
    """Delete every thousandth task before the offset, the first one among them."""
    with server.client() as client:
        for offset in range(DELETED):
            # Each deletion moves what follows one to the left.
            step = OFFSET // DELETED - 1
            (task,) = read_page(http, PROJECT, 1, offset * step).json()
            client.delete_task(task["id"])
