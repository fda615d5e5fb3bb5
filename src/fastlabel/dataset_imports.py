"""Imports of datasets: files and labels in a format of others, made into tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from fastlabel.annotations import Annotations
from fastlabel.endpoint import composed
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.report import Problem
from fastlabel.labels import AttributeSpec, ClassSpec
from fastlabel.local_imports import Import, ImportOptions, ImportReport, begin_import
from fastlabel.manifest import Row, Target
from fastlabel.steps import Resource, Steps, ask, blocking
from fastlabel.types import FilePath, JsonObjects, PriorityValue, TaskStatus

if TYPE_CHECKING:
    from fastlabel.formats import ReadTask


class DatasetImports(Resource):
    @composed
    def import_dataset(
        self,
        project: str,
        format: str,
        dataset_path: FilePath,
        *,
        files_dir: FilePath | None = None,
        create_classes: bool = False,
        dry_run: bool = False,
        skip_bad: bool = False,
        status: TaskStatus | None = None,
        tags: Sequence[str] | None = None,
        priority: PriorityValue | None = None,
        workers: int = 4,
        progress: bool = True,
    ) -> Steps[ImportReport]:
        """Create the tasks of a dataset in a format such as `coco` or `yolo`, labels and all.

        Everything is read and checked first; if anything is bad, nothing is created. Names
        that the project has already are skipped, so that after an interruption the same call
        takes up the rest.

        Args:
            format: one of `fastlabel.formats.FORMATS` that is read.
            dataset_path: a file or a folder, as the format has it.
            files_dir: where the pictures lie; by default where the dataset says, beside the
                labels, or in `images/` there.
            create_classes: create the classes, attributes and keypoints that annotations use
                and the project lacks.
            dry_run: read and check, and create nothing.
            skip_bad: create the other tasks all the same; bad rows of labels are left out.
            status, tags, priority: of all tasks.
            workers: how many requests are under way at a time.
            progress: show a bar on the standard error stream.

        Raises:
            FastLabelInvalidException: no such format, dataset or project.
        """
        from fastlabel import formats

        if formats.find(format).read is None:
            raise FastLabelInvalidException(f"format: {format} is only written", 422)
        source = Path(dataset_path)
        if not source.exists():
            raise FastLabelInvalidException(f"dataset_path: there is no {source}", 422)
        options = ImportOptions(dry_run, skip_bad, status, tags, priority, workers, progress)
        begun = yield from begin_import(project, options)
        found, read_report = yield from blocking(formats.read, format, source)
        begun.report.bad += read_report.bad
        missing: dict[str, dict[str, Any]] = {}
        if create_classes:
            missing = _missing_classes((one.task for one in found), begun.target)
            begun = replace(begun, target=_extended(begun.target, missing))
        folder = None if files_dir is None else Path(files_dir)
        with TemporaryDirectory() as texts:
            rows = [
                _row(one, folder, begun, Path(texts, f"{number}.txt"))
                for number, one in enumerate(found)
            ]
            yield from begun.create(
                lambda: (row for row in rows if row is not None), first=_created(project, missing)
            )
        return begun.report


def _created(project: str, classes: dict[str, dict[str, Any]]) -> Steps[None]:
    for one in classes.values():
        yield from ask(Annotations.create_annotation, project, **one)


def _missing_classes(tasks: Iterable[dict[str, Any]], target: Target) -> dict[str, dict[str, Any]]:
    """Return the classes that annotations use and a project lacks, as they are created."""
    missing: dict[str, dict[str, Any]] = {}
    for task in tasks:
        for annotation in task.get("annotations", ()):
            value = annotation.get("value")
            if not isinstance(value, str) or not value or value in target.classes:
                continue
            entry = missing.setdefault(
                value, {"type": annotation["type"], "value": value, "title": value}
            )
            known, used = entry.get("attributes", ()), annotation.get("attributes") or ()
            entry["attributes"] = _with_keys(known, used, type="text")
            if keypoints := annotation.get("keypoints"):
                entry["keypoints"] = _with_keys(entry.get("keypoints", ()), keypoints, edges=[])
    return missing


def _with_keys(known: JsonObjects, used: JsonObjects, **values: Any) -> list[Mapping[str, Any]]:
    """Return what is known, and what else is used: each with `values`, named by its key."""
    keys = {one["key"] for one in known}
    return [
        *known,
        *(
            {"key": one["key"], "name": one["key"], **values}
            for one in used
            if one["key"] not in keys
        ),
    ]


def _extended(target: Target, missing: dict[str, dict[str, Any]]) -> Target:
    """Return the project as it will be once the missing classes are there."""
    specs = {
        value: ClassSpec(
            id="",
            type=one["type"],
            value=value,
            attributes={
                each["key"]: AttributeSpec("", each["key"], "text") for each in one["attributes"]
            },
            keypoint_keys=frozenset(each["key"] for each in one.get("keypoints", ())),
        )
        for value, one in missing.items()
    }
    return Target(target.kind, {**target.classes, **specs}, target.workflow)


def _row(found: ReadTask, folder: Path | None, begun: Import, text_file: Path) -> Row | None:
    """Return what is to be sent of a task, None (and a problem) where it has no file.

    Args:
        text_file: takes the text, where the labels bring it along.
    """
    name = found.task["name"]
    file = found.file if folder is None else folder / name
    if file is None and isinstance(found.task.get("text"), str):
        file = text_file
        file.write_text(found.task["text"], encoding="utf-8", newline="")
    if file is None:
        begun.report.bad.append(
            Problem(name, "there is no such file beside the labels; say where the files lie")
        )
        return None
    values = {"name": name, "file": str(file.absolute())}
    labels = begun.target.kind.labels
    if found.task.get(labels):
        values[labels] = found.task[labels]
    return Row(name, Path(), values)
