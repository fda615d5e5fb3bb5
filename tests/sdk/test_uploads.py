"""What is checked and cleaned before a task is sent."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastlabel import Client, FastLabelInvalidException
from fastlabel.const import SUPPORTED_IMAGE_SIZE
from sdk.scripted_server import Received, ScriptedServer

FROM_A_FILE = ["create_image_task", "create_image_classification_task"]

FETCHED = {
    "id": "a1",
    "type": "pose_estimation",
    "title": "Person",
    "value": "person",
    "color": "#ff0000",
    "points": [],
    "rotation": 12.5,
    "confidenceScore": 0.5,
    "keypoints": [
        {"key": "nose", "name": "Nose", "value": [1, 2.5, 1], "edges": ["neck"]},
        {"key": "neck", "name": "Neck", "value": [], "edges": []},
    ],
    "attributes": [
        {"key": "kind", "name": "Kind", "title": "Kind", "type": "text", "value": "tall"}
    ],
}
SENT = {
    "type": "pose_estimation",
    "value": "person",
    "points": [],
    "rotation": 12.5,
    "confidenceScore": 0.5,
    "keypoints": [{"key": "nose", "value": [1, 2.5, 1]}, {"key": "neck", "value": []}],
    "attributes": [{"key": "kind", "value": "tall"}],
    "content": "a.jpg",
}


def sent(request: Received) -> Any:
    """The JSON of a request with or without files."""
    if request.headers["Content-Type"] == "application/json":
        return request.json
    return Received("", "", {}, request.parts[0][2], 0).json


def test_a_fetched_annotation_is_sent_without_what_its_class_knows(
    script: ScriptedServer, dry_client: Client, cat_file: Path
) -> None:
    fetched = copy.deepcopy(FETCHED)

    dry_client.create_image_task("cats", "a.jpg", cat_file, annotations=[fetched])

    assert sent(script.received[0])["annotations"] == [SENT]
    assert fetched == FETCHED


def test_an_update_leaves_the_content_to_the_server(
    script: ScriptedServer, dry_client: Client
) -> None:
    box = {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4], "content": "old.jpg"}

    dry_client.update_image_task("t1", annotations=[box])

    assert script.received[0].json["annotations"] == [{**box, "content": "", "attributes": []}]
    assert box["content"] == "old.jpg"


@pytest.mark.parametrize(
    ("method", "args"),
    [
        ("create_image_classification_task", ("cats", "a.jpg", "FILE")),
        ("create_integrated_image_classification_task", ("cats", "a.jpg", "gcp")),
        ("update_image_classification_task", ("t1",)),
        ("update_multi_image_classification_task", ("t1",)),
    ],
)
def test_a_fetched_answer_is_sent_without_what_its_class_knows(
    script: ScriptedServer, dry_client: Client, cat_file: Path, method: str, args: tuple[str, ...]
) -> None:
    answer = {"key": "kind", "name": "Kind", "title": "K", "type": "select", "value": ["a", 1]}
    before = dict(answer)
    args = tuple(str(cat_file) if a == "FILE" else a for a in args)

    getattr(dry_client, method)(*args, attributes=[answer])

    assert sent(script.received[0])["attributes"] == [{"key": "kind", "value": ["a", 1]}]
    assert answer == before


def test_classes_are_sent_as_they_are(script: ScriptedServer, dry_client: Client) -> None:
    attribute = {"id": "1", "key": "kind", "name": "Kind", "title": "K", "type": "text"}

    dry_client.update_annotation("c1", attributes=[attribute])

    assert script.received[0].json == {"attributes": [attribute]}


@pytest.mark.parametrize("annotations", [["bbox"], [FETCHED, None], [{"attributes": [3]}]])
def test_an_annotation_that_is_no_dict_is_named(
    script: ScriptedServer, dry_client: Client, annotations: Any
) -> None:
    with pytest.raises(FastLabelInvalidException, match=r"annotations\[\d\].*: expected a dict"):
        dry_client.update_image_task("t1", annotations=annotations)
    assert script.received == []


@pytest.mark.parametrize("method", FROM_A_FILE)
@pytest.mark.parametrize("name", ["a.gif", "jpg", "a.jpg.txt", "a"])
def test_a_file_of_another_kind_is_refused_before_it_is_looked_for(
    script: ScriptedServer, call: Callable[..., Any], method: str, name: str
) -> None:
    with pytest.raises(FastLabelInvalidException, match=r"take \.jpeg, \.jpg or \.png") as caught:
        call(method, "cats", "a.jpg", name)
    assert caught.value.code == 422
    assert script.received == []


@pytest.mark.parametrize("method", FROM_A_FILE)
def test_a_missing_file_is_file_not_found(
    script: ScriptedServer, call: Callable[..., Any], method: str, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        call(method, "cats", "a.jpg", tmp_path / "none.jpg")
    assert script.received == []


@pytest.mark.parametrize("method", FROM_A_FILE)
@pytest.mark.parametrize("name", ["a.png", "a.JPG", "a.Jpeg"])
def test_a_file_may_have_exactly_the_largest_size(
    script: ScriptedServer, dry_client: Client, method: str, name: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(SUPPORTED_IMAGE_SIZE)

    getattr(dry_client, method)("cats", "a", path)
    with path.open("ab") as file:
        file.write(b"!")
    with pytest.raises(FastLabelInvalidException, match="up to 20 MB, got 20,971,521 bytes"):
        getattr(dry_client, method)("cats", "a", path)

    assert len(script.received) == 1


def test_a_stored_object_of_another_kind_is_refused(
    script: ScriptedServer, dry_client: Client
) -> None:
    with pytest.raises(FastLabelInvalidException, match=r"in/a\.gif: image tasks take") as caught:
        dry_client.create_integrated_image_task("cats", "gcp", "in/a.gif")
    assert caught.value.code == 422
    assert script.received == []


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "is empty"),
        ([".hidden.jpg"], "is empty"),
        (["1.jpg", "2.txt"], r"2\.txt: multi-image classification tasks take"),
        ([f"{n}.jpg" for n in range(7)], "up to 6 files, got 7"),
        # the first file in the order of the names is named, whatever is wrong with others
        (["1.txt", *(f"{n}.jpg" for n in range(2, 9))], r"1\.txt: "),
    ],
)
def test_a_folder_that_is_no_task_is_refused(
    script: ScriptedServer,
    call: Callable[..., Any],
    names: list[str],
    message: str,
    tmp_path: Path,
) -> None:
    for name in names:
        (tmp_path / name).write_text(name)

    with pytest.raises(FastLabelInvalidException, match=message) as caught:
        call("create_multi_image_classification_task", "cats", "a", tmp_path)
    assert caught.value.code == 422
    assert script.received == []


def test_a_folder_that_is_missing_is_refused(dry_client: Client, tmp_path: Path) -> None:
    with pytest.raises(FastLabelInvalidException, match="none: expected a folder") as caught:
        dry_client.create_multi_image_classification_task("cats", "a", tmp_path / "none")
    assert caught.value.code == 422
