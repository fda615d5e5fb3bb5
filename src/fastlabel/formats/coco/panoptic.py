"""COCO panoptic: a PNG for each image whose colours are numbers of segments, and a JSON file.

Specification: https://cocodataset.org/#format-data; a segment's number is r + 256 g + 65,536 b,
and 0 where there is none. The JSON file is `panoptic.json`, and the PNGs lie in `panoptic/`.
Axes: pixels, origin top left, x right, y down; `bbox` is xywh.

Lost on the way out: all types but boxes, polygons and segmentations, what lies beneath later
annotations, attributes, and parts of a pixel. Every class counts as a thing. Segments are read
as segmentations, those of crowds too; the PNGs may be of any kind that OpenCV reads.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from fastlabel.formats.base import Dataset, ReadTask, Task
from fastlabel.formats.checks import NO_CLASS
from fastlabel.formats.coco.categories import CategoryCollector, first_ids
from fastlabel.formats.coco.read import list_of
from fastlabel.formats.fields import value_of
from fastlabel.formats.folders import media_beside
from fastlabel.formats.frames import images_of
from fastlabel.formats.index_masks import (
    NO_PIXEL,
    reason_to_leave_out,
    reason_to_skip,
)
from fastlabel.formats.jsontext import load_json
from fastlabel.formats.parallel import in_threads
from fastlabel.formats.png import rgb_png
from fastlabel.formats.report import ReadReport, Report
from fastlabel.formats.target import FileNames, Target

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FILE_NAME = "panoptic.json"
FOLDER = "panoptic/"

PARTLY_HIDDEN = "partly hidden beneath later annotations"
HIDDEN = "hidden beneath later annotations"


def write(dataset: Dataset, target: Target, report: Report) -> None:
    """Write image tasks, or videos by their frames, as COCO panoptic.

    Categories are those of `coco.write`. Segments are numbered from 1 in each image.

    Raises:
        FastLabelInvalidException: a project type that cannot be written, or a loss where the
            report is strict.
    """
    images = images_of(dataset, target, report, "COCO panoptic")
    collector = CategoryCollector(None)
    for _ in collector.collect(images):
        pass
    categories = collector.categories(dataset.classes)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as rows:
        plans = _plans(images, first_ids(categories), report)
        for image_id, (plan, png, segments) in enumerate(in_threads(_drawn, plans), start=1):
            target.write(FOLDER + plan.file_name, png)
            report.images += 1
            _count(plan, segments, report)
            rows.write(json.dumps(_entries(plan, segments, image_id), ensure_ascii=False) + "\n")
        with target.open_text(FILE_NAME) as file:
            file.write('{"images": [')
            _copy(rows, 0, file)
            file.write('], "annotations": [')
            _copy(rows, 1, file)
            shown = [_category(category) for category in categories]
            file.write(f'], "categories": {json.dumps(shown, ensure_ascii=False)}}}')


def read(source: Path, report: ReadReport) -> Iterator[ReadTask]:
    """Read a COCO panoptic file; the PNGs lie in the folder of its name without `.json`.

    Raises:
        FastLabelInvalidException: no such file, or it is no COCO file.
    """
    content = load_json(source)
    images, rows, categories = (
        list_of(content, name, source) for name in ("images", "annotations", "categories")
    )
    names = {one.get("id"): one.get("name") for one in categories}
    by_image: dict[Any, tuple[int, dict[str, Any]]] = {}
    for index, row in enumerate(rows):
        if row.get("image_id") in by_image:
            where = f"{source}: annotations[{index}].image_id"
            report.problem(where, f"image {row.get('image_id')!r} has one before")
        else:
            by_image[row.get("image_id")] = (index, row)
    for index, image in enumerate(images):
        name = image.get("file_name")
        found = by_image.pop(image.get("id"), None)
        if not isinstance(name, str) or not name:
            report.problem(f"{source}: images[{index}].file_name", f"no name, but {name!r}")
            continue
        task: dict[str, Any] = {"name": name, "annotations": []}
        task.update((key, image[key]) for key in ("width", "height") if key in image)
        if found:
            at, row = found
            where = f"{source}: annotations[{at}]"
            task["annotations"] = list(_annotations(source, row, names, where, report))
        report.images += 1
        report.annotations += len(task["annotations"])
        yield ReadTask(task, media_beside(source, name))
    for image_id, (at, _) in by_image.items():
        report.problem(f"{source}: annotations[{at}].image_id", f"there is no image {image_id!r}")


@dataclass(frozen=True)
class _Plan:
    """One image to draw."""

    task: Task
    file_name: str
    annotations: list[tuple[int, Mapping[str, Any]]]
    """With their places in the task."""
    category_ids: list[int]


def _plans(
    images: Iterable[Task], category_ids: Mapping[str, int], report: Report
) -> Iterator[_Plan]:
    names = FileNames(report.renamed)
    for task in images:
        skipped = reason_to_skip(task)
        if skipped:
            report.skip(task, skipped)
            continue
        planned = []
        for place, annotation in enumerate(task.get("annotations") or ()):
            reason, detail = reason_to_leave_out(annotation)
            if not reason and value_of(annotation) not in category_ids:
                reason = NO_CLASS
            if reason:
                where = f"{task['name']}: annotations[{place}]{detail}"
                report.leave_out(annotation, reason, where)
            else:
                planned.append((place, annotation))
        ids = [category_ids[annotation["value"]] for _, annotation in planned]
        yield _Plan(task, names.place(str(task["name"]), ".png"), planned, ids)


class _Segment(NamedTuple):
    """An annotation in its PNG."""

    covered: int = 0
    """The pixels it has."""
    area: int = 0
    """Those of them that are seen."""
    box_xywh: Sequence[int] = ()


def _drawn(plan: _Plan) -> tuple[_Plan, bytes, list[_Segment]]:
    """Return the PNG, and what is seen of each annotation."""
    import numpy as np

    from fastlabel.masks import bounds_of_mask, patch

    shape_hw = plan.task["height"], plan.task["width"]
    numbers = np.zeros(shape_hw, np.uint32)
    windows = []
    for number, (_, annotation) in enumerate(plan.annotations, start=1):
        found = patch(annotation, shape_hw)
        windows.append((found.window, int(found.mask.sum())) if found else None)
        if found:
            numbers[found.window][found.mask] = number
    segments = []
    for number, window in enumerate(windows, start=1):
        if window is None:
            segments.append(_Segment())
            continue
        (rows, columns), covered = window
        seen = numbers[rows, columns] == number
        box = bounds_of_mask(seen)
        if box is None:
            segments.append(_Segment(covered))
            continue
        left, top, right, bottom = box
        box_xywh = [columns.start + left, rows.start + top, right - left, bottom - top]
        segments.append(_Segment(covered, int(seen.sum()), box_xywh))
    samples = numbers.astype("<u4").view(np.uint8).reshape(*shape_hw, 4)
    return plan, rgb_png(samples[:, :, :3]), segments


def _entries(plan: _Plan, segments: list[_Segment], image_id: int) -> list[dict[str, Any]]:
    """Return what the JSON file says of an image: in `images`, and in `annotations`."""
    task = plan.task
    shown = [
        {
            "id": number,
            "category_id": category_id,
            "area": segment.area,
            "bbox": segment.box_xywh,
            "iscrowd": 0,
        }
        for number, (category_id, segment) in enumerate(
            zip(plan.category_ids, segments, strict=True), start=1
        )
        if segment.area
    ]
    return [
        {
            "id": image_id,
            "file_name": task["name"],
            "width": task["width"],
            "height": task["height"],
        },
        {"image_id": image_id, "file_name": plan.file_name, "segments_info": shown},
    ]


def _count(plan: _Plan, segments: list[_Segment], report: Report) -> None:
    for (place, annotation), segment in zip(plan.annotations, segments, strict=True):
        where = f"{plan.task['name']}: annotations[{place}]"
        if not segment.area:
            report.leave_out(annotation, HIDDEN if segment.covered else NO_PIXEL, where)
            continue
        report.wrote(annotation)
        if segment.area < segment.covered:
            report.change(annotation, PARTLY_HIDDEN, where)


def _copy(rows: IO[str], part: int, file: IO[str]) -> None:
    rows.seek(0)
    separator = "\n"
    for line in rows:
        file.write(separator + json.dumps(json.loads(line)[part], ensure_ascii=False))
        separator = ",\n"


def _category(category: Mapping[str, Any]) -> dict[str, Any]:
    shown = {key: category[key] for key in ("id", "name", "supercategory")}
    color = category["color"].removeprefix("#")
    try:
        shown["color"] = list(bytes.fromhex(color))
    except ValueError:
        shown["color"] = []
    return {**shown, "isthing": 1}


def _annotations(
    source: Path,
    row: Mapping[str, Any],
    names: Mapping[Any, Any],
    where: str,
    report: ReadReport,
) -> Iterator[dict[str, Any]]:
    from fastlabel.masks import regions_of_mask

    numbers = _numbers(source, row, where, report)
    segments = row.get("segments_info")
    if numbers is None:
        return
    if not isinstance(segments, list):
        report.problem(f"{where}.segments_info", f"expected a list, got {segments!r}")
        return
    for index, segment in enumerate(segments):
        at = f"{where}.segments_info[{index}]"
        given: Mapping[str, Any] = segment if isinstance(segment, dict) else {}
        name = names.get(given.get("category_id"))
        if not isinstance(name, str) or not name:
            report.problem(f"{at}.category_id", f"no category {given.get('category_id')!r}")
            continue
        number = given.get("id")
        mask = numbers == number if isinstance(number, int) else None
        if mask is None or not mask.any():
            report.problem(f"{at}.id", f"{row['file_name']} has no pixel of segment {number!r}")
            continue
        regions = regions_of_mask(mask)
        yield {"type": "segmentation", "points": regions, "value": name, "attributes": []}


def _numbers(
    source: Path, row: Mapping[str, Any], where: str, report: ReadReport
) -> NDArray[np.uint32] | None:
    """Return the number of the segment of each pixel, None where the PNG cannot be read."""
    import cv2
    import numpy as np

    name = row.get("file_name")
    folder = source.with_suffix("")
    path = folder / str(name)
    if not isinstance(name, str) or not path.resolve().is_relative_to(folder.resolve()):
        report.problem(f"{where}.file_name", f"no name of a file in {folder}, but {name!r}")
        return None
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        report.problem(f"{where}.file_name", f"cannot be read: {error}")
        return None
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    if image is None:
        report.problem(f"{where}.file_name", f"{path} is no image")
        return None
    blue, green, red = (image[:, :, channel].astype(np.uint32) for channel in range(3))
    numbers: NDArray[np.uint32] = red + (green << 8) + (blue << 16)
    return numbers
