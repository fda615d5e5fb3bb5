"""Image and multi-image classification tasks: answers, and files that belong together."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from api import pictures
from api.conftest import Raw
from conftest import jpeg_bytes
from fastlabel import Client
from fastlabel.exceptions import FastLabelConflictException, FastLabelInvalidException

OPTIONS = [{"title": "Cat", "value": "cat"}, {"title": "Dog", "value": "dog"}]
SHEET: list[dict[str, Any]] = [
    {"type": "radio", "name": "Kind", "key": "kind", "options": OPTIONS},
    {"type": "checkbox", "name": "Seen", "key": "seen", "options": OPTIONS},
    {"type": "text", "name": "Note", "key": "note"},
]
ANSWER = [
    {"key": "seen", "value": ["dog", "cat"]},
    {"key": "kind", "value": "cat"},
    {"key": "note", "value": "猫 ✓"},
]
SHOWN = [
    {"key": "seen", "name": "Seen", "type": "checkbox", "value": ["dog", "cat"]},
    {"key": "kind", "name": "Kind", "type": "radio", "value": "cat"},
    {"key": "note", "name": "Note", "type": "text", "value": "猫 ✓"},
]


@pytest.fixture
def single(client: Client, slug: str) -> str:
    client.create_project("image_classification", "P", f"{slug}-s")
    client.create_classification_annotation(f"{slug}-s", SHEET)
    return f"{slug}-s"


@pytest.fixture
def multi(client: Client, slug: str) -> str:
    client.create_project("multi_image_classification", "P", f"{slug}-m")
    client.create_classification_annotation(f"{slug}-m", SHEET)
    return f"{slug}-m"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of three pictures whose names do not sort like their ages."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "b.jpg").write_bytes(jpeg_bytes((20, 10)))
    (folder / "a.PNG").write_bytes(pictures.encoded("PNG", (30, 10)))
    (folder / "c.gif").write_bytes(pictures.encoded("GIF", (40, 10)))
    (folder / ".hidden").write_bytes(b"x")
    return folder


def test_an_answer_comes_back_with_the_names_of_its_questions(
    client: Client, single: str, cat_jpg: Path
) -> None:
    task_id = client.create_image_classification_task(
        single, "a", cat_jpg, attributes=ANSWER, tags=["seen"], priority=10, assignee="owner"
    )
    task = client.find_image_classification_task(task_id)
    assert task["attributes"] == SHOWN
    assert (task["width"], task["height"], task["assignee"]) == (64, 48, "Olga Owner")
    assert "annotations" not in task and "relations" not in task
    assert client.find_image_classification_task_by_name(single, "a") == task
    assert client.get_image_classification_tasks(single, tags=["seen"]) == [task]
    assert list(client.iter_image_classification_tasks(single)) == [task]


def test_an_update_replaces_the_answer_or_leaves_it(
    client: Client, single: str, cat_jpg: Path
) -> None:
    task_id = client.create_image_classification_task(single, "a", cat_jpg, attributes=ANSWER)
    client.update_image_classification_task(task_id, status="completed")
    assert client.find_image_classification_task(task_id)["attributes"] == SHOWN
    client.update_image_classification_task(task_id, attributes=[{"key": "kind", "value": "dog"}])
    task = client.find_image_classification_task(task_id)
    assert [(a["key"], a["value"]) for a in task["attributes"]] == [("kind", "dog")]
    client.delete_task_annotations(task_id)
    assert client.find_image_classification_task(task_id)["attributes"] == []


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ([{"key": "age", "value": 3}], r"attributes\[0\]\.key: .*'age'"),
        ([{"key": "kind", "value": "cow"}], r"attributes\[0\]\.value: expected 'cat' or 'dog'"),
        ([ANSWER[0], {"key": "kind", "value": ["cat"]}], r"attributes\[1\]\.value: "),
        ([{"key": "seen", "value": "cat"}], r"attributes\[0\]\.value: "),
        ([{"key": "seen", "value": ["cow"]}], r"attributes\[0\]\.value: "),
    ],
)
def test_an_answer_to_another_question_is_refused(
    client: Client, single: str, cat_jpg: Path, answer: list[dict[str, Any]], message: str
) -> None:
    with pytest.raises(FastLabelInvalidException, match=message):
        client.create_image_classification_task(single, "a", cat_jpg, attributes=answer)
    assert client.get_image_classification_tasks(single) == []


def test_a_project_without_questions_takes_no_answers(
    client: Client, slug: str, cat_jpg: Path
) -> None:
    client.create_project("image_classification", "P", slug)
    with pytest.raises(FastLabelInvalidException, match="create_classification_annotation"):
        client.create_image_classification_task(slug, "a", cat_jpg, attributes=ANSWER)
    assert client.create_image_classification_task(slug, "a", cat_jpg)


def test_a_project_holds_tasks_of_one_kind(
    client: Client, single: str, project: str, cat_jpg: Path
) -> None:
    for request in (
        lambda: client.create_image_task(single, "a", cat_jpg),
        lambda: client.get_image_tasks(single),
        lambda: client.get_multi_image_classification_tasks(single),
        lambda: client.create_image_classification_task(project, "a", cat_jpg),
    ):
        with pytest.raises(FastLabelInvalidException, match=r"project: .* holds") as refused:
            request()
        assert refused.value.code == 422


def test_files_of_a_task_come_in_the_order_of_their_names(
    http: httpx.Client, client: Client, multi: str, folder: Path
) -> None:
    task_id = client.create_multi_image_classification_task(multi, "t", folder, attributes=ANSWER)
    task = client.find_multi_image_classification_task(task_id)
    contents = task["contents"]
    assert [(c["name"], c["width"], c["height"]) for c in contents] == [
        ("a.PNG", 30, 10),
        ("b.jpg", 20, 10),
        ("c.gif", 40, 10),
    ]
    answers = [http.get(content["url"]) for content in contents]
    assert [answer.headers["Content-Type"] for answer in answers] == [
        "image/png", "image/jpeg", "image/gif",
    ]  # fmt: skip
    for content, answer in zip(contents, answers, strict=True):
        assert answer.content == (folder / content["name"]).read_bytes()
    assert task["attributes"] == SHOWN
    assert "width" not in task and "url" not in task
    assert client.find_multi_image_classification_task_by_name(multi, "t") == task
    assert client.get_multi_image_classification_tasks(multi) == [task]
    client.update_multi_image_classification_task(
        task_id, attributes=[{"key": "note", "value": "x"}], external_status="skipped"
    )
    updated = client.find_multi_image_classification_task(task_id)
    assert [a["value"] for a in updated["attributes"]] == ["x"]
    assert (updated["externalStatus"], updated["contents"]) == ("skipped", contents)


def test_files_are_ordered_by_code_points_however_they_were_sent(
    raw: Raw, client: Client, multi: str
) -> None:
    names = ["10.jpg", "9.jpg", "é.jpg", "Z.jpg", "a.jpg", "猫.jpg"]
    response = raw.upload(
        {"project": multi, "name": "t"},
        *((name, jpeg_bytes()) for name in names),
        path="tasks/multi-image/classification",
        part="contents",
    )
    assert response.status_code == 200, response.text
    contents = client.find_multi_image_classification_task(response.json())["contents"]
    expected = ["10.jpg", "9.jpg", "Z.jpg", "a.jpg", "é.jpg", "猫.jpg"]
    assert [content["name"] for content in contents] == expected


def test_exif_is_taken_out_of_every_file(
    http: httpx.Client, raw: Raw, client: Client, multi: str
) -> None:
    files = [
        ("a.jpg", pictures.with_exif("JPEG", 6)),
        ("b.png", pictures.with_exif("PNG", 1)),
        ("c.gif", pictures.encoded("GIF")),
    ]
    body = {"project": multi, "name": "t", "isDeleteExif": True}
    response = raw.upload(body, *files, path="tasks/multi-image/classification", part="contents")
    task = client.find_multi_image_classification_task(response.json())
    stored = [http.get(content["url"]).content for content in task["contents"]]
    assert all(pictures.SECRET.encode() not in data for data in stored)
    assert stored[2] == files[2][1]
    assert [(c["width"], c["height"]) for c in task["contents"]] == [(48, 64), (64, 48), (64, 48)]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "contents: multi-image classification tasks have 1 to 6 files, got 0"),
        ([f"{n}.jpg" for n in range(7)], "contents: .* 1 to 6 files, got 7"),
        (["a.jpg", "b.jpg", "a.jpg"], r"contents\[2\]\.name: 'a\.jpg' is given twice"),
        (["a.jpg", "b.bmp"], r"b\.bmp: .* \.png or \.gif files"),
        (["a.jpg", ""], r"contents\[1\]\.name: missing"),
    ],
    ids=["none", "seven", "a name twice", "extension", "no name"],
)
def test_files_that_make_no_task_are_refused(
    raw: Raw, client: Client, multi: str, names: list[str], message: str
) -> None:
    files = [(name, jpeg_bytes()) for name in names]
    response = raw.upload(
        {"project": multi, "name": "t"}, *files,
        path="tasks/multi-image/classification", part="contents",
    )  # fmt: skip
    assert response.status_code == 422
    with pytest.raises(ValueError, match=message):
        raise ValueError(response.json()["message"])
    assert client.get_multi_image_classification_tasks(multi) == []


def test_one_damaged_file_of_several_is_named(raw: Raw, client: Client, multi: str) -> None:
    files = [("a.jpg", jpeg_bytes()), ("b.jpg", jpeg_bytes()[:300])]
    response = raw.upload(
        {"project": multi, "name": "t"}, *files,
        path="tasks/multi-image/classification", part="contents",
    )  # fmt: skip
    assert response.status_code == 422
    assert response.json()["message"].startswith("b.jpg: ")


def test_a_name_belongs_to_one_task(client: Client, multi: str, folder: Path) -> None:
    client.create_multi_image_classification_task(multi, "t", folder)
    with pytest.raises(FastLabelConflictException):
        client.create_multi_image_classification_task(multi, "t", folder)
    assert client.count_tasks(multi) == 1


def test_base64_makes_the_same_task_as_raw_files(raw: Raw, multi: str) -> None:
    files = [("b.jpg", jpeg_bytes((20, 10))), ("a.png", pictures.encoded("PNG"))]
    path = "tasks/multi-image/classification"
    contents = [{"name": name, "file": base64.b64encode(data).decode()} for name, data in files]
    body = {"project": multi, "attributes": ANSWER}
    ids = [
        raw("POST", path, content=json.dumps({**body, "name": "x", "contents": contents})).json(),
        raw.upload({**body, "name": "y"}, *files, path=path, part="contents").json(),
    ]
    first, second = (raw("GET", f"{path}/{task_id}").json() for task_id in ids)
    for task in (first, second):
        for content in task["contents"]:
            content["url"] = raw.http.get(content["url"]).content
        for key in ("id", "name", "createdAt", "updatedAt"):
            del task[key]
    assert first == second
