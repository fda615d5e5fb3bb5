"""What the commands share: options, exit codes, the client, and refusals in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from fastlabel import Client
from fastlabel.exceptions import FastLabelException
from fastlabel.formats import FORMATS

READ = ", ".join(sorted(name for name, found in FORMATS.items() if found.read))
WRITTEN = ", ".join(sorted(name for name, found in FORMATS.items() if found.write))
"""The formats, for messages."""

Project = Annotated[str, typer.Option("--project", "-p", help="Slug of the project.")]
TaskTags = Annotated[
    list[str] | None, typer.Option(help="Only tasks with this tag; may be given several times.")
]
CreateClasses = Annotated[
    bool, typer.Option("--create-classes", help="Create classes that the project lacks.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress bar.")]

BAD = 1
"""Exit code where something was lost, was bad, or could not be made."""
COULD_NOT_BEGIN = 2
"""Exit code of wrong usage, as of the whole command line."""


@contextmanager
def refusals() -> Iterator[None]:
    """Say what cannot begin in one line rather than in a traceback."""
    try:
        yield
    except (FastLabelException, OSError, ValueError) as error:
        # Of the last are the client's own: there is no token, or the URL is none.
        message = error.message if isinstance(error, FastLabelException) else error
        typer.echo(f"fastlabel: {message}", err=True)
        raise typer.Exit(COULD_NOT_BEGIN) from error


@contextmanager
def connected() -> Iterator[Client]:
    """Give a client, and say in one line what it refuses."""
    with refusals(), Client() as client:
        yield client
