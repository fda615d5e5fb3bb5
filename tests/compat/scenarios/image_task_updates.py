"""Updating image tasks: what is sent replaces, what is not sent stays."""

from __future__ import annotations

from typing import Any

from scenarios.support import (
    EXTERNAL_STATUSES,
    NOWHERE,
    OWNER_NAME,
    OWNER_SLUG,
    STATUSES,
    TIMESTAMP,
    bbox,
    client,
    later,
    new_class,
    new_project,
    new_task,
    refused,
    same,
)


def _without(task: dict[str, Any], *keys: str) -> dict[str, Any]:
    # Every answer signs the file's URL anew.
    return {key: value for key, value in task.items() if key not in (*keys, "url", "updatedAt")}


def _labelled_task(**options: Any) -> tuple[str, str]:
    project = new_project("image_all", workflow="three_step", external_workflow="three_step")
    new_class(project, color="#111111", attributes=[
        {"type": "text", "name": "Note", "key": "note"}])  # fmt: skip
    new_class(project, "polygon", "tree")
    return project, new_task(project, **{"annotations": [
        bbox(rotation=15.5, attributes=[{"key": "note", "value": "asleep"}]),
        {"type": "polygon", "value": "tree", "points": [1, 1, 20, 1.5, 10, 9]},
    ], "tags": ["day"], "priority": 10, "assignee": OWNER_SLUG, **options})  # fmt: skip


def each_field_changes_alone() -> None:
    _, task = _labelled_task()
    for argument, field, value, shown in (
        ("status", "status", "completed", "completed"),
        ("external_status", "externalStatus", "customer_declined", "customer_declined"),
        ("priority", "priority", 30, 30),
        ("priority", "priority", 0, 0),
        ("tags", "tags", ["night", "rain"], ["night", "rain"]),
        ("reviewer", "reviewer", OWNER_SLUG, OWNER_NAME),
        ("approver", "approver", OWNER_SLUG, OWNER_NAME),
        ("external_assignee", "externalAssignee", OWNER_SLUG, OWNER_NAME),
        ("assignee", "assignee", None, None),
    ):
        before = client.find_image_task(task)
        assert client.update_image_task(task_id=task, **{argument: value}) == task
        after = client.find_image_task(task)
        same(after[field], shown)
        same(_without(after, field), _without(before, field))
        assert TIMESTAMP.fullmatch(after["updatedAt"])
        assert after["updatedAt"] >= before["updatedAt"]


def every_status_can_be_set() -> None:
    _, task = _labelled_task()
    for status in STATUSES:
        client.update_image_task(task, status=status)
        same(client.find_image_task(task)["status"], status)
    for status in EXTERNAL_STATUSES:
        client.update_image_task(task, external_status=status)
        same(client.find_image_task(task)["externalStatus"], status)


def an_empty_update_changes_nothing() -> None:
    _, task = _labelled_task()
    before = client.find_image_task(task)
    assert client.update_image_task(task) == task
    same(_without(client.find_image_task(task)), _without(before))


def annotations_are_replaced_as_a_whole() -> None:
    _, task = _labelled_task()
    client.update_image_task(task, annotations=[bbox(points=(5, 6, 7, 8))])
    after = client.find_image_task(task)
    same([(a["value"], a["points"]) for a in after["annotations"]], [["cat", [5, 6, 7, 8]]])
    same(after["annotations"][0]["attributes"], [])
    same([after["tags"], after["priority"], after["assignee"]], [["day"], 10, OWNER_NAME])


def annotations_that_are_not_sent_stay() -> None:
    _, task = _labelled_task()
    before = client.find_image_task(task)["annotations"]
    client.update_image_task(task, status="approved", tags=["night"])
    same(client.find_image_task(task)["annotations"], before)
    # The client leaves an empty list out of the request.
    client.update_image_task(task, annotations=[])
    same(client.find_image_task(task)["annotations"], before)


def a_task_that_was_read_can_be_sent_back() -> None:
    _, task = _labelled_task()
    before = client.find_image_task(task)
    client.update_image_task(task, annotations=client.find_image_task(task)["annotations"])
    after = client.find_image_task(task)
    for annotation in (*before["annotations"], *after["annotations"]):
        del annotation["id"]
    same(_without(after), _without(before))


def relations_point_at_annotations() -> None:
    _, task = _labelled_task()
    annotations = [bbox(), bbox(points=(3, 3, 9, 9)), bbox(points=(4, 4, 8, 8))]
    relations = [{"startIndex": 0, "endIndex": 2}, {"startIndex": 1, "endIndex": 0}]
    client.update_image_task(task_id=task, annotations=annotations, relations=relations)
    same(client.find_image_task(task)["relations"], relations)
    client.update_image_task(task, status="completed")
    same(client.find_image_task(task)["relations"], relations)
    for wrong in ({"startIndex": 0, "endIndex": 1}, {"startIndex": -1, "endIndex": 0}):
        with refused(422, "relations[0]"):
            client.update_image_task(task, annotations=[bbox()], relations=[wrong])
    same(client.find_image_task(task)["relations"], relations)


def a_wrong_update_changes_nothing() -> None:
    _, task = _labelled_task()
    before = client.find_image_task(task)
    for wrong in (
        {"status": "done"},
        {"external_status": "pending-ish"},
        {"priority": 7},
        {"assignee": "nobody-of-this-slug"},
        {"tags": "night"},
        {"annotations": [bbox(), bbox("dog")]},
        {"annotations": [bbox(points=(1, 2, 3))]},
    ):
        with refused(422):
            client.update_image_task(task, **{"status": "approved", **wrong})
            raise AssertionError(f"accepted: {wrong}")
    with refused(422, "annotations[1]", "dog"):
        client.update_image_task(task, annotations=[bbox(), bbox("dog")])
    same(_without(client.find_image_task(task)), _without(before))


def an_unknown_task_answers_404() -> None:
    for action in (
        lambda key: client.update_image_task(key, status="completed"),
        lambda key: client.update_image_task(key, annotations=[bbox()]),
    ):
        with refused(404):
            action(NOWHERE)
        with refused(404):
            action("not-an-id")


@later
def workflow_users_are_set_and_taken_off() -> None:
    _, task = _labelled_task()
    client.update_image_task(task, workflow_3_user=OWNER_SLUG)
    same(client.find_image_task(task)["workflow3User"], OWNER_NAME)
    client.update_image_task(task, workflow_3_user=None)
    same(client.find_image_task(task)["workflow3User"], None)


@later
def a_custom_status_needs_a_custom_workflow() -> None:
    _, task = _labelled_task()
    with refused(422, "customTaskStatus"):
        client.update_image_task(task, custom_task_status="workflow_2_declined")
