"""`fastlabel dataset types`, `set-type` and `split`: objects divided, by jobs of the server."""

from __future__ import annotations

from typing import Annotated

import typer

from fastlabel import Client
from fastlabel.cli.common import connected
from fastlabel.cli.datasets.common import (
    SHORT,
    Message,
    Name,
    ObjectTags,
    ObjectTypes,
    find_dataset,
    object_filter,
)
from fastlabel.formats.report import counted
from fastlabel.types import UNSET, DatasetJob, DatasetType


def types(
    name: Name,
    train: Annotated[float, typer.Option(min=0, help="Share of train.")] = 0,
    valid: Annotated[float, typer.Option(min=0, help="Share of valid.")] = 0,
    test: Annotated[float, typer.Option(min=0, help="Share of test.")] = 0,
    seed: Annotated[int, typer.Option(help="Another one divides otherwise.")] = 0,
    stratify: Annotated[
        str,
        typer.Option(help="`class`, or `metadata:KEY`: each type gets its share of every value."),
    ] = "",
    group_by: Annotated[
        str,
        typer.Option(
            help="What stays together: `folder`, `whole`, `metadata:KEY` or `pattern:REGEX`."
        ),
    ] = "",
    tag: ObjectTags = None,
    only: ObjectTypes = None,
    message: Message = "",
) -> None:
    """Divide objects into train, valid and test by a rule that gives the same everywhere.

    Examples:

    fastlabel dataset types cats --train 8 --valid 1 --test 1 --stratify class

    fastlabel dataset types cats --train 9 --valid 1 --group-by "pattern:(.*)_frame[0-9]+"
    """
    with connected() as client:
        dataset = find_dataset(client, name)
        job = client.set_dataset_types(
            dataset["id"],
            ratios={"train": train, "valid": valid, "test": test},
            seed=seed,
            stratify=_by(stratify) or None,
            group_by=_by(group_by) or None,
            filter=object_filter(tag, only),
            message=message or None,
        )
        _print_changes(client, dataset["id"], job)


def set_type(
    name: Name,
    object_type: Annotated[DatasetType, typer.Argument(metavar="TYPE", help="Of the objects.")],
    objects: Annotated[
        list[str],
        typer.Argument(metavar="OBJECT", help="Names; `-` reads them from standard input."),
    ],
    message: Message = "",
) -> None:
    """Give objects a type: none, train, valid or test.

    Examples:

    fastlabel dataset set-type cats valid garden/tama.jpg garden/dog.jpg

    fastlabel dataset set-type cats test - < names.txt
    """
    if objects == ["-"]:
        objects = [line for line in typer.get_text_stream("stdin").read().splitlines() if line]
    with connected() as client:
        dataset = find_dataset(client, name)
        job = client.set_dataset_types(
            dataset["id"], {object_type: objects}, message=message or None
        )
        _print_changes(client, dataset["id"], job)


def split(
    name: Name,
    objects: Annotated[
        list[str] | None, typer.Argument(metavar="OBJECT", help="Names of objects.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="All that are no parts, instead of names.")
    ] = False,
    tag: Annotated[
        list[str] | None, typer.Option(help="All with this tag, instead of names.")
    ] = None,
    columns: Annotated[int | None, typer.Option(min=1, help="Of images.")] = None,
    rows: Annotated[int | None, typer.Option(min=1, help="Of images.")] = None,
    parts: Annotated[int | None, typer.Option(min=2, help="Of videos and recordings.")] = None,
    keyframes: Annotated[
        bool, typer.Option("--keyframes", help="Cut videos where nothing is coded anew.")
    ] = False,
    into: Annotated[str, typer.Option(help="Dataset for the parts, if not the same.")] = "",
    without_annotations: Annotated[
        bool, typer.Option("--without-annotations", help="Give the parts no annotations.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace parts of an earlier split.")
    ] = False,
    message: Message = "",
) -> None:
    """Split images into tiles, or videos and recordings into parts, as new objects.

    Examples:

    fastlabel dataset split cats garden/tama.jpg --columns 3 --rows 3

    fastlabel dataset split cats --tag long --parts 10 --into cats-parts
    """
    with connected() as client:
        dataset = find_dataset(client, name)
        job = client.split_dataset_objects(
            dataset["id"],
            objects or UNSET,
            object_filter(tag) if every or tag else UNSET,
            columns,
            rows,
            parts,
            "keyframes" if keyframes else None,
            into or None,
            not without_annotations,
            replace,
            message or None,
        )
        changed = find_dataset(client, into) if into else dataset
        _print_changes(client, changed["id"], job)


def _by(text: str) -> str | dict[str, str]:
    """Return what `metadata:KEY` or `pattern:REGEX` means; other words stand for themselves."""
    what, colon, value = text.partition(":")
    return {what: value} if colon and what in ("metadata", "pattern") else text


def _print_changes(client: Client, dataset_id: str, job: DatasetJob) -> None:
    """Print what the revision of a job changed."""
    if job["revisionId"] is None:
        typer.echo("nothing to do")
        return
    made = client.find_dataset_revision(dataset_id, job["revisionId"])
    counts = {"added": made["added"], "changed": made["changed"], "removed": made["removed"]}
    typer.echo(f"revision {made['id'][:SHORT]}: {counted(counts)}")
