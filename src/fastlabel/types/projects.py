"""Projects, their classes and tags, and the people of the workspace."""

from __future__ import annotations

from typing import Any

from fastlabel.types.typed_dict import TypedDict
from fastlabel.types.vocabulary import MetadataType, Workflow


class Project(TypedDict):
    id: str
    type: str
    slug: str
    name: str
    isPixel: bool
    jobSize: int
    status: str
    workflow: Workflow
    externalWorkflow: Workflow
    externalCode1: str | None
    externalCode2: str | None
    externalCode3: str | None
    createdAt: str
    updatedAt: str


class Tag(TypedDict):
    id: str
    name: str
    order: int
    createdAt: str
    updatedAt: str


class Option(TypedDict):
    title: str
    value: Any


class ClassAttribute(TypedDict):
    """An attribute as its annotation class defines it."""

    id: str
    key: str
    name: str
    type: str
    options: list[Option]
    order: int
    value: Any


class ClassKeypoint(TypedDict):
    """A keypoint of a pose; `edges` are ids of the keypoints it is linked to."""

    id: str
    name: str
    key: str
    color: str
    edges: list[str]
    value: list[Any]


class AnnotationClass(TypedDict):
    id: str
    type: str
    value: str
    title: str
    color: str
    order: int
    vertex: int
    attributes: list[ClassAttribute]
    keypoints: list[ClassKeypoint]
    maxAreaCount: int | None
    createdAt: str
    updatedAt: str


class MetadataKey(TypedDict):
    """A key under which tasks of a project have metadata; `project` is the project's slug."""

    id: str
    project: str
    key: str
    type: MetadataType
    options: list[Option]
    defaultValue: Any
    order: int
    isAdmin: bool
    isRequired: bool
    createdAt: str
    updatedAt: str


class ModulePermissions(TypedDict):
    annotation: bool
    modelDev: bool
    dataset: bool


class WorkspaceUser(TypedDict):
    """A user's place in the workspace; `id` is that of the place, `userId` of the user."""

    id: str
    userId: str
    userSlug: str
    userName: str
    userEmail: str
    role: str
    isExternal: bool
    functionResourcePermissions: ModulePermissions
    createdAt: str
    updatedAt: str
