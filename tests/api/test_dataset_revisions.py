"""Revisions of datasets: what makes them, names for them, what differs, the way back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select, update

from api.conftest import Raw
from api.datasets import DatasetApi, ok, picture, refusal
from fastlabel_server.db import Database
from fastlabel_server.tables import Dataset, DatasetRevision

CAT = {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4], "id": "cat"}
DOG = {"type": "bbox", "value": "dog", "points": [1, 2, 3, 4], "id": "dog"}


@pytest.fixture
def idle(sqlite_raw: Raw) -> DatasetApi:
    """A dataset with two revisions, and no worker to do a job."""
    dataset = DatasetApi.new(sqlite_raw)
    dataset.add("a.jpg", picture(1))
    return dataset


def test_every_change_makes_a_revision_that_says_what_and_who(dataset: DatasetApi) -> None:
    one, two = len(picture(1)), len(picture(2))
    dataset.add("a.jpg", picture(1), message="The first")
    dataset.add("b.jpg", picture(2))
    dataset.change("a.jpg", tags=["x"], message="Sort")
    dataset.remove("b.jpg")
    found = dataset.revisions()
    told = ("number", "via", "message", "added", "changed", "removed", "objectCount", "size")
    assert [tuple(each[name] for name in told) for each in found] == [
        (5, "delete", "", 0, 0, 1, 1, one),
        (4, "update", "Sort", 0, 1, 0, 2, one + two),
        (3, "create", "", 1, 0, 0, 2, one + two),
        (2, "create", "The first", 1, 0, 0, 1, one),
        (1, "create", "", 0, 0, 0, 0, 0),
    ]
    assert set(found[0]) == {
        *told,
        "id",
        "contentHash",
        "versions",
        "userName",
        "userSlug",
        "createdAt",
    }
    assert {(each["userName"], each["userSlug"]) for each in found} == {("Olga Owner", "owner")}
    assert all(re.fullmatch("[0-9a-f]{40}", each["id"]) for each in found)
    assert all(re.fullmatch("[0-9a-f]{64}", each["contentHash"]) for each in found)
    assert len({each["id"] for each in found}) == len({each["contentHash"] for each in found}) == 5
    assert [each["versions"] for each in found] == [["latest"], [], [], [], []]
    assert dataset.shown()["revisionId"] == found[0]["id"]
    assert [each["number"] for each in dataset.revisions(offset=1, limit=2)] == [4, 3]
    assert ok(dataset.call("GET", f"/revisions/{found[2]['id'][:8]}")) == found[2]
    for limit in (0, 1001):
        assert dataset.call("GET", "/revisions", params={"limit": limit}).status_code == 422


def test_the_content_hash_is_that_of_the_objects_however_they_came(dataset: DatasetApi) -> None:
    other = DatasetApi.new(dataset.raw)
    assert other.head()["contentHash"] == dataset.head()["contentHash"]
    annotated: dict[str, Any] = {"annotations": [CAT], "customMetadata": {"k": 1}, "tags": ["x"]}
    dataset.add("a.jpg", picture(1), **annotated, type="train", licenses=["MIT"])
    dataset.add("b.jpg", picture(2))
    before = dataset.head()["contentHash"]
    other.add("b.jpg", picture(2))
    other.add("c.jpg", picture(3))
    other.add("a.jpg", picture(1))
    other.change("a.jpg", **annotated, type="train", licenses=["MIT"])
    assert other.head()["contentHash"] != before
    other.remove("c.jpg")
    assert other.head()["contentHash"] == before
    for fields in (
        {"type": "valid"},
        {"tags": ["y"]},
        {"licenses": []},
        {"annotations": []},
        {"customMetadata": {"k": 1.0}},
    ):
        dataset.change("a.jpg", **fields)
        assert dataset.head()["contentHash"] not in (before, other.head()["contentHash"]), fields
    dataset.change("a.jpg", **annotated, type="train", licenses=["MIT"])
    assert dataset.head()["contentHash"] == before
    assert dataset.head()["id"] != other.head()["id"]


def test_an_old_revision_reads_as_it_was(dataset: DatasetApi) -> None:
    dataset.add("a.jpg", picture(1), annotations=[CAT], tags=["x"])
    dataset.add("b.jpg", picture(2))
    old = dataset.head()
    was = dataset.objects()
    ok(dataset.call("POST", "/versions", json={"version": "v1"}))
    dataset.change("a.jpg", annotations=[DOG], tags=["y"], type="train")
    dataset.remove("b.jpg")
    dataset.add("c.jpg", picture(3))
    for query in (
        {"revisionId": old["id"]},
        {"revisionId": old["id"][:8]},
        {"revisionId": old["id"][:20].upper()},
        {"revisionId": f" {old['id'][:8]} "},
        {"version": "v1"},
    ):
        for family in ("v2", "revision"):
            assert dataset.objects(family, **query) == was, query
            assert ok(dataset.find("b.jpg", family, **query)) == was[1]
            assert dataset.find("c.jpg", family, **query).status_code == 404
        assert dataset.names(tags="x", **query) == ["a.jpg"]
        assert dataset.names(types="train", **query) == []
        [url] = [each["signedUrl"] for each in dataset.objects(signed=True, offset=1, **query)]
        assert dataset.raw.http.get(url).content == picture(2)
    assert dataset.names(version="latest") == dataset.names() == ["a.jpg", "c.jpg"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"version": "none"}, 404),
        ({"version": "Latest"}, 404),
        ({"version": "x" * 501}, 422),
        ({"version": "\x00"}, 422),
        ({"revisionId": "0123456"}, 422),
        ({"revisionId": " "}, 422),
        ({"revisionId": "00000000"}, 404),
        ({"revisionId": "latest-x"}, 404),
        ({"revisionId": "%%%%%%%%"}, 404),
        ({"revisionId": "________"}, 404),
        ({"revisionId": "0" * 41}, 404),
        ({"version": "latest", "revisionId": "00000000"}, 400),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_revision_that_is_not_named_rightly(
    dataset: DatasetApi, query: dict[str, str], status: int
) -> None:
    dataset.add("a.jpg")
    for family in ("v2", "revision"):
        assert dataset.find("a.jpg", family, **query).status_code == status
        for signed in (False, True):
            assert dataset.try_list(family, signed, **query).status_code == status
    if len(query) == 1:
        [end] = query.values()
        # Names and ids are told apart only by what they are.
        expected = (404, 422) if "revisionId" in query else (status,)
        assert dataset.call("GET", "/diff", params={"base": end}).status_code in expected
    assert dataset.call("POST", "/restore", json=query).status_code == status


def test_the_beginning_of_several_ids_is_not_enough(
    dataset: DatasetApi, database: Database
) -> None:
    for name in ("a.jpg", "b.jpg"):
        dataset.add(name)
    twins = {2: "0123456789" + "a" * 30, 3: "0123456789" + "b" * 30}
    with database.write() as session:
        number = session.scalar(select(Dataset.number).where(Dataset.id == dataset.id))
        for revision, twin in twins.items():
            session.execute(
                update(DatasetRevision)
                .where(DatasetRevision.dataset_number == number, DatasetRevision.number == revision)
                .values(id=twin)
            )
    status, message = refusal(dataset.try_list(revisionId="01234567"))
    assert (status, "several" in message) == (422, True)
    assert dataset.call("GET", "/revisions/0123456789").status_code == 422
    assert dataset.call("GET", "/diff", params={"base": "0123456789"}).status_code == 422
    assert dataset.names(revisionId="0123456789a") == ["a.jpg"]
    assert dataset.diff("0123456789A", "0123456789b")["added"] == 1


def test_a_version_names_a_revision_for_good(dataset: DatasetApi) -> None:
    dataset.add("a.jpg")
    made = ok(dataset.call("POST", "/versions", json={"version": "v1.0"}))
    head = dataset.head()
    assert made == {
        "version": "v1.0",
        "revisionId": head["id"],
        "userName": "Olga Owner",
        "createdAt": made["createdAt"],
    }
    assert head["versions"] == ["v1.0", "latest"]
    dataset.add("b.jpg")
    empty = dataset.revisions()[-1]["id"]
    body = {"version": "empty", "revisionId": empty[:8]}
    assert ok(dataset.call("POST", "/versions", json=body))["revisionId"] == empty
    ok(dataset.call("POST", "/versions", json={"version": "also", "revisionId": head["id"]}))
    listed = ok(dataset.call("GET", "/versions"))
    assert [(each["version"], each["revisionId"]) for each in listed] == [
        ("v1.0", head["id"]),
        ("empty", empty),
        ("also", head["id"]),
    ]
    assert dataset.revisions()[1]["versions"] == ["v1.0", "also"]
    assert dataset.names(version="v1.0") == ["a.jpg"]
    for again in ({"version": "v1.0"}, body):
        status, message = refusal(dataset.call("POST", "/versions", json=again))
        assert (status, again["version"] in message) == (409, True)
    assert dataset.call("DELETE", "/versions/v1.0").status_code == 204
    assert dataset.call("DELETE", "/versions/v1.0").status_code == 404
    assert dataset.try_list(version="v1.0").status_code == 404
    assert dataset.names(revisionId=head["id"]) == ["a.jpg"], "the revision stays"
    assert (
        ok(dataset.call("POST", "/versions", json={"version": "v1.0"}))["revisionId"] != head["id"]
    )


@pytest.mark.parametrize(
    "version", ["latest", "", " ", "-a", ".a", "a b", "a/b", "猫", "a\x00", "x" * 101, None, 1]
)
def test_a_version_that_cannot_be_is_refused(idle: DatasetApi, version: Any) -> None:
    assert idle.call("POST", "/versions", json={"version": version}).status_code == 422
    assert ok(idle.call("GET", "/versions")) == []


def test_a_version_of_a_revision_that_is_not_there_is_refused(idle: DatasetApi) -> None:
    body = {"version": "v", "revisionId": "00000000"}
    assert idle.call("POST", "/versions", json=body).status_code == 404
    assert idle.call("POST", "/versions", json={**body, "revisionId": "0"}).status_code == 422


def test_a_version_may_look_like_an_id_and_comes_first(dataset: DatasetApi) -> None:
    dataset.add("a.jpg")
    head = dataset.head()["id"]
    body = {"version": head[:10], "revisionId": dataset.revisions()[-1]["id"]}
    ok(dataset.call("POST", "/versions", json=body))
    assert dataset.names(version=head[:10]) == []
    assert dataset.names(revisionId=head[:10]) == ["a.jpg"]
    assert dataset.diff(head[:10])["added"] == 1
    assert dataset.diff(head[:11])["added"] == 0


def test_a_diff_tells_what_differs_in_either_direction(dataset: DatasetApi) -> None:
    dataset.add("same.jpg", picture(1))
    dataset.add("changed.jpg", picture(2), annotations=[CAT, DOG], tags=["x"])
    dataset.add("gone.jpg", picture(3), annotations=[CAT])
    base, before = dataset.head(), {each["name"]: each for each in dataset.objects()}
    moved = {**CAT, "points": [1.0, 2, 3, 4]}
    bird = {**DOG, "id": "bird"}
    dataset.change("changed.jpg", annotations=[moved, bird], tags=["y"], type="train")
    dataset.remove("gone.jpg")
    dataset.add("new.jpg", picture(4), annotations=[DOG])
    # Changed and changed back, come and gone: no difference.
    dataset.change("same.jpg", tags=["z"])
    dataset.change("same.jpg", tags=[])
    dataset.add("brief.jpg", picture(5))
    dataset.remove("brief.jpg")
    target, after = dataset.head(), {each["name"]: each for each in dataset.objects()}

    def entry(name: str, change: str, old: Any, new: Any, **annotations: Any) -> dict[str, Any]:
        return {
            "name": name,
            "change": change,
            "fields": ["type", "tags", "annotations"] if change == "changed" else [],
            "before": old.get(name),
            "after": new.get(name),
            "annotations": {"added": [], "removed": [], "changed": [], **annotations},
        }

    def shown(objects: dict[str, Any], name: str, annotation_id: str) -> Any:
        [found] = [each for each in objects[name]["annotations"] if each["id"] == annotation_id]
        return found

    old_cat, new_cat = (shown(objects, "changed.jpg", "cat") for objects in (before, after))
    old_dog = shown(before, "changed.jpg", "dog")
    new_bird = shown(after, "changed.jpg", "bird")
    base["versions"] = []
    forth = dataset.diff(base["id"], target["id"])
    assert (forth["base"], forth["target"]) == (base, target)
    assert (forth["added"], forth["removed"], forth["changed"]) == (1, 1, 1)
    assert forth["objects"] == [
        entry(
            "changed.jpg",
            "changed",
            before,
            after,
            added=[new_bird],
            removed=[old_dog],
            changed=[{"before": old_cat, "after": new_cat}],
        ),
        entry("gone.jpg", "removed", before, after, removed=before["gone.jpg"]["annotations"]),
        entry("new.jpg", "added", before, after, added=after["new.jpg"]["annotations"]),
    ]
    back = dataset.diff(target["id"][:8], base["id"][:8])
    assert (back["base"], back["target"]) == (target, base)
    assert (back["added"], back["removed"], back["changed"]) == (1, 1, 1)
    assert back["objects"] == [
        entry(
            "changed.jpg",
            "changed",
            after,
            before,
            added=[old_dog],
            removed=[new_bird],
            changed=[{"before": new_cat, "after": old_cat}],
        ),
        entry("gone.jpg", "added", after, before, added=before["gone.jpg"]["annotations"]),
        entry("new.jpg", "removed", after, before, removed=after["new.jpg"]["annotations"]),
    ]


def test_a_new_file_of_an_object_is_a_change_of_its_file(dataset: DatasetApi) -> None:
    dataset.add("a.jpg", picture(1), tags=["x"])
    base = dataset.head()["id"]
    dataset.remove("a.jpg")
    dataset.add("a.jpg", picture(2), tags=["x"])
    found = dataset.diff(base)
    assert (found["added"], found["removed"], found["changed"]) == (0, 0, 1)
    assert found["objects"][0]["fields"] == ["file"]


def test_annotations_of_the_same_id_are_told_apart(dataset: DatasetApi) -> None:
    twin = {**CAT, "points": [5, 6, 7, 8]}
    dataset.add("a.jpg", annotations=[CAT, twin])
    base = dataset.head()["id"]
    dataset.change("a.jpg", annotations=[CAT])
    [change] = dataset.diff(base)["objects"]
    assert [each["points"] for each in change["annotations"]["removed"]] == [[5, 6, 7, 8]]
    assert change["annotations"]["added"] == change["annotations"]["changed"] == []


def test_a_diff_has_pages_and_counts_of_all(dataset: DatasetApi) -> None:
    ok(dataset.call("POST", "/versions", json={"version": "empty"}))
    for number in range(4):
        dataset.add(f"{number}.jpg")
    pages = [dataset.diff("empty", limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [[each["name"][0] for each in page["objects"]] for page in pages] == [
        ["0", "1", "2"],
        ["3"],
        [],
    ]
    assert {page["added"] for page in pages} == {4}
    same = dataset.diff("latest", dataset.head()["id"])
    assert (same["added"], same["removed"], same["changed"], same["objects"]) == (0, 0, 0, [])
    for query in ({}, {"base": "latest", "limit": 1001}, {"base": "latest", "offset": -1}):
        assert dataset.call("GET", "/diff", params=query).status_code == 422


def test_a_restored_revision_is_a_new_one_with_the_same_objects(dataset: DatasetApi) -> None:
    dataset.add("a.jpg", picture(1), annotations=[CAT], tags=["x"], customMetadata={"k": "v"})
    dataset.add("b.jpg", picture(2))
    ok(dataset.call("POST", "/versions", json={"version": "v1"}))
    old, was = dataset.head(), dataset.objects()
    dataset.change("a.jpg", annotations=[], tags=[], type="train")
    dataset.remove("b.jpg")
    dataset.add("c.jpg", picture(3))
    other, then = dataset.head(), dataset.objects()

    def timeless(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{k: v for k, v in each.items() if not k.endswith("At")} for each in objects]

    job = dataset.restore(version="v1")
    head = dataset.head()
    assert job == {
        "id": job["id"],
        "operation": "restore",
        "status": "completed",
        "message": "",
        "done": 3,
        "total": 3,
        "revisionId": head["id"],
        "report": None,
    }
    assert (head["number"], head["via"]) == (other["number"] + 1, "restore")
    assert head["message"] == f"Restore {old['id'][:8]}"
    assert (head["added"], head["changed"], head["removed"]) == (1, 1, 1)
    assert head["contentHash"] == old["contentHash"]
    assert (head["objectCount"], head["size"]) == (old["objectCount"], old["size"])
    assert timeless(dataset.objects()) == timeless(was)
    assert dataset.objects(revisionId=old["id"]) == was
    assert dataset.objects(revisionId=other["id"]) == then
    diff = dataset.diff(old["id"])
    assert (diff["added"], diff["removed"], diff["changed"]) == (0, 0, 0)

    # The restoring is undone like any other change, and what it came to restored in turn.
    assert dataset.restore(revisionId=other["id"][:8], message="Undo")["status"] == "completed"
    assert (dataset.head()["message"], dataset.head()["contentHash"]) == (
        "Undo",
        other["contentHash"],
    )
    assert timeless(dataset.objects()) == timeless(then)
    assert dataset.restore(revisionId=head["id"])["status"] == "completed"
    assert timeless(dataset.objects()) == timeless(was)
    empty = dataset.revisions()[-1]["id"]
    dataset.restore(revisionId=empty)
    assert dataset.objects() == []
    assert dataset.head()["removed"] == 2


def test_restoring_what_is_there_changes_nothing(dataset: DatasetApi) -> None:
    dataset.add("a.jpg")
    before = dataset.shown()
    job = dataset.restore(version="latest")
    assert (job["status"], job["revisionId"], job["done"]) == ("completed", None, 0)
    assert dataset.shown() == before
    assert dataset.add("b.jpg")["name"] == "b.jpg"


def test_a_canceled_change_leaves_the_dataset_as_it_was(idle: DatasetApi) -> None:
    before = idle.shown()
    empty = idle.revisions()[-1]["id"]
    job = ok(idle.call("POST", "/restore", json={"revisionId": empty}))
    assert (job["status"], job["done"], job["total"], job["revisionId"]) == (
        "pending",
        0,
        None,
        None,
    )
    assert idle.job(job["id"]) == job
    assert idle.try_add("b.jpg", picture()).status_code == 409
    canceled = ok(idle.call("POST", f"/jobs/{job['id']}/cancel"))
    assert canceled == {**job, "status": "canceled"}
    status, message = refusal(idle.call("POST", f"/jobs/{job['id']}/cancel"))
    assert (status, message.endswith("has ended: canceled")) == (409, True)
    assert idle.shown() == before
    idle.add("b.jpg")
    second = ok(idle.call("POST", "/restore", json={"revisionId": empty}))
    assert idle.call("POST", f"/jobs/{job['id']}/cancel").status_code == 409
    assert idle.job(second["id"])["status"] == "pending", "the first has nothing to do with it"
    assert idle.try_add("c.jpg", picture()).status_code == 409


def test_a_job_belongs_to_its_dataset(idle: DatasetApi) -> None:
    job = ok(idle.call("POST", "/restore", json={}))
    other = DatasetApi.new(idle.raw)
    for job_id in (job["id"], "none"):
        assert other.call("GET", f"/jobs/{job_id}").status_code == 404
        assert other.call("POST", f"/jobs/{job_id}/cancel").status_code == 404
    assert idle.job(job["id"])["status"] == "pending"


def test_a_job_that_is_begun_again_with_its_key_is_the_same(idle: DatasetApi) -> None:
    headers = {"Idempotency-Key": f"restore {idle.id}"}
    jobs = [
        ok(idle.call("POST", "/restore", json={"version": "latest"}, headers=headers))["id"]
        for _ in range(2)
    ]
    assert jobs[0] == jobs[1]
