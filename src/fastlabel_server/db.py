"""Connections to the database: one code for SQLite and PostgreSQL.

A request or a chunk of a job is one synchronous transaction, from `Database.read` or
`Database.write`.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool

BUSY_TIMEOUT_MS = 30_000


class Database:
    """The engines of one process.

    On SQLite writers share one connection: they wait for it in the order they came, where
    SQLite's own lock is polled and lets the unlucky starve. Other processes are waited for
    by the busy timeout.
    """

    def __init__(self, url: str, pool_size: int = 16) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            if self.url.database:
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            self.reader = _sqlite_engine(url, pool_size, begin="BEGIN")
            # Without BEGIN IMMEDIATE, SQLite takes the write lock at the first write, and a
            # transaction that has already read then fails as "busy" instead of waiting.
            self.writer = _sqlite_engine(url, 1, begin="BEGIN IMMEDIATE")
        else:
            self.writer = create_engine(
                url, pool_size=pool_size, max_overflow=0, pool_timeout=30, pool_pre_ping=True
            )
            self.reader = self.writer
        self._read_session = sessionmaker(self.reader, expire_on_commit=False)
        self._write_session = sessionmaker(self.writer, expire_on_commit=False)

    def read_session(self) -> Session:
        """Return a session that takes a connection at its first statement."""
        return self._read_session()

    def write_session(self) -> Session:
        """Return a session whose transaction holds SQLite's write lock from its start."""
        return self._write_session()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent view of the database; nothing is kept of what is changed in it."""
        with self._read_session() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        with self._write_session() as session, session.begin():
            yield session

    def ping(self) -> None:
        """Raise when the database does not answer."""
        with self.reader.connect() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        self.reader.dispose()
        self.writer.dispose()


def _use_wal(cursor: Any) -> None:
    """Switch a database to WAL, which it stays in.

    The switch of a fresh file does not wait for another process that does the same: SQLite's
    busy timeout does not apply to it.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _sqlite_engine(url: str, pool_size: int, begin: str) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT_MS / 1000,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        # The driver's own transaction control is off: the begin event below states it.
        connection.isolation_level = None
        cursor = connection.cursor()
        _use_wal(cursor)
        # FULL: what was acknowledged survives the loss of power, not only of the process.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-32000")
        cursor.execute("PRAGMA mmap_size=268435456")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
