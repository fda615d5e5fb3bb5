from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from clouds import (  # noqa: F401 - fixtures
    CloudServer,
    clear_environment,
    gcs_xml_cloud,
    gcs_xml_reads_cloud,
)
from fastlabel_server.storage import Storage


@pytest.fixture(params=("s3", "gcs", "gcs_xml_reads", "azure"))
def cloud(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> CloudServer:
    """Each cloud in turn, known to the environment."""
    server: CloudServer = request.getfixturevalue(f"{request.param}_cloud")
    server.enter(monkeypatch)
    return server


@pytest.fixture(params=("folder", "s3", "gcs", "gcs_xml", "azure"))
def storage_url(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> str:
    """The URL of an empty store of each kind."""
    if request.param == "folder":
        clear_environment(monkeypatch)
        return (tmp_path / "all objects").as_uri()
    server: CloudServer = request.getfixturevalue(f"{request.param}_cloud")
    server.enter(monkeypatch)
    return f"{server.scheme}://{server.new_bucket()}/some/prefix"


@pytest.fixture
def storage(storage_url: str) -> Storage:
    return Storage.from_url(storage_url)


@pytest.fixture
def file_of(tmp_path: Path) -> Callable[[bytes], Path]:
    """Make a file with the bytes given."""

    def make(data: bytes) -> Path:
        path = tmp_path / "upload"
        path.write_bytes(data)
        return path

    return make
