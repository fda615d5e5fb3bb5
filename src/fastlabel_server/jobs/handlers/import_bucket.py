"""`import_bucket`: a task for every object of a project's bucket that is of the right kind.

The files stay in the bucket; each is read once, to be measured. Names that the project has
already are skipped, so that an import never makes a task twice, whatever came before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypedDict

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel.modalities import PROJECT_TYPES, FileError, TaskKind
from fastlabel_server.annotations.catalog import catalog_of
from fastlabel_server.buckets import (
    Bucket,
    BucketError,
    BucketMissing,
    BucketUnavailable,
    InvalidPath,
    ObjectMissing,
    StoredObject,
    check_path,
)
from fastlabel_server.errors import Invalid, NotFound
from fastlabel_server.imports import history
from fastlabel_server.jobs.handler import Context, Handler, JobError, Payload, Step
from fastlabel_server.tables import ImportHistory, Project, ProjectBucket
from fastlabel_server.tasks import files, schemas
from fastlabel_server.tasks.files import NewContent
from fastlabel_server.tasks.insert import PreparedTask, insert_all, taken_names
from fastlabel_server.tasks.labels import Labels
from fastlabel_server.tasks.schemas import TaskFields

OBJECTS: Final = 200
"""Per chunk."""
PROBERS: Final = 16
"""Objects that are read at the same time: each waits for the network most of the time."""
FEWER: Final = 8
"""After each failed attempt the chunk has so many times fewer objects, down to one."""
PATIENT_UNTIL: Final = 3
"""Before this attempt what cannot be reached fails the chunk, as it may be for a moment only."""
HOPELESS_FROM: Final = 6
"""From this attempt on the one object left is not even tried: it ends the worker each time."""
MOST_WALKS: Final = 16

Error = Mapping[str, str]

log = structlog.get_logger(__name__)


class Cursor(TypedDict):
    after: str | None
    """The path of the last object looked at."""
    done: int


@dataclass(frozen=True)
class Import:
    """What the chunks of an import have in common."""

    history_id: str
    project_id: str
    kind: TaskKind
    setting: ProjectBucket
    fields: TaskFields
    labels: Labels
    """None, in the form in which every task keeps them."""

    def name_of(self, path: str) -> str:
        """Return the name of an object's task: its whole key, unless the project says."""
        if self.setting.strip_prefix or not self.setting.prefix:
            return path
        return f"{self.setting.prefix}/{path}"


@dataclass(frozen=True)
class Prepared:
    """A chunk: what its objects came to, and where the next one begins."""

    cursor: Cursor
    is_last: bool
    tasks: Sequence[PreparedTask]
    errors: Sequence[Error]
    skipped: int
    passed_over: int


class Walks:
    """The walks through buckets that go on with the next chunk, if it is in this process."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[str | None, Iterator[StoredObject]]] = {}

    def take(
        self, history_id: str, after: str | None, begin: Callable[[], Iterator[StoredObject]]
    ) -> Iterator[StoredObject]:
        """Return the walk of an import that stands behind `after`, or begin one."""
        at, walk = self._waiting.pop(history_id, (None, None))
        return begin() if walk is None or at != after else walk

    def keep(self, history_id: str, after: str | None, walk: Iterator[StoredObject]) -> None:
        self._waiting[history_id] = after, walk
        if len(self._waiting) > MOST_WALKS:
            # Of an import that was canceled, or that another worker goes on with.
            self._waiting.pop(next(iter(self._waiting)))


_walks = Walks()


def prepare(context: Context, payload: Payload, cursor: Cursor | None) -> Prepared:
    """Measure the next objects of the bucket that are not tasks yet."""
    cursor = cursor or Cursor(after=None, done=0)
    after, done = cursor["after"], cursor["done"]
    with context.database.read() as session:
        work = _find(session, payload["historyId"])
    bucket = _opened(work.setting)
    wanted = max(1, OBJECTS // FEWER ** (context.attempt - 1))
    walk = _walks.take(work.history_id, after, lambda: bucket.walk(after))
    try:
        objects = list(islice(walk, wanted))
    except BucketUnavailable as error:
        if isinstance(error, BucketMissing) or context.attempt >= PATIENT_UNTIL:
            raise JobError(str(error)) from error
        raise
    except BucketError as error:
        raise JobError(str(error)) from error
    is_last = len(objects) < wanted
    if not is_last:
        after = objects[-1].key
        _walks.keep(work.history_id, after, walk)
    cursor = Cursor(after=after, done=done + len(objects))
    return _measured(context, work, bucket, objects, cursor, is_last)


def apply(session: Session, payload: Payload, prepared: Prepared) -> Step:
    """Make the tasks, and note in the history what the objects came to."""
    row = session.get_one(ImportHistory, payload["historyId"])
    project = session.get_one(Project, row.project_id)
    created: Mapping[str, str] = {}
    if prepared.tasks:
        kind = PROJECT_TYPES[project.type].kind
        try:
            created = insert_all(
                session, project, row.requested_by, kind, prepared.tasks, lambda blobs: None
            )
        except NotFound as error:
            raise JobError(str(error)) from error
    progress = history.Progress(
        created=len(created),
        # Somebody was quicker with those that are left.
        skipped=prepared.skipped + len(prepared.tasks) - len(created),
        passed_over=prepared.passed_over,
        errors=prepared.errors,
    )
    history.note(session, row, progress)
    done = prepared.cursor["done"]
    if prepared.is_last:
        row.total = done
        return Step(None, done, done)
    return Step(prepared.cursor, done)


def _find(session: Session, history_id: str) -> Import:
    row = session.get(ImportHistory, history_id)
    project = session.get(Project, row.project_id) if row else None
    if row is None or project is None or project.deleted_at is not None:
        raise JobError("the project was deleted")
    setting = session.scalar(
        select(ProjectBucket).where(
            ProjectBucket.project_id == project.id, ProjectBucket.kind == row.storage_type
        )
    )
    if setting is None or setting.described() != row.options["bucket"]:
        raise JobError(f"the {row.storage_type} bucket of the project was changed meanwhile")
    kind = PROJECT_TYPES[project.type].kind
    return Import(
        row.id,
        project.id,
        kind,
        setting,
        TaskFields.model_validate(row.options["fields"]),
        Labels.of(catalog_of(session, project.id), kind, []),
    )


def _opened(setting: ProjectBucket) -> Bucket:
    try:
        return Bucket(setting.kind, setting.bucket, setting.region, setting.prefix)
    except (BucketError, InvalidPath) as error:
        # Nothing was asked of the cloud yet: a setting is missing or wrong.
        raise JobError(str(error)) from error


def _measured(
    context: Context,
    work: Import,
    bucket: Bucket,
    objects: Sequence[StoredObject],
    cursor: Cursor,
    is_last: bool,
) -> Prepared:
    of_the_kind = [found for found in objects if work.kind.takes(found.key)]
    named: dict[str, StoredObject] = {}
    for found in of_the_kind:
        named.setdefault(work.name_of(found.key), found)
    with context.database.read() as session:
        taken = taken_names(session, work.project_id, list(named))
    new = [(name, found) for name, found in named.items() if name not in taken]
    with ThreadPoolExecutor(PROBERS) as pool:
        results = list(pool.map(lambda one: _task_of(context, work, bucket, *one), new))
    return Prepared(
        cursor,
        is_last,
        tasks=[result for result in results if isinstance(result, PreparedTask)],
        errors=[result for result in results if not isinstance(result, PreparedTask)],
        skipped=len(of_the_kind) - len(new),
        passed_over=len(objects) - len(of_the_kind),
    )


def _task_of(
    context: Context, work: Import, bucket: Bucket, name: str, found: StoredObject
) -> PreparedTask | Error:
    """Return the task of an object, or why it has none: no object stops the others."""
    try:
        content = _measured_alone(context, work, bucket, name, found)
    except (FileError, Invalid, InvalidPath, ObjectMissing, BucketError) as error:
        if isinstance(error, BucketUnavailable) and context.attempt < PATIENT_UNTIL:
            raise
        return {"name": name, "message": str(error)}
    except Exception:
        log.exception("object could not be measured", history=work.history_id, path=found.key)
        return {"name": name, "message": f"{name}: the server failed; its log says why"}
    return PreparedTask(name, work.fields, work.labels, {}, [content])


def _measured_alone(
    context: Context, work: Import, bucket: Bucket, name: str, found: StoredObject
) -> NewContent:
    check_path(found.key)
    schemas.check_path(name, "name")
    if context.attempt >= HOPELESS_FROM:
        raise FileError(f"{name}: the worker ended each time it was read")
    max_pixels = context.settings.max_image_pixels
    return files.in_bucket(bucket, work.kind, found.key, max_pixels, found.size)


HANDLER = Handler("io", prepare=prepare, apply=apply, on_end=history.follow)
