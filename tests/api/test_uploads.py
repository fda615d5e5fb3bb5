"""Uploads: two forms of one request, many at a time, and the same one more than once."""

from __future__ import annotations

import base64
import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from api.conftest import Raw
from conftest import jpeg_bytes
from fastlabel import Client
from fastlabel.exceptions import FastLabelConflictException
from fastlabel_server import tables
from fastlabel_server.db import Database

BOX = {"type": "bbox", "value": "cat", "points": [1, 2.5, 3, 4]}
FIELDS: dict[str, Any] = {
    "status": "completed",
    "priority": 20,
    "tags": ["b", "猫"],
    "annotations": [{**BOX, "attributes": [{"key": "kind", "value": "三毛 ✓"}]}],
    "metadatas": [{"key": "k", "value": 1}],
    "assignee": "owner",
}


def as_json(raw: Raw, body: dict[str, Any], data: bytes, **headers: str) -> httpx.Response:
    """Create a task as the official client does."""
    text = json.dumps({**body, "file": base64.b64encode(data).decode()})
    headers = {"Content-Type": "application/json", **headers}
    return raw("POST", "tasks/image", content=text, headers=headers)


@pytest.mark.parametrize("size", [0, 3_000_000])
def test_both_forms_make_the_same_task(raw: Raw, project: str, size: int) -> None:
    data = jpeg_bytes() + bytes(size)
    raw("POST", "metadatas", json={"project": project, "key": "k", "type": "number"})
    ids = [
        as_json(raw, {"project": project, "name": "x", **FIELDS}, data).json(),
        raw.upload({"project": project, "name": "y", **FIELDS}, ("猫.jpg", data)).json(),
    ]
    tasks = [raw("GET", f"tasks/image/{task_id}").json() for task_id in ids]
    for task in tasks:
        assert raw.http.get(task.pop("url")).content == data
        task["annotations"][0].pop("id")
        for key in ("id", "name", "createdAt", "updatedAt"):
            del task[key]
    assert tasks[0] == tasks[1]
    assert tasks[0]["tags"] == ["b", "猫"]


BASE64 = base64.b64encode(jpeg_bytes() + bytes(-len(jpeg_bytes()) % 3 + 1)).decode()
"""A picture whose length leaves two characters of padding."""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "****",
        BASE64[:-1],
        f"{BASE64}=",
        f"{BASE64}AAAA",
        f"data:image/jpeg;base64,{BASE64}",
        f"{BASE64[:100]} {BASE64[100:]}",
        f"_-_-{BASE64}",
        None,
        7,
        ["a"],
    ],
)
def test_what_is_no_base64_is_refused(sqlite_raw: Raw, sqlite_project: str, text: Any) -> None:
    body = {"project": sqlite_project, "name": "a", "file": text}
    response = sqlite_raw("POST", "tasks/image", json=body)
    assert response.status_code == 422
    assert response.json()["message"].startswith("file: ")
    assert sqlite_raw("GET", f"tasks/count?project={sqlite_project}").json() == 0


def test_a_body_without_a_file_or_cut_off_makes_nothing(
    sqlite_raw: Raw, sqlite_project: str
) -> None:
    body = {"project": sqlite_project, "name": "a"}
    assert sqlite_raw("POST", "tasks/image", json=body).status_code == 422
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    for content in (b"", b"--x", part, part + jpeg_bytes(), part + jpeg_bytes() + b"\r\n--x"):
        response = sqlite_raw("POST", "tasks/image", content=content, headers=headers)
        assert response.status_code == 400, response.text
    headers = {"Content-Type": "multipart/form-data"}
    assert sqlite_raw("POST", "tasks/image", content=b"", headers=headers).status_code == 400
    assert sqlite_raw("GET", f"tasks/count?project={sqlite_project}").json() == 0


def test_hundreds_of_uploads_at_once_all_arrive(
    client: Client, project: str, tmp_path: Path
) -> None:
    count, workers = 240, 12
    paths = []
    for number in range(count):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(jpeg_bytes((8 + number % 7, 8)))
        paths.append(path)
    with ThreadPoolExecutor(workers) as pool:
        ids = list(
            pool.map(
                lambda path: client.create_image_task(
                    project, path.name, path, annotations=[BOX], tags=[f"t{path.name[0]}", "all"]
                ),
                paths,
            )
        )
    assert len(set(ids)) == count
    assert client.count_tasks(project) == client.count_tasks(project, tags=["all"]) == count
    names = client.get_task_id_name_map(project)
    assert names == {task_id: path.name for task_id, path in zip(ids, paths, strict=True)}
    tags = sorted(tag["name"] for tag in client.get_tags(project))
    assert tags == ["all", *(f"t{digit}" for digit in range(10))]


def test_one_of_many_that_want_the_same_name_gets_it(
    client: Client, project: str, cat_jpg: Path
) -> None:
    barrier = threading.Barrier(8)

    def create(_: int) -> int:
        barrier.wait()
        try:
            client.create_image_task(project, "same", cat_jpg)
        except FastLabelConflictException as refusal:
            return refusal.code or 0
        return 200

    with ThreadPoolExecutor(8) as pool:
        codes = Counter(pool.map(create, range(8)))
    assert codes == {200: 1, 409: 7}
    assert [task["name"] for task in client.get_image_tasks(project)] == ["same"]
    assert client.count_tasks(project) == 1


def test_a_request_sent_again_under_its_key_is_answered_again(
    raw: Raw, client: Client, project: str, cat_jpg: Path, database: Database
) -> None:
    key = {"Idempotency-Key": f"key-{project}"}
    body = {"project": project, "name": "a", "annotations": [BOX]}
    data = cat_jpg.read_bytes()
    answers = [raw.upload(body, ("a.jpg", data), headers=key) for _ in range(3)]
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}
    assert client.count_tasks(project) == 1
    assert len(client.get_task_revisions(answers[0].json())) == 1
    # Deleted in between, it is still the same request: nothing is made anew.
    client.delete_task(answers[0].json())
    assert raw.upload(body, ("a.jpg", data), headers=key).json() == answers[0].json()
    assert client.count_tasks(project) == 0
    with database.read() as session:
        kept = select(func.count()).where(tables.IdempotentAnswer.key == f"key-{project}")
        assert session.scalar(kept) == 1


def test_another_request_under_the_same_key_is_a_conflict(
    raw: Raw, client: Client, project: str, cat_jpg: Path
) -> None:
    key = {"Idempotency-Key": f"key-{project}"}
    body = {"project": project, "name": "a"}
    data = cat_jpg.read_bytes()
    assert raw.upload(body, ("a.jpg", data), headers=key).status_code == 200
    for response in (
        raw.upload({**body, "name": "b"}, ("a.jpg", data), headers=key),
        raw.upload({**body, "priority": 10}, ("a.jpg", data), headers=key),
        raw.upload(body, ("a.jpg", data + b"\0"), headers=key),
        raw("POST", "projects", json={"type": "image_all", "name": "P", "slug": f"{project}-k"},
            headers=key),
    ):  # fmt: skip
        assert response.status_code == 409
        assert response.json()["message"].startswith("Idempotency-Key: ")
    assert client.get_projects(slug=f"{project}-k") == []
    assert client.count_tasks(project) == 1


def test_a_refused_request_does_not_use_its_key_up(raw: Raw, project: str, cat_jpg: Path) -> None:
    key = {"Idempotency-Key": f"key-{project}"}
    body = {"project": project, "name": "a", "annotations": [{**BOX, "value": "dog"}]}
    file = ("a.jpg", cat_jpg.read_bytes())
    assert raw.upload(body, file, headers=key).status_code == 422
    assert raw.upload({**body, "annotations": [BOX]}, file, headers=key).status_code == 200


def test_the_keys_of_two_users_are_two_keys(
    http: httpx.Client, raw: Raw, client: Client, project: str
) -> None:
    email = f"mia@{project}.example"
    token = raw.server.create_user(email, "Mia", "member")
    client.update_project_user_permission(project, email, "manager")
    for bearer, name in ((raw.server.token, "a"), (token, "b")):
        response = http.post(
            f"{raw.server.api_url}tasks/image",
            files={"file": ("a.jpg", jpeg_bytes())},
            data={"request": json.dumps({"project": project, "name": name})},
            headers={"Idempotency-Key": f"key-{project}", "Authorization": f"Bearer {bearer}"},
        )
        assert response.status_code == 200, response.text
    assert client.count_tasks(project) == 2


def test_twins_sent_at_the_same_moment_make_one_task(
    raw: Raw, client: Client, project: str, cat_jpg: Path
) -> None:
    barrier = threading.Barrier(6)
    body = {"project": project, "name": "twin"}
    file = ("a.jpg", cat_jpg.read_bytes())

    def send(_: int) -> tuple[int, str]:
        barrier.wait()
        response = raw.upload(body, file, headers={"Idempotency-Key": f"twin-{project}"})
        return response.status_code, response.text

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))
    statuses = Counter(status for status, _ in answers)
    assert statuses[200] >= 1
    assert len({text for status, text in answers if status == 200}) == 1
    assert set(statuses) == {200}, answers
    assert client.count_tasks(project) == 1


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_has_1_to_200_characters(sqlite_raw: Raw, slug: str, key: str) -> None:
    body = {"type": "image_all", "name": "P", "slug": slug}
    response = sqlite_raw("POST", "projects", json=body, headers={"Idempotency-Key": key})
    assert response.status_code == 422
    assert response.json()["message"].startswith("Idempotency-Key: ")


def test_every_creating_request_can_carry_a_key(client: Client, slug: str) -> None:
    ids = {client.create_project("image_all", "P", slug, idempotency_key=slug) for _ in range(2)}
    assert len(ids) == 1
    classes = {
        client.create_annotation(slug, "bbox", "cat", "Cat", idempotency_key=f"{slug}-c")
        for _ in range(2)
    }
    assert len(classes) == 1
    assert len(client.get_annotations(slug)) == 1
