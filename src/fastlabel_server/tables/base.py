"""What all tables share: ids, times, JSON columns, names of constraints."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import orjson
import uuid_utils
from sqlalchemy import BigInteger, LargeBinary, MetaData, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

ID_LENGTH = 36


def new_id() -> str:
    """Return a UUIDv7: later ids sort after earlier ones, which keeps index pages together."""
    return str(uuid_utils.uuid7())


def now_ms() -> int:
    """Return the time in milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


def iso_time(time_ms: int) -> str:
    """Write a time as the API does: `2021-02-22T11:25:27.158Z`."""
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Json(TypeDecorator[Any]):
    """A JSON document, kept as text so that numbers keep their type on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own form
        str: String,
        int: BigInteger,
        bytes: LargeBinary,
    }


class Identified:
    """Rows that the API addresses by id."""

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)


class Dated:
    """Rows that tell when they were made and last changed, in milliseconds since 1970, UTC."""

    created_at: Mapped[int] = mapped_column(default=now_ms)
    updated_at: Mapped[int] = mapped_column(default=now_ms, onupdate=now_ms)
