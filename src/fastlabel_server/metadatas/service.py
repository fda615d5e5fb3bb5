"""Metadata keys: what the tasks of a project can be described by, beside their labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fastlabel.labels import AttributeSpec, LabelError
from fastlabel.modalities import listed
from fastlabel.types import MetadataKey as KeyJson
from fastlabel.types import MetadataType
from fastlabel_server.access import Right, find_project, visible, with_access
from fastlabel_server.auth import Caller
from fastlabel_server.errors import Conflict, Invalid
from fastlabel_server.metadatas.schemas import CreateKey, Option, UpdateKey
from fastlabel_server.tables import MetadataKey, Project, iso_time

NO_DEFAULT = ""
CHOICE = "select"


def get(
    session: Session, caller: Caller, slug: str | None, offset: int, limit: int
) -> list[KeyJson]:
    """Return the keys of a project in their order; of all projects the caller sees without."""
    statement = select(MetadataKey, Project.slug).join(
        Project, Project.id == MetadataKey.project_id
    )
    if slug is not None:
        project = find_project(session, caller, slug=slug).project
        statement = statement.where(MetadataKey.project_id == project.id)
    else:
        statement = statement.where(visible(caller)).order_by(Project.created_at, Project.id)
    statement = statement.order_by(MetadataKey.position, MetadataKey.id)
    rows = session.execute(statement.offset(offset).limit(limit))
    return [_rendered(row.MetadataKey, row.slug) for row in rows]


def create(session: Session, caller: Caller, body: CreateKey) -> str:
    project = find_project(session, caller, Right.CONFIGURE, slug=body.project).project
    taken, last = session.execute(
        select(
            func.count().filter(MetadataKey.key == body.key), func.max(MetadataKey.position)
        ).where(MetadataKey.project_id == project.id)
    ).one()
    if taken:
        raise Conflict(f"key: project {project.slug!r} already has a metadata key {body.key!r}")
    row = MetadataKey(
        project_id=project.id,
        key=body.key,
        type=body.type,
        options=_options(body.type, body.options),
        default_value=body.default_value,
        position=body.order or (last or 0) + 1,
        is_admin=body.is_admin,
        is_required=body.is_required,
    )
    _check_default(row)
    session.add(row)
    session.flush()
    return row.id


def update(session: Session, caller: Caller, key_id: str, body: UpdateKey) -> str:
    """Change what is given; values that tasks have already stay as they are."""
    row = _find(session, caller, key_id)
    if body.options is not None:
        row.options = _options(row.type, body.options)
    if body.default_value is not None:
        row.default_value = body.default_value
    _check_default(row)
    row.position = body.order or row.position
    row.is_admin = row.is_admin if body.is_admin is None else body.is_admin
    row.is_required = row.is_required if body.is_required is None else body.is_required
    return row.id


def delete(session: Session, caller: Caller, key_id: str) -> None:
    """Delete a key; tasks stop showing its values at once."""
    session.delete(_find(session, caller, key_id))


def copy_all(session: Session, source_id: str, target_id: str) -> None:
    """Give a new project the keys of another."""
    rows = session.scalars(select(MetadataKey).where(MetadataKey.project_id == source_id))
    session.add_all(
        MetadataKey(
            project_id=target_id,
            key=row.key,
            type=row.type,
            options=row.options,
            default_value=row.default_value,
            position=row.position,
            is_admin=row.is_admin,
            is_required=row.is_required,
        )
        for row in rows
    )


def names(session: Session, project_id: str) -> set[str]:
    """Return the keys that a project has."""
    return set(session.scalars(select(MetadataKey.key).where(MetadataKey.project_id == project_id)))


def specs(session: Session, project_id: str) -> dict[str, AttributeSpec]:
    """Return what values the keys of a project take, by the key and in their order."""
    rows = session.scalars(
        select(MetadataKey)
        .where(MetadataKey.project_id == project_id)
        .order_by(MetadataKey.position, MetadataKey.id)
    )
    return {row.key: _spec(row) for row in rows}


def check(session: Session, project: Project, entries: Sequence[Mapping[str, Any]]) -> None:
    """Refuse metadata of a task, `{key, value}` each, that the project's keys do not take.

    A value of None says that the task has none.

    Raises:
        Invalid: an unknown key, or one that is given twice.
        LabelError: a value of another type.
    """
    if not entries:
        return
    known = specs(session, project.id)
    given: set[str] = set()
    for index, entry in enumerate(entries):
        where, key = f"metadatas[{index}]", entry["key"]
        if key not in known:
            raise Invalid(
                f"{where}.key: project {project.slug!r} has no metadata key {key!r}"
                + (f"; there are {listed(map(repr, known))}" if known else "; it has none at all")
            )
        if key in given:
            raise Invalid(f"{where}.key: {key!r} is given twice")
        given.add(key)
        if entry["value"] is not None:
            known[key].check(entry["value"], where)


def _find(session: Session, caller: Caller, key_id: str) -> MetadataKey:
    """Return a key that the caller may change.

    Raises:
        NotFound: there is none, or the caller may not see it.
    """
    missing = f"metadata key: there is no key {key_id!r}"
    row, _ = with_access(
        session, caller, session.get(MetadataKey, key_id), missing, Right.CONFIGURE
    )
    return row


def _options(key_type: str, options: Sequence[Option]) -> list[dict[str, Any]]:
    if bool(options) != (key_type == CHOICE):
        problem = "needs at least one option" if key_type == CHOICE else "has no options"
        raise Invalid(f"options: a {key_type} key {problem}")
    values = [option.value for option in options]
    for index, value in enumerate(values):
        if value in values[:index]:
            raise Invalid(f"options[{index}].value: {value!r} is given twice")
    return [option.model_dump() for option in options]


def _check_default(row: MetadataKey) -> None:
    if row.default_value == NO_DEFAULT:
        return
    try:
        _spec(row).check(row.default_value, "default")
    except LabelError as error:
        raise Invalid(
            f"defaultValue: not a value of a {row.type} key: {row.default_value!r}"
        ) from error


def _spec(row: MetadataKey) -> AttributeSpec:
    """Return the key as something whose values are checked like those of an attribute."""
    options = tuple(option["value"] for option in row.options)
    return AttributeSpec("", row.key, row.type, options)


def _rendered(row: MetadataKey, slug: str) -> KeyJson:
    return {
        "id": row.id,
        "project": slug,
        "key": row.key,
        "type": cast("MetadataType", row.type),
        "options": cast("Any", row.options),
        "defaultValue": row.default_value,
        "order": row.position,
        "isAdmin": row.is_admin,
        "isRequired": row.is_required,
        "createdAt": iso_time(row.created_at),
        "updatedAt": iso_time(row.updated_at),
    }
