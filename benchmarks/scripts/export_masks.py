"""Run by either client's interpreter: export tasks as masks or drawn, print time and memory."""

import contextlib
import io
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
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


method, tasks_path, images, output = sys.argv[1:]
tasks = json.loads(Path(tasks_path).read_text())
options = {"image_dir": images} if method == "export_image_with_annotations" else {}
client = fastlabel.Client()
# 5 resets the high-water mark: what reading the file took on top does not count.
Path("/proc/self/clear_refs").write_text("5")
processor = processor_s()
begin = time.perf_counter()
# The older client tells of each file.
with contextlib.redirect_stdout(io.StringIO()):
    getattr(client, method)(tasks=tasks, output_dir=output, **options)
seconds = time.perf_counter() - begin
processor = processor_s() - processor
files = [path for path in Path(output).rglob("*") if path.is_file()]
print(
    json.dumps(
        {
            "seconds": seconds,
            "processor_s": processor,
            "peak_mb": status_mb("VmHWM"),
            "files": len(files),
            "written_mb": sum(path.stat().st_size for path in files) / 1e6,
        }
    )
)
