"""Endpoints of metadata keys."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from fastlabel.types import MetadataKey
from fastlabel_server.calls import CurrentCall, TransactionalRoute
from fastlabel_server.metadatas import service
from fastlabel_server.metadatas.schemas import CreateKey, UpdateKey
from fastlabel_server.schemas import Offset, QueryText, up_to

router = APIRouter(prefix="/metadatas", route_class=TransactionalRoute, tags=["metadata"])


@router.get("")
def get_metadatas(
    call: CurrentCall,
    project: QueryText = None,
    offset: Offset = 0,
    limit: Annotated[int, up_to(1000)] = 100,
) -> list[MetadataKey]:
    """Metadata keys of a project in their order; without one, of all that the caller sees."""
    return service.get(call.session, call.caller, project, offset, limit)


@router.post("")
def create_metadata(call: CurrentCall, body: CreateKey) -> str:
    """Define a key; answers its id."""
    return service.create(call.session, call.caller, body)


@router.put("/{metadata_id}")
def update_metadata(call: CurrentCall, metadata_id: str, body: UpdateKey) -> str:
    """Change what is given; key and type stay. Answers the id."""
    return service.update(call.session, call.caller, metadata_id, body)


@router.delete("/{metadata_id}", status_code=204)
def delete_metadata(call: CurrentCall, metadata_id: str) -> None:
    """Delete a key; its values are gone from tasks at once."""
    service.delete(call.session, call.caller, metadata_id)
