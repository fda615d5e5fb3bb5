"""Who may do what in a project: the one place that decides it.

Nothing else turns an id or a slug of a request into a project: `find_project` does, and it
asks for the right that the request needs. What a caller may not see answers 404, what they
may see but not do answers 403.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from fastlabel.modalities import listed
from fastlabel_server.auth import Caller
from fastlabel_server.errors import Forbidden, NotFound
from fastlabel_server.tables import (
    AnnotationClass,
    Export,
    ImportHistory,
    MetadataKey,
    Project,
    ProjectMember,
    Tag,
    Task,
    WorkspaceMember,
)

Row = TypeVar("Row", AnnotationClass, Export, ImportHistory, MetadataKey, Tag, Task)
"""What belongs to a project and is asked for by its own id."""


class Right(Enum):
    """Something that can be done in a project."""

    VIEW = auto()
    LABEL = auto()
    """Save annotations and tags; hand in or skip a task."""
    REVIEW = auto()
    """Accept or send back what was labelled."""
    APPROVE = auto()
    """The last word on a task."""
    MANAGE_TASKS = auto()
    """Create and delete tasks, assign them, set their priority."""
    CONFIGURE = auto()
    """Classes, tags, settings."""
    OWN = auto()
    """Members, storage, deletion of the project."""


_LABELER = frozenset({Right.VIEW, Right.LABEL})
_REVIEWER = _LABELER | {Right.REVIEW}
_APPROVER = _REVIEWER | {Right.APPROVE}
_MANAGER = _APPROVER | {Right.MANAGE_TASKS, Right.CONFIGURE}
_OWNER = frozenset(Right)

PROJECT_ROLES: dict[str, frozenset[Right]] = {
    "owner": _OWNER,
    "manager": _MANAGER,
    "approver": _APPROVER,
    "reviewer": _REVIEWER,
    "annotator": _LABELER,
    "external_owner": _MANAGER,
    "external_sub_owner": _MANAGER,
    "external_approver": _APPROVER,
    "external_reviewer": _REVIEWER,
    "external_annotator": _LABELER,
}

STATUS_RIGHTS: dict[str, Right] = {
    "registered": Right.LABEL,
    "pending": Right.LABEL,
    "completed": Right.LABEL,
    "skipped": Right.LABEL,
    "reviewed": Right.REVIEW,
    "sent_back": Right.REVIEW,
    "approved": Right.APPROVE,
    "declined": Right.APPROVE,
    "customer_declined": Right.APPROVE,
}
"""The right it takes to put a task into a status, inside or external."""

_DOING = {
    Right.LABEL: "label",
    Right.REVIEW: "review",
    Right.APPROVE: "approve",
    Right.MANAGE_TASKS: "create, delete or assign tasks",
    Right.CONFIGURE: "change classes, tags, metadata keys or settings",
    Right.OWN: "manage members, storage or the project itself",
}


@dataclass(frozen=True)
class Access:
    """A project together with what the caller may do in it."""

    project: Project
    role: str
    rights: frozenset[Right]

    def require(self, *needed: Right) -> None:
        """Refuse what the caller's role does not allow.

        Raises:
            Forbidden: names the role and what would be needed.
        """
        for right in needed:
            if right not in self.rights:
                able = listed(role for role, rights in PROJECT_ROLES.items() if right in rights)
                raise Forbidden(
                    f"Your role in project {self.project.slug!r} is {self.role}; "
                    f"to {_DOING[right]} takes {able}."
                )


def require_owner(caller: Caller) -> None:
    """Refuse what only owners of the workspace may do.

    Raises:
        Forbidden: the caller is a member.
    """
    if not caller.is_owner:
        raise Forbidden("Only owners of the workspace may do this; your role is member.")


def require_module(session: Session, caller: Caller, module: str) -> None:
    """Refuse members of the workspace who were not given a module; owners have all.

    Raises:
        Forbidden: names the module.
    """
    if caller.is_owner:
        return
    modules = session.scalar(
        select(WorkspaceMember.modules).where(
            WorkspaceMember.user_id == caller.user_id,
            WorkspaceMember.workspace_id == caller.workspace_id,
        )
    )
    if module not in (modules or ()):
        raise Forbidden(
            f"You have not the module {module!r}; an owner of the workspace can give it to you."
        )


def find_project(
    session: Session,
    caller: Caller,
    right: Right = Right.VIEW,
    *,
    slug: str | None = None,
    project_id: str | None = None,
) -> Access:
    """Return the project of a slug or an id, if the caller may do `right` in it.

    Raises:
        NotFound: there is none, or the caller may not see it.
        Forbidden: the caller sees it, but has not the right.
    """
    wanted = slug if slug is not None else project_id
    missing = NotFound(f"project: there is no project {wanted!r}")
    if wanted is None or "\x00" in wanted:
        # PostgreSQL cannot even be asked for such a text.
        raise missing
    key = Project.slug == slug if slug is not None else Project.id == project_id
    row = session.execute(
        select(Project, ProjectMember.role)
        .outerjoin(
            ProjectMember,
            and_(
                ProjectMember.project_id == Project.id,
                ProjectMember.user_id == caller.user_id,
            ),
        )
        .where(key, visible(caller))
    ).first()
    if row is None:
        raise missing
    role = "owner" if caller.is_owner else row.role
    access = Access(row.Project, role, PROJECT_ROLES[role])
    access.require(right)
    return access


def with_access(
    session: Session, caller: Caller, row: Row | None, missing: str, right: Right = Right.VIEW
) -> tuple[Row, Access]:
    """Return a row of a project with the project, if the caller may do `right` in it.

    Raises:
        NotFound: `missing`: there is no row, or the caller may not see its project.
        Forbidden: the caller sees it, but has not the right.
    """
    error = NotFound(missing)
    if row is None:
        raise error
    try:
        return row, find_project(session, caller, right, project_id=row.project_id)
    except NotFound:
        raise error from None


def visible(caller: Caller) -> ColumnElement[bool]:
    """The projects a caller sees: all for an owner, shared ones for a member.

    Needs no join: usable in any statement over `Project`.
    """
    in_workspace = and_(Project.workspace_id == caller.workspace_id, Project.deleted_at.is_(None))
    if caller.is_owner:
        return in_workspace
    shared = select(ProjectMember.project_id).where(ProjectMember.user_id == caller.user_id)
    return and_(in_workspace, Project.id.in_(shared))
