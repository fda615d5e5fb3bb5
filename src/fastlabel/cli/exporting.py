"""`fastlabel export`: the tasks of a project as files on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer

from fastlabel.cli.common import WRITTEN, Project, TaskTags, connected
from fastlabel.types import Compat, TaskStatus


def export(
    format: Annotated[str, typer.Argument(help=f"One of: {WRITTEN}.")],
    project: Project,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder to write to; by default output/FORMAT."),
    ] = None,
    status: Annotated[TaskStatus | None, typer.Option(help="Only tasks of this status.")] = None,
    tag: TaskTags = None,
    compat: Annotated[
        str | None, typer.Option(help="`official`: the values of the official client.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first annotation that would be lost.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar and no report.")] = False,
) -> None:
    """Write the tasks of a project in a format, and say what the format could not hold.

    Examples:

    fastlabel export coco --project cats --status approved -o coco

    fastlabel export yolo --project cats --tag summer

    Ends with 0 once everything is written, and with 2 where that is not possible, or where
    something would be lost and --strict is given.
    """
    with connected() as client:
        report = client.export_project(
            project,
            format,
            output or Path("output", format),
            status=status,
            tags=tag,
            strict=strict,
            compat=cast("Compat", compat),
            progress=not quiet,
            quiet=True,
        )
    if not quiet:
        typer.echo(report)
