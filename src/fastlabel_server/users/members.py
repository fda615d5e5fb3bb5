"""Who is in the workspace, in which role, and with which modules."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from fastlabel.const import MODULE_PATHS
from fastlabel.types import WorkspaceUser
from fastlabel_server.access import require_owner
from fastlabel_server.auth import Caller
from fastlabel_server.errors import Invalid, NotFound
from fastlabel_server.tables import (
    Credential,
    ProjectMember,
    TaskAssignment,
    User,
    Workspace,
    WorkspaceMember,
    iso_time,
)
from fastlabel_server.users import service
from fastlabel_server.users.schemas import NewWorkspaceUser, WorkspaceUserRole

OWNER = "owner"
REMOVED = "none"


def get(
    session: Session, caller: Caller, keyword: str | None, offset: int, limit: int
) -> list[WorkspaceUser]:
    """Return users of the workspace in the order they came; `keyword` is part of name or e-mail.

    Members see them too: a project's owner shares it by e-mail, and tasks are assigned by slug.
    """
    statement = (
        select(WorkspaceMember, User)
        .join(User, User.id == WorkspaceMember.user_id)
        .where(WorkspaceMember.workspace_id == caller.workspace_id)
    )
    if keyword:
        statement = statement.where(
            or_(
                User.name.icontains(keyword, autoescape=True),
                User.email.icontains(keyword, autoescape=True),
            )
        )
    statement = statement.order_by(WorkspaceMember.created_at, WorkspaceMember.id)
    rows = session.execute(statement.offset(offset).limit(limit))
    return [_rendered(member, user) for member, user in rows]


def find(session: Session, workspace_id: str, email: str) -> WorkspaceMember:
    """Return the place in the workspace of the user with an e-mail.

    Raises:
        NotFound: nobody in the workspace has it.
    """
    member = session.scalar(
        select(WorkspaceMember)
        .join(User, User.id == WorkspaceMember.user_id)
        .where(User.email == email.strip().lower(), WorkspaceMember.workspace_id == workspace_id)
    )
    if member is None:
        raise NotFound(f"email: the workspace has no user {email!r}")
    return member


def create(session: Session, caller: Caller, body: NewWorkspaceUser) -> WorkspaceUser:
    """Put a user into the workspace; their password or token comes from the command line."""
    require_owner(caller)
    service.create_user(
        session, body.email, body.name, body.role, password=None, language=body.language
    )
    session.flush()
    return _shown(session, find(session, caller.workspace_id, body.email))


def set_role(session: Session, caller: Caller, body: WorkspaceUserRole) -> WorkspaceUser:
    """Change a user's role; `none` removes them from the workspace.

    Raises:
        Invalid: the workspace would be left without an owner.
    """
    require_owner(caller)
    # Two owners who remove one another at the same time take turns.
    session.execute(
        select(Workspace.id).where(Workspace.id == caller.workspace_id).with_for_update()
    )
    member = find(session, caller.workspace_id, body.email)
    if member.role == OWNER and body.role != OWNER and _owners(session, member.workspace_id) == 1:
        raise Invalid(
            f"role: {body.email!r} is the only owner of the workspace; make somebody else an "
            "owner first"
        )
    if body.role != REMOVED:
        member.role = body.role
        session.flush()
        return _shown(session, member)
    shown = _shown(session, member)
    _remove(session, member)
    return {**shown, "role": REMOVED}


def permit(session: Session, caller: Caller, email: str, module: str) -> WorkspaceUser:
    """Give a user a module."""
    require_owner(caller)
    member = find(session, caller.workspace_id, email)
    if module not in member.modules:
        member.modules = [*member.modules, module]
        session.flush()
    return _shown(session, member)


def withdraw(session: Session, caller: Caller, email: str, module: str) -> None:
    """Take a module from a user; who does not have it is left as they are."""
    require_owner(caller)
    member = find(session, caller.workspace_id, email)
    member.modules = [name for name in member.modules if name != module]


def _owners(session: Session, workspace_id: str) -> int:
    owners = select(func.count()).where(
        WorkspaceMember.workspace_id == workspace_id, WorkspaceMember.role == OWNER
    )
    return session.scalar(owners) or 0


def _remove(session: Session, member: WorkspaceMember) -> None:
    """End all that a user can do; what they made keeps their name."""
    user = session.get_one(User, member.user_id)
    user.password_hash = None
    for table in (Credential, ProjectMember, TaskAssignment):
        session.execute(delete(table).where(table.user_id == member.user_id))
    session.delete(member)


def _shown(session: Session, member: WorkspaceMember) -> WorkspaceUser:
    return _rendered(member, session.get_one(User, member.user_id))


def _rendered(member: WorkspaceMember, user: User) -> WorkspaceUser:
    permissions: Any = {module: module in member.modules for module in MODULE_PATHS}
    return {
        "id": member.id,
        "userId": user.id,
        "userSlug": user.slug,
        "userName": user.name,
        "userEmail": user.email,
        "role": member.role,
        "isExternal": member.is_external,
        "functionResourcePermissions": permissions,
        "createdAt": iso_time(member.created_at),
        "updatedAt": iso_time(member.updated_at),
    }
