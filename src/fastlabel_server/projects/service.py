"""Projects: their settings, their members, the buckets they read from."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fastlabel.modalities import ALIASES, PROJECT_TYPES, listed
from fastlabel.types import Project as ProjectJson
from fastlabel.types import Workflow
from fastlabel_server import jobs
from fastlabel_server.access import (
    PROJECT_ROLES,
    Right,
    find_project,
    require_owner,
    visible,
)
from fastlabel_server.annotations import service as annotation_classes
from fastlabel_server.auth import Caller
from fastlabel_server.errors import Conflict, Invalid, NotFound
from fastlabel_server.projects.schemas import (
    Bucket,
    CopyProject,
    CreateProject,
    ProjectCodes,
    ProjectPermission,
    UpdateProject,
)
from fastlabel_server.tables import (
    Project,
    ProjectBucket,
    ProjectMember,
    User,
    WorkspaceMember,
    iso_time,
    now_ms,
)

REMOVED = "none"


def get(
    session: Session, caller: Caller, slug: str | None, offset: int, limit: int
) -> list[ProjectJson]:
    """Return the projects the caller sees, oldest first."""
    statement = select(Project).where(visible(caller))
    if slug is not None:
        statement = statement.where(Project.slug == slug)
    statement = statement.order_by(Project.created_at, Project.id).offset(offset).limit(limit)
    return [rendered(project) for project in session.scalars(statement)]


def create(session: Session, caller: Caller, body: CreateProject) -> str:
    require_owner(caller)
    type_name = ALIASES.get(body.type, body.type)
    if type_name not in PROJECT_TYPES:
        raise Invalid(f"type: expected {listed(PROJECT_TYPES)}, got {body.type!r}")
    _check_slug_is_free(session, body.slug)
    values = body.model_dump() | {"type": type_name}
    project = Project(workspace_id=caller.workspace_id, **values)
    session.add(project)
    session.flush()
    return project.id


def update(session: Session, caller: Caller, project_id: str, body: UpdateProject) -> str:
    project = find_project(session, caller, Right.CONFIGURE, project_id=project_id).project
    if body.slug is not None and body.slug != project.slug:
        _check_slug_is_free(session, body.slug)
    for field, value in body.model_dump(exclude_none=True).items():
        setattr(project, field, value)
    return project.id


def delete_project(session: Session, caller: Caller, project_id: str) -> None:
    """Take a project out of sight at once; a job removes its tasks, which may be many."""
    project = find_project(session, caller, Right.OWN, project_id=project_id).project
    project.deleted_at = now_ms()
    project.slug = project.id
    session.flush()
    jobs.enqueue(
        session,
        "purge_project",
        {"projectId": project.id},
        requested_by=caller.user_id,
        unique=f"purge-project-{project.id}",
    )


def copy(session: Session, caller: Caller, body: CopyProject) -> str:
    """Make a project with the settings and classes of another, without its tasks."""
    source = find_project(session, caller, project_id=body.id).project
    require_owner(caller)
    slug = body.slug or _free_slug(session, f"{source.slug}-copy")
    if body.slug:
        _check_slug_is_free(session, body.slug)
    project = Project(
        workspace_id=source.workspace_id,
        slug=slug,
        name=body.name or f"{source.name} copy",
        type=source.type,
        workflow=source.workflow,
        external_workflow=source.external_workflow,
        is_pixel=source.is_pixel,
        job_size=source.job_size,
    )
    session.add(project)
    session.flush()
    annotation_classes.copy_all(session, source.id, project.id)
    return project.id


def update_codes(session: Session, caller: Caller, project_id: str, body: ProjectCodes) -> str:
    """Set the codes under which other systems know the project; null clears one."""
    project = find_project(session, caller, Right.CONFIGURE, project_id=project_id).project
    for field, value in body.model_dump().items():
        setattr(project, field, value)
    return project.metadata_id


def set_member(session: Session, caller: Caller, body: ProjectPermission) -> bool:
    """Give a user of the workspace a role in a project; `none` takes it away."""
    project = find_project(session, caller, Right.OWN, slug=body.project).project
    if body.role not in (*PROJECT_ROLES, REMOVED):
        raise Invalid(f"role: expected {listed([*PROJECT_ROLES, REMOVED])}, got {body.role!r}")
    user_id = session.scalar(
        select(User.id)
        .join(WorkspaceMember, WorkspaceMember.user_id == User.id)
        .where(
            User.email == body.email.strip().lower(),
            WorkspaceMember.workspace_id == caller.workspace_id,
        )
    )
    if user_id is None:
        raise NotFound(f"email: the workspace has no user {body.email!r}")
    membership = (ProjectMember.project_id == project.id) & (ProjectMember.user_id == user_id)
    if body.role == REMOVED:
        session.execute(delete(ProjectMember).where(membership))
        return True
    member = session.scalar(select(ProjectMember).where(membership))
    if member is None:
        session.add(ProjectMember(project_id=project.id, user_id=user_id, role=body.role))
    else:
        member.role = body.role
    return True


def set_bucket(session: Session, caller: Caller, slug: str, kind: str, body: Bucket) -> str:
    """Say which bucket of the operator's the project reads; credentials are the server's."""
    project = find_project(session, caller, Right.OWN, slug=slug).project
    bucket = session.scalar(
        select(ProjectBucket).where(
            ProjectBucket.project_id == project.id, ProjectBucket.kind == kind
        )
    )
    if bucket is None:
        bucket = ProjectBucket(project_id=project.id, kind=kind)
        session.add(bucket)
    bucket.bucket = body.bucket_name
    bucket.region = getattr(body, "bucket_region", None)
    bucket.prefix = (body.prefix or "").strip("/") or None
    bucket.strip_prefix = body.strip_prefix
    session.flush()
    return bucket.id


def find_bucket(session: Session, project_id: str, kind: str) -> ProjectBucket | None:
    """Return the project's bucket of a storage kind."""
    return session.scalar(
        select(ProjectBucket).where(
            ProjectBucket.project_id == project_id, ProjectBucket.kind == kind
        )
    )


def rendered(project: Project) -> ProjectJson:
    """Return a project as the API shows it."""
    return {
        "id": project.id,
        "type": project.type,
        "slug": project.slug,
        "name": project.name,
        "isPixel": project.is_pixel,
        "jobSize": project.job_size,
        "status": project.status,
        "workflow": cast("Workflow", project.workflow),
        "externalWorkflow": cast("Workflow", project.external_workflow),
        "createdAt": iso_time(project.created_at),
        "updatedAt": iso_time(project.updated_at),
    }


def _check_slug_is_free(session: Session, slug: str) -> None:
    if session.scalar(select(Project.id).where(Project.slug == slug)) is not None:
        raise Conflict(f"slug: there is already a project {slug!r}")


def _free_slug(session: Session, wanted: str) -> str:
    taken: set[Any] = set(
        session.scalars(
            select(Project.slug).where(Project.slug.startswith(wanted, autoescape=True))
        )
    )
    number = 1
    slug = wanted
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug
