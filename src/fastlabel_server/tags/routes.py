"""Tag endpoints."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from fastlabel.types import Tag
from fastlabel_server.calls import CurrentCall, TransactionalRoute
from fastlabel_server.schemas import Offset, ProjectSlug, QueryText, up_to
from fastlabel_server.tags import service
from fastlabel_server.tags.schemas import DeleteTags

router = APIRouter(prefix="/tags", route_class=TransactionalRoute, tags=["tags"])


@router.get("")
def get_tags(
    call: CurrentCall,
    project: ProjectSlug,
    keyword: QueryText = None,
    offset: Offset = 0,
    limit: Annotated[int, up_to(1000)] = 100,
) -> list[Tag]:
    """Tags of a project; `keyword` is part of the name, upper and lower case alike."""
    return service.get(call.session, call.caller, project, keyword, offset, limit)


@router.post("/delete/multi")
def delete_tags(call: CurrentCall, body: DeleteTags) -> None:
    """Delete tags and take them off their tasks."""
    service.delete_all(call.session, call.caller, body.tag_ids)
