"""Whole folders made into tasks, many at a time, so that a second run takes up the rest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastlabel.endpoint import composed
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.report import counted
from fastlabel.manifest import files_below
from fastlabel.modalities import TaskKind
from fastlabel.modalities.image import IMAGE
from fastlabel.sending import Failure, bar, create_in_batches, known_names
from fastlabel.steps import Prepared, Resource, Steps, blocking, prepared
from fastlabel.tasks.image import ImageTasks
from fastlabel.tasks.prepare import file_to_send
from fastlabel.types import (
    ExternalStatus,
    FilePath,
    JsonObjects,
    PriorityValue,
    TaskStatus,
)


@dataclass
class FolderResult:
    """What became of the files of a folder, and of the annotations given for them."""

    created: dict[str, str] = field(default_factory=dict)
    """Task ids by name."""
    skipped: list[str] = field(default_factory=list)
    """Names that the project already had."""
    failed: dict[str, Failure] = field(default_factory=dict)
    """Why, by name."""
    passed_over: list[str] = field(default_factory=list)
    """Files that are no pictures."""
    without_file: list[str] = field(default_factory=list)
    """Names that annotations were given for, but that the folder lacks."""

    def __str__(self) -> str:
        counts = {
            "created": len(self.created),
            "skipped": len(self.skipped),
            "failed": len(self.failed),
            "passed over": len(self.passed_over),
            "annotated without a file": len(self.without_file),
        }
        return counted(counts)

    def raise_for_failures(self) -> None:
        """Raise an ExceptionGroup of all failures, if there were any."""
        if self.failed:
            errors = list(self.failed.values())
            raise ExceptionGroup(f"{len(errors):,} files could not be made into tasks", errors)


class Bulk(Resource):
    @composed
    def create_image_tasks_from_folder(
        self,
        project: str,
        folder_path: FilePath,
        annotations: Mapping[str, JsonObjects] | FilePath | None = None,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        tags: Sequence[str] | None = None,
        is_delete_exif: bool = False,
        *,
        workers: int = 4,
        progress: bool = True,
        raise_failures: bool = False,
    ) -> Steps[FolderResult]:
        """Create an image task for every picture below a folder.

        Names are paths below the folder, with "/" on every system. Names that the project
        already has are skipped, so that after an interruption the same call takes up the
        rest. A file that fails does not stop the others. With several workers tasks come
        into being in no fixed order.

        Args:
            annotations: annotations by task name, or a JSON file of that.
            workers: how many requests are under way at a time; each brings up to 25 files
                of together 32 MB.
            progress: show a bar on the standard error stream.
            raise_failures: raise an ExceptionGroup at the end if anything failed.

        Raises:
            FastLabelInvalidException: no such folder or project.
        """
        folder = Path(folder_path)
        if not folder.is_dir():
            raise FastLabelInvalidException(f"{folder}: expected a folder", 422)
        labels = yield from blocking(_labels, annotations)
        result = FolderResult()
        paths = yield from blocking(_sorted_files, folder, IMAGE, result)
        result.without_file = sorted(labels.keys() - paths.keys())
        known = yield from known_names(project)
        result.skipped = [name for name in paths if name in known]
        missing = [name for name in paths if name not in known]

        def described(name: str) -> dict[str, Any]:
            return {
                "name": name,
                "file_path": paths[name],
                "annotations": labels.get(name),
                "status": status,
                "external_status": external_status,
                "priority": priority,
                "tags": tags,
                "is_delete_exif": is_delete_exif,
            }

        def batch(names: list[str]) -> Prepared:
            tasks = [described(name) for name in names]
            return prepared(ImageTasks.create_image_tasks, project, tasks)

        def single(name: str) -> Prepared:
            return prepared(ImageTasks.create_image_task, project, **described(name))

        def size_bytes(name: str) -> int:
            file_to_send(paths[name], IMAGE)
            return paths[name].stat().st_size

        with bar(len(missing), progress) as advance:

            def done(name: str, outcome: str | Failure) -> None:
                if isinstance(outcome, str):
                    result.created[name] = outcome
                else:
                    outcome.add_note(name)
                    result.failed[name] = outcome
                advance()

            yield from create_in_batches(missing, size_bytes, batch, single, done, workers)
        if raise_failures:
            result.raise_for_failures()
        return result


def _sorted_files(folder: Path, kind: TaskKind, result: FolderResult) -> dict[str, Path]:
    """Return the folder's files of a kind by task name; count the others in `result`."""
    files = {}
    for relative in files_below(folder):
        name = relative.as_posix()
        if kind.takes(name):
            files[name] = folder / relative
        else:
            result.passed_over.append(name)
    return files


def _labels(annotations: Mapping[str, JsonObjects] | FilePath | None) -> Mapping[str, JsonObjects]:
    if annotations is None:
        return {}
    if isinstance(annotations, Mapping):
        return annotations
    path = Path(annotations)
    try:
        labels = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise FastLabelInvalidException(f"{path}: no JSON: {error}", 422) from error
    if not isinstance(labels, dict):
        raise FastLabelInvalidException(
            f"{path}: expected an object of annotations by task name", 422
        )
    return labels
