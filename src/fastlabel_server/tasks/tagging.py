"""Tags on tasks; a tag that a request names is made when it is not there yet."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from fastlabel_server.access import Right, find_project
from fastlabel_server.auth import Caller
from fastlabel_server.errors import NotFound
from fastlabel_server.tables import Tag, Task, TaskTag, now_ms
from fastlabel_server.tasks.schemas import TagChange


def set_tags(
    session: Session, project_id: str, task_id: str, names: Sequence[str], *, new: bool
) -> None:
    """Make `names` the tags of a task, in that order."""
    if not new:
        session.execute(delete(TaskTag).where(TaskTag.task_id == task_id))
    ids = tag_ids(session, project_id, names)
    session.add_all(
        TaskTag(task_id=task_id, tag_id=ids[name], position=position)
        for position, name in enumerate(dict.fromkeys(names))
    )


def tag_ids(session: Session, project_id: str, names: Sequence[str]) -> dict[str, str]:
    """Return the ids of tags by name, making those that are missing."""
    ids: dict[str, str] = {
        row.name: row.id
        for row in session.execute(
            select(Tag.id, Tag.name).where(Tag.project_id == project_id, Tag.name.in_(names))
        )
    }
    missing = [name for name in dict.fromkeys(names) if name not in ids]
    if missing:
        last = session.scalar(select(func.max(Tag.position)).where(Tag.project_id == project_id))
        tags = [
            Tag(project_id=project_id, name=name, position=(last or 0) + number)
            for number, name in enumerate(missing, start=1)
        ]
        session.add_all(tags)
        session.flush()
        ids.update((tag.name, tag.id) for tag in tags)
    return ids


def add(session: Session, caller: Caller, body: TagChange) -> int:
    """Put tags on tasks; return how many tasks that changed."""
    project = find_project(session, caller, Right.LABEL, slug=body.project).project
    task_ids = _known_tasks(session, project.id, body.task_ids)
    ids = tag_ids(session, project.id, body.tags)
    wanted = [ids[name] for name in dict.fromkeys(body.tags)]
    present = {
        (row.task_id, row.tag_id): row.position
        for row in session.execute(
            select(TaskTag.task_id, TaskTag.tag_id, TaskTag.position).where(
                TaskTag.task_id.in_(task_ids)
            )
        )
    }
    last: dict[str, int] = {}
    for (task_id, _), position in present.items():
        last[task_id] = max(last.get(task_id, -1), position)
    changed = []
    for task_id in task_ids:
        missing = [tag_id for tag_id in wanted if (task_id, tag_id) not in present]
        session.add_all(
            TaskTag(task_id=task_id, tag_id=tag_id, position=last.get(task_id, -1) + number)
            for number, tag_id in enumerate(missing, start=1)
        )
        if missing:
            changed.append(task_id)
    _touch(session, changed)
    return len(changed)


def remove(session: Session, caller: Caller, body: TagChange) -> int:
    """Take tags off tasks; return how many tasks that changed. The tags themselves stay."""
    project = find_project(session, caller, Right.LABEL, slug=body.project).project
    task_ids = _known_tasks(session, project.id, body.task_ids)
    named = select(Tag.id).where(Tag.project_id == project.id, Tag.name.in_(body.tags))
    hits = TaskTag.task_id.in_(task_ids) & TaskTag.tag_id.in_(named)
    changed = list(session.scalars(select(TaskTag.task_id).where(hits).distinct()))
    session.execute(delete(TaskTag).where(hits).execution_options(synchronize_session=False))
    _touch(session, changed)
    return len(changed)


def _known_tasks(session: Session, project_id: str, task_ids: Sequence[str]) -> list[str]:
    wanted = list(dict.fromkeys(task_ids))
    known = set(
        session.scalars(select(Task.id).where(Task.project_id == project_id, Task.id.in_(wanted)))
    )
    for task_id in wanted:
        if task_id not in known:
            raise NotFound(f"taskIds: the project has no task {task_id!r}")
    return wanted


def _touch(session: Session, task_ids: Sequence[str]) -> None:
    session.execute(
        Task.__table__.update()  # type: ignore[attr-defined]
        .where(Task.id.in_(task_ids))
        .values(updated_at=now_ms())
    )
