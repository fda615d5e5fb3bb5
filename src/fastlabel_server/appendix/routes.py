"""Appendix endpoints: one by the filters of tasks, one by the name of a task."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from fastlabel.types import AppendixData
from fastlabel_server.appendix import service
from fastlabel_server.calls import CurrentCall, TransactionalRoute
from fastlabel_server.schemas import Offset, ProjectSlug, QueryText, up_to
from fastlabel_server.tasks.read import Wanted, WantedTasks

router = APIRouter(route_class=TransactionalRoute, tags=["appendix"])

Limit = Annotated[int, up_to(10_000)]


@router.get("/contents/export/appendix")
def get_appendix_data(
    call: CurrentCall, wanted: WantedTasks, offset: Offset = 0, limit: Limit = 10_000
) -> list[AppendixData]:
    """Pictures and calibrations of a project's point clouds, in the order of their tasks."""
    return service.get(call, wanted, offset, limit)


@router.get("/tasks/appendix")
def get_task_appendix_data(
    call: CurrentCall,
    project: ProjectSlug,
    taskName: QueryText = None,  # noqa: N803 - the name of the query field
    offset: Offset = 0,
    limit: Limit = 10_000,
) -> list[AppendixData]:
    """Pictures and calibrations of the point clouds of one task, or of all."""
    return service.get(call, Wanted(project, None, None, [], taskName), offset, limit)
