"""Imports of what is in the operator's S3 bucket.

The environment names the bucket (BUCKET_NAME). In its folder `day 1` are an image (FILE_PATH) and
something else under the name of one (TEXT_PATH); in `day 2` two images, a text, and an image
with a key that is no path.
"""

from __future__ import annotations

import os
import time
from typing import Any

from scenarios.support import (
    ID,
    TIMESTAMP,
    client,
    fetch,
    names,
    new_project,
    refused,
    same,
    stranger,
)

PATIENCE_S = 60


def _project(project_type: str = "image_bbox", prefix: str | None = None) -> str:
    project = new_project(project_type)
    setting = client.update_aws_s3_storage(
        project=project,
        bucket_name=os.environ["BUCKET_NAME"],
        bucket_region="us-east-1",
        prefix=prefix,
    )
    assert ID.fullmatch(setting), setting
    return project


def _imported(project: str, **options: Any) -> dict[str, Any]:
    """Import the bucket as the documentation does: begin, then ask until it is done."""
    begun = client.create_task_from_aws_s3(project=project, **options)
    deadline = time.monotonic() + PATIENCE_S
    while True:
        history = client.get_aws_s3_import_status_by_project(project=project)
        same(history["id"], begun["id"])
        if history["status"] not in ("pending", "running"):
            return history
        assert time.monotonic() < deadline, history
        time.sleep(0.2)


def an_import_is_followed_until_it_is_completed() -> None:
    project = _project(prefix="day 2")
    history = _imported(project)
    same(
        {key: history[key] for key in ("storageType", "status", "msgCode", "count")},
        {"storageType": "aws-s3", "status": "completed", "msgCode": "none", "count": 2},
    )
    assert ID.fullmatch(history["id"])
    assert TIMESTAMP.fullmatch(history["createdAt"])
    assert TIMESTAMP.fullmatch(history["updatedAt"])


def tasks_are_named_by_the_whole_key_and_show_the_objects() -> None:
    project = _project(prefix="day 2")
    _imported(project)
    tasks = client.get_image_tasks(project=project)
    same(sorted(names(tasks)), ["day 2/a.jpg", "day 2/sub/b.JPEG"])
    for task in tasks:
        same([task["width"], task["height"]], [320, 200])
        same([task["status"], task["priority"], task["tags"]], ["registered", 0, []])
        same(fetch(task["url"])[0], 200)


def what_is_given_holds_for_every_task() -> None:
    project = _project(prefix="day 2")
    _imported(project, status="completed", tags=["bucket", "far"], priority=10)
    for task in client.get_image_tasks(project=project, tags=["bucket", "far"]):
        same([task["status"], task["priority"]], ["completed", 10])
    same(client.count_tasks(project=project, status="completed"), 2)


def what_cannot_be_taken_is_counted_and_the_import_completes() -> None:
    project = _project()
    history = _imported(project)
    same(
        [history[key] for key in ("status", "count", "passedOver", "failed", "total")],
        ["completed", 3, 1, 2, 6],
    )
    same(
        sorted(error["name"] for error in history["errors"]),
        sorted([os.environ["TEXT_PATH"], "day 2//odd.jpg"]),
    )


def a_second_import_takes_what_is_new() -> None:
    project = _project(prefix="day 2")
    _imported(project)
    first, second = client.get_image_tasks(project=project)
    client.delete_task(first["id"])
    history = _imported(project)
    same([history["count"], history["skipped"]], [1, 1])
    found = client.get_image_tasks(project=project)
    same(sorted(names(found)), sorted([first["name"], second["name"]]))
    assert second["id"] in [task["id"] for task in found]


def classification_projects_are_filled_too() -> None:
    project = _project("image_classification", prefix="day 1")
    same(_imported(project)["count"], 1)
    same(names(client.get_image_classification_tasks(project=project)), [os.environ["FILE_PATH"]])


def a_bucket_that_is_not_there_fails_the_import_with_a_reason() -> None:
    project = new_project("image_bbox")
    client.update_aws_s3_storage(
        project=project, bucket_name="no-such-bucket-at-all", bucket_region="us-east-1"
    )
    history = _imported(project)
    same(history["status"], "failed")
    assert "no-such-bucket-at-all" in history["message"]
    same(client.get_image_tasks(project=project), [])


def what_cannot_be_imported_is_refused() -> None:
    project = new_project("image_bbox")
    with refused(422, "aws-s3"):
        client.create_task_from_aws_s3(project=project)
    with refused(404):
        client.get_aws_s3_import_status_by_project(project=project)
    with refused(404, "no-such-project"):
        client.create_task_from_aws_s3(project="no-such-project")
    with refused(404, project):
        stranger().create_task_from_aws_s3(project=project)
