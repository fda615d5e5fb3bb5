"""Many image tasks in one request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastlabel import FastLabelInvalidException
from sdk.scripted_server import HangUp, Received, Reply, ScriptedServer

BOX = {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4]}


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Files whose order by name is not that of the tasks, and two of one name."""
    paths = [tmp_path / name for name in ("c.jpg", "a.PNG", "below/c.jpg")]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"the bytes of {path}")
    return paths


def request_of(received: Received) -> Any:
    """The JSON in the first part."""
    name, filename, content = received.parts[0]
    assert (name, filename) == ("request", None)
    return Received("", "", {}, content, 0).json


def test_a_batch_is_one_request_with_a_file_for_each_task(
    script: ScriptedServer, call: Callable[..., Any], pictures: list[Path]
) -> None:
    answer = [
        {"name": "first", "id": "1"},
        {"name": "garden/a.png", "error": {"message": "taken", "statusCode": 409}},
        {"name": "third", "id": "3"},
    ]
    script.replies = [Reply(answer)]
    tasks = [
        {"name": "first", "file_path": pictures[0]},
        {
            "name": "garden/a.png",
            "file_path": str(pictures[1]),
            "status": "completed",
            "external_status": "skipped",
            "custom_task_status": "pending",
            "priority": 0,
            "annotations": [{**BOX, "id": "a1", "color": "#ffffff", "title": "Cat"}],
            "tags": ["t"],
            "metadatas": [{"key": "camera", "value": "left"}],
            "is_delete_exif": True,
            "assignee": "ann",
            "external_approver": None,
            "workflow_3_user": "bob",
        },
        {"name": "third", "file_path": pictures[2], "tags": [], "annotations": None},
    ]
    before = [dict(task) for task in tasks]

    assert call("create_image_tasks", "cats", tasks, idempotency_key="key-1") == answer

    (received,) = script.received
    assert f"{received.verb} {received.target}" == "POST /v1/tasks/image/batch"
    assert received.headers["Idempotency-Key"] == "key-1"
    assert request_of(received) == {
        "project": "cats",
        "tasks": [
            {"name": "first"},
            {
                "name": "garden/a.png",
                "status": "completed",
                "externalStatus": "skipped",
                "customTaskStatus": "pending",
                "priority": 0,
                "annotations": [{**BOX, "attributes": [], "content": "garden/a.png"}],
                "tags": ["t"],
                "metadatas": [{"key": "camera", "value": "left"}],
                "isDeleteExif": True,
                "assignee": "ann",
                "externalApprover": None,
                "workflow3User": "bob",
            },
            {"name": "third"},
        ],
    }
    assert received.parts[1:] == [
        ("contents", "c.jpg", pictures[0].read_bytes()),
        ("contents", "a.PNG", pictures[1].read_bytes()),
        ("contents", "c.jpg", pictures[2].read_bytes()),
    ]
    assert tasks == before


def test_a_lost_batch_is_sent_whole_again_under_its_key(
    script: ScriptedServer, call: Callable[..., Any], pictures: list[Path]
) -> None:
    script.replies = [HangUp(), Reply([])]

    call("create_image_tasks", "cats", [{"name": p.name, "file_path": p} for p in pictures])

    first, second = script.received
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert first.parts[1:] == second.parts[1:]
    assert len(second.parts) == 4


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ({"file_path": "a.gif"}, r"tasks\[1\] 'second': a\.gif: image tasks take"),
        ({"annotations": ["cat"]}, r"tasks\[1\] 'second': annotations\[0\]: expected a dict"),
        ({"project": "dogs"}, r"tasks\[1\]\.project: is an argument of the batch"),
        ({"idempotency_key": "k"}, r"tasks\[1\]\.idempotency_key: is an argument of the batch"),
    ],
)
def test_a_wrong_task_is_named_before_anything_is_sent(
    script: ScriptedServer,
    call: Callable[..., Any],
    cat_file: Path,
    task: dict[str, Any],
    message: str,
) -> None:
    good = {"name": "first", "file_path": cat_file}

    with pytest.raises(FastLabelInvalidException, match=message) as caught:
        call("create_image_tasks", "cats", [good, {**good, "name": "second", **task}])

    assert caught.value.code == 422
    assert script.received == []


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ({"file_path": "a.jpg"}, r"tasks\[0\]\.name: missing"),
        ({"name": "a"}, r"tasks\[0\]\.file_path: missing"),
        ("a.jpg", r"tasks\[0\]: expected a dict, got 'a\.jpg'"),
    ],
)
def test_an_incomplete_task_is_refused(
    script: ScriptedServer, call: Callable[..., Any], task: Any, message: str
) -> None:
    with pytest.raises(FastLabelInvalidException, match=message):
        call("create_image_tasks", "cats", [task])
    assert script.received == []


def test_a_file_that_is_too_large_is_named(
    script: ScriptedServer, call: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "large.jpg"
    with path.open("wb") as file:
        file.truncate(20 * 1024 * 1024 + 1)

    with pytest.raises(FastLabelInvalidException, match=r"tasks\[0\] 'a': .*large\.jpg: .* 20 MB"):
        call("create_image_tasks", "cats", [{"name": "a", "file_path": path}])
    assert script.received == []


def test_a_missing_file_is_file_not_found_with_the_task(
    script: ScriptedServer, call: Callable[..., Any], cat_file: Path
) -> None:
    tasks = [{"name": "a", "file_path": cat_file}, {"name": "b", "file_path": "none.jpg"}]

    with pytest.raises(FileNotFoundError, match=r"none\.jpg") as caught:
        call("create_image_tasks", "cats", tasks)
    assert caught.value.__notes__ == ["tasks[1] 'b'"]
    assert script.received == []


@pytest.mark.parametrize("count", [0, 101])
def test_a_batch_has_1_to_100_tasks(
    script: ScriptedServer, call: Callable[..., Any], cat_file: Path, count: int
) -> None:
    tasks = [{"name": str(number), "file_path": cat_file} for number in range(count)]

    with pytest.raises(FastLabelInvalidException, match=f"1 to 100 in a batch, got {count}"):
        call("create_image_tasks", "cats", tasks)
    assert script.received == []


def test_an_unknown_argument_of_a_task_is_ignored_with_a_hint(
    script: ScriptedServer, call: Callable[..., Any], cat_file: Path
) -> None:
    task = {"name": "a", "file_path": cat_file, "asignee": "ann"}

    with pytest.warns(UserWarning, match="ignores the unknown argument asignee; .* assignee"):
        call("create_image_tasks", "cats", [task])

    assert request_of(script.received[0])["tasks"] == [{"name": "a"}]
