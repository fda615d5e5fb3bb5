"""File bytes: each content once in the object store, however many tasks share it."""

from __future__ import annotations

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from fastlabel_server.tables.base import Base, now_ms


class Blob(Base):
    """A file in the object store.

    `key` names this incarnation of the bytes and is never used again: an upload of the same
    bytes that races with the sweep writes a new key, so deleting the old object is safe.
    The sweep dooms a blob that nothing refers to, and deletes it when it is still doomed
    after the grace period; a new reference clears `doomed_at` in its own transaction.
    """

    __tablename__ = "blob"
    __table_args__ = (Index(None, "doomed_at"),)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    size: Mapped[int]
    created_at: Mapped[int] = mapped_column(default=now_ms)
    doomed_at: Mapped[int | None]
