"""Write index masks of tasks, and their images with annotations drawn, by both clients.

Both run the same script on the same tasks of 640 x 480 pixels, half boxes and half polygons of
12 points, each in an interpreter of its own; only the call is timed.
"""

from __future__ import annotations

import json
import math
import random
import sys
from pathlib import Path
from typing import Any

from benchmarks import table
from benchmarks.official import OFFICIAL, run_script
from benchmarks.pictures import BOXES, CLASSES, SIZE_WH, boxes, write_pictures
from benchmarks.table import Table
from benchmarks.workbench import Workbench

TASKS = 500
POLYGON_POINTS = 12
METHODS = (
    "export_instance_segmentation",
    "export_semantic_segmentation",
    "export_image_with_annotations",
)


def run(bench: Workbench) -> Table:
    folder = bench.folder("masks-export")
    images = folder / "images"
    names = [path.name for path in write_pictures(images, TASKS)]
    tasks = folder / "tasks.json"
    tasks.write_text(json.dumps([_task(number, name) for number, name in enumerate(names)]))

    found = Table(
        f"Write masks of {TASKS:,} tasks of {BOXES} annotations", f"official client {OFFICIAL}"
    )
    for method in METHODS:
        arguments = ("export_masks", bench.server, method, tasks, images)
        ours = json.loads(
            run_script(*arguments, folder / f"ours-{method}", python=Path(sys.executable))
        )
        theirs = json.loads(run_script(*arguments, folder / f"official-{method}"))
        if ours["files"] != theirs["files"]:
            raise RuntimeError(f"{method}: {ours['files']} files, official {theirs['files']}")
        found.rows += [
            table.faster(method, ours["seconds"], theirs["seconds"], "s"),
            table.faster("of that on processors", ours["processor_s"], theirs["processor_s"], "s"),
            table.faster("peak of resident memory", ours["peak_mb"], theirs["peak_mb"], "MB"),
            table.faster(
                "size of what was written", ours["written_mb"], theirs["written_mb"], "MB"
            ),
        ]
    return found


def _task(number: int, name: str) -> dict[str, Any]:
    """Return the part of a task that these exports read."""
    width, height = SIZE_WH
    return {
        "name": name,
        "width": width,
        "height": height,
        "annotations": [
            {
                "color": f"#{CLASSES.index(given['value']):06x}",
                "rotation": 0,
                **(given if index % 2 else given | {"type": "polygon", "points": _star(number)}),
            }
            for index, given in enumerate(boxes(number))
        ],
    }


def _star(seed: int) -> list[float]:
    """Return a polygon that runs clockwise and does not cross itself."""
    source = random.Random(seed)
    width, height = SIZE_WH
    points: list[float] = []
    for corner in range(POLYGON_POINTS):
        angle, reach = 2 * math.pi * corner / POLYGON_POINTS, source.uniform(0.1, 0.45)
        points += (
            width / 2 + width * reach * math.cos(angle),
            height / 2 + height * reach * math.sin(angle),
        )
    return points
