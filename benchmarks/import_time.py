"""Import the client and make a client, in new interpreters; ours and the official one by turns.

Timed inside the interpreter, so that its own start is left out.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.compat.venvs import official_python

from benchmarks import table
from benchmarks.official import OFFICIAL
from benchmarks.table import Table
from benchmarks.workbench import Workbench

REPEATS = 15
HEAVY = ("PIL", "cv2", "fastapi", "numpy", "pandas", "rich", "sqlalchemy", "torch", "typer")
SCRIPT = """
import json, sys, time
begin = time.perf_counter()
from fastlabel import Client
imported = time.perf_counter()
Client()
ready = time.perf_counter()
print(json.dumps({
    "import": imported - begin,
    "ready": ready - begin,
    "modules": sorted({name.partition(".")[0] for name in sys.modules}),
}))
"""


def run(bench: Workbench) -> Table:
    ours, theirs = [], []
    # The first run of each writes the byte code and warms the cache of files.
    for _ in range(REPEATS + 1):
        ours.append(_measure(Path(sys.executable)))
        theirs.append(_measure(official_python(OFFICIAL)))
    found = Table("Import the client", f"official client {OFFICIAL}")
    imported, ready = (_medians(key, ours, theirs) for key in ("import", "ready"))
    found.rows = [
        table.faster("from fastlabel import Client", *imported, "ms", under=150),
        table.faster("import it and make a client", *ready, "ms"),
    ]
    heavy = sorted(set(HEAVY) & set(ours[0]["modules"]))
    found.notes = [f"of the heavy packages, ours imports: {', '.join(heavy) or 'none'}"]
    return found


def _medians(
    key: str, ours: list[dict[str, Any]], theirs: list[dict[str, Any]]
) -> tuple[float, float]:
    """Return a figure of both sides in milliseconds; first runs do not count."""
    mine, other = (
        1000 * statistics.median(run[key] for run in runs[1:]) for runs in (ours, theirs)
    )
    return mine, other


def _measure(python: Path) -> dict[str, Any]:
    done = subprocess.run(
        [python, "-c", SCRIPT],
        env={"FASTLABEL_ACCESS_TOKEN": "none"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
