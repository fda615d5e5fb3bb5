"""Comments on tasks: where they lie, what is written in them, and who may change it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.conftest import Raw
from conftest import jpeg_bytes
from fastlabel import Client
from fastlabel.exceptions import (
    FastLabelInvalidException,
    FastLabelNotFoundException,
    FastLabelPermissionException,
)
from servers import Server

NOWHERE = "00000000-0000-7000-8000-000000000000"
BOX = {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4]}
AS_THE_OFFICIAL_CLIENT = {
    "points": None, "type": "text", "isResolved": False, "scale": 0, "frame": 0,
}  # fmt: skip
"""What the official client sends of a comment that was given only a task and a text."""


@pytest.fixture
def task_id(client: Client, project: str, cat_jpg: Path) -> str:
    return client.create_image_task(project, "a.jpg", cat_jpg, annotations=[BOX])


@pytest.fixture
def member(server: Server, client: Client, project: str) -> Callable[[str, str], Client]:
    """Give a client of a new user with a role in the project."""

    def make(name: str, role: str) -> Client:
        email = f"{name.lower()}@{project}.example"
        token = server.create_user(email, name, "member")
        client.update_project_user_permission(project, email, role)  # type: ignore[arg-type]
        return server.client(token)

    return make


def texts(client: Client, project: str, task_id: str) -> list[list[str]]:
    return [
        [thread["text"] for thread in comment["threads"]]
        for comment in client.get_task_comments(project, task_id)
    ]


def test_a_comment_shows_what_it_was_created_with(
    client: Client, project: str, task_id: str
) -> None:
    annotation_id = client.find_image_task(task_id)["annotations"][0]["id"]
    comment = client.create_task_comment(
        task_id, [10, 20.5, 30.0], "左の耳 ✓", content_name="a.jpg", scale=1.0, frame=3,
        status="in review", priority=2, is_resolved=True, task_annotation_id=annotation_id,
        color="#FF8800",
    )  # fmt: skip
    shown = dict(comment)
    times = [shown.pop("createdAt"), shown.pop("updatedAt")]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z", str(time)) for time in times)
    [thread] = comment["threads"]
    assert shown == {
        "id": comment["id"],
        "taskId": task_id,
        "contentId": comment["contentId"],
        "contentName": "a.jpg",
        "type": "text",
        "isResolved": True,
        "points": [10, 20.5, 30.0],
        "scale": 1.0,
        "frame": 3,
        "status": "in review",
        "priority": 2,
        "taskAnnotationId": annotation_id,
        "issueCategoryId": None,
        "color": "#FF8800",
        "userName": "Olga Owner",
        "threads": [thread],
    }
    assert repr(comment["points"]) == "[10, 20.5, 30.0]"
    assert repr(comment["scale"]) == "1.0"
    assert (thread["text"], thread["userName"]) == ("左の耳 ✓", "Olga Owner")
    assert client.get_task_comments(project, task_id) == [comment]


def test_a_comment_needs_only_a_task_and_a_text(raw: Raw, project: str, task_id: str) -> None:
    sent = (AS_THE_OFFICIAL_CLIENT, {}, dict.fromkeys(AS_THE_OFFICIAL_CLIENT))
    for body in sent:
        response = raw("POST", "comments", json={"taskId": task_id, "text": "Which?", **body})
        assert response.status_code == 200, response.text
        comment = response.json()
        assert (comment["type"], comment["status"], comment["priority"]) == ("text", "todo", 0)
        assert (comment["isResolved"], comment["points"]) == (False, [])
        assert (comment["scale"], comment["frame"], comment["color"]) == (0, 0, None)
        assert comment["taskAnnotationId"] is None
        assert comment["contentName"] == "a.jpg"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", None),
        ("text", " "),
        ("text", "a\x00b"),
        ("text", "x" * 10_001),
        ("type", "image"),
        ("points", 3),
        ("points", ["1"]),
        ("points", [True]),
        ("points", [[1, 2]]),
        ("isResolved", "no"),
        ("scale", "1"),
        ("frame", -1),
        ("frame", 1.5),
        ("status", ""),
        ("priority", "high"),
        ("color", "red"),
        ("taskId", None),
        ("taskAnnotationId", NOWHERE),
        ("contentName", "b.jpg"),
        ("contentId", NOWHERE),
    ],
)  # fmt: skip
def test_a_comment_of_nonsense_is_refused(
    sqlite_raw: Raw, sqlite_client: Client, sqlite_project: str, cat_jpg: Path, field: str,
    value: object,
) -> None:  # fmt: skip
    task_id = sqlite_client.create_image_task(sqlite_project, "a.jpg", cat_jpg)
    body = {"taskId": task_id, "text": "A", "points": [1, 2], field: value}
    response = sqlite_raw("POST", "comments", json=body)
    assert response.status_code == 422
    assert response.json()["message"].startswith(f"{field}")
    assert sqlite_client.get_task_comments(sqlite_project, task_id) == []


def test_a_content_is_named_one_way_and_must_be_where_there_are_several(
    sqlite_raw: Raw, sqlite_client: Client, slug: str, tmp_path: Path
) -> None:
    sqlite_client.create_project("multi_image_classification", "Views", slug)
    for name in ("left.jpg", "right.jpg"):
        (tmp_path / name).write_bytes(jpeg_bytes())
    task_id = sqlite_client.create_multi_image_classification_task(slug, "view", str(tmp_path))

    def comment(**content: str) -> Any:
        body = {"taskId": task_id, "text": "Blurred", "points": [1, 2], **content}
        return sqlite_raw("POST", "comments", json=body)

    named = comment(contentName="right.jpg").json()
    by_id = comment(contentId=named["contentId"]).json()
    assert named["contentName"] == by_id["contentName"] == "right.jpg"
    for refused, message in (
        (comment(), "contentName: the task has 2 contents; name the one that is meant"),
        (comment(contentName="left.jpg", contentId=named["contentId"]),
         "contentName: give either contentName or contentId, not both"),
        (comment(contentName="top.jpg"), "there are 'left.jpg' or 'right.jpg'"),
    ):  # fmt: skip
        assert refused.status_code == 422
        assert message in refused.json()["message"]
    assert len(sqlite_client.get_task_comments(slug, task_id)) == 2


def test_a_comment_is_about_a_task_that_the_caller_sees(
    server: Server, client: Client, project: str, task_id: str, cat_jpg: Path
) -> None:
    comment = client.create_task_comment(task_id, [1, 2], "Ours")
    thread_id = comment["threads"][0]["id"]
    stranger = server.client(server.stranger_token)
    for request in (
        lambda: stranger.create_task_comment(task_id, [1, 2], "Theirs"),
        lambda: stranger.create_task_comment(text="Theirs", comment_id=comment["id"]),
        lambda: stranger.update_task_comment_state(comment["id"], is_resolved=True),
        lambda: stranger.update_task_comment(thread_id, "Theirs"),
        lambda: stranger.delete_task_comment(thread_id),
        lambda: stranger.get_task_comments(project, task_id),
        lambda: stranger.get_project_comments(project),
        lambda: client.create_task_comment(NOWHERE, [1, 2], "Nobody's"),
        lambda: client.create_task_comment(text="Nobody's", comment_id=NOWHERE),
        lambda: client.update_task_comment(NOWHERE, "Nobody's"),
        lambda: client.delete_task_comment(NOWHERE),
    ):
        with pytest.raises(FastLabelNotFoundException):
            request()
    assert client.get_task_comments(project, task_id) == [comment]

    other = f"{project}-other"
    client.create_project("image_all", "Other", other)
    with pytest.raises(FastLabelNotFoundException, match=f"'{other}' has no task"):
        client.get_task_comments(other, task_id)


def test_answers_come_in_their_order_and_the_last_text_takes_the_comment_along(
    client: Client, project: str, task_id: str
) -> None:
    comment = client.create_task_comment(task_id, [1, 2], "Is this a cat?")
    client.create_task_comment(comment_id=comment["id"], text="A fox.")
    answered = client.create_comment_thread(comment["id"], "A cat.")
    first, second, third = answered["threads"]
    assert [thread["text"] for thread in (first, second, third)] == [
        "Is this a cat?", "A fox.", "A cat.",
    ]  # fmt: skip
    assert answered["createdAt"] == comment["createdAt"]

    changed = client.update_task_comment(second["id"], "A dog.")
    assert [thread["text"] for thread in changed["threads"]] == [
        "Is this a cat?", "A dog.", "A cat.",
    ]  # fmt: skip
    assert changed["threads"][1]["createdAt"] == second["createdAt"]

    assert client.delete_task_comment(first["id"]) is None
    assert texts(client, project, task_id) == [["A dog.", "A cat."]]
    client.delete_task_comment(second["id"])
    client.delete_task_comment(third["id"])
    assert client.get_task_comments(project, task_id) == []
    with pytest.raises(FastLabelNotFoundException):
        client.create_comment_thread(comment["id"], "Too late.")


def test_everyone_who_sees_a_task_comments_and_only_managers_change_what_others_wrote(
    client: Client, project: str, task_id: str, member: Callable[[str, str], Client]
) -> None:
    annotator = member("Anna", "external_annotator")
    reviewer = member("Ravi", "reviewer")
    manager = member("Mona", "manager")
    comment = annotator.create_task_comment(task_id, [1, 2], "Finished?")
    answered = reviewer.create_task_comment(text="Nearly.", comment_id=comment["id"])
    mine, theirs = answered["threads"]
    assert (mine["userName"], theirs["userName"]) == ("Anna", "Ravi")
    assert answered["userName"] == "Anna"
    for request in (
        lambda: annotator.update_task_comment(theirs["id"], "Yes."),
        lambda: annotator.delete_task_comment(theirs["id"]),
        lambda: reviewer.update_task_comment(mine["id"], "No."),
    ):
        with pytest.raises(FastLabelPermissionException, match="only who wrote it"):
            request()
    annotator.update_task_comment(mine["id"], "Is it finished?")
    manager.update_task_comment(theirs["id"], "Nearly!")
    assert texts(client, project, task_id) == [["Is it finished?", "Nearly!"]]
    [shown] = client.get_task_comments(project, task_id)
    assert [thread["userName"] for thread in shown["threads"]] == ["Anna", "Ravi"]
    reviewer.delete_task_comment(theirs["id"])
    client.delete_task_comment(mine["id"])
    assert texts(client, project, task_id) == []


def test_a_comment_is_resolved_and_opened_again(
    client: Client, project: str, task_id: str, member: Callable[[str, str], Client]
) -> None:
    comment = client.create_task_comment(task_id, [1, 2], "Too small", priority=1)
    annotator = member("Anna", "annotator")
    done = annotator.update_task_comment_state(comment["id"], is_resolved=True, status="done")
    assert (done["isResolved"], done["status"], done["priority"]) == (True, "done", 1)
    again = client.update_task_comment_state(comment["id"], is_resolved=False, priority=0)
    assert (again["isResolved"], again["status"], again["priority"]) == (False, "done", 0)
    assert client.get_task_comments(project, task_id) == [again]


def test_comments_of_a_task_are_listed_page_by_page(
    client: Client, project: str, task_id: str
) -> None:
    made = [client.create_task_comment(task_id, [n], f"{n}")["id"] for n in range(5)]
    pages = [client.get_task_comments(project, task_id, offset, 2) for offset in (0, 2, 4, 6)]
    assert [[comment["id"] for comment in page] for page in pages] == [
        made[:2], made[2:4], made[4:], [],
    ]  # fmt: skip
    assert [comment["id"] for comment in client.iter_task_comments(project, task_id)] == made


def test_a_project_lists_what_was_written_on_its_tasks(
    client: Client, project: str, cat_jpg: Path
) -> None:
    first = client.create_image_task(project, "1", cat_jpg, tags=["a", "b"], status="completed")
    second = client.create_image_task(
        project, "2", cat_jpg, tags=["b"], status="completed", external_status="approved"
    )
    for task_id, text in ((first, "one"), (second, "two"), (first, "three")):
        client.create_task_comment(task_id, [1], text)
    comment = client.get_task_comments(project, first)[0]
    client.create_comment_thread(comment["id"], "four")
    other = f"{project}-other"
    client.create_project("image_all", "Other", other)
    elsewhere = client.create_image_task(other, "1", cat_jpg, tags=["a", "b"])
    client.create_task_comment(elsewhere, [1], "elsewhere")

    def found(**filters: Any) -> list[str]:
        return [thread["text"] for thread in client.get_project_comments(project, **filters)]

    assert found() == ["one", "two", "three", "four"]
    assert found(offset=1, limit=2) == ["two", "three"]
    assert found(tags=["b"]) == ["one", "two", "three", "four"]
    assert found(tags=["b", "a"]) == ["one", "three", "four"]
    assert found(tags=["b", "c"]) == []
    assert found(status="completed", external_status="approved") == ["two"]
    assert found(external_status="registered") == ["one", "three", "four"]
    assert found(status="approved") == []
    assert found(issue_category_id=NOWHERE) == []
    listed = list(client.iter_project_comments(project, tags=["a"]))
    head = {key: value for key, value in comment.items() if key not in ("threads", "updatedAt")}
    answer = listed[-1]
    assert answer["userName"] == "Olga Owner"
    assert {key: answer["comment"].get(key) for key in head} == head
    assert "threads" not in answer["comment"]


def test_comments_go_with_their_task(client: Client, project: str, task_id: str) -> None:
    thread_id = client.create_task_comment(task_id, [1, 2], "Soon gone")["threads"][0]["id"]
    client.delete_task(task_id)
    assert client.get_project_comments(project) == []
    with pytest.raises(FastLabelNotFoundException):
        client.update_task_comment(thread_id, "Still here?")


def test_a_comment_outlives_the_annotation_it_was_about(
    client: Client, project: str, task_id: str
) -> None:
    annotation_id = client.find_image_task(task_id)["annotations"][0]["id"]
    client.create_task_comment(task_id, [1], "This one", task_annotation_id=annotation_id)
    client.delete_task_annotations(task_id)
    [comment] = client.get_task_comments(project, task_id)
    assert comment["taskAnnotationId"] == annotation_id
    with pytest.raises(FastLabelInvalidException, match="taskAnnotationId"):
        client.create_task_comment(task_id, [1], "Again", task_annotation_id=annotation_id)
