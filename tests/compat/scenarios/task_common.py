"""Calls that take tasks of any kind: update, delete, count, map."""

from __future__ import annotations

from scenarios.pictures import png, saved
from scenarios.support import (
    NOWHERE,
    OWNER_NAME,
    OWNER_SLUG,
    bbox,
    client,
    names,
    new_class,
    new_project,
    new_task,
    refused,
    same,
)


def update_task_changes_the_state_and_leaves_the_labels() -> None:
    project = new_project(workflow="three_step")
    new_class(project)
    task = new_task(project, annotations=[bbox()], tags=["day"])
    labels = client.find_image_task(task)["annotations"]
    updated = client.update_task(
        task_id=task, status="approved", external_status="approved", priority=30,
        tags=["night", "rain"], assignee=OWNER_SLUG, external_reviewer=OWNER_SLUG,
    )  # fmt: skip
    assert updated == task
    after = client.find_image_task(task)
    same([after["status"], after["externalStatus"], after["priority"], after["tags"]],
         ["approved", "approved", 30, ["night", "rain"]])  # fmt: skip
    same([after["assignee"], after["externalReviewer"]], [OWNER_NAME, OWNER_NAME])
    same(after["annotations"], labels)

    client.update_task(task, priority=0, assignee=None)
    after = client.find_image_task(task)
    same([after["status"], after["priority"], after["tags"], after["assignee"]],
         ["approved", 0, ["night", "rain"], None])  # fmt: skip
    with refused(422):
        client.update_task(task, status="done")
    with refused(422):
        client.update_task(task, assignee="nobody-of-this-slug")


def a_deleted_task_is_gone_and_its_name_free() -> None:
    project = new_project()
    task, other = new_task(project), new_task(project, "other.png")
    assert client.delete_task(task_id=task) is None
    with refused(404):
        client.find_image_task(task)
    with refused(404):
        client.update_task(task, status="completed")
    assert client.find_image_task_by_name(project, "cat.png") is None
    assert names(client.get_image_tasks(project)) == ["other.png"]
    assert client.count_tasks(project) == 1
    same(client.get_task_id_name_map(project), {other: "other.png"})
    assert new_task(project) != task


def deleting_annotations_leaves_the_task() -> None:
    project = new_project()
    new_class(project)
    task = new_task(project, annotations=[bbox(), bbox()], tags=["day"], status="completed")
    assert client.delete_task_annotations(task_id=task) is None
    after = client.find_image_task(task)
    same([after["annotations"], after["tags"], after["name"]], [[], ["day"], "cat.png"])
    client.delete_task_annotations(task)

    project = new_project("image_classification")
    client.create_classification_annotation(
        project, [{"type": "text", "name": "Note", "key": "note"}]
    )
    task = client.create_image_classification_task(
        project, "cat.png", saved(png(), "cat.png"), attributes=[{"key": "note", "value": "x"}]
    )
    client.delete_task_annotations(task)
    same(client.find_image_classification_task(task)["attributes"], [])


def tasks_are_counted_by_filter() -> None:
    project = new_project(workflow="three_step", external_workflow="three_step")
    same(client.count_tasks(project=project), 0)
    new_task(project, "a.png")
    new_task(project, "b.png", status="completed", tags=["day"])
    new_task(project, "c.png", status="completed", external_status="approved", tags=["day", "雨"])
    same(client.count_tasks(project), 3)
    same(client.count_tasks(project, status="completed"), 2)
    same(client.count_tasks(project, external_status="approved"), 1)
    same(client.count_tasks(project, status="registered", external_status="approved"), 0)
    same(client.count_tasks(project, tags=["day"]), 2)
    same(client.count_tasks(project, tags=["day", "雨"]), 1)
    same(client.count_tasks(project, status="completed", tags=["never used"]), 0)


def the_map_gives_the_name_of_every_id() -> None:
    project = new_project()
    tasks = [new_task(project, f"{number}.png") for number in range(5)]
    found = client.get_task_id_name_map(project=project)
    same(list(found.items()), [[task, f"{n}.png"] for n, task in enumerate(tasks)])
    found = client.get_task_id_name_map(project, offset=3, limit=1)
    same(found, {tasks[3]: "3.png"})
    same(client.get_task_id_name_map(project, offset=5), {})


def unknown_tasks_and_projects_answer_404() -> None:
    for action in (
        client.delete_task,
        client.delete_task_annotations,
        lambda key: client.update_task(key, status="completed"),
        client.update_task,
    ):
        for key in (NOWHERE, "not-an-id"):
            with refused(404):
                action(key)
    for action in (client.count_tasks, client.get_task_id_name_map):
        with refused(404, "no-such-project"):
            action("no-such-project")


def pages_hold_at_most_a_thousand() -> None:
    project = new_project()
    with refused(422):
        client.get_task_id_name_map(project, limit=1001)
    for wrong in ({"limit": 1001}, {"limit": -1}, {"offset": -1}):
        with refused(422):
            client.api.get_request("tasks/map/id-name", params={"project": project, **wrong})
