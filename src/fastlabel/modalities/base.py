"""What a kind of task is, said once as data: routes, checks, types and limits follow from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

MB = 1024 * 1024


class FileError(ValueError):
    """A file that a task of its kind does not take; the message names the file and the reason."""


@dataclass(frozen=True)
class FileRule:
    """What a file of a task may be."""

    formats: tuple[str, ...]
    """Names of the formats as the media probe reports them: `jpeg`, `png`, ..."""
    extensions: tuple[str, ...]
    """Lower case, with the dot."""
    max_bytes: int
    """Inclusive."""

    def check_extension(self, name: str, subject: str) -> None:
        """Refuse a file name without one of the extensions; upper case is fine.

        Raises:
            FileError: says which extensions `subject` takes.
        """
        if not name.lower().endswith(self.extensions):
            raise FileError(f"{name}: {subject} take {listed(self.extensions)} files")

    def check_size(self, size_bytes: int, name: str, subject: str) -> None:
        """Refuse a file of more than `max_bytes`.

        Raises:
            FileError: names the file, its size and the limit.
        """
        if size_bytes > self.max_bytes:
            raise FileError(
                f"{name}: {subject} take files of up to {self.max_bytes // MB} MB, "
                f"got {size_bytes:,} bytes"
            )


@dataclass(frozen=True)
class TaskKind:
    """One kind of task.

    `path` follows `tasks/` in the API. `labels` is the field that carries the labels:
    classification tasks have `attributes`, the answer to one question sheet; all others
    have `annotations`. `max_files` is 1 where a task is one file.
    """

    name: str
    title: str
    modality: str
    """Which media probe reads its files."""
    path: str
    labels: Literal["annotations", "attributes"]
    file: FileRule
    max_files: int = 1
    max_files_bytes: int | None = None
    """Limit of all files together, where there is one."""
    default_limit: int = 100
    max_limit: int = 1000
    integrated_path: str | None = None
    """Path below `tasks/` that makes such a task from an object of the project's bucket."""
    media_fields: tuple[str, ...] = ()
    """What the probe measures and every task shows."""

    @property
    def is_multi_file(self) -> bool:
        return self.max_files > 1


@dataclass(frozen=True)
class ProjectType:
    """A project type: which kind of task it holds and which classes it takes."""

    name: str
    title: str
    kind: TaskKind
    class_types: tuple[str, ...]


def listed(words: Iterable[str]) -> str:
    """Join words for a message: `.jpeg, .jpg or .png`."""
    *head, last = words
    return f"{', '.join(head)} or {last}" if head else last
