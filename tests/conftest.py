"""What all tests share: a database server, a platform on each database, clients of it."""

from __future__ import annotations

import functools
import io
import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings
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

# The same examples in every run, so that a change is what turns it red; `make explore` looks for
# new ones. No deadlines: speed is measured in benchmarks.
settings.register_profile("suite", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("suite")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one process, unless they say themselves what goes together.

    A slow test goes alone. What is slow, alone or as a file, begins first: at the end no process
    should wait long for another.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            is_slow = any(mark.name == "slow" for mark in item.own_markers)
            group = item.nodeid if is_slow else item.nodeid.partition("::")[0]
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def running() -> Iterator[ExitStack]:
    """What runs to the end of all tests, and is then ended in the reverse order of its start."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="session")
def postgres(running: ExitStack) -> PostgresServer:
    """A real PostgreSQL server."""
    return running.enter_context(running_postgres())


@pytest.fixture(scope="session")
def start_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, running: ExitStack
) -> Callable[[str], Server]:
    """Start the platform with a worker on a kind of storage, once; it runs to the end.

    pytest ends a fixture with parameters as soon as a test asks for the next of them, which
    each file does: servers that were its own would be started some hundred times.
    """

    @functools.cache
    def start(storage: str) -> Server:
        data_dir = tmp_path_factory.mktemp(f"server-{storage}")
        if storage == "sqlite":
            return running.enter_context(running_server(data_dir))
        postgres: PostgresServer = request.getfixturevalue("postgres")
        cloud: CloudServer = request.getfixturevalue("s3_cloud")
        return running.enter_context(
            running_server(
                data_dir,
                FASTLABEL_DATABASE_URL=running.enter_context(postgres.database()),
                FASTLABEL_STORAGE_URL=f"s3://{cloud.new_bucket()}/platform",
                **cloud.environment,
            )
        )

    return start


@pytest.fixture(scope="session", params=("sqlite", "postgresql-s3"))
def server(request: pytest.FixtureRequest, start_server: Callable[[str], Server]) -> Server:
    """The platform with a worker, once on SQLite and a folder, once on PostgreSQL and S3."""
    return start_server(request.param)


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
