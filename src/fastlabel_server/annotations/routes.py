"""Annotation class endpoints."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from fastlabel.types import AnnotationClass
from fastlabel_server.annotations import service
from fastlabel_server.annotations.schemas import (
    CreateClass,
    CreateClassificationClass,
    UpdateClass,
    UpdateClassificationClass,
)
from fastlabel_server.calls import CurrentCall, TransactionalRoute
from fastlabel_server.schemas import Offset, ProjectSlug, QueryText, up_to

router = APIRouter(prefix="/annotations", route_class=TransactionalRoute, tags=["annotations"])


@router.get("")
def get_annotations(
    call: CurrentCall,
    project: ProjectSlug,
    value: QueryText = None,
    offset: Offset = 0,
    limit: Annotated[int, up_to(1000)] = 10,
) -> list[AnnotationClass]:
    """Classes of a project in their order; `value` matches exactly."""
    return service.get(call.session, call.caller, project, value, offset, limit)


@router.get("/{annotation_id}")
def find_annotation(call: CurrentCall, annotation_id: str) -> AnnotationClass:
    """One class."""
    return service.rendered(service.find(call.session, call.caller, annotation_id))


@router.post("")
def create_annotation(call: CurrentCall, body: CreateClass) -> str:
    """Create a class of a type that the project takes; answers the id."""
    return service.create(call.session, call.caller, body)


@router.post("/classification")
def create_classification_annotation(call: CurrentCall, body: CreateClassificationClass) -> str:
    """Create the one class of a classification project; answers the id."""
    return service.create_classification(call.session, call.caller, body)


@router.put("/classification/{annotation_id}")
def update_classification_annotation(
    call: CurrentCall, annotation_id: str, body: UpdateClassificationClass
) -> str:
    """Replace the attributes; those that carry their id keep their answers."""
    return service.update_classification(call.session, call.caller, annotation_id, body)


@router.put("/{annotation_id}")
def update_annotation(call: CurrentCall, annotation_id: str, body: UpdateClass) -> str:
    """Change what is given; attributes are replaced as a whole. Answers the id."""
    return service.update(call.session, call.caller, annotation_id, body)


@router.delete("/{annotation_id}", status_code=204)
def delete_annotation(call: CurrentCall, annotation_id: str) -> None:
    """Delete a class and its annotations in all tasks."""
    service.delete(call.session, call.caller, annotation_id)
