"""What imports from archives have in common: files found one by one, until all are looked at.

What a file came to is a `StagedContent`, or is noted in the history; the last chunk makes of
them what the import is for. So a worker that dies costs the files of one chunk.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, TypedDict, cast

import structlog
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from fastlabel.modalities import PROJECT_TYPES, FileError, TaskKind
from fastlabel_server import blobs
from fastlabel_server.blobs import StoredBlob, living_keys
from fastlabel_server.imports import history
from fastlabel_server.jobs.handler import Context, Handler, JobError, Payload, Step
from fastlabel_server.media.archive import Archive, Member
from fastlabel_server.media.base import Measured, OtherFile
from fastlabel_server.storage import ObjectMissing
from fastlabel_server.tables import (
    Blob,
    ImportHistory,
    Project,
    StagedContent,
    StagedUpload,
)
from fastlabel_server.tasks.files import NewContent
from fastlabel_server.uploads.spool import ReceivedFile

CHUNK_S: Final = 1.0
"""After that long a chunk begins no further file."""
CAREFUL_FROM: Final = 3
"""From this attempt on one file at a time: one of them may be what ends the process."""
HOPELESS_FROM: Final = 6
"""From this attempt on that file is not even tried."""
BUFFER_BYTES: Final = 1024 * 1024

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Import:
    """An import, and the archive that it reads."""

    id: str
    project: Project
    kind: TaskKind
    options: dict[str, Any]
    requested_by: str | None
    upload: StagedUpload


@dataclass(frozen=True)
class Found:
    """A file of the archive, stored, and what is kept of it."""

    name: str
    media_type: str
    media: dict[str, Any]
    blob: StoredBlob


class Cursor(TypedDict):
    at: int
    """How many files of the archive, or pictures in it, were looked at."""
    total: int
    surplus: list[str]
    """Objects that no row took over, as the same bytes were there already."""


@dataclass
class Chunk:
    """What the next files of the archive came to."""

    cursor: Cursor
    is_last: bool = False
    """All files were looked at before."""
    found: dict[int, Found] = field(default_factory=dict)
    """By the number of the file in the archive."""
    passed_over: int = 0
    errors: list[dict[str, str]] = field(default_factory=list)


Look = Callable[[Context, Import, str, ReceivedFile], Found]
"""Says what a file of the archive is, and stores it.

Raises OtherFile for what is not looked for, FileError for what is damaged.
"""
Finish = Callable[[Session, Import, Sequence[NewContent]], None]
"""Makes of all files, in the order of their names, what the import is for; raises JobError."""


def handler(look: Look, finish: Finish) -> Handler:
    """Return the handler of an import that looks at each file of an archive by itself."""

    def prepare(context: Context, payload: Payload, cursor: Cursor | None) -> Chunk:
        return _next_files(context, payload, cursor, look)

    def apply(session: Session, payload: Payload, chunk: Chunk) -> Step:
        return _keep(session, payload, chunk, finish)

    return Handler("io", prepare=prepare, apply=apply, on_end=on_end)


def find(session: Session, payload: Payload) -> Import:
    """Return the import of a job.

    Raises:
        JobError: its project was deleted.
    """
    row = session.execute(
        select(ImportHistory, Project, StagedUpload)
        .join(Project, Project.id == ImportHistory.project_id)
        .join(StagedUpload, StagedUpload.history_id == ImportHistory.id)
        .where(ImportHistory.id == payload["historyId"], Project.deleted_at.is_(None))
    ).one_or_none()
    if row is None:
        raise JobError("the project was deleted")
    found, project, upload = row
    kind = PROJECT_TYPES[project.type].kind
    return Import(found.id, project, kind, found.options, found.requested_by, upload)


@contextmanager
def opened(context: Context, work: Import) -> Iterator[Archive]:
    """Open the archive of an import; its bytes are read from the store as they are needed.

    Raises:
        JobError: no ZIP, or one that is dangerous to unpack.
    """
    try:
        with context.storage.open(work.upload.key) as source:
            try:
                archive = Archive(source, work.upload.file_name)
            except FileError as error:
                raise JobError(str(error)) from error
            with archive:
                yield archive
    except ObjectMissing as error:
        raise JobError(f"{work.upload.file_name}: it is no longer in the object store") from error


@contextmanager
def unpacked(context: Context, archive: Archive, member: Member) -> Iterator[ReceivedFile]:
    """Unpack a file of an archive, in memory where it is small.

    Raises:
        FileError: damaged.
    """
    file = ReceivedFile(context.settings.spool_dir, member.name)
    try:
        with archive.open(member.name) as source:
            shutil.copyfileobj(source, cast(BinaryIO, file), BUFFER_BYTES)
        file.close()
        yield file
    finally:
        file.discard()


def stored(context: Context, file: ReceivedFile) -> StoredBlob:
    """Put an unpacked file into the object store."""
    return blobs.put(context.storage, context.database, file)


def on_end(session: Session, payload: Payload, status: str, message: str | None) -> None:
    """End the history; forget what was found, as it came to something or never will."""
    session.execute(delete(StagedContent).where(StagedContent.history_id == payload["historyId"]))
    history.follow(session, payload, status, message)


def error_of(name: str, error: Exception) -> dict[str, str]:
    """Return what the history says of a file that could not be taken."""
    return {"name": name, "message": str(error)}


def time_is_up(begun: float, attempt: int) -> bool:
    """Tell whether a chunk shall begin no further file."""
    return attempt >= CAREFUL_FROM or time.monotonic() - begun >= CHUNK_S


def check_hope(name: str, attempt: int) -> None:
    """Refuse a file that may be what ended the worker again and again.

    Raises:
        FileError: there were too many attempts.
    """
    if attempt >= HOPELESS_FROM:
        raise FileError(f"{name}: the worker ended each time it was read")


def all_seen(context: Context, cursor: Cursor) -> bool:
    """Tell whether all files were looked at; delete what the chunk before left over."""
    if cursor["surplus"]:
        context.storage.delete(cursor["surplus"])
    return cursor["at"] == cursor["total"]


def _next_files(context: Context, payload: Payload, cursor: Cursor | None, look: Look) -> Chunk:
    if cursor is not None and all_seen(context, cursor):
        return Chunk(cursor, is_last=True)
    with context.database.read() as session:
        work = find(session, payload)
    begun = time.monotonic()
    with opened(context, work) as archive:
        members = archive.members
        at = cursor["at"] if cursor else 0
        chunk = Chunk(Cursor(at=at, total=len(members), surplus=[]))
        for position, member in enumerate(members[at:], start=at):
            chunk.cursor["at"] = position + 1
            try:
                check_hope(member.name, context.attempt)
                with unpacked(context, archive, member) as file:
                    chunk.found[position] = look(context, work, member.name, file)
            except OtherFile:
                chunk.passed_over += 1
            except FileError as error:
                log.info("file could not be imported", history=work.id, reason=str(error))
                chunk.errors.append(error_of(member.name, error))
            if time_is_up(begun, context.attempt):
                break
    return chunk


def _keep(session: Session, payload: Payload, chunk: Chunk, finish: Finish) -> Step:
    at, total = chunk.cursor["at"], chunk.cursor["total"]
    row = session.get_one(ImportHistory, payload["historyId"])
    if chunk.is_last:
        work = find(session, payload)
        files = _staged(session, work)
        if not files:
            raise JobError(nothing_in(work.upload.file_name, row))
        finish(session, work, files)
        return Step(None, at, total)
    found = chunk.found
    living = living_keys(session, [one.blob for one in found.values()])
    if found:
        session.execute(
            insert(StagedContent),
            [
                {
                    "history_id": row.id,
                    "position": position,
                    "name": one.name,
                    "blob_sha256": one.blob.sha256,
                    "media_type": one.media_type,
                    "size": one.blob.size,
                    "media": one.media,
                }
                for position, one in found.items()
            ],
        )
    row.total = total
    progress = history.Progress(len(found), passed_over=chunk.passed_over, errors=chunk.errors)
    history.note(session, row, progress)
    surplus = {one.blob.key for one in found.values()} - set(living.values())
    return Step(Cursor(at=at, total=total, surplus=sorted(surplus)), at, total)


def nothing_in(file_name: str, row: ImportHistory) -> str:
    """Say why an import came to nothing."""
    reason = f": {row.errors[0]['message']}" if row.errors else ""
    return f"{file_name}: there is nothing in it that could be taken{reason}"


def _staged(session: Session, work: Import) -> list[NewContent]:
    rows = session.execute(
        select(StagedContent, Blob.key)
        .join(Blob, Blob.sha256 == StagedContent.blob_sha256)
        .where(StagedContent.history_id == work.id)
        .order_by(StagedContent.position)
    )
    return [
        NewContent(
            file.name,
            file.size,
            Measured(file.media_type, file.media),
            StoredBlob(file.blob_sha256, key, file.size),
        )
        for file, key in rows
    ]
