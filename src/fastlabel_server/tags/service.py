"""Tags of a project."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fastlabel.types import Tag as TagJson
from fastlabel_server.access import Right, find_project, with_access
from fastlabel_server.auth import Caller
from fastlabel_server.tables import Tag, iso_time


def get(
    session: Session, caller: Caller, slug: str, keyword: str | None, offset: int, limit: int
) -> list[TagJson]:
    """Return a project's tags in the order they were made; `keyword` is part of the name."""
    project = find_project(session, caller, slug=slug).project
    statement = select(Tag).where(Tag.project_id == project.id)
    if keyword:
        statement = statement.where(Tag.name.icontains(keyword, autoescape=True))
    statement = statement.order_by(Tag.position, Tag.id).offset(offset).limit(limit)
    return [_rendered(tag) for tag in session.scalars(statement)]


def delete_all(session: Session, caller: Caller, tag_ids: list[str]) -> None:
    """Delete tags and take them off their tasks: all of them, or none."""
    tags = {tag.id: tag for tag in session.scalars(select(Tag).where(Tag.id.in_(tag_ids)))}
    for tag_id in tag_ids:
        missing = f"tagIds: there is no tag {tag_id!r}"
        with_access(session, caller, tags.get(tag_id), missing, Right.CONFIGURE)
    session.execute(delete(Tag).where(Tag.id.in_(tag_ids)))


def _rendered(tag: Tag) -> TagJson:
    return {
        "id": tag.id,
        "name": tag.name,
        "order": tag.position,
        "createdAt": iso_time(tag.created_at),
        "updatedAt": iso_time(tag.updated_at),
    }
