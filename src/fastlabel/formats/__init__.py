"""Dataset formats: one module reads and writes one format.

`write` and `read` are the doors for tasks that are at hand; `FORMATS` lists what there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.audacity import AUDACITY
from fastlabel.formats.base import Dataset, Format, ReadTask, Task, repeatable
from fastlabel.formats.coco import COCO, COCO_PANOPTIC, COCO_RLE
from fastlabel.formats.coco.dataset import COCO_DATASET
from fastlabel.formats.conll import CONLL
from fastlabel.formats.cvat import CVAT
from fastlabel.formats.datumaro import DATUMARO
from fastlabel.formats.hugging_face import HUGGING_FACE
from fastlabel.formats.index_masks import INSTANCE_MASKS, SEMANTIC_MASKS
from fastlabel.formats.kitti import KITTI
from fastlabel.formats.label_studio import LABEL_STUDIO
from fastlabel.formats.labelme import LABELME
from fastlabel.formats.pascal_voc import PASCAL_VOC
from fastlabel.formats.report import ReadReport, Report
from fastlabel.formats.spacy import SPACY
from fastlabel.formats.table import CSV, PARQUET
from fastlabel.formats.target import Folder
from fastlabel.formats.textgrid import TEXTGRID
from fastlabel.formats.yolo import YOLO_FORMATS

__all__ = ["FORMATS", "Format", "ReadReport", "ReadTask", "Report", "find", "read", "write"]

FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        COCO,
        COCO_RLE,
        COCO_PANOPTIC,
        COCO_DATASET,
        *YOLO_FORMATS,
        PASCAL_VOC,
        LABELME,
        INSTANCE_MASKS,
        SEMANTIC_MASKS,
        CVAT,
        LABEL_STUDIO,
        DATUMARO,
        SPACY,
        CONLL,
        AUDACITY,
        TEXTGRID,
        KITTI,
        CSV,
        PARQUET,
        HUGGING_FACE,
    )
}


def find(name: str) -> Format:
    """Return a format by its name.

    Raises:
        FastLabelInvalidException: there is none; says which there are.
    """
    if name not in FORMATS:
        known = ", ".join(sorted(FORMATS))
        raise FastLabelInvalidException(f"format: expected one of {known}, got {name!r}", 422)
    return FORMATS[name]


def write(
    name: str,
    tasks: Iterable[Task],
    output_dir: Path | str,
    *,
    project_type: str = "image_all",
    classes: Sequence[Mapping[str, Any]] = (),
    open_file: Any = None,
    strict: bool = False,
    **options: Any,
) -> Report:
    """Write tasks into a folder in a format.

    Args:
        name: one of `FORMATS`.
        tasks: as the API returns them; they are not changed. An iterator is taken too, and
            then never more than a task is held in memory.
        classes: annotation classes as the API returns them; they give order and skeletons.
        open_file: opens the media file of a task, for formats that need the files.
        strict: raise at the first annotation that the format cannot hold as it is.
        options: what the format's own `write` takes beyond that.

    Raises:
        FastLabelInvalidException: an unknown format, tasks it has no form for, or a loss
            where the export is strict.
    """
    found = find(name)
    if found.write is None:
        raise FastLabelInvalidException(f"format: {found.title} is only read", 422)
    report = Report(Path(output_dir), strict=strict)
    dataset = Dataset(repeatable(tasks), project_type, classes, open_file)
    found.write(dataset, Folder(output_dir), report, **options)
    return report


def read(
    name: str, source: Path | str, *, strict: bool = False, **options: Any
) -> tuple[list[ReadTask], ReadReport]:
    """Read a dataset; bad rows are passed over and named in the report.

    Raises:
        FastLabelInvalidException: an unknown format, a source that is not of it, or a bad
            row where the import is strict.
    """
    found = find(name)
    if found.read is None:
        raise FastLabelInvalidException(f"format: {found.title} is only written", 422)
    report = ReadReport(strict)
    return list(found.read(Path(source), report, **options)), report
