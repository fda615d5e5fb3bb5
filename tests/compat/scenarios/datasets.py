"""Datasets: made, found, listed, changed and deleted by the methods of each release."""

from __future__ import annotations

import inspect
from typing import Any

from scenarios.dataset_calls import listed, new_dataset, new_object
from scenarios.support import (
    ID,
    NOWHERE,
    TIMESTAMP,
    call,
    client,
    refused,
    same,
    stranger,
    unique,
)

TAKES_LICENSE = "license" in inspect.signature(client.create_dataset).parameters


def a_dataset_is_created_found_and_listed() -> None:
    created = new_dataset(tags=["cat", "夜"], visibility="workspace")
    assert ID.fullmatch(created["id"]), created
    assert TIMESTAMP.fullmatch(created["createdAt"]), created
    assert TIMESTAMP.fullmatch(created["updatedAt"]), created
    documented = {
        "id": created["id"],
        "name": created["name"],
        "tags": ["cat", "夜"],
        "visibility": "workspace",
        "license": "",
    }
    same({key: created[key] for key in documented}, documented)
    same(client.find_dataset(dataset_id=created["id"]), created)
    same(client.get_datasets(keyword=created["name"]), [created])
    assert created["id"] in [one["id"] for one in client.get_datasets()]


def what_is_left_out_has_defaults() -> None:
    created = client.create_dataset(unique("set"))
    same([created["tags"], created["visibility"], created["license"]], [[], "workspace", ""])


def datasets_have_filters() -> None:
    word = unique("word")
    made = {
        number: client.create_dataset(name=f"{word}-{number}", tags=tags, visibility=visibility)
        for number, tags, visibility in (
            (1, [], "workspace"),
            (2, ["day"], "public"),
            (3, ["day", "rain"], "organization"),
        )
    }
    call("PUT", f"datasets-v2/{made[2]['id']}", b'{"license": "The MIT License"}')

    def found(**filters: Any) -> list[int]:
        return [
            int(one["name"][-1]) for one in client.get_datasets(keyword=word.upper(), **filters)
        ]

    same(found(), [1, 2, 3])
    same(found(tags=["day"]), [2, 3])
    same(found(tags=["rain", "day"]), [3])
    same(found(tags=["none"]), [])
    same(found(visibility="public"), [2])
    same(found(license="mit"), [2])
    same(client.get_datasets(keyword=unique()), [])


def a_licence_is_taken_where_the_client_sends_one() -> None:
    if not TAKES_LICENSE:
        return
    created = new_dataset(license="The MIT License")
    same(created["license"], "The MIT License")
    same(client.find_dataset(created["id"])["license"], "The MIT License")


def a_dataset_is_changed() -> None:
    dataset = new_dataset(tags=["a"])
    name = unique("new")
    changed = client.update_dataset(dataset_id=dataset["id"], name=name, tags=["b", "c"])
    same([changed["id"], changed["name"], changed["tags"]], [dataset["id"], name, ["b", "c"]])
    kept = client.update_dataset(dataset_id=dataset["id"], tags=["d"])
    same([kept["name"], kept["tags"]], [name, ["d"]])
    renamed = client.update_dataset(dataset_id=dataset["id"], name=dataset["name"])
    same([renamed["name"], renamed["tags"]], [dataset["name"], ["d"]])
    same(client.update_dataset(dataset_id=dataset["id"], tags=[])["tags"], [])


def a_dataset_is_deleted_with_its_objects() -> None:
    dataset = new_dataset()
    new_object(dataset)
    assert client.delete_dataset(dataset_id=dataset["id"]) is None
    with refused(404):
        client.find_dataset(dataset["id"])
    with refused(404, dataset["name"]):
        client.get_dataset_objects(dataset=dataset["name"])
    with refused(404):
        client.find_dataset_object(dataset_id=dataset["id"], object_name="a.png")
    same(client.get_datasets(keyword=dataset["name"]), [])
    again = client.create_dataset(name=dataset["name"])
    assert again["id"] != dataset["id"]
    same(client.get_dataset_objects(dataset=dataset["name"]), [])


def what_no_dataset_can_be_is_refused() -> None:
    dataset = new_dataset()
    with refused(409, dataset["name"]):
        client.create_dataset(name=dataset["name"])
    with refused(409):
        client.update_dataset(dataset_id=new_dataset()["id"], name=dataset["name"])
    for name in ("Upper", "with space", "with_underscore", "猫", "", "a/b"):
        with refused(422, "name"):
            client.create_dataset(name=name)
    with refused(422, "tags"):
        client.create_dataset(name=unique(), tags=list("abcdef"))
    with refused(422, "visibility"):
        client.create_dataset(name=unique(), visibility="nobody")
    for act in (client.find_dataset, client.delete_dataset, client.update_dataset):
        with refused(404):
            act(NOWHERE)


def members_without_the_module_see_no_datasets() -> None:
    dataset = new_dataset()
    new_object(dataset)
    nobody = stranger()
    for act in (
        nobody.get_datasets,
        lambda: nobody.find_dataset(dataset["id"]),
        lambda: nobody.get_dataset_objects(dataset["name"]),
        lambda: nobody.find_dataset_object(dataset["id"], "a.png"),
        lambda: nobody.create_dataset(unique()),
        lambda: nobody.update_dataset(dataset["id"], tags=["x"]),
        lambda: nobody.delete_dataset_object(dataset["id"], "a.png"),
        lambda: nobody.delete_dataset(dataset["id"]),
    ):
        with refused((403, 404)):
            act()
    same(listed(dataset), ["a.png"])
