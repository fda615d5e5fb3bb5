"""`fastlabel dataset`: datasets seen, compared, named, restored, and kept in step with folders."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fastlabel.cli.common import BAD, Project, refusals
from fastlabel.const import DatasetObjectType
from fastlabel.types import UNSET, DatasetType, TaskStatus

if TYPE_CHECKING:
    from fastlabel import Client
    from fastlabel.types import (
        Dataset,
        DatasetJob,
        DatasetRevision,
        ObjectChange,
        ObjectFilter,
    )

SHORT = 12
"""Characters of a revision's id that are shown."""
UNITS = ("B", "KB", "MB", "GB", "TB")
MARKS = {"added": "A", "removed": "D", "changed": "M"}
ANNOTATION_MARKS = {"added": "+", "changed": "~", "removed": "-"}

app = typer.Typer(
    name="dataset",
    no_args_is_help=True,
    help="Look at datasets and their revisions, and keep folders in step with them.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the dataset.")]
At = Annotated[
    str,
    typer.Argument(
        metavar="NAME[@VERSION]",
        help="Name of the dataset, and a version or the first 8 characters of a revision's id.",
    ),
]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Files under way at a time.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress bar.")]
Message = Annotated[str, typer.Option("--message", "-m", help="What the revision is about.")]


@app.command("list")
def list_datasets(
    keyword: Annotated[str, typer.Option(help="Only names that contain this.")] = "",
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", help="Only datasets with this tag; may be given several times."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the datasets, oldest first.

    Example: fastlabel dataset list --tag street
    """
    with _client() as client:
        found = list(client.iter_datasets(keyword or None, tag))
    if as_json:
        _print_json(found)
        return
    _print_table(
        [
            each["name"],
            f"{each['objectCount']:,}",
            _bytes(each["size"]),
            each["revisionId"][:SHORT],
            ", ".join(each["tags"]),
        ]
        for each in found
    )


@app.command()
def show(name: At, as_json: AsJson = False) -> None:
    """Show what a dataset is, or one of its revisions.

    Examples:

    fastlabel dataset show cats

    fastlabel dataset show cats@v1
    """
    with _client() as client:
        dataset, revision = _revision_at(client, name)
    if as_json:
        _print_json({**dataset, "revision": revision})
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
        "size": _bytes(revision["size"]),
        "content": revision["contentHash"],
        "made": f"{revision['createdAt']} by {revision['userName'] or 'somebody who is gone'}",
        "message": revision["message"],
    }
    _print_table([key, value] for key, value in facts.items() if value)


@app.command()
def log(
    name: Name,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="Most to show.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the revisions of a dataset, newest first: who made each, and what it changed.

    Example: fastlabel dataset log cats -n 5
    """
    with _client() as client:
        dataset = _dataset(client, name)
        found = list(islice(client.iter_dataset_revisions(dataset["id"]), count))
    if as_json:
        _print_json(found)
        return
    _print_table(
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


@app.command()
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
    with _client() as client:
        dataset = _dataset(client, name)
        found = client.diff_dataset(dataset["id"], base, target, limit=1)
        ends = (found["base"]["id"], found["target"]["id"])
        if as_json:
            changes = [] if summary else list(client.iter_dataset_diff(dataset["id"], *ends))
            _print_json({**found, "objects": changes})
            return
        if not summary:
            for change in client.iter_dataset_diff(dataset["id"], *ends):
                typer.echo(_change_line(change))
    typer.echo(
        f"{found['added']:,} added, {found['changed']:,} changed, {found['removed']:,} removed"
    )


@app.command()
def versions(name: Name, as_json: AsJson = False) -> None:
    """List the named versions of a dataset, oldest first.

    Example: fastlabel dataset versions cats
    """
    with _client() as client:
        found = client.get_dataset_versions(_dataset(client, name)["id"])
    if as_json:
        _print_json(found)
        return
    _print_table(
        [each["version"], each["revisionId"][:SHORT], each["createdAt"], each["userName"]]
        for each in found
    )


@app.command()
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
    with _client() as client:
        dataset, revision = _revision_at(client, name)
        if delete:
            client.delete_dataset_version(dataset["id"], version)
            typer.echo(f"{version} names no revision any more")
            return
        client.create_dataset_version(dataset["id"], version, revision["id"])
    typer.echo(f"{version} is {revision['id'][:SHORT]}")


@app.command()
def restore(
    name: At,
    message: Message = "",
) -> None:
    """Make the objects of an earlier revision the newest ones, as a new revision.

    Example: fastlabel dataset restore cats@v1 -m "Undo the wrong import"
    """
    with _client() as client:
        dataset, revision = _revision_at(client, name)
        job = client.restore_dataset(
            dataset["id"], revision_id=revision["id"], message=message or None
        )
    made = job["revisionId"]
    typer.echo(f"revision {made[:SHORT]}" if made else "nothing to do")


@app.command()
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
    with _client() as client:
        dataset, _, version = name.partition("@")
        report = client.pull_dataset(
            dataset, folder, version or "latest", force=force, workers=workers, progress=not quiet
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


@app.command()
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
    from fastlabel.exceptions import FastLabelConflictException

    with _client() as client:
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
    sent = f" ({report.sent_files:,} files sent, {_bytes(report.sent_bytes)})"
    typer.echo(f"{report.dataset}{revision}: {report}{sent if report.sent_files else ''}")
    if not report.is_fine:
        raise typer.Exit(BAD)


@app.command()
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
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", help="Only objects with this tag; may be given several times."),
    ] = None,
    only: Annotated[
        list[DatasetObjectType] | None,
        typer.Option("--only", help="Only objects of this type; may be given several times."),
    ] = None,
    message: Message = "",
) -> None:
    """Divide objects into train, valid and test by a rule that gives the same everywhere.

    Examples:

    fastlabel dataset types cats --train 8 --valid 1 --test 1 --stratify class

    fastlabel dataset types cats --train 9 --valid 1 --group-by "pattern:(.*)_frame[0-9]+"
    """
    with _client() as client:
        dataset = _dataset(client, name)
        job = client.set_dataset_types(
            dataset["id"],
            ratios={"train": train, "valid": valid, "test": test},
            seed=seed,
            stratify=_by(stratify) or None,
            group_by=_by(group_by) or None,
            filter=_filter(tag, only),
            message=message or None,
        )
        _print_changes(client, dataset["id"], job)


@app.command("set-type")
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
    with _client() as client:
        dataset = _dataset(client, name)
        job = client.set_dataset_types(
            dataset["id"], {object_type: objects}, message=message or None
        )
        _print_changes(client, dataset["id"], job)


@app.command()
def split(
    name: Name,
    objects: Annotated[
        list[str] | None, typer.Argument(metavar="OBJECT", help="Names of objects.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="All that are no parts, instead of names.")
    ] = False,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", help="All with this tag, instead of names.")
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
    with _client() as client:
        dataset = _dataset(client, name)
        job = client.split_dataset_objects(
            dataset["id"],
            objects or UNSET,
            _filter(tag, None) if every or tag else UNSET,
            columns,
            rows,
            parts,
            "keyframes" if keyframes else None,
            into or None,
            not without_annotations,
            replace,
            message or None,
        )
        changed = _dataset(client, into) if into else dataset
        _print_changes(client, changed["id"], job)


@app.command("to-tasks")
def to_tasks(
    name: At,
    project: Project,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", help="Only objects with this tag; may be given several times."),
    ] = None,
    object_type: Annotated[
        list[DatasetObjectType] | None,
        typer.Option("--type", help="Only objects of this type; may be given several times."),
    ] = None,
    create_classes: Annotated[
        bool, typer.Option("--create-classes", help="Create classes that the project lacks.")
    ] = False,
    without_annotations: Annotated[
        bool, typer.Option("--without-annotations", help="Leave the annotations behind.")
    ] = False,
) -> None:
    """Make tasks of objects: one each, of its name and with its file.

    What was registered before stays, so that the same command again takes what is new.

    Example: fastlabel dataset to-tasks cats@v1 --project cats --create-classes

    Ends with 1 where objects could not become tasks.
    """
    with _client() as client:
        dataset, revision = _revision_at(client, name)
        job = client.register_dataset_tasks(
            dataset["id"],
            project,
            revision_id=revision["id"],
            filter=_filter(tag, object_type),
            with_annotations=not without_annotations,
            create_classes=create_classes,
        )
    _print_report(job)


@app.command("from-tasks")
def from_tasks(
    name: Name,
    project: Project,
    status: Annotated[
        TaskStatus | None, typer.Option(help="Only tasks of this status; `approved` by default.")
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", help="Only tasks with this tag; may be given several times."),
    ] = None,
    prefix: Annotated[str, typer.Option(help="A folder for the objects.")] = "",
    object_type: Annotated[
        DatasetType | None, typer.Option("--type", help="Type of the objects.")
    ] = None,
    message: Message = "",
) -> None:
    """Make objects of tasks, with their files and annotations, as one revision.

    Objects that are as their tasks are already stay as they are, and none is removed.

    Example: fastlabel dataset from-tasks cats --project cats --type train -m "Round 1"

    Ends with 1 where tasks could not become objects.
    """
    with _client() as client:
        job = client.create_dataset_objects_from_tasks(
            _dataset(client, name)["id"],
            project,
            UNSET if status is None else status,
            tags=tag,
            prefix=prefix or None,
            type=object_type,
            message=message or None,
        )
    _print_report(job)


def _filter(tags: list[str] | None, object_types: list[DatasetObjectType] | None) -> ObjectFilter:
    """Return which objects options choose."""
    chosen: ObjectFilter = {}
    if tags:
        chosen["tags"] = tags
    if object_types:
        chosen["types"] = [each.value for each in object_types]
    return chosen


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
    told = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
    typer.echo(f"revision {made['id'][:SHORT]}: {told}")


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
    told = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
    typer.echo(told or "nothing to do")
    if report["failed"]:
        raise typer.Exit(BAD)


@contextmanager
def _client() -> Iterator[Client]:
    from fastlabel import Client

    with refusals(), Client() as client:
        yield client


def _dataset(client: Client, name: str) -> Dataset:
    from fastlabel.exceptions import FastLabelNotFoundException

    found = client.find_dataset_by_name(name)
    if found is None:
        raise FastLabelNotFoundException(f"dataset: there is no dataset {name!r}", 404)
    return found


def _revision_at(client: Client, name: str) -> tuple[Dataset, DatasetRevision]:
    """Return the dataset and the revision that NAME[@VERSION] means."""
    dataset_name, _, version = name.partition("@")
    dataset = _dataset(client, dataset_name)
    found = client.diff_dataset(dataset["id"], version or "latest", version or "latest", limit=1)
    return dataset, found["target"]


def _change_line(change: ObjectChange) -> str:
    """Return a line such as `M cats/1.jpg  annotations +1 -0 ~2, tags`."""
    fields = []
    for name in change["fields"]:
        if name == "annotations":
            found: Any = change["annotations"]
            counts = [f"{mark}{len(found[what])}" for what, mark in ANNOTATION_MARKS.items()]
            name = " ".join([name, *counts])
        fields.append(name)
    what = f"  {', '.join(fields)}" if fields else ""
    return f"{MARKS[change['change']]} {change['name']}{what}"


def _bytes(count: int) -> str:
    """Return a number of bytes as people read it."""
    size = float(count)
    for unit in UNITS:
        if size < 1024 or unit == UNITS[-1]:
            return f"{size:,.0f} {unit}" if unit == "B" else f"{size:,.1f} {unit}"
        size /= 1024
    raise AssertionError


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _print_table(rows: Iterable[Sequence[str]]) -> None:
    """Print rows in columns; the last is as wide as it is."""
    lines = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        typer.echo("  ".join(cells).rstrip())
