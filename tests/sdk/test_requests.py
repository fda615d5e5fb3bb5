"""What every method sends, row by row as the protocol says, on both clients."""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastlabel import Client, FastLabelInvalidException, FastLabelNotFoundException
from fastlabel.client import Resources
from fastlabel.const import Priority
from sdk import kind_rows
from sdk.scripted_server import Received, Reply, ScriptedServer

PAGE = {"offset": 20, "limit": 10}
FILTERS = {
    "status": "approved",
    "external_status": "registered",
    "tags": ["t1", "t 2"],
    "task_name": "a/b.jpg",
}
SENT_FILTERS = "status=approved&externalStatus=registered&tags=t1&tags=t%202&taskName=a%2Fb.jpg"
PEOPLE = {
    "assignee": "ann",
    "external_approver": None,
    "workflow_3_user": "bob",
}
SENT_PEOPLE = {"assignee": "ann", "externalApprover": None, "workflow3User": "bob"}
STATE = {"status": "completed", "external_status": "skipped", "priority": 10, "tags": ["t"]}
SENT_STATE = {"status": "completed", "externalStatus": "skipped", "priority": 10, "tags": ["t"]}
ATTRIBUTES = [{"key": "kind", "value": "tabby"}]
CLASS_ATTRIBUTES = [{"id": "1", "type": "text", "name": "Kind", "key": "kind", "title": "x"}]
RELATIONS = [{"startIndex": 0, "endIndex": 1}]
OPTIONS = [{"title": "Osaka", "value": "osaka"}]
METADATAS = [{"key": "camera", "value": "left"}]
BOX = {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4]}


def sent_box(content: str) -> dict[str, Any]:
    return {**BOX, "attributes": [], "content": content}


READING: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("get_projects", (), {}, "projects?limit=100"),
    ("get_projects", ("cats", 20, 10), {}, "projects?slug=cats&offset=20&limit=10"),
    ("get_projects", (), {"offset": 0, "limit": 0}, "projects"),
    ("find_project", ("p1",), {}, "projects/p1"),
    ("find_project", ("a/b c?",), {}, "projects/a%2Fb%20c%3F"),
    ("find_project", ("..",), {}, "projects/%2E%2E"),
    ("find_project_by_slug", ("cats",), {}, "projects?slug=cats"),
    ("get_project_id_slug_map", (), {}, "projects/map/id-slug?limit=1000"),
    ("find_export", ("e/1",), {}, "exports/e%2F1"),
    ("get_exports", ("cats",), {}, "exports?project=cats&limit=100"),
    ("get_exports", ("cats", 20, 1000), {}, "exports?project=cats&offset=20&limit=1000"),
    ("find_annotation", ("c1",), {}, "annotations/c1"),
    ("find_annotation_by_value", ("cats", "cat"), {}, "annotations?project=cats&value=cat"),
    ("get_annotations", ("cats",), {}, "annotations?project=cats&limit=10"),
    ("get_annotations", ("cats", "cat", 20, 1000), {},
     "annotations?project=cats&value=cat&offset=20&limit=1000"),
    ("get_tags", ("cats",), {}, "tags?project=cats&limit=100"),
    ("get_tags", ("cats", "small", 20, 10), {},
     "tags?project=cats&keyword=small&offset=20&limit=10"),
    ("count_tasks", ("cats",), {}, "tasks/count?project=cats"),
    ("count_tasks", ("cats", "approved", "completed", ["t1", "t2"]), {},
     "tasks/count?project=cats&status=approved&externalStatus=completed&tags=t1&tags=t2"),
    ("count_tasks", ("cats", "", "", []), {}, "tasks/count?project=cats"),
    ("get_task_id_name_map", ("cats",), {}, "tasks/map/id-name?project=cats&limit=1000"),
    ("get_task_id_name_map", ("cats", 20, 10), {},
     "tasks/map/id-name?project=cats&offset=20&limit=10"),
    ("get_task_revisions", ("t1",), {}, "tasks/t1/revisions"),
    ("find_task_revision", ("t1", 3), {}, "tasks/t1/revisions/3"),
    *(
        row
        for kind, path in (
            ("image", "tasks/image"),
            ("image_classification", "tasks/image/classification"),
            ("multi_image_classification", "tasks/multi-image/classification"),
        )
        for row in (
            (f"find_{kind}_task", ("t1",), {}, f"{path}/t1"),
            (f"find_{kind}_task_by_name", ("cats", "a.jpg"), {},
             f"{path}?project=cats&taskName=a.jpg"),
            (f"get_{kind}_tasks", ("cats",), {}, f"{path}?project=cats&limit=100"),
            (f"get_{kind}_tasks", ("cats",), {**FILTERS, **PAGE},
             f"{path}?project=cats&{SENT_FILTERS}&offset=20&limit=10"),
            (f"iter_{kind}_tasks", ("cats",), FILTERS,
             f"{path}?project=cats&{SENT_FILTERS}&limit=1000"),
        )
    ),
    ("get_metadatas", (), {}, "metadatas?limit=100"),
    ("get_metadatas", ("cats", 20, 10), {}, "metadatas?project=cats&offset=20&limit=10"),
    ("iter_metadatas", ("cats",), {}, "metadatas?project=cats&limit=1000"),
    ("get_task_comments", ("cats", "t1"), {}, "comments?project=cats&taskId=t1&limit=100"),
    ("get_task_comments", ("cats", "t1", 20, 10), {},
     "comments?project=cats&taskId=t1&offset=20&limit=10"),
    ("iter_task_comments", ("cats", "t1"), {}, "comments?project=cats&taskId=t1&limit=1000"),
    ("get_project_comments", ("cats",), {}, "comments/threads?project=cats&limit=100"),
    ("get_project_comments", ("cats", "approved", "registered", ["t1", "t 2"], "i1", 20, 10), {},
     "comments/threads?project=cats&taskStatus=approved&taskExternalStatus=registered"
     "&taskTags=t1&taskTags=t%202&issueCategoryId=i1&offset=20&limit=10"),
    ("iter_project_comments", ("cats", "approved", "registered", ["t1"]), {},
     "comments/threads?project=cats&taskStatus=approved&taskExternalStatus=registered"
     "&taskTags=t1&limit=1000"),
    ("get_workspace_users", (), {}, "workspaces-users?limit=20"),
    ("get_workspace_users", ("ann@", 20, 10), {},
     "workspaces-users?keyword=ann%40&offset=20&limit=10"),
    ("iter_workspace_users", ("ann",), {}, "workspaces-users?keyword=ann&limit=1000"),
    ("iter_projects", (), {}, "projects?limit=1000"),
    ("iter_annotations", ("cats",), {}, "annotations?project=cats&limit=1000"),
    ("iter_tags", ("cats", "small"), {}, "tags?project=cats&keyword=small&limit=1000"),
]  # fmt: skip

WRITING: list[tuple[str, tuple[Any, ...], dict[str, Any], str, Any]] = [
    ("create_project", ("image_bbox", "Cats", "cats"), {}, "POST projects",
     {"type": "image_bbox", "name": "Cats", "slug": "cats", "jobSize": 10,
      "workflow": "two_step", "externalWorkflow": "two_step"}),
    ("create_project", ("image_all", "Cats", "cats", True, 0, "three_step", "three_step"), {},
     "POST projects",
     {"type": "image_all", "name": "Cats", "slug": "cats", "isPixel": True,
      "workflow": "three_step", "externalWorkflow": "three_step"}),
    ("update_project", ("p1", "Cats", "cats", 5, "three_step", "two_step"), {}, "PUT projects/p1",
     {"name": "Cats", "slug": "cats", "jobSize": 5, "workflow": "three_step",
      "externalWorkflow": "two_step"}),
    ("update_project", ("p1",), {}, "PUT projects/p1", {}),
    ("delete_project", ("p1",), {}, "DELETE projects/p1", None),
    ("create_export", ("cats", "coco"), {}, "POST exports",
     {"project": "cats", "format": "coco"}),
    ("create_export", ("cats", "coco"),
     {"status": "approved", "external_status": "completed", "tags": ["a"], "classes": ["cat"],
      "created_at_from": "2026-05-01", "updated_at_to": "2026-06-01", "revision": 0,
      "options": {"file_name": "a.json"}, "strict": True}, "POST exports",
     {"project": "cats", "format": "coco", "status": "approved", "externalStatus": "completed",
      "tags": ["a"], "classes": ["cat"], "createdAtFrom": "2026-05-01",
      "updatedAtTo": "2026-06-01", "revision": 0, "options": {"fileName": "a.json"},
      "strict": True}),
    ("cancel_export", ("e1",), {}, "POST exports/e1/cancel", {}),
    ("delete_export", ("e1",), {}, "DELETE exports/e1", None),
    ("copy_project", ("p1",), {}, "POST projects/copy", {"id": "p1"}),
    ("copy_project", ("p1", "Copy", "copy"), {}, "POST projects/copy",
     {"id": "p1", "name": "Copy", "slug": "copy"}),
    ("update_project_metadata", ("p1", "a", None, "c"), {}, "PUT projects/p1/metadata",
     {"externalCode1": "a", "externalCode2": None, "externalCode3": "c"}),
    ("update_project_user_permission", ("cats", "a@b.c", "none"), {}, "PUT projects-users",
     {"project": "cats", "email": "a@b.c", "role": "none"}),
    ("update_aws_s3_storage", ("cats", "b", "eu-west-1"), {}, "PUT storages/aws-s3/cats",
     {"bucketName": "b", "bucketRegion": "eu-west-1"}),
    ("update_aws_s3_storage", ("cats", "b", "eu-west-1", "in"), {}, "PUT storages/aws-s3/cats",
     {"bucketName": "b", "bucketRegion": "eu-west-1", "prefix": "in"}),
    ("update_gcp_storage", ("cats", "b", "in"), {}, "PUT storages/gcp/cats",
     {"bucketName": "b", "prefix": "in"}),
    ("update_azure_storage", ("cats", "b"), {}, "PUT storages/azure/cats", {"bucketName": "b"}),
    ("create_annotation", ("cats", "bbox", "cat", "Cat"), {}, "POST annotations",
     {"project": "cats", "type": "bbox", "value": "cat", "title": "Cat"}),
    ("create_annotation",
     ("cats", "segmentation", "cat", "Cat", "#ff0000", 2, CLASS_ATTRIBUTES, None),
     {"keypoints": [{"key": "nose"}]}, "POST annotations",
     {"project": "cats", "type": "segmentation", "value": "cat", "title": "Cat",
      "color": "#ff0000", "order": 2, "attributes": CLASS_ATTRIBUTES, "maxAreaCount": None,
      "keypoints": [{"key": "nose"}]}),
    ("create_classification_annotation", ("cats", CLASS_ATTRIBUTES), {},
     "POST annotations/classification", {"project": "cats", "attributes": CLASS_ATTRIBUTES}),
    ("update_annotation", ("c1", "cat", "Cat", "#ff0000", 0, [], 3), {}, "PUT annotations/c1",
     {"value": "cat", "title": "Cat", "color": "#ff0000", "maxAreaCount": 3}),
    ("update_classification_annotation", ("c1", CLASS_ATTRIBUTES), {},
     "PUT annotations/classification/c1", {"attributes": CLASS_ATTRIBUTES}),
    ("delete_annotation", ("c1",), {}, "DELETE annotations/c1", None),
    ("delete_tags", (["t1", "t2"],), {}, "POST tags/delete/multi", {"tagIds": ["t1", "t2"]}),
    ("delete_tags", ([],), {}, "POST tags/delete/multi", {"tagIds": []}),
    ("update_task", ("t1",), {}, "PUT tasks/t1", {}),
    ("update_task", ("t1", "completed", "skipped", 10, ["t"], METADATAS), PEOPLE, "PUT tasks/t1",
     {**SENT_STATE, "metadatas": METADATAS, **SENT_PEOPLE}),
    ("update_task", ("t1",), {"priority": 0}, "PUT tasks/t1", {"priority": 0}),
    ("update_task", ("t1",), {"priority": Priority.none}, "PUT tasks/t1", {"priority": 0}),
    ("delete_task", ("t1",), {}, "DELETE tasks/t1", None),
    ("delete_task_annotations", ("t1",), {}, "DELETE tasks/t1/task-annotations", None),
    ("restore_task_revision", ("t1", 3), {}, "POST tasks/t1/revisions/3/restore", {}),
    ("create_integrated_image_task", ("cats", "gcp", "in/a.JPG", "completed"),
     {"annotations": [BOX], **PEOPLE}, "POST tasks/integrated-image",
     {"project": "cats", "storageType": "gcp", "filePath": "in/a.JPG", "status": "completed",
      "annotations": [sent_box("in/a.JPG")], **SENT_PEOPLE}),
    ("create_integrated_image_classification_task", ("cats", "in/a.jpg", "gcp"),
     {"attributes": ATTRIBUTES, "priority": 0}, "POST tasks/integrated-image/classification",
     {"project": "cats", "filePath": "in/a.jpg", "storageType": "gcp", "priority": 0,
      "attributes": ATTRIBUTES}),
    ("update_image_task", ("t1",), {}, "PUT tasks/image/t1", {}),
    ("update_image_task",
     ("t1", "completed", "skipped", "pending", 10, ["t"], [BOX], RELATIONS, METADATAS), PEOPLE,
     "PUT tasks/image/t1",
     {**SENT_STATE, "customTaskStatus": "pending", "annotations": [sent_box("")],
      "relations": RELATIONS, "metadatas": METADATAS, **SENT_PEOPLE}),
    ("update_image_task", ("t1",), {"annotations": [], "tags": []}, "PUT tasks/image/t1", {}),
    ("update_image_classification_task", ("t1", "completed", "skipped", 10, ATTRIBUTES, ["t"]),
     PEOPLE, "PUT tasks/image/classification/t1",
     {**SENT_STATE, "attributes": ATTRIBUTES, **SENT_PEOPLE}),
    ("update_multi_image_classification_task",
     ("t1", "completed", "skipped", 10, ATTRIBUTES, ["t"]), PEOPLE,
     "PUT tasks/multi-image/classification/t1",
     {**SENT_STATE, "attributes": ATTRIBUTES, **SENT_PEOPLE}),
    ("create_metadata", ("cats", "camera"), {}, "POST metadatas",
     {"project": "cats", "key": "camera", "type": "text"}),
    ("create_metadata", ("cats", "site", "select", OPTIONS, 0, 2, True, True), {},
     "POST metadatas",
     {"project": "cats", "key": "site", "type": "select", "options": OPTIONS, "defaultValue": 0,
      "order": 2, "isAdmin": True, "isRequired": True}),
    ("update_metadata", ("m1",), {}, "PUT metadatas/m1", {}),
    ("update_metadata", ("m1", OPTIONS, "", 2, False, False), {}, "PUT metadatas/m1",
     {"options": OPTIONS, "defaultValue": "", "order": 2, "isAdmin": False, "isRequired": False}),
    ("delete_metadata", ("m1",), {}, "DELETE metadatas/m1", None),
    ("create_comment_thread", ("c1", "No."), {}, "POST comments/c1/threads", {"text": "No."}),
    ("update_task_comment_state", ("c1",), {}, "PUT comments/c1", {}),
    ("update_task_comment_state", ("c1", False, "done", 0), {}, "PUT comments/c1",
     {"isResolved": False, "status": "done", "priority": 0}),
    ("update_task_comment", ("h1", "Yes."), {}, "PUT comments/threads/h1", {"text": "Yes."}),
    ("delete_task_comment", ("h1",), {}, "DELETE comments/threads/h1", None),
    ("update_workspace_user", ("a@b.c", "owner"), {}, "PUT workspaces-users/internal-users",
     {"email": "a@b.c", "role": "owner"}),
    ("create_workspace_user", ("Ann", "a@b.c", "ja", "member"), {},
     "POST workspaces-users/internal-users",
     {"name": "Ann", "email": "a@b.c", "language": "ja", "role": "member"}),
    ("create_task_comment", ("t1", [1, 2.5], "Why?"), {}, "POST comments",
     {"taskId": "t1", "points": [1, 2.5], "text": "Why?", "type": "text"}),
    ("create_task_comment",
     ("t1", [1], "Why?", "a.jpg", None, "text", 0.5, 3, "done", 0, True, "a1", "#ff0000"), {},
     "POST comments",
     {"taskId": "t1", "points": [1], "text": "Why?", "contentName": "a.jpg", "type": "text",
      "scale": 0.5, "frame": 3, "status": "done", "priority": 0, "isResolved": True,
      "taskAnnotationId": "a1", "color": "#ff0000"}),
    ("create_task_comment", ("t1", [1], "Because."), {"comment_id": "c1", "scale": 2},
     "POST comments/c1/threads", {"text": "Because."}),
]  # fmt: skip

CREATING_FROM_A_FILE: list[tuple[str, tuple[Any, ...], dict[str, Any], str, Any]] = [
    ("create_image_task", ("cats", "a.jpg", "FILE"), {}, "tasks/image",
     {"project": "cats", "name": "a.jpg"}),
    ("create_image_task",
     ("cats", "a.jpg", "FILE", "completed", "skipped", "pending", 10, [BOX], ["t"], METADATAS,
      True),
     PEOPLE, "tasks/image",
     {"project": "cats", "name": "a.jpg", **SENT_STATE, "customTaskStatus": "pending",
      "annotations": [sent_box("a.jpg")], "metadatas": METADATAS, "isDeleteExif": True,
      **SENT_PEOPLE}),
    ("create_image_classification_task",
     ("cats", "a.jpg", "FILE", "completed", "skipped", 10, ATTRIBUTES, ["t"], True), PEOPLE,
     "tasks/image/classification",
     {"project": "cats", "name": "a.jpg", **SENT_STATE, "attributes": ATTRIBUTES,
      "isDeleteExif": True, **SENT_PEOPLE}),
    ("create_multi_image_classification_task",
     ("cats", "a", "FOLDER", "completed", "skipped", 10, ATTRIBUTES, ["t"], True), PEOPLE,
     "tasks/multi-image/classification",
     {"project": "cats", "name": "a", **SENT_STATE, "attributes": ATTRIBUTES,
      "isDeleteExif": True, **SENT_PEOPLE}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "args", "kwargs", "target"), [*READING, *kind_rows.READING])
def test_reading(
    script: ScriptedServer,
    call: Callable[..., Any],
    method: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    target: str,
) -> None:
    script.answer = lambda _request: Reply([])

    call(method, *args, **kwargs)

    (request,) = script.received
    assert request.verb == "GET"
    assert request.target.replace("+", "%20") == f"/v1/{target}"


@pytest.mark.parametrize(
    ("method", "args", "kwargs", "target", "body"), [*WRITING, *kind_rows.WRITING]
)
def test_writing(
    script: ScriptedServer,
    call: Callable[..., Any],
    method: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    target: str,
    body: Any,
) -> None:
    assert call(method, *args, **kwargs) == "an-id"

    (request,) = script.received
    assert f"{request.verb} {request.target}" == target.replace(" ", " /v1/")
    assert request.json == body


@pytest.mark.parametrize(("method", "args", "kwargs", "path", "body"), CREATING_FROM_A_FILE)
def test_creating_from_files(
    script: ScriptedServer,
    call: Callable[..., Any],
    tmp_path: Path,
    method: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    path: str,
    body: Any,
) -> None:
    names = ("b.jpg",) if "FILE" in args else ("a.GIF", "b.jpg", "c.png")
    for name in reversed((*names, ".hidden")):
        (tmp_path / name).write_text(name)
    places = {"FILE": tmp_path / "b.jpg", "FOLDER": str(tmp_path)}
    args = tuple(places.get(a, a) if isinstance(a, str) else a for a in args)

    assert call(method, *args, **kwargs) == "an-id"

    (request,) = script.received
    assert f"{request.verb} {request.target}" == f"POST /v1/{path}"
    (first, *files) = request.parts
    assert first[0] == "request"
    assert Received("", "", {}, first[2], 0).json == body
    part = "file" if len(names) == 1 else "contents"
    assert files == [(part, name, name.encode()) for name in names]


@pytest.mark.parametrize("kind", kind_rows.KINDS, ids=lambda kind: kind.noun)
def test_creating_tasks_of_every_kind(
    script: ScriptedServer, call: Callable[..., Any], tmp_path: Path, kind: kind_rows.Kind
) -> None:
    names = [f"{name}{kind.extension}" for name in ("c", "a", "b")]
    for name in (*names, ".hidden"):
        (tmp_path / name).write_text(name)
    source = tmp_path if kind.several else tmp_path / names[0]
    state = (*kind_rows.STATE, [kind_rows.FETCHED], ["t"])
    fields: dict[str, Any] = {"annotations": [kind.sent_label("dir/t")]}
    if kind.is_classification:
        state = (*kind_rows.STATE, kind_rows.ATTRIBUTES, ["t"])
        fields = {"attributes": kind_rows.ATTRIBUTES}

    method = f"create_{kind.noun}_task"
    assert call(method, "cats", "dir/t", source, *state, assignee="ann") == "an-id"

    (request,) = script.received
    assert f"{request.verb} {request.target}" == f"POST /v1/tasks/{kind.path}"
    (first, *files) = request.parts
    sent = {"project": "cats", "name": "dir/t", **kind_rows.SENT_STATE, "tags": ["t"]}
    assert Received("", "", {}, first[2], 0).json == {**sent, **fields, "assignee": "ann"}
    part = "contents" if kind.several else "file"
    expected = sorted(names) if kind.several else names[:1]
    assert files == [(part, name, name.encode()) for name in expected]


def vars_of(cls: type) -> dict[str, Any]:
    return {name: getattr(cls, name) for name in dir(cls)}


def test_every_method_has_a_row() -> None:
    rows = {row[0] for row in (*READING, *WRITING, *CREATING_FROM_A_FILE)} | kind_rows.NAMES
    with_endpoint = {n for n, m in vars_of(Resources).items() if getattr(m, "endpoint", None)}

    # Those have tests of their own.
    assert with_endpoint - rows == {
        "add_task_tags",
        "remove_task_tags",
        *(name for name in with_endpoint if re.fullmatch(r"create_\w+_tasks", name)),
        "create_dicom_task",
        "import_appendix_file",
        "import_robotics_contents_file",
        "delete_workspace_user",
        "create_workspace_user_module_permissions",
        "delete_workspace_user_module_permissions",
    }


def test_a_comment_names_its_content_one_way(
    script: ScriptedServer, call: Callable[..., Any]
) -> None:
    with pytest.raises(FastLabelInvalidException, match="either content_name or content_id") as e:
        call("create_task_comment", "t1", [1], "A", content_name="a.jpg", content_id="f1")
    assert e.value.code == 422
    assert script.received == []


def test_removing_a_user_of_the_workspace_is_a_role(
    script: ScriptedServer, call: Callable[..., Any]
) -> None:
    script.replies = [Reply({"role": "none"})]
    assert call("delete_workspace_user", "a@b.c") is None
    (request,) = script.received
    assert f"{request.verb} {request.target}" == "PUT /v1/workspaces-users/internal-users"
    assert request.json == {"email": "a@b.c", "role": "none"}


@pytest.mark.parametrize("modules", ["modelDev", ["modelDev"], ("modelDev", "dataset")])
def test_modules_are_permitted_by_a_request_each(
    script: ScriptedServer, call: Callable[..., Any], modules: Any
) -> None:
    paths = ["model-dev", "dataset"][: 1 if isinstance(modules, str) else len(modules)]
    script.replies = [Reply(f"answer {n}") for n in range(len(paths))]
    answers = call("create_workspace_user_module_permissions", "a@b.c", modules)
    assert answers == [f"answer {n}" for n in range(len(paths))]
    assert [f"{one.verb} {one.target}" for one in script.received] == [
        f"POST /v1/function-resource-permissions/{path}/internal-users" for path in paths
    ]
    assert [one.json for one in script.received] == [{"email": "a@b.c"}] * len(paths)


@pytest.mark.parametrize("modules", ["modelDev", ["modelDev", "annotation"]])
def test_modules_are_taken_by_a_request_each_that_has_a_body(
    script: ScriptedServer, call: Callable[..., Any], modules: Any
) -> None:
    assert call("delete_workspace_user_module_permissions", "a@b.c", modules) is None
    names = [modules] if isinstance(modules, str) else modules
    assert {f"{one.verb} {one.target}" for one in script.received} == {
        "DELETE /v1/function-resource-permissions"
    }
    assert [one.json for one in script.received] == [
        {"email": "a@b.c", "resource": name} for name in names
    ]


@pytest.mark.parametrize("verb", ["create", "delete"])
def test_modules_before_an_unknown_one_have_gone_out(
    script: ScriptedServer, call: Callable[..., Any], verb: str
) -> None:
    with pytest.raises(FastLabelInvalidException, match=r"modules: .*'model-dev'") as caught:
        call(f"{verb}_workspace_user_module_permissions", "a@b.c", ["dataset", "model-dev"])
    assert caught.value.code == 422
    assert len(script.received) == 1


@pytest.mark.parametrize("verb", ["add", "remove"])
def test_tags_of_many_tasks_change_in_batches(
    script: ScriptedServer, call: Callable[..., Any], verb: str
) -> None:
    script.replies = [Reply({"updatedTaskCount": 4999}), Reply({"updatedTaskCount": 1})]
    ids = [f"t{n}" for n in range(5001)]

    assert call(f"{verb}_task_tags", "cats", [*ids, "t0"], ["small"]) == 5000

    first, second = script.received
    assert first.target == second.target == f"/v1/tasks/tags/{verb}"
    assert first.json == {"project": "cats", "taskIds": ids[:5000], "tags": ["small"]}
    assert second.json == {"project": "cats", "taskIds": ["t5000"], "tags": ["small"]}


@pytest.mark.parametrize(("ids", "tags"), [([], ["small"]), (["t1"], [])])
def test_tags_of_nothing_are_refused(
    script: ScriptedServer, call: Callable[..., Any], ids: list[str], tags: list[str]
) -> None:
    with pytest.raises(FastLabelInvalidException, match="expected at least one") as caught:
        call("add_task_tags", "cats", ids, tags)

    assert caught.value.code == 422
    assert script.received == []


def test_the_questions_of_a_project_are_found_by_its_slug(
    script: ScriptedServer, call: Callable[..., Any]
) -> None:
    script.replies = [Reply([{"id": "c7"}]), Reply("c7")]

    changed = call("update_classification_annotation", project="cats", attributes=CLASS_ATTRIBUTES)

    assert changed == "c7"
    found, updated = script.received
    assert found.query == {"project": ["cats"], "value": ["classification"]}
    assert f"{updated.verb} {updated.target}" == "PUT /v1/annotations/classification/c7"
    assert updated.json == {"attributes": CLASS_ATTRIBUTES}


def test_a_project_without_questions_says_so(
    script: ScriptedServer, call: Callable[..., Any]
) -> None:
    script.replies = [Reply([])]

    with pytest.raises(FastLabelNotFoundException, match="create_classification_annotation"):
        call("update_classification_annotation", project="cats", attributes=CLASS_ATTRIBUTES)


@pytest.mark.parametrize(
    "kwargs",
    [
        {"annotation_id": "c1"},
        {"attributes": CLASS_ATTRIBUTES},
        {"annotation_id": "c1", "project": "cats", "attributes": CLASS_ATTRIBUTES},
    ],
)
def test_the_questions_need_one_owner_and_a_list(
    dry_client: Client, kwargs: dict[str, Any]
) -> None:
    with pytest.raises(FastLabelInvalidException, match=r"missing|expected either") as caught:
        dry_client.update_classification_annotation(**kwargs)
    assert caught.value.code == 422


@pytest.mark.parametrize("method", ["find_project_by_slug", "find_image_task_by_name"])
def test_finding_gives_the_first_or_none(
    script: ScriptedServer, call: Callable[..., Any], method: str
) -> None:
    args = ("cats",) if "slug" in method else ("cats", "a.jpg")
    script.replies = [Reply([{"id": "first"}, {"id": "second"}]), Reply([])]

    assert call(method, *args) == {"id": "first"}
    assert call(method, *args) is None


LIMITED = [
    name
    for name, method in vars_of(Resources).items()
    if name.startswith("get_") and "limit" in inspect.signature(method).parameters
]


@pytest.mark.parametrize("method", LIMITED)
def test_a_limit_above_the_maximum_is_refused(
    script: ScriptedServer, call: Callable[..., Any], method: str
) -> None:
    args: tuple[str, ...] = () if method == "get_project_id_slug_map" else ("cats",)
    if method == "get_task_comments":
        args = ("cats", "t1")
    most = getattr(Resources, method).endpoint.max_limit

    with pytest.raises(
        FastLabelInvalidException, match=f"limit: expected up to {most:,}"
    ) as caught:
        call(method, *args, limit=most + 1)

    assert caught.value.code == 422
    assert script.received == []


@pytest.mark.parametrize("project_id", ["", None])
def test_an_empty_id_does_not_address_the_list(
    script: ScriptedServer, call: Callable[..., Any], project_id: Any
) -> None:
    with pytest.raises(FastLabelInvalidException, match="project_id: expected an id"):
        call("delete_project", project_id)

    assert script.received == []


def test_unknown_keywords_are_ignored_with_a_hint(
    script: ScriptedServer, call: Callable[..., Any]
) -> None:
    with pytest.warns(UserWarning, match="ignores the unknown argument asignee; .* assignee") as w:
        call("update_task", "t1", status="completed", asignee="ann")

    assert script.received[0].json == {"status": "completed"}
    assert Path(w[0].filename).name in (Path(__file__).name, "conftest.py")


def test_known_keywords_give_no_warning(script: ScriptedServer, call: Callable[..., Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        call("update_task", "t1", reviewer=None)

    assert script.received[0].json == {"reviewer": None}


def test_a_missing_argument_is_a_type_error(call: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match="slug"):
        call("create_project", "image_bbox", "Cats")
