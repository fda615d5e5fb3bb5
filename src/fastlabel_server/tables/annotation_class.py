"""Annotation classes of a project."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fastlabel_server.tables.base import Base, Dated, Identified, Json
from fastlabel_server.tables.project import Project


class AnnotationClass(Identified, Dated, Base):
    """A class that annotations refer to by id.

    `attributes` and `keypoints` are stored as the API shows them. Deleting a class deletes
    its row at once: annotations of a class that is gone are not shown, and the job
    `purge_class` takes them out of the tasks.
    """

    __tablename__ = "annotation_class"
    __table_args__ = (
        UniqueConstraint("project_id", "value"),
        Index("ix_annotation_class_listing", "project_id", "position", "id"),
    )

    project_id: Mapped[str] = mapped_column(ForeignKey(Project.id, ondelete="CASCADE"))
    type: Mapped[str]
    value: Mapped[str]
    title: Mapped[str]
    color: Mapped[str]
    position: Mapped[int]
    """`order` in the API; 1-based."""
    vertex: Mapped[int] = mapped_column(default=0)
    attributes: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    keypoints: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    max_area_count: Mapped[int | None]
    """Regions an annotation may have; None: never set (shown as 1, not enforced); 0: any number."""
