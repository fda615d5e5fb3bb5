"""Image tasks: their state, their people, their names, and what an update leaves alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api.conftest import Raw
from conftest import jpeg_bytes
from fastlabel import Client
from fastlabel.exceptions import (
    FastLabelConflictException,
    FastLabelInvalidException,
    FastLabelNotFoundException,
)
from servers import Server

STATUSES = (
    "pending", "registered", "completed", "skipped",
    "reviewed", "sent_back", "approved", "declined",
)  # fmt: skip
EXTERNAL_STATUSES = (
    "registered", "completed", "skipped", "reviewed",
    "sent_back", "approved", "declined", "customer_declined",
)  # fmt: skip
BOX = {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4]}
ROLES = (
    "assignee", "reviewer", "approver", "externalAssignee", "externalReviewer", "externalApprover",
)  # fmt: skip


def test_a_new_task_has_defaults_for_what_is_not_given(
    client: Client, project: str, cat_jpg: Path
) -> None:
    task_id = client.create_image_task(project, "a.jpg", cat_jpg)
    task: dict[str, Any] = {**client.find_image_task(task_id)}
    assert task.pop("url").startswith("http")
    assert task.pop("createdAt") == task.pop("updatedAt")
    workflow_users = {f"workflow{number}User": None for number in range(1, 7)}
    assert task == {
        "id": task_id,
        "name": "a.jpg",
        "width": 64,
        "height": 48,
        "status": "registered",
        "externalStatus": "registered",
        "customTaskStatus": None,
        "priority": 0,
        "tags": [],
        **dict.fromkeys(ROLES),
        **workflow_users,
        "metadatas": [],
        "annotations": [],
        "relations": [],
    }


def test_a_task_is_found_by_id_and_by_its_exact_name(
    client: Client, project: str, cat_jpg: Path
) -> None:
    task_id = client.create_image_task(project, "cats/a 1.jpg", cat_jpg)
    found = client.find_image_task(task_id)
    assert client.find_image_task_by_name(project, "cats/a 1.jpg") == found
    assert client.get_image_tasks(project) == [found]
    for other in ("cats/a 1", "CATS/a 1.jpg", "cats/a%201.jpg", "cats/a 1.jpg "):
        assert client.find_image_task_by_name(project, other) is None
    with pytest.raises(FastLabelNotFoundException):
        client.find_image_classification_task(task_id)


def test_every_status_can_be_set_at_creation_and_later(
    client: Client, project: str, cat_jpg: Path
) -> None:
    for status, external in zip(STATUSES, EXTERNAL_STATUSES, strict=True):
        task_id = client.create_image_task(
            project, f"{status}.jpg", cat_jpg, status=status, external_status=external
        )  # type: ignore[arg-type]
        task = client.find_image_task(task_id)
        assert (task["status"], task["externalStatus"]) == (status, external)
    for status, external in zip(reversed(STATUSES), EXTERNAL_STATUSES, strict=True):
        client.update_image_task(task_id, status=status, external_status=external)  # type: ignore[arg-type]
        task = client.find_image_task(task_id)
        assert (task["status"], task["externalStatus"]) == (status, external)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "customer_declined"),
        ("status", "done"),
        ("externalStatus", "pending"),
        ("priority", 5),
        ("priority", "10"),
        ("priority", True),
        ("customTaskStatus", "workflow_7_completed"),
        ("tags", ["a", 1]),
        ("tags", [" "]),
        ("tags", ["x" * 141]),
        ("tags", "seen"),
        ("metadatas", [{"key": "a"}]),
        ("assignee", 3),
        ("attributes", [{"key": "a", "value": "b"}]),
    ],
)
def test_a_state_of_nonsense_is_refused_and_changes_nothing(
    sqlite_raw: Raw, sqlite_client: Client, sqlite_project: str, field: str, value: object
) -> None:
    body = {"project": sqlite_project, "name": "a", field: value}
    file = ("a.jpg", jpeg_bytes())
    response = sqlite_raw.upload(body, file)
    assert response.status_code == 422, response.text
    assert response.json()["message"].startswith(field)
    assert sqlite_client.count_tasks(sqlite_project) == 0
    task_id = sqlite_raw.upload({"project": sqlite_project, "name": "a"}, file).json()
    before = sqlite_client.find_image_task(task_id)
    change = {"status": "completed", field: value}
    response = sqlite_raw("PUT", f"tasks/image/{task_id}", json=change)
    assert response.status_code == 422, response.text
    assert response.json()["message"].startswith(field)
    assert sqlite_client.find_image_task(task_id) == before


def test_custom_statuses_belong_to_the_workflow_custom(
    client: Client, project: str, cat_jpg: Path, raw: Raw
) -> None:
    with pytest.raises(FastLabelInvalidException, match=r"customTaskStatus: .* two_step"):
        client.create_image_task(project, "a", cat_jpg, custom_task_status="workflow_1_completed")
    project_id = client.get_projects(slug=project)[0]["id"]
    assert raw("PUT", f"projects/{project_id}", json={"workflow": "custom"}).status_code == 200
    task_id = client.create_image_task(
        project, "a", cat_jpg, custom_task_status="workflow_1_completed"
    )
    assert client.find_image_task(task_id)["customTaskStatus"] == "workflow_1_completed"
    client.update_image_task(task_id, custom_task_status="workflow_2_declined")
    client.update_image_task(task_id, status="completed")
    assert client.find_image_task(task_id)["customTaskStatus"] == "workflow_2_declined"


def test_a_priority_of_zero_is_a_priority(client: Client, project: str, cat_jpg: Path) -> None:
    task_id = client.create_image_task(project, "a", cat_jpg, priority=30)
    assert client.find_image_task(task_id)["priority"] == 30
    client.update_image_task(task_id, status="completed")
    assert client.find_image_task(task_id)["priority"] == 30
    client.update_image_task(task_id, priority=0)
    assert client.find_image_task(task_id)["priority"] == 0


def test_people_go_in_as_slugs_and_come_out_as_names(
    server: Server, client: Client, project: str, cat_jpg: Path
) -> None:
    server.create_user(f"mia@{project}.example", "Mia 三浦", "member", f"mia-{project}")
    client.update_project_user_permission(project, f"mia@{project}.example", "annotator")
    task_id = client.create_image_task(
        project, "a", cat_jpg, assignee=f"mia-{project}", external_reviewer="owner",
        workflow_6_user="owner",
    )  # fmt: skip
    task: dict[str, Any] = {**client.find_image_task(task_id)}
    assigned = {key: value for key, value in task.items() if value in ("Mia 三浦", "Olga Owner")}
    assert assigned == {
        "assignee": "Mia 三浦",
        "externalReviewer": "Olga Owner",
        "workflow6User": "Olga Owner",
    }
    client.update_image_task(task_id, assignee=None, reviewer=f"mia-{project}")
    task = {**client.find_image_task(task_id)}
    assert (task["assignee"], task["reviewer"]) == (None, "Mia 三浦")
    assert task["externalReviewer"] == "Olga Owner"
    client.update_task(task_id, reviewer="owner", approver="owner", external_reviewer=None)
    task = {**client.find_image_task(task_id)}
    assert [task[role] for role in ROLES] == [None, "Olga Owner", "Olga Owner", None, None, None]


def test_only_people_of_the_project_are_assigned(
    server: Server, client: Client, project: str, cat_jpg: Path
) -> None:
    assert server.stranger_token
    task_id = client.create_image_task(project, "a", cat_jpg, assignee="owner")
    for slug, message in (
        ("nobody", r"assignee: the workspace has no user 'nobody'"),
        ("Olga Owner", r"assignee: the workspace has no user 'Olga Owner'"),
        ("stranger", rf"assignee: 'stranger' is not a member of project '{project}'"),
    ):
        with pytest.raises(FastLabelInvalidException, match=message) as refused:
            client.create_image_task(project, "b", cat_jpg, assignee=slug)
        assert refused.value.code == 422
        with pytest.raises(FastLabelInvalidException, match=message):
            client.update_image_task(task_id, status="completed", assignee=slug)
    task = client.find_image_task(task_id)
    assert (task["assignee"], task["status"]) == ("Olga Owner", "registered")
    assert client.count_tasks(project) == 1


def test_tags_keep_the_order_they_were_given_in(
    client: Client, project: str, cat_jpg: Path
) -> None:
    task_id = client.create_image_task(project, "a", cat_jpg, tags=["b", "猫", "a", "b"])
    assert client.find_image_task(task_id)["tags"] == ["b", "猫", "a"]
    client.update_image_task(task_id, tags=["z", "a"])
    assert client.find_image_task(task_id)["tags"] == ["z", "a"]
    client.update_image_task(task_id, status="completed")
    assert client.find_image_task(task_id)["tags"] == ["z", "a"]
    assert [tag["name"] for tag in client.get_tags(project)] == ["b", "猫", "a", "z"]


def test_metadata_keep_their_types(client: Client, project: str, cat_jpg: Path) -> None:
    for key, key_type in (
        ("site", "text"), ("count", "number"), ("ratio", "number"), ("open", "switch"),
        ("none", "text"), ("room", "text"),
    ):  # fmt: skip
        client.create_metadata(project, key, key_type)
    metadatas = [
        {"key": "site", "value": "大阪"},
        {"key": "count", "value": 3},
        {"key": "ratio", "value": 3.0},
        {"key": "open", "value": True},
        {"key": "none", "value": None},
        {"key": "room", "value": 4},
    ]
    task_id = client.create_image_task(project, "a", cat_jpg, metadatas=metadatas)
    shown = client.find_image_task(task_id)["metadatas"]
    assert repr(shown) == repr(metadatas)
    client.update_task(task_id, metadatas=[{"key": "site", "value": "京都"}])
    assert client.find_image_task(task_id)["metadatas"] == [{"key": "site", "value": "京都"}]


def test_relations_point_into_the_annotations_of_their_call(
    client: Client, project: str, cat_jpg: Path
) -> None:
    task_id = client.create_image_task(project, "a", cat_jpg, annotations=[BOX])
    relations = [{"startIndex": 2, "endIndex": 0}, {"startIndex": 1, "endIndex": 1}]
    client.update_image_task(task_id, annotations=[BOX, BOX, BOX], relations=relations)
    assert client.find_image_task(task_id)["relations"] == relations
    client.update_image_task(task_id, status="completed")
    assert client.find_image_task(task_id)["relations"] == relations
    client.update_image_task(task_id, relations=[{"startIndex": 0, "endIndex": 1}])
    found = client.find_image_task(task_id)
    assert found["relations"] == [{"startIndex": 0, "endIndex": 1}]
    assert len(found["annotations"]) == 3
    with pytest.raises(FastLabelInvalidException, match=r"relations\[0\]: .* 3 .* index 3"):
        client.update_image_task(task_id, relations=[{"startIndex": 0, "endIndex": 3}])
    client.update_image_task(task_id, annotations=[BOX])
    assert client.find_image_task(task_id)["relations"] == []


def test_an_update_replaces_the_annotations_and_leaves_the_rest(
    client: Client, project: str, cat_jpg: Path
) -> None:
    client.create_metadata(project, "k", "number")
    task_id = client.create_image_task(
        project, "a", cat_jpg, status="completed", priority=20, tags=["seen"],
        annotations=[BOX, BOX], metadatas=[{"key": "k", "value": 1}], assignee="owner",
    )  # fmt: skip
    before = client.find_image_task(task_id)
    assert client.update_image_task(task_id, annotations=[{**BOX, "points": [9, 9, 10, 10]}])
    after = client.find_image_task(task_id)
    assert [annotation["points"] for annotation in after["annotations"]] == [[9, 9, 10, 10]]
    for task in (before, after):
        task.update(annotations=[], updatedAt="")
    assert after == before


def test_an_empty_update_changes_nothing(
    raw: Raw, client: Client, project: str, cat_jpg: Path
) -> None:
    task_id = client.create_image_task(project, "a", cat_jpg, annotations=[BOX], tags=["seen"])
    before = client.find_image_task(task_id)
    for path in (f"tasks/image/{task_id}", f"tasks/{task_id}"):
        for body in ({}, {"status": None, "tags": None, "annotations": None}, {"later": [1]}):
            response = raw("PUT", path, json=body)
            assert (response.status_code, response.json()) == (200, task_id)
    assert client.find_image_task(task_id) == before
    assert len(client.get_task_revisions(task_id)) == 1


def test_an_empty_list_takes_all_away(
    raw: Raw, client: Client, project: str, cat_jpg: Path
) -> None:
    task_id = client.create_image_task(project, "a", cat_jpg, annotations=[BOX], tags=["seen"])
    raw("PUT", f"tasks/image/{task_id}", json={"annotations": [], "tags": []})
    found = client.find_image_task(task_id)
    assert (found["annotations"], found["tags"]) == ([], [])


def test_fields_of_later_clients_are_ignored(sqlite_raw: Raw, sqlite_project: str) -> None:
    body = {"project": sqlite_project, "name": "a", "hologram": {"deep": [1, None]}}
    response = sqlite_raw.upload(body, ("a.jpg", jpeg_bytes()))
    assert response.status_code == 200


def test_a_name_belongs_to_one_task_of_a_project(
    client: Client, project: str, slug: str, cat_jpg: Path
) -> None:
    first = client.create_image_task(project, "a", cat_jpg)
    with pytest.raises(FastLabelConflictException, match=rf"name: .*'{project}'.*'a'"):
        client.create_image_task(project, "a", cat_jpg)
    client.create_image_task(project, "A", cat_jpg)
    client.create_project("image_bbox", "Other", f"{slug}-b")
    client.create_image_task(f"{slug}-b", "a", cat_jpg)
    client.delete_task(first)
    assert client.create_image_task(project, "a", cat_jpg) != first


@pytest.mark.parametrize(
    "name",
    ["a", "cats/2024/a.jpg", "猫 ✓ é.jpg", "a..b", "...", ".hidden", "a?b#c%20&d", "x" * 500],
)
def test_names_that_are_relative_paths_are_fine(
    client: Client, project: str, cat_jpg: Path, name: str
) -> None:
    task_id = client.create_image_task(project, name, cat_jpg)
    assert client.find_image_task(task_id)["name"] == name
    found = client.find_image_task_by_name(project, name)
    assert found is not None and found["id"] == task_id


@pytest.mark.parametrize(
    "name",
    [
        "", " ", "\t", "/etc/passwd", "..", "../a", "a/../b", "a/..", "..\\a", "\\a", "a\nb",
        "a\x00b", "a\x1b", "x" * 501, None, 7,
    ],
)  # fmt: skip
def test_names_that_would_leave_a_folder_or_say_nothing_are_refused(
    sqlite_raw: Raw, sqlite_project: str, name: object
) -> None:
    response = sqlite_raw.upload({"project": sqlite_project, "name": name}, ("a.jpg", jpeg_bytes()))
    assert response.status_code == 422
    assert response.json()["message"].startswith("name: ")
