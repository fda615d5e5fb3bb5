"""Tasks made of what is in the operator's buckets, on real protocol servers of three clouds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.conftest import Raw
from clouds import CloudServer, S3Server
from conftest import DATABASES, jpeg_bytes
from fastlabel import Client
from fastlabel.exceptions import (
    FastLabelConflictException,
    FastLabelInvalidException,
    FastLabelNotFoundException,
)
from fastlabel.modalities import PROJECT_TYPES, TASK_KINDS, TaskKind
from fastlabel.types import History
from media_files import extensions, sample
from postgres import PostgresServer
from servers import Server, running_server

PICTURE = jpeg_bytes((120, 80))
PATIENCE_S = 120
ENDED = ("completed", "failed", "canceled")


@dataclass
class Cloud:
    """A server whose environment knows a cloud, and the methods of the SDK for that cloud."""

    client: Client
    server: CloudServer

    def set_bucket(self, project: str, bucket: str, prefix: str = "", **options: Any) -> None:
        if self.server.kind == "aws-s3":
            self.client.update_aws_s3_storage(project, bucket, "us-east-1", prefix, **options)
        elif self.server.kind == "gcp":
            self.client.update_gcp_storage(project, bucket, prefix, **options)
        else:
            self.client.update_azure_storage(project, bucket, prefix, **options)

    def begin(self, project: str, **options: Any) -> History:
        create: Callable[..., History] = {
            "aws-s3": self.client.create_task_from_aws_s3,
            "gcp": self.client.create_task_from_gcp,
            "azure": self.client.create_task_from_azure,
        }[self.server.kind]
        return create(project, **options)

    def status(self, project: str) -> History:
        get: Callable[[str], History] = {
            "aws-s3": self.client.get_aws_s3_import_status_by_project,
            "gcp": self.client.get_gcp_import_status_by_project,
            "azure": self.client.get_azure_import_status_by_project,
        }[self.server.kind]
        return get(project)

    def wait(self, project: str) -> History:
        deadline = time.monotonic() + PATIENCE_S
        while (found := self.status(project))["status"] not in ENDED:
            assert time.monotonic() < deadline, found
            time.sleep(0.1)
        return found

    def new_project(self, slug: str, project_type: str = "image_bbox") -> str:
        self.client.create_project(project_type, slug, slug)
        return slug


@pytest.fixture(scope="module", params=("s3", "gcs", "azure"))
def cloud(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cloud]:
    server: CloudServer = request.getfixturevalue(f"{request.param}_cloud")
    data_dir = tmp_path_factory.mktemp(f"imports-{request.param}")
    with running_server(data_dir, **server.environment) as running, running.client() as client:
        yield Cloud(client, server)


def counts(found: History) -> dict[str, Any]:
    fields = ("status", "count", "total", "skipped", "passedOver", "failed")
    return {field: found[field] for field in fields}  # type: ignore[literal-required]


def names(client: Client, project: str) -> list[str]:
    return sorted(client.get_task_id_name_map(project).values())


def test_objects_become_tasks_and_stay_where_they_are(cloud: Cloud, slug: str) -> None:
    bucket = cloud.server.new_bucket()
    for key in ("team/photos/猫 1.jpg", "team/photos/sub/B+%20.JPEG", "team/photos/c.png"):
        cloud.server.put(bucket, key, PICTURE)
    cloud.server.put(bucket, "team/photos/broken.jpg", b"This is not an image.")
    cloud.server.put(bucket, "team/photos/notes.txt", b"Not of the kind of the project.")
    cloud.server.put(bucket, "team/photos/sub//d.jpg", PICTURE)
    cloud.server.put(bucket, "team/secret.jpg", PICTURE)
    cloud.new_project(slug)
    cloud.set_bucket(slug, bucket, "team/photos")

    begun = cloud.begin(slug, status="completed", tags=["far", "away"], priority=20)

    assert (begun["storageType"], begun["status"]) == (cloud.server.kind, "pending")
    found = cloud.wait(slug)
    assert found["id"] == begun["id"]
    assert counts(found) == {
        "status": "completed", "count": 3, "total": 6, "skipped": 0, "passedOver": 1, "failed": 2,
    }  # fmt: skip
    assert found["message"] is None
    assert {error["name"] for error in found["errors"]} == {
        "team/photos/broken.jpg",
        "team/photos/sub//d.jpg",
    }
    told = {error["name"][12:]: error["message"] for error in found["errors"]}
    assert "not a jpeg or png image" in told["broken.jpg"]
    assert "has an empty part" in told["sub//d.jpg"]
    assert names(cloud.client, slug) == [
        "team/photos/c.png",
        "team/photos/sub/B+%20.JPEG",
        "team/photos/猫 1.jpg",
    ]
    for task in cloud.client.iter_image_tasks(slug):
        assert (task["width"], task["height"]) == (120, 80)
        assert (task["status"], task["priority"]) == ("completed", 20)
        assert task["tags"] == ["far", "away"]
        assert task["annotations"] == []
        assert httpx.get(task["url"]).content == PICTURE


def test_a_second_import_takes_what_is_new(cloud: Cloud, slug: str) -> None:
    bucket = cloud.server.new_bucket()
    for number in range(3):
        cloud.server.put(bucket, f"{number}.jpg", PICTURE)
    cloud.new_project(slug)
    cloud.set_bucket(slug, bucket)
    cloud.client.create_integrated_image_task(slug, cloud.server.kind, "1.jpg", tags=["mine"])
    cloud.begin(slug, tags=["first"])
    first = cloud.wait(slug)
    cloud.server.put(bucket, "05.jpg", PICTURE)
    cloud.client.delete_task(cloud.client.find_image_task_by_name(slug, "2.jpg")["id"])
    cloud.begin(slug, tags=["second"])
    second = cloud.wait(slug)

    assert second["id"] != first["id"]
    assert [(one["count"], one["skipped"], one["total"]) for one in (first, second)] == [
        (2, 1, 3),
        (2, 2, 4),
    ]
    tags = {task["name"]: task["tags"] for task in cloud.client.iter_image_tasks(slug)}
    assert tags == {
        "0.jpg": ["first"], "05.jpg": ["second"], "1.jpg": ["mine"], "2.jpg": ["second"],
    }  # fmt: skip


def test_a_project_may_leave_the_prefix_out_of_names(cloud: Cloud, slug: str) -> None:
    bucket = cloud.server.new_bucket()
    cloud.server.put(bucket, "team/photos/sub/a.jpg", PICTURE)
    cloud.new_project(slug, "image_classification")
    cloud.set_bucket(slug, bucket, "team/photos", strip_prefix=True)
    cloud.begin(slug)

    assert cloud.wait(slug)["count"] == 1
    (task,) = cloud.client.get_image_classification_tasks(slug)
    assert (task["name"], task["width"]) == ("sub/a.jpg", 120)
    assert httpx.get(task["url"]).content == PICTURE


def test_an_empty_bucket_is_imported_too(cloud: Cloud, slug: str) -> None:
    cloud.new_project(slug)
    cloud.set_bucket(slug, cloud.server.new_bucket())
    cloud.begin(slug)

    assert counts(cloud.wait(slug)) == {
        "status": "completed", "count": 0, "total": 0, "skipped": 0, "passedOver": 0, "failed": 0,
    }  # fmt: skip


def test_a_bucket_that_does_not_exist_fails_the_import(cloud: Cloud, slug: str) -> None:
    cloud.new_project(slug)
    cloud.set_bucket(slug, "nosuchbucket1")
    cloud.begin(slug)
    found = cloud.wait(slug)

    assert (found["status"], found["msgCode"]) == ("failed", "error")
    assert found["message"].endswith("'nosuchbucket1': the bucket does not exist")


def test_a_bucket_may_be_set_right_after_a_failure(cloud: Cloud, slug: str) -> None:
    bucket = cloud.server.new_bucket()
    cloud.server.put(bucket, "a.jpg", PICTURE)
    cloud.new_project(slug)
    cloud.set_bucket(slug, "nosuchbucket1")
    cloud.begin(slug)
    cloud.wait(slug)
    cloud.set_bucket(slug, bucket)
    cloud.begin(slug)

    assert cloud.wait(slug)["status"] == "completed"
    assert names(cloud.client, slug) == ["a.jpg"]


@pytest.mark.parametrize("cloud", ["s3"], indirect=True)
@pytest.mark.parametrize(
    "kind",
    [kind for kind in TASK_KINDS.values() if kind.is_imported],
    ids=lambda kind: kind.name,
)
def test_every_kind_of_one_file_is_imported(cloud: Cloud, slug: str, kind: TaskKind) -> None:
    type_name = next(name for name, one in PROJECT_TYPES.items() if one.kind is kind)
    bucket = cloud.server.new_bucket()
    wanted = [f"{number}{extension}" for number, extension in enumerate(extensions(kind))]
    for name in wanted:
        cloud.server.put(bucket, name, sample(name[1:]))
    cloud.server.put(bucket, "other.xyz", b"of no kind")
    cloud.new_project(slug, type_name)
    cloud.set_bucket(slug, bucket)
    cloud.begin(slug)

    assert counts(cloud.wait(slug)) == {
        "status": "completed", "count": len(wanted), "total": len(wanted) + 1,
        "skipped": 0, "passedOver": 1, "failed": 0,
    }  # fmt: skip
    assert names(cloud.client, slug) == wanted


def test_an_import_under_way_is_answered_with_its_history(sqlite_client: Client, slug: str) -> None:
    """The server has no worker, so nothing ever comes of it."""
    sqlite_client.create_project("image_bbox", "Cats", slug)
    sqlite_client.update_aws_s3_storage(slug, "a-bucket", "us-east-1")
    sqlite_client.update_gcp_storage(slug, "a-bucket")
    first = sqlite_client.create_task_from_aws_s3(slug)

    assert counts(first) == {
        "status": "pending", "count": 0, "total": None, "skipped": 0, "passedOver": 0, "failed": 0,
    }  # fmt: skip
    assert sqlite_client.create_task_from_aws_s3(slug, status="registered") == first
    assert sqlite_client.get_aws_s3_import_status_by_project(slug) == first
    for other in ({"tags": ["a"]}, {"status": "completed"}, {"priority": 10}):
        with pytest.raises(FastLabelConflictException, match="aws-s3 is under way"):
            sqlite_client.create_task_from_aws_s3(slug, **other)
    assert sqlite_client.create_task_from_gcp(slug)["id"] != first["id"]


def test_two_requests_at_once_begin_one_import(raw: Raw, client: Client, slug: str) -> None:
    client.create_project("image_bbox", "Cats", slug)
    client.update_aws_s3_storage(slug, "nosuchbucket1", "us-east-1")
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda _: raw("POST", "tasks/aws-s3", json={"project": slug}), range(4))
        )

    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_what_cannot_be_imported_is_refused(sqlite_client: Client, slug: str) -> None:
    sqlite_client.create_project("image_bbox", "Cats", slug)
    with pytest.raises(FastLabelInvalidException, match="has no azure bucket"):
        sqlite_client.create_task_from_azure(slug)
    with pytest.raises(FastLabelNotFoundException, match="nothing was imported"):
        sqlite_client.get_azure_import_status_by_project(slug)
    for method in ("create_task_from_gcp", "get_gcp_import_status_by_project"):
        with pytest.raises(FastLabelNotFoundException, match="there is no project"):
            getattr(sqlite_client, method)(f"{slug}-other")
    several = f"{slug}-several"
    sqlite_client.create_project("sequential_image_bbox", "Sequences", several)
    sqlite_client.update_gcp_storage(several, "a-bucket")
    with pytest.raises(FastLabelInvalidException, match="not made of one object each"):
        sqlite_client.create_task_from_gcp(several)


@pytest.mark.parametrize(
    "body",
    [{"status": "done"}, {"priority": 5}, {"tags": [" "]}, {"tags": "a"}, {"project": 1}],
    ids=str,
)
def test_a_malformed_request_begins_nothing(
    sqlite_raw: Raw, sqlite_client: Client, slug: str, body: dict[str, Any]
) -> None:
    sqlite_client.create_project("image_bbox", "Cats", slug)
    sqlite_client.update_aws_s3_storage(slug, "a-bucket", "us-east-1")
    answer = sqlite_raw("POST", "tasks/aws-s3", json={"project": slug, **body})

    assert answer.status_code == 422, answer.text
    assert next(iter(body)) in answer.json()["message"]
    with pytest.raises(FastLabelNotFoundException):
        sqlite_client.get_aws_s3_import_status_by_project(slug)


MANY = 560
ODD = MANY // 80
QUICK_LEASES = {"FASTLABEL_HEARTBEAT_INTERVAL": "0.3", "FASTLABEL_LEASE_TIMEOUT": "1.5"}


@pytest.fixture(params=DATABASES)
def mortal_server(
    request: pytest.FixtureRequest, tmp_path: Path, s3_cloud: S3Server
) -> Iterator[Server]:
    environment = {**s3_cloud.environment, **QUICK_LEASES}
    if request.param == "sqlite":
        with running_server(tmp_path / "data", **environment) as server:
            yield server
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    with (
        postgres.database() as url,
        running_server(tmp_path / "data", FASTLABEL_DATABASE_URL=url, **environment) as server,
    ):
        yield server


@pytest.mark.slow
def test_a_killed_import_ends_with_every_object_once(
    mortal_server: Server, s3_cloud: S3Server
) -> None:
    bucket = s3_cloud.new_bucket()
    wanted = [f"{number % 7}/{number:04}.jpg" for number in range(MANY)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: s3_cloud.put(bucket, key, PICTURE), wanted))
    for number in range(ODD):
        s3_cloud.put(bucket, f"{number % 7}//{number:04}.jpg", PICTURE)
        s3_cloud.put(bucket, f"{number % 7}/{number:04}.txt", b"text")
    cloud = Cloud(mortal_server.client(), s3_cloud)
    cloud.new_project("cats")
    cloud.set_bucket("cats", bucket)
    cloud.begin("cats")
    seen = [0]
    for _ in range(2):
        while (now := cloud.status("cats"))["count"] == seen[-1]:
            assert now["status"] in ("pending", "running"), now
            time.sleep(0.02)
        seen.append(now["count"])
        mortal_server.kill()
        mortal_server.start()
    found = cloud.wait("cats")

    # It was in the middle each time.
    assert 0 < seen[1] < seen[2] < MANY
    assert counts(found) == {
        "status": "completed", "count": MANY, "total": MANY + 2 * ODD,
        "skipped": 0, "passedOver": ODD, "failed": ODD,
    }  # fmt: skip
    assert [task["name"] for task in cloud.client.iter_image_tasks("cats")] == sorted(wanted)
    assert cloud.client.count_tasks("cats") == MANY
