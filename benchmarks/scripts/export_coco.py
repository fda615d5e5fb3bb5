"""Run by either client's interpreter: export tasks as COCO, print time, memory and counts."""

import json
import re
import sys
import time
from pathlib import Path

import fastlabel


def status_mb(field):
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 / 1e6


project, tasks_path, output = sys.argv[1:]
tasks = json.loads(Path(tasks_path).read_text())
client = fastlabel.Client()
# 5 resets the high-water mark: what reading the file took on top does not count.
Path("/proc/self/clear_refs").write_text("5")
held = status_mb("VmRSS")
begin = time.perf_counter()
client.export_coco(project=project, tasks=tasks, output_dir=output)
seconds = time.perf_counter() - begin
peak = status_mb("VmHWM")
written = json.loads(Path(output, "annotations.json").read_text())
print(
    json.dumps(
        {
            "seconds": seconds,
            "held_mb": held,
            "peak_mb": peak,
            "images": len(written["images"]),
            "annotations": len(written["annotations"]),
        }
    )
)
