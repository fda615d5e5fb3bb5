"""`fastlabel import`: tasks from what lies on this machine."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from fastlabel import Client, ImportReport
from fastlabel.cli.common import BAD, CreateClasses, Project, Quiet, connected
from fastlabel.formats import FORMATS
from fastlabel.formats.base import Format
from fastlabel.manifest import PRIORITIES
from fastlabel.types import TaskStatus

app = typer.Typer(
    name="import",
    no_args_is_help=True,
    help="Make tasks of files on this machine, checked before anything is sent.",
)


def _checked_priority(value: int | None) -> int | None:
    if value not in (None, *PRIORITIES):
        raise typer.BadParameter(f"expected one of {', '.join(map(str, PRIORITIES))}")
    return value


@dataclass(frozen=True)
class Options:
    """What every import is told: a field for each option of the command line."""

    project: Project
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything, and make nothing.")
    ] = False
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out bad rows, make the others.")
    ] = False
    status: Annotated[
        TaskStatus | None, typer.Option(help="Status of tasks that do not say otherwise.")
    ] = None
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", help="Tag of such tasks; may be given several times."),
    ] = None
    priority: Annotated[
        int | None,
        typer.Option(help="Priority of such tasks: 0, 10, 20 or 30.", callback=_checked_priority),
    ] = None
    workers: Annotated[int, typer.Option(min=1, max=64, help="Requests under way at a time.")] = 4
    quiet: Quiet = False

    def for_client(self) -> dict[str, Any]:
        """Return them as the arguments of the client's methods."""
        return {
            "project": self.project,
            "dry_run": self.dry_run,
            "skip_bad": self.skip_bad,
            "status": self.status,
            "tags": self.tag,
            "priority": self.priority,
            "workers": self.workers,
            "progress": not self.quiet,
        }


def _with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command all `Options` of the command line in place of its argument `options`."""
    shared = inspect.signature(Options, eval_str=True).parameters
    own = dict(inspect.signature(command, eval_str=True).parameters)
    del own["options"]

    @wraps(command)
    def with_options(**given: Any) -> None:
        options = Options(**{name: given.pop(name) for name in shared})
        command(**given, options=options)

    parameters = sorted(
        (*own.values(), *shared.values()), key=lambda one: one.default is not one.empty
    )
    # typer reads both to see what a command takes.
    vars(with_options).update(__signature__=inspect.Signature(parameters))
    with_options.__annotations__ = {one.name: one.annotation for one in parameters}
    return with_options


@app.command()
@_with_options
def folder(path: Annotated[Path, typer.Argument(help="The folder.")], options: Options) -> None:
    """Make a task of each file below a folder, named by its path.

    Where tasks of the project have several files, each folder with such files is a task.
    """
    _run(options, lambda client: client.import_folder(folder_path=path, **options.for_client()))


@app.command()
@_with_options
def manifest(path: Annotated[Path, typer.Argument(help="A JSONL file.")], options: Options) -> None:
    """Make a task of each line of a manifest, such as `{"name": "a.jpg", "file": "a.jpg"}`.

    If any row is bad, nothing is made, unless --skip-bad is given.
    """
    _run(options, lambda client: client.import_manifest(manifest_path=path, **options.for_client()))


def _add_format(found: Format) -> None:
    """Make the command that imports a dataset of a format."""

    @_with_options
    def dataset(
        path: Annotated[Path, typer.Argument(help="The dataset, as its format has it.")],
        options: Options,
        files: Annotated[
            Path | None, typer.Option(help="Folder of the media files, if not beside the labels.")
        ] = None,
        create_classes: CreateClasses = False,
    ) -> None:
        _run(
            options,
            lambda client: client.import_dataset(
                format=found.name,
                dataset_path=path,
                files_dir=files,
                create_classes=create_classes,
                **options.for_client(),
            ),
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


def _run(options: Options, work: Callable[[Client], ImportReport]) -> None:
    """Do an import, print every problem and what came of it, and end with its exit code."""
    with connected() as client:
        report = work(client)
    for problem in (*report.bad, *report.failed):
        typer.echo(problem)
    typer.echo(report)
    if report.bad and not options.skip_bad and not report.is_dry_run:
        typer.echo("nothing was made; --skip-bad leaves out the bad rows and makes the others")
    if not report.is_fine:
        raise typer.Exit(BAD)
