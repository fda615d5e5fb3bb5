"""Rows as the API would have made them."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from fastlabel_server.blobs import new_key
from fastlabel_server.datasets import set_hash
from fastlabel_server.datasets.changes import Change, File, State, Unset
from fastlabel_server.datasets.drafts import Draft
from fastlabel_server.datasets.labels import Document, unpacked
from fastlabel_server.storage import Storage
from fastlabel_server.tables import (
    Blob,
    Content,
    Dataset,
    DatasetPush,
    DatasetPushEntry,
    ImportHistory,
    Project,
    StagedUpload,
    Task,
    TaskClass,
    TaskRevision,
    User,
    Workspace,
    new_id,
)

T = TypeVar("T")


class Rows:
    """Adds rows to a session; what is not said has a value that does not matter."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._numbers = itertools.count(1)
        self._workspace = self._added(Workspace(id=new_id(), slug=new_id(), name="Workspace"))

    def project(self, **values: Any) -> Project:
        project = Project(
            id=new_id(),
            workspace_id=self._workspace.id,
            slug=new_id(),
            name="Project",
            type=values.pop("type", "image_all"),
            workflow="two_step",
            external_workflow="two_step",
            **values,
        )
        return self._added(project)

    def task(self, project: Project, name: str, **values: Any) -> Task:
        task = Task(
            id=new_id(),
            project_id=project.id,
            seq=next(self._numbers),
            kind="image",
            name=name,
            status="registered",
            external_status="registered",
            **values,
        )
        self._added(task)
        self._added(
            TaskRevision(
                task_id=task.id, revision=1, via="create", annotation_count=0, document=b""
            )
        )
        counts = Counter(annotation["classId"] for annotation in task.annotations)
        for class_id, count in counts.items():
            self._added(TaskClass(task_id=task.id, class_id=class_id, count=count))
        return task

    def content(self, task: Task, blob: Blob | None = None, **values: Any) -> Content:
        return self._added(
            Content(
                id=new_id(),
                task_id=task.id,
                position=next(self._numbers),
                name=task.name,
                blob_sha256=blob.sha256 if blob else None,
                media_type="image/jpeg",
                size=blob.size if blob else 0,
                **values,
            )
        )

    def blob(self, storage: Storage, data: bytes, **values: Any) -> Blob:
        sha256 = hashlib.sha256(data).hexdigest()
        key = new_key(sha256)
        storage.put_bytes(key, data)
        return self._added(Blob(sha256=sha256, key=key, size=len(data), **values))

    def history(self, project: Project, **values: Any) -> ImportHistory:
        row = ImportHistory(
            id=new_id(),
            project_id=project.id,
            kind="import_archive",
            storage_type="zip",
            **values,
        )
        return self._added(row)

    def upload(
        self, storage: Storage, project: Project, data: bytes, **values: Any
    ) -> StagedUpload:
        sha256 = hashlib.sha256(data).hexdigest()
        key = new_key(sha256)
        storage.put_bytes(key, data)
        row = StagedUpload(
            id=new_id(),
            project_id=project.id,
            file_name=values.pop("file_name", "archive.zip"),
            key=key,
            sha256=sha256,
            size=len(data),
            **values,
        )
        return self._added(row)

    def dataset(self, name: str | None = None) -> Dataset:
        """Make an empty dataset with its first revision."""
        row = Dataset(
            workspace_id=self._workspace.id,
            name=name or f"dataset-{next(self._numbers)}",
            content_hash=set_hash.EMPTY,
        )
        self._added(row)
        Draft.of_request(row).publish(self._session, None, "create")
        return row

    def file(self, storage: Storage, data: bytes, kind: str = "image") -> File:
        """Store a file that objects may have, and return it as drafts take it."""
        blob = self.blob(storage, data)
        return File(blob.sha256, kind, "image/jpeg", blob.size, {"width": 4, "height": 3})

    def push(self, dataset: Dataset, entries: Mapping[str, State | Change | None]) -> DatasetPush:
        """Make a push that has brought its entries."""
        user_id = new_id()
        self._added(User(id=user_id, slug=user_id, name="Ann", email=f"{user_id}@example.com"))
        push = self._added(DatasetPush(dataset_number=dataset.number, author_id=user_id, key="k"))
        for name, wanted in entries.items():
            self._added(DatasetPushEntry(push_id=push.id, name=name, **_entry(wanted)))
        return push

    def _added(self, row: T) -> T:
        self._session.add(row)
        self._session.flush()
        return row


def _entry(wanted: State | Change | None) -> dict[str, Any]:
    """Return the columns of an entry of a push that asks for a change."""
    if wanted is None:
        return {"removed": True}
    fields: dict[str, Any] = {
        name: list(value) if name in ("tags", "licenses") else value
        for name in ("type", "tags", "licenses")
        if not isinstance(value := getattr(wanted, name), Unset)
    }
    if not isinstance(wanted.document, Unset):
        packed = wanted.document.packed if isinstance(wanted.document, Document) else None
        fields["annotations"], fields["customMetadata"] = unpacked(packed)
    file = wanted.file
    if isinstance(file, Unset):
        return {"fields": fields}
    described = {
        "kind": file.kind,
        "mediaType": file.media_type,
        "size": file.size,
        "media": dict(file.media),
    }
    return {"fields": fields, "blob_sha256": file.sha256, "file": described}
