"""Project endpoints."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from fastlabel.types import Project
from fastlabel_server.access import find_project
from fastlabel_server.calls import CurrentCall, TransactionalRoute
from fastlabel_server.projects import service
from fastlabel_server.projects.schemas import (
    Bucket,
    CopyProject,
    CreateProject,
    ProjectCodes,
    ProjectPermission,
    S3Bucket,
    UpdateProject,
)
from fastlabel_server.schemas import Offset, QueryText, up_to

router = APIRouter(route_class=TransactionalRoute, tags=["projects"])


@router.get("/projects")
def get_projects(
    call: CurrentCall,
    slug: QueryText = None,
    offset: Offset = 0,
    limit: Annotated[int, up_to(1000)] = 100,
) -> list[Project]:
    """Projects the caller sees, oldest first; `slug` matches exactly."""
    return service.get(call.session, call.caller, slug, offset, limit)


@router.get("/projects/map/id-slug")
def get_project_id_slug_map(
    call: CurrentCall, offset: Offset = 0, limit: Annotated[int, up_to(1000)] = 1000
) -> dict[str, str]:
    """Ids of the projects the caller sees, each with its slug."""
    projects = service.get(call.session, call.caller, None, offset, limit)
    return {project["id"]: project["slug"] for project in projects}


@router.post("/projects/copy")
def copy_project(call: CurrentCall, body: CopyProject) -> str:
    """Copy settings, classes and metadata keys, not tasks; answers the id of the copy."""
    return service.copy(call.session, call.caller, body)


@router.get("/projects/{project_id}")
def find_project_by_id(call: CurrentCall, project_id: str) -> Project:
    """One project."""
    return service.rendered(find_project(call.session, call.caller, project_id=project_id).project)


@router.post("/projects")
def create_project(call: CurrentCall, body: CreateProject) -> str:
    """Create a project; its slug is free for one project only. Answers the id."""
    return service.create(call.session, call.caller, body)


@router.put("/projects/{project_id}")
def update_project(call: CurrentCall, project_id: str, body: UpdateProject) -> str:
    """Change what is given; answers the id."""
    return service.update(call.session, call.caller, project_id, body)


@router.delete("/projects/{project_id}", status_code=204)
def delete_project(call: CurrentCall, project_id: str) -> None:
    """Delete a project with its tasks; its slug is free again at once."""
    service.delete_project(call.session, call.caller, project_id)


@router.put("/projects/{project_id}/metadata")
def update_project_metadata(call: CurrentCall, project_id: str, body: ProjectCodes) -> str:
    """Set the external codes; answers the id of the record that holds them."""
    return service.update_codes(call.session, call.caller, project_id, body)


@router.put("/projects-users")
def update_project_user_permission(call: CurrentCall, body: ProjectPermission) -> bool:
    """Give a user a role in a project; the role `none` removes them."""
    return service.set_member(call.session, call.caller, body)


@router.put("/storages/aws-s3/{project}", tags=["storages"])
def update_aws_s3_storage(call: CurrentCall, project: str, body: S3Bucket) -> str:
    """Set the project's S3 bucket; answers the id of the setting."""
    return service.set_bucket(call.session, call.caller, project, "aws-s3", body)


@router.put("/storages/gcp/{project}", tags=["storages"])
def update_gcp_storage(call: CurrentCall, project: str, body: Bucket) -> str:
    """Set the project's Google Cloud Storage bucket; answers the id of the setting."""
    return service.set_bucket(call.session, call.caller, project, "gcp", body)


@router.put("/storages/azure/{project}", tags=["storages"])
def update_azure_storage(call: CurrentCall, project: str, body: Bucket) -> str:
    """Set the project's Azure Blob container; answers the id of the setting."""
    return service.set_bucket(call.session, call.caller, project, "azure", body)
