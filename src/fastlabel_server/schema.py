"""The database's schema: brought up to date by Alembic, checked without importing it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text

from fastlabel_server import jobs
from fastlabel_server.db import Database
from fastlabel_server.settings import Settings

VERSIONS = Path(__file__).parent / "migrations" / "versions"
_MIGRATION_LOCK = 7_308_324_466  # any number, the same in every process


class NewerDatabase(RuntimeError):
    """The database was migrated by a later release, which alone can read it."""


def head() -> str:
    """Return the newest revision: migrations are files named by number."""
    return max(path.name.split("_", 1)[0] for path in VERSIONS.glob("[0-9]*.py"))


def current(database: Database) -> str | None:
    """Return the revision the database is at; None for an empty one."""
    with database.reader.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        version = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return None if version is None else str(version)


def migrate(settings: Settings) -> bool:
    """Bring the database up to date; return whether there was anything to do.

    Any number of processes may do so at once: one works, the others wait.

    Raises:
        NewerDatabase: this release cannot work with it.
    """
    database = Database(settings.database, pool_size=1)
    try:
        found = current(database)
        if found is not None and found > head():
            raise NewerDatabase(
                f"The database is at revision {found}, this release knows {head()}; "
                "install the newer release again."
            )
        behind = found != head()
        if behind:
            _upgrade(database)
        jobs.migrate(settings)
        return behind
    finally:
        database.close()


def _upgrade(database: Database) -> None:
    # Imported here: an up-to-date start need not pay for it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    # On SQLite the connection begins with BEGIN IMMEDIATE, which is the lock.
    with database.writer.begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
