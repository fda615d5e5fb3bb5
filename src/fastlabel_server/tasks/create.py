"""New tasks: files checked and stored, labels checked, then one short transaction."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel.modalities import PROJECT_TYPES, TaskKind
from fastlabel_server import blobs
from fastlabel_server.access import STATUS_RIGHTS, Access, Right, find_project
from fastlabel_server.blobs import StoredBlob
from fastlabel_server.buckets import Bucket
from fastlabel_server.calls import Call
from fastlabel_server.errors import Conflict, Invalid, NotFound
from fastlabel_server.media import PROBES, Measured
from fastlabel_server.projects import service as projects
from fastlabel_server.tables import Content, Task, new_id, now_ms
from fastlabel_server.tasks import labels, people, queries, tagging
from fastlabel_server.tasks.labels import Labels
from fastlabel_server.tasks.schemas import (
    IntegratedTask,
    NamedTask,
    NewTask,
    TaskState,
    check_path,
)
from fastlabel_server.uploads import ReceivedFile, Upload


@dataclass(frozen=True)
class NewContent:
    """A checked file of a new task: a stored blob, or an object in the project's bucket."""

    name: str
    size: int
    measured: Measured
    blob: StoredBlob | None = None
    bucket_kind: str | None = None


def create(call: Call, kind: TaskKind, upload: Upload[NamedTask]) -> str:
    """Create a task from the files of a request; return its id."""
    body = upload.body
    files = _named_files(kind, body.name, upload.files)
    with call.reading() as session:
        access = _access(session, call, kind, body)
        _check_name_is_free(session, access, body.name)
        names = [name for name, _ in files]
        new_labels = labels.checked(session, access.project.id, kind, body, names)
    measured = [_measured(call, kind, name, file, body.is_delete_exif) for name, file in files]
    contents = [
        NewContent(name, file.size, found, blobs.store(call, file))
        for (name, file), found in zip(files, measured, strict=True)
    ]
    return _insert(call, access, kind, body, body.name, contents, new_labels)


def create_integrated(call: Call, kind: TaskKind, body: IntegratedTask) -> str:
    """Create a task of an object that stays in the project's bucket; return its id."""
    with call.reading() as session:
        access = _access(session, call, kind, body)
        _check_name_is_free(session, access, body.file_path)
        new_labels = labels.checked(session, access.project.id, kind, body, [body.file_path])
        setting = projects.find_bucket(session, access.project.id, body.storage_type)
    if setting is None:
        raise Invalid(
            f"storageType: project {body.project!r} has no {body.storage_type} bucket; "
            "set one with storages"
        )
    kind.file.check_extension(body.file_path, kind.title)
    bucket = Bucket(setting.kind, setting.bucket, setting.region, setting.prefix)
    size = bucket.head(body.file_path).size
    kind.file.check_size(size, body.file_path, kind.title)
    data = io.BytesIO(bucket.read(body.file_path, kind.file.max_bytes))
    found = _probe(call, kind, data, body.file_path)
    content = NewContent(body.file_path, size, found, bucket_kind=setting.kind)
    return _insert(call, access, kind, body, body.file_path, [content], new_labels)


def check_state(access: Access, body: TaskState) -> None:
    """Refuse a state that the caller's role or the project's workflow does not allow.

    Raises:
        Forbidden: the role has not the right.
        Invalid: a custom status outside a custom workflow.
    """
    for status in (body.status, body.external_status):
        if status is not None:
            access.require(STATUS_RIGHTS[status])
    if body.priority is not None or body.assigned():
        access.require(Right.MANAGE_TASKS)
    if body.custom_task_status is not None and access.project.workflow != "custom":
        raise Invalid(
            f"customTaskStatus: project {access.project.slug!r} has the workflow "
            f"{access.project.workflow}; only the workflow custom has custom statuses"
        )


def check_kind(access: Access, kind: TaskKind) -> None:
    """Refuse requests for one kind of task in a project of another.

    Raises:
        Invalid: says what the project holds.
    """
    held = PROJECT_TYPES[access.project.type].kind
    if held.name != kind.name:
        raise Invalid(
            f"project: {access.project.slug!r} is of type {access.project.type} and holds "
            f"{held.title}, not {kind.title}"
        )


def _access(session: Session, call: Call, kind: TaskKind, body: NewTask) -> Access:
    access = find_project(session, call.caller, Right.MANAGE_TASKS, slug=body.project)
    check_kind(access, kind)
    check_state(access, body)
    return access


def _check_name_is_free(session: Session, access: Access, name: str) -> None:
    taken = session.scalar(
        select(Task.id).where(Task.project_id == access.project.id, Task.name == name)
    )
    if taken is not None:
        raise Conflict(f"name: project {access.project.slug!r} already has a task {name!r}")


def _named_files(
    kind: TaskKind, task_name: str, files: Sequence[ReceivedFile]
) -> list[tuple[str, ReceivedFile]]:
    """Return the files with their names, in the order of their names where there are several."""
    if not kind.is_multi_file:
        if len(files) != 1:
            raise Invalid(f"file: {kind.title} have one file, got {len(files)}")
        kind.file.check_size(files[0].size, task_name, kind.title)
        if files[0].name:
            kind.file.check_extension(files[0].name, kind.title)
        return [(task_name, files[0])]
    if not 1 <= len(files) <= kind.max_files:
        raise Invalid(f"contents: {kind.title} have 1 to {kind.max_files} files, got {len(files)}")
    named: dict[str, ReceivedFile] = {}
    for index, file in enumerate(files):
        if not file.name:
            raise Invalid(f"contents[{index}].name: missing")
        check_path(file.name, f"contents[{index}].name")
        if file.name in named:
            raise Invalid(f"contents[{index}].name: {file.name!r} is given twice")
        kind.file.check_extension(file.name, kind.title)
        kind.file.check_size(file.size, file.name, kind.title)
        named[file.name] = file
    total = sum(file.size for file in files)
    if kind.max_files_bytes is not None and total > kind.max_files_bytes:
        raise Invalid(f"contents: up to {kind.max_files_bytes:,} bytes together, got {total:,}")
    return sorted(named.items())


def _measured(call: Call, kind: TaskKind, name: str, file: ReceivedFile, strip: bool) -> Measured:
    """Probe a file, after taking its metadata out where the request asks for it."""
    if file.size == 0:
        raise Invalid(f"file: {name} is empty")
    with file.open() as source:
        found = _probe(call, kind, source, name)
    if strip:
        file.replace(PROBES[kind.modality].strip_metadata(file.read()))
    return found


def _probe(call: Call, kind: TaskKind, source: BinaryIO, name: str) -> Measured:
    max_pixels = call.services.settings.max_image_pixels
    return PROBES[kind.modality].measure(source, name, kind.file, max_pixels)


def _insert(
    call: Call,
    access: Access,
    kind: TaskKind,
    body: NewTask,
    name: str,
    contents: Sequence[NewContent],
    new_labels: Labels | None,
) -> str:
    session = call.session
    project = access.project
    seq = queries.next_seq(session, project.id)
    if seq is None:
        raise NotFound(f"project: there is no project {project.slug!r}")
    # Again, now that the project's row is locked: a twin may have come in between.
    _check_name_is_free(session, access, name)
    now = now_ms()
    task = Task(
        id=new_id(),
        project_id=project.id,
        seq=seq,
        kind=kind.name,
        name=name,
        status=body.status or "registered",
        external_status=body.external_status or "registered",
        custom_status=body.custom_task_status,
        priority=body.priority or 0,
        revision=1,
        metadatas=[entry.model_dump() for entry in body.metadatas or []],
        relations=[],
        annotations=new_labels.stored if new_labels else [],
        shown=new_labels.text if new_labels else "[]",
        # Without labels the text is right whatever the classes are, as long as none changes.
        shown_stamp=new_labels.stamp if new_labels else project.class_stamp,
        created_at=now,
        updated_at=now,
    )
    session.add(task)
    for content in contents:
        if content.blob is not None:
            blobs.claim(call, content.blob)
    session.flush()
    session.add_all(
        Content(
            task_id=task.id,
            position=position,
            name=content.name,
            blob_sha256=content.blob.sha256 if content.blob else None,
            bucket_kind=content.bucket_kind,
            bucket_path=content.name if content.bucket_kind else None,
            media_type=content.measured.media_type,
            size=content.size,
            media=content.measured.media,
        )
        for position, content in enumerate(contents)
    )
    labels.record(session, task, call.caller, "create")
    if body.tags:
        tagging.set_tags(session, project.id, task.id, body.tags, new=True)
    people.assign(session, task.id, people.resolved(session, access, body.assigned()), new=True)
    session.flush()
    return task.id
