"""Tasks, kind by kind: what the methods send that every kind has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sdk.request_rows.base import (
    ATTRIBUTES,
    FETCHED,
    FILTERS,
    LABEL,
    METADATAS,
    PAGE,
    SENT_FILTERS,
    SENT_STATE,
    STATE,
    Reading,
    Writing,
)


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
    ("image", "image", 100, 1000),
    ("image_classification", "image/classification", 100, 1000),
    ("multi_image_classification", "multi-image/classification", 100, 1000),
    *((kind.noun, kind.path, kind.default_limit, kind.max_limit) for kind in KINDS),
    # Each of these has hundreds of slices.
    ("dicom", "dicom", 100, 100),
    ("robotics", "robotics", 100, 100),
)

READING: list[Reading] = [
    row
    for noun, path, limit, most in LISTED
    for row in (
        (f"find_{noun}_task", ("t1",), {}, f"tasks/{path}/t1"),
        (f"find_{noun}_task_by_name", ("cats", "a.jpg"), {},
         f"tasks/{path}?project=cats&taskName=a.jpg"),
        (f"get_{noun}_tasks", ("cats",), {}, f"tasks/{path}?project=cats&limit={limit}"),
        (f"get_{noun}_tasks", ("cats",), {**FILTERS, **PAGE},
         f"tasks/{path}?project=cats&{SENT_FILTERS}&offset=20&limit=10"),
        (f"iter_{noun}_tasks", ("cats",), FILTERS,
         f"tasks/{path}?project=cats&{SENT_FILTERS}&limit={most}"),
    )
]  # fmt: skip

WRITING: list[Writing] = [
    *(
        (f"update_{kind.noun}_task", ("t1", *STATE, ATTRIBUTES, ["t"]), {"assignee": "ann"},
         f"PUT tasks/{kind.path}/t1",
         {**SENT_STATE, "attributes": ATTRIBUTES, "assignee": "ann"})
        for kind in KINDS if kind.is_classification
    ),
    *(
        (f"update_{kind.noun}_task", ("t1", *STATE, ["t"], [FETCHED], METADATAS),
         {"assignee": None}, f"PUT tasks/{kind.path}/t1",
         {**SENT_STATE, "annotations": [kind.sent_label("", on_update=True)],
          "metadatas": METADATAS, "assignee": None})
        for kind in KINDS if not kind.is_classification
    ),
]  # fmt: skip
