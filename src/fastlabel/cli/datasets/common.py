"""What the commands of datasets share: arguments, what is meant by them, and how it is printed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer

from fastlabel import Client, FastLabelNotFoundException
from fastlabel.const import DatasetObjectType
from fastlabel.types import Dataset, DatasetRevision, ObjectFilter

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the dataset.")]
At = Annotated[
    str,
    typer.Argument(
        metavar="NAME[@VERSION]",
        help="Name of the dataset, and a version or the first 8 characters of a revision's id.",
    ),
]
ObjectTags = Annotated[
    list[str] | None, typer.Option(help="Only objects with this tag; may be given several times.")
]
ObjectTypes = Annotated[
    list[DatasetObjectType] | None,
    typer.Option(help="Only objects of this type; may be given several times."),
]
Message = Annotated[str, typer.Option("--message", "-m", help="What the revision is about.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

SHORT = 12
"""Characters of a revision's id that are shown."""
UNITS = ("B", "KB", "MB", "GB", "TB")


def name_and_version(at: str) -> tuple[str, str]:
    """Return the parts of NAME[@VERSION]; where there is no version, the latest is meant."""
    name, _, version = at.partition("@")
    return name, version or "latest"


def find_dataset(client: Client, name: str) -> Dataset:
    """Return the dataset with a name.

    Raises:
        FastLabelNotFoundException: there is none.
    """
    found = client.find_dataset_by_name(name)
    if found is None:
        raise FastLabelNotFoundException(f"dataset: there is no dataset {name!r}", 404)
    return found


def find_revision(client: Client, at: str) -> tuple[Dataset, DatasetRevision]:
    """Return the dataset and the revision that NAME[@VERSION] means.

    Raises:
        FastLabelNotFoundException: there is no such dataset, version or revision.
    """
    name, version = name_and_version(at)
    dataset = find_dataset(client, name)
    return dataset, client.diff_dataset(dataset["id"], version, version, limit=1)["target"]


def object_filter(
    tags: list[str] | None, object_types: list[DatasetObjectType] | None = None
) -> ObjectFilter:
    """Return the filter that options describe."""
    chosen: ObjectFilter = {}
    if tags:
        chosen["tags"] = tags
    if object_types:
        chosen["types"] = [each.value for each in object_types]
    return chosen


def size_text(size_bytes: int) -> str:
    """Return a number of bytes as people read it."""
    size = float(size_bytes)
    for unit in UNITS:
        if size < 1024 or unit == UNITS[-1]:
            return f"{size:,.0f} {unit}" if unit == "B" else f"{size:,.1f} {unit}"
        size /= 1024
    raise AssertionError


def print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(rows: Iterable[Sequence[str]]) -> None:
    """Print rows in columns; the last is as wide as it is."""
    lines = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        typer.echo("  ".join(cells).rstrip())
