"""Imports from archives, as requests begin them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel.modalities import TaskKind
from fastlabel.types import History
from fastlabel_server.access import Access, Right, find_project
from fastlabel_server.auth import Caller
from fastlabel_server.calls import Call
from fastlabel_server.errors import Conflict, Invalid, NotFound
from fastlabel_server.imports import history, staging
from fastlabel_server.imports.schemas import ArchivedTask, ArchiveImport
from fastlabel_server.tables import StagedUpload, Task
from fastlabel_server.tasks import people
from fastlabel_server.tasks.create import check_kind, check_state
from fastlabel_server.tasks.insert import taken_names

STORAGE_TYPE: Final = "zip"


def begin_task(call: Call, kind: TaskKind, body: ArchivedTask) -> History:
    """Begin to make one task of all files of a ZIP.

    Raises:
        Conflict: the project has a task named like the ZIP.
    """
    session = call.session
    access = find_project(session, call.caller, Right.MANAGE_TASKS, slug=body.project)
    check_kind(access, kind)
    check_state(session, access, body)
    assigned = people.resolved(session, access, body.assigned())
    upload = staging.take(session, access, body.file_key)
    if taken_names(session, access.project.id, [upload.file_name]):
        raise Conflict(
            f"name: project {access.project.slug!r} already has a task {upload.file_name!r}, "
            "and the task is named like the ZIP"
        )
    state = body.model_dump(mode="json", by_alias=True, exclude_unset=True)
    options = {"name": upload.file_name, "state": state, "people": assigned}
    return _begin(call, access, upload, "import_archive", options)


def begin_contents(call: Call, body: ArchiveImport) -> History:
    """Begin to add the files of a ZIP to the task that the ZIP is named for.

    Raises:
        NotFound: there is no such task.
    """
    session = call.session
    access = _access(session, call.caller, body, "contents")
    upload = staging.take(session, access, body.file_key)
    name = PurePosixPath(upload.file_name).stem
    task_id = session.scalar(
        select(Task.id).where(Task.project_id == access.project.id, Task.name == name)
    )
    if task_id is None:
        raise NotFound(
            f"task: project {access.project.slug!r} has no task {name!r}; create it first, "
            f"{upload.file_name} brings its files"
        )
    return _begin(call, access, upload, "import_contents", {"taskId": task_id})


def begin_appendix(call: Call, body: ArchiveImport) -> History:
    """Begin to add pictures and calibrations of a ZIP to the files of a project's tasks."""
    access = _access(call.session, call.caller, body, "appendix")
    upload = staging.take(call.session, access, body.file_key)
    return _begin(call, access, upload, "import_appendix", {})


def _begin(
    call: Call, access: Access, upload: StagedUpload, kind: str, options: Mapping[str, Any]
) -> History:
    row = history.begin(
        call.session, access.project.id, kind, STORAGE_TYPE, options, call.caller.user_id
    )
    upload.history_id = row.id
    return history.rendered(row)


def _access(
    session: Session,
    caller: Caller,
    body: ArchiveImport,
    brings: Literal["contents", "appendix"],
) -> Access:
    access = find_project(session, caller, Right.MANAGE_TASKS, slug=body.project)
    if staging.archive_of(access).brings != brings:
        raise Invalid(
            f"project: {access.project.slug!r} is of type {access.project.type}; "
            f"{staging.kind_of(access).title} take no ZIP with {brings}"
        )
    return access
