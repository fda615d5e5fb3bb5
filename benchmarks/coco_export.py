"""Write 20,000 tasks of 10 annotations as COCO, by `client.export_coco` of both clients.

Both run the same script on the same tasks, half boxes and half polygons of 12 points, each in
an interpreter of its own; only the call is timed. What they wrote is compared by number.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

from benchmarks import table
from benchmarks.official import OFFICIAL, run_script
from benchmarks.pictures import BOXES, CLASSES, SIZE_WH, boxes
from benchmarks.table import Table
from benchmarks.workbench import Workbench

TASKS = 20_000
POLYGON_POINTS = 12


def run(bench: Workbench) -> Table:
    folder = bench.folder("coco-export")
    folder.mkdir()
    server = bench.server
    project = server.create_project("coco-export", "image_all")
    tasks = folder / "tasks.json"
    tasks.write_text(json.dumps([example_task(number) for number in range(TASKS)]))

    arguments = ("export_coco", server, project, tasks)
    ours = json.loads(run_script(*arguments, folder / "ours", python=Path(sys.executable)))
    theirs = json.loads(run_script(*arguments, folder / "official"))
    for key in ("images", "annotations"):
        if ours[key] != theirs[key]:
            raise RuntimeError(f"{key}: ours wrote {ours[key]:,}, the official {theirs[key]:,}")
    found = Table(
        f"Write {TASKS:,} tasks of {BOXES} annotations as COCO", f"official client {OFFICIAL}"
    )
    found.rows = [
        table.faster("export_coco", ours["seconds"], theirs["seconds"], "s", at_least=20),
        table.faster("of that on a processor", ours["processor_s"], theirs["processor_s"], "s"),
        table.faster("peak of resident memory meanwhile", ours["peak_mb"], theirs["peak_mb"], "MB"),
        table.faster("of that the tasks in memory", ours["held_mb"], theirs["held_mb"], "MB"),
    ]
    return found


def example_task(number: int) -> dict[str, Any]:
    """Return a task as the API does."""
    width, height = SIZE_WH
    shapes = [
        given if index % 2 else given | {"type": "polygon", "points": _polygon(number + index)}
        for index, given in enumerate(boxes(number))
    ]
    return {
        "id": f"00000000-0000-7000-8000-{number:012}",
        "name": f"image-{number:05}.jpg",
        "url": f"http://127.0.0.1/pictures/{number}.jpg",
        "width": width,
        "height": height,
        "status": "completed",
        "externalStatus": "registered",
        "priority": 0,
        "tags": [],
        "annotations": [
            {
                "id": f"00000000-0000-7000-9000-{number * BOXES + index:012}",
                "title": given["value"],
                "color": f"#{CLASSES.index(given['value']):06x}",
                "rotation": 0,
                "keypoints": [],
                "attributes": [],
                "confidenceScore": -1,
                **given,
            }
            for index, given in enumerate(shapes)
        ],
        "relations": [],
        "createdAt": "2026-01-01T00:00:00.000Z",
        "updatedAt": "2026-01-01T00:00:00.000Z",
    }


def _polygon(seed: int) -> list[float]:
    source = random.Random(seed)
    return [source.uniform(0, min(SIZE_WH)) for _ in range(2 * POLYGON_POINTS)]
