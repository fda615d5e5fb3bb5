"""Run by either client's interpreter: export tasks as COCO, print time, memory and counts."""

import json
import resource
import sys
import time
from pathlib import Path

import fastlabel

project, tasks_path, output = sys.argv[1:]
tasks = json.loads(Path(tasks_path).read_text())
client = fastlabel.Client()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
begin = time.perf_counter()
client.export_coco(project=project, tasks=tasks, output_dir=output)
seconds = time.perf_counter() - begin
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
written = json.loads(Path(output, "annotations.json").read_text())
print(
    json.dumps(
        {
            "seconds": seconds,
            "added_mb": (peak - before) * 1024 / 1e6,
            "images": len(written["images"]),
            "annotations": len(written["annotations"]),
        }
    )
)
