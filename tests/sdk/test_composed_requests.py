"""What methods send that ask more than once, or otherwise than their arguments say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fastlabel import Client, FastLabelInvalidException, FastLabelNotFoundException
from sdk.request_rows.base import CLASS_ATTRIBUTES
from sdk.scripted_server import Reply, ScriptedServer


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
