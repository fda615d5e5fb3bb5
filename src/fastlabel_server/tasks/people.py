"""Who works on a task: slugs come in, names go out."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fastlabel_server.access import Access
from fastlabel_server.errors import Invalid
from fastlabel_server.tables import (
    Project,
    ProjectMember,
    TaskAssignment,
    User,
    WorkspaceMember,
)


def resolved(
    session: Session, access: Access, assigned: dict[str, str | None]
) -> dict[str, str | None]:
    """Return user ids for the slugs of a request.

    Raises:
        Invalid: no such user, or one who does not work in the project.
    """
    return {
        role: None if slug is None else _user_id(session, access.project, role, slug)
        for role, slug in assigned.items()
    }


def assign(session: Session, task_id: str, people: dict[str, str | None], *, new: bool) -> None:
    """Give users their parts in a task; None takes a part away."""
    if people and not new:
        session.execute(
            delete(TaskAssignment).where(
                TaskAssignment.task_id == task_id, TaskAssignment.role.in_(people)
            )
        )
    session.add_all(
        TaskAssignment(task_id=task_id, role=role, user_id=user_id)
        for role, user_id in people.items()
        if user_id is not None
    )


def _user_id(session: Session, project: Project, role: str, slug: str) -> str:
    row = session.execute(
        select(User.id, WorkspaceMember.role, ProjectMember.id.label("membership"))
        .join(WorkspaceMember, WorkspaceMember.user_id == User.id)
        .outerjoin(
            ProjectMember,
            (ProjectMember.user_id == User.id) & (ProjectMember.project_id == project.id),
        )
        .where(User.slug == slug, WorkspaceMember.workspace_id == project.workspace_id)
    ).first()
    if row is None:
        raise Invalid(f"{role}: the workspace has no user {slug!r}")
    if row.role != "owner" and row.membership is None:
        raise Invalid(f"{role}: {slug!r} is not a member of project {project.slug!r}")
    user_id: str = row.id
    return user_id
