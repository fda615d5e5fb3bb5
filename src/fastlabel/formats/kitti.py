"""KITTI: cuboids of clouds as `label_2/<name>.txt`, a line each.

Specification: the readme of the object development kit, https://www.cvlibs.net/datasets/kitti/
Columns: type, truncated, occluded, alpha, the box in the picture (left, top, right, bottom),
height, width, length, the place x, y, z, rotation_y, and, where there is one, a score.

Axes: KITTI labels lie in the axes of a camera: x right, y down, z forward; the place is the
middle of the bottom; rotation_y turns about y, and at 0 the length lies along x. Our cuboids
lie in the axes of the cloud, which are those of a KITTI laser scanner: x forward, y left, z
up; the place is the centre, and at rotation z = 0 the length lies along x. One is turned into
the other, with no camera's offset or tilt between them:

    x = -y of the cloud             height = length z
    y = -z of the cloud + height/2  width  = length y
    z =  x of the cloud             length = length x
    rotation_y = -(rotation z) - pi/2

So labels of KITTI itself come out in the axes of their camera, turned; to lay them over the
scans of their `velodyne` folder takes the calibration of the sequence besides.

Lost on the way out: rotation about x and y, as KITTI's objects stand upright; whitespace in
class values becomes "_"; attributes; the point indices of segmentations. The report counts
them. The box in the picture is 0, truncated and occluded are -1: nothing is known of them.
Numbers have six decimals. A sequence becomes a folder with a file for each frame, from
`000000.txt`.

The reader passes over `DontCare`, truncated, occluded, alpha, the box in the picture and the
score. A task has the name of its file, with the extension `.pcd`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from fastlabel.formats.base import Dataset, Format, ReadTask, Task, kind_of
from fastlabel.formats.checks import well_formed
from fastlabel.formats.fields import ATTRIBUTES_LOST, NO_SPACES, attributes_of, one_word
from fastlabel.formats.frames import at_frame
from fastlabel.formats.plaintext import finite_number, read_text
from fastlabel.formats.report import ReadReport, Report
from fastlabel.formats.target import FileNames, Target
from fastlabel.shapes import CUBOID, Shape

FOLDER: Final = "label_2/"
TILTED: Final = "rotation about x and y left out"
NO_FRAMES: Final = "the object is in no frame"
_COLUMNS: Final = (15, 16)
_UNKNOWN: Final = "-1 -1"
_NO_BOX: Final = "0 0 0 0"


def write(dataset: Dataset, target: Target, report: Report) -> None:
    """Write each task of a cloud as a file, and of a sequence of clouds as one for each frame.

    Raises:
        FastLabelInvalidException: another kind of tasks.
    """
    kind = kind_of(dataset, "pcd", "KITTI", sequences=True)
    report.noun = "cloud"
    shapes: Mapping[str, Shape] = {CUBOID.type: kind.shapes[CUBOID.type]}
    names = FileNames(report.renamed)
    for task in dataset.tasks:
        found = list(well_formed(task, shapes, report))
        if kind.shows_contents:
            folder = names.place(task["name"], "", FOLDER)
            for number, frame in enumerate(_frames(task, found, report)):
                target.write(f"{folder}/{number:06}.txt", _file_text(frame, report))
                report.images += 1
        else:
            target.write(names.place(task["name"], ".txt", FOLDER), _file_text(found, report))
            report.images += 1


def _frames(
    task: Task, found: list[tuple[Mapping[str, Any], str]], report: Report
) -> Iterator[list[tuple[Mapping[str, Any], str]]]:
    """Yield the cuboids of each frame, in the order of the frames."""
    last = len(task.get("contents") or ())
    for annotation, where in found:
        if not annotation["points"]:
            report.leave_out(annotation, NO_FRAMES, where)
        last = max([last, *map(int, annotation["points"])])
    for number in range(1, last + 1):
        frame: list[tuple[Mapping[str, Any], str]] = []
        for annotation, where in found:
            placed = at_frame(annotation, str(number))
            if placed is not None:
                frame.append((placed, f"{where}.points['{number}']"))
        yield frame


def _file_text(found: Iterable[tuple[Mapping[str, Any], str]], report: Report) -> str:
    lines = []
    for annotation, where in found:
        value = one_word(annotation["value"])
        lines.append(f"{value} {_UNKNOWN} {_numbers(annotation['points'])}\n")
        report.wrote(annotation)
        _, _, _, tilt_x, tilt_y, *_ = annotation["points"]
        if tilt_x or tilt_y:
            report.change(annotation, TILTED, where)
        if value != annotation["value"]:
            report.change(annotation, NO_SPACES, where)
        if attributes_of(annotation):
            report.change(annotation, ATTRIBUTES_LOST, where)
    return "".join(lines)


def _numbers(points: Any) -> str:
    """Return the columns from alpha on."""
    x, y, z, _, _, yaw, length, width, height = points
    place = (-y, -z + height / 2, x)
    rotation_y = _half_turn(-yaw - math.pi / 2)
    # The angle at which the camera sees the object.
    alpha = _half_turn(rotation_y - math.atan2(place[0], place[2]))
    rest = " ".join(f"{number:.6f}" for number in (height, width, length, *place, rotation_y))
    return f"{alpha:.6f} {_NO_BOX} {rest}"


def _half_turn(angle: float) -> float:
    """Return an angle from -pi to pi that means the same."""
    return math.remainder(angle, 2 * math.pi)


def read(source: Path, report: ReadReport) -> Iterator[ReadTask]:
    """Read a file of labels, or all of a folder and those below it: `label_2` if it has one.

    Raises:
        FastLabelInvalidException: there is no such file, or it is no text.
    """
    folder = source / FOLDER if (source / FOLDER).is_dir() else source
    for path in sorted(folder.rglob("*.txt")) if folder.is_dir() else [folder]:
        text = read_text(path)
        base = path.relative_to(folder) if folder.is_dir() else Path(path.name)
        name = base.with_suffix(".pcd").as_posix()
        task: dict[str, Any] = {"name": name, "annotations": []}
        for number, line in enumerate(text.splitlines(), start=1):
            columns = line.split()
            if not columns or columns[0] == "DontCare":
                continue
            try:
                points = _points(columns)
            except ValueError as error:
                report.problem(f"{path}:{number}", str(error))
                continue
            task["annotations"].append({"type": CUBOID.type, "value": columns[0], "points": points})
            report.annotations += 1
        report.images += 1
        yield ReadTask(task, _cloud(path, folder, base))


def _cloud(path: Path, folder: Path, base: Path) -> Path | None:
    for place in (path.with_suffix(".pcd"), folder.parent / "velodyne" / base.with_suffix(".pcd")):
        if place.is_file():
            return place
    return None


def _points(columns: list[str]) -> list[float]:
    """Return a cuboid of the columns of a line.

    Raises:
        ValueError: their number, or a column that is no number.
    """
    if len(columns) not in _COLUMNS:
        raise ValueError(f"expected 15 columns, or 16 with a score, got {len(columns)}")
    height, width, length, x, y, z, rotation_y = (
        finite_number(column, f"column {place}")
        for place, column in enumerate(columns[8:15], start=9)
    )
    yaw = _half_turn(-rotation_y - math.pi / 2)
    # 0 is added so that no -0.0 is left.
    return [z, -x + 0.0, -y + height / 2, 0, 0, yaw, length, width, height]


KITTI = Format("kitti", "KITTI", ("pcd",), write=write, read=read, takes="a .txt file or a folder")
