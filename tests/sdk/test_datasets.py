"""Methods of datasets whose requests are more than their arguments."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastlabel import (
    FastLabelException,
    FastLabelInvalidException,
    FastLabelNotFoundException,
)
from fastlabel.modalities.base import MB
from sdk.scripted_server import Received, Reply, ScriptedServer

OBJECTS = "/v1/dataset-revision-objects"
BOX = {"type": "bbox", "value": "cat", "points": [0]}


def job(status: str, message: str = "") -> dict[str, Any]:
    return {"id": "j1", "status": status, "message": message, "revisionId": "r1"}


@pytest.mark.parametrize(
    ("method", "args"),
    [
        ("find_dataset_object", ("d1", "a.jpg")),
        ("get_dataset_objects", ("cats",)),
        ("iter_dataset_objects", ("cats",)),
        ("iter_signed_dataset_objects", ("cats",)),
        ("download_dataset_objects", ("cats", "there")),
    ],
)
def test_a_revision_is_named_one_way(
    script: ScriptedServer, call: Callable[..., Any], method: str, args: tuple[str, ...]
) -> None:
    with pytest.raises(FastLabelInvalidException, match="only one of them") as caught:
        call(method, *args, version="v1", revision_id="3f9a2b1c")

    assert caught.value.code == 400
    assert script.received == []


@pytest.mark.parametrize(
    ("method", "args"),
    [
        ("get_dataset_objects", ("cats",)),
        ("iter_dataset_objects", ("cats",)),
        ("download_dataset_objects", ("cats", "there")),
    ],
)
def test_an_unknown_type_is_refused(
    script: ScriptedServer,
    call: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    args: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        FastLabelInvalidException, match="one of none, train, valid, test, got 'training'"
    ) as caught:
        call(method, *args, types=["train", "training"])

    assert caught.value.code == 422
    assert script.received == []
    assert list(tmp_path.iterdir()) == []


def test_a_download_has_a_limit_too(script: ScriptedServer, call: Callable[..., Any]) -> None:
    with pytest.raises(FastLabelInvalidException, match="limit: expected up to 1,000") as caught:
        call("download_dataset_objects", "cats", "there", limit=1001)

    assert caught.value.code == 422
    assert script.received == []


def test_the_file_of_an_object_is_streamed_with_all_that_is_said_of_it(
    script: ScriptedServer, call: Callable[..., Any], cat_file: Path
) -> None:
    script.answer = lambda _request: Reply({"id": "o1"})

    created = call(
        "create_dataset_object",
        "cats",
        "x/1.jpg",
        str(cat_file),
        ["t"],
        ["MIT"],
        [BOX],
        {"k": "v"},
        type="train",
    )

    assert created == {"id": "o1"}
    (request,) = script.received
    assert f"{request.verb} {request.target}" == f"POST {OBJECTS}"
    (fields, file) = request.parts
    assert json.loads(fields[2]) == {
        "datasetName": "cats",
        "objectName": "x/1.jpg",
        "tags": ["t"],
        "licenses": ["MIT"],
        "annotations": [BOX],
        "customMetadata": {"k": "v"},
        "type": "train",
    }
    assert file == ("file", "cat.jpg", cat_file.read_bytes())


@pytest.mark.parametrize(
    ("name", "size", "said"),
    [
        ("a.mp4", 250 * MB + 1, "datasets take files of up to 250 MB, got 262,144,001 bytes"),
        ("a.exe", 1, "datasets take .* files"),
    ],
)
def test_a_file_that_no_object_has_is_refused(
    script: ScriptedServer,
    call: Callable[..., Any],
    tmp_path: Path,
    name: str,
    size: int,
    said: str,
) -> None:
    path = tmp_path / "any"
    with path.open("wb") as file:
        file.truncate(size)

    with pytest.raises(FastLabelInvalidException, match=said) as caught:
        call("create_dataset_object", "cats", name, path)

    assert caught.value.code == 422
    assert script.received == []


def test_the_largest_file_is_sent(
    script: ScriptedServer, call: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "any"
    with path.open("wb") as file:
        file.truncate(250 * MB)

    call("create_dataset_object", "cats", "a.mp4", path)

    assert script.received[0].body_bytes > 250 * MB


def test_finding_by_name_gives_the_first_or_none(
    script: ScriptedServer, call: Callable[..., Any]
) -> None:
    script.replies = [Reply([{"id": "d1"}]), Reply([])]

    assert call("find_dataset_by_name", "cats") == {"id": "d1"}
    assert call("find_dataset_by_name", "cats") is None


def test_a_diff_is_gone_through_page_by_page(
    script: ScriptedServer, call: Callable[..., Any]
) -> None:
    objects = [{"name": f"{number}.jpg"} for number in range(2300)]

    def answer(request: Received) -> Reply:
        offset = int(request.query.get("offset", ["0"])[0])
        assert request.query["limit"] == ["1000"]
        return Reply({"added": 2300, "objects": objects[offset : offset + 1000]})

    script.answer = answer

    assert call("iter_dataset_diff", "d1", "v1", "v2") == objects
    assert [request.query.get("offset") for request in script.received] == [
        None,
        ["1000"],
        ["2000"],
    ]


def test_restoring_waits_for_its_job(script: ScriptedServer, call: Callable[..., Any]) -> None:
    script.replies = [Reply(job(status)) for status in ("pending", "running", "completed")]

    assert call("restore_dataset", "d1", "v1")["status"] == "completed"
    assert [f"{one.verb} {one.path}" for one in script.received] == [
        "POST /v1/datasets-v2/d1/restore",
        "GET /v1/datasets-v2/d1/jobs/j1",
        "GET /v1/datasets-v2/d1/jobs/j1",
    ]


def test_a_split_into_another_dataset_is_a_job_of_that(
    script: ScriptedServer, call: Callable[..., Any]
) -> None:
    script.replies = [Reply(job("pending")), Reply([{"id": "d2"}]), Reply(job("completed"))]

    call("split_dataset_objects", "d1", ["a.jpg"], columns=2, into_dataset="parts")

    assert [f"{one.verb} {one.target}" for one in script.received] == [
        "POST /v1/datasets-v2/d1/split",
        "GET /v1/datasets-v2?name=parts",
        "GET /v1/datasets-v2/d2/jobs/j1",
    ]


@pytest.mark.parametrize(
    ("status", "said"), [("failed", "job j1 failed: no disk"), ("canceled", "job j1 was canceled")]
)
def test_a_job_that_comes_to_nothing_is_raised(
    script: ScriptedServer, call: Callable[..., Any], status: str, said: str
) -> None:
    script.answer = lambda _request: Reply(job(status, "no disk" if status == "failed" else ""))

    with pytest.raises(FastLabelException, match=said):
        call("wait_for_dataset_job", "d1", "j1")


def test_waiting_may_end_before_the_job(script: ScriptedServer, call: Callable[..., Any]) -> None:
    script.answer = lambda _request: Reply(job("running"))
    seen: list[str] = []

    with pytest.raises(TimeoutError, match=r"job j1 goes on after 0\.1 s"):
        call("wait_for_dataset_job", "d1", "j1", 0.1, lambda one: seen.append(one["status"]))

    assert seen
    assert set(seen) == {"running"}


class Pushes:
    """A dataset that takes pushes; what it is told to refuse is refused."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.removed: list[str] = []
        self.files: dict[str, bytes] = {}
        self.refused: dict[str, str] = {}
        self.received: list[str] = []
        self.requests: list[tuple[int, int]] = []
        """Objects and files of each that brought some."""
        self.ended: list[str] = []
        self.commits: list[Reply] = []

    def __call__(self, request: Received) -> Reply:
        path = request.path.removeprefix("/v1/datasets-v2")
        if request.verb == "GET" and not path:
            known = request.query == {"name": ["cats"]}
            return Reply([{"id": "d1", "name": "cats", "revisionId": "r0"}] if known else [])
        if path == "/d1":
            return Reply({"id": "d1", "name": "cats", "revisionId": "r0"})
        if path == "/d1/pushes":
            self.key = request.json["key"]
            return Reply({"id": "p1", "received": self.received})
        if path == "/d1/pushes/p1/objects":
            return self.take(request)
        if path == "/d1/pushes/p1/commit":
            self.ended.append("commit")
            return self.commits.pop(0) if self.commits else Reply(job("completed"))
        if path == "/d1/jobs/j1":
            return Reply(job("completed"))
        if path == "/d1/revisions/r1":
            return Reply({"added": 2, "changed": 1, "removed": 0})
        assert (request.verb, path) == ("DELETE", "/d1/pushes/p1"), request.target
        self.ended.append("drop")
        return Reply(status=204)

    def take(self, request: Received) -> Reply:
        fields, *files = request.parts
        body = json.loads(fields[2])
        self.requests.append((len(body["objects"]), len(files)))
        for one in body["objects"]:
            if one["name"] in self.refused:
                return Reply({"message": f"{one['name']}: {self.refused[one['name']]}"}, 422)
        contents = iter(files)
        for one in body["objects"]:
            self.objects[one["name"]] = one
            if one.get("hasFile"):
                self.files[one["name"]] = next(contents)[2]
        self.removed += body["removed"]
        return Reply("p1")


@pytest.fixture
def pushes(script: ScriptedServer) -> Pushes:
    script.answer = pushes = Pushes()
    return pushes


def described(folder: Path, count: int) -> list[dict[str, Any]]:
    found = []
    for number in range(count):
        path = folder / f"{number}.jpg"
        path.write_text(path.name)
        found.append({"name": f"x/{path.name}", "file_path": path, "tags": [f"t{number}"]})
    return found


def test_many_objects_are_uploaded_as_one_revision(
    pushes: Pushes, call: Callable[..., Any], tmp_path: Path
) -> None:
    objects = [*described(tmp_path, 230), {"name": "old.jpg", "type": "test"}]

    report = call(
        "upload_dataset_objects",
        "cats",
        iter(objects),
        remove=["gone.jpg"],
        workers=2,
        progress=False,
    )

    assert (report.revision_id, report.added, report.changed) == ("r1", 2, 1)
    assert (report.sent_files, report.bad) == (230, [])
    assert sorted(pushes.requests) == [(31, 30), (100, 100), (100, 100)]
    assert pushes.files["x/7.jpg"] == b"7.jpg"
    assert pushes.objects["x/7.jpg"] == {"name": "x/7.jpg", "tags": ["t7"], "hasFile": True}
    assert pushes.objects["old.jpg"] == {"name": "old.jpg", "type": "test"}
    assert pushes.removed == ["gone.jpg"]
    assert pushes.ended == ["commit"]


def test_an_upload_with_a_bad_object_makes_no_revision(
    pushes: Pushes, call: Callable[..., Any], tmp_path: Path
) -> None:
    pushes.refused = {"x/1.jpg": "the image is damaged"}
    objects = [
        *described(tmp_path, 3),
        {"name": "a.exe", "file_path": tmp_path / "0.jpg"},
        {"name": "b.jpg", "file_path": tmp_path / "none.jpg"},
        {"name": "c.jpg", "type": "training"},
        {"name": "d.jpg", "label": "cat"},
        {"name": "x/0.jpg", "tags": []},
        {"file_path": "e.jpg"},
    ]

    report = call("upload_dataset_objects", "cats", objects, progress=False)

    assert report.revision_id is None
    assert {problem.where for problem in report.bad} == {
        "a.exe",
        "b.jpg",
        "c.jpg",
        "d.jpg",
        "objects[8]",
        "x/0.jpg",
        "x/1.jpg",
    }
    assert "x/1.jpg: x/1.jpg: the image is damaged" in map(str, report.bad)
    assert pushes.ended == ["drop"]


def test_an_upload_may_leave_out_what_is_bad(
    pushes: Pushes, call: Callable[..., Any], tmp_path: Path
) -> None:
    pushes.refused = {"x/1.jpg": "the image is damaged"}

    report = call(
        "upload_dataset_objects", "cats", described(tmp_path, 3), skip_bad=True, progress=False
    )

    assert report.revision_id == "r1"
    assert sorted(pushes.objects) == ["x/0.jpg", "x/2.jpg"]
    assert [problem.where for problem in report.bad] == ["x/1.jpg"]


def test_an_upload_with_a_key_goes_on_where_it_broke_off(
    pushes: Pushes, call: Callable[..., Any], tmp_path: Path
) -> None:
    pushes.received = ["x/0.jpg", "x/2.jpg"]

    call("upload_dataset_objects", "cats", described(tmp_path, 4), key="june", progress=False)

    assert pushes.key == "june"
    assert sorted(pushes.objects) == ["x/1.jpg", "x/3.jpg"]


def test_what_concerns_all_objects_is_raised_at_once(
    script: ScriptedServer, pushes: Pushes, call: Callable[..., Any], tmp_path: Path
) -> None:
    def answer(request: Received) -> Reply:
        if request.path.endswith("/objects"):
            return Reply({"message": "not you"}, 403)
        return pushes(request)

    script.answer = answer
    with pytest.raises(FastLabelException, match="not you"):
        call("upload_dataset_objects", "cats", described(tmp_path, 5), workers=1, progress=False)

    assert sum(one.path.endswith("/objects") for one in script.received) == 1
    assert pushes.ended == []


def test_a_failed_job_takes_its_push_along(
    script: ScriptedServer, pushes: Pushes, call: Callable[..., Any], tmp_path: Path
) -> None:
    """The same commit would be given the same failed job again."""

    def answer(request: Received) -> Reply:
        if request.path.endswith("/jobs/j1"):
            return Reply(job("failed", "x/0.jpg: gone"))
        return pushes(request)

    script.answer = answer
    with pytest.raises(FastLabelException, match=r"job j1 failed: x/0\.jpg: gone"):
        call("upload_dataset_objects", "cats", described(tmp_path, 1), key="k", progress=False)

    assert pushes.ended == ["commit", "drop"]


def test_uploading_to_no_dataset_says_so(pushes: Pushes, call: Callable[..., Any]) -> None:
    with pytest.raises(FastLabelNotFoundException, match="there is no dataset 'dogs'"):
        call("upload_dataset_objects", "dogs", [], progress=False)
    assert pushes.ended == []


def test_a_dataset_that_is_being_changed_is_waited_for(
    pushes: Pushes, call: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastlabel.dataset_folder.pushes.BUSY_WAIT_S", 0.01)
    busy = Reply({"message": "dataset: 'cats' is being changed by a job"}, 409)
    pushes.commits = [busy, busy]

    report = call("upload_dataset_objects", "cats", described(tmp_path, 1), progress=False)

    assert report.revision_id == "r1"
    assert pushes.ended == ["commit"] * 3


def test_it_is_not_waited_for_ever(
    pushes: Pushes, call: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastlabel.dataset_folder.pushes.BUSY_WAIT_S", 0.01)
    monkeypatch.setattr("fastlabel.dataset_folder.pushes.BUSY_PATIENCE_S", 0.0)
    pushes.commits = [Reply({"message": "dataset: is being changed"}, 409)] * 3

    with pytest.raises(TimeoutError, match="is being changed"):
        call("upload_dataset_objects", "cats", described(tmp_path, 1), progress=False)
