"""What the commands share: exit codes, and refusals in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

BAD = 1
"""Exit code where something was lost, was bad, or could not be made."""
COULD_NOT_BEGIN = 2
"""Exit code of wrong usage, as of the whole command line."""


@contextmanager
def refusals() -> Iterator[None]:
    """Say what cannot begin in one line rather than in a traceback."""
    from fastlabel.exceptions import FastLabelException

    try:
        yield
    except FastLabelException as error:
        typer.echo(f"fastlabel: {error.message}", err=True)
        raise typer.Exit(COULD_NOT_BEGIN) from error
    except ValueError as error:
        # The client's own: there is no token, or the URL is none.
        typer.echo(f"fastlabel: {error}", err=True)
        raise typer.Exit(COULD_NOT_BEGIN) from error
