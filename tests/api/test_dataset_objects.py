"""Objects of datasets: both generations of requests, names, files, fields, filters, pages."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select, update

from api.datasets import FAMILIES, DatasetApi, ok, picture, refusal
from fastlabel.modalities import FileError
from fastlabel.modalities.objects import MAX_BYTES, object_rule
from fastlabel_server.calls import CURSOR_HEADER
from fastlabel_server.datasets.drafts import Draft
from fastlabel_server.datasets.labels import color_of
from fastlabel_server.db import Database
from fastlabel_server.tables import Blob, Dataset, DatasetFile
from media.scans import scan
from media_files import sample

FIELDS = {
    *("id", "name", "kind", "size", "sha256", "height", "width", "type", "tags", "licenses"),
    *("annotations", "customMetadata", "createdAt", "updatedAt"),
}
ANNOTATION = {
    *("id", "type", "title", "value", "color", "points", "attributes", "keypoints", "rotation"),
    "confidenceScore",
}


@pytest.mark.parametrize("family", FAMILIES)
def test_an_object_is_created_found_listed_and_deleted(dataset: DatasetApi, family: str) -> None:
    box = {"type": "bbox", "value": "cat", "points": [0]}
    made = dataset.add(
        "cats/1.jpg",
        picture(1),
        family,
        tags=["a", "b", "a"],
        annotations=[box],
        customMetadata={"place": "渋谷", "n": 1},
        **({"licenses": ["MIT", "my-license"]} if family == "revision" else {}),
    )
    assert set(made) == FIELDS
    assert set(made["annotations"][0]) == ANNOTATION
    assert {name: made[name] for name in FIELDS - {"id", "sha256", "createdAt", "updatedAt"}} == {
        "name": "cats/1.jpg",
        "kind": "image",
        "size": len(picture(1)),
        "height": 48,
        "width": 64,
        "type": "none",
        "tags": ["a", "b"],
        "licenses": ["MIT", "my-license"] if family == "revision" else [],
        "annotations": [
            {
                "id": made["annotations"][0]["id"],
                "type": "bbox",
                "title": "cat",
                "value": "cat",
                "color": color_of("cat"),
                "points": [0],
                "attributes": [],
                "keypoints": [],
                "rotation": 0,
                "confidenceScore": -1,
            }
        ],
        "customMetadata": {"place": "渋谷", "n": 1},
    }
    assert made["createdAt"] == made["updatedAt"]
    for other in FAMILIES:
        assert ok(dataset.find("cats/1.jpg", other)) == made
        assert dataset.objects(other) == [made]
    shown = dataset.shown()
    assert (shown["objectCount"], shown["size"]) == (1, len(picture(1)))
    assert dataset.raw("DELETE", dataset.path_of("cats/1.jpg", family)).status_code == 204
    assert dataset.objects() == []
    for other in FAMILIES:
        assert dataset.find("cats/1.jpg", other).status_code == 404
    assert dataset.raw("DELETE", dataset.path_of("cats/1.jpg", family)).status_code == 404


@pytest.mark.parametrize("family", FAMILIES)
def test_signed_urls_give_the_very_bytes_without_a_token(dataset: DatasetApi, family: str) -> None:
    """Every URL was answered with 422: the route of files did not know them."""
    files = {"a/猫 1.jpg": picture(2), "b.txt": sample(".txt")}
    for name, data in files.items():
        dataset.add(name, data)
    assert all(set(each) == FIELDS for each in dataset.objects(family))
    found = dataset.objects(family, signed=True)
    assert [each["name"] for each in found] == list(files)
    for each, media_type in zip(found, ("image/jpeg", "text/plain; charset=utf-8"), strict=True):
        assert set(each) == {*FIELDS, "signedUrl"}
        answer = dataset.raw.http.get(each["signedUrl"])
        assert (answer.status_code, answer.content) == (200, files[each["name"]])
        assert answer.headers["content-type"] == media_type
        part = dataset.raw.http.get(each["signedUrl"], headers={"Range": "bytes=2-5"})
        assert (part.status_code, part.content) == (206, files[each["name"]][2:6])
        assert dataset.raw.http.head(each["signedUrl"]).status_code == 200
        assert (
            dataset.raw.http.get(each["signedUrl"].replace("expires=", "expires=1")).status_code
            == 403
        )


@pytest.mark.parametrize(
    ("extension", "kind", "media"),
    [
        (".jpg", "image", {"width": 40, "height": 30}),
        (".jpeg", "image", {"width": 40, "height": 30}),
        (".png", "image", {"width": 40, "height": 30}),
        (".gif", "image", {"width": 40, "height": 30}),
        (".mp4", "video", {"frameCount": 6}),
        (".mp3", "audio", {"width": None, "height": None}),
        (".wav", "audio", {"width": None, "height": None, "duration": 0.3}),
        (".m4a", "audio", {"width": None, "height": None}),
        (".txt", "text", {"width": None}),
        (".pcd", "pcd", {"width": None}),
        (".dcm", "dicom", {"width": 40, "height": 32}),
    ],
)
def test_a_kind_follows_from_the_extension_and_media_from_the_content(
    plain: DatasetApi, extension: str, kind: str, media: dict[str, Any]
) -> None:
    data = scan(1) if extension == ".dcm" else sample(extension)
    made = plain.add(f"a{extension.upper()}", data)
    assert (made["kind"], made["size"]) == (kind, len(data))
    assert set(made) - FIELDS <= {"duration", "fps", "frameCount"}
    assert {name: made[name] for name in media} == media


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.jpg", sample(".txt"), "a.jpg"),
        ("a.jpg", picture()[:-200], "damaged"),
        ("a.mp4", picture(), "a.mp4"),
        ("a.txt", b"\xff\xfe\x00", "a.txt"),
        ("a.jpg", b"", "empty"),
        ("a", picture(), "datasets take"),
        ("a.exe", picture(), "datasets take"),
        ("jpg", picture(), "datasets take"),
        ("a.zip", picture(), "datasets take"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    plain: DatasetApi, name: str, data: bytes, message: str
) -> None:
    status, said = refusal(plain.try_add(name, data))
    assert (status, message in said) == (422, True), said
    assert plain.objects() == []
    assert len(plain.revisions()) == 1


def test_an_object_has_up_to_250_mb() -> None:
    assert MAX_BYTES == 250 * 1024 * 1024
    assert object_rule("a.mp4", MAX_BYTES).modality == "video"
    with pytest.raises(FileError, match=r"a\.mp4: datasets take files of up to 250 MB"):
        object_rule("a.mp4", MAX_BYTES + 1)


@pytest.mark.parametrize("value", [None, 1, "", "a", "*", ["aGk="]], ids=str)
def test_a_file_is_base64_and_not_missing(plain: DatasetApi, value: Any) -> None:
    for path, names in (
        ("dataset-objects-v2", {"dataset": plain.name, "name": "a.txt"}),
        ("dataset-revision-objects", {"datasetName": plain.name, "objectName": "a.txt"}),
    ):
        assert plain.raw("POST", path, json={**names, "filePath": value}).status_code == 422
        assert plain.raw("POST", path, json=names).status_code == 422
    assert plain.objects() == []


def test_an_object_is_uploaded_as_a_form_too(dataset: DatasetApi) -> None:
    body = {"datasetName": dataset.name, "objectName": "a.jpg", "type": "train", "message": "First"}
    path = "dataset-revision-objects"
    made = ok(dataset.raw.upload(body, ("x.jpg", picture(1)), path=path))
    assert (made["name"], made["size"], made["type"]) == ("a.jpg", len(picture(1)), "train")
    assert dataset.head()["message"] == "First"
    two = [("x.jpg", picture(1)), ("y.jpg", picture(2))]
    body["objectName"] = "b.jpg"
    assert dataset.raw.upload(body, *two, path=path).status_code == 422


PLAIN_NAMES = (
    "a.jpg",
    "dir/a b.jpg",
    "50%.jpg",
    "a+b&c=d;e,f.jpg",
    "日本/猫 😀.jpg",
    "e\u0301.jpg",
    "q\"uo'te.jpg",
    "back\\slash.jpg",
    "...jpg",
    "a/.hidden.jpg",
    "A.jpg",
    "x" * 496 + ".jpg",
)


# A URL would mean something else by most of them, if they were not encoded.
ENCODED_NAMES = ("a%2Fb.jpg", "a/b.jpg", "what?.jpg", "one#two.jpg", "%00.jpg", "revisions/x.jpg")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    ("names", "encoded"),
    [(PLAIN_NAMES, False), (PLAIN_NAMES, True), (ENCODED_NAMES, True)],
    ids=["raw", "encoded", "only encoded"],
)
def test_objects_are_found_and_deleted_by_their_names(
    dataset: DatasetApi, family: str, names: tuple[str, ...], encoded: bool
) -> None:
    for name in names:
        assert dataset.add(name, family=family)["name"] == name
    assert dataset.names() == list(names)
    paths = [dataset.path_of(name, family, encoded=encoded) for name in names]
    for name, path in zip(names, paths, strict=True):
        assert ok(dataset.raw("GET", path))["name"] == name
    for gone, path in enumerate(paths, 1):
        assert dataset.raw("DELETE", path).status_code == 204, path
        assert dataset.names() == list(names[gone:])


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", ".jpg/", "../x.jpg", "a/../../x.jpg", "a/..", "/x.jpg", "//x.jpg", "a//b.jpg"),
        *("./a.jpg", "a/./b.jpg", "a/", "C:/x.jpg", "c:x.jpg", "..\\x.jpg", "a\\..\\x.jpg"),
        *("\\x.jpg", "a\x00.jpg", "a\n.jpg", "x" * 497 + ".jpg"),
        *(None, 1, ["a.jpg"]),
    ],
    ids=lambda name: repr(name)[:30],
)
def test_a_name_that_would_leave_the_folder_or_meet_another_is_refused(
    plain: DatasetApi, name: Any
) -> None:
    for family in FAMILIES:
        assert plain.try_add(name, picture(), family).status_code == 422
    push = plain.start_push()
    brought = plain.bring(push["id"], [{"name": name, "hasFile": True}], picture())
    assert brought.status_code == 422
    assert plain.objects() == []


def test_a_name_is_taken_once(dataset: DatasetApi) -> None:
    dataset.add("a.jpg")
    for family in FAMILIES:
        status, message = refusal(dataset.try_add("a.jpg", picture(1), family))
        assert (status, "'a.jpg'" in message) == (409, True)
    assert dataset.objects()[0]["size"] == len(picture())
    assert len(dataset.revisions()) == 2


def test_of_those_who_create_an_object_at_once_one_does(dataset: DatasetApi) -> None:
    def add(number: int) -> int:
        return dataset.try_add("same.jpg" if number % 2 else f"{number}.jpg", picture()).status_code

    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(add, range(6)))
    assert codes[::2] == [200] * 3
    assert sorted(codes[1::2]) == [200, 409, 409]
    assert sorted(dataset.names()) == ["0.jpg", "2.jpg", "4.jpg", "same.jpg"]
    numbers = [each["number"] for each in dataset.revisions()]
    assert numbers == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    "fields",
    [
        {"tags": list("abcdef")},
        {"tags": [""]},
        {"tags": ["x" * 141]},
        {"tags": ["a\x00"]},
        {"tags": "a"},
        {"licenses": [str(number) for number in range(11)]},
        {"licenses": [" "]},
        {"type": "training"},
        {"customMetadata": []},
        {"customMetadata": {"a": {}}},
        {"customMetadata": {"a": ["b"]}},
        {"customMetadata": {" ": "b"}},
        {"customMetadata": {str(number): "x" for number in range(1001)}},
        {"message": "x" * 501},
    ],
    ids=lambda fields: str(fields)[:40],
)
def test_fields_have_limits(plain: DatasetApi, fields: dict[str, Any]) -> None:
    plain.add("there.jpg")
    assert plain.try_add("a.jpg", picture(), **fields).status_code == 422
    assert plain.try_change("there.jpg", **fields).status_code == 422
    push = plain.start_push()
    if "message" not in fields:
        brought = plain.bring(push["id"], [{"name": "there.jpg", **fields}])
        assert brought.status_code == 422
    assert plain.names() == ["there.jpg"]
    assert len(plain.revisions()) == 2


def test_up_to_the_limits_everything_is_taken(plain: DatasetApi) -> None:
    tags, licenses = list("abcde"), [f"license {number}" for number in range(10)]
    made = plain.add("a.jpg", tags=tags, licenses=licenses)
    assert (made["tags"], made["licenses"]) == (tags, licenses)


@pytest.mark.parametrize("family", FAMILIES)
def test_filters_narrow_a_list(dataset: DatasetApi, family: str) -> None:
    dataset.add("1.jpg", tags=["cat", "night"], licenses=["MIT"], type="train")
    dataset.add("2.jpg", tags=["cat"], licenses=["MIT", "CC 0"], type="valid")
    dataset.add("3.jpg", tags=["Cat", 'a"b\\%'], licenses=["mit"], type="test")
    dataset.add("4.jpg")
    for query, expected in (
        ({}, "1234"),
        ({"tags": "cat"}, "12"),
        ({"tags": ["cat", "night"]}, "1"),
        ({"tags": 'a"b\\%'}, "3"),
        ({"tags": "%"}, ""),
        ({"tags": "dog"}, ""),
        ({"licenses": "MIT"}, "12"),
        ({"licenses": ["MIT", "CC 0"]}, "2"),
        ({"types": "train"}, "1"),
        ({"types": ["train", "test"]}, "13"),
        ({"types": "none"}, "4"),
        ({"tags": "cat", "types": "valid", "licenses": "CC 0"}, "2"),
        ({"tags": "cat", "offset": 1}, "2"),
        ({"version": "latest", "limit": 2}, "12"),
        ({"version": "", "revisionId": ""}, "1234"),
    ):
        for signed in (False, True):
            found = dataset.objects(family, signed, **query)
            assert "".join(each["name"][0] for each in found) == expected, query
    for query in (
        {"types": "training"},
        {"tags": list("a" * 11)},
        {"licenses": list("a" * 11)},
        {"limit": 1001},
        {"limit": 0},
        {"limit": -1},
        {"offset": -1},
        {"cursor": "x"},
        {"version": "\x00"},
        {"revisionId": "\x00" * 8},
    ):
        assert dataset.try_list(family, **query).status_code == 422, query


def test_pages_follow_by_offset_and_by_cursor(dataset: DatasetApi) -> None:
    for number in range(5):
        dataset.add(f"{number}.jpg", tags=["even"] if number % 2 == 0 else [])
    dataset.remove("1.jpg")
    everything = ["0.jpg", "2.jpg", "3.jpg", "4.jpg"]
    assert [dataset.names(offset=n, limit=2) for n in (0, 2, 4)] == [
        everything[:2],
        everything[2:],
        [],
    ]
    for query, expected in (({}, everything), ({"tags": "even"}, ["0.jpg", "2.jpg", "4.jpg"])):
        found, cursor = [], None
        while True:
            page = dataset.try_list(limit=2, **query, **({"cursor": cursor} if cursor else {}))
            found += [each["name"] for each in ok(page)]
            cursor = page.headers.get(CURSOR_HEADER)
            if cursor is None:
                break
        assert found == expected


@pytest.mark.parametrize("family", FAMILIES)
def test_an_update_changes_what_it_gives(dataset: DatasetApi, family: str) -> None:
    given = {
        "tags": ["a"],
        "licenses": ["MIT"],
        "annotations": [{"type": "bbox", "value": "cat", "points": [1, 2, 3, 4]}],
        "customMetadata": {"k": "v"},
        "type": "train",
    }
    empty = {"tags": [], "licenses": [], "annotations": [], "customMetadata": {}, "type": "none"}
    made = dataset.add("x/a.jpg", **given)
    for field, value in empty.items():
        changed = dataset.change("x/a.jpg", family, **{field: value})
        assert changed == {**made, field: value, "updatedAt": changed["updatedAt"]}
        assert ok(dataset.find("x/a.jpg")) == changed
        back = dataset.change("x/a.jpg", family, **{field: given[field]})
        assert back == {**made, "updatedAt": back["updatedAt"]}
    assert len(dataset.revisions()) == 2 + 2 * len(empty)
    changed = dataset.change("x/a.jpg", family, tags=["b"], licenses=None, annotations=None)
    assert (changed["tags"], changed["licenses"]) == (["b"], ["MIT"])
    assert changed["annotations"] == made["annotations"]
    assert dataset.try_change("none.jpg", family, tags=[]).status_code == 404
    assert dataset.try_change("none.jpg", family, annotations=[]).status_code == 404


def test_what_changes_nothing_makes_no_revision(dataset: DatasetApi) -> None:
    """Annotations that were sent back as they were shown made one in which nothing differs."""
    box = {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4]}
    made = dataset.add("a.jpg", tags=["a"], annotations=[box, box], customMetadata={"a": 1, "b": 2})
    before = dataset.head()
    for fields in (
        {},
        {"tags": ["a"], "type": "none"},
        {"annotations": made["annotations"]},
        {"annotations": [box, box], "customMetadata": {"b": 2, "a": 1}},
        {name: made[name] for name in ("tags", "licenses", "annotations", "customMetadata")},
    ):
        assert dataset.change("a.jpg", **fields) == made
        assert dataset.head() == before
    # These do change something: a number of another type, one of two that are alike.
    dataset.change("a.jpg", customMetadata={"a": 1.0, "b": 2})
    dataset.change("a.jpg", annotations=[box])
    assert dataset.head()["number"] == before["number"] + 2


def test_an_object_that_comes_again_keeps_its_place_and_id(dataset: DatasetApi) -> None:
    first = dataset.add("a.jpg", picture(1), tags=["old"], customMetadata={"k": "v"})
    dataset.add("b.jpg", picture(2))
    dataset.remove("a.jpg")
    again = dataset.add("a.jpg", picture(3))
    assert again["id"] == first["id"]
    assert (again["tags"], again["customMetadata"]) == ([], {})
    assert again["createdAt"] > first["createdAt"]
    assert dataset.names() == ["a.jpg", "b.jpg"]


def test_equal_files_are_stored_once(dataset: DatasetApi, database: Database) -> None:
    for number in range(3):
        dataset.add(f"{number}.jpg", picture(77))
    [sha256] = {each["sha256"] for each in dataset.objects()}
    with database.read() as session:
        for column in (Blob.sha256, DatasetFile.blob_sha256):
            assert session.scalar(select(func.count()).where(column == sha256)) == 1


def test_a_request_that_is_sent_again_has_one_effect(dataset: DatasetApi) -> None:
    headers = {"Idempotency-Key": f"key of {dataset.name}"}
    data = base64.b64encode(picture(1)).decode()
    body = {"dataset": dataset.name, "name": "a.jpg", "filePath": data}
    answers = [
        ok(dataset.raw("POST", "dataset-objects-v2", json=body, headers=headers)) for _ in range(2)
    ]
    assert answers[0] == answers[1] == ok(dataset.find("a.jpg"))
    assert len(dataset.revisions()) == 2
    other = {**body, "name": "b.jpg"}
    assert dataset.raw("POST", "dataset-objects-v2", json=other, headers=headers).status_code == 409


@pytest.fixture
def building(dataset: DatasetApi, database: Database) -> Iterator[DatasetApi]:
    """A dataset with one object, of which a job is building the next revision."""
    dataset.add("a.jpg")
    with database.write() as session:
        row = session.execute(select(Dataset).where(Dataset.id == dataset.id)).scalar_one()
        draft = Draft.of_job(session, row, "job-of-the-test")
        draft.stage(session, {"a.jpg": None})
        draft.keep()
    yield dataset
    with database.write() as session:
        session.execute(update(Dataset).where(Dataset.id == dataset.id).values(draft_job=None))


def test_while_a_job_builds_a_revision_nobody_else_changes_the_dataset(
    building: DatasetApi,
) -> None:
    before = building.shown()
    refused = {
        "create": building.try_add("b.jpg", picture(1)),
        "update": building.try_change("a.jpg", tags=["x"]),
        "delete": building.raw("DELETE", building.path_of("a.jpg")),
        "restore": building.call("POST", "/restore", json={"version": "latest"}),
        "commit": building.call("POST", f"/pushes/{building.start_push()['id']}/commit"),
        "delete all": building.call("DELETE"),
    }
    for what, answer in refused.items():
        assert answer.status_code == 409, what
        assert "is being changed by" in answer.json()["message"], what
        assert answer.headers["Retry-After"], what
    assert building.names() == ["a.jpg"], "what it has done so far is not seen"
    assert building.shown() == before
    ok(building.call("POST", "/versions", json={"version": "v1"}))
    ok(building.call("PUT", json={"license": "MIT"}))
