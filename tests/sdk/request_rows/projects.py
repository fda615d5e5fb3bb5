"""Projects and who may do what in them."""

from __future__ import annotations

from sdk.request_rows.base import Reading, Writing

READING: list[Reading] = [
    ("get_projects", (), {}, "projects?limit=100"),
    ("get_projects", ("cats", 20, 10), {}, "projects?slug=cats&offset=20&limit=10"),
    ("get_projects", (), {"offset": 0, "limit": 0}, "projects"),
    ("find_project", ("p1",), {}, "projects/p1"),
    ("find_project", ("a/b c?",), {}, "projects/a%2Fb%20c%3F"),
    ("find_project", ("..",), {}, "projects/%2E%2E"),
    ("find_project_by_slug", ("cats",), {}, "projects?slug=cats"),
    ("get_project_id_slug_map", (), {}, "projects/map/id-slug?limit=1000"),
    ("iter_projects", (), {}, "projects?limit=1000"),
]  # fmt: skip

WRITING: list[Writing] = [
    ("create_project", ("image_bbox", "Cats", "cats"), {}, "POST projects",
     {"type": "image_bbox", "name": "Cats", "slug": "cats", "jobSize": 10,
      "workflow": "two_step", "externalWorkflow": "two_step"}),
    ("create_project", ("image_all", "Cats", "cats", True, 0, "three_step", "three_step"), {},
     "POST projects",
     {"type": "image_all", "name": "Cats", "slug": "cats", "isPixel": True,
      "workflow": "three_step", "externalWorkflow": "three_step"}),
    ("update_project", ("p1", "Cats", "cats", 5, "three_step", "two_step"), {}, "PUT projects/p1",
     {"name": "Cats", "slug": "cats", "jobSize": 5, "workflow": "three_step",
      "externalWorkflow": "two_step"}),
    ("update_project", ("p1",), {}, "PUT projects/p1", {}),
    ("delete_project", ("p1",), {}, "DELETE projects/p1", None),
    ("copy_project", ("p1",), {}, "POST projects/copy", {"id": "p1"}),
    ("copy_project", ("p1", "Copy", "copy"), {}, "POST projects/copy",
     {"id": "p1", "name": "Copy", "slug": "copy"}),
    ("update_project_metadata", ("p1", "a", None, "c"), {}, "PUT projects/p1/metadata",
     {"externalCode1": "a", "externalCode2": None, "externalCode3": "c"}),
    ("update_project_user_permission", ("cats", "a@b.c", "none"), {}, "PUT projects-users",
     {"project": "cats", "email": "a@b.c", "role": "none"}),
]  # fmt: skip
