"""Types of objects by a rule: train, valid and test."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from api.conftest import Raw
from api.datasets import DatasetApi, ok, picture, refusal
from fastlabel_server.datasets import labels
from fastlabel_server.datasets.changes import File, State
from fastlabel_server.datasets.drafts import Draft
from fastlabel_server.db import Database
from fastlabel_server.tables import Dataset, DatasetFile, Job, User
from servers import Server

SHARES = {"train": 0.7, "valid": 0.2, "test": 0.1}
BOX = {"type": "bbox", "points": [1, 2, 3, 4]}


def fill(database: Database, dataset: DatasetApi, objects: dict[str, dict[str, Any]]) -> None:
    """Put objects into a dataset with one file for all, as one revision.

    Each may have `classes`, `metadata`, `type` and `tags`.
    """
    seed = dataset.add("seed.jpg", picture())
    with database.write() as session:
        row = session.scalars(select(Dataset).where(Dataset.id == dataset.id)).one()
        kept = session.scalars(
            select(DatasetFile).where(
                DatasetFile.dataset_number == row.number, DatasetFile.blob_sha256 == seed["sha256"]
            )
        ).one()
        file = File(kept.blob_sha256, kept.kind, kept.media_type, kept.size, kept.media)
        draft = Draft.of_request(row)
        draft.stage(
            session,
            {
                name: State(
                    file,
                    labels.document_of(
                        [{**BOX, "value": value} for value in fields.get("classes", ())],
                        fields.get("metadata", {}),
                    ),
                    fields.get("type", "none"),
                    fields.get("tags", ()),
                )
                for name, fields in objects.items()
            }
            | {"seed.jpg": None},
        )
        draft.publish(session, None, "create")


def types_of(dataset: DatasetApi) -> dict[str, str]:
    return {each["name"]: each["type"] for each in dataset.objects()}


def divide(dataset: DatasetApi, **rule: Any) -> dict[str, str]:
    """Have a rule set types; return them by name."""
    job = dataset.ended(ok(dataset.call("POST", "/types", json={"ratios": SHARES, **rule})))
    assert job["status"] == "completed", job
    assert job["done"] == job["total"]
    return types_of(dataset)


def numbered(count: int, **fields: Any) -> dict[str, dict[str, Any]]:
    return {f"{number:04}.jpg": fields for number in range(count)}


def test_a_rule_divides_exactly_and_leaves_one_revision(
    dataset: DatasetApi, database: Database
) -> None:
    fill(database, dataset, numbered(90))
    before = len(dataset.revisions())
    types = divide(dataset, seed=5, message="Thirds")
    assert Counter(types.values()) == {"train": 63, "valid": 18, "test": 9}
    head, *others = dataset.revisions()
    assert len(others) == before
    assert (head["via"], head["message"], head["changed"]) == ("types", "Thirds", 90)
    # Nothing to change, and so no revision.
    assert divide(dataset, seed=5) == types
    assert dataset.head()["id"] == head["id"]
    assert divide(dataset, seed=6) != types


def test_the_same_objects_are_divided_alike_in_every_dataset(raw: Raw, database: Database) -> None:
    objects = numbered(40, classes=["cat"])
    one, other = DatasetApi.new(raw), DatasetApi.new(raw)
    fill(database, one, objects)
    fill(database, other, dict(reversed(objects.items())))
    assert divide(one, stratify=True) == divide(other, stratify="class")


def test_more_objects_than_a_chunk_takes(dataset: DatasetApi, database: Database) -> None:
    """2,000 are changed at a time, and 5,000 are read."""
    objects = numbered(5_200)
    fill(database, dataset, objects)
    job = dataset.ended(
        ok(dataset.call("POST", "/types", json={"ratios": {"train": 1, "test": 3}}))
    )
    assert (job["status"], job["done"], job["total"]) == ("completed", 5200, 5200)
    counts = {
        name: len(dataset.objects(types=name, offset=offset))
        for name, offset in (("train", 1000), ("test", 3500))
    }
    assert counts == {"train": 300, "test": 400}
    assert dataset.objects(types="none") == []


def test_classes_are_in_each_part(dataset: DatasetApi, database: Database) -> None:
    objects: dict[str, dict[str, Any]] = {
        **{f"cat/{number}.jpg": {"classes": ["cat"]} for number in range(60)},
        **{f"owl/{number}.jpg": {"classes": ["owl", "cat"]} for number in range(10)},
        **{f"none/{number}.jpg": {} for number in range(20)},
    }
    fill(database, dataset, objects)
    types = divide(dataset, stratify=True)
    counts = Counter((name.partition("/")[0], type_name) for name, type_name in types.items())
    assert (counts["owl", "train"], counts["owl", "valid"], counts["owl", "test"]) == (7, 2, 1)
    assert (counts["cat", "train"], counts["cat", "valid"], counts["cat", "test"]) == (42, 12, 6)
    assert (counts["none", "train"], counts["none", "valid"], counts["none", "test"]) == (14, 4, 2)


def test_values_of_metadata_are_in_each_part(dataset: DatasetApi, database: Database) -> None:
    objects = {
        f"{number}.jpg": {"metadata": {"weather": "sun" if number < 40 else "rain"}}
        for number in range(50)
    }
    fill(database, dataset, objects)
    types = divide(dataset, stratify="weather")
    assert divide(dataset, stratify={"metadata": "weather"}) == types
    rainy = Counter(
        types[name] for name in objects if objects[name]["metadata"] != {"weather": "sun"}
    )
    assert rainy == {"train": 7, "valid": 2, "test": 1}


@pytest.mark.parametrize(
    "group_by",
    [
        "folder",
        {"metadata": "video"},
        {"pattern": "[a-z]+([0-9]+)/"},
        {"pattern": "(v)ideo([0-9]+)"},
    ],
    ids=["folder", "metadata", "pattern", "pattern of two groups"],
)
def test_frames_of_a_video_stay_together(
    group_by: Any, dataset: DatasetApi, database: Database
) -> None:
    objects = {
        f"video{video}/{frame}.jpg": {"metadata": {"video": f"v{video}"}}
        for video in range(20)
        for frame in range(1 + video % 4)
    }
    fill(database, dataset, objects)
    types = divide(dataset, groupBy=group_by)
    by_video: dict[str, set[str]] = {}
    for name, type_name in types.items():
        by_video.setdefault(name.partition("/")[0], set()).add(type_name)
    assert all(len(found) == 1 for found in by_video.values())
    counts = Counter(types.values())
    for name, share in SHARES.items():
        assert abs(counts[name] - share * len(objects)) <= 4


def test_what_has_no_group_is_one_of_its_own(dataset: DatasetApi, database: Database) -> None:
    fill(database, dataset, numbered(50))
    alone = divide(dataset)
    for group_by in ("folder", {"metadata": "video"}, {"pattern": "x"}):
        assert divide(dataset, groupBy=group_by) == alone


def test_parts_stay_with_the_whole(dataset: DatasetApi) -> None:
    for number in range(8):
        dataset.add(f"{number}.jpg", picture(number))
    split = {"filter": {}, "columns": 2, "rows": 1}
    assert dataset.ended(ok(dataset.call("POST", "/split", json=split)))["status"] == "completed"
    types = divide(dataset, groupBy="whole", ratios={"train": 1, "valid": 1})
    assert Counter(types.values()) == {"train": 12, "valid": 12}
    for number in range(8):
        parts = {types[f"{dataset.name}/{number}/{part}.jpg"] for part in (1, 2)}
        assert parts == {types[f"{number}.jpg"]}


def test_only_what_the_filter_finds_is_divided(dataset: DatasetApi, database: Database) -> None:
    objects = {
        **{f"new/{number}.jpg": {"tags": ["new"]} for number in range(10)},
        **{f"old/{number}.jpg": {"type": "test"} for number in range(10)},
    }
    fill(database, dataset, objects)
    types = divide(dataset, filter={"tags": ["new"]})
    assert Counter(types[name] for name in objects if name.startswith("new/")) == {
        "train": 7,
        "valid": 2,
        "test": 1,
    }
    assert {types[name] for name in objects if name.startswith("old/")} == {"test"}


def test_types_are_set_one_by_one(dataset: DatasetApi, database: Database) -> None:
    fill(database, dataset, numbered(5))
    for types in ({"0001.jpg": "train", "0002.jpg": "valid"}, {"test": ["0001.jpg", "0003.jpg"]}):
        job = dataset.ended(ok(dataset.call("POST", "/types", json={"types": types})))
        assert (job["status"], job["done"]) == ("completed", 2)
    assert types_of(dataset) == {
        "0000.jpg": "none",
        "0001.jpg": "test",
        "0002.jpg": "valid",
        "0003.jpg": "test",
        "0004.jpg": "none",
    }


def test_labels_and_everything_else_stay(dataset: DatasetApi) -> None:
    before = dataset.add(
        "a.jpg", annotations=[{**BOX, "value": "cat"}], tags=["t"], customMetadata={"k": "v"}
    )
    divide(dataset, ratios={"valid": 1})
    [after] = dataset.objects()
    changed = {"type": "valid", "updatedAt": after["updatedAt"]}
    assert after == {**before, **changed}


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({}, 422, "types, ratios: one of them is expected, not both and not none"),
        ({"ratios": SHARES, "types": {"a.jpg": "test"}}, 422, "types, ratios: one of them"),
        ({"ratios": {}}, 422, "ratios: expected a share above 0 for train, valid or test"),
        ({"ratios": {"train": -1}}, 422, "ratios.train: input should be greater than or equal"),
        ({"ratios": {"training": 1}}, 422, "ratios.training: extra inputs are not permitted"),
        ({"ratios": SHARES, "seed": "1"}, 422, "seed: input should be a valid integer, got '1'"),
        ({"ratios": SHARES, "groupBy": "video"}, 422, "groupBy.name: input should be 'folder'"),
        ({"ratios": SHARES, "groupBy": 5}, 422, "groupBy.pattern"),
        (
            {"ratios": SHARES, "groupBy": {"pattern": "(a+)+"}},
            422,
            "groupBy.pattern.pattern: a repetition in a repetition is not taken in a pattern",
        ),
        ({"ratios": SHARES, "filter": {"tag": []}}, 422, "filter.tag: extra inputs"),
        ({"types": {}}, 422, "types: no object is named"),
        ({"types": {"a.jpg": "training"}}, 422, "types.a.jpg.type: input should be 'none'"),
        ({"types": {"training": ["a.jpg"]}}, 422, "types: expected none, train, valid or test"),
        ({"types": {"train": ["a.jpg"], "test": ["a.jpg"]}}, 422, "'a.jpg' is to be both train"),
        ({"types": {"b.jpg": "train"}}, 404, "types: dataset 'NAME' has no object 'b.jpg'"),
    ],
)
def test_what_cannot_be_is_refused(
    body: dict[str, Any], status: int, message: str, dataset: DatasetApi
) -> None:
    dataset.add("a.jpg")
    found, text = refusal(dataset.call("POST", "/types", json=body))
    assert found == status
    assert message.replace("NAME", dataset.name) in text
    # Nothing was begun, and so the dataset takes changes.
    dataset.change("a.jpg", tags=["x"])


def test_a_member_without_the_module_is_refused(dataset: DatasetApi, server: Server) -> None:
    headers = {"Authorization": f"Bearer {server.stranger_token}"}
    answer = dataset.call("POST", "/types", json={"ratios": SHARES}, headers=headers)
    assert refusal(answer)[0] == 403


def test_another_change_waits_until_types_are_set(dataset: DatasetApi, database: Database) -> None:
    """A job that no worker takes stands for one that is long at work."""
    dataset.add("a.jpg")
    with database.write() as session:
        row = session.scalars(select(Dataset).where(Dataset.id == dataset.id)).one()
        user = session.scalars(select(User.id)).first()
        job = session.scalar(
            insert(Job)
            .values(kind="revise_dataset", queue="nobody", payload={}, requested_by=user)
            .returning(Job.id)
        )
        Draft.of_job(session, row, job)
    answer = dataset.call("POST", "/types", json={"ratios": SHARES})
    assert refusal(answer)[0] == 409
    assert "Retry-After" in answer.headers
    with database.write() as session:
        session.execute(
            update(Dataset)
            .where(Dataset.id == dataset.id)
            .values(draft_job=None, draft=None, draft_hash=None)
        )
    divide(dataset)
