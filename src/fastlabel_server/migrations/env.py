"""Alembic's entry: migrates the connection it is given, or the database of the settings."""

from __future__ import annotations

from typing import Literal

from alembic import context

from fastlabel_server import jobs
from fastlabel_server.db import Database
from fastlabel_server.settings import Settings
from fastlabel_server.tables import Base
from fastlabel_server.tables.base import Json


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name not in jobs.ENGINE_TABLES


def _rendered(kind: str, item: object, _context: object) -> str | Literal[False]:
    # A migration outlives the code: it names the column as the database has it.
    return "sa.Text()" if kind == "type" and isinstance(item, Json) else False


def _migrate(connection: object) -> None:
    context.configure(
        connection=connection,  # type: ignore[arg-type]
        target_metadata=Base.metadata,
        include_name=_is_ours,
        # SQLite changes a table by copying it.
        render_as_batch=True,
        compare_type=True,
        render_item=_rendered,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _migrate(given)
else:
    with Database(Settings.from_env().database, pool_size=1).writer.begin() as opened:
        _migrate(opened)
