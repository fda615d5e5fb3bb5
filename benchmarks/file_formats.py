"""Export tasks of 10 annotations as YOLO, Pascal VOC and labelme, and convert them back.

Both clients do the same jobs, each in an interpreter of its own; only the calls are timed.
The tasks are those of the COCO benchmark, half boxes and half polygons of 12 points. Both
convert the files that ours wrote; images are small, as only their size is read. What the
official client takes for some jobs grows with the square of the tasks; these do fewer.

Formats with a file for each task are bounded by how fast the system makes files: for each, the
files that ours wrote are written again by a bare loop. On ext4 that takes up to twenty times as
long for minutes after many files were deleted, as the kernel then passes over their inodes one by
one; so nothing is deleted in between, and a run should not follow another at once.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks import table
from benchmarks.coco_export import example_task
from benchmarks.official import OFFICIAL, run_script
from benchmarks.pictures import BOXES, CLASSES, SIZE_WH
from benchmarks.table import Table
from benchmarks.workbench import Workbench

TASKS = int(os.environ.get("BENCHMARK_TASKS", "20000"))
FEW_TASKS = min(TASKS, 2_000)
"""What is exported as YOLO without a list of classes."""
CONVERTED_TASKS = min(TASKS, 4_000)

BUDGETED = ("export_yolo", "export_pascalvoc", "export_labelme", "convert_coco")

FOLDERS = {
    "export_yolo with classes": "yolo-classes",
    "export_pascalvoc": "voc",
    "export_labelme": "me",
}
"""Where ours writes formats with a file for each task."""

Job = tuple[str, str, dict[str, Any]]


def run(bench: Workbench) -> Table:
    folder = bench.folder("file-formats")
    folder.mkdir()
    project = bench.server.create_project("file-formats", "image_all")
    tasks = folder / "tasks.json"
    tasks.write_text(json.dumps([example_task(number) for number in range(TASKS)]))

    def times(name: str, jobs: list[Job], python: Path | None) -> dict[str, list[float]]:
        path = folder / f"{name}.json"
        path.write_text(json.dumps(jobs))
        found: dict[str, list[float]] = json.loads(
            run_script("file_formats", bench.server, tasks, path, python=python)
        )
        return found

    own = Path(sys.executable)
    ours = times("ours", _exports(project, folder / "ours", TASKS), own)
    theirs = times("official", _exports(project, folder / "official", TASKS), None)
    bare = {
        name: _bare_writing(folder / "ours" / written, folder / "bare" / written)
        for name, written in FOLDERS.items()
    }
    times("to-convert", _exports(project, folder / "to-convert", CONVERTED_TASKS), own)
    conversions = _conversions(folder / "to-convert", folder)
    ours |= times("ours-back", conversions, own)
    theirs |= times("official-back", conversions, None)
    found = Table(
        f"Export {TASKS:,} tasks of {BOXES} annotations, and convert some of them",
        f"official client {OFFICIAL}",
    )
    for name, (wall_s, processor_s) in ours.items():
        budget = 20 if name in BUDGETED else None
        found.rows += [
            table.faster(name, wall_s, theirs[name][0], "s", at_least=budget),
            table.faster("of that on a processor", processor_s, theirs[name][1], "s"),
        ]
        if name in bare:
            found.rows.append(
                table.faster("its files, only written", bare[name], theirs[name][0], "s")
            )
    found.notes += [
        f"YOLO without classes: {FEW_TASKS:,} tasks",
        f"conversions: {CONVERTED_TASKS:,} tasks, YOLO {FEW_TASKS:,}",
    ]
    return found


def _bare_writing(written: Path, folder: Path) -> float:
    """Return the seconds that it takes to write the files of a folder once more."""
    contents = [path.read_bytes() for path in written.rglob("*") if path.is_file()]
    folder.mkdir(parents=True)
    begin = time.perf_counter()
    for number, content in enumerate(contents):
        with open(f"{folder}/{number}", "wb", buffering=0) as file:  # noqa: PTH123
            file.write(content)
    return time.perf_counter() - begin


def _exports(project: str, output: Path, tasks: int) -> list[Job]:
    given = {"project": project, "tasks": tasks}
    return [
        (
            "export_yolo",
            "export_yolo",
            {**given, "tasks": min(tasks, FEW_TASKS), "output_dir": str(output / "yolo")},
        ),
        (
            "export_yolo with classes",
            "export_yolo",
            {**given, "classes": list(CLASSES), "output_dir": str(output / "yolo-classes")},
        ),
        ("export_pascalvoc", "export_pascalvoc", {**given, "output_dir": str(output / "voc")}),
        ("export_labelme", "export_labelme", {"tasks": tasks, "output_dir": str(output / "me")}),
        (
            "export_coco, for its conversion",
            "export_coco",
            {**given, "output_dir": str(output / "coco")},
        ),
    ]


def _conversions(written: Path, folder: Path) -> list[Job]:
    classes = folder / "classes.txt"
    shutil.move(written / "yolo" / "classes.txt", classes)
    labels = written / "yolo" / "annotations"
    picture = folder / "picture.png"
    Image.new("1", SIZE_WH).save(picture)
    for path in list(labels.glob("*.txt")):
        shutil.copyfile(picture, path.with_suffix(".png"))
    coco = {"file_path": str(written / "coco" / "annotations.json"), "annotation_type": "polygon"}
    yolo = {
        "classes_file_path": str(classes),
        "dataset_folder_path": str(labels),
        "project_type": "bbox",
    }
    return [
        ("convert_coco", "convert_coco_to_fastlabel", coco),
        ("convert_yolo", "convert_yolo_to_fastlabel", yolo),
        (
            "convert_pascalvoc",
            "convert_pascalvoc_to_fastlabel",
            {"folder_path": str(written / "voc")},
        ),
        ("convert_labelme", "convert_labelme_to_fastlabel", {"folder_path": str(written / "me")}),
    ]
