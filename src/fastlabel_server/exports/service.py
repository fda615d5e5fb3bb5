"""Exports as requests see them: begun, listed, looked at, canceled, deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel.modalities import PROJECT_TYPES, listed
from fastlabel.types import Export as ExportJson
from fastlabel_server import jobs
from fastlabel_server.access import Access, Right, find_project, with_access
from fastlabel_server.annotations.catalog import Catalog, catalog_of
from fastlabel_server.annotations.service import rendered as class_json
from fastlabel_server.auth import Caller
from fastlabel_server.calls import Call
from fastlabel_server.errors import Conflict, Invalid
from fastlabel_server.exports import checks, history
from fastlabel_server.exports.schemas import NewExport
from fastlabel_server.tables import Export, User, new_id, now_ms

JOB: Final = "export"


def create(call: Call, body: NewExport) -> ExportJson:
    """Begin to write tasks of a project as a ZIP.

    Those that exist now are in it. Each is shown as it is when the job reads it, and tasks
    that are deleted before that are not there.

    Raises:
        Invalid: the format does not write, has no form for the project's tasks or does not
            take the options, or the project has no such class.
    """
    session = call.session
    project = find_project(session, call.caller, slug=body.project).project
    catalog = catalog_of(session, project.id)
    _check_classes(body, catalog, project.slug)
    found = checks.find_format(body.format)
    modality = PROJECT_TYPES[project.type].kind.modality
    if modality not in found.modalities:
        raise Invalid(
            f"format: {found.title} holds tasks of {listed(found.modalities)}; "
            f"project {project.slug!r} is of type {project.type}"
        )
    options = checks.options_of(found, body.options)
    checks.rehearse(found, project.type, [class_json(row) for row in catalog.rows], options)
    now = now_ms()
    moment = datetime.fromtimestamp(now / 1000, UTC)
    row = Export(
        id=new_id(),
        project_id=project.id,
        format=found.name,
        filters=body.filters(),
        revision=body.revision,
        options=body.options,
        strict=body.strict,
        last_seq=project.last_seq,
        base_url=call.urls.base_url,
        file_name=f"{project.slug}-{found.name}-{moment:%Y%m%d-%H%M%S}.zip",
        requested_by=call.caller.user_id,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    jobs.enqueue(
        session, JOB, {"exportId": row.id}, requested_by=call.caller.user_id, job_id=row.id
    )
    return history.rendered(row, project, history.name_of(session, call.caller.user_id), call.urls)


def get(call: Call, project: str, offset: int, limit: int) -> list[ExportJson]:
    """Return a page of a project's exports, oldest first."""
    access = find_project(call.session, call.caller, slug=project)
    rows = call.session.execute(
        select(Export, User.name)
        .outerjoin(User, User.id == Export.requested_by)
        .where(Export.project_id == access.project.id)
        .order_by(Export.created_at, Export.id)
        .offset(offset)
        .limit(limit)
    )
    return [history.rendered(row, access.project, name, call.urls) for row, name in rows]


def find(call: Call, export_id: str) -> ExportJson:
    """Return one export."""
    row, access = _found(call.session, call.caller, export_id)
    return _shown(call, row, access)


def cancel(call: Call, export_id: str) -> ExportJson:
    """End an export; there will be no file.

    Raises:
        Conflict: it has ended.
    """
    row, access = _own(call.session, call.caller, export_id)
    if not jobs.cancel(call.session, row.id):
        call.session.refresh(row)
        raise Conflict(f"export: {export_id!r} has ended: {row.status}")
    return _shown(call, row, access)


def delete(call: Call, export_id: str) -> None:
    """Delete an export, whose file is swept then; one that is under way ends."""
    row, _ = _own(call.session, call.caller, export_id)
    jobs.cancel(call.session, row.id)
    call.session.delete(row)


def _check_classes(body: NewExport, catalog: Catalog, slug: str) -> None:
    known = {row.value for row in catalog.rows}
    for index, value in enumerate(body.classes or ()):
        if value not in known:
            having = listed(sorted(known)) if known else "none"
            raise Invalid(
                f"classes[{index}]: project {slug!r} has no class {value!r}; it has {having}"
            )


def _shown(call: Call, row: Export, access: Access) -> ExportJson:
    name = history.name_of(call.session, row.requested_by)
    return history.rendered(row, access.project, name, call.urls)


def _own(session: Session, caller: Caller, export_id: str) -> tuple[Export, Access]:
    """Return an export that the caller may end: their own, or any as who manages tasks."""
    row, access = _found(session, caller, export_id)
    if row.requested_by != caller.user_id:
        access.require(Right.MANAGE_TASKS)
    return row, access


def _found(session: Session, caller: Caller, export_id: str) -> tuple[Export, Access]:
    missing = f"export: there is no export {export_id!r}"
    return with_access(session, caller, session.get(Export, export_id), missing)
