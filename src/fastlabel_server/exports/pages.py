"""The tasks of an export, page by page: read from the database once, from the disk after that.

A writer may go through the tasks more than once, and people go on labelling meanwhile. What
was read is kept, so that each pass finds the same tasks.
"""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import orjson
from sqlalchemy.orm import Session

from fastlabel.modalities import TaskKind
from fastlabel_server.annotations.catalog import Catalog
from fastlabel_server.db import Database
from fastlabel_server.exports import queries
from fastlabel_server.exports.queries import Selected
from fastlabel_server.tasks.labels import document_of
from fastlabel_server.tasks.queries import page_after
from fastlabel_server.tasks.render import COLUMNS, TaskRenderer, shown_relations
from fastlabel_server.urls import FileUrls

TASKS: Final = 100
"""Per page, each of them one short transaction."""
PACKING: Final = 1
"""Level of zlib: the labels of a million annotations take a tenth of their space."""

TaskJson = dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """What the tasks of an export are read with."""

    database: Database
    project_id: str
    kind: TaskKind
    catalog: Catalog
    """The classes as they were when the export began: one that changes meanwhile shows nowhere."""
    urls: FileUrls
    selected: Selected
    classes: Sequence[str] | None = None
    """Values; other labels are left out. None: all."""
    revision: str | int | None = None

    def page(self, after_seq: int) -> tuple[list[TaskJson], int | None]:
        """Return the tasks after a sequence number, and the number of the last that was read.

        It is None at the end. A page may be empty before that.
        """
        with self.database.read() as session:
            rows = page_after(self.selected, COLUMNS, session, after_seq, TASKS)
            renderer = TaskRenderer(session, self.project_id, self.kind, self.urls, self.catalog)
            documents = self._documents(session, [row.id for row in rows])
            # The labels are JSON text still; only the answers of the API can leave it at that.
            tasks: list[TaskJson] = orjson.loads(orjson.dumps(renderer.tasks(rows)))
        for task in tasks:
            self._go_back(task, documents)
        if self.classes is not None and self.kind.labels == "annotations":
            tasks = [narrowed(task, self.classes) for task in tasks]
            tasks = [task for task in tasks if task["annotations"]]
        return tasks, rows[-1].seq if len(rows) == TASKS else None

    def _documents(self, session: Session, task_ids: Sequence[str]) -> dict[str, Any]:
        if self.revision is None:
            return {}
        found = queries.documents_of(session, task_ids, self.revision)
        return {row.task_id: document_of(row) for row in found}

    def _go_back(self, task: TaskJson, documents: Mapping[str, Any]) -> None:
        """Give a task the labels of its revision, joined with the classes of today."""
        if self.revision is None:
            return
        document = documents.get(task["id"], {"annotations": [], "relations": []})
        labels = self.catalog.labels(self.kind, document["annotations"])
        task[self.kind.labels] = orjson.loads(orjson.dumps(labels))
        if self.kind.labels == "annotations":
            task["relations"] = shown_relations(document["relations"], labels)


def narrowed(task: TaskJson, values: Sequence[str]) -> TaskJson:
    """Return a task with the annotations of some classes, and the relations between those."""
    kept = [
        number
        for number, annotation in enumerate(task["annotations"])
        if annotation["value"] in values
    ]
    new = {old: number for number, old in enumerate(kept)}
    return {
        **task,
        "annotations": [task["annotations"][number] for number in kept],
        "relations": [
            {"startIndex": new[relation["startIndex"]], "endIndex": new[relation["endIndex"]]}
            for relation in task["relations"]
            if relation["startIndex"] in new and relation["endIndex"] in new
        ],
    }


class Pages(Iterable[TaskJson]):
    """Tasks that can be gone through any number of times; memory holds a page."""

    def __init__(self, reading: Reading, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._reading = reading
        # Without a name: it goes with the object, or with a process that dies.
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        self._ends = [0]
        """Where in the file each page ends; the first one begins at 0."""
        self._last_seq: int | None = 0

    def close(self) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[TaskJson]:
        number = 0
        while (page := self._page(number)) is not None:
            yield from page
            number += 1

    def _page(self, number: int) -> list[TaskJson] | None:
        """Return a page; None behind the last."""
        if number + 1 < len(self._ends):
            start, end = self._ends[number : number + 2]
            self._file.seek(start)
            found: list[TaskJson] = orjson.loads(zlib.decompress(self._file.read(end - start)))
            return found
        if self._last_seq is None:
            return None
        tasks, self._last_seq = self._reading.page(self._last_seq)
        self._file.seek(self._ends[-1])
        self._file.write(zlib.compress(orjson.dumps(tasks), PACKING))
        self._ends.append(self._file.tell())
        return tasks
