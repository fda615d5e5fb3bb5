"""Annotation classes: what annotators can draw, and the questions they answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy import update as update_rows
from sqlalchemy.orm import Session

from fastlabel.labels import (
    CHOICES,
    CLASSIFICATION,
    AttributeSpec,
    LabelError,
)
from fastlabel.modalities import PROJECT_TYPES, listed
from fastlabel.shapes import SHAPES
from fastlabel.types import AnnotationClass as ClassJson
from fastlabel.types import ClassAttribute, ClassKeypoint
from fastlabel_server import jobs
from fastlabel_server.access import Right, find_project, with_access
from fastlabel_server.annotations.colors import COLORS
from fastlabel_server.annotations.schemas import (
    Attribute,
    CreateClass,
    CreateClassificationClass,
    Keypoint,
    UpdateClass,
    UpdateClassificationClass,
)
from fastlabel_server.auth import Caller
from fastlabel_server.errors import Conflict, Invalid
from fastlabel_server.tables import AnnotationClass, Project, iso_time, new_id

NO_LIMIT = 0


def get(
    session: Session, caller: Caller, slug: str, value: str | None, offset: int, limit: int
) -> list[ClassJson]:
    """Return a project's classes in their order; `value` matches exactly."""
    project = find_project(session, caller, slug=slug).project
    statement = select(AnnotationClass).where(AnnotationClass.project_id == project.id)
    if value is not None:
        statement = statement.where(AnnotationClass.value == value)
    statement = (
        statement.order_by(AnnotationClass.position, AnnotationClass.id).offset(offset).limit(limit)
    )
    return [rendered(row) for row in session.scalars(statement)]


def find(
    session: Session, caller: Caller, class_id: str, right: Right = Right.VIEW
) -> AnnotationClass:
    """Return a class of a project that the caller may do `right` in.

    Raises:
        NotFound: there is none, or the caller may not see it.
    """
    missing = f"annotation class: there is no class {class_id!r}"
    row, _ = with_access(session, caller, session.get(AnnotationClass, class_id), missing, right)
    return row


def create(session: Session, caller: Caller, body: CreateClass) -> str:
    project = find_project(session, caller, Right.CONFIGURE, slug=body.project).project
    allowed = PROJECT_TYPES[project.type].class_types
    if body.type not in allowed:
        raise Invalid(
            f"type: projects of type {project.type} take {listed(allowed)} classes, "
            f"got {body.type!r}"
        )
    if body.type == CLASSIFICATION:
        raise Invalid("type: create this class with annotations/classification")
    return add(session, project, body)


def create_classification(session: Session, caller: Caller, body: CreateClassificationClass) -> str:
    """Make the one class of a classification project."""
    project = find_project(session, caller, Right.CONFIGURE, slug=body.project).project
    if CLASSIFICATION not in PROJECT_TYPES[project.type].class_types:
        raise Invalid(
            f"project: {project.slug!r} is of type {project.type}, "
            "which has no classification class"
        )
    return add(session, project, sheet(body.attributes))


def sheet(attributes: list[Attribute]) -> CreateClass:
    """Return the one class of a classification project, with the questions that it asks."""
    return CreateClass.model_construct(
        type=CLASSIFICATION,
        value=CLASSIFICATION,
        title=CLASSIFICATION,
        attributes=attributes,
        color=None,
        order=None,
        keypoints=[],
    )


def update(session: Session, caller: Caller, class_id: str, body: UpdateClass) -> str:
    row = find(session, caller, class_id, Right.CONFIGURE)
    if body.value is not None and body.value != row.value:
        if row.type == CLASSIFICATION:
            raise Invalid(f"value: the classification class keeps the value {CLASSIFICATION!r}")
        _check_value_is_free(session, row.project_id, body.value)
        row.value = body.value
    row.title = body.title or row.title
    row.color = body.color or row.color
    row.position = body.order or row.position
    if body.attributes is not None:
        row.attributes = _attributes(body.attributes, row.attributes)
    if body.keypoints is not None:
        row.keypoints = _keypoints(row.type, body.keypoints, row.keypoints, row.color)
    if body.given("max_area_count"):
        row.max_area_count = body.max_area_count or NO_LIMIT
    _move_stamp(session, caller, row.project_id)
    return row.id


def update_classification(
    session: Session, caller: Caller, class_id: str, body: UpdateClassificationClass
) -> str:
    row = find(session, caller, class_id, Right.CONFIGURE)
    if row.type != CLASSIFICATION:
        raise Invalid(f"annotation class: {class_id!r} is a {row.type} class")
    row.attributes = _attributes(body.attributes, row.attributes)
    _move_stamp(session, caller, row.project_id)
    return row.id


def delete(session: Session, caller: Caller, class_id: str) -> None:
    """Delete a class. Its annotations are gone from sight at once; a job takes them out."""
    row = find(session, caller, class_id, Right.CONFIGURE)
    session.delete(row)
    _move_stamp(session, caller, row.project_id)
    jobs.enqueue(
        session,
        "purge_class",
        {"projectId": row.project_id, "classId": class_id},
        requested_by=caller.user_id,
        unique=f"purge-class-{class_id}",
    )


def _move_stamp(session: Session, caller: Caller, project_id: str) -> None:
    """Say that tasks show something else from now on, and have their texts renewed."""
    session.flush()
    tasks = session.scalar(
        update_rows(Project)
        .where(Project.id == project_id)
        .values(class_stamp=Project.class_stamp + 1, updated_at=Project.updated_at)
        .returning(Project.last_seq)
        .execution_options(synchronize_session=False)
    )
    if tasks:
        jobs.enqueue(
            session,
            "show_labels",
            {"projectId": project_id},
            requested_by=caller.user_id,
            unique=f"show-labels-{project_id}",
        )


def copy_all(session: Session, source_id: str, target_id: str) -> None:
    """Copy the classes of a project; ids of attributes and keypoints are new."""
    rows = session.scalars(
        select(AnnotationClass)
        .where(AnnotationClass.project_id == source_id)
        .order_by(AnnotationClass.position, AnnotationClass.id)
    )
    for row in rows:
        keypoint_ids = {keypoint["id"]: new_id() for keypoint in row.keypoints}
        session.add(
            AnnotationClass(
                project_id=target_id,
                type=row.type,
                value=row.value,
                title=row.title,
                color=row.color,
                position=row.position,
                vertex=row.vertex,
                max_area_count=row.max_area_count,
                attributes=[{**attribute, "id": new_id()} for attribute in row.attributes],
                keypoints=[
                    {
                        **keypoint,
                        "id": keypoint_ids[keypoint["id"]],
                        "edges": [keypoint_ids[edge] for edge in keypoint["edges"]],
                    }
                    for keypoint in row.keypoints
                ],
            )
        )


def rendered(row: AnnotationClass) -> ClassJson:
    """Return a class as the API shows it."""
    return {
        "id": row.id,
        "type": row.type,
        "value": row.value,
        "title": row.title,
        "color": row.color,
        "order": row.position,
        "vertex": row.vertex,
        "maxAreaCount": 1 if row.max_area_count is None else row.max_area_count or None,
        "attributes": cast("list[ClassAttribute]", row.attributes),
        "keypoints": cast("list[ClassKeypoint]", row.keypoints),
        "createdAt": iso_time(row.created_at),
        "updatedAt": iso_time(row.updated_at),
    }


def add(session: Session, project: Project, body: CreateClass) -> str:
    """Make a class in a project that takes its type; return its id.

    Raises:
        Conflict: the project has a class of this value.
        Invalid: attributes or keypoints that contradict one another.
    """
    _check_value_is_free(session, project.id, body.value)
    count, last = session.execute(
        select(func.count(), func.max(AnnotationClass.position)).where(
            AnnotationClass.project_id == project.id
        )
    ).one()
    color = body.color or COLORS[count % len(COLORS)]
    max_area_count = body.max_area_count or NO_LIMIT if body.given("max_area_count") else None
    row = AnnotationClass(
        project_id=project.id,
        type=body.type,
        value=body.value,
        title=body.title,
        color=color,
        position=body.order or (last or 0) + 1,
        attributes=_attributes(body.attributes, []),
        keypoints=_keypoints(body.type, body.keypoints, [], color),
        max_area_count=max_area_count,
    )
    session.add(row)
    session.flush()
    return row.id


def _check_value_is_free(session: Session, project_id: str, value: str) -> None:
    taken = session.scalar(
        select(AnnotationClass.id).where(
            AnnotationClass.project_id == project_id, AnnotationClass.value == value
        )
    )
    if taken is not None:
        raise Conflict(f"value: the project already has a class {value!r}")


def _attributes(
    attributes: list[Attribute], existing: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return attributes as they are stored: known ones, by id or by key, keep their id."""
    by_id = {attribute["id"]: attribute for attribute in existing}
    by_key = {attribute["key"]: attribute for attribute in existing}
    result: list[dict[str, Any]] = []
    for index, attribute in enumerate(attributes):
        where = f"attributes[{index}]"
        if any(attribute.key == other["key"] for other in result):
            raise Invalid(f"{where}.key: {attribute.key!r} is given twice")
        if attribute.id is not None and attribute.id not in by_id:
            raise Invalid(f"{where}.id: the class has no attribute with the id {attribute.id!r}")
        known = by_id[attribute.id] if attribute.id else by_key.get(attribute.key)
        if known is not None and any(known["id"] == other["id"] for other in result):
            raise Invalid(f"{where}.id: {known['id']!r} is given twice")
        result.append(
            {
                "id": known["id"] if known else new_id(),
                "key": attribute.key,
                "name": attribute.name,
                "type": attribute.type,
                "options": _options(attribute, where),
                "order": attribute.order or index + 1,
                "value": "" if attribute.value is None else attribute.value,
            }
        )
        _check_default(result[-1], where)
    return result


def _options(attribute: Attribute, where: str) -> list[dict[str, Any]]:
    if attribute.type in CHOICES and not attribute.options:
        raise Invalid(f"{where}.options: a {attribute.type} attribute needs at least one option")
    values = [option.value for option in attribute.options]
    for index, value in enumerate(values):
        if value in values[:index]:
            raise Invalid(f"{where}.options[{index}].value: {value!r} is given twice")
    return [option.model_dump() for option in attribute.options]


def _check_default(attribute: Mapping[str, Any], where: str) -> None:
    if attribute["value"] == "":
        return
    try:
        AttributeSpec.from_json(attribute).check(attribute["value"], where)
    except LabelError as error:
        raise Invalid(str(error)) from error


def _keypoints(
    class_type: str,
    keypoints: list[Keypoint],
    existing: list[dict[str, Any]],
    color: str,
) -> list[dict[str, Any]]:
    """Return keypoints as they are stored, edges by id; known keys keep their id."""
    if keypoints and (class_type not in SHAPES or "keypoints" not in SHAPES[class_type].fields):
        raise Invalid(f"keypoints: a {class_type} class has none")
    ids: dict[str, str] = {}
    known = {keypoint["key"]: keypoint["id"] for keypoint in existing}
    for index, keypoint in enumerate(keypoints):
        if keypoint.key in ids:
            raise Invalid(f"keypoints[{index}].key: {keypoint.key!r} is given twice")
        ids[keypoint.key] = known.get(keypoint.key) or new_id()
    by_id = set(ids.values())
    result = []
    for index, keypoint in enumerate(keypoints):
        edges = [ids.get(edge, edge) for edge in keypoint.edges]
        for place, edge in enumerate(edges):
            if edge not in by_id:
                raise Invalid(f"keypoints[{index}].edges[{place}]: there is no keypoint {edge!r}")
        result.append(
            {
                "id": ids[keypoint.key],
                "name": keypoint.name or keypoint.key,
                "key": keypoint.key,
                "color": keypoint.color or color,
                "edges": edges,
                "value": [],
            }
        )
    return result
