"""Datasets as a whole: made, found, listed, changed, deleted, and by whom."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from api.conftest import Raw
from api.datasets import FAMILIES, DatasetApi, ok, picture, refusal, unique_name
from api.waiting import wait_until
from fastlabel import Client
from fastlabel_server.db import Database
from fastlabel_server.tables import (
    Dataset,
    DatasetFile,
    DatasetObject,
    DatasetRevision,
    DatasetState,
    Workspace,
    new_id,
)
from servers import Server


def listed(raw: Raw, **query: Any) -> list[str]:
    return [each["name"] for each in ok(raw("GET", "datasets-v2", params=query))]


def test_a_new_dataset_is_empty_and_has_a_revision(raw: Raw) -> None:
    name = unique_name()
    body = {"name": name, "tags": ["a", "b", "a"], "visibility": "organization", "license": ""}
    made = ok(raw("POST", "datasets-v2", json=body))
    dataset = DatasetApi(raw, made["id"], name)
    assert made == {
        "id": made["id"],
        "name": name,
        "tags": ["a", "b"],
        "visibility": "organization",
        "license": "",
        "revisionId": dataset.head()["id"],
        "objectCount": 0,
        "size": 0,
        "createdAt": made["createdAt"],
        "updatedAt": made["updatedAt"],
    }
    assert dataset.shown() == made
    assert dataset.objects() == []


def test_what_is_not_given_has_a_default(raw: Raw) -> None:
    shown = DatasetApi.new(raw).shown()
    assert (shown["tags"], shown["visibility"], shown["license"]) == ([], "workspace", "")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": None},
        *({"name": name} for name in ("", " ", "Cats", "a b", "a_b", "a.b", "猫", "a\x00", "a/b")),
        {"name": "a" * 101},
        {"name": "a", "tags": list("abcdef")},
        {"name": "a", "tags": [" "]},
        {"name": "a", "tags": ["x" * 141]},
        {"name": "a", "tags": "a"},
        {"name": "a", "visibility": "secret"},
        {"name": "a", "license": "x" * 501},
    ],
    ids=lambda body: str(body)[:40],
)
def test_a_dataset_that_cannot_be_is_refused(sqlite_raw: Raw, body: dict[str, Any]) -> None:
    before = listed(sqlite_raw)
    assert sqlite_raw("POST", "datasets-v2", json=body).status_code == 422
    assert listed(sqlite_raw) == before


def test_a_name_is_taken_once_and_free_again_when_the_dataset_is_deleted(raw: Raw) -> None:
    dataset = DatasetApi.new(raw)
    status, message = refusal(raw("POST", "datasets-v2", json={"name": dataset.name}))
    assert (status, dataset.name in message) == (409, True)
    assert dataset.call("DELETE").status_code == 204
    assert DatasetApi.new(raw, name=dataset.name).id != dataset.id


def test_of_two_who_take_a_name_at_once_one_gets_it(raw: Raw) -> None:
    name = unique_name()
    with ThreadPoolExecutor(4) as pool:
        codes = list(
            pool.map(
                lambda _: raw("POST", "datasets-v2", json={"name": name}).status_code, range(4)
            )
        )
    assert sorted(codes) == [200, 409, 409, 409]
    assert listed(raw, keyword=name).count(name) == 1


def test_datasets_are_listed_oldest_first_and_filtered(raw: Raw) -> None:
    stem = unique_name()
    fields: list[dict[str, Any]] = [
        {"tags": ["cat", "night"], "license": "The MIT License", "visibility": "public"},
        {"tags": ["cat"], "license": "100% free"},
        {"tags": ["night"]},
    ]
    first, second, third = [
        DatasetApi.new(raw, name=f"{stem}-x{number}", **each).name
        for number, each in enumerate(fields)
    ]
    everything = [first, second, third]
    for query, expected in (
        ({}, everything),
        ({"keyword": "X1"}, [second]),
        ({"keyword": "x_"}, []),
        ({"tags": "cat"}, [first, second]),
        ({"tags": ["cat", "night"]}, [first]),
        ({"tags": ["cat", "dog"]}, []),
        ({"license": "mit"}, [first]),
        ({"license": "0%"}, [second]),
        ({"license": "%"}, [second]),
        ({"visibility": "public"}, [first]),
        ({"visibility": "organization"}, []),
        ({"tags": "night", "visibility": "workspace"}, [third]),
        ({"keyword": stem, "limit": 2}, [first, second]),
        ({"keyword": stem, "offset": 2}, [third]),
    ):
        assert [name for name in listed(raw, **query) if name in everything] == expected, query
    for query in (
        {"visibility": "secret"},
        {"limit": 1001},
        {"offset": -1},
        {"tags": list("a" * 11)},
    ):
        assert raw("GET", "datasets-v2", params=query).status_code == 422, query


TAGS = ("Cat", "cat", 'a"b', "a\\b", "50%", "5_%", ",", "a,", ",b", "[", "猫", "a'b", 'q",')


def test_a_tag_is_found_as_it_is_written(raw: Raw) -> None:
    """On SQLite "cat" found "Cat" too, and "," every list with a comma at the right place."""
    stem = unique_name()
    names = {tag: DatasetApi.new(raw, tags=[tag, stem]).name for tag in TAGS}
    DatasetApi.new(raw, tags=["a,", ",b", 'q",', "b", stem])
    for tag in TAGS:
        found = listed(raw, tags=[tag, stem])
        assert names[tag] in found, tag
        assert len(found) == (2 if tag in ("a,", ",b", 'q",') else 1), tag


def test_an_update_changes_what_it_gives(raw: Raw) -> None:
    dataset = DatasetApi.new(raw, tags=["a"], license="MIT")
    before = dataset.shown()
    for body in ({"name": None}, {}, {"name": dataset.name, "tags": None}):
        assert ok(dataset.call("PUT", json=body)) == before, body
    changed = ok(dataset.call("PUT", json={"name": f"{dataset.name}-b", "tags": []}))
    assert changed["updatedAt"] > before["updatedAt"]
    expected = {**before, "name": f"{dataset.name}-b", "tags": []}
    assert changed == {**expected, "updatedAt": changed["updatedAt"]}
    ok(dataset.call("PUT", json={"visibility": "public", "license": ""}))
    assert (dataset.shown()["visibility"], dataset.shown()["license"]) == ("public", "")
    assert [each["number"] for each in dataset.revisions()] == [1], "its objects are the same"
    other = DatasetApi.new(raw)
    assert dataset.call("PUT", json={"name": other.name}).status_code == 409
    assert dataset.call("PUT", json={"name": "A"}).status_code == 422


def test_a_deleted_dataset_is_gone_at_once_and_its_rows_soon(raw: Raw, database: Database) -> None:
    dataset = DatasetApi.new(raw)
    dataset.add("a.jpg", picture(1))
    url = dataset.objects(signed=True)[0]["signedUrl"]
    with database.read() as session:
        number = session.scalar(select(Dataset.number).where(Dataset.id == dataset.id))
    assert dataset.call("DELETE").status_code == 204
    for path in ("", "/revisions", "/versions", "/objects/a.jpg"):
        assert dataset.call("GET", path).status_code == 404, path
    for family in FAMILIES:
        assert dataset.try_list(family).status_code == 404
    assert dataset.call("DELETE").status_code == 404
    assert dataset.name not in listed(raw)
    assert raw.http.get(url).status_code == 404

    def rows(table: type[Any]) -> int:
        column = table.number if table is Dataset else table.dataset_number
        with database.read() as session:
            return session.scalar(select(func.count()).where(column == number)) or 0

    wait_until(lambda: rows(Dataset) == 0, "the purge")
    for table in (DatasetObject, DatasetState, DatasetFile, DatasetRevision):
        assert rows(table) == 0, table


def test_a_dataset_called_like_the_id_of_another_does_not_keep_that_one(raw: Raw) -> None:
    """Deleting renamed a dataset to its id, which was then taken."""
    dataset = DatasetApi.new(raw)
    DatasetApi.new(raw, name=dataset.id)
    assert dataset.call("DELETE").status_code == 204


def test_unknown_ids_and_names_answer_404(raw: Raw) -> None:
    body = {"datasetId": "none", "objectName": "a.jpg"}
    nobody = DatasetApi(raw, "none", "none")
    for response in (
        nobody.call("GET"),
        nobody.call("PUT", json={}),
        nobody.call("DELETE"),
        nobody.call("GET", "/revisions"),
        nobody.call("GET", "%00"),
        nobody.find("a.jpg", "v2"),
        nobody.find("a.jpg"),
        nobody.try_add("a.jpg", picture(), "v2"),
        nobody.try_add("a.jpg", picture()),
        nobody.try_list("v2"),
        nobody.try_list(),
        raw("PUT", "dataset-objects-v2", json=body),
        raw("PUT", "dataset-revision-objects", json=body),
    ):
        assert response.status_code == 404, response.url


def test_members_need_the_module_and_owners_do_not(
    raw: Raw, server: Server, client: Client
) -> None:
    email = f"{unique_name()}@example.com"
    token = server.create_user(email, "Mia Member", "member")
    headers = {"Authorization": f"Bearer {token}"}
    dataset = DatasetApi.new(raw)

    def theirs() -> list[int]:
        return [
            raw("GET", "datasets-v2", headers=headers).status_code,
            dataset.call("GET", headers=headers).status_code,
            raw("POST", "datasets-v2", json={"name": unique_name()}, headers=headers).status_code,
            raw("GET", "datasets-v2/none", headers=headers).status_code,
        ]

    assert theirs() == [403] * 4
    client.create_workspace_user_module_permissions(email, "annotation")
    assert theirs() == [403] * 4
    client.create_workspace_user_module_permissions(email, "dataset")
    assert theirs() == [200, 200, 200, 404]
    client.delete_workspace_user_module_permissions(email, "dataset")
    assert theirs() == [403] * 4


def test_a_dataset_of_another_workspace_is_not_there(raw: Raw, database: Database) -> None:
    dataset = DatasetApi.new(raw)
    dataset.add("a.jpg")
    with database.write() as session:
        other = Workspace(id=new_id(), slug=new_id(), name="Others")
        session.add(other)
        session.flush()
        session.execute(
            update(Dataset).where(Dataset.id == dataset.id).values(workspace_id=other.id)
        )
    assert dataset.name not in listed(raw)
    responses: list[httpx.Response] = [
        dataset.call("GET"),
        dataset.call("DELETE"),
        dataset.find("a.jpg"),
        dataset.try_list(),
        dataset.try_add("b.jpg", picture()),
    ]
    assert {response.status_code for response in responses} == {404}
