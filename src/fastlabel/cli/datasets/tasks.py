"""`fastlabel dataset to-tasks` and `from-tasks`: the way to a project and back."""

from __future__ import annotations

from typing import Annotated

import typer

from fastlabel.cli.common import BAD, CreateClasses, Project, TaskTags, connected
from fastlabel.cli.datasets.common import (
    At,
    Message,
    Name,
    ObjectTags,
    ObjectTypes,
    find_dataset,
    find_revision,
    object_filter,
)
from fastlabel.formats.report import counted
from fastlabel.types import UNSET, DatasetJob, DatasetType, TaskStatus


def to_tasks(
    name: At,
    project: Project,
    tag: ObjectTags = None,
    type: ObjectTypes = None,
    create_classes: CreateClasses = False,
    without_annotations: Annotated[
        bool, typer.Option("--without-annotations", help="Leave the annotations behind.")
    ] = False,
) -> None:
    """Make tasks of objects: one each, of its name and with its file.

    What was registered before stays, so that the same command again takes what is new.

    Example: fastlabel dataset to-tasks cats@v1 --project cats --create-classes

    Ends with 1 where objects could not become tasks.
    """
    with connected() as client:
        dataset, revision = find_revision(client, name)
        job = client.register_dataset_tasks(
            dataset["id"],
            project,
            revision_id=revision["id"],
            filter=object_filter(tag, type),
            with_annotations=not without_annotations,
            create_classes=create_classes,
        )
    _print_report(job)


def from_tasks(
    name: Name,
    project: Project,
    status: Annotated[
        TaskStatus | None, typer.Option(help="Only tasks of this status; `approved` by default.")
    ] = None,
    tag: TaskTags = None,
    prefix: Annotated[str, typer.Option(help="A folder for the objects.")] = "",
    type: Annotated[DatasetType | None, typer.Option(help="Type of the objects.")] = None,
    message: Message = "",
) -> None:
    """Make objects of tasks, with their files and annotations, as one revision.

    Objects that are as their tasks are already stay as they are, and none is removed.

    Example: fastlabel dataset from-tasks cats --project cats --type train -m "Round 1"

    Ends with 1 where tasks could not become objects.
    """
    with connected() as client:
        job = client.create_dataset_objects_from_tasks(
            find_dataset(client, name)["id"],
            project,
            UNSET if status is None else status,
            tags=tag,
            prefix=prefix or None,
            type=type,
            message=message or None,
        )
    _print_report(job)


def _print_report(job: DatasetJob) -> None:
    """Print what became of each object of a job, and end with 1 if it is not all good."""
    report = job["report"]
    assert report is not None
    for example in report["examples"]:
        typer.echo(f"{example['name']}: {example['message']}", err=True)
    for reason, count in report["leftOut"].items():
        typer.echo(f"{count:,} left out: {reason}", err=True)
    counts = {
        "created": report["created"],
        "changed": report["changed"],
        "unchanged": report["unchanged"],
        "taken": report["taken"],
        "passed over": report["passedOver"],
        "failed": report["failed"],
    }
    typer.echo(counted(counts))
    if report["failed"]:
        raise typer.Exit(BAD)
