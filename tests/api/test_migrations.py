"""Migrations: from nothing to the tables of the code, on both databases, once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from conftest import DATABASES
from fastlabel_server import jobs, schema
from fastlabel_server.db import Database
from fastlabel_server.settings import Settings
from fastlabel_server.tables import Base
from postgres import PostgresServer


@pytest.fixture(params=DATABASES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of an empty database."""
    settings = Settings(data_dir=tmp_path / "data")
    if request.param == "sqlite":
        yield settings
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as url:
        yield replace(settings, database_url=url)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database, pool_size=1)
    yield database
    database.close()


def test_migrating_from_nothing_makes_exactly_the_tables_of_the_code(
    settings: Settings, database: Database
) -> None:
    assert schema.current(database) is None
    assert schema.migrate(settings) is True
    assert schema.current(database) == schema.head()
    with database.reader.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "include_name": lambda name, kind, _: (
                    kind != "table" or name not in jobs.ENGINE_TABLES
                ),
            },
        )
        assert compare_metadata(context, Base.metadata) == []
        assert set(Base.metadata.tables) <= set(inspect(connection).get_table_names())


def test_foreign_keys_and_unique_keys_are_those_of_the_code(
    settings: Settings, database: Database
) -> None:
    schema.migrate(settings)
    found = inspect(database.reader)
    for table in Base.metadata.sorted_tables:
        in_code = {
            (tuple(key.column_keys), key.referred_table.name, key.ondelete)
            for key in table.foreign_key_constraints
        }
        in_database = {
            (
                tuple(key["constrained_columns"]),
                key["referred_table"],
                key["options"].get("ondelete"),
            )
            for key in found.get_foreign_keys(table.name)
        }
        assert in_database == in_code, table.name


def test_migrating_again_does_nothing_and_keeps_what_is_there(
    settings: Settings, database: Database
) -> None:
    schema.migrate(settings)
    with database.write() as session:
        session.execute(
            text(
                "INSERT INTO workspace (id, slug, name, created_at, updated_at) "
                "VALUES ('w', 'w', 'Mine', 1, 1)"
            )
        )
    assert schema.migrate(settings) is False
    with database.read() as session:
        assert session.scalar(text("SELECT name FROM workspace")) == "Mine"


def test_a_database_of_a_newer_release_is_left_alone(
    settings: Settings, database: Database
) -> None:
    schema.migrate(settings)
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(
        schema.NewerDatabase, match=f"revision 9999, this release knows {schema.head()}"
    ):
        schema.migrate(settings)
    assert schema.current(database) == "9999"


def test_processes_that_migrate_at_once_all_end_well(
    settings: Settings, database: Database
) -> None:
    program = (
        "import sys; from pathlib import Path;"
        "from fastlabel_server import schema; from fastlabel_server.settings import Settings;"
        "settings = Settings(data_dir=Path(sys.argv[1]), database_url=sys.argv[2]);"
        "print('ready', flush=True); sys.stdin.read(1); schema.migrate(settings)"
    )
    command = [sys.executable, "-c", program, str(settings.data_dir), settings.database_url]
    processes = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    with ThreadPoolExecutor(len(processes)) as pool:
        ends = list(pool.map(lambda process: process.communicate(b"x", 120), processes))
    codes = [process.returncode for process in processes]
    assert codes == [0, 0, 0], [error.decode()[-2000:] for _, error in ends]
    assert schema.current(database) == schema.head()
    assert schema.migrate(settings) is False
