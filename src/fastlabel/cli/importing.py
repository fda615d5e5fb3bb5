"""`fastlabel import`: tasks from what lies on this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from fastlabel.cli.common import BAD, refusals
from fastlabel.formats import FORMATS
from fastlabel.formats.base import Format
from fastlabel.manifest import PRIORITIES
from fastlabel.types import PriorityValue, TaskStatus

if TYPE_CHECKING:
    from fastlabel import Client
    from fastlabel.local_imports import ImportReport

app = typer.Typer(
    name="import",
    no_args_is_help=True,
    help="Make tasks of files on this machine, checked before anything is sent.",
)


def _checked_priority(value: int | None) -> int | None:
    if value not in (None, *PRIORITIES):
        raise typer.BadParameter(f"expected one of {', '.join(map(str, PRIORITIES))}")
    return value


Project = Annotated[str, typer.Option("--project", "-p", help="Slug of the project.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything, and make nothing.")]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Leave out bad rows, make the others.")]
Status = Annotated[
    TaskStatus | None, typer.Option(help="Status of tasks that do not say otherwise.")
]
Tags = Annotated[
    list[str] | None, typer.Option("--tag", help="Tag of such tasks; may be given several times.")
]
Priority = Annotated[
    int | None,
    typer.Option(help="Priority of such tasks: 0, 10, 20 or 30.", callback=_checked_priority),
]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Requests under way at a time.")]
Source = Annotated[Path, typer.Argument(help="The dataset, as its format has it.")]
Files = Annotated[
    Path | None, typer.Option(help="Folder of the media files, if not beside the labels.")
]
CreateClasses = Annotated[
    bool, typer.Option("--create-classes", help="Create classes that the project lacks.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress bar.")]


@app.command()
def folder(
    path: Annotated[Path, typer.Argument(help="The folder.")],
    project: Project,
    dry_run: DryRun = False,
    skip_bad: SkipBad = False,
    status: Status = None,
    tag: Tags = None,
    priority: Priority = None,
    workers: Workers = 4,
    quiet: Quiet = False,
) -> None:
    """Make a task of each file below a folder, named by its path.

    Where tasks of the project have several files, each folder with such files is a task.
    """
    _run(
        lambda client: client.import_folder(
            project,
            path,
            dry_run=dry_run,
            skip_bad=skip_bad,
            status=status,
            tags=tag,
            priority=cast("PriorityValue | None", priority),
            workers=workers,
            progress=not quiet,
        ),
        skip_bad,
    )


@app.command()
def manifest(
    path: Annotated[Path, typer.Argument(help="A JSONL file.")],
    project: Project,
    dry_run: DryRun = False,
    skip_bad: SkipBad = False,
    status: Status = None,
    tag: Tags = None,
    priority: Priority = None,
    workers: Workers = 4,
    quiet: Quiet = False,
) -> None:
    """Make a task of each line of a manifest, such as `{"name": "a.jpg", "file": "a.jpg"}`.

    If any row is bad, nothing is made, unless --skip-bad is given.
    """
    _run(
        lambda client: client.import_manifest(
            project,
            path,
            dry_run=dry_run,
            skip_bad=skip_bad,
            status=status,
            tags=tag,
            priority=cast("PriorityValue | None", priority),
            workers=workers,
            progress=not quiet,
        ),
        skip_bad,
    )


def _add_format(found: Format) -> None:
    """Make the command that imports a dataset of a format."""

    def dataset(
        path: Source,
        project: Project,
        files: Files = None,
        create_classes: CreateClasses = False,
        dry_run: DryRun = False,
        skip_bad: SkipBad = False,
        status: Status = None,
        tag: Tags = None,
        priority: Priority = None,
        workers: Workers = 4,
        quiet: Quiet = False,
    ) -> None:
        _run(
            lambda client: client.import_dataset(
                project,
                found.name,
                path,
                files_dir=files,
                create_classes=create_classes,
                dry_run=dry_run,
                skip_bad=skip_bad,
                status=status,
                tags=tag,
                priority=cast("PriorityValue | None", priority),
                workers=workers,
                progress=not quiet,
            ),
            skip_bad,
        )

    app.command(
        found.name,
        help=f"Make tasks of a dataset in the format {found.title}, which is {found.takes}.\n\n"
        f"Example: fastlabel import {found.name} "
        f"{'labels.json' if '.json' in found.takes else 'DIR'} --project cats --dry-run",
    )(dataset)


for _format in FORMATS.values():
    if _format.read is not None:
        _add_format(_format)


def _run(work: Callable[[Client], ImportReport], skip_bad: bool) -> None:
    """Do an import, print every problem and what came of it, and end with its exit code."""
    from fastlabel import Client

    with refusals(), Client() as client:
        report = work(client)
    for problem in (*report.bad, *report.failed):
        typer.echo(problem)
    typer.echo(report)
    if report.bad and not skip_bad and not report.is_dry_run:
        typer.echo("nothing was made; --skip-bad leaves out the bad rows and makes the others")
    if not report.is_fine:
        raise typer.Exit(BAD)
