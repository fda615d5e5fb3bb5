"""Annotation classes, the questions of classification projects, and tags."""

from __future__ import annotations

from sdk.request_rows.base import CLASS_ATTRIBUTES, Reading, Writing

READING: list[Reading] = [
    ("find_annotation", ("c1",), {}, "annotations/c1"),
    ("find_annotation_by_value", ("cats", "cat"), {}, "annotations?project=cats&value=cat"),
    ("get_annotations", ("cats",), {}, "annotations?project=cats&limit=10"),
    ("get_annotations", ("cats", "cat", 20, 1000), {},
     "annotations?project=cats&value=cat&offset=20&limit=1000"),
    ("get_tags", ("cats",), {}, "tags?project=cats&limit=100"),
    ("get_tags", ("cats", "small", 20, 10), {},
     "tags?project=cats&keyword=small&offset=20&limit=10"),
    ("iter_annotations", ("cats",), {}, "annotations?project=cats&limit=1000"),
    ("iter_tags", ("cats", "small"), {}, "tags?project=cats&keyword=small&limit=1000"),
]  # fmt: skip

WRITING: list[Writing] = [
    ("create_annotation", ("cats", "bbox", "cat", "Cat"), {}, "POST annotations",
     {"project": "cats", "type": "bbox", "value": "cat", "title": "Cat"}),
    ("create_annotation",
     ("cats", "segmentation", "cat", "Cat", "#ff0000", 2, CLASS_ATTRIBUTES, None),
     {"keypoints": [{"key": "nose"}]}, "POST annotations",
     {"project": "cats", "type": "segmentation", "value": "cat", "title": "Cat",
      "color": "#ff0000", "order": 2, "attributes": CLASS_ATTRIBUTES, "maxAreaCount": None,
      "keypoints": [{"key": "nose"}]}),
    ("create_classification_annotation", ("cats", CLASS_ATTRIBUTES), {},
     "POST annotations/classification", {"project": "cats", "attributes": CLASS_ATTRIBUTES}),
    ("update_annotation", ("c1", "cat", "Cat", "#ff0000", 0, [], 3), {}, "PUT annotations/c1",
     {"value": "cat", "title": "Cat", "color": "#ff0000", "maxAreaCount": 3}),
    ("update_classification_annotation", ("c1", CLASS_ATTRIBUTES), {},
     "PUT annotations/classification/c1", {"attributes": CLASS_ATTRIBUTES}),
    ("delete_annotation", ("c1",), {}, "DELETE annotations/c1", None),
    ("delete_tags", (["t1", "t2"],), {}, "POST tags/delete/multi", {"tagIds": ["t1", "t2"]}),
    ("delete_tags", ([],), {}, "POST tags/delete/multi", {"tagIds": []}),
]  # fmt: skip
