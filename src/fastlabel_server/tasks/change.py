"""Changes of tasks: their state, their labels, their end."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel.modalities import TASK_KINDS, TaskKind
from fastlabel_server.access import Access, Right, with_access
from fastlabel_server.annotations.catalog import Stored, catalog_of
from fastlabel_server.auth import Caller
from fastlabel_server.errors import NotFound
from fastlabel_server.tables import Task, TaskRevision, now_ms
from fastlabel_server.tasks import labels, people, queries, tagging
from fastlabel_server.tasks.create import check_state
from fastlabel_server.tasks.labels import Labels
from fastlabel_server.tasks.schemas import TaskChange, TaskState


def find_task(
    session: Session,
    caller: Caller,
    task_id: str,
    right: Right = Right.VIEW,
    kind: TaskKind | None = None,
    *,
    lock: bool = False,
) -> tuple[Task, Access]:
    """Return a task of a project that the caller may do `right` in.

    Raises:
        NotFound: there is none (of this kind), or the caller may not see it.
        Forbidden: the caller sees it, but has not the right.
    """
    statement = select(Task).where(Task.id == task_id)
    task = session.scalar(statement.with_for_update() if lock else statement)
    if task is not None and kind is not None and task.kind != kind.name:
        task = None
    missing = f"task: there is no {'task' if kind is None else kind.name} {task_id!r}"
    return with_access(session, caller, task, missing, right)


def update(
    session: Session, caller: Caller, task_id: str, body: TaskState, kind: TaskKind | None = None
) -> str:
    """Change what the request carries and leave the rest; labels and tags as a whole."""
    task, access = find_task(session, caller, task_id, Right.LABEL, kind, lock=True)
    check_state(session, access, body)
    changed = _set_state(session, task, access, body)
    changed |= _set_extra(task, body)
    if isinstance(body, TaskChange):
        changed |= _set_labels(session, task, caller, body)
    if changed:
        task.updated_at = now_ms()
        session.flush()
    return task.id


def delete(session: Session, caller: Caller, task_id: str) -> None:
    """Delete a task with its revisions; its name is free again."""
    task, _ = find_task(session, caller, task_id, Right.MANAGE_TASKS, lock=True)
    queries.delete_task(session, task)


def delete_annotations(session: Session, caller: Caller, task_id: str) -> None:
    """Take all labels off a task; the revisions keep them."""
    task, _ = find_task(session, caller, task_id, Right.LABEL, lock=True)
    if task.annotations:
        save_labels(session, task, caller, _shown(session, task, []), [], "delete-annotations")


def restore(session: Session, caller: Caller, task_id: str, number: int) -> str:
    """Make the labels of a revision the newest ones, as a new revision."""
    task, _ = find_task(session, caller, task_id, Right.LABEL, lock=True)
    document = labels.document_of(find_revision(session, task, number))
    old = _shown(session, task, document["annotations"])
    save_labels(session, task, caller, old, document["relations"], "restore", restored_from=number)
    return task.id


def find_revision(session: Session, task: Task, number: int) -> TaskRevision:
    """Return a revision of a task.

    Raises:
        NotFound: the task has no revision of this number.
    """
    revision = session.get(TaskRevision, (task.id, number))
    if revision is None:
        raise NotFound(f"revision: task {task.id!r} has revisions 1 to {task.revision}")
    return revision


def save_labels(
    session: Session,
    task: Task,
    caller: Caller,
    new: Labels,
    relations: list[dict[str, str]],
    via: str,
    *,
    restored_from: int | None = None,
) -> None:
    """Replace the labels of a task and keep the new state as a revision."""
    task.annotations = new.stored
    task.shown = new.text
    task.shown_stamp = new.stamp
    task.relations = relations
    task.revision += 1
    task.updated_at = now_ms()
    session.flush()
    labels.record(session, task, caller, via, restored_from=restored_from)


def _set_state(session: Session, task: Task, access: Access, body: TaskState) -> bool:
    task.status = body.status or task.status
    task.external_status = body.external_status or task.external_status
    task.custom_status = body.custom_task_status or task.custom_status
    if body.priority is not None:
        task.priority = body.priority
    if body.metadatas is not None:
        task.metadatas = body.metadata_entries()
    if body.tags is not None:
        tagging.set_tags(session, task.project_id, task.id, body.tags, new=False)
    assigned = body.assigned()
    if assigned:
        found = people.resolved(session, access, assigned)
        people.assign(session, task.id, found, new=False)
    return session.is_modified(task) or body.tags is not None or bool(assigned)


def _set_extra(task: Task, body: TaskState) -> bool:
    given = body.extra_of(TASK_KINDS[task.kind])
    if not given:
        return False
    task.extra = {**task.extra, **given}
    return True


def _set_labels(session: Session, task: Task, caller: Caller, body: TaskChange) -> bool:
    kind = TASK_KINDS[task.kind]
    places = queries.places_of(session, task.id, kind.place) if kind.place else []
    found = labels.checked(catalog_of(session, task.project_id), kind, body, places)
    if found is None and body.relations is None:
        return False
    current = _shown(session, task, task.annotations) if found is None else found
    relations = labels.checked_relations(body, current.stored)
    save_labels(session, task, caller, current, relations, "update")
    return True


def _shown(session: Session, task: Task, stored: Stored) -> Labels:
    catalog = catalog_of(session, task.project_id)
    return Labels.of(catalog, TASK_KINDS[task.kind], stored)
