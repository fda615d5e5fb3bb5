"""Files of tasks on their way into objects: which come next, what they are called, their bytes.

An object is named like its task, or, where that has several files, like the task and the file:
`TASK/FILE`. Where the name does not end as the files of datasets do, the usual ending is added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import ColumnElement, Text, and_, func, or_, select, tuple_, type_coerce
from sqlalchemy.orm import Session

from fastlabel.modalities import PROJECT_TYPES, FileError, TaskKind
from fastlabel.modalities.objects import MAX_BYTES, object_rule
from fastlabel.names import check_object_name
from fastlabel_server import blobs
from fastlabel_server.blobs import StoredBlob
from fastlabel_server.buckets import (
    Bucket,
    BucketError,
    BucketMissing,
    BucketUnavailable,
    InvalidPath,
    ObjectMissing,
)
from fastlabel_server.datasets.changes import File
from fastlabel_server.datasets.objects import measured
from fastlabel_server.datasets.queries import fitting
from fastlabel_server.datasets.reports import Report
from fastlabel_server.errors import Invalid
from fastlabel_server.jobs.handler import Context
from fastlabel_server.media import extension_of
from fastlabel_server.tables import Blob, Content, Project, ProjectBucket, Task
from fastlabel_server.tasks.queries import TaskFilter
from fastlabel_server.uploads.spool import ReceivedFile

FILES: Final = 300
"""Per chunk."""
LABEL_BYTES: Final = 4 * 1024 * 1024
"""Of the labels of a chunk's tasks."""
FETCHED: Final = 32
FETCHED_BYTES: Final = 32 * 1024 * 1024
"""Per chunk, from the project's buckets."""
FETCHERS: Final = 8
FEWER: Final = 8
"""After each failed attempt the chunk has so many times fewer files, down to one."""
PATIENT_UNTIL: Final = 3
"""Before this attempt a bucket out of reach fails the chunk, as it may be for a moment only."""
HOPELESS_FROM: Final = 6
"""From this attempt on the one file left is not even fetched: it ends the worker each time."""
COLUMNS: tuple[Any, ...] = (
    Task.id.label("task_id"),
    Task.seq,
    Task.name.label("task_name"),
    func.length(type_coerce(Task.annotations, Text)).label("label_bytes"),
    Content.id,
    Content.position,
    Content.name,
    Content.blob_sha256,
    Blob.key,
    Content.bucket_kind,
    Content.bucket_path,
    Content.media_type,
    Content.size,
    Content.media,
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Stored:
    """A file that is in the store, and what was measured of it."""

    file: File
    blob: StoredBlob


@dataclass(frozen=True)
class TaskFiles:
    """The files of the tasks that become objects."""

    project: Project
    kind: TaskKind
    conditions: Sequence[ColumnElement[bool]]
    folder: str
    """That the names of objects begin with."""

    @classmethod
    def of(cls, project: Project, arguments: Mapping[str, Any]) -> TaskFiles:
        selected = TaskFilter(project.id, arguments["status"], tags=arguments["tags"])
        conditions = [*selected.conditions(), Task.seq <= arguments["lastSeq"]]
        if arguments["ids"] is not None:
            conditions.append(Task.id.in_(arguments["ids"]))
        folder = f"{arguments['prefix']}/" if arguments["prefix"] else ""
        return cls(project, PROJECT_TYPES[project.type].kind, conditions, folder)

    def count(self, session: Session) -> int:
        statement = (
            select(func.count())
            .select_from(Task)
            .join(Content, _is_content())
            .where(*self.conditions)
        )
        return session.scalar(statement) or 0

    def page(
        self, session: Session, seq: int, position: int, attempt: int
    ) -> tuple[Sequence[Any], bool]:
        """Return the files behind a place as `COLUMNS`, and whether there are more of them."""
        limit = max(1, FILES // FEWER ** (attempt - 1))
        rows = session.execute(
            select(*COLUMNS)
            .join(Content, _is_content())
            .outerjoin(Blob, Blob.sha256 == Content.blob_sha256)
            .where(
                *self.conditions,
                Task.seq >= seq,
                or_(Task.seq > seq, Content.position > position),
            )
            .order_by(Task.seq, Content.position)
            .limit(limit)
        ).all()
        firsts = {row.task_id: row.id for row in reversed(rows)}
        fetched = [row.size if row.bucket_kind is not None else 0 for row in rows]
        count = min(
            fitting(
                [(firsts[row.task_id] == row.id) * row.label_bytes for row in rows], LABEL_BYTES
            ),
            fitting(fetched, FETCHED_BYTES),
            fitting([int(size > 0) for size in fetched], FETCHED),
        )
        return rows[:count], count == limit or count < len(rows)

    def name(self, session: Session, row: Any, report: Report) -> str | None:
        """Return the name of a file's object; None, and a note, where it can have none."""
        base = row.task_name if self.kind.intake == "file" else f"{row.task_name}/{row.name}"
        name = self.folder + base
        ending = extension_of(row.media_type)
        if ending is None:
            report.add("passedOver", name)
            return None
        try:
            if row.media.get("frame") is not None:
                raise FileError(f"{name}: it is one of several pictures in a file")
            rule = object_rule(f"x{ending}", row.size)
            is_complete = name.lower().endswith(rule.extensions)
            name = name if is_complete else name + ending
            check_object_name(name)
        except ValueError as error:
            report.add("failed", name, str(error))
            return None
        if self._has_rival(session, row, base, "" if is_complete else ending):
            message = f"name: another file of project {self.project.slug!r} would be this object"
            report.add("taken", name, message)
            return None
        return name

    def _has_rival(self, session: Session, row: Any, base: str, ending: str) -> bool:
        """Tell whether another file of the project has the better claim to a name.

        Names of tasks differ. Two objects would be one only where an ending was added, or
        where a `/` in the name of a file reads as if it ended the name of a task.
        """
        bases = [base, base + ending] if ending else [base]
        if self.kind.intake == "file":
            if not ending:
                return False
            claims: ColumnElement[bool] = Task.name.in_(bases)
        else:
            if not ending and "/" not in row.name:
                return False
            pairs = [
                (whole[:at], whole[at + 1 :])
                for whole in bases
                for at, letter in enumerate(whole)
                if letter == "/"
            ]
            claims = tuple_(Task.name, Content.name).in_(pairs)
        rival = (
            select(Content.id)
            .join(Task, _is_content())
            .where(Task.project_id == self.project.id, claims, Content.id != row.id)
            .limit(1)
        )
        return session.scalar(rival) is not None

    def stored(
        self, context: Context, named: Sequence[tuple[Any, str]], report: Report
    ) -> dict[str, Stored]:
        """Return files by the names of their objects; those in buckets are fetched first."""
        found = {}
        elsewhere = []
        for row, name in named:
            if row.bucket_kind is not None:
                elsewhere.append((row, name))
                continue
            kind = object_rule(name, row.size).modality
            file = File(row.blob_sha256, kind, row.media_type, row.size, row.media)
            found[name] = Stored(file, StoredBlob(row.blob_sha256, row.key, row.size))
        if not elsewhere:
            return found
        buckets = self._buckets(context)
        with ThreadPoolExecutor(FETCHERS) as pool:
            results = pool.map(lambda one: _fetched(context, buckets, *one), elsewhere)
            for (_, name), result in zip(elsewhere, results, strict=True):
                if isinstance(result, Stored):
                    found[name] = result
                else:
                    report.add("failed", name, result)
        return found

    def _buckets(self, context: Context) -> dict[str, ProjectBucket]:
        with context.database.read() as session:
            settings = session.scalars(
                select(ProjectBucket).where(ProjectBucket.project_id == self.project.id)
            )
            return {setting.kind: setting for setting in settings}


def counts(session: Session, task_ids: Sequence[str]) -> dict[str, int]:
    """Return how many files tasks have, by their ids."""
    rows = session.execute(
        select(Content.task_id, func.count())
        .where(Content.task_id.in_(task_ids), Content.role == "content")
        .group_by(Content.task_id)
    )
    return {row[0]: row[1] for row in rows}


def _is_content() -> ColumnElement[bool]:
    return and_(Content.task_id == Task.id, Content.role == "content")


def _fetched(
    context: Context, buckets: Mapping[str, ProjectBucket], row: Any, name: str
) -> Stored | str:
    """Return a file that lies in a bucket, stored, or why there is none."""
    file = ReceivedFile(context.settings.spool_dir, name)
    try:
        if context.attempt >= HOPELESS_FROM:
            raise FileError(f"{name}: the worker ended each time it was read")
        _fetch(buckets.get(row.bucket_kind), row, name, file)
        found = measured(name, file, context.settings.max_image_pixels)
        return Stored(found, blobs.put(context.storage, context.database, file))
    except (FileError, Invalid, InvalidPath, ObjectMissing, BucketError) as error:
        is_passing = isinstance(error, BucketUnavailable) and not isinstance(error, BucketMissing)
        if is_passing and context.attempt < PATIENT_UNTIL:
            raise
        log.info("file could not be fetched", name=name, reason=str(error))
        return str(error)
    finally:
        file.discard()


def _fetch(setting: ProjectBucket | None, row: Any, name: str, file: ReceivedFile) -> None:
    if setting is None:
        raise FileError(f"{name}: the project has no {row.bucket_kind} bucket any more")
    bucket = Bucket(setting.kind, setting.bucket, setting.region, setting.prefix)
    for part in bucket.stream(row.bucket_path):
        file.write(part)
        if file.size > MAX_BYTES:
            object_rule(name, file.size)
    file.close()
