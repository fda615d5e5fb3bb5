"""What the package says of the engine's tables is what the engine makes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlalchemy import inspect

from fastlabel_server import jobs
from fastlabel_server.db import Database
from fastlabel_server.jobs import schema
from fastlabel_server.settings import Settings


def test_the_known_version_is_that_of_the_installed_engine() -> None:
    from dbos._datasource_migration import (
        get_postgres_datasource_migrations,
        get_sqlite_datasource_migrations,
    )
    from dbos._migration import get_dbos_migrations, sqlite_migrations

    assert len(sqlite_migrations) == schema.ENGINE_VERSION
    assert len(get_dbos_migrations("dbos", True)) == schema.ENGINE_VERSION
    assert len(get_sqlite_datasource_migrations()) == schema.DATASOURCE_VERSION
    assert len(get_postgres_datasource_migrations("dbos")) == schema.DATASOURCE_VERSION


def test_the_engine_is_not_imported_before_it_is_used(tmp_path: Path) -> None:
    """Importing it costs a second of CPU, which a starting server does not have."""
    settings = Settings(data_dir=tmp_path)
    jobs.migrate(settings)
    program = (
        "import sys; from pathlib import Path\n"
        "from fastlabel_server import jobs; from fastlabel_server.settings import Settings\n"
        "from fastlabel_server.jobs import children\n"
        f"jobs.migrate(Settings(data_dir=Path({str(tmp_path)!r})))\n"
        "assert 'dbos' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_migrating_an_empty_database_makes_the_tables_that_are_listed(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert not jobs.is_migrated(settings)
    jobs.migrate(settings)
    assert jobs.is_migrated(settings)
    database = Database(settings.database)
    assert set(inspect(database.reader).get_table_names()) == jobs.ENGINE_TABLES
    database.close()


def test_migrating_again_changes_nothing(settings: Settings) -> None:
    jobs.migrate(settings)
    assert jobs.is_migrated(settings)
