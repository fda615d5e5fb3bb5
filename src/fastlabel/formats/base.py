"""What a dataset format is, said once: the command line, the server and the tests walk the list.

The hub is the task as the API returns it. A format that reads makes such tasks, with the
fields it knows; one that writes takes them and changes nothing in them.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

import orjson

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.report import ReadReport, Report
from fastlabel.formats.target import Target
from fastlabel.modalities import PROJECT_TYPES
from fastlabel.modalities.base import TaskKind

Task = Mapping[str, Any]
"""A task as the API returns it, or the part of it that a format knows."""


@dataclass(frozen=True)
class Dataset:
    """What is to be written."""

    tasks: Iterable[Task]
    """Can be gone through more than once; see `repeatable`."""
    project_type: str = "image_all"
    """Such as `image_bbox`."""
    classes: Sequence[Mapping[str, Any]] = ()
    """Annotation classes as the API returns them, in their order; empty where nobody gave any."""
    open_file: Callable[[Task], BinaryIO] | None = None
    """Opens the file of a task, for formats that bring files along; None where there are none."""


@dataclass(frozen=True)
class ReadTask:
    """A task that was read: its labels, and where they were found."""

    task: dict[str, Any]
    """`name`, `annotations`, and `width` and `height` where they are known."""
    file: Path | None = None
    """Its media file, where the dataset has it on this machine."""


class Writer(Protocol):
    def __call__(self, dataset: Dataset, target: Target, report: Report) -> None:
        """Write a dataset, and count in the report what becomes of every annotation.

        Raises:
            FastLabelInvalidException: tasks or a project type that the format has no form for.
        """


class Reader(Protocol):
    def __call__(self, source: Path, report: ReadReport) -> Iterator[ReadTask]:
        """Read a dataset task by task; bad rows go to the report and are passed over.

        Raises:
            FastLabelInvalidException: the source as a whole is not of this format.
        """


@dataclass(frozen=True)
class Format:
    """A dataset format, by the names that people script."""

    name: str
    """In commands and the API: lower case, with "-"."""
    title: str
    modalities: tuple[str, ...]
    """Which tasks it holds: `image`, `video` (by frame), `text`, `audio`, `pcd`."""
    write: Writer | None = None
    read: Reader | None = None
    takes: str = "a folder"
    """What the reader is given, for messages: `a .json file`, `a folder`."""
    brings_files: bool = False
    """Writes the tasks' media files too."""
    passes: int = 1
    """How many times its writer goes through the tasks, for those who show how far it is."""


def kind_of(
    dataset: Dataset, modality: str, format_name: str, *, sequences: bool = False
) -> TaskKind:
    """Return the kind of the tasks to be written, where a format holds annotations of it.

    Args:
        modality: of the tasks that it holds: `text`, `audio`, ...
        sequences: it holds tasks of several files too.

    Raises:
        FastLabelInvalidException: the project has other tasks; names its type.
    """
    project_type = PROJECT_TYPES.get(dataset.project_type)
    kind = project_type.kind if project_type else None
    if (
        kind is None
        or kind.modality != modality
        or kind.labels != "annotations"
        or (kind.shows_contents and not sequences)
    ):
        raise FastLabelInvalidException(
            f"project type {dataset.project_type!r}: {format_name} holds annotations of "
            f"{modality} tasks alone",
            422,
        )
    return kind


def repeatable(tasks: Iterable[Task]) -> Iterable[Task]:
    """Return tasks that can be gone through several times.

    Lists, and objects that make a new iterator each time, are taken as they are. What a
    one-time iterator brings is kept on disk, not in memory.
    """
    if not isinstance(tasks, Iterator):
        return tasks
    spool = Spool()
    spool.add(tasks)
    return spool


class Spool(Iterable[Task]):
    """Tasks kept on disk, a line each; the file has no name and goes with the object."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives with the object
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, tasks: Iterable[Task]) -> None:
        """Keep further tasks, behind those that are there."""
        self._file.seek(0, os.SEEK_END)
        for task in tasks:
            self._file.write(orjson.dumps(task, option=orjson.OPT_SERIALIZE_NUMPY) + b"\n")
            self._count += 1
        self._file.flush()

    def __iter__(self) -> Iterator[Task]:
        at = 0
        while True:
            # Several iterators may be at work, each at a place of its own.
            self._file.seek(at)
            lines = self._file.readlines(1 << 20)
            if not lines:
                return
            at = self._file.tell()
            for line in lines:
                yield orjson.loads(line)
