"""Run by either client's interpreter: export tasks as COCO, print time, memory and counts."""

import json
import re
import resource
import sys
import time
from pathlib import Path

import fastlabel


def status_mb(field: str) -> float:
    (found,) = re.findall(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found) * 1024 / 1e6


def processor_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


project, tasks_path, output = sys.argv[1:]
tasks = json.loads(Path(tasks_path).read_text())
client = fastlabel.Client()
# 5 resets the high-water mark: what reading the file took on top does not count.
Path("/proc/self/clear_refs").write_text("5")
held = status_mb("VmRSS")
processor = processor_s()
begin = time.perf_counter()
client.export_coco(project=project, tasks=tasks, output_dir=output)
seconds = time.perf_counter() - begin
processor = processor_s() - processor
peak = status_mb("VmHWM")
written = json.loads(Path(output, "annotations.json").read_text())
print(
    json.dumps(
        {
            "seconds": seconds,
            "processor_s": processor,
            "held_mb": held,
            "peak_mb": peak,
            "images": len(written["images"]),
            "annotations": len(written["annotations"]),
        }
    )
)
