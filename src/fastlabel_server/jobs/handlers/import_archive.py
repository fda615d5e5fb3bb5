"""`import_archive`: one task of all files of a ZIP, such as the slices of a DICOM series."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel_server.annotations.catalog import catalog_of
from fastlabel_server.blobs import StoredBlob, living_keys
from fastlabel_server.errors import NotFound
from fastlabel_server.jobs.handler import Context, JobError
from fastlabel_server.jobs.handlers.unpacking import Found, Import, handler, stored
from fastlabel_server.media import SERIES, Measured
from fastlabel_server.tables import User
from fastlabel_server.tasks.files import NewContent
from fastlabel_server.tasks.insert import PreparedTask, insert_all
from fastlabel_server.tasks.labels import Labels
from fastlabel_server.tasks.schemas import TaskFields
from fastlabel_server.uploads.spool import ReceivedFile

MEDIA_TYPE = "application/zip"


def look(context: Context, work: Import, name: str, file: ReceivedFile) -> Found:
    """Store a file of the series, with what its header says."""
    reader = SERIES[work.kind.modality]
    with file.open() as source:
        header = reader.header(source, name, context.settings.max_image_pixels)
    return Found(name, reader.media_type, header, stored(context, file))


def finish(session: Session, work: Import, files: Sequence[NewContent]) -> None:
    """Make the task; the ZIP stays as the source of its contents."""
    upload = work.upload
    source = NewContent(
        upload.file_name,
        upload.size,
        Measured(MEDIA_TYPE, {}),
        StoredBlob(upload.sha256, upload.key, upload.size),
    )
    task = PreparedTask(
        work.options["name"],
        TaskFields.model_validate(work.options["state"]),
        Labels.of(catalog_of(session, work.project.id), work.kind, []),
        _people(session, work),
        _contents(work, files),
        source,
    )

    def claim(found: Sequence[StoredBlob]) -> None:
        living_keys(session, found)

    try:
        made = insert_all(session, work.project, work.requested_by, work.kind, [task], claim)
    except NotFound as error:
        raise JobError(str(error)) from error
    if not made:
        raise JobError(f"name: project {work.project.slug!r} already has a task {task.name!r}")


def _contents(work: Import, files: Sequence[NewContent]) -> list[NewContent]:
    by_name = {file.name: file for file in files}
    parts = SERIES[work.kind.modality].in_order([(f.name, f.measured.media) for f in files])
    if len(parts) > work.kind.max_files:
        raise JobError(
            f"{work.upload.file_name}: {work.kind.title} have up to {work.kind.max_files:,} "
            f"files, got {len(parts):,}"
        )
    contents = []
    for part in parts:
        file = by_name[part.member]
        measured = Measured(file.measured.media_type, part.media)
        contents.append(NewContent(part.name, file.size, measured, file.blob))
    return contents


def _people(session: Session, work: Import) -> dict[str, str | None]:
    """Return who works on the task, without those who have left meanwhile."""
    given: dict[str, str | None] = work.options["people"]
    ids = [user_id for user_id in given.values() if user_id is not None]
    known = set(session.scalars(select(User.id).where(User.id.in_(ids))))
    return {role: user_id for role, user_id in given.items() if user_id in known}


HANDLER = handler(look, finish)
