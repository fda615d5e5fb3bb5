"""Tasks as the API shows them: stored labels joined with what their classes know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel.modalities import TaskKind
from fastlabel_server.annotations.catalog import Catalog, catalog_of
from fastlabel_server.metadatas import service as metadatas
from fastlabel_server.tables import Task, iso_time
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
    Task.extra,
    Task.shown,
    Task.shown_stamp,
    Task.created_at,
    Task.updated_at,
)


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


def _parsed(labels: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        orjson.loads(orjson.dumps(labels)) if isinstance(labels, orjson.Fragment) else labels
    )
    return found


class TaskRenderer:
    """Renders tasks of one project and kind."""

    def __init__(
        self,
        session: Session,
        project_id: str,
        kind: TaskKind,
        urls: FileUrls,
        catalog: Catalog | None = None,
    ) -> None:
        """Take the classes of `catalog` as the project's; by default those of now."""
        self._session = session
        self._project_id = project_id
        self._kind = kind
        self._urls = urls
        self._catalog = catalog or catalog_of(session, project_id)

    def tasks(self, rows: Sequence[Any], *, parsed: bool = False) -> list[dict[str, Any]]:
        """Return tasks in the order of their rows, which have `COLUMNS`.

        Labels are JSON text that goes into the answer as it is, unless they shall be parsed.
        """
        ids = [row.id for row in rows]
        labels = orjson.loads if parsed else orjson.Fragment
        texts = self._texts(rows)
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
            self._task(
                row,
                labels(texts[row.id]),
                contents[row.id],
                tags.get(row.id, []),
                people.get(row.id, {}),
            )
            for row in rows
        ]

    @cached_property
    def _metadata_keys(self) -> set[str]:
        return metadatas.names(self._session, self._project_id)

    def _texts(self, rows: Sequence[Any]) -> dict[str, str]:
        """Return the labels of tasks as text, made anew where a class changed meanwhile."""
        stamp = self._catalog.stamp
        texts = {row.id: row.shown if row.shown_stamp == stamp else "[]" for row in rows}
        outdated = [row.id for row in rows if row.shown_stamp != stamp]
        if outdated:
            stored = self._session.execute(
                select(Task.id, Task.annotations).where(Task.id.in_(outdated))
            )
            for task_id, annotations in stored:
                texts[task_id] = self._catalog.text(self._kind, annotations)
        return texts

    def _task(
        self,
        row: Any,
        labels: Any,
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
        for name in self._kind.extra.values():
            task[name] = row.extra.get(name)
        # Values of a key that was deleted are still there, in case it was a mistake.
        task["metadatas"] = row.metadatas and [
            entry for entry in row.metadatas if entry["key"] in self._metadata_keys
        ]
        task[self._kind.labels] = labels
        if self._kind.labels == "annotations":
            task["relations"] = (
                shown_relations(row.relations, _parsed(labels)) if row.relations else []
            )
        task["createdAt"] = iso_time(row.created_at)
        task["updatedAt"] = iso_time(row.updated_at)
        return task

    def _files(self, contents: list[Any]) -> dict[str, Any]:
        files = [content for content in contents if content.role == "content"]
        if not self._kind.shows_contents:
            return self._file(files[0] if files else None)
        shown = [{"name": content.name, **self._file(content)} for content in files]
        if self._kind.place is not None and self._kind.place.field == "contentId":
            shown = [{"id": file.id, **one} for file, one in zip(files, shown, strict=True)]
        sources = [content for content in contents if content.role == "source"]
        # A series is as large as its slices, and its `url` is what was uploaded.
        whole = self._file(files[0] if files else None) | self._url(sources[0]) if sources else {}
        return {**whole, "contents": shown}

    def _file(self, content: Any | None) -> dict[str, Any]:
        """Return the URL of a file and what its kind shows of it."""
        fields = self._kind.media_fields
        if content is None:
            return {"url": None, **dict.fromkeys(fields)}
        return {
            **self._url(content),
            **{field: content.media.get(field) for field in fields},
        }

    def _url(self, content: Any) -> dict[str, Any]:
        return {"url": self._urls.sign(content.id, content.name)}
