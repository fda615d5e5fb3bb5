"""Eight uploads at once through the official client, and the memory of the server meanwhile.

The official client sends files as base64 in JSON, here from eight interpreters of their own.
Two loads:

- 250 MB each to the image tasks, through the request method of the official client, as its
  `create_image_task` does not send more than 20 MB. The server has to receive all of it before
  it can answer that it is too large: 422.
- The largest task of images that the official client sends, six pictures of 20 MB, 120 MB
  together; these are kept, measured and stored.
"""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks import table
from benchmarks.memory import Peaks, watched
from benchmarks.official import OFFICIAL, result_of, start_script
from benchmarks.pictures import write_large_picture
from benchmarks.server import Server, running_server
from benchmarks.table import Row, Table
from benchmarks.workbench import Workbench

CLIENTS = 8
REFUSED_BYTES = 250 * 1024**2
PICTURE_BYTES = 20 * 1024**2
PICTURES = 6


def run(bench: Workbench) -> Table:
    folder = bench.folder("uploads")
    folder.mkdir()
    large = folder / "large.jpg"
    large.write_bytes(bytes(REFUSED_BYTES))
    pictures = folder / "pictures"
    pictures.mkdir()
    for number in range(PICTURES):
        write_large_picture(pictures / f"{number}.jpg", PICTURE_BYTES)
    found = Table(f"{CLIENTS} uploads at once through the official client {OFFICIAL}")
    with running_server(bench.folder("uploads-server")) as server:
        server.create_project("image")
        server.create_project("multi-image", "multi_image_classification")
        found.rows = _measure(server, "250 MB each, refused at the end", "image", large)
        found.rows += _measure(server, "6 x 20 MB each, stored", "multi-image", pictures)
        with server.client() as client:
            stored = client.count_tasks("multi-image")
    if stored != CLIENTS:
        raise RuntimeError(f"expected {CLIENTS} tasks to be stored, got {stored}")
    return found


def _measure(server: Server, work: str, project: str, path: Path) -> list[Row]:
    begin = time.perf_counter()
    with watched(server.pid) as peaks:
        _upload(server, project, path)
    took = time.perf_counter() - begin
    return [*_memory(work, peaks), table.alone(f"{work}: time", took, "s")]


def _memory(work: str, peaks: Peaks) -> list[Row]:
    return [
        table.alone(f"{work}: peak of `fastlabel serve`", peaks.resident_mb, "MB", under=1000),
        table.alone(f"{work}: of that not mapped files", peaks.private_mb, "MB"),
        table.alone(f"{work}: peak of server and worker", peaks.tree_mb, "MB"),
    ]


def _upload(server: Server, project: str, path: Path) -> None:
    """Run all clients to their end.

    Raises:
        RuntimeError: one of them was not answered as it should be.
    """
    clients = [
        start_script("upload", server, project, f"task-{number}.jpg", path)
        for number in range(CLIENTS)
    ]
    for client in clients:
        result_of(client)
