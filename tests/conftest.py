"""What all tests share: a database server, a platform on each database, clients of it."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from clouds import (  # noqa: F401 - fixtures
    CloudServer,
    azure_cloud,
    gcs_cloud,
    s3_cloud,
)
from fastlabel import Client
from postgres import PostgresServer, running_postgres
from servers import Server, running_server

DATABASES = ("sqlite", "postgresql")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one process, unless they say themselves what goes together."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL server."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session", params=("sqlite", "postgresql-s3"))
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """The platform with a worker, once on SQLite and a folder, once on PostgreSQL and S3."""
    data_dir = tmp_path_factory.mktemp(f"server-{request.param}")
    if request.param == "sqlite":
        with running_server(data_dir) as running:
            yield running
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    cloud: CloudServer = request.getfixturevalue("s3_cloud")
    with (
        postgres.database() as url,
        running_server(
            data_dir,
            FASTLABEL_DATABASE_URL=url,
            FASTLABEL_STORAGE_URL=f"s3://{cloud.new_bucket()}/platform",
            **cloud.environment,
        ) as running,
    ):
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    """Our SDK, as the workspace's owner."""
    with server.client() as client:
        yield client


_numbers = itertools.count(1)


@pytest.fixture
def slug() -> str:
    """A project slug that no other test uses."""
    return f"project-{next(_numbers)}"


@pytest.fixture
def project(client: Client, slug: str) -> str:
    """The slug of a project for all image shapes, with the classes `cat` and `person`."""
    client.create_project("image_all", "Cats", slug)
    client.create_annotation(
        slug,
        "bbox",
        "cat",
        "Cat",
        color="#b36d18",
        attributes=[{"type": "text", "name": "Kind", "key": "kind"}],
    )
    return slug


def jpeg_bytes(
    size_wh: tuple[int, int] = (64, 48), color: str = "#3a7", **options: object
) -> bytes:
    """Return a JPEG of one colour."""
    output = io.BytesIO()
    Image.new("RGB", size_wh, color).save(output, "JPEG", **options)
    return output.getvalue()


@pytest.fixture
def cat_jpg(tmp_path: Path) -> Path:
    """A JPEG of 64 x 48 pixels."""
    path = tmp_path / "cat.jpg"
    path.write_bytes(jpeg_bytes())
    return path
