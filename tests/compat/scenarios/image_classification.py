"""Image classification tasks: the answer is in `attributes`."""

from __future__ import annotations

from typing import Any

from scenarios.pictures import jpeg, png, saved
from scenarios.support import (
    ID,
    NOWHERE,
    OWNER_NAME,
    OWNER_SLUG,
    TIMESTAMP,
    client,
    fetch,
    names,
    new_project,
    refused,
    same,
)

CHOICE = [{"title": "Cat", "value": "cat"}, {"title": "Dog", "value": "dog"}]


def _project(**options: Any) -> str:
    project = new_project("image_classification", **options)
    client.create_classification_annotation(project=project, attributes=[
        {"type": "radio", "name": "Kind", "key": "kind", "options": CHOICE},
        {"type": "checkbox", "name": "Also", "key": "also", "options": CHOICE},
        {"type": "text", "name": "Note", "key": "note"},
    ])  # fmt: skip
    return project


def _answers(**values: Any) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in values.items()]


def _task(project: str, name: str = "cat.png", **options: Any) -> str:
    return client.create_image_classification_task(
        project=project, name=name, file_path=saved(png(), "any.png"), **options
    )


def the_smallest_call_gives_every_documented_field() -> None:
    created = _task(_project())
    task = client.find_image_classification_task(task_id=created)
    assert ID.fullmatch(created), created
    assert TIMESTAMP.fullmatch(task["createdAt"]), task
    assert TIMESTAMP.fullmatch(task["updatedAt"]), task
    assert fetch(task["url"])[2] == png()
    documented = {
        "id": created,
        "name": "cat.png",
        "width": 40,
        "height": 30,
        "status": "registered",
        "externalStatus": "registered",
        "priority": 0,
        "tags": [],
        "assignee": None,
        "reviewer": None,
        "approver": None,
        "externalAssignee": None,
        "externalReviewer": None,
        "externalApprover": None,
        "attributes": [],
    }
    same({key: task.get(key, "missing") for key in documented}, documented)
    assert "annotations" not in task


def everything_that_is_given_comes_back() -> None:
    project = _project(workflow="three_step")
    created = _task(
        project,
        status="reviewed",
        external_status="declined",
        priority=30,
        tags=["day"],
        assignee=OWNER_SLUG,
        external_approver=OWNER_SLUG,
        attributes=_answers(kind="cat", also=["cat", "dog"], note="猫"),
    )
    task = client.find_image_classification_task(created)
    wanted = {
        "status": "reviewed",
        "externalStatus": "declined",
        "priority": 30,
        "tags": ["day"],
        "assignee": OWNER_NAME,
        "externalApprover": OWNER_NAME,
        "attributes": [
            {"key": "kind", "name": "Kind", "type": "radio", "value": "cat"},
            {"key": "also", "name": "Also", "type": "checkbox", "value": ["cat", "dog"]},
            {"key": "note", "name": "Note", "type": "text", "value": "猫"},
        ],
    }
    same({key: task[key] for key in wanted}, wanted)


def tasks_are_found_by_name_and_listed_by_filter() -> None:
    project = _project()
    _task(project, "a.png", tags=["day"])
    _task(project, "b.png", status="completed", external_status="completed", tags=["day", "rain"])
    _task(project, "c.png", status="completed")

    def found(**filters: Any) -> list[str]:
        return names(client.get_image_classification_tasks(project=project, **filters))

    assert found() == ["a.png", "b.png", "c.png"]
    assert found(status="completed") == ["b.png", "c.png"]
    assert found(external_status="completed") == ["b.png"]
    assert found(tags=["day"]) == ["a.png", "b.png"]
    assert found(task_name="c.png") == ["c.png"]
    assert found(offset=1, limit=1) == ["b.png"]
    by_name = client.find_image_classification_task_by_name(project=project, task_name="b.png")
    assert by_name["name"] == "b.png"
    assert client.find_image_classification_task_by_name(project, "x.png") is None


def an_update_replaces_what_is_sent_and_leaves_the_rest() -> None:
    project = _project()
    task = _task(project, attributes=_answers(kind="cat", note="x"), tags=["day"], priority=10)
    updated = client.update_image_classification_task(task_id=task, attributes=_answers(kind="dog"))
    assert updated == task
    after = client.find_image_classification_task(task)
    same(after["attributes"], [{"key": "kind", "name": "Kind", "type": "radio", "value": "dog"}])
    same([after["status"], after["tags"], after["priority"]], ["registered", ["day"], 10])

    client.update_image_classification_task(
        task, status="completed", external_status="completed", priority=0, tags=["night"],
        assignee=OWNER_SLUG,
    )  # fmt: skip
    after = client.find_image_classification_task(task)
    same([after[key] for key in ("status", "externalStatus", "priority", "tags", "assignee")],
         ["completed", "completed", 0, ["night"], OWNER_NAME])  # fmt: skip
    same([a["value"] for a in after["attributes"]], ["dog"])

    # A task that was read can be sent back: the client strips names and types.
    client.update_image_classification_task(task, attributes=after["attributes"])
    same([a["value"] for a in client.find_image_classification_task(task)["attributes"]], ["dog"])


def answers_that_do_not_fit_are_named_by_their_index() -> None:
    project = _project()
    task = _task(project, attributes=_answers(kind="cat"))
    for wrong in ({"kind": "fox"}, {"kind": ["cat"]}, {"also": "cat"}, {"also": ["fox"]},
                  {"unknown": "x"}, {"note": {"a": 1}}):  # fmt: skip
        with refused(422, "attributes[0]"):
            _task(project, "b.png", attributes=_answers(**wrong))
            raise AssertionError(f"accepted: {wrong}")
        with refused(422, "attributes[0]"):
            client.update_image_classification_task(task, attributes=_answers(**wrong))
    assert names(client.get_image_classification_tasks(project)) == ["cat.png"]
    after = client.find_image_classification_task(task)
    same([a["value"] for a in after["attributes"]], ["cat"])


def answers_need_the_class() -> None:
    project = new_project("image_classification")
    with refused(422, "attributes"):
        _task(project, attributes=_answers(kind="cat"))
    _task(project)


def exif_can_be_deleted() -> None:
    project = _project()
    data = jpeg((40, 20), orientation=6)
    for name, delete in (("kept.jpg", False), ("deleted.jpg", True)):
        client.create_image_classification_task(
            project, name, saved(data, name), is_delete_exif=delete
        )
    kept, deleted = client.get_image_classification_tasks(project)
    same([[task["width"], task["height"]] for task in (kept, deleted)], [[20, 40], [20, 40]])
    assert fetch(kept["url"])[2] == data
    assert b"Camera of somebody" not in fetch(deleted["url"])[2]


def wrong_calls_answer_as_for_image_tasks() -> None:
    project = _project()
    task = _task(project)
    with refused(409, "cat.png"):
        _task(project)
    with refused(404, "no-such-project"):
        _task("no-such-project")
    with refused(404, "no-such-project"):
        client.get_image_classification_tasks("no-such-project")
    with refused(404):
        client.find_image_classification_task(NOWHERE)
    with refused(404):
        client.update_image_classification_task(NOWHERE, status="completed")
    with refused(422):
        client.update_image_classification_task(task, status="done")
    with refused(422):
        client.create_image_classification_task(project, "x.jpg", saved(b"no image", "x.jpg"))
    with refused(422):
        client.create_image_classification_task(project, "x.gif", saved(png(), "x.gif"))
    # This client sends any limit; the server has the last word.
    with refused(422, "1"):
        client.get_image_classification_tasks(project, limit=1001)
    assert len(client.get_image_classification_tasks(project, limit=1000)) == 1
