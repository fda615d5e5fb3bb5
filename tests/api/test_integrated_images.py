"""Images that stay in the operator's bucket, on real protocol servers of three clouds."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy import select

from clouds import CloudServer
from conftest import jpeg_bytes
from fastlabel import Client
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel_server.db import Database
from fastlabel_server.tables import Content
from servers import Server, running_server

PICTURE = jpeg_bytes((120, 80))
MEGABYTE = 1024 * 1024


@dataclass
class World:
    """A server whose environment knows a cloud, and a project that reads a bucket in it."""

    client: Client
    server: Server
    cloud: CloudServer
    bucket: str
    project: str


@pytest.fixture(scope="module", params=("s3", "gcs", "azure"))
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    cloud: CloudServer = request.getfixturevalue(f"{request.param}_cloud")
    bucket = cloud.new_bucket()
    cloud.put(bucket, "team/photos/猫 1.jpg", PICTURE)
    cloud.put(bucket, "team/photos/text.jpg", b"This is not an image.")
    cloud.put(bucket, "team/photos/large.jpg", PICTURE + bytes(20 * MEGABYTE))
    cloud.put(bucket, "team/secret.jpg", PICTURE)
    data_dir = tmp_path_factory.mktemp(f"integrated-{request.param}")
    with running_server(data_dir, **cloud.environment) as server, server.client() as client:
        client.create_project("image_bbox", "Photos", "photos")
        client.create_annotation("photos", "bbox", "cat", "Cat")
        _set_bucket(client, cloud, "photos", bucket, "team/photos")
        yield World(client, server, cloud, bucket, "photos")


def _set_bucket(client: Client, cloud: CloudServer, project: str, name: str, prefix: str) -> None:
    if cloud.kind == "aws-s3":
        client.update_aws_s3_storage(project, name, "us-east-1", prefix)
    elif cloud.kind == "gcp":
        client.update_gcp_storage(project, name, prefix)
    else:
        client.update_azure_storage(project, name, prefix)


def _create(world: World, path: str, **options: object) -> str:
    return world.client.create_integrated_image_task(
        world.project,
        world.cloud.kind,
        path,
        **options,
    )


def test_a_task_of_an_object_is_like_one_of_an_upload(world: World) -> None:
    box = {"type": "bbox", "value": "cat", "points": [1, 2, 30, 40]}
    task_id = _create(world, "猫 1.jpg", annotations=[box], tags=["far"])
    task = world.client.find_image_task(task_id)
    assert (task["name"], task["width"], task["height"]) == ("猫 1.jpg", 120, 80)
    assert task["annotations"][0]["points"] == [1, 2, 30, 40]
    assert task["tags"] == ["far"]
    assert httpx.get(task["url"]).content == PICTURE
    part = httpx.get(task["url"], headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, PICTURE[10:20])
    _wait_for_thumbnail(world.server, task_id)
    with pytest.raises(FastLabelInvalidException, match="already has a task") as caught:
        _create(world, "猫 1.jpg")
    assert caught.value.code == 409


def _wait_for_thumbnail(server: Server, task_id: str) -> None:
    database = Database(server.settings.database, pool_size=1)
    wanted = select(Content.thumbnail_state).where(Content.task_id == task_id)
    deadline = time.monotonic() + 60
    try:
        while time.monotonic() < deadline:
            with database.read() as session:
                if session.scalar(wanted) == "ready":
                    return
            time.sleep(0.2)
    finally:
        database.close()
    raise AssertionError("the worker made no thumbnail of the object in the bucket")


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        ("missing.jpg", 404, "missing.jpg"),
        ("text.jpg", 422, "text.jpg: not a jpeg or png image"),
        ("large.jpg", 422, "up to 20 MB"),
        ("../secret.jpg", 422, "filePath"),
    ],
)
def test_what_is_no_image_of_the_folder_is_refused(
    world: World, path: str, code: int, message: str
) -> None:
    with pytest.raises(FastLabelInvalidException, match=re.escape(message)) as caught:
        _create(world, path)
    assert caught.value.code == code
    assert world.client.find_image_task_by_name(world.project, path) is None


def test_a_project_without_a_bucket_says_so(world: World) -> None:
    world.client.create_project("image_bbox", "Bare", "bare")
    with pytest.raises(FastLabelInvalidException, match=r"has no .* bucket"):
        world.client.create_integrated_image_task("bare", world.cloud.kind, "猫 1.jpg")


def test_a_bucket_that_does_not_exist_is_named(world: World) -> None:
    world.client.create_project("image_bbox", "Gone", "gone")
    _set_bucket(world.client, world.cloud, "gone", "nosuchbucket1", "")
    with pytest.raises(FastLabelInvalidException, match=r"nosuchbucket1|1\.jpg"):
        world.client.create_integrated_image_task("gone", world.cloud.kind, "猫 1.jpg")
