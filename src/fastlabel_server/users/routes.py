"""Endpoints of the workspace's users."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from fastlabel.const import MODULE_PATHS
from fastlabel.types import WorkspaceUser
from fastlabel_server.calls import CurrentCall, TransactionalRoute
from fastlabel_server.errors import NotFound
from fastlabel_server.schemas import Offset, QueryText, up_to
from fastlabel_server.users import members
from fastlabel_server.users.schemas import (
    ModulePermission,
    ModuleUser,
    NewWorkspaceUser,
    WorkspaceUserRole,
)

router = APIRouter(route_class=TransactionalRoute, tags=["workspace"])

_MODULES = {path: module for module, path in MODULE_PATHS.items()}


@router.get("/workspaces-users")
def get_workspace_users(
    call: CurrentCall,
    keyword: QueryText = None,
    offset: Offset = 0,
    limit: Annotated[int, up_to(1000)] = 20,
) -> list[WorkspaceUser]:
    """Users of the workspace; `keyword` is part of the name or e-mail, in upper or lower case."""
    return members.get(call.session, call.caller, keyword, offset, limit)


@router.post("/workspaces-users/internal-users")
def create_workspace_user(call: CurrentCall, body: NewWorkspaceUser) -> WorkspaceUser:
    """Put a user into the workspace, without password or token."""
    return members.create(call.session, call.caller, body)


@router.put("/workspaces-users/internal-users")
def update_workspace_user(call: CurrentCall, body: WorkspaceUserRole) -> WorkspaceUser:
    """Change a user's role; the role `none` removes them, with all their tokens and logins."""
    return members.set_role(call.session, call.caller, body)


@router.post("/function-resource-permissions/{module}/internal-users")
def create_workspace_user_module_permission(
    call: CurrentCall, module: str, body: ModuleUser
) -> WorkspaceUser:
    """Give a user a module: `annotation`, `dataset` or `model-dev`."""
    if module not in _MODULES:
        raise NotFound(f"module: there is no module {module!r}")
    return members.permit(call.session, call.caller, body.email, _MODULES[module])


@router.delete("/function-resource-permissions", status_code=204)
def delete_workspace_user_module_permission(call: CurrentCall, body: ModulePermission) -> None:
    """Take a module from a user; the request has a body."""
    members.withdraw(call.session, call.caller, body.email, body.resource)
