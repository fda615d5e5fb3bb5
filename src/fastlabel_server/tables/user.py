"""People: users, their place in the workspace, and the tokens they call with."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fastlabel_server.tables.base import ID_LENGTH, Base, Dated, Identified, Json, now_ms


class Workspace(Identified, Dated, Base):
    """The one workspace of an installation."""

    __tablename__ = "workspace"

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class User(Identified, Dated, Base):
    """A person. `slug` goes into requests, `name` comes out of them."""

    __tablename__ = "user_account"

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    language: Mapped[str] = mapped_column(default="en")
    password_hash: Mapped[str | None]


class WorkspaceMember(Identified, Dated, Base):
    """A user's role in the workspace: `owner` or `member`."""

    __tablename__ = "workspace_member"
    __table_args__ = (UniqueConstraint("workspace_id", "user_id"),)

    workspace_id: Mapped[str] = mapped_column(ForeignKey(Workspace.id, ondelete="CASCADE"))
    user_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    role: Mapped[str]
    is_external: Mapped[bool] = mapped_column(default=False)
    modules: Mapped[list[str]] = mapped_column(Json, default=list)


class Credential(Identified, Base):
    """A secret that stands for a user: an API token or a login of the web pages.

    Only its SHA-256 is kept: the secrets are 256 random bits, so a slow hash adds nothing.
    """

    __tablename__ = "credential"
    __table_args__ = (Index(None, "expires_at"),)

    user_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    """`token` or `session`."""
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[int] = mapped_column(default=now_ms)
    expires_at: Mapped[int | None]


class IdempotentAnswer(Base):
    """The answer given to a POST with an `Idempotency-Key`, for when it is sent again."""

    __tablename__ = "idempotent_answer"
    __table_args__ = (Index(None, "created_at"),)

    user_id: Mapped[str] = mapped_column(
        String(ID_LENGTH), ForeignKey(User.id, ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(primary_key=True)
    request: Mapped[str]
    """Verb, path and SHA-256 of the body: the key of another request is an error."""
    answer: Mapped[Any] = mapped_column(Json, nullable=True)
    """None only inside the transaction that works on the request."""
    created_at: Mapped[int] = mapped_column(default=now_ms)
