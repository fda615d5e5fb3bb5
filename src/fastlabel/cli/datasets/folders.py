"""`fastlabel dataset pull` and `push`: a folder kept in step with a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fastlabel import FastLabelConflictException
from fastlabel.cli.common import BAD, Quiet, connected
from fastlabel.cli.datasets.common import SHORT, At, Message, Name, name_and_version, size_text

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder.")]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Files under way at a time.")]


def pull(
    name: At,
    folder: Folder,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what was changed in the folder.")
    ] = False,
    workers: Workers = 4,
    quiet: Quiet = False,
) -> None:
    """Bring a revision of a dataset into a folder: what it lacks, and no more.

    Files lie there under the names of their objects, and what else these have in
    annotations.json. What was changed in the folder and not pushed stays. A pull that broke
    off is gone on with by the next.

    Examples:

    fastlabel dataset pull cats data/cats

    fastlabel dataset pull cats@v1 data/cats-v1

    Ends with 1 where files could not be brought, or objects were changed here and there, and
    with 2 where it cannot begin.
    """
    dataset, version = name_and_version(name)
    with connected() as client:
        report = client.pull_dataset(
            dataset, folder, version, force=force, workers=workers, progress=not quiet
        )
    for problem in report.failed:
        typer.echo(problem, err=True)
    for conflict in report.conflicts:
        typer.echo(f"{conflict}: was changed here and in the dataset", err=True)
    if report.conflicts:
        typer.echo("--force takes the dataset's", err=True)
    typer.echo(f"{report.dataset}@{report.revision_id[:SHORT]}: {report}")
    if not report.is_fine:
        raise typer.Exit(BAD)


def push(
    folder: Folder,
    name: Name,
    message: Message = "",
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite what others changed of the same objects.")
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out bad files, push the others.")
    ] = False,
    workers: Workers = 4,
    quiet: Quiet = False,
) -> None:
    """Send what changed in a folder to a dataset, as one revision; a new dataset is made.

    Files become objects named by their paths; annotations.json says what else objects have.
    Objects that were pulled and whose files are gone are taken out. A push that broke off is
    gone on with by the next. What others have changed since the last pull stays; where they
    changed the same objects, nothing is pushed.

    Examples:

    fastlabel dataset push data/cats cats -m "Pictures of June"

    fastlabel dataset push data/cats cats --skip-bad

    Ends with 1 where files were bad or objects were changed by others too, and with 2 where it
    cannot begin.
    """
    with connected() as client:
        try:
            report = client.push_dataset(
                folder,
                name,
                message,
                force=force,
                skip_bad=skip_bad,
                workers=workers,
                progress=not quiet,
            )
        except FastLabelConflictException as error:
            typer.echo(f"fastlabel: {error.message}", err=True)
            raise typer.Exit(BAD) from error
    for problem in report.bad:
        typer.echo(problem, err=True)
    if report.bad and not skip_bad:
        typer.echo(
            "nothing was pushed; --skip-bad leaves out the bad files and pushes the others",
            err=True,
        )
    if report.is_new_dataset:
        typer.echo(f"made the dataset {report.dataset}")
    revision = "" if report.revision_id is None else f"@{report.revision_id[:SHORT]}"
    sent = f" ({report.sent_files:,} files sent, {size_text(report.sent_bytes)})"
    typer.echo(f"{report.dataset}{revision}: {report}{sent if report.sent_files else ''}")
    if not report.is_fine:
        raise typer.Exit(BAD)
