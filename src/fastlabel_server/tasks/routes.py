"""Task endpoints: the common ones here, those of each kind made from its description."""

import sys
from enum import Enum
from typing import Annotated, Any

from fastapi import APIRouter, Path

from fastlabel import types
from fastlabel.modalities import TASK_KINDS, TaskKind
from fastlabel_server.calls import CurrentCall, TransactionalRoute
from fastlabel_server.schemas import Cursor, Offset, Prefix, ProjectSlug, up_to
from fastlabel_server.tasks import change, create, read, tagging
from fastlabel_server.tasks.integration import service as merging
from fastlabel_server.tasks.read import WantedTasks
from fastlabel_server.tasks.schemas import (
    IntegratedTask,
    NamedTask,
    TagChange,
    TaskBatch,
    TaskChange,
    TaskState,
    body_of,
)
from fastlabel_server.uploads.receive import request_body_of, upload_of

router = APIRouter(prefix="/tasks", route_class=TransactionalRoute, tags=["tasks"])

RevisionNumber = Annotated[int, Path(ge=1, le=2**53)]

TASK_TYPES: dict[str, Any] = {
    "image": types.ImageTask,
    "image_classification": types.ImageClassificationTask,
    "multi_image_classification": types.MultiImageTask,
    "sequential_image": types.SequentialImageTask,
    "video": types.VideoTask,
    "video_classification": types.VideoClassificationTask,
    "text": types.TextTask,
    "text_classification": types.TextClassificationTask,
    "audio": types.AudioTask,
    "audio_classification": types.AudioClassificationTask,
    "pcd": types.PcdTask,
    "sequential_pcd": types.SequentialPcdTask,
    "dicom": types.DicomTask,
    "multi_modal_video_audio": types.MultiModalVideoAudioTask,
    "robotics": types.RoboticsTask,
}


@router.get("/count")
def count_tasks(call: CurrentCall, wanted: WantedTasks) -> int:
    """How many tasks match the filters."""
    return read.count(call, wanted)


@router.get("/map/id-name")
def get_task_id_name_map(
    call: CurrentCall,
    project: ProjectSlug,
    offset: Offset = 0,
    limit: Annotated[int, up_to(1000)] = 1000,
) -> dict[str, str]:
    """Ids of a project's tasks, oldest first, each with its name."""
    return read.id_name_map(call, project, offset, limit)


@router.post("/tags/add")
def add_task_tags(call: CurrentCall, body: TagChange) -> types.TagCount:
    """Put tags on tasks, making unknown ones; counts the tasks that changed."""
    return {"updatedTaskCount": tagging.add(call.session, call.caller, body)}


@router.post("/tags/remove")
def remove_task_tags(call: CurrentCall, body: TagChange) -> types.TagCount:
    """Take tags off tasks; unknown names are ignored. Counts the tasks that changed."""
    return {"updatedTaskCount": tagging.remove(call.session, call.caller, body)}


def _add_integration(integration: str) -> None:
    def find_integrated_task(
        call: CurrentCall, project: ProjectSlug, prefix: Prefix
    ) -> types.IntegratedTask:
        return merging.find(call, integration, project, prefix)

    router.get(
        f"/integrate/{integration}",
        name=f"find_integrated_{integration}",
        description="The labels of a file that was split into the tasks `PREFIX/1.EXT`, ...",
        tags=["integration"],
    )(find_integrated_task)


for _integration in merging.MERGES:
    _add_integration(_integration)


def _add_kind(kind: TaskKind) -> None:
    """Add the endpoints that every kind of task has, and those that create it."""
    task_type = TASK_TYPES.get(kind.name, dict[str, Any])
    change_model = body_of(kind, TaskChange)
    tags: list[str | Enum] = [kind.title]

    def get_tasks(
        call: CurrentCall,
        wanted: WantedTasks,
        offset: Offset = 0,
        limit: Annotated[int, up_to(kind.max_limit)] = kind.default_limit,
        cursor: Cursor = None,
    ) -> list[Any]:
        return read.get(call, kind, wanted, offset, limit, cursor)

    def find_task(call: CurrentCall, task_id: str) -> Any:
        return read.find(call, kind, task_id)

    def update_task(call: CurrentCall, task_id: str, body: change_model) -> str:  # type: ignore[valid-type]
        return change.update(call.session, call.caller, task_id, body, kind)

    router.get(
        f"/{kind.path}",
        name=f"get_{kind.name}_tasks",
        response_model=list[task_type],  # type: ignore[valid-type]
        description=f"{kind.title[:1].upper()}{kind.title[1:]} of a project, oldest first.",
        tags=tags,
    )(get_tasks)
    router.get(
        f"/{kind.path}/{{task_id}}",
        name=f"find_{kind.name}_task",
        response_model=task_type,
        description="One task.",
        tags=tags,
    )(find_task)
    router.put(
        f"/{kind.path}/{{task_id}}",
        name=f"update_{kind.name}_task",
        description="Change what is given; labels and tags are replaced as a whole.",
        tags=tags,
    )(update_task)
    if kind.intake in ("file", "contents"):
        _add_upload(kind, tags)
    if kind.intake == "file":
        _add_batch(kind, tags)
    if kind.intake == "none":
        _add_empty(kind, tags)
    if kind.integrated_path is not None:
        _add_integrated(kind, kind.integrated_path, tags)


def _add_upload(kind: TaskKind, tags: list[str | Enum]) -> None:
    def create_task(call: CurrentCall, upload: upload_of(NamedTask)) -> str:  # type: ignore[valid-type]
        return create.create(call, kind, upload)

    router.post(
        f"/{kind.path}",
        name=f"create_{kind.name}_task",
        openapi_extra=request_body_of(NamedTask, kind.intake == "contents"),
        # It reads the body as a stream and keeps the limit of the settings itself.
        max_body_size=sys.maxsize,
        description="Create a task from files; answers the id.",
        tags=tags,
    )(create_task)


def _add_batch(kind: TaskKind, tags: list[str | Enum]) -> None:
    def create_tasks(call: CurrentCall, upload: upload_of(TaskBatch)) -> list[types.BatchedTask]:  # type: ignore[valid-type]
        return create.create_many(call, kind, upload)

    router.post(
        f"/{kind.path}/batch",
        name=f"create_{kind.name}_tasks",
        openapi_extra=request_body_of(TaskBatch, True),
        description="Create up to 100 tasks at once; answers id or error of each.",
        max_body_size=sys.maxsize,
        tags=tags,
    )(create_tasks)


def _add_empty(kind: TaskKind, tags: list[str | Enum]) -> None:
    new_model = body_of(kind, NamedTask)

    def create_task(call: CurrentCall, body: new_model) -> str:  # type: ignore[valid-type]
        return create.create_empty(call, kind, body)

    router.post(
        f"/{kind.path}",
        name=f"create_{kind.name}_task",
        description="Create a task whose files follow; answers the id.",
        tags=tags,
    )(create_task)


def _add_integrated(kind: TaskKind, path: str, tags: list[str | Enum]) -> None:
    def create_integrated_task(call: CurrentCall, body: IntegratedTask) -> str:
        return create.create_integrated(call, kind, body)

    router.post(
        f"/{path}",
        name=f"create_integrated_{kind.name}_task",
        description="Create a task of a file that stays in the project's bucket.",
        tags=tags,
    )(create_integrated_task)


# Longer paths first: `image/classification` is no id of an image task.
for _kind in sorted(TASK_KINDS.values(), key=lambda kind: -kind.path.count("/")):
    _add_kind(_kind)


@router.put("/{task_id}")
def update_task(call: CurrentCall, task_id: str, body: TaskState) -> str:
    """Change the state of a task of any kind; answers the id."""
    return change.update(call.session, call.caller, task_id, body)


@router.delete("/{task_id}", status_code=204)
def delete_task(call: CurrentCall, task_id: str) -> None:
    """Delete a task with its labels and revisions; its name is free again."""
    change.delete(call.session, call.caller, task_id)


@router.delete("/{task_id}/task-annotations", status_code=204)
def delete_task_annotations(call: CurrentCall, task_id: str) -> None:
    """Take all labels off a task; its revisions keep them."""
    change.delete_annotations(call.session, call.caller, task_id)


@router.get("/{task_id}/revisions")
def get_task_revisions(call: CurrentCall, task_id: str) -> list[types.TaskRevision]:
    """The saves of a task's labels, newest first, without the labels."""
    return read.revisions(call, task_id)  # type: ignore[return-value]


@router.get("/{task_id}/revisions/{revision}")
def find_task_revision(
    call: CurrentCall, task_id: str, revision: RevisionNumber
) -> types.LabelledTaskRevision:
    """One save of a task's labels, with the labels as they were."""
    return read.revision(call, task_id, revision)  # type: ignore[return-value]


@router.post("/{task_id}/revisions/{revision}/restore")
def restore_task_revision(call: CurrentCall, task_id: str, revision: RevisionNumber) -> str:
    """Make old labels the newest ones, as a new revision; answers the id of the task."""
    return change.restore(call.session, call.caller, task_id, revision)
