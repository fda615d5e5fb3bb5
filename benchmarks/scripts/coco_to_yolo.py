"""Run by an interpreter that has the tool: turn a COCO file into YOLO labels, print what it took.

Arguments: the tool, the COCO file, the folder of its images, the folder to write to.
"""

import json
import re
import resource
import sys
import time
from pathlib import Path


def fastlabel(coco: Path, images: Path, output: Path) -> None:
    from fastlabel import formats

    found, _ = formats.read("coco", coco)
    formats.write("yolo", (one.task for one in found), output)


def globox(coco: Path, images: Path, output: Path) -> None:
    from globox import AnnotationSet

    found = AnnotationSet.from_coco(file_path=coco)
    labels = sorted(found._labels())
    found.save_yolo(output, label_to_id={label: index for index, label in enumerate(labels)})


def supervision(coco: Path, images: Path, output: Path) -> None:
    from supervision import DetectionDataset

    found = DetectionDataset.from_coco(str(images), str(coco))
    found.as_yolo(annotations_directory_path=str(output), data_yaml_path=str(output / "data.yaml"))


def datumaro(coco: Path, images: Path, output: Path) -> None:
    from datumaro import Dataset

    found = Dataset.import_from(str(coco), "coco_instances")
    found.export(str(output), "yolo", save_media=False)


def peak_mb() -> float:
    (found,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found) * 1024 / 1e6


tool, *paths = sys.argv[1:]
begin = time.perf_counter()
globals()[tool](*map(Path, paths))
wall = time.perf_counter() - begin
used = resource.getrusage(resource.RUSAGE_SELF)
lists = ("classes.txt", "train.txt")
files = [path for path in Path(paths[2]).rglob("*.txt") if path.name not in lists]
lines = sum(len(path.read_text().splitlines()) for path in files)
print(
    json.dumps(
        {
            "seconds": wall,
            "processor_s": used.ru_utime + used.ru_stime,
            "peak_mb": peak_mb(),
            "files": len(files),
            "lines": lines,
        }
    )
)
