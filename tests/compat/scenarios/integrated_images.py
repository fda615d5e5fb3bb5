"""Image tasks whose file stays in the operator's S3 bucket.

The environment names the bucket (BUCKET_NAME), an image in it (FILE_PATH) with a copy on disk
(FILE_COPY), and an object that is no image (TEXT_PATH).
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from PIL import Image

from scenarios.support import (
    OWNER_NAME,
    OWNER_SLUG,
    bbox,
    client,
    fetch,
    names,
    new_class,
    new_project,
    project_id,
    refused,
    same,
)

STORAGE_TYPE = "aws-s3"
FILE_PATH = os.environ["FILE_PATH"]
FILE_COPY = Path(os.environ["FILE_COPY"])


def _project(project_type: str = "image_bbox") -> str:
    project = new_project(project_type)
    client.update_aws_s3_storage(
        project=project, bucket_name=os.environ["BUCKET_NAME"], bucket_region="us-east-1"
    )
    return project


def _task(project: str, **options: Any) -> str:
    return client.create_integrated_image_task(
        project=project, storage_type=STORAGE_TYPE, **{"file_path": FILE_PATH, **options}
    )


def _size() -> list[int]:
    with Image.open(FILE_COPY) as image:
        return list(image.size)


def the_task_is_named_by_the_path_and_shows_the_object() -> None:
    project = _project()
    created = _task(project)
    task = client.find_image_task(created)
    same([task["name"], task["width"], task["height"]], [FILE_PATH, *_size()])
    same([task["status"], task["externalStatus"], task["priority"], task["tags"]],
         ["registered", "registered", 0, []])  # fmt: skip
    status, _, body = fetch(task["url"])
    assert status == 200
    wanted = FILE_COPY.read_bytes()
    assert hashlib.sha256(body).hexdigest() == hashlib.sha256(wanted).hexdigest()
    status, headers, body = fetch(task["url"], Range="bytes=2-9")
    assert (status, body) == (206, wanted[2:10])
    assert headers["Content-Range"] == f"bytes 2-9/{len(wanted)}"


def everything_that_is_given_comes_back() -> None:
    project = _project()
    new_class(project)
    created = _task(
        project, status="completed", external_status="skipped", tags=["bucket"],
        annotations=[bbox(rotation=5)], assignee=OWNER_SLUG,
    )  # fmt: skip
    task = client.find_image_task_by_name(project, FILE_PATH)
    same([task[key] for key in ("id", "status", "externalStatus", "tags", "assignee")],
         [created, "completed", "skipped", ["bucket"], OWNER_NAME])  # fmt: skip
    same([(a["value"], a["points"], a["rotation"]) for a in task["annotations"]],
         [["cat", [1, 2, 21, 12], 5]])  # fmt: skip


def classification_tasks_can_be_integrated_too() -> None:
    project = _project("image_classification")
    client.create_classification_annotation(
        project, [{"type": "text", "name": "Note", "key": "note"}]
    )
    created = client.create_integrated_image_classification_task(
        project=project, file_path=FILE_PATH, storage_type=STORAGE_TYPE, priority=20,
        attributes=[{"key": "note", "value": "x"}],
    )  # fmt: skip
    task = client.find_image_classification_task(created)
    same([task["name"], task["width"], task["height"], task["priority"]],
         [FILE_PATH, *_size(), 20])  # fmt: skip
    same([a["value"] for a in task["attributes"]], ["x"])


def a_path_is_registered_once() -> None:
    project = _project()
    _task(project)
    with refused(409, FILE_PATH):
        _task(project)
    assert names(client.get_image_tasks(project)) == [FILE_PATH]


def deleting_the_task_leaves_the_object() -> None:
    project = _project()
    client.delete_task(_task(project))
    client.delete_project(project_id(project))
    again = client.find_image_task(_task(_project()))
    assert fetch(again["url"])[2] == FILE_COPY.read_bytes()


def what_cannot_be_read_is_refused() -> None:
    project = _project()
    with refused((404, 422), "nowhere.jpg"):
        _task(project, file_path="nowhere.jpg")
    with refused(422):
        _task(project, file_path="notes.txt")
    with refused(422):
        _task(project, file_path=os.environ["TEXT_PATH"])
    with refused(422):
        _task(project, file_path="../" + FILE_PATH)
    with refused(422):
        _task(project, annotations=[bbox()])
    with refused(422, "punched-cards"):
        client.create_integrated_image_task(project, "punched-cards", FILE_PATH)
    with refused((404, 422)):
        client.create_integrated_image_task(new_project(), STORAGE_TYPE, FILE_PATH)
    with refused(404, "no-such-project"):
        client.create_integrated_image_task("no-such-project", STORAGE_TYPE, FILE_PATH)
    assert client.get_image_tasks(project) == []
