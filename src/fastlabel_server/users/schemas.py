"""What requests about users of the workspace carry."""

from __future__ import annotations

from typing import Literal

from fastlabel.types import Language, Module, WorkspaceRole
from fastlabel_server.schemas import Body, Name, Text


class NewWorkspaceUser(Body):
    name: Name
    email: Text
    language: Language
    role: WorkspaceRole


class WorkspaceUserRole(Body):
    """The role `none` removes the user."""

    email: Text
    role: WorkspaceRole | Literal["none"]


class ModuleUser(Body):
    email: Text


class ModulePermission(Body):
    email: Text
    resource: Module
