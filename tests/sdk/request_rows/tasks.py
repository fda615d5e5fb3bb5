"""Tasks whatever their kind, image tasks, and what only some kinds have."""

from __future__ import annotations

from typing import Any

from fastlabel.const import Priority
from sdk.request_rows.base import (
    ATTRIBUTES,
    FETCHED,
    LABEL,
    METADATAS,
    PEOPLE,
    SENT_PEOPLE,
    SENT_STATE,
    STATE,
    Reading,
    Writing,
)

RELATIONS = [{"startIndex": 0, "endIndex": 1}]
BOX = {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4]}


def sent_box(content: str) -> dict[str, Any]:
    return {**BOX, "attributes": [], "content": content}


READING: list[Reading] = [
    ("count_tasks", ("cats",), {}, "tasks/count?project=cats"),
    ("count_tasks", ("cats", "approved", "completed", ["t1", "t2"]), {},
     "tasks/count?project=cats&status=approved&externalStatus=completed&tags=t1&tags=t2"),
    ("count_tasks", ("cats", "", "", []), {}, "tasks/count?project=cats"),
    ("get_task_id_name_map", ("cats",), {}, "tasks/map/id-name?project=cats&limit=1000"),
    ("get_task_id_name_map", ("cats", 20, 10), {},
     "tasks/map/id-name?project=cats&offset=20&limit=10"),
    ("get_task_revisions", ("t1",), {}, "tasks/t1/revisions"),
    ("find_task_revision", ("t1", 3), {}, "tasks/t1/revisions/3"),
    ("find_sequential_pcd_task", (), {"project": "cats", "task_name": "a"},
     "tasks/sequential-pcd?project=cats&taskName=a"),
    *(
        (f"find_integrated_{noun}_task_by_prefix", ("cats", "ds/cat"), {},
         f"tasks/integrate/{noun}s?project=cats&prefix=ds%2Fcat")
        for noun in ("image", "video", "audio")
    ),
]  # fmt: skip

WRITING: list[Writing] = [
    ("update_task", ("t1",), {}, "PUT tasks/t1", {}),
    ("update_task", ("t1", "completed", "skipped", 10, ["t"], METADATAS), PEOPLE, "PUT tasks/t1",
     {**SENT_STATE, "metadatas": METADATAS, **SENT_PEOPLE}),
    ("update_task", ("t1",), {"priority": 0}, "PUT tasks/t1", {"priority": 0}),
    ("update_task", ("t1",), {"priority": Priority.none}, "PUT tasks/t1", {"priority": 0}),
    ("delete_task", ("t1",), {}, "DELETE tasks/t1", None),
    ("delete_task_annotations", ("t1",), {}, "DELETE tasks/t1/task-annotations", None),
    ("restore_task_revision", ("t1", 3), {}, "POST tasks/t1/revisions/3/restore", {}),
    ("create_integrated_image_task", ("cats", "gcp", "in/a.JPG", "completed"),
     {"annotations": [BOX], **PEOPLE}, "POST tasks/integrated-image",
     {"project": "cats", "storageType": "gcp", "filePath": "in/a.JPG", "status": "completed",
      "annotations": [sent_box("in/a.JPG")], **SENT_PEOPLE}),
    ("create_integrated_image_classification_task", ("cats", "in/a.jpg", "gcp"),
     {"attributes": ATTRIBUTES, "priority": 0}, "POST tasks/integrated-image/classification",
     {"project": "cats", "filePath": "in/a.jpg", "storageType": "gcp", "priority": 0,
      "attributes": ATTRIBUTES}),
    ("update_image_task", ("t1",), {}, "PUT tasks/image/t1", {}),
    ("update_image_task",
     ("t1", "completed", "skipped", "pending", 10, ["t"], [BOX], RELATIONS, METADATAS), PEOPLE,
     "PUT tasks/image/t1",
     {**SENT_STATE, "customTaskStatus": "pending", "annotations": [sent_box("")],
      "relations": RELATIONS, "metadatas": METADATAS, **SENT_PEOPLE}),
    ("update_image_task", ("t1",), {"annotations": [], "tags": []}, "PUT tasks/image/t1", {}),
    ("update_image_classification_task", ("t1", "completed", "skipped", 10, ATTRIBUTES, ["t"]),
     PEOPLE, "PUT tasks/image/classification/t1",
     {**SENT_STATE, "attributes": ATTRIBUTES, **SENT_PEOPLE}),
    ("update_multi_image_classification_task",
     ("t1", "completed", "skipped", 10, ATTRIBUTES, ["t"]), PEOPLE,
     "PUT tasks/multi-image/classification/t1",
     {**SENT_STATE, "attributes": ATTRIBUTES, **SENT_PEOPLE}),
    ("update_dicom_task", ("t1", "completed", "skipped", ["t"], METADATAS), {"reviewer": "bob"},
     "PUT tasks/dicom/t1",
     {"status": "completed", "externalStatus": "skipped", "tags": ["t"], "metadatas": METADATAS,
      "reviewer": "bob"}),
    ("create_robotics_task", ("cats", "e1", *STATE, ["t"], "Kim", METADATAS), {},
     "POST tasks/robotics",
     {"project": "cats", "name": "e1", **SENT_STATE, "operator": "Kim",
      "metadatas": METADATAS}),
    ("update_robotics_task", ("t1",), {"annotations": []}, "PUT tasks/robotics/t1",
     {"annotations": []}),
    ("update_robotics_task", ("t1",), {"annotations": None}, "PUT tasks/robotics/t1", {}),
    ("update_robotics_task", ("t1", *STATE, ["t"], "Kim", [FETCHED], METADATAS), {},
     "PUT tasks/robotics/t1",
     {**SENT_STATE, "operator": "Kim", "metadatas": METADATAS,
      "annotations": [{**LABEL, "attributes": [], "content": "b"}]}),
]  # fmt: skip

CREATING_FROM_A_FILE: list[Writing] = [
    ("create_image_task", ("cats", "a.jpg", "FILE"), {}, "tasks/image",
     {"project": "cats", "name": "a.jpg"}),
    ("create_image_task",
     ("cats", "a.jpg", "FILE", "completed", "skipped", "pending", 10, [BOX], ["t"], METADATAS,
      True),
     PEOPLE, "tasks/image",
     {"project": "cats", "name": "a.jpg", **SENT_STATE, "customTaskStatus": "pending",
      "annotations": [sent_box("a.jpg")], "metadatas": METADATAS, "isDeleteExif": True,
      **SENT_PEOPLE}),
    ("create_image_classification_task",
     ("cats", "a.jpg", "FILE", "completed", "skipped", 10, ATTRIBUTES, ["t"], True), PEOPLE,
     "tasks/image/classification",
     {"project": "cats", "name": "a.jpg", **SENT_STATE, "attributes": ATTRIBUTES,
      "isDeleteExif": True, **SENT_PEOPLE}),
    ("create_multi_image_classification_task",
     ("cats", "a", "FOLDER", "completed", "skipped", 10, ATTRIBUTES, ["t"], True), PEOPLE,
     "tasks/multi-image/classification",
     {"project": "cats", "name": "a", **SENT_STATE, "attributes": ATTRIBUTES,
      "isDeleteExif": True, **SENT_PEOPLE}),
]  # fmt: skip
