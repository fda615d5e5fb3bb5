"""Metadata keys."""

from __future__ import annotations

from sdk.request_rows.base import Reading, Writing

OPTIONS = [{"title": "Osaka", "value": "osaka"}]

READING: list[Reading] = [
    ("get_metadatas", (), {}, "metadatas?limit=100"),
    ("get_metadatas", ("cats", 20, 10), {}, "metadatas?project=cats&offset=20&limit=10"),
    ("iter_metadatas", ("cats",), {}, "metadatas?project=cats&limit=1000"),
]  # fmt: skip

WRITING: list[Writing] = [
    ("create_metadata", ("cats", "camera"), {}, "POST metadatas",
     {"project": "cats", "key": "camera", "type": "text"}),
    ("create_metadata", ("cats", "site", "select", OPTIONS, 0, 2, True, True), {},
     "POST metadatas",
     {"project": "cats", "key": "site", "type": "select", "options": OPTIONS, "defaultValue": 0,
      "order": 2, "isAdmin": True, "isRequired": True}),
    ("update_metadata", ("m1",), {}, "PUT metadatas/m1", {}),
    ("update_metadata", ("m1", OPTIONS, "", 2, False, False), {}, "PUT metadatas/m1",
     {"options": OPTIONS, "defaultValue": "", "order": 2, "isAdmin": False, "isRequired": False}),
    ("delete_metadata", ("m1",), {}, "DELETE metadatas/m1", None),
]  # fmt: skip
