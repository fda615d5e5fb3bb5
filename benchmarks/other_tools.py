"""Turn a COCO file into YOLO labels, with this package and with datumaro, supervision and globox.

All read the same file of boxes and write a text file an image, each in an interpreter of its
own; the import of the tool counts, as a command line pays it too. supervision opens every image for
its size, so there are images, as small as they can be.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from tests.compat.venvs import environment_python

from benchmarks import table
from benchmarks.pictures import BOXES, CLASSES, SIZE_WH, boxes
from benchmarks.table import Table
from benchmarks.workbench import Workbench

IMAGES = int(os.environ.get("BENCHMARK_TASKS", "20000"))
TOOLS = {
    "datumaro": "datumaro==1.13.12",
    "supervision": "supervision==0.31.2",
    "globox": "globox==2.9.0",
}
SCRIPT = Path(__file__).parent / "scripts" / "coco_to_yolo.py"


def run(bench: Workbench) -> Table:
    folder = bench.folder("other-tools")
    images = folder / "images"
    images.mkdir(parents=True)
    # Datumaro takes the folder, and the name of the split, from the path.
    coco = folder / "annotations" / "instances_train.json"
    coco.parent.mkdir()
    coco.write_text(json.dumps(_coco()))
    picture = folder / "picture.png"
    Image.new("1", SIZE_WH).save(picture)
    for number in range(IMAGES):
        os.link(picture, images / _name(number))

    ours = _run(Path(sys.executable), "fastlabel", coco, images, folder / "fastlabel")
    found = Table(f"COCO to YOLO, {IMAGES:,} images of {BOXES} boxes", "the other tool")
    for tool, requirement in TOOLS.items():
        python = environment_python(tool, (requirement,))
        theirs = _run(python, tool, coco, images, folder / tool)
        if theirs["lines"] < ours["lines"]:
            raise RuntimeError(f"{tool} wrote {theirs['lines']:,} rows, ours {ours['lines']:,}")
        found.rows += [
            table.faster(f"than {requirement}", ours["seconds"], theirs["seconds"], "s"),
            table.faster("of that on a processor", ours["processor_s"], theirs["processor_s"], "s"),
            table.faster("peak of resident memory", ours["peak_mb"], theirs["peak_mb"], "MB"),
        ]
    return found


def _name(number: int) -> str:
    return f"image-{number:05}.png"


def _coco() -> dict[str, Any]:
    width, height = SIZE_WH
    rows = []
    for number in range(IMAGES):
        for given in boxes(number):
            x1, y1, x2, y2 = given["points"]
            rows.append(
                {
                    "id": len(rows) + 1,
                    "image_id": number + 1,
                    "category_id": CLASSES.index(given["value"]) + 1,
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "area": (x2 - x1) * (y2 - y1),
                    "segmentation": [],
                    "iscrowd": 0,
                }
            )
    return {
        "images": [
            {"id": number + 1, "file_name": _name(number), "width": width, "height": height}
            for number in range(IMAGES)
        ],
        "categories": [{"id": at, "name": name} for at, name in enumerate(CLASSES, start=1)],
        "annotations": rows,
    }


def _run(python: Path, tool: str, coco: Path, images: Path, output: Path) -> dict[str, Any]:
    done = subprocess.run(
        [python, "-I", SCRIPT, tool, coco, images, output],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
