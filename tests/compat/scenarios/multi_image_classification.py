"""Multi-image classification: a task of up to six files; in 0.26.0 only."""

from __future__ import annotations

import base64
from typing import Any

from scenarios.pictures import folder, gif, jpeg, png
from scenarios.support import (
    ID,
    NOWHERE,
    OWNER_NAME,
    OWNER_SLUG,
    TIMESTAMP,
    client,
    fetch,
    later,
    names,
    new_project,
    refused,
    same,
)

CHOICE = [{"title": "Same", "value": "same"}, {"title": "Other", "value": "other"}]


def _project() -> str:
    project = new_project("multi_image_classification")
    client.create_classification_annotation(project=project, attributes=[
        {"type": "radio", "name": "Pair", "key": "pair", "options": CHOICE}])  # fmt: skip
    return project


def _task(project: str, name: str = "pair", **options: Any) -> str:
    return client.create_multi_image_classification_task(
        project=project, name=name, folder_path=folder({"a.png": png(), "b.png": png()}), **options
    )


def _answer(value: str) -> list[dict[str, str]]:
    return [{"key": "pair", "value": value}]


@later
def files_come_in_the_order_of_their_names() -> None:
    files = {
        "c.gif": gif((10, 11)),
        "a.jpg": jpeg((40, 20), orientation=6),
        "B.PNG": png((30, 31)),
    }
    created = client.create_multi_image_classification_task(
        project=_project(), name="three", folder_path=folder(files)
    )
    task = client.find_multi_image_classification_task(task_id=created)
    assert ID.fullmatch(created), created
    assert TIMESTAMP.fullmatch(task["createdAt"]), task
    same([(c["name"], c["width"], c["height"]) for c in task["contents"]],
         [["B.PNG", 30, 31], ["a.jpg", 20, 40], ["c.gif", 10, 11]])  # fmt: skip
    for content in task["contents"]:
        assert fetch(content["url"])[2] == files[content["name"]], content["name"]
    documented = {
        "name": "three",
        "status": "registered",
        "externalStatus": "registered",
        "priority": 0,
        "tags": [],
        "assignee": None,
        "attributes": [],
    }
    same({key: task.get(key, "missing") for key in documented}, documented)


@later
def everything_that_is_given_comes_back() -> None:
    created = _task(
        _project(), status="completed", external_status="skipped", priority=20, tags=["day"],
        attributes=_answer("same"), reviewer=OWNER_SLUG,
    )  # fmt: skip
    task = client.find_multi_image_classification_task(created)
    wanted = {
        "status": "completed",
        "externalStatus": "skipped",
        "priority": 20,
        "tags": ["day"],
        "reviewer": OWNER_NAME,
        "attributes": [{"key": "pair", "name": "Pair", "type": "radio", "value": "same"}],
    }
    same({key: task[key] for key in wanted}, wanted)


@later
def tasks_are_found_by_name_and_listed_by_filter() -> None:
    project = _project()
    _task(project, "one", tags=["day"])
    _task(project, "two", status="completed", external_status="completed", tags=["day"])

    def found(**filters: Any) -> list[str]:
        return names(client.get_multi_image_classification_tasks(project=project, **filters))

    assert found() == ["one", "two"]
    assert found(status="completed") == found(external_status="completed") == ["two"]
    assert found(tags=["day"], offset=1, limit=10) == ["two"]
    assert found(task_name="one") == ["one"]
    by_name = client.find_multi_image_classification_task_by_name(project=project, task_name="two")
    same(names([by_name]), ["two"])
    assert client.find_multi_image_classification_task_by_name(project, "three") is None


@later
def an_update_replaces_what_is_sent_and_leaves_the_rest() -> None:
    task = _task(_project(), attributes=_answer("same"), tags=["day"])
    before = client.find_multi_image_classification_task(task)
    assert client.update_multi_image_classification_task(task_id=task, priority=30) == task
    client.update_multi_image_classification_task(task, attributes=_answer("other"))
    after = client.find_multi_image_classification_task(task)
    same([after["priority"], after["tags"]], [30, ["day"]])
    same([a["value"] for a in after["attributes"]], ["other"])
    same([c["name"] for c in after["contents"]], [c["name"] for c in before["contents"]])
    with refused(422, "attributes[0]"):
        client.update_multi_image_classification_task(task, attributes=_answer("neither"))
    with refused(404):
        client.update_multi_image_classification_task(NOWHERE, priority=10)


@later
def exif_can_be_deleted_from_every_file() -> None:
    turned = jpeg((40, 20), orientation=6)
    created = client.create_multi_image_classification_task(
        _project(), "pair", folder({"a.jpg": turned, "b.jpg": turned}), is_delete_exif=True
    )
    for content in client.find_multi_image_classification_task(created)["contents"]:
        same([content["width"], content["height"]], [20, 40])
        assert b"Camera of somebody" not in fetch(content["url"])[2]


@later
def six_files_are_taken_and_seven_refused() -> None:
    project = _project()
    client.create_multi_image_classification_task(
        project, "six", folder({f"{n}.png": png() for n in range(6)})
    )
    with refused(422):
        client.create_multi_image_classification_task(
            project, "seven", folder({f"{n}.png": png() for n in range(7)})
        )
    with refused(422):
        client.create_multi_image_classification_task(project, "none", folder({}))
    assert names(client.get_multi_image_classification_tasks(project)) == ["six"]


@later
def the_server_checks_contents_itself() -> None:
    project = _project()
    good = base64.b64encode(png()).decode()
    bad = base64.b64encode(b"This is not an image.").decode()
    first = {"name": "a.png", "file": good}
    for why, contents in {
        "seven files": [{"name": f"{n}.png", "file": good} for n in range(7)],
        "no file": [],
        "one name twice": [first, first],
        "no image": [first, {"name": "b.png", "file": bad}],
        "another extension": [first, {"name": "b.txt", "file": good}],
        "a name that leaves the folder": [first, {"name": "../b.png", "file": good}],
        "no bytes": [{"name": "a.png"}],
        "no name": [{"file": good}],
        "no list": "a.png",
    }.items():
        payload = {"project": project, "name": "pair", "contents": contents}
        with refused(422):
            client.api.post_request("tasks/multi-image/classification", payload=payload)
            raise AssertionError(f"accepted: {why}")
    assert client.get_multi_image_classification_tasks(project) == []


@later
def wrong_calls_answer_as_for_image_tasks() -> None:
    project = _project()
    _task(project)
    with refused(409, "pair"):
        _task(project)
    with refused(404, "no-such-project"):
        _task("no-such-project")
    with refused(404, "no-such-project"):
        client.get_multi_image_classification_tasks("no-such-project")
    with refused(404):
        client.find_multi_image_classification_task(NOWHERE)
    with refused(422):
        client.get_multi_image_classification_tasks(project, limit=1001)
