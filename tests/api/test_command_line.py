"""The command line, as an operator's script uses it."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from fastlabel import Client, __version__
from fastlabel.exceptions import FastLabelAuthenticationException
from fastlabel_server import schema
from fastlabel_server.auth import find_user_by_password
from fastlabel_server.db import Database
from servers import Server, running_server

pytestmark = pytest.mark.slow

Result: TypeAlias = "subprocess.CompletedProcess[str]"
Run: TypeAlias = Callable[..., Result]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def run(data_dir: Path) -> Run:
    """Run `fastlabel` with arguments, on a data directory of the test."""

    def run(*arguments: str, text: str = "", **environment: str) -> Result:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("FASTLABEL_")}
        return subprocess.run(
            [sys.executable, "-m", "fastlabel.cli", *arguments],
            input=text,
            env={**inherited, "FASTLABEL_DATA_DIR": str(data_dir), **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def create_user(run: Run, email: str, *options: str, password: str = "correct horse") -> Result:
    return run("user", "create", "--email", email, "--name", "Olga", *options, text=f"{password}\n")


def test_the_version_is_that_of_the_package(run: Run, data_dir: Path) -> None:
    result = run("--version")
    assert (result.returncode, result.stdout) == (0, f"fastlabel {__version__}\n")
    assert not data_dir.exists()


def test_a_user_and_a_token_can_be_made_before_the_server_first_runs(
    run: Run, data_dir: Path
) -> None:
    created = create_user(run, "olga@example.com", "--role", "owner")
    assert (created.returncode, created.stdout) == (0, "olga\n"), created.stderr
    token = run("token", "create", "--email", "olga@example.com")
    assert token.returncode == 0
    secret, newline = token.stdout[:-1], token.stdout[-1]
    assert newline == "\n" and secret.startswith("fl_") and not set(secret) & set(" \n")
    with running_server(data_dir, with_worker=False) as server:
        assert Client(secret, api_url=server.api_url).get_projects() == []


def test_a_user_and_a_token_can_be_made_while_the_server_runs(sqlite_server: Server) -> None:
    def run(*arguments: str, text: str = "") -> str:
        return subprocess.run(
            [sys.executable, "-m", "fastlabel.cli", *arguments,
             "--data-dir", str(sqlite_server.data_dir)],
            input=text, capture_output=True, text=True, timeout=120, check=True,
        ).stdout  # fmt: skip

    arguments = ("--email", "late@example.com", "--name", "Late", "--slug", "late-comer")
    assert run("user", "create", *arguments, text="correct horse\n") == "late-comer\n"
    secret = run("token", "create", "--email", "LATE@example.com").strip()
    with sqlite_server.client(secret) as client:
        assert client.get_projects() == []
    with (
        sqlite_server.client(secret + "x") as client,
        pytest.raises(FastLabelAuthenticationException),
    ):
        client.get_projects()


def test_what_makes_no_user_or_token_ends_with_1_and_says_why(run: Run) -> None:
    assert create_user(run, "olga@example.com", "--slug", "olga").returncode == 0
    for result, message in (
        (create_user(run, "Olga@Example.com"), "email: there is already a user 'olga@example.com'"),
        (create_user(run, "o@example.com", "--slug", "olga"), "slug: there is already a user"),
        (create_user(run, "o@example.com", "--slug", "o o"), "slug: letters, digits"),
        (create_user(run, "o@example.com", "--role", "king"), "role: expected owner or member"),
        (create_user(run, "nobody"), "email: not an e-mail address: 'nobody'"),
        (create_user(run, "o@example.com", password="short"), "password: at least 8 characters"),
        (run("token", "create", "--email", "x@example.com"), "email: there is no user"),
    ):
        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr.startswith(message)
        assert result.stderr.count("\n") == 1


def test_slugs_of_users_are_made_of_their_addresses(run: Run) -> None:
    slugs = [
        create_user(run, email).stdout.strip()
        for email in ("mia.s@example.com", "mia.s@example.org", "三浦@example.com")
    ]
    assert slugs == ["mia-s", "mia-s-2", "user"]


def test_migrating_says_where_the_database_is(run: Run) -> None:
    first, second = run("migrate"), run("migrate")
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout == f"migrated to revision {schema.head()}\n"
    assert second.stdout == f"already at revision {schema.head()}\n"


def test_the_doctor_finds_a_migrated_installation_well(run: Run) -> None:
    run("migrate")
    result = run("doctor")
    assert result.returncode == 0, result.stdout
    lines = result.stdout.splitlines()
    subjects = [line[5:].partition(":")[0] for line in lines]
    assert subjects == ["data directory", "disk", "database", "object store", "public URL"]
    assert {line[:4] for line in lines} == {"ok  "}


def test_the_doctor_names_what_is_wrong_and_checks_the_rest(run: Run) -> None:
    result = run("doctor", FASTLABEL_PUBLIC_URL="labels.example.com")
    assert result.returncode == 1
    failed = [line for line in result.stdout.splitlines() if line.startswith("FAIL ")]
    assert len(result.stdout.splitlines()) == 5
    assert [line.split(":")[0] for line in failed] == ["FAIL database", "FAIL public URL"]
    assert "run fastlabel migrate" in failed[0]
    result = run("doctor", FASTLABEL_DATABASE_URL="postgresql://nobody:pw@127.0.0.1:1/none")
    assert result.returncode == 1
    assert "FAIL database: " in result.stdout
    assert "pw@" not in result.stdout


def test_serving_on_a_port_that_is_taken_says_so(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("serve", "--port", str(port), "--no-worker")
    assert result.returncode == 1
    message = result.stderr.splitlines()[-1]
    assert message.startswith(f"Cannot listen on 127.0.0.1:{port}: ")
    assert message.endswith("Choose another with --port.")


def test_a_setting_of_nonsense_is_named(run: Run) -> None:
    result = run("migrate", FASTLABEL_RATE_LIMIT="much")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("FASTLABEL_RATE_LIMIT='much'")


def test_a_newer_database_is_refused_in_one_line(run: Run, data_dir: Path) -> None:
    run("migrate")
    with sqlite3.connect(data_dir / "fastlabel.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in (("migrate",), ("serve", "--port", "0", "--no-worker")):
        result = run(*command)
        assert result.returncode == 1
        assert result.stderr.splitlines()[-1].startswith("The database is at revision 9999")
        assert "Traceback" not in result.stderr


def test_revoked_tokens_and_an_old_password_open_nothing(run: Run, data_dir: Path) -> None:
    create_user(run, "olga@example.com", "--role", "owner")
    secret = run("token", "create", "--email", "olga@example.com").stdout.strip()
    with running_server(data_dir, with_worker=False) as server:
        client = Client(secret, api_url=server.api_url)
        assert client.get_projects() == []
        assert run("token", "revoke", "--email", "olga@example.com").stdout == "1\n"
        with pytest.raises(FastLabelAuthenticationException):
            client.get_projects()
        changed = run("user", "password", "--email", "olga@example.com", text="battery staple\n")
        assert (changed.returncode, changed.stdout) == (0, "changed\n")
        database = Database(server.settings.database, pool_size=1)
        with database.read() as session:
            email = "olga@example.com"
            assert find_user_by_password(session, email, "correct horse") is None
            assert find_user_by_password(session, email, "battery staple") is not None
        database.close()
    unknown = run("token", "revoke", "--email", "nobody@example.com")
    assert (unknown.returncode, unknown.stderr) == (
        1,
        "email: there is no user 'nobody@example.com'\n",
    )
