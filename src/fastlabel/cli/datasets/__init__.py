"""`fastlabel dataset`: datasets seen, compared, named, restored, and kept in step with folders."""

from __future__ import annotations

from collections.abc import Callable

import typer

from fastlabel.cli.datasets import folders, looking, objects, revisions, tasks

COMMANDS: dict[str, Callable[..., None]] = {
    "list": looking.list_datasets,
    "show": looking.show,
    "log": revisions.log,
    "diff": revisions.diff,
    "versions": revisions.versions,
    "tag": revisions.tag,
    "restore": revisions.restore,
    "pull": folders.pull,
    "push": folders.push,
    "types": objects.types,
    "set-type": objects.set_type,
    "split": objects.split,
    "to-tasks": tasks.to_tasks,
    "from-tasks": tasks.from_tasks,
}
"""By their names, in the order of the help."""

app = typer.Typer(
    name="dataset",
    no_args_is_help=True,
    help="Look at datasets and their revisions, and keep folders in step with them.",
)
for _name, _command in COMMANDS.items():
    app.command(_name)(_command)
