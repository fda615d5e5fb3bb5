"""A FastLabel server of its own for a benchmark: started, signed in to, stopped."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

import fastlabel
from benchmarks.pictures import CLASSES
from benchmarks.processes import (
    free_port,
    processor_seconds,
    stopped_at_end,
    wait_until_answering,
)

PROGRAM = Path(sys.executable).with_name("fastlabel")
EMAIL = "bench@example.com"
PASSWORD = "bench-password"
START_TIMEOUT_S = 60


@dataclass(frozen=True)
class Server:
    """A running server and the token of its owner."""

    url: str
    pid: int
    """Of `fastlabel serve`; its workers are children of this process."""
    start_s: float
    """From the start of the process to the first answer of /healthz."""
    start_processor_s: float
    data_dir: Path
    token: str

    @property
    def api_url(self) -> str:
        return f"{self.url}/v1/"

    def client(self) -> fastlabel.Client:
        """Return a client of ours, signed in."""
        return fastlabel.Client(self.token, api_url=self.api_url)

    def http(self) -> httpx.Client:
        """Return a bare HTTP client, signed in."""
        return httpx.Client(
            base_url=self.api_url, headers={"Authorization": f"Bearer {self.token}"}, timeout=120
        )

    def client_environment(self) -> dict[str, str]:
        """Return the environment in which either client finds this server."""
        return os.environ | {
            "FASTLABEL_ACCESS_TOKEN": self.token,
            "FASTLABEL_API_URL": self.api_url,
        }

    def create_project(self, slug: str, project_type: str = "image_bbox") -> str:
        """Create a project, with a class for each sample box where it takes boxes."""
        with self.client() as client:
            client.create_project(project_type, slug, slug)
            if project_type == "image_bbox":
                for value in CLASSES:
                    client.create_annotation(slug, "bbox", value, value)
        return slug


@contextmanager
def running_server(
    folder: Path,
    *arguments: str,
    database_url: str = "",
    signed_in: bool = True,
    variables: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Start a server on a data directory and stop it at the end of the block.

    The rate limit is off; `variables` are further ones of its environment. Without
    `signed_in` there is no user and no token.
    """
    environment = os.environ | {
        "FASTLABEL_RATE_LIMIT": "0",
        "FASTLABEL_DATABASE_URL": database_url,
        **(variables or {}),
    }
    data_dir = folder / "data"
    folder.mkdir(exist_ok=True)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command: list[str | Path] = [
        PROGRAM,
        "serve",
        "--data-dir",
        data_dir,
        "--port",
        str(port),
        *arguments,
    ]
    log = folder / "log"
    begin = time.perf_counter()
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=environment, start_new_session=True
        )
    with stopped_at_end(process):
        wait_until_answering(f"{url}/healthz", process, log, START_TIMEOUT_S)
        start_s = time.perf_counter() - begin
        start_processor_s = processor_seconds(process.pid)
        token = _sign_in(data_dir, environment) if signed_in else ""
        yield Server(url, process.pid, start_s, start_processor_s, data_dir, token)


def _sign_in(data_dir: Path, environment: dict[str, str]) -> str:
    """Return a token of the owner, who is created first."""
    _run(
        environment, "user", "create", "--email", EMAIL, "--name", "Bench", "--role", "owner",
        "--data-dir", str(data_dir), stdin=f"{PASSWORD}\n",
    )  # fmt: skip
    answer = _run(environment, "token", "create", "--email", EMAIL, "--data-dir", str(data_dir))
    return answer.strip()


def _run(environment: dict[str, str], *arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        [PROGRAM, *arguments], input=stdin, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"fastlabel {' '.join(arguments[:2])}: {done.stderr[-2000:]}")
    return done.stdout
