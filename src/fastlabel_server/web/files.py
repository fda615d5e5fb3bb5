"""The files of a task as pages show them, and their thumbnails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session, aliased

from fastlabel.modalities import TaskKind
from fastlabel_server.calls import Call
from fastlabel_server.tables import Content
from fastlabel_server.urls import THUMBNAIL, FileUrls


@dataclass(frozen=True)
class Preview:
    """A thumbnail, or why there is none: `state` is that of the content."""

    state: str
    url: str | None = None
    error: str | None = None


NO_FILE = Preview("none")


@dataclass(frozen=True)
class File:
    """One file of a task; `number` is its place among them, from 1."""

    number: int
    id: str
    name: str
    media_type: str
    media: Mapping[str, Any]
    size: int
    url: str
    preview: Preview

    @property
    def size_wh(self) -> tuple[float, float] | None:
        """Width and height as they are shown, None for what has none."""
        width, height = self.media.get("width"), self.media.get("height")
        return (width, height) if width and height else None

    def is_a(self, *media_types: str) -> bool:
        """Tell whether it is of one of these types, such as `video/`."""
        return self.media_type.startswith(media_types)


def count_files(session: Session, task_id: str) -> int:
    return session.scalar(select(func.count()).where(*_of(task_id))) or 0


def files_of(call: Call, task_id: str, first: int, limit: int) -> list[File]:
    """Return up to `limit` files of a task from number `first` on, in their order."""
    rows = call.session.scalars(
        select(Content)
        .where(*_of(task_id))
        .order_by(Content.position)
        .offset(first - 1)
        .limit(limit)
    )
    return [
        File(
            number,
            row.id,
            row.name,
            row.media_type,
            row.media,
            row.size,
            call.urls.sign(row.id, row.name),
            preview_of(row, call.urls),
        )
        for number, row in enumerate(rows, start=first)
    ]


def previews_of(
    session: Session, kind: TaskKind, task_ids: Sequence[str], urls: FileUrls
) -> dict[str, Preview]:
    """Return the picture that stands for each task; tasks without files are left out."""
    rows = session.execute(
        select(
            Content.task_id,
            Content.id,
            Content.name,
            Content.thumbnail_state,
            Content.thumbnail_error,
        ).where(Content.task_id.in_(task_ids), Content.position == _poster_position(kind))
    )
    return {row.task_id: preview_of(row, urls) for row in rows}


def preview_of(content: Content | Row[*tuple[Any, ...]], urls: FileUrls) -> Preview:
    ready = content.thumbnail_state == "ready"
    url = urls.sign(content.id, content.name, THUMBNAIL) if ready else None
    return Preview(content.thumbnail_state, url, content.thumbnail_error)


def _of(task_id: str) -> tuple[ColumnElement[bool], ...]:
    return Content.task_id == task_id, Content.role == "content"


def _poster_position(kind: TaskKind) -> Any:
    """Return the position of the file that stands for a task, as a part of a query.

    A file that has no picture, such as a robot's telemetry, stands for none while another has.
    """
    other, last = aliased(Content), aliased(Content)
    middle = select(func.max(last.position) / 2).where(last.task_id == other.task_id)
    start: Any = {"first": 0, "middle": middle.correlate(other).scalar_subquery()}[kind.poster]
    files = select(func.min(other.position)).where(
        other.task_id == Content.task_id, other.role == "content"
    )
    seen = files.where(other.thumbnail_state != "none", other.position >= start)
    return func.coalesce(
        seen.correlate(Content).scalar_subquery(), files.correlate(Content).scalar_subquery()
    )
