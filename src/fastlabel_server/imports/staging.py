"""Archives on their way in: a signed URL takes one, and an import takes it from there.

An archive lies in the object store under a key that a blob may take over. Nothing but its
`StagedUpload` refers to it until then; the sweep deletes what no import took for a day, and
what an import that has ended left.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from fastlabel.modalities import PROJECT_TYPES, Archive, TaskKind, listed
from fastlabel.types import UploadTarget
from fastlabel_server.access import Access, Right, find_project
from fastlabel_server.blobs import StoredBlob, new_key
from fastlabel_server.calls import Call, Services
from fastlabel_server.errors import Conflict, Invalid, NotFound
from fastlabel_server.tables import Project, StagedUpload, new_id
from fastlabel_server.uploads import ReceivedFile
from fastlabel_server.urls import UploadPass


def offer(call: Call, project: str, file_name: str) -> UploadTarget:
    """Return a signed URL for an archive, and the key by which an import asks for it.

    Raises:
        Invalid: the project's kind of task takes no archive, or none of such a name.
    """
    access = find_project(call.session, call.caller, Right.MANAGE_TASKS, slug=project)
    archive = archive_of(access)
    if not file_name.lower().endswith(archive.rule.extensions):
        raise Invalid(f"fileName: imports take {listed(archive.rule.extensions)} files")
    upload = UploadPass(
        new_id(), access.project.id, call.caller.user_id, file_name, archive.rule.max_bytes
    )
    return {
        "url": call.urls.sign_upload(upload),
        "name": _key(upload),
    }


def keep(services: Services, upload: UploadPass, file: ReceivedFile) -> None:
    """Store a file that arrived at a signed URL; one that came before it is replaced.

    Raises:
        Invalid: the file is empty.
        NotFound: the project was deleted meanwhile.
        Conflict: an import has taken the file that came before it.
    """
    if not file.size:
        raise Invalid(f"file: {upload.file_name} is empty")
    blob = StoredBlob(file.sha256, new_key(file.sha256), file.size)
    storage = services.storage
    if file.path is not None:
        storage.put_file(blob.key, file.path)
    else:
        storage.put_bytes(blob.key, file.read())
    try:
        with services.database.write() as session:
            replaced = _note(session, upload, blob)
    except BaseException:
        storage.delete([blob.key])
        raise
    if replaced is not None:
        storage.delete([replaced])


def take(session: Session, access: Access, file_key: str) -> StagedUpload:
    """Return an uploaded archive, locked, for the import that sets `history_id`.

    Raises:
        NotFound: nothing was uploaded to this project under the key.
        Conflict: another import has it.
    """
    upload_id = file_key.split("/")[1] if file_key.count("/") == 2 else ""
    upload = session.get(StagedUpload, upload_id, with_for_update=True)
    if upload is None or upload.project_id != access.project.id or _key(upload) != file_key:
        raise NotFound(
            f"fileKey: nothing was uploaded to project {access.project.slug!r} as {file_key!r}"
        )
    if upload.history_id is not None:
        raise Conflict(f"fileKey: {file_key!r} was imported already; upload the file again")
    return upload


def kind_of(access: Access) -> TaskKind:
    return PROJECT_TYPES[access.project.type].kind


def archive_of(access: Access) -> Archive:
    """Return which ZIPs a project takes.

    Raises:
        Invalid: none.
    """
    kind = kind_of(access)
    if kind.archive is None:
        raise Invalid(
            f"project: {access.project.slug!r} is of type {access.project.type}; "
            f"{kind.title} take no ZIP"
        )
    return kind.archive


def _key(upload: UploadPass | StagedUpload) -> str:
    return f"uploads/{upload.id}/{upload.file_name}"


def _note(session: Session, upload: UploadPass, blob: StoredBlob) -> str | None:
    """Write the row of a stored file; return the key of the one it replaces."""
    project = session.get(Project, upload.project_id)
    if project is None or project.deleted_at is not None:
        raise NotFound("project: it was deleted meanwhile")
    row = session.get(StagedUpload, upload.id, with_for_update=True)
    if row is None:
        session.add(
            StagedUpload(
                id=upload.id,
                project_id=upload.project_id,
                user_id=upload.user_id,
                file_name=upload.file_name,
                key=blob.key,
                sha256=blob.sha256,
                size=blob.size,
            )
        )
        return None
    if row.history_id is not None:
        raise Conflict(f"file: {upload.file_name} was imported already; ask for another URL")
    replaced = row.key
    row.key, row.sha256, row.size = blob.key, blob.sha256, blob.size
    return replaced
