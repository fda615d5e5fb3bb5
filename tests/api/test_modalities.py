"""Every kind of task, by its description: what holds for one holds for all."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from api.conftest import Raw
from fastlabel.modalities import PROJECT_TYPES, TASK_KINDS, ProjectType, TaskKind
from media_files import EXAMPLES, UPLOADED, Example, extensions, sample

ANNOTATED = [PROJECT_TYPES[name] for name in EXAMPLES if PROJECT_TYPES[name].kind in UPLOADED]
SEVERAL = [kind for kind in UPLOADED if kind.intake == "contents"]
SINGLE = [kind for kind in UPLOADED if kind.intake == "file"]

each_uploaded = pytest.mark.parametrize("kind", UPLOADED, ids=lambda kind: kind.name)
each_several = pytest.mark.parametrize("kind", SEVERAL, ids=lambda kind: kind.name)
each_single = pytest.mark.parametrize("kind", SINGLE, ids=lambda kind: kind.name)
each_annotated = pytest.mark.parametrize("project_type", ANNOTATED, ids=lambda one: one.name)


class Maker:
    """Makes a project of a kind, and tasks in it."""

    def __init__(self, raw: Raw, slug: str) -> None:
        self.raw, self.slug = raw, slug

    def project(self, kind: TaskKind, project_type: str | None = None) -> None:
        name = project_type or next(n for n, t in PROJECT_TYPES.items() if t.kind is kind)
        body = {"type": name, "name": "P", "slug": self.slug, "workflow": "three_step"}
        assert self.raw("POST", "projects", json=body).status_code == 200

    def labelled(self, class_type: str) -> None:
        body = {"project": self.slug, "type": class_type, "value": "thing", "title": "Thing"}
        answer = self.raw("POST", "annotations", json=body)
        assert answer.status_code == 200, answer.text

    def answered(self) -> None:
        options = [{"title": "A", "value": "a"}, {"title": "B", "value": "b"}]
        question = {"type": "radio", "name": "Q", "key": "q", "options": options}
        body = {"project": self.slug, "attributes": [question]}
        assert self.raw("POST", "annotations/classification", json=body).status_code == 200

    def files(self, kind: TaskKind) -> list[tuple[str, bytes]]:
        if kind.intake == "file":
            extension = extensions(kind)[0]
            return [(f"a{extension}", sample(extension))]
        # More than nine, so that order by name and order by number differ.
        return [
            (f"{number}{extension}", sample(extension, number % 3))
            for number in range(1, min(kind.max_files, 11) + 1)
            for extension in [extensions(kind)[number % len(extensions(kind))]]
        ]

    def post(
        self, kind: TaskKind, name: str, files: list[tuple[str, bytes]] | None = None, **body: Any
    ) -> httpx.Response:
        part = "file" if kind.intake == "file" else "contents"
        return self.raw.upload(
            {"project": self.slug, "name": name, **body},
            *(files if files is not None else self.files(kind)),
            path=f"tasks/{kind.path}",
            part=part,
        )

    def task(self, kind: TaskKind, name: str = "t", **options: Any) -> str:
        answer = self.post(kind, name, **options)
        assert answer.status_code == 200, answer.text
        task_id: str = answer.json()
        return task_id

    def find(self, kind: TaskKind, task_id: str) -> dict[str, Any]:
        answer = self.raw("GET", f"tasks/{kind.path}/{task_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def make(sqlite_raw: Raw, slug: str) -> Maker:
    return Maker(sqlite_raw, slug)


def annotation(example: Example, **more: Any) -> dict[str, Any]:
    return {"type": example.class_type, "value": "thing", **example.annotation, **more}


def test_every_project_type_with_annotations_has_an_example() -> None:
    annotated = {name for name, one in PROJECT_TYPES.items() if one.kind.labels == "annotations"}
    # Poses, all shapes at once and DICOM have tests of their own.
    assert annotated - EXAMPLES.keys() == {"image_pose_estimation", "image_all", "dicom_bbox"}


@each_uploaded
def test_a_task_comes_back_with_its_files_in_the_order_of_their_names(
    make: Maker, kind: TaskKind
) -> None:
    make.project(kind)
    files = make.files(kind)
    task = make.find(kind, make.task(kind, files=files[::-1]))
    if kind.intake == "file":
        shown = [{**task, "name": files[0][0]}]
    else:
        shown = task["contents"]
        assert [one["name"] for one in shown] == sorted(name for name, _ in files)
    for one in shown:
        assert httpx.get(one["url"]).content == dict(files)[one["name"]]
        for field in kind.media_fields:
            assert field in one
        if one["name"].endswith((".jpg", ".png", ".mp4", ".gif", ".jpeg")):
            assert one["width"] > 0 < one["height"]
    assert task["status"] == task["externalStatus"] == "registered"
    assert task["priority"] == 0
    assert task[kind.labels] == []


@each_uploaded
def test_lists_keep_the_limits_of_their_kind(make: Maker, kind: TaskKind) -> None:
    make.project(kind)
    ids = [make.task(kind, f"dir/{number}") for number in range(3)]
    path, query = f"tasks/{kind.path}", {"project": make.slug}
    found = make.raw("GET", path, params=query).json()
    assert [task["id"] for task in found] == ids
    page = make.raw("GET", path, params={**query, "offset": 1, "limit": 1}).json()
    assert [task["id"] for task in page] == ids[1:2]
    named = make.raw("GET", path, params={**query, "taskName": "dir/2"}).json()
    assert [task["id"] for task in named] == ids[2:]
    beyond = make.raw("GET", path, params={**query, "limit": kind.max_limit + 1})
    assert beyond.status_code == 422
    assert "limit" in beyond.json()["message"]


@each_uploaded
def test_what_is_no_such_file_is_refused_by_its_name(make: Maker, kind: TaskKind) -> None:
    make.project(kind)
    extension = extensions(kind)[0]
    for file, message in (
        (("a.exe", b"MZ"), "a.exe"),
        ((f"a{extension}", b"\x00\x01nothing of the kind" * 9), f"a{extension}"),
        ((f"a{extension}", b""), "is empty"),
    ):
        answer = make.post(kind, f"a{extension}", [file])
        assert answer.status_code == 422, answer.text
        assert message in answer.json()["message"]
    assert make.raw("GET", f"tasks/{kind.path}", params={"project": make.slug}).json() == []


@each_uploaded
def test_a_name_is_taken_once(make: Maker, kind: TaskKind) -> None:
    make.project(kind)
    task_id = make.task(kind, "one")
    answer = make.post(kind, "one")
    assert answer.status_code == 409
    assert "'one'" in answer.json()["message"]
    assert make.raw("DELETE", f"tasks/{task_id}").status_code == 204
    assert make.task(kind, "one") != task_id


@each_several
def test_no_more_files_than_the_kind_takes(make: Maker, kind: TaskKind) -> None:
    make.project(kind)
    extension = extensions(kind)[0]
    data = sample(extension)
    files = [(f"{number:03}{extension}", data) for number in range(kind.max_files + 1)]
    answer = make.post(kind, "many", files)
    assert answer.status_code == 422
    assert f"1 to {kind.max_files} files, got {kind.max_files + 1}" in answer.json()["message"]
    twice = make.post(kind, "twice", [files[0], files[0]])
    assert twice.status_code == 422
    assert "given twice" in twice.json()["message"]
    task = make.find(kind, make.task(kind, "full", files=files[:-1]))
    assert len(task["contents"]) == kind.max_files


@each_single
def test_batches_create_tasks_of_every_kind_of_one_file(make: Maker, kind: TaskKind) -> None:
    make.project(kind)
    extension = extensions(kind)[0]
    body = {"project": make.slug, "tasks": [{"name": f"{number}"} for number in range(3)]}
    files = [(f"{number}{extension}", sample(extension, number)) for number in range(2)]
    path = f"tasks/{kind.path}/batch"
    answer = make.raw.upload(body, *files, (f"x{extension}", b"\x00"), path=path, part="contents")
    first, second, third = answer.json()
    assert "id" in first
    assert "id" in second
    assert third["error"]["statusCode"] == 422
    assert make.find(kind, second["id"])["name"] == "1"


@each_annotated
def test_annotations_come_back_as_they_went_in(make: Maker, project_type: ProjectType) -> None:
    kind, example = project_type.kind, EXAMPLES[project_type.name]
    make.project(kind, project_type.name)
    make.labelled(example.class_type)
    sent = annotation(example, confidenceScore=0.5)
    task_id = make.task(kind, annotations=[sent])
    [found] = make.find(kind, task_id)["annotations"]
    assert _numbers({key: found[key] for key in sent}) == _numbers(sent)
    assert (found["title"], found["attributes"]) == ("Thing", [])
    # What was fetched can be sent back, and is saved anew as a revision.
    update = {"annotations": [found, found], "relations": [{"startIndex": 0, "endIndex": 1}]}
    path = f"tasks/{kind.path}/{task_id}"
    assert make.raw("PUT", path, json=update).json() == task_id
    task = make.find(kind, task_id)
    assert len(task["annotations"]) == 2
    for again in task["annotations"]:
        assert _numbers({key: again[key] for key in sent}) == _numbers(sent)
    assert task["relations"] == [{"startIndex": 0, "endIndex": 1}]
    assert make.raw("POST", f"tasks/{task_id}/revisions/1/restore").status_code == 200
    assert len(make.find(kind, task_id)["annotations"]) == 1


def _numbers(value: Any) -> str:
    """Return JSON in one order of keys; 1 and 1.0 differ in it."""
    return json.dumps(value, sort_keys=True)


@each_annotated
def test_malformed_geometry_is_refused_with_its_place(
    make: Maker, project_type: ProjectType
) -> None:
    kind, example = project_type.kind, EXAMPLES[project_type.name]
    make.project(kind, project_type.name)
    make.labelled(example.class_type)
    good = annotation(example)
    geometry = kind.shapes[example.class_type].fields[0]
    for change, place in (
        ({geometry: "x"}, f"annotations[1].{geometry}"),
        ({geometry: None}, f"annotations[1].{geometry}"),
        ({"value": "nothing"}, "annotations[1].value"),
        ({"type": "circle"}, "annotations[1].type"),
    ):
        answer = make.post(kind, "bad", annotations=[good, {**good, **change}])
        assert answer.status_code == 422, answer.text
        assert place in answer.json()["message"]
    assert make.raw("GET", f"tasks/{kind.path}", params={"project": make.slug}).json() == []


@pytest.mark.parametrize(
    "kind",
    [kind for kind in UPLOADED if kind.labels == "attributes"],
    ids=lambda kind: kind.name,
)
def test_classification_tasks_answer_the_questions(make: Maker, kind: TaskKind) -> None:
    make.project(kind)
    make.answered()
    task_id = make.task(kind, attributes=[{"key": "q", "value": "a"}])
    expected = {"key": "q", "name": "Q", "type": "radio", "value": "a"}
    assert make.find(kind, task_id)["attributes"] == [expected]
    path = f"tasks/{kind.path}/{task_id}"
    body = {"attributes": [{**expected, "value": "b"}]}
    assert make.raw("PUT", path, json=body).status_code == 200
    assert make.find(kind, task_id)["attributes"][0]["value"] == "b"
    wrong = make.raw("PUT", path, json={"attributes": [{"key": "q", "value": "c"}]})
    assert wrong.status_code == 422
    other = make.raw("PUT", path, json={"annotations": [{"type": "bbox", "value": "x"}]})
    assert other.status_code == 422


@pytest.mark.parametrize("content", [None, "", "none.jpg", 7])
def test_an_annotation_of_a_sequence_names_one_of_its_pictures(
    make: Maker, content: object
) -> None:
    kind = TASK_KINDS["sequential_image"]
    make.project(kind, "sequential_image_bbox")
    make.labelled("bbox")
    sent = annotation(EXAMPLES["sequential_image_bbox"], content=content)
    answer = make.post(kind, "t", annotations=[sent])
    assert answer.status_code == 422
    assert "annotations[0].content" in answer.json()["message"]


@pytest.mark.parametrize(
    ("frames", "place"),
    [
        ([1, 2, 3, 4], "points: expected frames"),
        ({"0": {"value": [1, 2, 3, 4]}}, "points['0']: frames are numbered from 1"),
        ({"01": {"value": [1, 2, 3, 4]}}, "points['01']"),
        ({"1.5": {"value": [1, 2, 3, 4]}}, "points['1.5']"),
        ({"1": [1, 2, 3, 4]}, "points['1']: expected {value, autogenerated}"),
        ({"1": {"value": [1, 2, 3]}}, "points['1'].value: a bbox has 4 numbers"),
        ({"1": {"value": [1, 2, 3, "4"]}}, "points['1'].value[3]"),
        ({"1": {"value": [1, 2, 3, 4], "autogenerated": 1}}, "points['1'].autogenerated"),
    ],
)
def test_a_malformed_frame_is_named(make: Maker, frames: object, place: str) -> None:
    kind = TASK_KINDS["video"]
    make.project(kind, "video_bbox")
    make.labelled("bbox")
    sent = {"type": "bbox", "value": "thing", "points": frames}
    answer = make.post(kind, "t", annotations=[sent])
    assert answer.status_code == 422, answer.text
    assert f"annotations[0].{place}" in answer.json()["message"]


def test_robotics_tasks_are_made_without_files_and_emptied_by_an_empty_list(make: Maker) -> None:
    kind = TASK_KINDS["robotics"]
    make.project(kind)
    make.labelled("sub_task")
    path = f"tasks/{kind.path}"
    body = {"project": make.slug, "name": "episode_1", "operator": "Kim"}
    task_id = make.raw("POST", path, json=body).json()
    task = make.find(kind, task_id)
    assert (task["contents"], task["roboticsOperator"]) == ([], "Kim")
    sub_task = {"type": "sub_task", "value": "thing", "start": 3, "end": 9}
    update = {"annotations": [sub_task], "operator": None}
    assert make.raw("PUT", f"{path}/{task_id}", json=update).status_code == 200
    task = make.find(kind, task_id)
    assert task["annotations"][0]["points"] == [3, 9]
    assert task["roboticsOperator"] is None
    again = {"annotations": [{"type": "sub_task", "value": "thing", "points": [4, 5]}]}
    assert make.raw("PUT", f"{path}/{task_id}", json=again).status_code == 200
    assert make.find(kind, task_id)["annotations"][0]["start"] == 4
    assert make.raw("PUT", f"{path}/{task_id}", json={"annotations": []}).status_code == 200
    assert make.find(kind, task_id)["annotations"] == []


def test_old_names_of_project_types_are_taken(make: Maker) -> None:
    body = {"type": "multi_image_bbox", "name": "P", "slug": make.slug}
    project_id = make.raw("POST", "projects", json=body).json()
    project = make.raw("GET", f"projects/{project_id}").json()
    assert project["type"] == "sequential_image_bbox"
