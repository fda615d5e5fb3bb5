"""Metadata keys: what tasks of a project can be described by, beside their labels."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fastlabel_server.tables.base import Base, Dated, Identified, Json
from fastlabel_server.tables.project import Project


class MetadataKey(Identified, Dated, Base):
    """A key of a project. Tasks hold their values by its name, which therefore never changes."""

    __tablename__ = "metadata_key"
    __table_args__ = (UniqueConstraint("project_id", "key"),)

    project_id: Mapped[str] = mapped_column(ForeignKey(Project.id, ondelete="CASCADE"))
    key: Mapped[str]
    type: Mapped[str] = mapped_column(default="text")
    options: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    """`{title, value}`, of a key whose values are chosen."""
    default_value: Mapped[Any] = mapped_column(Json, default="")
    position: Mapped[int]
    """`order` in the API; 1-based."""
    is_admin: Mapped[bool] = mapped_column(default=False)
    is_required: Mapped[bool] = mapped_column(default=False)
