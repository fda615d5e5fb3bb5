"""Start `fastlabel serve`, and let it idle.

A start is timed from the creation of the process to the first 200 of /healthz: on a new data
directory, where all tables are made, and on one that is there. Memory is read ten seconds
later, when the worker beside the server is up as well.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from benchmarks import table
from benchmarks.memory import resident_mb, tree, tree_proportional_mb, tree_resident_mb
from benchmarks.server import running_server
from benchmarks.table import Table
from benchmarks.workbench import Workbench

REPEATS = 5
SETTLE_S = 10


def run(bench: Workbench) -> Table:
    folders = [bench.folder(f"cold-start-{number}") for number in range(REPEATS)]
    found = Table("Start the server, and let it idle")
    for work, arguments in (
        ("start on a new data directory", ()),
        ("start again on the same", ()),
        ("start again without a worker", ("--no-worker",)),
    ):
        starts = [_start(folder, *arguments) for folder in folders]
        wall, processor = map(statistics.median, zip(*starts, strict=True))
        found.rows += [
            table.alone(work, wall, "s", under=2),
            table.alone("of that on a processor", processor, "s"),
        ]
    with running_server(folders[0], signed_in=False) as server:
        time.sleep(SETTLE_S)
        found.rows += [
            table.alone("resident: `fastlabel serve`", resident_mb(server.pid), "MB", under=200),
            table.alone(
                f"resident: all {len(tree(server.pid))} processes, shared pages counted each time",
                tree_resident_mb(server.pid),
                "MB",
            ),
            table.alone(
                "the same, shared pages counted once",
                tree_proportional_mb(server.pid),
                "MB",
                under=200,
            ),
        ]
    return found


def _start(folder: Path, *arguments: str) -> tuple[float, float]:
    """Return the seconds until the server answers, and its own processor time until then."""
    with running_server(folder, *arguments, signed_in=False) as server:
        return server.start_s, server.start_processor_s
