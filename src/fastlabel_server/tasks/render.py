"""Tasks as the API shows them: stored labels joined with what their classes know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from fastlabel.labels import NOT_FROM_A_MODEL
from fastlabel.modalities import TaskKind
from fastlabel_server.annotations import service as annotation_classes
from fastlabel_server.tables import AnnotationClass, Task, iso_time
from fastlabel_server.tasks import queries
from fastlabel_server.tasks.schemas import ROLES
from fastlabel_server.urls import FileUrls

COLUMNS = (
    Task.id,
    Task.seq,
    Task.kind,
    Task.name,
    Task.status,
    Task.external_status,
    Task.custom_status,
    Task.priority,
    Task.metadatas,
    Task.relations,
    Task.annotations,
    Task.created_at,
    Task.updated_at,
)


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

    def annotation(self, stored: dict[str, Any]) -> dict[str, Any]:
        """Return an annotation as the API shows it."""
        known = stored.get
        shown = {
            "id": stored["id"],
            **self.head,
            "points": known("points", []),
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
        if "content" in stored:
            shown["content"] = stored["content"]
        return shown

    def answers(self, pairs: list[list[Any]]) -> list[dict[str, Any]]:
        """Return attribute values; those of attributes that were removed are left out."""
        known = self.attributes
        return [{**known[key], "value": value} for key, value in pairs if key in known]


def shown_relations(
    relations: list[dict[str, str]], annotations: list[dict[str, Any]]
) -> list[dict[str, int]]:
    """Return relations, stored by annotation ids, as indexes into the annotations shown."""
    if not relations:
        return []
    index = {annotation["id"]: number for number, annotation in enumerate(annotations)}
    return [
        {"startIndex": index[relation["startId"]], "endIndex": index[relation["endId"]]}
        for relation in relations
        if relation["startId"] in index and relation["endId"] in index
    ]


class TaskRenderer:
    """Renders tasks of one project and kind."""

    def __init__(self, session: Session, project_id: str, kind: TaskKind, urls: FileUrls) -> None:
        self._session = session
        self._kind = kind
        self._urls = urls
        self._classes = {
            row.id: ClassView(row) for row in annotation_classes.all_of(session, project_id)
        }

    def tasks(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        """Return tasks in the order of their rows, which have `COLUMNS`."""
        ids = [row.id for row in rows]
        contents: defaultdict[str, list[Any]] = defaultdict(list)
        for content in queries.contents_of(self._session, ids):
            contents[content.task_id].append(content)
        tags: defaultdict[str, list[str]] = defaultdict(list)
        for task_id, name in queries.tags_of(self._session, ids):
            tags[task_id].append(name)
        people: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for task_id, role, name in queries.assignments_of(self._session, ids):
            people[task_id][role] = name
        return [
            self._task(row, contents[row.id], tags.get(row.id, []), people.get(row.id, {}))
            for row in rows
        ]

    def labels(self, stored: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the field that carries the labels: `annotations`, or `attributes`."""
        classes = self._classes
        if self._kind.labels == "attributes":
            answers: list[dict[str, Any]] = []
            for annotation in stored:
                if annotation["classId"] in classes:
                    answers += classes[annotation["classId"]].answers(
                        annotation.get("attributes", [])
                    )
            return {"attributes": answers}
        return {
            "annotations": [
                classes[annotation["classId"]].annotation(annotation)
                for annotation in stored
                if annotation["classId"] in classes
            ]
        }

    def _task(
        self,
        row: Any,
        contents: list[Any],
        tags: list[str],
        people: dict[str, str],
    ) -> dict[str, Any]:
        task = {
            "id": row.id,
            "name": row.name,
            **self._files(contents),
            "status": row.status,
            "externalStatus": row.external_status,
            "customTaskStatus": row.custom_status,
            "priority": row.priority,
            "tags": tags,
        }
        for role in ROLES:
            task[role] = people.get(role)
        task["metadatas"] = row.metadatas
        task.update(self.labels(row.annotations))
        if self._kind.labels == "annotations":
            task["relations"] = shown_relations(row.relations, task["annotations"])
        task["createdAt"] = iso_time(row.created_at)
        task["updatedAt"] = iso_time(row.updated_at)
        return task

    def _files(self, contents: list[Any]) -> dict[str, Any]:
        shown = [
            {
                "name": content.name,
                "url": self._urls.sign(content.id, content.name),
                **{field: content.media.get(field) for field in self._kind.media_fields},
            }
            for content in contents
        ]
        if self._kind.is_multi_file:
            return {"contents": shown}
        if not shown:
            return {"url": None, **dict.fromkeys(self._kind.media_fields)}
        del shown[0]["name"]
        return shown[0]
