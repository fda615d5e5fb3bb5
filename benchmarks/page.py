"""Read a page of 1,000 image tasks with 10 boxes each.

Ours: `GET /v1/tasks/image?limit=1000`. Label Studio: its list of tasks with `fields=all` and
`page_size=1000`, which is what its web app and its SDK page through, and its JSON export of the
whole project, which leaves less out than one would think and is quicker. Wall time is that of
a bare HTTP client until the last byte is there, undecoded, on both sides.
"""

from __future__ import annotations

import re
import statistics

import httpx

from benchmarks import table
from benchmarks.label_studio import VERSION
from benchmarks.pictures import boxes, write_pictures
from benchmarks.table import Table
from benchmarks.timing import median_seconds
from benchmarks.workbench import Workbench

TASKS = 1000
REPEATS = 15
STUDIO_REPEATS = 3


def run(bench: Workbench) -> Table:
    # First: our worker goes on making thumbnails when our calls are answered.
    studio = bench.label_studio
    studio_project = studio.create_project("page")
    studio.import_urls(studio_project, TASKS)
    listed = median_seconds(lambda: studio.read_page(studio_project, TASKS), STUDIO_REPEATS)
    exported = median_seconds(lambda: studio.export(studio_project), STUDIO_REPEATS)
    project = bench.server.create_project("page")
    pictures = write_pictures(bench.folder("page-pictures"), TASKS)
    annotations = {path.name: boxes(number) for number, path in enumerate(pictures)}
    with bench.server.client() as client:
        client.create_image_tasks_from_folder(
            project, pictures[0].parent, annotations, progress=False, raise_failures=True
        )
    with bench.server.http() as http:
        server_ms = server_milliseconds(http, project, TASKS)
        ours = median_seconds(lambda: read_page(http, project, TASKS), REPEATS)
        size_mb = len(read_page(http, project, TASKS).content) / 1e6
    found = Table(f"Read {TASKS:,} image tasks with 10 boxes each", f"Label Studio {VERSION}")
    found.rows = [
        table.faster(
            "a page; there the list of tasks", 1000 * ours, 1000 * listed, "ms", at_least=20
        ),
        table.faster("a page; there the JSON export", 1000 * ours, 1000 * exported, "ms"),
        table.alone("time in our server, by its header Server-Timing", server_ms, "ms", under=50),
        table.alone("size of our page", size_mb, "MB"),
    ]
    return found


def read_page(http: httpx.Client, project: str, limit: int, offset: int = 0) -> httpx.Response:
    """Read one page of image tasks, undecoded."""
    query: dict[str, str | int] = {"project": project, "limit": limit}
    if offset:
        query["offset"] = offset
    return http.get("tasks/image", params=query).raise_for_status()


def server_milliseconds(http: httpx.Client, project: str, limit: int, offset: int = 0) -> float:
    """Return the median of the server's own time for a page."""
    read_page(http, project, limit, offset)
    return statistics.median(
        server_timing(read_page(http, project, limit, offset)) for _ in range(REPEATS)
    )


def server_timing(response: httpx.Response) -> float:
    """Return the milliseconds that our server took for an answer, by its own clock."""
    header = response.headers.get("Server-Timing", "")
    found = re.search(r"\bapp;dur=([\d.]+)", header)
    if found is None:
        raise RuntimeError(f"Server-Timing: expected app;dur=MILLISECONDS, got {header!r}")
    return float(found[1])
