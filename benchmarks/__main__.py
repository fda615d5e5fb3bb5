"""Run benchmarks and print what they found."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from pathlib import Path

from rich.console import Console

from benchmarks import (
    bucket_import,
    coco_export,
    cold_start,
    create,
    datasets,
    dicom,
    export_memory,
    file_formats,
    import_time,
    masks_export,
    media_memory,
    offset,
    other_tools,
    page,
    uploads,
)
from benchmarks.workbench import Workbench

BENCHMARKS = {
    "import": import_time.run,
    "start": cold_start.run,
    "coco": coco_export.run,
    "masks": masks_export.run,
    "files": file_formats.run,
    "tools": other_tools.run,
    "create": create.run,
    "list": page.run,
    "uploads": uploads.run,
    "media": media_memory.run,
    "dicom": dicom.run,
    "offset": offset.run,
    "bucket": bucket_import.run,
    "export": export_memory.run,
    "datasets": datasets.run,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)}; all if none is given"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - BENCHMARKS.keys()
    if unknown:
        parser.error(f"{', '.join(sorted(unknown))}: expected one of {', '.join(BENCHMARKS)}")
    # As wide as needed where the output goes to a file.
    console = Console(width=None if sys.stdout.isatty() else 140)
    tables = {}
    with Workbench() as bench:
        for name in arguments.names or BENCHMARKS:
            load = os.getloadavg()[0]
            tables[name] = BENCHMARKS[name](bench)
            tables[name].notes.append(f"load of the machine when it began: {load:.1f}")
            console.print(tables[name].shown())
    if arguments.json:
        figures = {
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "benchmarks": {name: table.to_json() for name, table in tables.items()},
        }
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
