"""Many new tasks on their way to the server: in batches, several at a time, each told of alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from fastlabel.exceptions import FastLabelException, from_status
from fastlabel.exchange import LOST_STATUSES, Request
from fastlabel.modalities import TaskKind
from fastlabel.modalities.base import MB
from fastlabel.steps import Many, Prepared, Steps, ask
from fastlabel.tasks.common import Tasks
from fastlabel.types import BatchedTask

NAMES_PER_PAGE = 1000
BATCH_FILES = 25
BATCH_BYTES = 32 * MB
"""A larger file goes alone. Larger batches gain little, and lose more with a connection."""
CONCERNS_ALL = (None, 401, 403, 404, 429, *LOST_STATUSES)
"""Codes that say nothing of a single task: there was no answer, or the caller may not."""

Failure: TypeAlias = FastLabelException | OSError
T = TypeVar("T")


@dataclass(frozen=True)
class NewTask:
    """A task to be made: its name, its files, and what else the request says of it."""

    name: str
    files: tuple[Path, ...]
    fields: Mapping[str, Any]
    """As the API names them."""
    where: str = ""
    """What describes it: a file, a line of a manifest."""


Done: TypeAlias = Callable[[T, "str | Failure"], None]
"""Told of each task once, with its id or with what went wrong."""


def create_all(
    project: str, kind: TaskKind, tasks: Iterable[NewTask], done: Done[NewTask], workers: int
) -> Steps[None]:
    """Create tasks of any kind whose files come with the request; none stops the others.

    Tasks of one file go in batches; a batch that is refused as a whole is sent task by task.
    """

    def batch(members: list[NewTask]) -> Prepared:
        described = [{"name": task.name, **task.fields} for task in members]
        files = tuple(("contents", path) for task in members for path in task.files)
        body = {"project": project, "tasks": described}
        return Prepared(Request("POST", f"tasks/{kind.path}/batch", body=body, files=files))

    def single(task: NewTask) -> Prepared:
        part = "file" if kind.intake == "file" else "contents"
        body = {"project": project, "name": task.name, **task.fields}
        files = tuple((part, path) for path in task.files)
        return Prepared(Request("POST", f"tasks/{kind.path}", body=body, files=files))

    if kind.intake == "file":
        yield from create_in_batches(tasks, _size_bytes, batch, single, done, workers)
    else:
        yield Many(iter(tasks), single, done, workers)


def create_in_batches(
    items: Iterable[T],
    size_bytes: Callable[[T], int],
    batch: Callable[[list[T]], Prepared],
    single: Callable[[T], Prepared],
    done: Done[T],
    workers: int,
) -> Steps[None]:
    """Create tasks of one file each, a batch that is refused as a whole task by task.

    Args:
        size_bytes: of the file of an item; what it raises of `Failure` becomes of the item.
        batch, single: make the request for several items, or for one.
        done: told of each item once.
    """
    alone: list[T] = []

    def batch_done(members: list[T], outcome: Any) -> None:
        if not isinstance(outcome, Many.failures):
            for item, entry in zip(members, outcome, strict=True):
                done(item, _id_or_error(entry))
        elif _may_be_about_one(outcome):
            alone.extend(members)
        else:
            for item in members:
                done(item, copy(outcome))  # each may get a note of its own

    yield Many(_batches(items, size_bytes, done), batch, batch_done, workers)
    yield Many(iter(alone), single, done, workers)


def _size_bytes(task: NewTask) -> int:
    return sum(path.stat().st_size for path in task.files)


def _batches(
    items: Iterable[T],
    size_bytes: Callable[[T], int],
    done: Done[T],
) -> Iterator[list[T]]:
    """Divide items by the size of their files; `done` is told of files that will not do."""
    batch: list[T] = []
    batch_bytes = 0
    for item in items:
        try:
            size = size_bytes(item)
        except Many.failures as error:
            done(item, error)
            continue
        if batch and (len(batch) == BATCH_FILES or batch_bytes + size > BATCH_BYTES):
            yield batch
            batch, batch_bytes = [], 0
        batch.append(item)
        batch_bytes += size
    if batch:
        yield batch


def _id_or_error(entry: BatchedTask) -> str | FastLabelException:
    """Return the id of a created task, or what a request for it alone would have raised."""
    error = entry.get("error")
    return from_status(error["statusCode"], error["message"]) if error else entry["id"]


def _may_be_about_one(error: Failure) -> bool:
    """Tell whether a batch may have failed for the sake of one task in it."""
    return isinstance(error, OSError) or error.code not in CONCERNS_ALL


def known_names(project: str) -> Steps[set[str]]:
    """Return the names of all tasks of a project."""
    names: set[str] = set()
    offset = 0
    while True:
        page = yield from ask(Tasks.get_task_id_name_map, project, offset, NAMES_PER_PAGE)
        names.update(page.values())
        offset += len(page)
        if len(page) < NAMES_PER_PAGE:
            return names


@contextmanager
def bar(
    total: int | None, shown: bool, what: str = "creating tasks"
) -> Iterator[Callable[..., object]]:
    """Show a progress bar on the standard error stream; yield what advances it, by one or more.

    Args:
        total: None where it is not known.
    """
    if not shown:
        yield lambda by=1: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        line = progress.add_task("", total=total)
        yield lambda by=1: progress.advance(line, by)
