"""Users of the workspace."""

from __future__ import annotations

from sdk.request_rows.base import Reading, Writing

READING: list[Reading] = [
    ("get_workspace_users", (), {}, "workspaces-users?limit=20"),
    ("get_workspace_users", ("ann@", 20, 10), {},
     "workspaces-users?keyword=ann%40&offset=20&limit=10"),
    ("iter_workspace_users", ("ann",), {}, "workspaces-users?keyword=ann&limit=1000"),
]  # fmt: skip

WRITING: list[Writing] = [
    ("update_workspace_user", ("a@b.c", "owner"), {}, "PUT workspaces-users/internal-users",
     {"email": "a@b.c", "role": "owner"}),
    ("create_workspace_user", ("Ann", "a@b.c", "ja", "member"), {},
     "POST workspaces-users/internal-users",
     {"name": "Ann", "email": "a@b.c", "language": "ja", "role": "member"}),
]  # fmt: skip
