"""The imports of a project, as their page shows them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fastlabel.types import History
from fastlabel_server.imports.history import rendered
from fastlabel_server.tables import ImportHistory

PAGE_SIZE = 30
REFRESH_S = 5
UNDER_WAY = ("pending", "running")


def count_imports(session: Session, project_id: str) -> int:
    found = select(func.count()).select_from(ImportHistory)
    return session.scalar(found.where(ImportHistory.project_id == project_id)) or 0


def imports_of(session: Session, project_id: str, page: int) -> Sequence[History]:
    """Return a page of a project's imports, newest first."""
    rows = session.scalars(
        select(ImportHistory)
        .where(ImportHistory.project_id == project_id)
        .order_by(ImportHistory.created_at.desc(), ImportHistory.id.desc())
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    )
    return [rendered(row) for row in rows]
