"""An import of 100,000 objects from a bucket, whose worker is killed in the middle.

The bucket is the server of `benchmarks.bucket`, in a process of its own on this machine, so the
network costs nothing and the processor is shared: a real bucket is slower to answer and takes
no processor time. Every task is made once, or the benchmark fails.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import fastlabel
from benchmarks import bucket, table
from benchmarks.memory import resident_mb, tree
from benchmarks.processes import free_port, stopped_at_end, wait_until_answering
from benchmarks.server import Server, running_server
from benchmarks.table import Table
from benchmarks.workbench import Workbench

OBJECTS = 100_000
POLL_INTERVAL_S = 0.2
PROJECT = "pictures"


def run(bench: Workbench) -> Table:
    found = Table(f"import of {OBJECTS:,} objects from S3, its worker killed in the middle")
    with (
        _serving_bucket(bench) as endpoint,
        running_server(
            bench.folder("bucket-server"),
            variables={
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
            },
        ) as server,
        server.client() as client,
    ):
        client.create_project("image_bbox", PROJECT, PROJECT)
        client.update_aws_s3_storage(PROJECT, bucket.NAME, "us-east-1")
        begin = time.perf_counter()
        client.create_task_from_aws_s3(PROJECT)
        before = _follow(client, server, until=OBJECTS // 2)
        for worker in _workers(server):
            os.kill(worker, signal.SIGKILL)
        killed = time.perf_counter()
        # What it did between the last look and its end is no sign of life.
        at_kill = client.get_aws_s3_import_status_by_project(PROJECT)["count"]
        _follow(client, server, until=at_kill + 1)
        resumed = time.perf_counter()
        after = _follow(client, server, until=None)
        end = time.perf_counter()
        _check(client)
    idle_s = resumed - killed
    found.rows = [
        table.alone("whole import", end - begin, "s"),
        table.alone("from kill -9 to the next tasks", idle_s, "s"),
        table.alone(
            "objects a second, that pause left out", OBJECTS / (end - begin - idle_s), "/s"
        ),
        table.alone("peak of a worker", max(before.peak_mb, after.peak_mb), "MB"),
    ]
    found.notes.append(f"exactly {OBJECTS:,} tasks; killed at {at_kill:,}")
    return found


class _Followed:
    """How far an import was when it was last looked at, and the most memory of its worker."""

    count = 0
    peak_mb = 0.0


def _follow(client: fastlabel.Client, server: Server, until: int | None) -> _Followed:
    """Wait until so many tasks are made; None: until the import is completed.

    Raises:
        RuntimeError: it ended otherwise.
    """
    seen = _Followed()
    while True:
        history = client.get_aws_s3_import_status_by_project(PROJECT)
        seen.count = history["count"]
        seen.peak_mb = max([seen.peak_mb, *map(resident_mb, _workers(server))])
        if history["status"] == "failed" or (history["status"] == "completed" and until):
            raise RuntimeError(f"the import ended: {history}")
        if history["status"] == "completed" or (until and seen.count >= until):
            return seen
        time.sleep(POLL_INTERVAL_S)


def _workers(server: Server) -> list[int]:
    return tree(server.pid)[1:]


def _check(client: fastlabel.Client) -> None:
    """Compare the project with the bucket.

    Raises:
        RuntimeError: a task is missing, or there is one too many.
    """
    names: list[str] = []
    while page := client.get_task_id_name_map(PROJECT, offset=len(names)):
        names += page.values()
    if sorted(names) != [bucket.key_of(number) for number in range(OBJECTS)]:
        raise RuntimeError(f"{len(names):,} tasks, {len(set(names)):,} names for {OBJECTS:,}")
    history = client.get_aws_s3_import_status_by_project(PROJECT)
    if (history["count"], history["total"], history["failed"]) != (OBJECTS, OBJECTS, 0):
        raise RuntimeError(f"the history says otherwise: {history}")


@contextmanager
def _serving_bucket(bench: Workbench) -> Iterator[str]:
    folder = bench.folder("bucket")
    folder.mkdir()
    port = free_port()
    log = folder / "log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.bucket", str(port), str(OBJECTS)],
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    with stopped_at_end(process):
        wait_until_answering(f"{url}/{bucket.NAME}/{bucket.key_of(0)}", process, log, 60)
        yield url
