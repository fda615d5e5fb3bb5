"""Imports from this machine: a folder, or a manifest with a task a line, checked before sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastlabel.endpoint import composed
from fastlabel.exceptions import FastLabelException, FastLabelInvalidException
from fastlabel.fetching import classes_of
from fastlabel.formats.report import Problem
from fastlabel.labels import ClassSpec
from fastlabel.manifest import (
    Row,
    Target,
    check,
    check_defaults,
    read_folder,
    read_manifest,
)
from fastlabel.modalities import PROJECT_TYPES
from fastlabel.projects import Projects
from fastlabel.sending import Failure, NewTask, bar, create_all, known_names
from fastlabel.steps import Resource, Steps, ask, blocking
from fastlabel.types import FilePath, PriorityValue, TaskStatus


@dataclass
class ImportReport:
    """What came of an import, or in a dry run: what would come of it."""

    is_dry_run: bool = False
    good: int = 0
    """Rows that are fine and whose tasks the project lacks."""
    created: dict[str, str] = field(default_factory=dict)
    """Task ids by name."""
    skipped: list[str] = field(default_factory=list)
    """Names that the project has already."""
    bad: list[Problem] = field(default_factory=list)
    """What is wrong with rows; those are not sent."""
    failed: list[Problem] = field(default_factory=list)
    """What the server refused, or what was lost on the way."""
    passed_over: list[str] = field(default_factory=list)
    """Files of a folder that tasks of the project are not made of."""

    @property
    def bad_rows(self) -> int:
        return len({problem.where for problem in self.bad})

    @property
    def is_fine(self) -> bool:
        return not self.bad and not self.failed

    def __str__(self) -> str:
        counts = {
            "to create" if self.is_dry_run else "created": (
                self.good if self.is_dry_run else len(self.created)
            ),
            "skipped": len(self.skipped),
            "bad": self.bad_rows,
            "failed": len(self.failed),
            "passed over": len(self.passed_over),
        }
        return ", ".join(f"{count:,} {what}" for what, count in counts.items() if count) or (
            "nothing to do"
        )


class LocalImports(Resource):
    @composed
    def import_manifest(
        self,
        project: str,
        manifest_path: FilePath,
        *,
        dry_run: bool = False,
        skip_bad: bool = False,
        status: TaskStatus | None = None,
        tags: Sequence[str] | None = None,
        priority: PriorityValue | None = None,
        workers: int = 4,
        progress: bool = True,
    ) -> Steps[ImportReport]:
        """Create the tasks of a JSONL manifest, after all of its rows have been checked.

        If any row is bad, nothing is created. Names that the project has already are skipped,
        so that after an interruption the same call takes up the rest.

        Args:
            dry_run: check, and create nothing.
            skip_bad: create the tasks of the other rows all the same.
            status, tags, priority: of the rows that do not say otherwise.
            workers: how many requests are under way at a time.
            progress: show a bar on the standard error stream.

        Raises:
            FastLabelInvalidException: no such manifest or project, or the project's tasks
                come from archives.
        """
        path = Path(manifest_path)
        if not path.is_file():
            raise FastLabelInvalidException(f"{path}: expected a manifest", 422)
        report = ImportReport(dry_run)
        defaults = row_defaults(status, tags, priority)
        target = yield from project_target(project)

        def rows() -> Iterator[Row]:
            return read_manifest(path)

        yield from import_rows(project, target, rows, defaults, report, skip_bad, workers, progress)
        return report

    @composed
    def import_folder(
        self,
        project: str,
        folder_path: FilePath,
        *,
        dry_run: bool = False,
        skip_bad: bool = False,
        status: TaskStatus | None = None,
        tags: Sequence[str] | None = None,
        priority: PriorityValue | None = None,
        workers: int = 4,
        progress: bool = True,
    ) -> Steps[ImportReport]:
        """Create a task for each file below a folder that the project's kind of task takes.

        Where tasks have several files, each folder below it that has some is a task. Names
        are paths below the folder, with "/" on every system. Otherwise as `import_manifest`.

        Raises:
            FastLabelInvalidException: no such folder or project, or the project's tasks
                come from archives or without files.
        """
        folder = Path(folder_path)
        if not folder.is_dir():
            raise FastLabelInvalidException(f"{folder}: expected a folder", 422)
        report = ImportReport(dry_run)
        defaults = row_defaults(status, tags, priority)
        target = yield from project_target(project)
        if target.kind.intake == "none":
            raise FastLabelInvalidException(
                f"project: the files of {target.kind.title} follow the task", 422
            )
        found = yield from blocking(
            lambda: list(read_folder(folder, target.kind, report.passed_over))
        )
        yield from import_rows(
            project, target, lambda: found, defaults, report, skip_bad, workers, progress
        )
        return report


def import_rows(
    project: str,
    target: Target,
    rows: Callable[[], Iterable[Row]],
    defaults: dict[str, Any],
    report: ImportReport,
    skip_bad: bool,
    workers: int,
    progress: bool,
    first: Steps[None] | None = None,
) -> Steps[None]:
    """Check all rows, and create their tasks if none is bad.

    Args:
        first: steps to do once the rows have been checked, before the first task.
    """
    known = yield from known_names(project)
    # Nothing is kept of a row but its name: manifests may be larger than the memory.
    seen = yield from blocking(lambda: _check_all(rows(), target, defaults, known, report))
    report.good = len(seen) - len(report.skipped)
    if report.is_dry_run or (report.bad and not skip_bad):
        return
    if first is not None:
        yield from first
    bad = {problem.where for problem in report.bad}
    with bar(report.good, progress) as advance:

        def done(task: NewTask, outcome: str | Failure) -> None:
            if isinstance(outcome, str):
                report.created[task.name] = outcome
            else:
                report.failed.append(Problem(task.where, _message(outcome)))
            advance()

        def new_tasks() -> Iterator[NewTask]:
            for row in rows():
                if row.where in bad:
                    continue
                task = check(row, target, defaults)
                if not isinstance(task, NewTask):
                    # It was good when all were checked.
                    report.failed += [Problem(row.where, problem) for problem in task]
                    advance()
                elif task.name not in known:
                    yield task

        yield from create_all(project, target.kind, new_tasks(), done, workers)


def _check_all(
    rows: Iterable[Row],
    target: Target,
    defaults: dict[str, Any],
    known: set[str],
    report: ImportReport,
) -> dict[str, str]:
    """Check every row; return the names, each with the place of its row."""
    seen: dict[str, str] = {}
    for row in rows:
        task = check(row, target, defaults)
        if not isinstance(task, NewTask):
            report.bad += [Problem(row.where, problem) for problem in task]
        elif task.name in seen:
            message = f"name: {task.name!r} is that of {seen[task.name]} too"
            report.bad.append(Problem(row.where, message))
        else:
            seen[task.name] = row.where
            if task.name in known:
                report.skipped.append(task.name)
    return seen


def project_target(project: str) -> Steps[Target]:
    """Return what rows are checked against.

    Raises:
        FastLabelInvalidException: there is no such project, or its tasks come from archives.
    """
    found = yield from ask(Projects.find_project_by_slug, project)
    if found is None:
        raise FastLabelInvalidException(f"project: there is no project {project!r}", 404)
    if found["type"] not in PROJECT_TYPES:
        raise FastLabelInvalidException(
            f"project: this release knows no projects of the type {found['type']!r}", 422
        )
    kind = PROJECT_TYPES[found["type"]].kind
    if kind.intake == "archive":
        raise FastLabelInvalidException(
            f"project: {kind.title} come from archives, each with a call of its own", 422
        )
    classes = yield from classes_of(project)
    specs = {one["value"]: ClassSpec.from_json(one) for one in classes}
    return Target(kind, specs, found["workflow"])


def row_defaults(
    status: TaskStatus | None, tags: Sequence[str] | None, priority: PriorityValue | None
) -> dict[str, Any]:
    given = {
        "status": status,
        "tags": None if tags is None else list(tags),
        "priority": None if priority is None else int(priority),
    }
    defaults = {name: value for name, value in given.items() if value is not None}
    try:
        check_defaults(defaults)
    except ValueError as error:
        raise FastLabelInvalidException(str(error), 422) from error
    return defaults


def _message(error: Failure) -> str:
    return error.message if isinstance(error, FastLabelException) else str(error)
