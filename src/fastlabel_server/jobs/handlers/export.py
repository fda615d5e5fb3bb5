"""`export`: tasks of a project, written by the writer of a format into one ZIP.

Two chunks: the tasks are counted, then all of them are written. A writer goes through the
tasks from front to back and a ZIP cannot be continued, so a worker that dies costs all that it
wrote: another begins again. Nothing is in the store before the file is complete, and the row
has it with the commit of the last chunk.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, TypedDict, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Dataset
from fastlabel.formats.report import Report
from fastlabel.formats.target import Zip
from fastlabel.modalities import PROJECT_TYPES
from fastlabel.types import ExportReport
from fastlabel_server import blobs
from fastlabel_server.annotations.catalog import Catalog, catalog_of
from fastlabel_server.annotations.service import rendered as class_json
from fastlabel_server.blobs import StoredBlob, living_keys
from fastlabel_server.buckets import BucketError
from fastlabel_server.errors import ApiError
from fastlabel_server.exports import checks
from fastlabel_server.exports.history import Watch, follow
from fastlabel_server.exports.media import TaskFiles
from fastlabel_server.exports.pages import Pages, Reading, TaskJson
from fastlabel_server.exports.queries import selected
from fastlabel_server.exports.report import to_json
from fastlabel_server.jobs.handler import Context, Handler, JobError, Payload, Step
from fastlabel_server.storage import StorageUnavailable
from fastlabel_server.tables import Export, Project
from fastlabel_server.tasks import queries
from fastlabel_server.uploads.spool import ReceivedFile
from fastlabel_server.urls import FileUrls

ATTEMPTS: Final = 3
"""How often a store or bucket that fails is tried: each time all is written again."""
FULL: Final = (errno.ENOSPC, errno.EDQUOT)


class Cursor(TypedDict):
    """That the tasks are counted; later, that all is done but for an object to delete."""

    surplus: list[str]
    """Objects that no row took over, as the same bytes were there already."""
    total: int


@dataclass(frozen=True)
class Work:
    """An export, and what it is made with."""

    row: Export
    project: Project
    catalog: Catalog


@dataclass(frozen=True)
class Counted:
    total: int


@dataclass(frozen=True)
class Written:
    blob: StoredBlob
    report: ExportReport
    report_text: str
    total: int


@dataclass(frozen=True)
class Cleaned:
    total: int


def prepare(
    context: Context, payload: Payload, cursor: Cursor | None
) -> Counted | Written | Cleaned:
    """Count the tasks, or write all of them."""
    if cursor is not None and cursor["surplus"]:
        context.storage.delete(cursor["surplus"])
        return Cleaned(cursor["total"])
    work = find(context, payload)
    if cursor is None:
        with context.database.read() as session:
            return Counted(queries.count(session, selected(work.row, work.catalog)))
    try:
        return _written(context, work, cursor["total"])
    except FastLabelInvalidException as error:
        raise JobError(error.message) from error
    except ApiError as error:
        raise JobError(str(error)) from error
    except (StorageUnavailable, BucketError) as error:
        if context.attempt >= ATTEMPTS or _is_full(error.__cause__):
            raise JobError(str(error)) from error
        raise
    except OSError as error:
        if _is_full(error):
            folder = context.settings.spool_dir
            raise JobError(f"The disk of the worker is full: {folder}") from error
        raise


def apply(session: Session, payload: Payload, prepared: Counted | Written | Cleaned) -> Step:
    """Note what the chunk came to."""
    if isinstance(prepared, Cleaned):
        return Step(None, prepared.total, prepared.total)
    row = session.get(Export, payload["exportId"])
    if row is None:
        raise JobError("the export was deleted")
    if isinstance(prepared, Counted):
        row.status = "running"
        row.total = prepared.total
        return Step(Cursor(surplus=[], total=prepared.total), 0, prepared.total)
    blob = prepared.blob
    key = living_keys(session, [blob])[blob.sha256]
    row.blob_sha256 = blob.sha256
    row.size = blob.size
    row.report = cast("dict[str, Any]", prepared.report)
    row.report_text = prepared.report_text
    row.done = prepared.total
    surplus = [blob.key] if key != blob.key else []
    cursor = Cursor(surplus=surplus, total=prepared.total) if surplus else None
    return Step(cursor, prepared.total, prepared.total)


def find(context: Context, payload: Payload) -> Work:
    """Return the export of a job, with the project's classes as they are now.

    Raises:
        JobError: it or its project was deleted.
    """
    with context.database.read() as session:
        found = session.execute(
            select(Export, Project)
            .join(Project, Project.id == Export.project_id)
            .where(Export.id == payload["exportId"], Project.deleted_at.is_(None))
        ).one_or_none()
        if found is None:
            raise JobError("the project was deleted")
        row, project = found
        return Work(row, project, catalog_of(session, project.id))


def _written(context: Context, work: Work, total: int) -> Written:
    """Write the ZIP on this machine, then put it into the store as a whole."""
    row = work.row
    found = checks.find_format(row.format)
    assert found.write is not None
    watch = Watch(context.database, row.id, total, found.passes)
    report = Report(Path(row.file_name), strict=row.strict)
    classes = [
        class_json(each)
        for each in work.catalog.rows
        if "classes" not in row.filters or each.value in row.filters["classes"]
    ]
    pages = Pages(reading(context, work), context.settings.spool_dir)
    file = ReceivedFile(context.settings.spool_dir, row.file_name)
    output = Output(file, watch)
    try:
        dataset = Dataset(
            Tasks(pages, watch),
            work.project.type,
            classes,
            TaskFiles(context.database, context.storage).open,
        )
        target = Zip(cast("BinaryIO", output))
        found.write(dataset, target, report, **checks.options_of(found, row.options))
        target.close()
        file.close()
        blob = blobs.put(context.storage, context.database, file)
    finally:
        output.ended = True
        pages.close()
        file.discard()
    return Written(blob, to_json(report), str(report), total)


def reading(context: Context, work: Work) -> Reading:
    row, settings = work.row, context.settings.with_secret()
    urls = FileUrls(row.base_url, settings.secret_key.encode(), settings.file_url_lifetime)
    return Reading(
        context.database,
        work.project.id,
        PROJECT_TYPES[work.project.type].kind,
        work.catalog,
        urls,
        selected(row, work.catalog),
        row.filters.get("classes"),
        row.revision,
    )


@dataclass(frozen=True)
class Tasks:
    """The tasks of an export, watched as a writer goes through them."""

    pages: Pages
    watch: Watch

    def __iter__(self) -> Iterator[TaskJson]:
        for task in self.pages:
            yield task
            self.watch.passed(1)


@dataclass
class Output:
    """The file that a ZIP is written to, from front to back.

    Each write looks whether the export goes on: a single video can take minutes. What the ZIP
    of an export that failed still writes when it is thrown away goes nowhere.
    """

    file: ReceivedFile
    watch: Watch
    ended: bool = False

    def write(self, data: bytes) -> int:
        if not self.ended:
            self.file.write(data)
            self.watch.look()
        return len(data)

    def flush(self) -> None:
        """Nothing to do: the file is written to the disk when it is closed."""


def _is_full(error: BaseException | None) -> bool:
    return isinstance(error, OSError) and error.errno in FULL


HANDLER = Handler("io", prepare=prepare, apply=apply, on_end=follow)
