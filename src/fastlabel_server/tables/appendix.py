"""The appendix of point clouds: pictures taken with them, and how the cameras stood."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fastlabel_server.tables.base import Base, Dated, Identified, Json
from fastlabel_server.tables.blob import Blob
from fastlabel_server.tables.content import Content


class Appendix(Identified, Dated, Base):
    """A picture that belongs to a content, with the calibration of its camera if there is one."""

    __tablename__ = "appendix"
    __table_args__ = (UniqueConstraint("content_id", "name"),)

    content_id: Mapped[str] = mapped_column(ForeignKey(Content.id, ondelete="CASCADE"))
    name: Mapped[str]
    """File name of the picture; those of a content are in the order of their names."""
    blob_sha256: Mapped[str] = mapped_column(ForeignKey(Blob.sha256), index=True)
    media_type: Mapped[str]
    media: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """What the probe read: `{"width", "height"}`."""
    format: Mapped[str | None]
    """Of the calibration: `yml` or `kitti`."""
    calibration_name: Mapped[str | None]
    calibration_sha256: Mapped[str | None] = mapped_column(ForeignKey(Blob.sha256), index=True)
    calibration: Mapped[Any | None] = mapped_column(Json)
    """What the file says, or its text where that cannot be read."""
