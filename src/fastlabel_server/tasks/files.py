"""The files of new tasks on their way in: named, checked, measured, stored."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from fastlabel.modalities import TaskKind
from fastlabel_server import blobs
from fastlabel_server.blobs import StoredBlob
from fastlabel_server.buckets import Bucket
from fastlabel_server.calls import Call
from fastlabel_server.errors import Invalid
from fastlabel_server.media import PROBES, Measured
from fastlabel_server.tables import ProjectBucket
from fastlabel_server.tasks.schemas import check_path
from fastlabel_server.uploads import ReceivedFile


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


def named(
    kind: TaskKind, task_name: str, files: Sequence[ReceivedFile]
) -> list[tuple[str, ReceivedFile]]:
    """Return the files with their names, in the order of their names where there are several.

    Raises:
        Invalid: too few or too many, or a name that will not do.
        FileError: a file of another kind, or too large.
    """
    if not kind.is_multi_file:
        if len(files) != 1:
            raise Invalid(f"file: {kind.title} have one file, got {len(files)}")
        kind.file.check_size(files[0].size, task_name, kind.title)
        if files[0].name:
            kind.file.check_extension(files[0].name, kind.title)
        return [(task_name, files[0])]
    if not 1 <= len(files) <= kind.max_files:
        raise Invalid(f"contents: {kind.title} have 1 to {kind.max_files} files, got {len(files)}")
    found: dict[str, ReceivedFile] = {}
    for index, file in enumerate(files):
        if not file.name:
            raise Invalid(f"contents[{index}].name: missing")
        check_path(file.name, f"contents[{index}].name")
        if file.name in found:
            raise Invalid(f"contents[{index}].name: {file.name!r} is given twice")
        kind.file.check_extension(file.name, kind.title)
        kind.file.check_size(file.size, file.name, kind.title)
        found[file.name] = file
    total = sum(file.size for file in files)
    if kind.max_files_bytes is not None and total > kind.max_files_bytes:
        raise Invalid(f"contents: up to {kind.max_files_bytes:,} bytes together, got {total:,}")
    return sorted(found.items())


def checked(
    call: Call, kind: TaskKind, name: str, file: ReceivedFile, *, strip: bool
) -> CheckedFile:
    """Probe a file, and take its metadata out where the request asks for it.

    Raises:
        FileError: not what tasks of the kind take, or damaged.
    """
    if file.size == 0:
        raise Invalid(f"file: {name} is empty")
    with file.open() as source:
        measured = _probe(call, kind, source, name)
    if strip:
        file.replace(PROBES[kind.modality].strip_metadata(file.read()))
    return CheckedFile(name, file, measured)


def stored(call: Call, files: Sequence[CheckedFile]) -> list[NewContent]:
    """Put checked files into the object store."""
    found = blobs.store(call, [checked.file for checked in files])
    return [
        NewContent(checked.name, checked.file.size, checked.measured, blob)
        for checked, blob in zip(files, found, strict=True)
    ]


def in_bucket(call: Call, kind: TaskKind, setting: ProjectBucket, path: str) -> NewContent:
    """Check an object that stays in the project's bucket.

    Raises:
        ObjectMissing: there is none at the path.
        FileError: not what tasks of the kind take, or damaged.
    """
    kind.file.check_extension(path, kind.title)
    bucket = Bucket(setting.kind, setting.bucket, setting.region, setting.prefix)
    size = bucket.head(path).size
    kind.file.check_size(size, path, kind.title)
    measured = _probe(call, kind, io.BytesIO(bucket.read(path, kind.file.max_bytes)), path)
    return NewContent(path, size, measured, bucket_kind=setting.kind)


def _probe(call: Call, kind: TaskKind, source: BinaryIO, name: str) -> Measured:
    max_pixels = call.services.settings.max_image_pixels
    return PROBES[kind.modality].measure(source, name, kind.file, max_pixels)
