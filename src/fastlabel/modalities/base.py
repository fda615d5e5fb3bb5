"""What a kind of task is, said once as data: routes, checks, types and limits follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from fastlabel.shapes import CLASSIFICATION, Framed, Shape

MB = 1024 * 1024
CONTENTS_BYTES = 536_870_000
"""Most bytes of all files of a task of several; the official client counts base64."""


class FileError(ValueError):
    """A file that a task of its kind does not take; the message names the file and the reason."""


@dataclass(frozen=True)
class FileRule:
    """What a file of a task may be."""

    modality: str
    """Which media probe reads such files."""
    formats: tuple[str, ...]
    """Names of the formats as the media probe reports them: `jpeg`, `png`, ..."""
    extensions: tuple[str, ...]
    """Lower case, with the dot."""
    max_bytes: int
    """Inclusive."""

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


Intake = Literal["file", "contents", "archive", "none"]
"""How the files of a task arrive: one with the request, several with it, a ZIP that an import
job unpacks, or none with the request (they follow later)."""


@dataclass(frozen=True)
class Archive:
    """The ZIP that an import takes for a kind of task."""

    brings: Literal["task", "contents", "appendix"]
    """The files of one new task, files of a task that is there, or pictures and calibrations
    that belong to files of tasks."""
    rule: FileRule


@dataclass(frozen=True)
class Place:
    """Where in a task of several files an annotation lies."""

    field: Literal["content", "contentId"]
    """`content` holds the name of a file, `contentId` its id."""
    required: bool = True


@dataclass(frozen=True)
class TaskKind:
    """One kind of task.

    `path` follows `tasks/` in the API. `labels` is the field that carries the labels:
    classification tasks have `attributes`, the answer to one question sheet; all others
    have `annotations`.
    """

    name: str
    title: str
    modality: str
    """What people look at or listen to: `image`, `video`, ..."""
    path: str
    labels: Literal["annotations", "attributes"]
    files: tuple[FileRule, ...]
    """What its files may be; a file's extension tells which rule it follows."""
    shapes: Mapping[str, Shape]
    """The geometry of its annotations, by their type."""
    intake: Intake = "file"
    max_files: int = 1
    max_files_bytes: int | None = None
    """Limit of all files together, where there is one."""
    archive: Archive | None = None
    place: Place | None = None
    default_limit: int = 100
    max_limit: int = 1000
    integrated_path: str | None = None
    """Path below `tasks/` that makes such a task from an object of the project's bucket."""
    integration: str | None = None
    """How parts of a file that was split are put together again: `images`, `videos`, `audios`,
    as the API calls them."""
    media_fields: tuple[str, ...] = ()
    """What the probe measures and every task shows: beside its one `url`, or in each of its
    `contents`."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Fields that only this kind has: their name in requests, and in answers."""
    poster: Literal["first", "middle"] = "first"
    """Which of its files stands for a task in lists."""

    @property
    def shows_contents(self) -> bool:
        """Tell whether a task shows a list of files; otherwise it has one `url`."""
        return self.intake != "file"

    @property
    def is_imported(self) -> bool:
        """Tell whether objects of a bucket can become tasks of this kind, one each."""
        return self.intake == "file"

    @property
    def frames_are_files(self) -> bool:
        """Tell whether the frames of its annotations are its files, in their order."""
        shapes = self.shapes.values()
        return self.intake == "contents" and any(isinstance(shape, Framed) for shape in shapes)

    @property
    def labels_lie_in_files(self) -> bool:
        """Tell whether an annotation, or each frame of it, belongs to one file of the task."""
        return self.intake == "file" or self.place is not None or self.frames_are_files

    def takes(self, file_name: str) -> bool:
        """Tell whether the kind takes files with such an extension."""
        return any(file_name.lower().endswith(rule.extensions) for rule in self.files)

    def rule_of(self, file_name: str) -> FileRule:
        """Return the rule that a file of this name follows.

        Raises:
            FileError: the kind takes no file with such an extension; says which it takes.
        """
        for rule in self.files:
            if file_name.lower().endswith(rule.extensions):
                return rule
        extensions = [extension for rule in self.files for extension in rule.extensions]
        raise FileError(f"{file_name}: {self.title} take {listed(extensions)} files")

    def check_file(self, file_name: str, size_bytes: int) -> FileRule:
        """Refuse a file by its name or size; return the rule that it follows.

        Raises:
            FileError: names the file, and what the kind takes.
        """
        rule = self.rule_of(file_name)
        rule.check_size(size_bytes, file_name, self.title)
        return rule


def zip_of(modality: str) -> FileRule:
    """Return the rule of ZIPs; all of them may have 2,000 MB."""
    return FileRule(modality, formats=("zip",), extensions=(".zip",), max_bytes=2000 * MB)


def classification_shapes() -> Mapping[str, Shape]:
    """Return the shapes of kinds whose labels are the answers to one question sheet."""
    return {CLASSIFICATION.type: CLASSIFICATION}


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
