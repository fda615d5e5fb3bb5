"""The files of new tasks on their way in: named, checked, measured, stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastlabel.modalities import FileRule, TaskKind
from fastlabel_server import blobs
from fastlabel_server.blobs import StoredBlob
from fastlabel_server.buckets import Bucket
from fastlabel_server.calls import Call
from fastlabel_server.errors import Invalid
from fastlabel_server.media import PROBES, Measured
from fastlabel_server.tasks.schemas import check_path
from fastlabel_server.uploads import ReceivedFile


@dataclass(frozen=True)
class NamedFile:
    """A received file under the name it has in its task, and the rule that it follows."""

    name: str
    file: ReceivedFile
    rule: FileRule


@dataclass(frozen=True)
class CheckedFile:
    """A received file that its kind of task takes."""

    name: str
    file: ReceivedFile
    measured: Measured


@dataclass(frozen=True)
class NewContent:
    """A checked file of a new task: a stored blob, or an object in the project's bucket."""

    name: str
    size: int
    measured: Measured
    blob: StoredBlob | None = None
    bucket_kind: str | None = None


def named(kind: TaskKind, task_name: str, files: Sequence[ReceivedFile]) -> list[NamedFile]:
    """Return the files with their names, in the order of their names where there are several.

    Raises:
        Invalid: too few or too many, or a name that will not do.
        FileError: a file of another kind, or too large.
    """
    if kind.intake == "file":
        if len(files) != 1:
            raise Invalid(f"file: {kind.title} have one file, got {len(files)}")
        # The official client sends bytes without a name, and tasks may be called anything.
        rule = kind.rule_of(files[0].name) if files[0].name else kind.files[0]
        rule.check_size(files[0].size, task_name, kind.title)
        return [NamedFile(task_name, files[0], rule)]
    if not 1 <= len(files) <= kind.max_files:
        raise Invalid(f"contents: {kind.title} have 1 to {kind.max_files} files, got {len(files)}")
    found: dict[str, NamedFile] = {}
    for index, file in enumerate(files):
        if not file.name:
            raise Invalid(f"contents[{index}].name: missing")
        check_path(file.name, f"contents[{index}].name")
        if file.name in found:
            raise Invalid(f"contents[{index}].name: {file.name!r} is given twice")
        found[file.name] = NamedFile(file.name, file, kind.check_file(file.name, file.size))
    total = sum(file.size for file in files)
    if kind.max_files_bytes is not None and total > kind.max_files_bytes:
        raise Invalid(f"contents: up to {kind.max_files_bytes:,} bytes together, got {total:,}")
    return [found[name] for name in sorted(found)]


def checked(named: NamedFile, max_pixels: int, *, strip: bool) -> CheckedFile:
    """Probe a file, and take its metadata out where the request asks for it.

    Raises:
        FileError: not what tasks of the kind take, or damaged.
    """
    name, file, rule = named.name, named.file, named.rule
    if file.size == 0:
        raise Invalid(f"file: {name} is empty")
    probe = PROBES[rule.modality]
    with file.open() as source:
        measured = probe.measure(source, name, rule, max_pixels)
    if strip and probe.strip_metadata is not None:
        file.replace(probe.strip_metadata(file.read()))
    return CheckedFile(name, file, measured)


def stored(call: Call, files: Sequence[CheckedFile]) -> list[NewContent]:
    """Put checked files into the object store."""
    found = blobs.store(call, [checked.file for checked in files])
    return [
        NewContent(checked.name, checked.file.size, checked.measured, blob)
        for checked, blob in zip(files, found, strict=True)
    ]


def in_bucket(
    bucket: Bucket, kind: TaskKind, path: str, max_pixels: int, size: int | None = None
) -> NewContent:
    """Check an object that stays in the project's bucket; without its size it is asked for.

    Raises:
        ObjectMissing: there is none at the path.
        FileError: not what tasks of the kind take, or damaged.
    """
    kind.rule_of(path)
    if size is None:
        size = bucket.head(path).size
    rule = kind.check_file(path, size)
    with bucket.open(path, size) as source:
        measured = PROBES[rule.modality].measure(source, path, rule, max_pixels)
    return NewContent(path, size, measured, bucket_kind=bucket.kind)
