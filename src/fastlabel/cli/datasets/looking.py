"""`fastlabel dataset list` and `show`: which datasets there are, and what one is."""

from __future__ import annotations

from typing import Annotated

import typer

from fastlabel.cli.common import connected
from fastlabel.cli.datasets.common import (
    SHORT,
    AsJson,
    At,
    find_revision,
    print_json,
    print_table,
    size_text,
)

NO_DATASETS = "no datasets yet; `fastlabel dataset push DIR NAME` makes one of a folder"


def list_datasets(
    keyword: Annotated[str, typer.Option(help="Only names that contain this.")] = "",
    tag: Annotated[
        list[str] | None,
        typer.Option(help="Only datasets with this tag; may be given several times."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the datasets, oldest first.

    Example: fastlabel dataset list --tag street
    """
    with connected() as client:
        found = list(client.iter_datasets(keyword or None, tag))
    if as_json:
        print_json(found)
        return
    if not found:
        is_narrowed = bool(keyword or tag)
        typer.echo("no dataset is like that" if is_narrowed else NO_DATASETS, err=True)
        return
    print_table(
        [
            each["name"],
            f"{each['objectCount']:,}",
            size_text(each["size"]),
            each["revisionId"][:SHORT],
            ", ".join(each["tags"]),
        ]
        for each in found
    )


def show(name: At, as_json: AsJson = False) -> None:
    """Show what a dataset is, or one of its revisions.

    Examples:

    fastlabel dataset show cats

    fastlabel dataset show cats@v1
    """
    with connected() as client:
        dataset, revision = find_revision(client, name)
    if as_json:
        print_json({**dataset, "revision": revision})
        return
    facts = {
        "name": dataset["name"],
        "id": dataset["id"],
        "tags": ", ".join(dataset["tags"]),
        "licence": dataset["license"],
        "visibility": dataset["visibility"],
        "revision": f"{revision['id']} ({revision['number']:,})",
        "versions": ", ".join(revision["versions"]),
        "objects": f"{revision['objectCount']:,}",
        "size": size_text(revision["size"]),
        "content": revision["contentHash"],
        "made": f"{revision['createdAt']} by {revision['userName'] or 'somebody who is gone'}",
        "message": revision["message"],
    }
    print_table([key, value] for key, value in facts.items() if value)
