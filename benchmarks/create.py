"""Create 1,000 image tasks with 10 boxes each, from one client.

Both sides get the same JPEG files of about 40 KB and the same boxes. The budget is held
against the fastest way into Label Studio that takes the files in (see `label_studio.py`).
Its import of URLs is shown beside it, in its favour: ours still takes in, checks and stores
every file. One call per task is measured on fewer tasks, and given per task.
"""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks import table
from benchmarks.label_studio import VERSION
from benchmarks.official import OFFICIAL, run_script
from benchmarks.pictures import boxes, write_pictures
from benchmarks.processes import processor_seconds
from benchmarks.server import Server
from benchmarks.table import Table
from benchmarks.timing import seconds
from benchmarks.workbench import Workbench

TASKS = 1000
SINGLE_TASKS = 100


def run(bench: Workbench) -> Table:
    pictures = write_pictures(bench.folder("create-pictures"), TASKS)
    # First: our worker goes on making thumbnails when our calls are answered.
    studio = bench.label_studio
    project = studio.create_project("files")
    files = seconds(lambda: studio.import_files(project, pictures))
    project = studio.create_project("one by one")
    single = seconds(lambda: studio.import_one_by_one(project, pictures[:SINGLE_TASKS]))
    project = studio.create_project("urls")
    urls = seconds(lambda: studio.import_urls(project, TASKS))
    server = bench.server
    before = processor_seconds(server.pid)
    bulk = _create_folder(server, pictures)
    processor = processor_seconds(server.pid) - before
    one_by_one = _create_one_by_one(server, pictures[:SINGLE_TASKS])
    official = _create_officially(server, pictures[:SINGLE_TASKS])
    found = Table(f"Create {TASKS:,} image tasks with 10 boxes each", f"Label Studio {VERSION}")
    found.rows = [
        table.faster("files and boxes, as many as can be at a time", bulk, files, "s", at_least=10),
        table.faster("as above; there only URLs and boxes, no files", bulk, urls, "s"),
        table.alone("the first on a processor, in our server", processor, "s"),
        table.faster(
            "one call after the other, per task",
            1000 * one_by_one / SINGLE_TASKS,
            1000 * single / SINGLE_TASKS,
            "ms",
        ),
        table.faster(
            f"the same by the official client {OFFICIAL}, per task",
            1000 * official / SINGLE_TASKS,
            1000 * single / SINGLE_TASKS,
            "ms",
        ),
    ]
    return found


def _create_folder(server: Server, pictures: list[Path]) -> float:
    project = server.create_project("create-folder")
    annotations = {path.name: boxes(number) for number, path in enumerate(pictures)}
    with server.client() as client:
        took = seconds(
            lambda: client.create_image_tasks_from_folder(
                project, pictures[0].parent, annotations, progress=False, raise_failures=True
            )
        )
        count = client.count_tasks(project)
    if count != len(pictures):
        raise RuntimeError(f"expected {len(pictures)} tasks, the server has {count}")
    return took


def _create_one_by_one(server: Server, pictures: list[Path]) -> float:
    project = server.create_project("create-one-by-one")
    with server.client() as client:

        def create() -> None:
            for number, path in enumerate(pictures):
                client.create_image_task(project, path.name, path, annotations=boxes(number))

        return seconds(create)


def _create_officially(server: Server, pictures: list[Path]) -> float:
    """Return the seconds that the official client's calls take, its import left out."""
    project = server.create_project("create-officially")
    annotations = [boxes(number) for number in range(len(pictures))]
    answer = run_script("create", server, project, *pictures, stdin=json.dumps(annotations))
    return float(answer)
