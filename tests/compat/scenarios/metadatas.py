"""Metadata keys and the values of tasks; 0.14.13 has none.

The official client reads keys and has no method that defines one.
"""

from __future__ import annotations

from scenarios.support import (
    ID,
    TIMESTAMP,
    client,
    later,
    new_project,
    new_task,
    project_id,
    refused,
    same,
    unique,
)


def _define(project: str, key: str, key_type: str = "text", **more: object) -> str:
    body = {"project": project, "key": key, "type": key_type, **more}
    return client.api.post_request("metadatas", payload=body)


@later
def keys_are_listed_in_their_order() -> None:
    project = new_project()
    made = [_define(project, "camera"), _define(project, "場所")]
    first, second = client.get_metadatas(project=project)
    assert ID.fullmatch(first["id"]), first
    assert TIMESTAMP.fullmatch(first["createdAt"]), first
    assert TIMESTAMP.fullmatch(first["updatedAt"]), first
    documented = {
        "id": made[0],
        "key": "camera",
        "type": "text",
        "options": [],
        "defaultValue": "",
        "order": 1,
        "isAdmin": False,
        "isRequired": False,
    }
    same({name: first[name] for name in documented}, documented)
    same([second["id"], second["key"], second["order"]], [made[1], "場所", 2])
    same([key["id"] for key in client.get_metadatas(project, offset=1, limit=1)], made[1:])


@later
def without_a_project_all_keys_are_listed() -> None:
    made = [_define(new_project(), "camera") for _ in range(2)]
    everything, page = [], client.get_metadatas()
    while page:
        everything += [key["id"] for key in page]
        page = client.get_metadatas(offset=len(everything), limit=1000)
    same([one for one in everything if one in made], made)
    with refused(404):
        client.get_metadatas(project=unique())


@later
def tasks_take_the_keys_of_their_project_once_each() -> None:
    project = new_project()
    _define(project, "camera")
    _define(project, "count", "number")
    given = [{"key": "count", "value": 3}, {"key": "camera", "value": "front"}]
    task = new_task(project, metadatas=given)
    same(client.find_image_task(task)["metadatas"], given)
    for wrong in (
        [{"key": "lens", "value": "x"}],
        [given[0], given[0]],
        [{"key": "count", "value": "three"}],
    ):
        with refused(422, "metadatas["):
            new_task(project, "b.png", metadatas=wrong)
        with refused(422, "metadatas["):
            client.update_image_task(task, metadatas=wrong)
        with refused(422, "metadatas["):
            client.update_task(task, metadatas=wrong)
    same(client.find_image_task(task)["metadatas"], given)
    assert len(client.get_image_tasks(project)) == 1


@later
def a_copy_has_the_keys_of_its_original() -> None:
    project, slug = new_project(), unique()
    _define(project, "camera", defaultValue="front", isRequired=True)
    client.copy_project(project_id(project), project_slug=slug)
    [key] = client.get_metadatas(slug)
    same([key["key"], key["defaultValue"], key["isRequired"]], ["camera", "front", True])
    task = new_task(slug, metadatas=[{"key": "camera", "value": "rear"}])
    same(client.find_image_task(task)["metadatas"], [{"key": "camera", "value": "rear"}])
