"""Batches: many tasks in one request, each judged alone, created together."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from api.conftest import Raw
from conftest import jpeg_bytes
from fastlabel import Client, FastLabelPermissionException
from fastlabel_server.tables import BLOCK_SIZE

BATCH = "tasks/image/batch"
BOX = {"type": "bbox", "value": "cat", "points": [1, 2.5, 3, 4]}


def write_pictures(folder: Path, count: int) -> list[Path]:
    """Write pictures, each one pixel wider than the one before it."""
    folder.mkdir()
    paths = [folder / f"{number:02}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_bytes(jpeg_bytes((8 + number, 8)))
    return paths


def tasks_named(names: list[str], path: Path) -> list[dict[str, Any]]:
    return [{"name": name, "file_path": path} for name in names]


def upload(
    raw: Raw, project: str, names: list[str], files: int | None = None, **options: Any
) -> Any:
    """Send a batch as it is; with `files` of them, whatever the number of names."""
    count = len(names) if files is None else files
    body = {"project": project, "tasks": [{"name": name} for name in names]}
    parts = [(f"{number}.jpg", jpeg_bytes()) for number in range(count)]
    return raw.upload(body, *parts, **{"path": BATCH, "part": "contents", **options})


def test_a_folder_becomes_tasks_in_batches(client: Client, project: str, tmp_path: Path) -> None:
    paths = write_pictures(tmp_path / "pictures", 60)
    labels = {
        path.name: [{**BOX, "points": [0, 0, 8 + number, 8]}] * (number % 3)
        for number, path in enumerate(paths)
    }

    result = client.create_image_tasks_from_folder(
        project, tmp_path / "pictures", labels, tags=["june", "roof"], progress=False
    )

    assert sorted(result.created) == [path.name for path in paths]
    assert client.count_tasks(project) == client.count_tasks(project, tags=["june", "roof"]) == 60
    tasks = {task["name"]: task for task in client.iter_image_tasks(project)}
    assert {name: task["id"] for name, task in tasks.items()} == result.created
    for number, path in enumerate(paths):
        task = tasks[path.name]
        assert (task["width"], task["height"]) == (8 + number, 8)
        assert [one["points"] for one in task["annotations"]] == [[0, 0, 8 + number, 8]] * (
            number % 3
        )
    assert client.create_image_tasks_from_folder(
        project, tmp_path / "pictures", progress=False
    ).skipped == [path.name for path in paths]


def test_each_task_gets_what_was_said_of_it(
    client: Client, raw: Raw, project: str, tmp_path: Path
) -> None:
    first, second, third = write_pictures(tmp_path / "pictures", 3)
    client.create_metadata(project, "camera", "number")
    box = {**BOX, "attributes": [{"key": "kind", "value": "三毛"}]}
    ids = [
        one["id"]
        for one in client.create_image_tasks(
            project,
            [
                {"name": "猫/1.jpg", "file_path": second, "tags": ["b", "a"], "assignee": "owner"},
                {"name": "2", "file_path": first, "annotations": [box, BOX], "priority": 20},
                {
                    "name": "3",
                    "file_path": third,
                    "status": "completed",
                    "external_status": "approved",
                    "tags": ["a", "c"],
                    "metadatas": [{"key": "camera", "value": 3}],
                    "reviewer": "owner",
                    "approver": None,
                },
            ],
        )
    ]

    one, two, three = (client.find_image_task(task_id) for task_id in ids)
    assert [task["name"] for task in (one, two, three)] == ["猫/1.jpg", "2", "3"]
    assert (one["tags"], two["tags"], three["tags"]) == (["b", "a"], [], ["a", "c"])
    assert (one["assignee"], two["assignee"], three["reviewer"]) == (
        "Olga Owner", None, "Olga Owner",
    )  # fmt: skip
    assert (one["status"], three["status"]) == ("registered", "completed")
    assert (one["externalStatus"], three["externalStatus"]) == ("registered", "approved")
    assert (one["priority"], two["priority"]) == (0, 20)
    assert three["metadatas"] == [{"key": "camera", "value": 3}]
    assert [[a["value"] for a in entry["attributes"]] for entry in two["annotations"]] == [
        ["三毛"],
        [],
    ]
    for task, path in ((one, second), (two, first), (three, third)):
        assert raw.http.get(task["url"]).content == path.read_bytes()
    for task_id, count in zip(ids, (0, 2, 0), strict=True):
        (revision,) = client.get_task_revisions(task_id)
        assert (revision["revision"], revision["via"]) == (1, "create")
        assert (revision["annotationCount"], revision["author"]) == (count, "Olga Owner")
    tags = sorted(tag["name"] for tag in client.get_tags(project))
    assert tags == ["a", "b", "c"]


def test_what_is_refused_keeps_none_of_the_others_back(
    client: Client, project: str, cat_jpg: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.jpg"
    damaged.write_bytes(cat_jpg.read_bytes()[:200])
    client.create_image_task(project, "taken", cat_jpg)
    good = {"file_path": cat_jpg, "annotations": [BOX], "tags": ["new"]}

    answer = client.create_image_tasks(
        project,
        [
            {**good, "name": "first"},
            {**good, "name": "damaged", "file_path": damaged, "tags": ["lost"]},
            {**good, "name": "unknown", "annotations": [BOX, {**BOX, "value": "dog"}]},
            {**good, "name": "taken"},
            {**good, "name": "twin"},
            {**good, "name": "twin"},
            {**good, "name": "nobody", "assignee": "nobody"},
            {**good, "name": "last"},
        ],
    )

    assert [one["name"] for one in answer] == [
        "first", "damaged", "unknown", "taken", "twin", "twin", "nobody", "last",
    ]  # fmt: skip
    codes = [one["error"]["statusCode"] if "error" in one else 200 for one in answer]
    assert codes == [200, 422, 422, 409, 200, 409, 422, 200]
    messages = [one["error"]["message"] for one in answer if "error" in one]
    for message, words in zip(
        messages,
        ("damaged", "annotations[1].value: ", "'taken'", "'twin'", "assignee: "),
        strict=True,
    ):
        assert words in message
    made = {one["id"]: one["name"] for one in answer if "id" in one}
    names = client.get_task_id_name_map(project)
    assert {task_id: names[task_id] for task_id in made} == made
    assert sorted(names.values()) == ["first", "last", "taken", "twin"]
    assert client.count_tasks(project, tags=["new"]) == 3
    assert [tag["name"] for tag in client.get_tags(project)] == ["new"]


def test_a_single_task_is_refused_with_the_same_words(
    client: Client, raw: Raw, project: str
) -> None:
    for fields, file in (
        ({"annotations": [{**BOX, "value": "dog"}]}, ("a.jpg", jpeg_bytes())),
        ({"annotations": [{**BOX, "points": [1]}]}, ("a.jpg", jpeg_bytes())),
        ({"customTaskStatus": "pending"}, ("a.jpg", jpeg_bytes())),
        ({"attributes": [{"key": "kind", "value": "a"}]}, ("a.jpg", jpeg_bytes())),
        ({}, ("a.gif", jpeg_bytes())),
        ({}, ("a.jpg", b"")),
        ({}, ("a.jpg", b"no picture")),
    ):
        task = {"name": "a", **fields}
        single = raw.upload({"project": project, **task}, file)
        (entry,) = raw.upload(
            {"project": project, "tasks": [task]}, file, path=BATCH, part="contents"
        ).json()
        assert single.status_code == entry["error"]["statusCode"] == 422
        assert single.json()["message"] == entry["error"]["message"]
    assert client.count_tasks(project) == 0


@pytest.mark.parametrize(
    ("tasks", "files", "words"),
    [(101, 101, "tasks"), (0, 0, "tasks"), (3, 2, "contents"), (2, 3, "contents"), (2, 0, "")],
)
def test_a_batch_has_1_to_100_tasks_and_a_file_for_each(
    raw: Raw, client: Client, project: str, tasks: int, files: int, words: str
) -> None:
    response = upload(raw, project, [str(number) for number in range(tasks)], files)

    assert response.status_code == 422, response.text
    assert words in response.json()["message"]
    assert client.count_tasks(project) == 0


def test_a_batch_is_refused_as_a_whole_to_who_may_not_create(
    raw: Raw, client: Client, project: str, cat_jpg: Path
) -> None:
    email = f"ann@{project}.example"
    token = raw.server.create_user(email, "Ann", "member")
    client.update_project_user_permission(project, email, "annotator")

    with (
        raw.server.client(token) as annotator,
        pytest.raises(FastLabelPermissionException) as caught,
    ):
        annotator.create_image_tasks(project, tasks_named(["a", "b"], cat_jpg))

    assert caught.value.code == 403
    assert upload(raw, "no-such-project", ["a"]).status_code == 404
    bad = {"Authorization": "Bearer nobody"}
    assert upload(raw, project, ["a"], headers=bad).status_code == 401
    other_kind = upload(raw, project, ["a"], path="tasks/image/classification/batch")
    assert other_kind.status_code == 422
    assert client.count_tasks(project) == 0


def test_a_batch_sent_again_under_its_key_is_answered_again(
    raw: Raw, client: Client, project: str
) -> None:
    key = {"Idempotency-Key": f"batch-{project}"}
    names = ["a", "b", "a"]

    first = upload(raw, project, names, headers=key)
    client.delete_task(first.json()[0]["id"])
    again = upload(raw, project, names, headers=key)

    assert (again.status_code, again.text) == (200, first.text)
    assert [set(one) for one in again.json()] == [{"name", "id"}] * 2 + [{"name", "error"}]
    assert list(client.get_task_id_name_map(project).values()) == ["b"]
    assert upload(raw, project, ["c"], headers=key).status_code == 409


def test_of_batches_that_want_the_same_names_each_name_has_one_winner(
    raw: Raw, client: Client, project: str, cat_jpg: Path
) -> None:
    names = [str(number) for number in range(20)]
    barrier = threading.Barrier(4)

    def create(turn: int) -> list[Any]:
        barrier.wait()
        ordered = names if turn % 2 else names[::-1]
        return list(client.create_image_tasks(project, tasks_named(ordered, cat_jpg)))

    with ThreadPoolExecutor(4) as pool:
        entries = [one for answer in pool.map(create, range(4)) for one in answer]

    created = {one["id"]: one["name"] for one in entries if "id" in one}
    assert Counter(created.values()) == dict.fromkeys(names, 1)
    refused = [one for one in entries if "error" in one]
    assert {one["error"]["statusCode"] for one in refused} == {409}
    assert len(refused) == 60
    assert client.get_task_id_name_map(project) == created
    assert client.count_tasks(project) == 20


def test_pages_are_right_behind_the_first_block_of_tasks(
    client: Client, project: str, cat_jpg: Path
) -> None:
    """Offsets are found by counters of 1,024 tasks each, which a batch may straddle."""
    expected: list[str] = []
    numbers = itertools.count()
    while len(expected) < BLOCK_SIZE + 50:
        names = [str(next(numbers)) for _ in range(100)]
        names[7] = "0"  # taken, and not to be counted
        answer = client.create_image_tasks(project, tasks_named(names, cat_jpg))
        expected += [one["id"] for one in answer if "id" in one]
    assert len(expected) == 11 * 99

    def check() -> None:
        assert client.count_tasks(project) == len(expected)
        for offset in (0, 100, BLOCK_SIZE - 1, BLOCK_SIZE, BLOCK_SIZE + 1, len(expected) - 1):
            page = client.get_image_tasks(project, offset=offset, limit=20)
            assert [task["id"] for task in page] == expected[offset : offset + 20], offset
        assert [task["id"] for task in client.iter_image_tasks(project)] == expected

    check()
    for index in (BLOCK_SIZE, BLOCK_SIZE - 1, 7):
        client.delete_task(expected.pop(index))
    answer = client.create_image_tasks(project, tasks_named(["x", "y"], cat_jpg))
    expected += [one["id"] for one in answer]
    check()


def test_a_batch_of_classification_tasks_has_attributes(
    raw: Raw, client: Client, slug: str
) -> None:
    client.create_project("image_classification", "Cats", slug)
    client.create_classification_annotation(slug, [{"type": "text", "name": "Kind", "key": "kind"}])
    body = {
        "project": slug,
        "tasks": [
            {"name": "a", "attributes": [{"key": "kind", "value": "tabby"}]},
            {"name": "b", "attributes": [{"key": "size", "value": "big"}]},
            {"name": "c"},
        ],
    }
    files = [(f"{number}.jpg", jpeg_bytes()) for number in range(3)]

    answer = raw.upload(body, *files, path="tasks/image/classification/batch", part="contents")

    codes = [one.get("error", {}).get("statusCode") for one in answer.json()]
    assert codes == [None, 422, None]
    a, c = client.get_image_classification_tasks(slug)
    assert [(one["key"], one["value"]) for one in a["attributes"]] == [("kind", "tabby")]
    assert (a["name"], c["name"]) == ("a", "c")
