"""What tasks of every kind have in common: state, deletion, counts, names, tags, revisions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from api.conftest import Raw
from fastlabel import Client
from fastlabel.exceptions import FastLabelInvalidException, FastLabelNotFoundException
from fastlabel_server import tables
from fastlabel_server.db import Database
from servers import Server

NOWHERE = "00000000-0000-7000-8000-000000000000"
BOX = {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4]}


@pytest.fixture
def three(client: Client, project: str, cat_jpg: Path) -> list[str]:
    """Ids of three tasks named a, b, c."""
    return [client.create_image_task(project, name, cat_jpg) for name in "abc"]


def test_a_task_of_any_kind_is_updated_by_its_id(
    client: Client, project: str, three: list[str]
) -> None:
    assert client.update_task(
        three[0], status="completed", external_status="approved", priority=20, tags=["x"]
    ) == three[0]  # fmt: skip
    task = client.find_image_task(three[0])
    state = (task["status"], task["externalStatus"], task["priority"], task["tags"])
    assert state == ("completed", "approved", 20, ["x"])
    assert task["updatedAt"] >= task["createdAt"]
    assert client.find_image_task(three[1])["status"] == "registered"


def test_what_is_done_to_no_task_is_a_404(client: Client, project: str) -> None:
    for request in (
        lambda: client.update_task(NOWHERE, status="completed"),
        lambda: client.update_image_task(NOWHERE),
        lambda: client.delete_task(NOWHERE),
        lambda: client.delete_task_annotations(NOWHERE),
        lambda: client.get_task_revisions(NOWHERE),
        lambda: client.find_task_revision(NOWHERE, 1),
        lambda: client.restore_task_revision(NOWHERE, 1),
        lambda: client.add_task_tags(project, [NOWHERE], ["x"]),
        lambda: client.remove_task_tags(project, [NOWHERE], ["x"]),
        lambda: client.delete_tags([NOWHERE]),
    ):
        with pytest.raises(FastLabelNotFoundException, match=NOWHERE):
            request()


def test_a_deleted_task_leaves_nothing_and_frees_its_name(
    client: Client, project: str, three: list[str], cat_jpg: Path, database: Database
) -> None:
    client.update_image_task(three[1], annotations=[BOX], tags=["x"], assignee="owner")
    client.delete_task(three[1])
    assert client.get_task_id_name_map(project) == {three[0]: "a", three[2]: "c"}
    assert client.count_tasks(project) == 2
    with pytest.raises(FastLabelNotFoundException):
        client.find_image_task(three[1])
    with pytest.raises(FastLabelNotFoundException):
        client.delete_task(three[1])
    hanging = (
        tables.TaskRevision, tables.TaskClass, tables.TaskTag, tables.TaskAssignment, tables.Content
    )  # fmt: skip
    with database.read() as session:
        for table in hanging:
            left = select(func.count()).select_from(table).where(table.task_id == three[1])
            assert session.scalar(left) == 0, table
    again = client.create_image_task(project, "b", cat_jpg)
    assert list(client.get_task_id_name_map(project).values()) == ["a", "c", "b"]
    assert client.find_image_task(again)["annotations"] == []


def test_labels_are_deleted_and_the_rest_of_the_task_stays(
    client: Client, project: str, three: list[str]
) -> None:
    client.update_image_task(
        three[0], annotations=[BOX, BOX], tags=["x"], status="completed",
        relations=[{"startIndex": 0, "endIndex": 1}],
    )  # fmt: skip
    client.delete_task_annotations(three[0])
    task = client.find_image_task(three[0])
    assert (task["annotations"], task["relations"]) == ([], [])
    assert (task["tags"], task["status"]) == (["x"], "completed")
    revisions = len(client.get_task_revisions(three[0]))
    client.delete_task_annotations(three[0])
    assert len(client.get_task_revisions(three[0])) == revisions


def test_tags_are_added_and_the_tasks_that_changed_are_counted(
    client: Client, project: str, three: list[str]
) -> None:
    assert client.add_task_tags(project, three[:2], ["x", "y"]) == 2
    assert client.add_task_tags(project, [*three, three[0]], ["y", "x"]) == 1
    assert client.add_task_tags(project, three, ["x"]) == 0
    assert client.add_task_tags(project, [three[0]], ["z", "x"]) == 1
    shown = [task["tags"] for task in client.get_image_tasks(project)]
    assert shown == [["x", "y", "z"], ["x", "y"], ["y", "x"]]
    assert [(tag["name"], tag["order"]) for tag in client.get_tags(project)] == [
        ("x", 1),
        ("y", 2),
        ("z", 3),
    ]


def test_tags_are_taken_off_and_the_tasks_that_changed_are_counted(
    client: Client, project: str, three: list[str]
) -> None:
    client.add_task_tags(project, three[:2], ["x", "y", "z"])
    assert client.remove_task_tags(project, three, ["y", "unknown"]) == 2
    assert client.remove_task_tags(project, three, ["y", "unknown"]) == 0
    assert [task["tags"] for task in client.get_image_tasks(project)] == [
        ["x", "z"],
        ["x", "z"],
        [],
    ]
    assert [tag["name"] for tag in client.get_tags(project)] == ["x", "y", "z"]
    client.add_task_tags(project, [three[0]], ["y"])
    assert client.find_image_task(three[0])["tags"] == ["x", "z", "y"]


def test_tags_of_one_unknown_task_change_none(
    client: Client, project: str, three: list[str]
) -> None:
    with pytest.raises(FastLabelNotFoundException, match=NOWHERE):
        client.add_task_tags(project, [three[0], NOWHERE], ["x"])
    assert client.find_image_task(three[0])["tags"] == []
    assert client.get_tags(project) == []


@pytest.mark.parametrize(
    "body",
    [
        {"taskIds": [], "tags": ["x"]},
        {"taskIds": ["a"], "tags": []},
        {"taskIds": ["a"] * 5001, "tags": ["x"]},
        {"taskIds": ["a"], "tags": [f"t{n}" for n in range(21)]},
        {"taskIds": ["a"], "tags": ["x" * 141]},
        {"taskIds": "a", "tags": ["x"]},
    ],
)
@pytest.mark.parametrize("verb", ["add", "remove"])
def test_requests_about_tags_have_limits(
    sqlite_raw: Raw, sqlite_project: str, verb: str, body: dict[str, Any]
) -> None:
    body = {"project": sqlite_project, **body}
    assert sqlite_raw("POST", f"tasks/tags/{verb}", json=body).status_code == 422


def test_tags_are_found_by_a_part_of_their_name(
    client: Client, project: str, three: list[str]
) -> None:
    names = ["Night", "midnight", "day", "100%", "a_b", "猫の写真"]
    client.add_task_tags(project, [three[0]], names)
    for keyword, expected in (
        ("NIGHT", ["Night", "midnight"]),
        ("%", ["100%"]),
        ("_", ["a_b"]),
        ("猫", ["猫の写真"]),
        ("dusk", []),
    ):
        assert [tag["name"] for tag in client.get_tags(project, keyword)] == expected
    assert [tag["name"] for tag in client.get_tags(project, offset=1, limit=2)] == names[1:3]
    assert [tag["name"] for tag in client.iter_tags(project)] == names


def test_a_deleted_tag_is_off_its_tasks(client: Client, project: str, three: list[str]) -> None:
    client.add_task_tags(project, three, ["x", "y", "z"])
    x, y, z = client.get_tags(project)
    with pytest.raises(FastLabelNotFoundException, match=NOWHERE):
        client.delete_tags([x["id"], NOWHERE])
    assert len(client.get_tags(project)) == 3
    client.delete_tags([x["id"], z["id"]])
    assert client.get_tags(project) == [y]
    assert client.find_image_task(three[0])["tags"] == ["y"]
    assert client.count_tasks(project, tags=["x"]) == 0
    client.add_task_tags(project, [three[0]], ["x"])
    assert client.get_tags(project)[1]["id"] != x["id"]


def test_every_save_of_labels_is_a_revision_and_nothing_else_is(
    server: Server, client: Client, project: str, cat_jpg: Path
) -> None:
    task_id = client.create_image_task(project, "a", cat_jpg, annotations=[BOX])
    email = f"mia@{project}.example"
    theirs = server.client(server.create_user(email, "Mia", "member"))
    client.update_project_user_permission(project, email, "annotator")

    theirs.update_image_task(task_id, annotations=[BOX, BOX])
    theirs.update_image_task(task_id, status="completed", tags=["x"])
    theirs.delete_task_annotations(task_id)
    client.restore_task_revision(task_id, 2)

    found = client.get_task_revisions(task_id)
    told = [
        (r["revision"], r["via"], r["author"], r["annotationCount"], r["restoredFrom"])
        for r in found
    ]
    assert told == [
        (4, "restore", "Olga Owner", 2, 2),
        (3, "delete-annotations", "Mia", 0, None),
        (2, "update", "Mia", 2, None),
        (1, "create", "Olga Owner", 1, None),
    ]
    times = [revision["createdAt"] for revision in found]
    assert times == sorted(times, reverse=True)
    assert len(client.find_image_task(task_id)["annotations"]) == 2
    assert client.find_task_revision(task_id, 2) == {
        **found[2],
        "annotations": client.find_image_task(task_id)["annotations"],
        "relations": [],
    }


def test_a_restored_revision_brings_back_labels_relations_and_ids(
    client: Client, project: str, cat_jpg: Path
) -> None:
    task_id = client.create_image_task(project, "a", cat_jpg)
    annotation = {
        **BOX, "rotation": 1.5, "confidenceScore": 0.25,
        "attributes": [{"key": "kind", "value": "猫"}],
    }  # fmt: skip
    relations = [{"startIndex": 1, "endIndex": 0}]
    client.update_image_task(task_id, annotations=[annotation, BOX], relations=relations)
    before = client.find_image_task(task_id)
    client.update_image_task(task_id, annotations=[BOX])
    assert client.restore_task_revision(task_id, 2) == task_id
    after = client.find_image_task(task_id)
    assert {**after, "updatedAt": ""} == {**before, "updatedAt": ""}
    client.restore_task_revision(task_id, 1)
    assert client.find_image_task(task_id)["annotations"] == []


def test_old_labels_wear_the_names_of_today_and_miss_classes_that_are_gone(
    client: Client, project: str, cat_jpg: Path
) -> None:
    cat = client.get_annotations(project)[0]
    dog = client.create_annotation(project, "keypoint", "dog", "Dog")
    task_id = client.create_image_task(
        project, "a", cat_jpg, annotations=[BOX, {**BOX, "type": "keypoint", "value": "dog",
                                                  "points": [1, 2]}],
    )  # fmt: skip
    client.update_image_task(task_id, annotations=[BOX])
    client.update_annotation(cat["id"], value="kitten", title="Kitten")
    client.delete_annotation(dog)
    old = client.find_task_revision(task_id, 1)
    assert [(a["value"], a["title"]) for a in old["annotations"]] == [("kitten", "Kitten")]
    client.restore_task_revision(task_id, 1)
    shown = client.find_image_task(task_id)["annotations"]
    assert [annotation["value"] for annotation in shown] == ["kitten"]
    # A restored task is a whole task: it can be read, saved and counted.
    client.update_image_task(task_id, annotations=shown)
    assert client.get_task_revisions(task_id)[0]["annotationCount"] == 1


def test_answers_of_classification_tasks_have_revisions_too(
    client: Client, slug: str, cat_jpg: Path
) -> None:
    client.create_project("image_classification", "P", slug)
    sheet = [{"type": "text", "name": "Kind", "key": "kind"}]
    client.create_classification_annotation(slug, sheet)
    answer = [{"key": "kind", "value": "cat"}]
    task_id = client.create_image_classification_task(slug, "a", cat_jpg, attributes=answer)
    client.update_image_classification_task(task_id, attributes=[{"key": "kind", "value": "dog"}])
    old = client.find_task_revision(task_id, 1)
    assert [a["value"] for a in old["attributes"]] == ["cat"]
    assert "annotations" not in old
    client.restore_task_revision(task_id, 1)
    shown = client.find_image_classification_task(task_id)["attributes"]
    assert [a["value"] for a in shown] == ["cat"]


def test_a_revision_that_is_not_there_is_a_404(client: Client, raw: Raw, three: list[str]) -> None:
    for request in (client.find_task_revision, client.restore_task_revision):
        with pytest.raises(FastLabelNotFoundException, match="revisions 1 to 1"):
            request(three[0], 2)
    for number in ("0", "-1", "x", "1.5", str(10**20)):
        assert raw("GET", f"tasks/{three[0]}/revisions/{number}").status_code == 422
    with pytest.raises(FastLabelInvalidException):
        client.find_task_revision(three[0], 0)
