"""Import endpoints: where archives go, the imports that take them, and their histories."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from fastlabel.modalities import TASK_KINDS, TaskKind
from fastlabel.types import History, UploadTarget
from fastlabel_server.calls import CurrentCall, Services, TransactionalRoute
from fastlabel_server.errors import Forbidden
from fastlabel_server.imports import archives, service, staging
from fastlabel_server.imports.schemas import ArchivedTask, ArchiveImport, FileName
from fastlabel_server.schemas import Offset, ProjectSlug, QueryText, up_to
from fastlabel_server.uploads import receive_file
from fastlabel_server.urls import FileUrls, UploadPass

router = APIRouter(route_class=TransactionalRoute, tags=["imports"])
uploads = APIRouter(tags=["files"])

_ONE_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "required": ["file"],
                }
            },
            "application/zip": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@router.get("/files")
def get_upload_url(
    call: CurrentCall,
    project: ProjectSlug,
    fileName: Annotated[FileName, Query(description="Name of the ZIP.")],  # noqa: N803
    fileType: QueryText = None,  # noqa: N803
) -> UploadTarget:
    """A signed URL that takes a ZIP by PUT for an hour, and the `fileKey` for its import."""
    return staging.offer(call, project, fileName)


@uploads.put(
    "/files/upload/{upload_id}/{name}",
    response_class=Response,
    openapi_extra=_ONE_FILE,
)
async def put_upload(
    request: Request,
    upload_id: str,
    name: FileName,
    project: Annotated[str, Query(max_length=100)],
    user: Annotated[str, Query(max_length=100)],
    limit: Annotated[int, Query(ge=0, le=2**53)],
    expires: Annotated[int, Query(ge=0, le=2**53)],
    signature: Annotated[str, Query(max_length=200)],
) -> Response:
    """Take a file, as the part `file` of a form or as the body; again replaces it."""
    services: Services = request.app.state.services
    upload = UploadPass(upload_id, project, user, name, limit)
    if not FileUrls.of(request, services.settings).is_of(upload, expires, signature):
        raise Forbidden("The URL was changed; ask `files` for another one.")
    if time.time() >= expires:
        # Only now: a client that is still sending would see a broken connection instead.
        async for _ in request.stream():
            pass
        raise Forbidden("The URL has expired; ask `files` for another one.")
    file = await receive_file(request, services.settings.spool_dir, upload.max_bytes)
    try:
        await run_in_threadpool(staging.keep, services, upload, file)
    finally:
        file.discard()
    return Response()


@router.get("/tasks/import/histories")
def get_histories(
    call: CurrentCall,
    project: ProjectSlug,
    offset: Offset = 0,
    limit: Annotated[int, up_to(1000)] = 100,
) -> list[History]:
    """Imports of a project, oldest first."""
    return service.get(call, project, offset, limit)


@router.get("/tasks/import/histories/{history_id}")
def find_history(call: CurrentCall, history_id: str) -> History:
    """One import: how far it is, and what it could not take."""
    return service.find(call, history_id)


@router.post("/tasks/import/histories/{history_id}/cancel")
def cancel_import(call: CurrentCall, history_id: str) -> History:
    """End an import before its next step; the tasks that it made stay."""
    return service.cancel(call, history_id)


@router.post("/contents/imports/robotics-contents/batch")
def import_contents(call: CurrentCall, body: ArchiveImport) -> History:
    """Add the files of a ZIP to the task that it is named for; answers the import."""
    return archives.begin_contents(call, body)


@router.post("/contents/imports/appendix/batch")
def import_appendix(call: CurrentCall, body: ArchiveImport) -> list[History]:
    """Add the pictures and calibrations of a ZIP to point clouds; answers the import."""
    return [archives.begin_appendix(call, body)]


def _add_archive(kind: TaskKind) -> None:
    def create_task(call: CurrentCall, body: ArchivedTask) -> History:
        return archives.begin_task(call, kind, body)

    router.post(
        f"/tasks/{kind.path}",
        name=f"create_{kind.name}_task",
        description="Create a task from an uploaded ZIP; answers the import that does it.",
        tags=[kind.title],
    )(create_task)


for _kind in TASK_KINDS.values():
    if _kind.intake == "archive":
        _add_archive(_kind)
