"""The classes of a project as its tasks need them: to check labels against, and to show them.

Tasks keep their labels twice: stored, with references to classes, and as the JSON text that
the API shows. The text is right while the project's `class_stamp` is the one it was made
with; every change of a class moves the stamp, and the job `show_labels` renews the texts.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel.labels import NOT_FROM_A_MODEL, AttributeSpec, ClassSpec
from fastlabel.modalities import TaskKind
from fastlabel_server.tables import AnnotationClass, Project

Stored = list[dict[str, Any]]


class ClassView:
    """What an annotation takes over from its class, prepared once for many annotations."""

    def __init__(self, row: AnnotationClass) -> None:
        self.head = {
            "type": row.type,
            "title": row.title,
            "value": row.value,
            "color": row.color,
        }
        self.attributes = {
            attribute["id"]: {
                "key": attribute["key"],
                "name": attribute["name"],
                "type": attribute["type"],
            }
            for attribute in row.attributes
        }
        keys = {keypoint["id"]: keypoint["key"] for keypoint in row.keypoints}
        self.keypoints = {
            keypoint["key"]: {
                "name": keypoint["name"],
                "edges": [keys[edge] for edge in keypoint["edges"] if edge in keys],
            }
            for keypoint in row.keypoints
        }

    def annotation(self, kind: TaskKind, stored: dict[str, Any]) -> dict[str, Any]:
        """Return an annotation of a task of a kind as the API shows it."""
        known = stored.get
        shown = {
            "id": stored["id"],
            **self.head,
            **kind.shapes[self.head["type"]].shown(stored),
            "rotation": known("rotation", 0),
            "keypoints": [],
            "attributes": [],
            "confidenceScore": known("confidenceScore", NOT_FROM_A_MODEL),
        }
        if "attributes" in stored:
            shown["attributes"] = self.answers(stored["attributes"])
        if "keypoints" in stored:
            shown["keypoints"] = [
                {**self.keypoints[point["key"]], "key": point["key"], "value": point["value"]}
                for point in stored["keypoints"]
                if point["key"] in self.keypoints
            ]
        if kind.place is not None and kind.place.field in stored:
            shown[kind.place.field] = stored[kind.place.field]
        return shown

    def answers(self, pairs: list[list[Any]]) -> list[dict[str, Any]]:
        """Return attribute values; those of attributes that were removed are left out."""
        known = self.attributes
        return [{**known[key], "value": value} for key, value in pairs if key in known]


class Catalog:
    """The classes of a project at one moment, known by `stamp`."""

    def __init__(self, stamp: int, rows: list[AnnotationClass]) -> None:
        self.stamp = stamp
        self.rows = rows
        """In their order."""

    @cached_property
    def specs(self) -> dict[str, ClassSpec]:
        """What annotations are checked against, by class value."""
        return {row.value: _spec_of(row) for row in self.rows}

    @cached_property
    def _views(self) -> dict[str, ClassView]:
        return {row.id: ClassView(row) for row in self.rows}

    def labels(self, kind: TaskKind, stored: Stored) -> list[dict[str, Any]]:
        """Return the labels of a task as the API shows them; a deleted class's are left out."""
        views = self._views
        known = [annotation for annotation in stored if annotation["classId"] in views]
        if kind.labels == "annotations":
            return [
                views[annotation["classId"]].annotation(kind, annotation) for annotation in known
            ]
        return [
            answer
            for annotation in known
            for answer in views[annotation["classId"]].answers(annotation.get("attributes", []))
        ]

    def text(self, kind: TaskKind, stored: Stored) -> str:
        """Return the labels of a task as the JSON text that is kept beside them."""
        return orjson.dumps(self.labels(kind, stored)).decode()


def catalog_of(session: Session, project_id: str) -> Catalog:
    """Return the classes of a project.

    The stamp is read first: if a class changes in between, the text made with this catalog
    counts as outdated, and never an outdated one as right.
    """
    stamp = session.scalar(select(Project.class_stamp).where(Project.id == project_id))
    rows = session.scalars(
        select(AnnotationClass)
        .where(AnnotationClass.project_id == project_id)
        .order_by(AnnotationClass.position, AnnotationClass.id)
    )
    return Catalog(stamp or 0, list(rows))


def _spec_of(row: AnnotationClass) -> ClassSpec:
    return ClassSpec(
        id=row.id,
        type=row.type,
        value=row.value,
        attributes={a["key"]: AttributeSpec.from_json(a) for a in row.attributes},
        keypoint_keys=frozenset(keypoint["key"] for keypoint in row.keypoints),
        max_area_count=row.max_area_count or None,
    )
