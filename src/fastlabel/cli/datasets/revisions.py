"""`fastlabel dataset log`, `diff`, `versions`, `tag` and `restore`: what a dataset has been."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

import typer

from fastlabel.cli.common import connected
from fastlabel.cli.datasets.common import (
    SHORT,
    AsJson,
    At,
    Message,
    Name,
    find_dataset,
    find_revision,
    print_json,
    print_table,
)
from fastlabel.types import ObjectChange

MARKS = {"added": "A", "removed": "D", "changed": "M"}


def log(
    name: Name,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="Most to show.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the revisions of a dataset, newest first: who made each, and what it changed.

    Example: fastlabel dataset log cats -n 5
    """
    with connected() as client:
        dataset = find_dataset(client, name)
        found = list(islice(client.iter_dataset_revisions(dataset["id"]), count))
    if as_json:
        print_json(found)
        return
    print_table(
        [
            each["id"][:SHORT],
            each["createdAt"],
            each["via"],
            f"+{each['added']:,} ~{each['changed']:,} -{each['removed']:,}",
            each["userName"],
            ", ".join(each["versions"]),
            each["message"],
        ]
        for each in found
    )


def diff(
    name: Name,
    base: Annotated[str, typer.Argument(help="A version, or the beginning of a revision's id.")],
    target: Annotated[str, typer.Argument(help="The same, of what it is compared with.")] = (
        "latest"
    ),
    summary: Annotated[bool, typer.Option("--summary", help="Count, and name no objects.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what differs between two revisions: A was added, D removed, M changed.

    Examples:

    fastlabel dataset diff cats v1

    fastlabel dataset diff cats v1 v2 --summary
    """
    with connected() as client:
        dataset = find_dataset(client, name)
        found = client.diff_dataset(dataset["id"], base, target, limit=1)
        ends = (found["base"]["id"], found["target"]["id"])
        if as_json:
            changes = [] if summary else list(client.iter_dataset_diff(dataset["id"], *ends))
            print_json({**found, "objects": changes})
            return
        if not summary:
            for change in client.iter_dataset_diff(dataset["id"], *ends):
                typer.echo(_change_line(change))
    typer.echo(
        f"{found['added']:,} added, {found['changed']:,} changed, {found['removed']:,} removed"
    )


def versions(name: Name, as_json: AsJson = False) -> None:
    """List the named versions of a dataset, oldest first.

    Example: fastlabel dataset versions cats
    """
    with connected() as client:
        found = client.get_dataset_versions(find_dataset(client, name)["id"])
    if as_json:
        print_json(found)
        return
    if not found:
        typer.echo("no versions yet; `fastlabel dataset tag NAME VERSION` names one", err=True)
        return
    print_table(
        [each["version"], each["revisionId"][:SHORT], each["createdAt"], each["userName"]]
        for each in found
    )


def tag(
    name: At,
    version: Annotated[str, typer.Argument(help="The name to give, or to take away.")],
    delete: Annotated[
        bool, typer.Option("--delete", help="Take the name away; the revision stays.")
    ] = False,
) -> None:
    """Name a revision, the newest if none is given.

    Examples:

    fastlabel dataset tag cats v1

    fastlabel dataset tag cats@3f9a2b1c v0

    fastlabel dataset tag cats v0 --delete
    """
    with connected() as client:
        dataset, revision = find_revision(client, name)
        if delete:
            client.delete_dataset_version(dataset["id"], version)
            typer.echo(f"{version} names no revision any more")
            return
        client.create_dataset_version(dataset["id"], version, revision["id"])
    typer.echo(f"{version} is {revision['id'][:SHORT]}")


def restore(name: At, message: Message = "") -> None:
    """Make the objects of an earlier revision the newest ones, as a new revision.

    Example: fastlabel dataset restore cats@v1 -m "Undo the wrong import"
    """
    with connected() as client:
        dataset, revision = find_revision(client, name)
        job = client.restore_dataset(
            dataset["id"], revision_id=revision["id"], message=message or None
        )
    made = job["revisionId"]
    typer.echo(f"revision {made[:SHORT]}" if made else "nothing to do")


def _change_line(change: ObjectChange) -> str:
    """Return a line such as `M cats/1.jpg  annotations +1 ~2 -0, tags`."""
    fields = [
        f"annotations {_annotation_counts(change)}" if field == "annotations" else field
        for field in change["fields"]
    ]
    what = f"  {', '.join(fields)}" if fields else ""
    return f"{MARKS[change['change']]} {change['name']}{what}"


def _annotation_counts(change: ObjectChange) -> str:
    found = change["annotations"]
    return f"+{len(found['added'])} ~{len(found['changed'])} -{len(found['removed'])}"
