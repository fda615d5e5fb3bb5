"""Imports from this machine: a folder, or a manifest with a task a line, checked before sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastlabel.endpoint import composed
from fastlabel.exceptions import FastLabelException, FastLabelInvalidException
from fastlabel.fetching import classes_of, project_of
from fastlabel.formats.report import Problem, counted
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
from fastlabel.sending import Failure, NewTask, bar, create_all, known_names
from fastlabel.steps import Resource, Steps, blocking
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
        return counted(counts)


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
        options = ImportOptions(dry_run, skip_bad, status, tags, priority, workers, progress)
        begun = yield from begin_import(project, options)
        yield from begun.create(lambda: read_manifest(path))
        return begun.report

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
        options = ImportOptions(dry_run, skip_bad, status, tags, priority, workers, progress)
        begun = yield from begin_import(project, options)
        kind = begun.target.kind
        if kind.intake == "none":
            raise FastLabelInvalidException(
                f"project: the files of {kind.title} follow the task", 422
            )
        found = yield from blocking(
            lambda: list(read_folder(folder, kind, begun.report.passed_over))
        )
        yield from begun.create(lambda: found)
        return begun.report


@dataclass(frozen=True)
class ImportOptions:
    """What every import from this machine is told, as its arguments are called."""

    dry_run: bool
    skip_bad: bool
    status: TaskStatus | None
    tags: Sequence[str] | None
    priority: PriorityValue | None
    workers: int
    progress: bool

    def row_defaults(self) -> dict[str, Any]:
        """Return what rows are given that do not say otherwise, as the API names it.

        Raises:
            FastLabelInvalidException: no row may have such a value.
        """
        given = {
            "status": self.status,
            "tags": None if self.tags is None else list(self.tags),
            "priority": None if self.priority is None else int(self.priority),
        }
        defaults = {name: value for name, value in given.items() if value is not None}
        try:
            check_defaults(defaults)
        except ValueError as error:
            raise FastLabelInvalidException(str(error), 422) from error
        return defaults


@dataclass(frozen=True)
class Import:
    """An import under way: where the tasks go, and what has come of it so far."""

    project: str
    target: Target
    """What rows are checked against."""
    defaults: Mapping[str, Any]
    options: ImportOptions
    report: ImportReport

    def create(
        self, rows: Callable[[], Iterable[Row]], first: Steps[None] | None = None
    ) -> Steps[None]:
        """Check all rows, and create their tasks if none is bad.

        Args:
            rows: begins to read them; is called twice.
            first: steps to do once the rows have been checked, before the first task.
        """
        report = self.report
        known = yield from known_names(self.project)
        # Nothing is kept of a row but its name: manifests may be larger than the memory.
        seen = yield from blocking(lambda: self._check_all(rows(), known))
        report.good = len(seen) - len(report.skipped)
        if report.is_dry_run or (report.bad and not self.options.skip_bad):
            return
        if first is not None:
            yield from first
        bad = {problem.where for problem in report.bad}
        with bar(report.good, self.options.progress) as advance:

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
                    task = check(row, self.target, self.defaults)
                    if not isinstance(task, NewTask):
                        # It was good when all were checked.
                        report.failed += [Problem(row.where, problem) for problem in task]
                        advance()
                    elif task.name not in known:
                        yield task

            yield from create_all(
                self.project, self.target.kind, new_tasks(), done, self.options.workers
            )

    def _check_all(self, rows: Iterable[Row], known: set[str]) -> dict[str, str]:
        """Check every row; return the names, each with the place of its row."""
        seen: dict[str, str] = {}
        for row in rows:
            task = check(row, self.target, self.defaults)
            if not isinstance(task, NewTask):
                self.report.bad += [Problem(row.where, problem) for problem in task]
            elif task.name in seen:
                message = f"name: {task.name!r} is that of {seen[task.name]} too"
                self.report.bad.append(Problem(row.where, message))
            else:
                seen[task.name] = row.where
                if task.name in known:
                    self.report.skipped.append(task.name)
        return seen


def begin_import(project: str, options: ImportOptions) -> Steps[Import]:
    """Check the options and find the project, before anything is read.

    Raises:
        FastLabelInvalidException: an option that no task may have, there is no such project,
            or its tasks come from archives.
    """
    defaults = options.row_defaults()
    target = yield from _project_target(project)
    return Import(project, target, defaults, options, ImportReport(options.dry_run))


def _project_target(project: str) -> Steps[Target]:
    found = yield from project_of(project)
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


def _message(error: Failure) -> str:
    return error.message if isinstance(error, FastLabelException) else str(error)
