"""A project of a million image tasks, written into the database's tables directly.

Through the API it would take an hour. The rows are what the API writes, but for what no list
reads: revisions, counts by class, and files (all tasks share one that is not there).
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import insert, select, update

from benchmarks.pictures import SIZE_WH, boxes
from fastlabel.modalities import TASK_KINDS
from fastlabel_server.annotations.catalog import catalog_of
from fastlabel_server.db import Database
from fastlabel_server.tables import (
    BLOCK_SIZE,
    AnnotationClass,
    Blob,
    Content,
    Project,
    Task,
    TaskBlock,
    new_id,
    now_ms,
)
from fastlabel_server.tasks.labels import Labels

ROWS_PER_TRANSACTION = 20_000
VARIANTS = 100
SHA256 = "0" * 64


def fill(database: Database, slug: str, count: int) -> None:
    """Give an empty project `count` tasks of ten boxes, named by their sequence number."""
    with database.write() as session:
        project_id = session.execute(select(Project.id).where(Project.slug == slug)).scalar_one()
        rows = session.execute(
            select(AnnotationClass.value, AnnotationClass.id).where(
                AnnotationClass.project_id == project_id
            )
        )
        classes = {row.value: row.id for row in rows}
        catalog = catalog_of(session, project_id)
        session.execute(insert(Blob).values(sha256=SHA256, key="bench", size=40_000))
    stored = [_stored(boxes(number), classes) for number in range(VARIANTS)]
    labels = [Labels.of(catalog, TASK_KINDS["image"], one) for one in stored]
    for numbers in _batches(count):
        tasks = [_task(project_id, seq, labels[seq % VARIANTS]) for seq in numbers]
        with database.write() as session:
            session.execute(insert(Task), tasks)
            session.execute(insert(Content), [_content(task) for task in tasks])
    with database.write() as session:
        blocks = Counter(seq // BLOCK_SIZE for seq in range(1, count + 1))
        session.execute(
            insert(TaskBlock),
            [
                {"project_id": project_id, "block": block, "count": held}
                for block, held in blocks.items()
            ],
        )
        session.execute(update(Project).where(Project.id == project_id).values(last_seq=count))
    if not database.is_sqlite:
        # What autovacuum would have done by the time a project has grown this large.
        with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as direct:
            direct.exec_driver_sql("VACUUM ANALYZE")


def _batches(count: int) -> Iterator[range]:
    edges = [*range(1, count + 1, ROWS_PER_TRANSACTION), count + 1]
    return itertools.starmap(range, itertools.pairwise(edges))


def _stored(annotations: list[dict[str, Any]], classes: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"id": new_id(), "classId": classes[given["value"]], "points": given["points"]}
        for given in annotations
    ]


def _task(project_id: str, seq: int, labels: Labels) -> dict[str, Any]:
    now = now_ms()
    return {
        "id": new_id(),
        "project_id": project_id,
        "seq": seq,
        "kind": "image",
        "name": task_name(seq),
        "status": "registered",
        "external_status": "registered",
        "annotations": labels.stored,
        "shown": labels.text,
        "shown_stamp": labels.stamp,
        "created_at": now,
        "updated_at": now,
    }


def _content(task: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "task_id": task["id"],
        "position": 0,
        "name": task["name"],
        "blob_sha256": SHA256,
        "media_type": "image/jpeg",
        "size": 40_000,
        "media": dict(zip(("width", "height"), SIZE_WH, strict=True)),
        "thumbnail_state": "none",
    }


def task_name(seq: int) -> str:
    """Return the name of the task with a sequence number."""
    return f"image-{seq:07}.jpg"
