"""`import_appendix`: pictures taken with point clouds, and the calibrations of their cameras.

The ZIP has folders `TASK/CONTENT.pcd`, each with pairs such as `000001.png`, `000001.yaml`. A
task of one cloud takes whatever name its folder has below the task's: nobody else can be meant.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel.modalities import FileError
from fastlabel.modalities.image import STILL
from fastlabel_server.blobs import StoredBlob, living_keys
from fastlabel_server.imports import history
from fastlabel_server.jobs.handler import Context, Handler, JobError, Payload, Step
from fastlabel_server.jobs.handlers import unpacking
from fastlabel_server.jobs.handlers.unpacking import (
    Cursor,
    Import,
    all_seen,
    check_hope,
    error_of,
    time_is_up,
)
from fastlabel_server.media import PROBES, Measured, calibration
from fastlabel_server.media.archive import Archive, Member
from fastlabel_server.media.calibration import Calibration
from fastlabel_server.tables import Appendix, Content, ImportHistory, Task

SUBJECT: Final = "appendices"
ALONE: Final = "there is no picture of this name beside the calibration"


@dataclass(frozen=True)
class Pair:
    """A picture in the archive, and the calibration beside it."""

    folder: str
    picture: Member
    calibration: Member | None


@dataclass(frozen=True)
class Found:
    """A picture that belongs to a content."""

    content_id: str
    name: str
    measured: Measured
    blob: StoredBlob
    calibration: Calibration | None = None
    calibration_name: str | None = None
    calibration_blob: StoredBlob | None = None

    @property
    def blobs(self) -> list[StoredBlob]:
        return [blob for blob in (self.blob, self.calibration_blob) if blob is not None]


@dataclass
class Chunk:
    """What the next pictures came to."""

    cursor: Cursor
    is_last: bool = False
    """All pictures were looked at before."""
    found: list[Found] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)
    passed_over: int = 0


def prepare(context: Context, payload: Payload, cursor: Cursor | None) -> Chunk:
    """Check and store the next pictures with their calibrations."""
    if cursor is not None and all_seen(context, cursor):
        return Chunk(cursor, is_last=True)
    with context.database.read() as session:
        work = unpacking.find(session, payload)
    begun = time.monotonic()
    with unpacking.opened(context, work) as archive:
        pairs, alone, others = _sorted_out(archive.members)
        at = cursor["at"] if cursor else 0
        chunk = Chunk(Cursor(at=at, total=len(pairs), surplus=[]))
        if cursor is None:
            chunk.passed_over = others
            chunk.errors = [error_of(name, FileError(ALONE)) for name in alone]
        with context.database.read() as session:
            places = _Places(session, work)
            for pair in pairs[at:]:
                chunk.cursor["at"] += 1
                try:
                    check_hope(pair.picture.name, context.attempt)
                    content_id = places.content_of(pair.folder)
                    chunk.found.append(_read(context, archive, pair, content_id))
                except FileError as error:
                    chunk.errors.append(error_of(pair.picture.name, error))
                if time_is_up(begun, context.attempt):
                    break
    return chunk


def _sorted_out(members: Sequence[Member]) -> tuple[list[Pair], list[str], int]:
    """Return pictures with their calibrations, calibrations alone, and how many other files."""
    pictures: defaultdict[tuple[str, str], list[Member]] = defaultdict(list)
    calibrations: dict[tuple[str, str], Member] = {}
    others = 0
    for member in members:
        path = PurePosixPath(member.name)
        key = (str(path.parent), path.stem)
        if path.suffix.lower() in STILL.extensions:
            pictures[key].append(member)
        elif calibration.is_calibration(path.name):
            calibrations[key] = member
        else:
            others += 1
    pairs = [
        Pair(key[0], picture, calibrations.get(key))
        for key, found in pictures.items()
        for picture in found
    ]
    alone = [member.name for key, member in calibrations.items() if key not in pictures]
    return pairs, alone, others


class _Places:
    """Finds the content that a folder of the archive is for."""

    def __init__(self, session: Session, work: Import) -> None:
        self._session = session
        self._project_id = work.project.id
        self._found: dict[str, str | FileError] = {}

    def content_of(self, folder: str) -> str:
        """Return the id of the content.

        Raises:
            FileError: no task of the project, or none of its files, is called like that.
        """
        if folder not in self._found:
            self._found[folder] = self._look_up(folder)
        found = self._found[folder]
        if isinstance(found, FileError):
            raise found
        return found

    def _look_up(self, folder: str) -> str | FileError:
        # Names of tasks and files may contain "/": each way to cut the path in two counts.
        parts = folder.split("/")
        cuts = {"/".join(parts[:n]): "/".join(parts[n:]) for n in range(1, len(parts))}
        rows = self._session.execute(
            select(Task.name.label("task"), Content.name, Content.id)
            .join(Content, Content.task_id == Task.id)
            .where(
                Task.project_id == self._project_id,
                Task.name.in_(cuts),
                Content.role == "content",
            )
        ).all()
        contents: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for row in rows:
            contents[row.task][row.name] = row.id
        for task, names in contents.items():
            rest = cuts[task]
            for name in (rest, rest.removesuffix(".pcd")):
                if name in names:
                    return names[name]
        for names in contents.values():
            if len(names) == 1:
                return next(iter(names.values()))
        if contents:
            task = next(iter(contents))
            return FileError(f"{folder}: task {task!r} has no file {cuts[task]!r}")
        return FileError(f"{folder}: no task of the project is called like this folder")


def _read(context: Context, archive: Archive, pair: Pair, content_id: str) -> Found:
    name = pair.picture.name
    STILL.check_size(pair.picture.size, name, SUBJECT)
    with unpacking.unpacked(context, archive, pair.picture) as file:
        with file.open() as source:
            measured = PROBES[STILL.modality].measure(
                source, name, STILL, context.settings.max_image_pixels
            )
        blob = unpacking.stored(context, file)
    base_name = PurePosixPath(name).name
    if pair.calibration is None:
        return Found(content_id, base_name, measured, blob)
    calibration.check_size(pair.calibration.name, pair.calibration.size)
    with unpacking.unpacked(context, archive, pair.calibration) as file:
        told = calibration.read(pair.calibration.name, file.read())
        calibration_blob = unpacking.stored(context, file)
    calibration_name = PurePosixPath(pair.calibration.name).name
    return Found(content_id, base_name, measured, blob, told, calibration_name, calibration_blob)


def apply(session: Session, payload: Payload, chunk: Chunk) -> Step:
    """Write the pictures, in the place of those that have the same name."""
    row = session.get_one(ImportHistory, payload["historyId"])
    at, total = chunk.cursor["at"], chunk.cursor["total"]
    if chunk.is_last:
        if not row.created:
            upload = unpacking.find(session, payload).upload
            raise JobError(unpacking.nothing_in(upload.file_name, row))
        return Step(None, at, total)
    there = _still_there(session, chunk.found)
    kept = [one for one in chunk.found if one.content_id in there]
    errors = chunk.errors + [
        error_of(one.name, FileError("its task was deleted meanwhile"))
        for one in chunk.found
        if one.content_id not in there
    ]
    blobs = [blob for one in kept for blob in one.blobs]
    living = living_keys(session, blobs)
    for one in kept:
        _write(session, one)
    row.total = total
    progress = history.Progress(len(kept), passed_over=chunk.passed_over, errors=errors)
    history.note(session, row, progress)
    surplus = {blob.key for blob in blobs} - set(living.values())
    return Step(Cursor(at=at, total=total, surplus=sorted(surplus)), at, total)


def _still_there(session: Session, found: Sequence[Found]) -> set[str]:
    ids = {one.content_id for one in found}
    return set(session.scalars(select(Content.id).where(Content.id.in_(ids))))


def _write(session: Session, found: Found) -> None:
    row = session.scalar(
        select(Appendix).where(Appendix.content_id == found.content_id, Appendix.name == found.name)
    )
    if row is None:
        row = Appendix(content_id=found.content_id, name=found.name)
        session.add(row)
    values: Mapping[str, Any] = {
        "blob_sha256": found.blob.sha256,
        "media_type": found.measured.media_type,
        "media": found.measured.media,
        "format": found.calibration and found.calibration.format,
        "calibration": found.calibration and found.calibration.value,
        "calibration_name": found.calibration_name,
        "calibration_sha256": found.calibration_blob and found.calibration_blob.sha256,
    }
    for name, value in values.items():
        setattr(row, name, value)


HANDLER = Handler("io", prepare=prepare, apply=apply, on_end=history.follow)
