"""Export a million annotations on the server, and the memory of its worker meanwhile.

100,000 image tasks of 10 boxes, as COCO, on SQLite and a folder: from the request to the ZIP
in the store. The tasks are rows without files, as COCO does not need those.
"""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

from benchmarks import table
from benchmarks.filling import fill
from benchmarks.memory import resident_mb, tree, watched
from benchmarks.pictures import BOXES
from benchmarks.server import running_server
from benchmarks.table import Table
from benchmarks.workbench import Workbench
from fastlabel_server.db import Database

TASKS = 100_000
TIMEOUT_S = 3600
WORKER_MB = 300
MARK = b'"image_id"'
CHUNK_BYTES = 1 << 20


def run(bench: Workbench) -> Table:
    found = Table(f"Export {TASKS:,} tasks of {BOXES} annotations as COCO, on the server")
    folder = bench.folder("export-memory")
    folder.mkdir()
    with running_server(bench.folder("export-server")) as server, server.client() as client:
        project = server.create_project("export")
        database = Database(f"sqlite:///{server.data_dir / 'fastlabel.sqlite3'}")
        fill(database, project, TASKS)
        database.close()
        (worker,) = tree(server.pid)[1:]
        idle_mb = resident_mb(worker)
        with watched(worker) as peaks:
            begin = time.perf_counter()
            export_id = client.create_export(project, "coco")["id"]
            export = client.wait_for_export(export_id, TIMEOUT_S)
            took_s = time.perf_counter() - begin
        path = client.download_export(export_id, folder)
    written = _count(path)
    if written != TASKS * BOXES or export["done"] != TASKS:
        raise RuntimeError(f"{written:,} annotations in the file; the export says {export}")
    found.rows = [
        table.alone("peak of the worker", peaks.resident_mb, "MB", under=WORKER_MB),
        table.alone("the worker before", idle_mb, "MB"),
        table.alone("from the request to the ZIP in the store", took_s, "s"),
        table.alone("annotations a second", TASKS * BOXES / took_s, "/s"),
        table.alone("size of the ZIP", path.stat().st_size / 1e6, "MB"),
    ]
    return found


def _count(path: Path) -> int:
    """Count the annotations of a COCO file in a ZIP, without holding all of it."""
    count, tail = 0, b""
    with zipfile.ZipFile(path) as archive, archive.open("annotations.json") as file:
        while chunk := file.read(CHUNK_BYTES):
            count += (tail + chunk).count(MARK) - tail.count(MARK)
            tail = chunk[-len(MARK) + 1 :]
    return count
