"""Imports from the operator's buckets: begun here, done by the job `import_bucket`."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel.modalities import PROJECT_TYPES
from fastlabel.types import History
from fastlabel_server.access import Right, find_project
from fastlabel_server.calls import Call
from fastlabel_server.errors import Conflict, Invalid, NotFound
from fastlabel_server.imports import history
from fastlabel_server.imports.bucket_schemas import BucketImport
from fastlabel_server.projects import service as projects
from fastlabel_server.tables import ImportHistory
from fastlabel_server.tasks.create import check_state

KIND: Final = "import_bucket"


def begin(call: Call, storage_type: str, body: BucketImport) -> History:
    """Begin to make a task of every object in the project's bucket.

    There is one import of a bucket at a time. Who asks for the same while it is under way is
    given its history; who asks for something else has to wait.

    Raises:
        Invalid: tasks of the project are not made of one file each, or it has no such bucket.
        Conflict: an import with another status, tags or priority is under way.
    """
    session = call.session
    access = find_project(session, call.caller, Right.MANAGE_TASKS, slug=body.project)
    project = access.project
    kind = PROJECT_TYPES[project.type].kind
    if not kind.is_imported:
        raise Invalid(
            f"project: {project.slug!r} is of type {project.type}, and {kind.title} are not made "
            "of one object each"
        )
    fields = body.fields()
    check_state(session, access, fields)
    setting = projects.find_bucket(session, project.id, storage_type)
    if setting is None:
        raise Invalid(
            f"project: {project.slug!r} has no {storage_type} bucket; set one with storages"
        )
    options = {
        "fields": fields.model_dump(by_alias=True, exclude_unset=True),
        "bucket": setting.described(),
    }
    unique = f"import-{storage_type}-{project.id}"
    try:
        with session.begin_nested():
            row = history.begin(
                session, project.id, KIND, storage_type, options, call.caller.user_id, unique
            )
    except Conflict:
        under_way = _newest(session, project.id, storage_type)
        if under_way is None or under_way.options != options:
            raise
        row = under_way
    return history.rendered(row)


def status(call: Call, storage_type: str, slug: str) -> History:
    """Return the newest import from a bucket of the project.

    Raises:
        NotFound: there was none.
    """
    project = find_project(call.session, call.caller, slug=slug).project
    row = _newest(call.session, project.id, storage_type)
    if row is None:
        raise NotFound(f"project: nothing was imported into {slug!r} from {storage_type}")
    return history.rendered(row)


def _newest(session: Session, project_id: str, storage_type: str) -> ImportHistory | None:
    return session.scalar(
        select(ImportHistory)
        .where(
            ImportHistory.project_id == project_id,
            ImportHistory.kind == KIND,
            ImportHistory.storage_type == storage_type,
        )
        .order_by(ImportHistory.created_at.desc(), ImportHistory.id.desc())
        .limit(1)
    )
