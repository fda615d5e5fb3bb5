"""Pushes: changes brought piece by piece, and one revision of all of them, or none."""

from __future__ import annotations

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from api.conftest import Raw
from api.datasets import DatasetApi, ok, picture, refusal
from media_files import sample
from servers import Server

CAT = {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4]}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def dataset(raw: Raw) -> DatasetApi:
    """A dataset with three objects."""
    dataset = DatasetApi.new(raw)
    for number in range(3):
        dataset.add(f"{number}.jpg", picture(number), tags=["old"], annotations=[CAT])
    return dataset


@pytest.fixture
def idle(sqlite_raw: Raw) -> DatasetApi:
    """A dataset with an object, and no worker to do a job."""
    dataset = DatasetApi.new(sqlite_raw)
    dataset.add("0.jpg", picture(0), tags=["old"])
    return dataset


def test_what_a_push_brought_in_pieces_becomes_one_revision(dataset: DatasetApi) -> None:
    before = dataset.shown()
    push = dataset.start_push("nightly", message="Two new ones")
    assert push == {
        "id": push["id"],
        "dataset": dataset.name,
        "message": "Two new ones",
        "received": [],
    }
    new = {"name": "new/猫.jpg", "hasFile": True, "tags": ["new"], "type": "train"}
    clip = {"name": "a.mp4", "hasFile": True, "customMetadata": {"k": 1}}
    assert ok(dataset.bring(push["id"], [new, clip], picture(7), sample(".mp4"))) == push["id"]
    ok(dataset.bring(push["id"], [{"name": "1.jpg", "annotations": []}], removed=["2.jpg", "none"]))
    again = dataset.start_push("nightly", message="Two")
    assert (again["id"], again["message"]) == (push["id"], "Two")
    assert again["received"] == sorted(["new/猫.jpg", "a.mp4", "1.jpg", "2.jpg", "none"])
    assert dataset.shown() == before, "nobody sees any of it yet"
    job = dataset.commit(push["id"])
    head = dataset.head()
    assert (job["operation"], job["status"], job["message"]) == ("push", "completed", "")
    assert (job["done"], job["total"], job["revisionId"]) == (5, 5, head["id"])
    assert (head["via"], head["message"], head["number"]) == ("push", "Two", 5)
    assert (head["added"], head["changed"], head["removed"]) == (2, 1, 1)
    assert head["objectCount"] == 4
    assert head["size"] == sum(map(len, (picture(0), picture(1), picture(7), sample(".mp4"))))
    found = {each["name"]: each for each in dataset.objects(signed=True)}
    assert set(found) == {"0.jpg", "1.jpg", "a.mp4", "new/猫.jpg"}
    assert (found["1.jpg"]["annotations"], found["1.jpg"]["tags"]) == ([], ["old"])
    assert (found["new/猫.jpg"]["tags"], found["new/猫.jpg"]["type"]) == (["new"], "train")
    assert (found["a.mp4"]["kind"], found["a.mp4"]["customMetadata"]) == ("video", {"k": 1})
    assert dataset.raw.http.get(found["a.mp4"]["signedUrl"]).content == sample(".mp4")
    assert dataset.raw.http.get(found["new/猫.jpg"]["signedUrl"]).content == picture(7)
    assert dataset.call("POST", f"/pushes/{push['id']}/commit").status_code == 404
    assert dataset.start_push("nightly")["received"] == [], "the key is free again"


def test_a_file_that_the_dataset_has_need_not_be_sent(dataset: DatasetApi) -> None:
    push = dataset.start_push()
    entries = [
        {"name": "copy.jpg", "sha256": sha256(picture(1))},
        {"name": "0.jpg", "sha256": sha256(picture(2)), "tags": ["new"]},
        {"name": "1.jpg", "sha256": sha256(picture(1)), "annotations": [CAT], "tags": ["old"]},
    ]
    ok(dataset.bring(push["id"], entries))
    assert dataset.commit(push["id"])["status"] == "completed"
    found = {each["name"]: each for each in dataset.objects()}
    assert found["copy.jpg"]["sha256"] == sha256(picture(1))
    assert (found["copy.jpg"]["width"], found["copy.jpg"]["annotations"]) == (64, [])
    assert (found["0.jpg"]["sha256"], found["0.jpg"]["tags"]) == (sha256(picture(2)), ["new"])
    assert len(found["0.jpg"]["annotations"]) == 1
    head = dataset.head()
    assert (head["added"], head["changed"]) == (1, 1), "what is as it was is no change"


def test_what_came_first_gives_way(dataset: DatasetApi) -> None:
    push = dataset.start_push()
    ok(
        dataset.bring(
            push["id"], [{"name": "a.jpg", "hasFile": True}], picture(5), removed=["1.jpg"]
        )
    )
    ok(dataset.bring(push["id"], [{"name": "a.jpg", "hasFile": True}], picture(6)))
    ok(dataset.bring(push["id"], [{"name": "1.jpg", "tags": ["x"]}], removed=["0.jpg"]))
    ok(dataset.bring(push["id"], [{"name": "0.jpg"}]))
    dataset.commit(push["id"])
    found = {each["name"]: each for each in dataset.objects()}
    assert set(found) == {"0.jpg", "1.jpg", "2.jpg", "a.jpg"}
    assert found["a.jpg"]["sha256"] == sha256(picture(6))
    assert found["1.jpg"]["tags"] == ["x"]


@pytest.mark.parametrize(
    ("objects", "files", "removed", "message"),
    [
        ([{"name": "a.jpg", "hasFile": True}], [], [], "got 1 objects and 0 files"),
        ([{"name": "0.jpg"}], [picture(1)], [], "got 0 objects and 1 files"),
        ([{"name": "a.jpg"}], [], [], "'a.jpg'"),
        ([{"name": "0.jpg", "sha256": "0" * 64}], [], [], "objects[0].sha256"),
        ([{"name": "0.jpg", "sha256": "0"}], [], [], "sha256"),
        ([{"name": "a.txt", "sha256": sha256(picture(0))}], [], [], "no such text file"),
        ([{"name": "a.exe", "sha256": sha256(picture(0))}], [], [], "datasets take"),
        (
            [{"name": "a.jpg", "hasFile": True, "sha256": sha256(picture(2))}],
            [picture(1)],
            [],
            "objects[0].sha256: expected",
        ),
        ([{"name": "a.jpg", "hasFile": True}], [b"no picture"], [], "a.jpg"),
        ([{"name": "0.jpg"}, {"name": "0.jpg", "tags": []}], [], [], "'0.jpg' 2 times"),
        ([{"name": "0.jpg"}], [], ["0.jpg"], "'0.jpg' 2 times"),
        ([], [], ["0.jpg", "0.jpg"], "'0.jpg' 2 times"),
        ([], [], ["a\x00"], "removed"),
        ([{"name": "0.jpg", "annotations": [1]}], [], [], "objects[0]: 0.jpg: annotations[0]"),
        ([{"name": "0.jpg", "type": "all"}], [], [], "objects[0].type"),
        ([{"name": f"{n}.jpg"} for n in range(1001)], [], [], "objects"),
        ([], [], [str(n) for n in range(10_001)], "removed"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_does_not_fit_together_is_refused_and_not_kept(
    idle: DatasetApi, objects: list[Any], files: list[bytes], removed: list[str], message: str
) -> None:
    push = idle.start_push()
    status, said = refusal(idle.bring(push["id"], objects, *files, removed=removed))
    assert (status, message in said) == (422, True), said
    assert idle.start_push()["received"] == []


@pytest.mark.parametrize("key", ["", " ", "x" * 65, "a\x00", None, 1])
def test_a_push_that_cannot_be_called_so_is_refused(idle: DatasetApi, key: Any) -> None:
    assert idle.call("POST", "/pushes", json={"key": key}).status_code == 422


def test_files_come_in_json_too(dataset: DatasetApi) -> None:
    push = dataset.start_push()
    body = {
        "objects": [
            {"name": "a.jpg", "hasFile": True, "customMetadata": {"file": "x", "filePath": "y"}},
            {"name": "b.jpg", "hasFile": True},
        ],
        "contents": [
            {"name": str(n), "file": base64.b64encode(picture(n)).decode()} for n in (8, 9)
        ],
    }
    ok(dataset.call("POST", f"/pushes/{push['id']}/objects", json=body))
    dataset.commit(push["id"])
    found = {each["name"]: each for each in dataset.objects()}
    assert found["a.jpg"]["sha256"] == sha256(picture(8))
    assert found["a.jpg"]["customMetadata"] == {"file": "x", "filePath": "y"}
    assert found["b.jpg"]["sha256"] == sha256(picture(9))


def test_pieces_may_come_at_once(dataset: DatasetApi) -> None:
    def start(_: int) -> str:
        return str(dataset.start_push("at once")["id"])

    def bring(number: int) -> int:
        shared, own = {"name": "shared.jpg"}, {"name": f"x{number}.jpg"}
        entries = [{**each, "hasFile": True} for each in (shared, own)]
        files = picture(100 + number), picture(200 + number)
        return dataset.bring(push_id, entries, *files).status_code

    with ThreadPoolExecutor(6) as pool:
        [push_id] = set(pool.map(start, range(6)))
        assert set(pool.map(bring, range(6))) == {200}
    job = dataset.commit(push_id)
    assert (job["status"], job["done"]) == ("completed", 7)
    assert dataset.head()["added"] == 7


def test_an_empty_push_makes_no_revision(dataset: DatasetApi) -> None:
    before = dataset.shown()
    push = dataset.start_push()
    ok(dataset.bring(push["id"], []))
    job = dataset.commit(push["id"])
    assert (job["status"], job["revisionId"], job["total"]) == ("completed", None, 0)
    assert dataset.shown() == before


def test_a_push_that_changes_nothing_makes_no_revision(dataset: DatasetApi) -> None:
    before = dataset.shown()
    push = dataset.start_push()
    for each in dataset.objects():
        fields = ("name", "type", "tags", "licenses", "annotations", "customMetadata", "sha256")
        ok(dataset.bring(push["id"], [{name: each[name] for name in fields}], removed=["none.jpg"]))
    assert dataset.commit(push["id"])["revisionId"] is None
    assert dataset.shown() == before


def test_a_push_that_cannot_be_made_fails_and_stays_open(dataset: DatasetApi) -> None:
    before = len(dataset.revisions())
    push = dataset.start_push()
    entries = [{"name": "0.jpg", "tags": ["x"]}, {"name": "1.jpg", "tags": ["x"]}]
    ok(dataset.bring(push["id"], entries))
    dataset.remove("1.jpg")
    job = dataset.commit(push["id"])
    assert (job["status"], job["revisionId"]) == ("failed", None)
    assert "1.jpg" in job["message"]
    assert len(dataset.revisions()) == before + 1
    assert ok(dataset.find("0.jpg"))["tags"] == ["old"]
    assert dataset.start_push()["received"] == ["0.jpg", "1.jpg"]
    ok(dataset.bring(push["id"], [{"name": "1.jpg", "hasFile": True}], picture(9)))
    assert dataset.commit(push["id"])["status"] == "completed"
    assert ok(dataset.find("0.jpg"))["tags"] == ["x"]


def test_a_push_is_closed_while_its_revision_is_made(idle: DatasetApi) -> None:
    """Objects that came meanwhile were thrown away with the push, and had been answered 200."""
    push = idle.start_push()
    ok(idle.bring(push["id"], [{"name": "0.jpg", "tags": ["x"]}]))
    job = ok(idle.call("POST", f"/pushes/{push['id']}/commit"))
    for answer in (
        idle.bring(push["id"], [{"name": "a.jpg", "hasFile": True}], picture(1)),
        idle.call("DELETE", f"/pushes/{push['id']}"),
    ):
        assert answer.status_code == 409
        assert job["id"] in answer.json()["message"]
    assert ok(idle.call("POST", f"/pushes/{push['id']}/commit")) == job, "it is the same job"
    other = idle.start_push("other")
    ok(idle.bring(other["id"], [{"name": "0.jpg", "tags": ["y"]}]))
    assert idle.call("POST", f"/pushes/{other['id']}/commit").status_code == 409
    ok(idle.call("POST", f"/jobs/{job['id']}/cancel"))
    assert idle.start_push()["received"] == ["0.jpg"]
    ok(idle.bring(push["id"], [{"name": "a.jpg", "hasFile": True}], picture(1)))
    again = ok(idle.call("POST", f"/pushes/{push['id']}/commit"))
    assert again["id"] != job["id"]


def test_a_dropped_push_is_forgotten(idle: DatasetApi) -> None:
    push = idle.start_push()
    ok(idle.bring(push["id"], [{"name": "0.jpg", "tags": ["x"]}]))
    assert idle.call("DELETE", f"/pushes/{push['id']}").status_code == 204
    assert idle.call("DELETE", f"/pushes/{push['id']}").status_code == 404
    assert idle.bring(push["id"], []).status_code == 404
    assert idle.start_push()["received"] == []


def test_a_push_belongs_to_who_began_it_and_to_one_dataset(
    raw: Raw, server: Server, dataset: DatasetApi
) -> None:
    email = f"{dataset.name}@example.com"
    headers = {"Authorization": f"Bearer {server.create_user(email, 'Otto Other', 'owner')}"}
    push = dataset.start_push()
    theirs = ok(dataset.call("POST", "/pushes", json={"key": "k"}, headers=headers))
    assert theirs["id"] != push["id"]
    path = f"/pushes/{push['id']}"
    other = DatasetApi.new(raw)
    for answer in (
        dataset.call("POST", f"{path}/objects", json={}, headers=headers),
        dataset.call("POST", f"{path}/commit", headers=headers),
        dataset.call("DELETE", path, headers=headers),
        other.call("POST", f"{path}/objects", json={}),
        other.call("POST", f"{path}/commit"),
        other.call("DELETE", path),
    ):
        assert answer.status_code == 404
    assert (
        other.bring(
            other.start_push()["id"], [{"name": "0.jpg", "sha256": sha256(picture(0))}]
        ).status_code
        == 422
    ), "a file of another dataset is none of this one"


def test_a_commit_that_is_sent_again_has_one_effect(dataset: DatasetApi) -> None:
    push = dataset.start_push()
    ok(dataset.bring(push["id"], [{"name": "0.jpg", "tags": ["x"]}]))
    path, headers = f"/pushes/{push['id']}/commit", {"Idempotency-Key": f"commit {push['id']}"}
    job = dataset.ended(ok(dataset.call("POST", path, headers=headers)))
    assert ok(dataset.call("POST", path, headers=headers))["id"] == job["id"]
    assert dataset.head()["number"] == 5
