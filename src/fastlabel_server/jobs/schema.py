"""The engine's own tables, in the database of the app.

On PostgreSQL they have a schema of their own; SQLite knows none, so there they stand beside
ours, and their names are taken.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, inspect, text

from fastlabel_server.db import Database
from fastlabel_server.settings import Settings

SCHEMA: Final = "dbos"
ENGINE_VERSION: Final = 125
"""Number of the last migration of the pinned release; a test holds it against the package."""
DATASOURCE_VERSION: Final = 1

ENGINE_TABLES: Final = frozenset(
    {
        "application_versions",
        "datasource_outputs",
        "dbos_datasource_migrations",
        "dbos_migrations",
        "notifications",
        "operation_outputs",
        "queues",
        "streams",
        "workflow_events",
        "workflow_events_history",
        "workflow_input",
        "workflow_output",
        "workflow_schedules",
        "workflow_status",
    }
)
"""Names on SQLite that migrations of our own tables must leave alone."""


def migrate(settings: Settings) -> None:
    """Create the engine's tables or bring them up to date; any number of processes may."""
    if is_migrated(settings):
        return
    # Imported here: the import costs a second of CPU, which an up-to-date start need not pay.
    from fastlabel_server.jobs import engine

    engine.migrate(settings.database)


def is_migrated(settings: Settings) -> bool:
    """Tell whether the engine's tables are those of the installed release, or later ones."""
    database = Database(settings.database, pool_size=1)
    try:
        with database.reader.connect() as connection:
            return (
                _version(connection, "dbos_migrations") >= ENGINE_VERSION
                and _version(connection, "dbos_datasource_migrations") >= DATASOURCE_VERSION
            )
    finally:
        database.close()


def _version(connection: Connection, table: str) -> int:
    schema = None if connection.dialect.name == "sqlite" else SCHEMA
    if not inspect(connection).has_table(table, schema=schema):
        return 0
    name = table if schema is None else f"{schema}.{table}"
    version = connection.scalar(text(f"SELECT version FROM {name}"))  # noqa: S608 - constants
    return int(version or 0)
