"""What the methods of each further kind of task send: rows for `test_requests`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

FILTERS = {"status": "approved", "external_status": "registered", "tags": ["t 1"]}
SENT_FILTERS = "status=approved&externalStatus=registered&tags=t%201"
STATE = ("completed", "skipped", 10)
SENT_STATE = {"status": "completed", "externalStatus": "skipped", "priority": 10}
METADATAS = [{"key": "camera", "value": "left"}]
ATTRIBUTES = [{"key": "kind", "value": "tabby"}]
LABEL = {"type": "x", "value": "cat", "points": [1, 2]}
FETCHED = {**LABEL, "id": "1", "title": "Cat", "color": "#ffffff", "content": "b"}


@dataclass(frozen=True)
class Kind:
    noun: str
    path: str
    extension: str
    default_limit: int = 100
    max_limit: int = 1000
    several: bool = False
    content: Literal["name", "given", "given, then none"] = "name"
    """What annotations are sent with as their `content`."""

    @property
    def is_classification(self) -> bool:
        return self.noun.endswith("classification")

    def sent_label(self, content: str, *, on_update: bool = False) -> dict[str, Any]:
        is_given = self.content == "given" or (self.content != "name" and not on_update)
        return {**LABEL, "attributes": [], "content": "b" if is_given else content}


KINDS = (
    Kind("sequential_image", "sequential-image", ".png", 10, 10, True, "given"),
    Kind("video", "video", ".mp4", 10, 10),
    Kind("video_classification", "video/classification", ".mp4"),
    Kind("text", "text", ".txt"),
    Kind("text_classification", "text/classification", ".txt"),
    Kind("audio", "audio", ".m4a"),
    Kind("audio_classification", "audio/classification", ".mp3"),
    Kind("pcd", "pcd", ".pcd"),
    Kind("sequential_pcd", "sequential-pcd", ".pcd", 10, 10, True, "given, then none"),
    Kind(
        "multi_modal_video_audio", "multi-modal-video-audio", ".mp4", 10, 10, True, "given"
    ),
)  # fmt: skip
LISTED = (
    *((kind.noun, kind.path, kind.default_limit, kind.max_limit) for kind in KINDS),
    # Each of these has hundreds of slices.
    ("dicom", "dicom", 100, 100),
    ("robotics", "robotics", 100, 100),
)

READING = [
    row
    for noun, path, limit, most in LISTED
    for row in (
        (f"find_{noun}_task", ("t1",), {}, f"tasks/{path}/t1"),
        (f"find_{noun}_task_by_name", ("cats", "a"), {}, f"tasks/{path}?project=cats&taskName=a"),
        (f"get_{noun}_tasks", ("cats",), {}, f"tasks/{path}?project=cats&limit={limit}"),
        (f"get_{noun}_tasks", ("cats",), {**FILTERS, "offset": 20, "limit": 5},
         f"tasks/{path}?project=cats&{SENT_FILTERS}&offset=20&limit=5"),
        (f"iter_{noun}_tasks", ("cats",), FILTERS,
         f"tasks/{path}?project=cats&{SENT_FILTERS}&limit={most}"),
    )
] + [
    ("find_sequential_pcd_task", (), {"project": "cats", "task_name": "a"},
     "tasks/sequential-pcd?project=cats&taskName=a"),
    *(
        (f"find_integrated_{noun}_task_by_prefix", ("cats", "ds/cat"), {},
         f"tasks/integrate/{noun}s?project=cats&prefix=ds%2Fcat")
        for noun in ("image", "video", "audio")
    ),
    ("find_history", ("h1",), {}, "tasks/import/histories/h1"),
    ("get_histories", ("cats",), {}, "tasks/import/histories?project=cats&limit=100"),
    ("iter_histories", ("cats",), {}, "tasks/import/histories?project=cats&limit=1000"),
    ("find_export", ("e1",), {}, "exports/e1"),
    ("get_exports", ("cats", 20, 10), {}, "exports?project=cats&offset=20&limit=10"),
    ("iter_exports", ("cats",), {}, "exports?project=cats&limit=1000"),
    ("get_appendix_data", ("cats",), {}, "contents/export/appendix?project=cats&limit=10000"),
    ("iter_appendix_data", ("cats",), {}, "contents/export/appendix?project=cats&limit=10000"),
    ("get_task_appendix_data", ("cats", "a"), {},
     "tasks/appendix?project=cats&taskName=a&limit=10000"),
    *(
        (f"get_{cloud}_import_status_by_project", ("cats",), {},
         f"tasks/import/status/{path}/cats")
        for cloud, path in (("aws_s3", "aws-s3"), ("gcp", "gcp"), ("azure", "azure"))
    ),
]  # fmt: skip

WRITING: list[tuple[str, tuple[Any, ...], dict[str, Any], str, Any]] = [
    *(
        (f"update_{kind.noun}_task", ("t1", *STATE, ATTRIBUTES, ["t"]), {"assignee": "ann"},
         f"PUT tasks/{kind.path}/t1",
         {**SENT_STATE, "attributes": ATTRIBUTES, "tags": ["t"], "assignee": "ann"})
        for kind in KINDS if kind.is_classification
    ),
    *(
        (f"update_{kind.noun}_task", ("t1", *STATE, ["t"], [FETCHED], METADATAS),
         {"assignee": None}, f"PUT tasks/{kind.path}/t1",
         {**SENT_STATE, "tags": ["t"], "annotations": [kind.sent_label("", on_update=True)],
          "metadatas": METADATAS, "assignee": None})
        for kind in KINDS if not kind.is_classification
    ),
    ("update_dicom_task", ("t1", "completed", "skipped", ["t"], METADATAS), {"reviewer": "bob"},
     "PUT tasks/dicom/t1",
     {"status": "completed", "externalStatus": "skipped", "tags": ["t"], "metadatas": METADATAS,
      "reviewer": "bob"}),
    ("create_robotics_task", ("cats", "e1", *STATE, ["t"], "Kim", METADATAS), {},
     "POST tasks/robotics",
     {"project": "cats", "name": "e1", **SENT_STATE, "tags": ["t"], "operator": "Kim",
      "metadatas": METADATAS}),
    ("update_robotics_task", ("t1",), {"annotations": []}, "PUT tasks/robotics/t1",
     {"annotations": []}),
    ("update_robotics_task", ("t1",), {"annotations": None}, "PUT tasks/robotics/t1", {}),
    ("update_robotics_task", ("t1", *STATE, ["t"], "Kim", [FETCHED], METADATAS), {},
     "PUT tasks/robotics/t1",
     {**SENT_STATE, "tags": ["t"], "operator": "Kim", "metadatas": METADATAS,
      "annotations": [{**LABEL, "attributes": [], "content": "b"}]}),
    ("cancel_import", ("h1",), {}, "POST tasks/import/histories/h1/cancel", {}),
    ("create_export", ("cats", "coco"), {}, "POST exports",
     {"project": "cats", "format": "coco"}),
    ("create_export", ("cats", "coco"),
     {"status": "approved", "external_status": "completed", "tags": ["a"], "classes": ["cat"],
      "created_at_from": "2026-05-01", "created_at_to": "2026-05-02",
      "updated_at_from": "2026-05-03", "updated_at_to": "2026-05-04", "revision": 1,
      "options": {"file_name": "a.json"}, "strict": True}, "POST exports",
     {"project": "cats", "format": "coco", "status": "approved", "externalStatus": "completed",
      "tags": ["a"], "classes": ["cat"], "createdAtFrom": "2026-05-01",
      "createdAtTo": "2026-05-02", "updatedAtFrom": "2026-05-03", "updatedAtTo": "2026-05-04",
      "revision": 1, "options": {"fileName": "a.json"}, "strict": True}),
    ("cancel_export", ("e1",), {}, "POST exports/e1/cancel", {}),
    ("delete_export", ("e1",), {}, "DELETE exports/e1", None),
    *(
        (f"create_task_from_{cloud}", ("cats",), {}, f"POST tasks/{path}",
         {"project": "cats", "status": "registered", "priority": 0})
        for cloud, path in (("aws_s3", "aws-s3"), ("gcp", "gcp"), ("azure", "azure"))
    ),
]  # fmt: skip

NAMES = {
    *(row[0] for row in (*READING, *WRITING)),
    *(f"create_{kind.noun}_task" for kind in KINDS),
}
"""Methods that the rows of this file cover."""
