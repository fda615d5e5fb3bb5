"""What the API's tests share: raw requests, the database behind the server, a small server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import pytest

from api.datasets import DatasetApi
from fastlabel import Client
from fastlabel_server.db import Database
from servers import Server, running_server

Result: TypeAlias = "subprocess.CompletedProcess[str]"
Command: TypeAlias = Callable[..., Result]


@dataclass(frozen=True)
class Raw:
    """Requests as the SDK would not send them, by the workspace's owner."""

    http: httpx.Client
    server: Server

    def __call__(self, verb: str, path: str, **options: Any) -> httpx.Response:
        """Send a request; `path` is below /v1/."""
        headers = {"Authorization": f"Bearer {self.server.token}", **options.pop("headers", {})}
        return self.http.request(verb, self.server.api_url + path, headers=headers, **options)

    def upload(
        self,
        body: dict[str, Any],
        *files: tuple[str, bytes],
        path: str = "tasks/image",
        part: str = "file",
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Create a task from files, as multipart/form-data."""
        parts: list[tuple[str, Any]] = [("request", (None, json.dumps(body), "application/json"))]
        parts += [(part, (name, content)) for name, content in files]
        return self("POST", path, files=parts, headers=headers or {})


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    """One client for all requests: making one takes longer than most answers."""
    with httpx.Client(timeout=60) as http:
        yield http


@pytest.fixture
def raw(http: httpx.Client, server: Server) -> Raw:
    return Raw(http, server)


@pytest.fixture
def dataset(raw: Raw) -> DatasetApi:
    return DatasetApi.new(raw)


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """The server's database, for what no request shows or could make quickly."""
    database = Database(server.settings.database, pool_size=2)
    yield database
    database.close()


@pytest.fixture(scope="session")
def sqlite_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A platform for rules in which no database has a say."""
    with running_server(tmp_path_factory.mktemp("server-plain"), with_worker=False) as running:
        yield running


@pytest.fixture
def sqlite_raw(http: httpx.Client, sqlite_server: Server) -> Raw:
    return Raw(http, sqlite_server)


@pytest.fixture
def plain(sqlite_raw: Raw) -> DatasetApi:
    """A dataset where no database has a say."""
    return DatasetApi.new(sqlite_raw)


@pytest.fixture
def sqlite_client(sqlite_server: Server) -> Iterator[Client]:
    with sqlite_server.client() as client:
        yield client


@pytest.fixture
def sqlite_project(sqlite_client: Client, slug: str) -> str:
    """The slug of a project for all image shapes, with the class `cat`."""
    sqlite_client.create_project("image_all", "Cats", slug)
    sqlite_client.create_annotation(slug, "bbox", "cat", "Cat")
    return slug


@pytest.fixture
def command(sqlite_server: Server, tmp_path: Path) -> Command:
    """Run `fastlabel` with arguments in the folder of the test, as the owner."""
    return command_of(sqlite_server, tmp_path)


def command_of(server: Server, folder: Path) -> Command:
    """Return what runs `fastlabel` with arguments in a folder, as the owner."""

    def run(*arguments: str, **environment: str) -> Result:
        return subprocess.run(
            [sys.executable, "-m", "fastlabel.cli", *arguments],
            cwd=folder,
            env={**caller_environment(server), **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def caller_environment(server: Server) -> dict[str, str]:
    """Return the environment of a process that calls as the owner."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("FASTLABEL_")}
    return {
        **inherited,
        "FASTLABEL_ACCESS_TOKEN": server.token,
        "FASTLABEL_API_URL": server.api_url,
    }
