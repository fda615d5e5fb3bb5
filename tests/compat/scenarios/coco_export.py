"""COCO export by the official client of tasks that were read back from the server.

The expected areas and boxes are worked out by hand; where the two releases write different
things, only what both agree on is compared.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scenarios.support import bbox, client, new_class, new_project, new_task, refused, same

OUTER = [10, 10, 30, 10, 30, 25, 10, 25, 10, 10]
HOLLOW = [15, 12, 15, 20, 20, 20, 20, 12, 15, 12]
ISLAND = [1, 1, 5, 1, 5, 5, 1, 5, 1, 1]


def _exported(project: str, **options: Any) -> dict[str, Any]:
    tasks = client.get_image_tasks(project)
    client.export_coco(project=project, tasks=tasks, output_dir=f"coco/{project}", **options)
    text = (Path("coco") / project / "annotations.json").read_text(encoding="utf-8")
    return json.loads(text)


def _shapes_project() -> str:
    project = new_project("image_all")
    new_class(project, "polygon", "tree", color="#00ff00")
    new_class(project, "bbox", "cat", color="#ff0000",
              attributes=[{"type": "text", "name": "Note", "key": "note"}])  # fmt: skip
    new_class(project, "segmentation", "lake", color="#0000ff")
    new_class(project, "keypoint", "nose", color="#ffffff")
    new_task(project, "a.png", annotations=[
        {"type": "segmentation", "value": "lake", "points": [[OUTER, HOLLOW], [ISLAND]]},
        {"type": "keypoint", "value": "nose", "points": [3, 4]},
        bbox(points=(0, 0, 8.5, 2), attributes=[{"key": "note", "value": "猫"}]),
        bbox(points=(1, 2, 21, 12)),
    ])  # fmt: skip
    new_task(project, "sub/b.png", annotations=[
        {"type": "polygon", "value": "tree", "points": [0, 0, 10, 0, 10, 20]},
    ])  # fmt: skip
    new_task(project, "empty.png")
    return project


def images_areas_and_boxes_are_right() -> None:
    coco = _exported(_shapes_project())
    same(coco["images"], [
        {"file_name": name, "height": 30, "width": 40, "id": number}
        for number, name in enumerate(("a.png", "sub/b.png", "empty.png"), start=1)
    ])  # fmt: skip
    same([(c["id"], c["name"]) for c in coco["categories"]],
         [[1, "cat"], [2, "lake"], [3, "tree"]])  # fmt: skip
    shown = ("id", "image_id", "category_id", "area", "bbox", "iscrowd", "attributes")
    same([[a[key] for key in shown] for a in coco["annotations"]], [
        [1, 1, 1, 17, [0, 0, 8.5, 2], 0, {"note": "猫"}],
        [2, 1, 1, 200, [1, 2, 20, 10], 0, {}],
        [3, 1, 2, 316, [1, 1, 29, 24], 0, {}],
        [4, 2, 3, 100, [0, 0, 10, 20], 0, {}],
    ])  # fmt: skip
    same(coco["annotations"][2]["segmentation"], [OUTER, ISLAND])
    same(coco["annotations"][3]["segmentation"], [[0, 0, 10, 0, 10, 20]])


def classes_give_order_and_color_of_categories() -> None:
    project = _shapes_project()
    coco = _exported(project, annotations=client.get_annotations(project, limit=1000))
    same([(c["id"], c["name"], c["color"]) for c in coco["categories"]],
         [[1, "tree", "#00ff00"], [2, "cat", "#ff0000"], [3, "lake", "#0000ff"]])  # fmt: skip
    same([(a["image_id"], a["category_id"]) for a in coco["annotations"]],
         [[1, 2], [1, 2], [1, 3], [2, 1]])  # fmt: skip


def poses_have_a_skeleton() -> None:
    project = new_project("image_pose_estimation")
    client.api.post_request("annotations", payload={
        "project": project, "type": "pose_estimation", "value": "person", "title": "Person",
        "keypoints": [
            {"key": "head", "name": "Head", "color": "#ff0000", "edges": ["neck"]},
            {"key": "neck", "name": "Neck", "color": "#00ff00", "edges": ["head", "hip"]},
            {"key": "hip", "name": "Hip", "color": "#0000ff", "edges": ["neck"]},
        ],
    })  # fmt: skip
    new_task(project, "a.png", annotations=[{
        "type": "pose_estimation", "value": "person", "keypoints": [
            {"key": "neck", "value": [11, 9, 0]},
            {"key": "head", "value": [10, 5.5, 1]},
            {"key": "hip", "value": [12, 20, 1]},
        ],
    }])  # fmt: skip
    coco = _exported(project, annotations=client.get_annotations(project))
    [category] = coco["categories"]
    same(category["keypoints"], ["head", "neck", "hip"])
    same(category["keypoint_colors"], ["#ff0000", "#00ff00", "#0000ff"])
    same(category["skeleton"], [[1, 2], [2, 3]])
    [annotation] = coco["annotations"]
    same(annotation["num_keypoints"], 3)
    same(annotation["keypoints"], [10, 5.5, 2, 11, 9, 1, 12, 20, 2])


def an_unknown_project_or_file_name_is_refused() -> None:
    with refused(422):
        client.export_coco(project="no-such-project", tasks=[])
    with refused(422):
        client.export_coco(project=new_project(), tasks=[], output_file_name="annotations.txt")
