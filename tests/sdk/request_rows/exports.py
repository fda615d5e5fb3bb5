"""Exports that the server makes."""

from __future__ import annotations

from sdk.request_rows.base import Reading, Writing

READING: list[Reading] = [
    ("find_export", ("e/1",), {}, "exports/e%2F1"),
    ("get_exports", ("cats",), {}, "exports?project=cats&limit=100"),
    ("get_exports", ("cats", 20, 1000), {}, "exports?project=cats&offset=20&limit=1000"),
    ("find_export", ("e1",), {}, "exports/e1"),
    ("get_exports", ("cats", 20, 10), {}, "exports?project=cats&offset=20&limit=10"),
    ("iter_exports", ("cats",), {}, "exports?project=cats&limit=1000"),
]  # fmt: skip

WRITING: list[Writing] = [
    ("create_export", ("cats", "coco"), {}, "POST exports",
     {"project": "cats", "format": "coco"}),
    ("create_export", ("cats", "coco"),
     {"status": "approved", "external_status": "completed", "tags": ["a"], "classes": ["cat"],
      "created_at_from": "2026-05-01", "updated_at_to": "2026-06-01", "revision": 0,
      "options": {"file_name": "a.json"}, "strict": True}, "POST exports",
     {"project": "cats", "format": "coco", "status": "approved", "externalStatus": "completed",
      "tags": ["a"], "classes": ["cat"], "createdAtFrom": "2026-05-01",
      "updatedAtTo": "2026-06-01", "revision": 0, "options": {"fileName": "a.json"},
      "strict": True}),
    ("cancel_export", ("e1",), {}, "POST exports/e1/cancel", {}),
    ("delete_export", ("e1",), {}, "DELETE exports/e1", None),
    ("create_export", ("cats", "coco"),
     {"status": "approved", "external_status": "completed", "tags": ["a"], "classes": ["cat"],
      "created_at_from": "2026-05-01", "created_at_to": "2026-05-02",
      "updated_at_from": "2026-05-03", "updated_at_to": "2026-05-04", "revision": 1,
      "options": {"file_name": "a.json"}, "strict": True}, "POST exports",
     {"project": "cats", "format": "coco", "status": "approved", "externalStatus": "completed",
      "tags": ["a"], "classes": ["cat"], "createdAtFrom": "2026-05-01",
      "createdAtTo": "2026-05-02", "updatedAtFrom": "2026-05-03", "updatedAtTo": "2026-05-04",
      "revision": 1, "options": {"fileName": "a.json"}, "strict": True}),
]  # fmt: skip
