"""Export endpoints: projects as ZIPs, made in the background."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from fastlabel.types import Export
from fastlabel_server.calls import CurrentCall, TransactionalRoute
from fastlabel_server.exports import service
from fastlabel_server.exports.schemas import NewExport
from fastlabel_server.schemas import Offset, ProjectSlug, up_to

router = APIRouter(prefix="/exports", route_class=TransactionalRoute, tags=["exports"])


@router.post("")
def create_export(call: CurrentCall, body: NewExport) -> Export:
    """Begin to write tasks of a project as a ZIP in a dataset format."""
    return service.create(call, body)


@router.get("")
def get_exports(
    call: CurrentCall,
    project: ProjectSlug,
    offset: Offset = 0,
    limit: Annotated[int, up_to(1000)] = 100,
) -> list[Export]:
    """Exports of a project, oldest first."""
    return service.get(call, project, offset, limit)


@router.get("/{export_id}")
def find_export(call: CurrentCall, export_id: str) -> Export:
    """One export: how far it is, what was lost, and the URL of its file."""
    return service.find(call, export_id)


@router.post("/{export_id}/cancel")
def cancel_export(call: CurrentCall, export_id: str) -> Export:
    """End an export that is under way."""
    return service.cancel(call, export_id)


@router.delete("/{export_id}", status_code=204)
def delete_export(call: CurrentCall, export_id: str) -> None:
    """Delete an export and its file; one that is under way ends."""
    service.delete(call, export_id)
