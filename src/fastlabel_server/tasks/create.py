"""New tasks: everything checked and stored first, then one short transaction."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.orm import Session

from fastlabel.modalities import PROJECT_TYPES, TaskKind
from fastlabel.types import BatchedTask
from fastlabel_server import blobs
from fastlabel_server.access import STATUS_RIGHTS, Access, Right, find_project
from fastlabel_server.annotations.catalog import Catalog, catalog_of
from fastlabel_server.blobs import StoredBlob
from fastlabel_server.buckets import Bucket
from fastlabel_server.calls import Call
from fastlabel_server.errors import REFUSALS, Conflict, Invalid, status_of
from fastlabel_server.metadatas import service as metadatas
from fastlabel_server.projects import service as projects
from fastlabel_server.tasks import files, labels, people
from fastlabel_server.tasks.files import CheckedFile
from fastlabel_server.tasks.insert import PreparedTask, insert_all, taken_names
from fastlabel_server.tasks.labels import Labels
from fastlabel_server.tasks.schemas import (
    BatchTask,
    IntegratedTask,
    NamedTask,
    NewTask,
    TaskBatch,
    TaskFields,
    TaskState,
)
from fastlabel_server.uploads import ReceivedFile, Upload

DECODERS = 4
"""Threads that check the pictures of a batch; Pillow lets go of the interpreter meanwhile."""

Refusals = dict[int, Exception]
"""What is wrong with tasks of a batch, by their index."""


def create(call: Call, kind: TaskKind, upload: Upload[NamedTask]) -> str:
    """Create a task from the files of a request; return its id."""
    body = upload.body
    with call.reading() as session:
        access = _access(session, call, kind, body)
        received = files.named(kind, body.name, upload.files)
        _check_name_is_free(session, access, body.name)
        catalog = catalog_of(session, access.project.id)
        names = [file.name for file in received]
        new_labels, assigned = checked_fields(session, access, catalog, kind, body, names)
    max_pixels = call.services.settings.max_image_pixels
    checked = [files.checked(file, max_pixels, strip=body.is_delete_exif) for file in received]
    contents = files.stored(call, checked)
    task = PreparedTask(body.name, body, new_labels, assigned, contents)
    return _insert(call, access, kind, task)


def create_empty(call: Call, kind: TaskKind, body: NamedTask) -> str:
    """Create a task whose files follow later; return its id."""
    with call.reading() as session:
        access = _access(session, call, kind, body)
        _check_name_is_free(session, access, body.name)
        catalog = catalog_of(session, access.project.id)
        new_labels, assigned = checked_fields(session, access, catalog, kind, body, [])
    return _insert(call, access, kind, PreparedTask(body.name, body, new_labels, assigned, []))


def create_integrated(call: Call, kind: TaskKind, body: IntegratedTask) -> str:
    """Create a task of an object that stays in the project's bucket; return its id."""
    name = body.file_path
    with call.reading() as session:
        access = _access(session, call, kind, body)
        _check_name_is_free(session, access, name)
        catalog = catalog_of(session, access.project.id)
        new_labels, assigned = checked_fields(session, access, catalog, kind, body, [name])
        setting = projects.find_bucket(session, access.project.id, body.storage_type)
    if setting is None:
        raise Invalid(
            f"storageType: project {body.project!r} has no {body.storage_type} bucket; "
            "set one with storages"
        )
    bucket = Bucket(setting.kind, setting.bucket, setting.region, setting.prefix)
    content = files.in_bucket(bucket, kind, name, call.services.settings.max_image_pixels)
    return _insert(call, access, kind, PreparedTask(name, body, new_labels, assigned, [content]))


def create_many(call: Call, kind: TaskKind, upload: Upload[TaskBatch]) -> list[BatchedTask]:
    """Create tasks of one file each; return id or error of each, in their order.

    What is refused keeps none of the others back: those are created in one transaction.
    """
    tasks = upload.body.tasks
    if len(upload.files) != len(tasks):
        raise Invalid(
            f"contents: one file per task, got {len(tasks)} tasks and {len(upload.files)} files"
        )
    refused: Refusals = {}
    with call.reading() as session:
        access = find_project(session, call.caller, Right.MANAGE_TASKS, slug=upload.body.project)
        check_kind(access, kind)
        checked = _check_batch(session, access, kind, tasks, refused)
    pictures = _check_files(call, kind, tasks, upload.files, refused)
    kept = [index for index in range(len(tasks)) if index not in refused]
    contents = files.stored(call, [pictures[index] for index in kept])
    prepared = [
        PreparedTask(tasks[index].name, tasks[index], *checked[index], [content])
        for index, content in zip(kept, contents, strict=True)
    ]
    ids = _insert_all(call, access, kind, prepared) if prepared else {}
    for index in kept:
        if tasks[index].name not in ids:
            refused[index] = _taken(access, tasks[index].name)
    return [
        _refusal(task.name, refused[index])
        if index in refused
        else {"name": task.name, "id": ids[task.name]}
        for index, task in enumerate(tasks)
    ]


def check_state(session: Session, access: Access, body: TaskState) -> None:
    """Refuse a state that the caller's role or the project does not allow.

    Raises:
        Forbidden: the role has not the right.
        Invalid: a custom status outside a custom workflow, or metadata of no known key.
        LabelError: metadata that its key does not take.
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
    metadatas.check(session, access.project, body.metadata_entries())


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
    return access


def checked_fields(
    session: Session,
    access: Access,
    catalog: Catalog,
    kind: TaskKind,
    body: TaskFields,
    contents: Sequence[str],
) -> tuple[Labels, dict[str, str | None]]:
    """Check what a request says of a task; return its labels and people."""
    check_state(session, access, body)
    new_labels = labels.checked(catalog, kind, body, contents)
    assigned = people.resolved(session, access, body.assigned())
    return new_labels or Labels.of(catalog, kind, []), assigned


def _check_batch(
    session: Session,
    access: Access,
    kind: TaskKind,
    tasks: Sequence[BatchTask],
    refused: Refusals,
) -> dict[int, tuple[Labels, dict[str, str | None]]]:
    catalog = catalog_of(session, access.project.id)
    names = [task.name for task in tasks]
    taken = taken_names(session, access.project.id, names)
    checked = {}
    for index, task in enumerate(tasks):
        try:
            if task.name in taken:
                raise _taken(access, task.name)
            if task.name in names[:index]:
                raise Conflict(f"name: {task.name!r} is given twice")
            checked[index] = checked_fields(session, access, catalog, kind, task, [task.name])
        except REFUSALS as error:
            refused[index] = error
    return checked


def _check_files(
    call: Call,
    kind: TaskKind,
    tasks: Sequence[BatchTask],
    received: Sequence[ReceivedFile],
    refused: Refusals,
) -> dict[int, CheckedFile]:
    def check(index: int) -> CheckedFile | Exception:
        task = tasks[index]
        try:
            [file] = files.named(kind, task.name, [received[index]])
            return files.checked(file, max_pixels, strip=task.is_delete_exif)
        except REFUSALS as error:
            return error

    max_pixels = call.services.settings.max_image_pixels
    wanted = [index for index in range(len(tasks)) if index not in refused]
    with ThreadPoolExecutor(DECODERS) as pool:
        results = dict(zip(wanted, pool.map(check, wanted), strict=True))
    checked = {}
    for index, result in results.items():
        if isinstance(result, CheckedFile):
            checked[index] = result
        else:
            refused[index] = result
    return checked


def _insert(call: Call, access: Access, kind: TaskKind, task: PreparedTask) -> str:
    ids = _insert_all(call, access, kind, [task])
    if task.name not in ids:
        raise _taken(access, task.name)
    return ids[task.name]


def _insert_all(
    call: Call, access: Access, kind: TaskKind, tasks: Sequence[PreparedTask]
) -> dict[str, str]:
    def claim(found: Sequence[StoredBlob]) -> None:
        blobs.claim(call, found)

    author_id = call.caller.user_id
    return insert_all(call.session, access.project, author_id, kind, tasks, claim)


def _check_name_is_free(session: Session, access: Access, name: str) -> None:
    if taken_names(session, access.project.id, [name]):
        raise _taken(access, name)


def _taken(access: Access, name: str) -> Conflict:
    return Conflict(f"name: project {access.project.slug!r} already has a task {name!r}")


def _refusal(name: str, error: Exception) -> BatchedTask:
    return {"name": name, "error": {"message": str(error), "statusCode": status_of(error)}}
