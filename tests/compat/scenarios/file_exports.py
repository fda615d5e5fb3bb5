"""YOLO, Pascal VOC and labelme by the official client, of tasks that were read back.

The expected numbers are worked out by hand for pictures of 40 x 30 pixels.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

from scenarios.support import bbox, client, later, new_class, new_project, new_task, refused, same

LAKE = [10, 3, 30, 3, 30, 27, 10, 27, 10, 3]


def _project(project_type: str = "image_all") -> str:
    project = new_project(project_type)
    if project_type == "image_all":
        switch = {"type": "switch", "name": "Cut off", "key": "truncated"}
        new_class(project, "bbox", "cat", attributes=[switch])
        new_class(project, "polygon", "tree")
        new_task(project, "sub/a.png", annotations=[
            bbox(points=(10, 3, 30, 27), attributes=[{"key": "truncated", "value": True}]),
            {"type": "polygon", "value": "tree", "points": [0, 0, 10.5, 0, 10, 20.9]},
        ])  # fmt: skip
    else:
        new_class(project, "segmentation", "lake")
        new_task(project, "sub/a.png", annotations=[
            {"type": "segmentation", "value": "lake", "points": [[LAKE]]},
        ])  # fmt: skip
    new_task(project, "empty.png")
    return project


def _lines(folder: str, name: str) -> list[str]:
    return Path(folder, name).read_text(encoding="utf-8").splitlines()


def boxes_are_written_as_yolo() -> None:
    project = _project()
    tasks = client.get_image_tasks(project)
    client.export_yolo(project=project, tasks=tasks, output_dir=f"yolo/{project}")
    folder = f"yolo/{project}"
    same(_lines(folder, "classes.txt"), ["cat", "tree"])
    same(_lines(folder, "annotations/sub/a.txt"),
         ["0 0.5 0.5 0.5 0.8", "1 0.13125 0.3483333 0.2625 0.6966666"])  # fmt: skip
    same(_lines(folder, "annotations/empty.txt"), [])


def yolo_takes_a_list_of_classes() -> None:
    project = _project()
    tasks = client.get_image_tasks(project)
    folder = f"yolo-classes/{project}"
    client.export_yolo(project=project, tasks=tasks, classes=["bird", "cat"], output_dir=folder)
    same(_lines(folder, "classes.txt"), ["bird", "cat"])
    same(_lines(folder, "annotations/sub/a.txt"), ["1 0.5 0.5 0.5 0.8"])


@later
def segmentations_are_written_as_yolo_outlines() -> None:
    project = _project("image_segmentation")
    tasks = client.get_image_tasks(project)
    folder = f"yolo-segmentation/{project}"
    client.export_yolo(project=project, tasks=tasks, output_dir=folder)
    same(_lines(folder, "annotations/sub/a.txt"),
         ["0 0.25 0.1 0.75 0.1 0.75 0.9 0.25 0.9 0.25 0.1"])  # fmt: skip


def boxes_are_written_as_pascal_voc() -> None:
    project = _project()
    tasks = client.get_image_tasks(project)
    folder = Path("voc", project)
    client.export_pascalvoc(project=project, tasks=tasks, output_dir=str(folder))
    root = ET.parse(folder / "annotations" / "sub" / "a.xml").getroot()
    same([root.findtext("filename"), root.findtext("size/width"), root.findtext("size/height")],
         ["sub/a.png", "40", "30"])  # fmt: skip
    corners = ("xmin", "ymin", "xmax", "ymax")
    found = {
        element.findtext("name"): (
            element.findtext("truncated"),
            [int(element.findtext(f"bndbox/{corner}")) for corner in corners],
        )
        for element in root.findall("object")
    }
    same(found, {"cat": ("1", [10, 3, 30, 27]), "tree": ("0", [0, 0, 10, 20])})
    assert (folder / "annotations" / "empty.xml").exists()


def shapes_are_written_as_labelme() -> None:
    tasks = client.get_image_tasks(_project())
    client.export_labelme(tasks=tasks, output_dir="labelme")
    content = json.loads(Path("labelme/sub/a.json").read_text(encoding="utf-8"))
    same([content["imagePath"], content["imageWidth"], content["imageHeight"]],
         ["sub/a.png", 40, 30])  # fmt: skip
    same([(one["shape_type"], one["label"], one["points"]) for one in content["shapes"]],
         [["rectangle", "cat", [[10, 3], [30, 27]]],
          ["polygon", "tree", [[0, 0], [10.5, 0], [10, 20.9]]]])  # fmt: skip


def an_unknown_project_is_refused() -> None:
    with refused(422):
        client.export_yolo(project="no-such-project", tasks=[])
    with refused(422):
        client.export_pascalvoc(project="no-such-project", tasks=[])
