"""The command line `fastlabel`.

The commands of the server come in by the entry point group `fastlabel.commands`, so that the
SDK does not know the server.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Annotated

import typer

from fastlabel._version import __version__
from fastlabel.cli import converting, datasets, exporting, importing

COMMANDS = "fastlabel.commands"


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fastlabel {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Label, review and manage training data for AI."""


def build_app() -> typer.Typer:
    """Return the command line with the commands of everything that is installed."""
    app = typer.Typer(
        name="fastlabel",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        callback=_options,
    )
    app.command()(exporting.export)
    app.add_typer(importing.app)
    app.add_typer(datasets.app)
    app.command()(converting.convert)
    for entry_point in entry_points(group=COMMANDS):
        entry_point.load()(app)
    return app


def main() -> None:
    """Run the command line."""
    try:
        build_app()()
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("fastlabel"):
            raise
        raise SystemExit(
            f"This command needs {error.name!r}: install FastLabel again with its extra `server`."
        ) from error
