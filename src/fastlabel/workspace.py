"""The workspace: who is in it, in which role, and with which modules."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fastlabel.const import MODULE_PATHS
from fastlabel.endpoint import delete, get, pages, post, put
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.modalities import listed
from fastlabel.steps import Call, Pages, Resource, Steps
from fastlabel.types import Language, Module, WorkspaceRole, WorkspaceUser


class WorkspaceUsers(Resource):
    @get("workspaces-users", max_limit=1000)
    def get_workspace_users(
        self, keyword: str | None = None, offset: int | None = None, limit: int = 20
    ) -> Call[list[WorkspaceUser]]:
        """Return up to `limit` users in the order they came; at most 1,000 a call.

        `keyword` keeps those whose name or e-mail contains it, whatever its case.
        """

    @pages("workspaces-users", limit=1000)
    def iter_workspace_users(self, keyword: str | None = None) -> Pages[WorkspaceUser]:
        """Iterate over all users, as `get_workspace_users` selects them."""

    @post("workspaces-users/internal-users")
    def create_workspace_user(
        self,
        name: str,
        email: str,
        language: Language,
        role: WorkspaceRole,
        *,
        idempotency_key: str | None = None,
    ) -> Call[WorkspaceUser]:
        """Put a user into the workspace; only its owners may.

        The server makes the slug by which tasks are assigned. Until an operator of the server
        runs `fastlabel user password` or `fastlabel token create`, the user cannot log in.

        Raises:
            FastLabelConflictException: the workspace has a user with this e-mail.
        """

    @put("workspaces-users/internal-users")
    def update_workspace_user(self, email: str, role: WorkspaceRole) -> Call[WorkspaceUser]:
        """Change a user's role; the workspace keeps at least one owner."""

    @put("workspaces-users/internal-users")
    def delete_workspace_user(self, email: str) -> Steps[None]:
        """Remove a user from the workspace, with all tokens, logins, roles and assignments.

        What they made stays, under their name. The last owner cannot be removed.
        """
        yield Call(role="none")

    @post("function-resource-permissions/{modules}/internal-users")
    def create_workspace_user_module_permissions(
        self, email: str, modules: Module | Sequence[Module]
    ) -> Steps[list[WorkspaceUser]]:
        """Permit a user one or several modules; return what each request answered.

        The modules are "annotation", "modelDev" and "dataset". They go out one by one: those
        before an unknown one have their effect.
        """
        users = []
        for module in _each(modules):
            users.append((yield Call(modules=MODULE_PATHS[module])))
        return users

    @delete("function-resource-permissions", names={"modules": "resource"}, has_body=True)
    def delete_workspace_user_module_permissions(
        self, email: str, modules: Module | Sequence[Module]
    ) -> Steps[None]:
        """Take one or several modules from a user, as they are given."""
        for module in _each(modules):
            yield Call(modules=module)


def _each(modules: str | Sequence[str]) -> Iterator[str]:
    """Yield modules one by one.

    Raises:
        FastLabelInvalidException: when it comes to one that does not exist.
    """
    for module in [modules] if isinstance(modules, str) else modules:
        if module not in MODULE_PATHS:
            raise FastLabelInvalidException(
                f"modules: expected {listed(MODULE_PATHS)}, got {module!r}", 422
            )
        yield module
