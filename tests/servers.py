"""A real server for the tests: `fastlabel serve` as its users start it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from fastlabel import Client
from fastlabel_server import schema
from fastlabel_server.db import Database
from fastlabel_server.settings import Settings
from fastlabel_server.users import service as users

START_TIMEOUT_S = 60
PASSWORD = "correct horse"
_SERVING = re.compile(r"http://127\.0\.0\.1:\d+")


@dataclass
class Server:
    """A server with an owner, and whatever users a test adds."""

    data_dir: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    with_worker: bool = True
    process: subprocess.Popen[bytes] | None = None
    url: str = ""
    port: int = 0

    @property
    def api_url(self) -> str:
        return f"{self.url}/v1/"

    @cached_property
    def settings(self) -> Settings:
        return Settings(
            data_dir=self.data_dir,
            database_url=self.environment.get("FASTLABEL_DATABASE_URL", ""),
            storage_url=self.environment.get("FASTLABEL_STORAGE_URL", ""),
        )

    @cached_property
    def token(self) -> str:
        """The token of the workspace's first owner."""
        return self.create_user("owner@example.com", "Olga Owner", "owner")

    @cached_property
    def stranger_token(self) -> str:
        """The token of a member with whom no project is shared."""
        return self.create_user("stranger@example.com", "Stan Stranger", "member")

    def create_user(self, email: str, name: str, role: str, slug: str | None = None) -> str:
        """Make a user and return a token of theirs."""
        database = Database(self.settings.database, pool_size=1)
        try:
            with database.write() as session:
                users.create_user(session, email, name, role, PASSWORD, slug)
                return users.create_token(session, email)
        finally:
            database.close()

    def client(self, token: str | None = None) -> Client:
        return Client(token or self.token, api_url=self.api_url)

    def start(self) -> None:
        """Start the process and wait until it answers; a stopped server keeps its port."""
        log = (self.data_dir / "server.log").open("ab")
        command = [sys.executable, "-m", "fastlabel.cli", "serve", "--port", str(self.port)]
        if not self.with_worker:
            command.append("--no-worker")
        self.process = subprocess.Popen(
            command,
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith("FASTLABEL_")},
                "FASTLABEL_DATA_DIR": str(self.data_dir),
                "FASTLABEL_RATE_LIMIT": "0",
                **self.environment,
            },
            stdout=log,
            stderr=log,
        )
        log.close()
        self._wait_until_ready()

    def kill(self) -> None:
        """End the process as a crash does."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        """End the process as an operator does."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    @property
    def log(self) -> str:
        return (self.data_dir / "server.log").read_text(errors="replace")

    def _wait_until_ready(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            found = _SERVING.findall(self.log)
            if found:
                self.url = found[-1]
                self.port = int(self.url.rpartition(":")[2])
                with suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                    urllib.request.urlopen(f"{self.url}/healthz", timeout=5).close()
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"the server does not start:\n{self.log[-5000:]}")


@contextmanager
def running_server(
    data_dir: Path, *, with_worker: bool = True, **environment: str
) -> Iterator[Server]:
    """Start a server on a fresh data directory and stop it at the end of the block."""
    data_dir.mkdir(parents=True, exist_ok=True)
    server = Server(data_dir, environment, with_worker)
    schema.migrate(server.settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()
