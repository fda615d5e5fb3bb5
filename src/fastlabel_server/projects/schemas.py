"""What project requests carry."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from fastlabel.types import Workflow
from fastlabel_server.schemas import Body, Name, Slug, Text

JobSize = Annotated[int, Field(ge=1, le=10_000)]


class CreateProject(Body):
    type: Text
    name: Name
    slug: Slug
    workflow: Workflow = "two_step"
    external_workflow: Workflow = "two_step"
    is_pixel: bool = False
    job_size: JobSize = 10


class UpdateProject(Body):
    name: Name | None = None
    slug: Slug | None = None
    workflow: Workflow | None = None
    external_workflow: Workflow | None = None
    job_size: JobSize | None = None


class CopyProject(Body):
    id: Text
    name: Name | None = None
    slug: Slug | None = None


class ProjectCodes(Body):
    external_code_1: Text | None = Field(default=None, alias="externalCode1")
    external_code_2: Text | None = Field(default=None, alias="externalCode2")
    external_code_3: Text | None = Field(default=None, alias="externalCode3")


class ProjectPermission(Body):
    project: Text
    email: Text
    role: Text


class Bucket(Body):
    bucket_name: Annotated[
        str, Field(min_length=3, max_length=222, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]+$")
    ]
    prefix: Annotated[Text | None, Field(description="Folder in the bucket; none: all of it.")] = (
        None
    )
    strip_prefix: Annotated[
        bool,
        Field(description="Imported tasks are named by the path below the prefix, not the key."),
    ] = False


class S3Bucket(Bucket):
    bucket_region: Annotated[str, Field(max_length=60, pattern=r"^[A-Za-z0-9-]+$")]
