"""Who is alive: a failure detector in two tables, by the database's clock.

Each worker renews a row; what is not renewed for `lease_timeout` is dead. One worker at a
time, the holder of the reaper row, hands on the jobs of the dead.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, delete, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from fastlabel_server.tables import Reaper, Worker

REAPER = 1


def new_worker_id() -> str:
    """Name this process as no other ever was: pids and host names come again."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex}"


class database_now_ms(FunctionElement[int]):  # noqa: N801 - an SQL function
    """The database's time in milliseconds since 1970: one clock for all machines."""

    type = BigInteger()
    inherit_cache = True


@compiles(database_now_ms, "sqlite")
def _sqlite_now(element: Any, compiler: Any, **options: Any) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"


@compiles(database_now_ms, "postgresql")
def _postgresql_now(element: Any, compiler: Any, **options: Any) -> str:
    # Not now(): that is the start of the transaction, which may have waited for a lock.
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"


def beat(session: Session, worker_id: str, queues: Collection[str], timeout_s: float) -> bool:
    """Renew a worker's lease; tell whether it is the reaper now."""
    _insert_or_renew(session, worker_id, list(queues))
    return _take_reaper(session, worker_id, timeout_s)


def release(session: Session, worker_id: str) -> None:
    """Give the leases back, so that nobody waits for them to expire."""
    session.execute(delete(Worker).where(Worker.id == worker_id))
    session.execute(delete(Reaper).where(Reaper.holder == worker_id))


def bury_dead(session: Session, timeout_s: float) -> set[str]:
    """Delete the rows of dead workers; return the ids of the living ones."""
    session.execute(delete(Worker).where(_expired(Worker.seen_at, timeout_s)))
    return set(session.scalars(select(Worker.id)))


def _expired(seen_at: Any, timeout_s: float) -> ColumnElement[bool]:
    expired: ColumnElement[bool] = seen_at < database_now_ms() - literal_column(
        str(round(timeout_s * 1000))
    )
    return expired


def _insert_or_renew(session: Session, worker_id: str, queues: list[str]) -> None:
    renewed = session.execute(
        update(Worker).where(Worker.id == worker_id).values(seen_at=database_now_ms())
    )
    if renewed.rowcount == 0:  # type: ignore[attr-defined]
        session.add(
            Worker(
                id=worker_id,
                queues=queues,
                started_at=database_now_ms(),
                seen_at=database_now_ms(),
            )
        )


def _take_reaper(session: Session, worker_id: str, timeout_s: float) -> bool:
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    insert = dialect.insert(Reaper).values(id=REAPER, holder=worker_id, seen_at=database_now_ms())
    taken = session.scalar(
        insert.on_conflict_do_update(
            index_elements=[Reaper.id],
            set_={"holder": insert.excluded.holder, "seen_at": insert.excluded.seen_at},
            where=(Reaper.holder == worker_id) | _expired(Reaper.seen_at, timeout_s),
        ).returning(Reaper.holder)
    )
    return taken is not None
