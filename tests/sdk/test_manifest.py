"""Rows of manifests and folders, checked without a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastlabel.labels import AttributeSpec, ClassSpec
from fastlabel.manifest import Row, Target, check, check_defaults, read_folder, read_manifest
from fastlabel.modalities import TASK_KINDS
from fastlabel.sending import NewTask

BOX = {"type": "bbox", "value": "cat", "points": [1, 2, 30, 40]}
CAT = ClassSpec(
    id="1",
    type="bbox",
    value="cat",
    attributes={"kind": AttributeSpec("2", "kind", "select", ("tabby", "ginger"))},
)
SHEET = ClassSpec(
    id="3",
    type="classification",
    value="classification",
    attributes={"weather": AttributeSpec("4", "weather", "text")},
)
IMAGES = Target(TASK_KINDS["image"], {"cat": CAT})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.jpg", "b.PNG", "deep/er/c d.jpeg", "seq/1.jpg", "seq/2.jpg", "notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "nothing").mkdir()
    return tmp_path


def rows_of(folder: Path, *lines: Any) -> list[Row]:
    path = folder / "tasks.jsonl"
    encoded = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    path.write_bytes(b"\n".join(encoded))
    return list(read_manifest(path))


def task_of(folder: Path, values: Any, target: Target = IMAGES, **defaults: Any) -> NewTask:
    (row,) = rows_of(folder, values)
    task = check(row, target, defaults)
    assert isinstance(task, NewTask), task
    return task


def problems_of(folder: Path, values: Any, target: Target = IMAGES) -> list[str]:
    (row,) = rows_of(folder, values)
    found = check(row, target, {})
    assert isinstance(found, list), found
    return found


def test_a_row_becomes_a_request_of_its_fields(folder: Path) -> None:
    row = {
        "name": "garden/猫.jpg",
        "file": "deep/er/c d.jpeg",
        "annotations": [{**BOX, "attributes": [{"key": "kind", "value": "tabby"}]}],
        "tags": ["a", "b"],
        "status": "completed",
        "externalStatus": "customer_declined",
        "priority": 0,
        "metadatas": [{"key": "camera", "value": 1}],
        "assignee": "olga",
        "workflow1User": None,
        "isDeleteExif": True,
    }
    task = task_of(folder, row, status="pending", priority=30)

    assert task.name == "garden/猫.jpg"
    assert task.files == (folder / "deep/er/c d.jpeg",)
    assert task.where == "tasks.jsonl:1"
    sent = {key: value for key, value in row.items() if key not in ("name", "file")}
    del sent["workflow1User"]
    assert task.fields == sent


def test_a_row_may_say_next_to_nothing(folder: Path) -> None:
    task = task_of(folder, {"file": "deep/er/c d.jpeg"}, tags=["new"])

    assert (task.name, task.fields) == ("deep/er/c d.jpeg", {"tags": ["new"]})


def test_lines_are_counted_and_blank_ones_left_out(folder: Path) -> None:
    rows = rows_of(folder, b'\xef\xbb\xbf{"file": "a.jpg"}', b"", b" \t\r", {"file": "b.PNG"})

    assert [(row.where, row.values) for row in rows] == [
        ("tasks.jsonl:1", {"file": "a.jpg"}),
        ("tasks.jsonl:4", {"file": "b.PNG"}),
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"file": "a.jpg"', "not JSON: Expecting ',' delimiter at column 17"),
        (b'{"file": "\xff"}', "not UTF-8: invalid start byte at byte 11"),
        (b'{"priority": NaN}', "not JSON: NaN is no number of JSON"),
        (b"[" * 100_000, "not JSON: "),
        (b'["a.jpg"]', "expected an object, got ['a.jpg']"),
    ],
)
def test_a_line_that_is_no_row_stops_no_other(folder: Path, line: bytes, problem: str) -> None:
    first, second = rows_of(folder, line, {"file": "a.jpg"})

    assert check(first, IMAGES, {}) == [first.problem]
    assert (first.problem or "").startswith(problem)
    assert isinstance(check(second, IMAGES, {}), NewTask)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"name": "a.jpg"}, "file: missing"),
        ({"file": "gone.jpg"}, "gone.jpg: there is no such file"),
        ({"file": "deep"}, "deep: there is no such file"),
        ({"file": "empty.jpg"}, "empty.jpg: the file is empty"),
        ({"file": "notes.txt"}, "notes.txt: image tasks take .jpeg, .jpg or .png files"),
        ({"file": 3}, "file: expected a path, got 3"),
        ({"name": "x", "files": ["a.jpg"]}, "files: image tasks have one file instead"),
        ({"file": "a.jpg", "folder": "seq"}, "folder: image tasks have one file instead"),
        ({"file": "a.jpg", "name": " "}, "name: must not be blank, got ' '"),
        ({"file": "a.jpg", "name": "../a.jpg"}, "name: a name is a relative path without `..`"),
        ({"file": "a.jpg", "name": "x" * 501}, "name: a name has up to 500 characters, got 501"),
        ({"file": "a.jpg", "name": 3}, "name: expected a text, got 3"),
        ({"file": "a.jpg", "anotations": []}, "anotations: no such field; did you mean annotat"),
        ({"file": "a.jpg", "operator": "x"}, "operator: no such field"),
        ({"file": "a.jpg", "status": "done"}, "status: expected pending, registered, completed"),
        ({"file": "a.jpg", "priority": 5}, "priority: expected 0, 10, 20 or 30, got 5"),
        ({"file": "a.jpg", "priority": False}, "priority: expected 0, 10, 20 or 30, got False"),
        ({"file": "a.jpg", "priority": 10.0}, "priority: expected 0, 10, 20 or 30, got 10.0"),
        ({"file": "a.jpg", "tags": "a"}, "tags: expected a list of up to 100 tags, got 'a'"),
        ({"file": "a.jpg", "tags": [""]}, "tags: expected tags of 1 to 140 characters"),
        ({"file": "a.jpg", "tags": ["x" * 141]}, "tags: expected tags of 1 to 140 characters"),
        ({"file": "a.jpg", "metadatas": [{"key": "a"}]}, "metadatas: expected a list of up to"),
        ({"file": "a.jpg", "assignee": 3}, "assignee: expected a text of up to 500 characters"),
        ({"file": "a.jpg", "isDeleteExif": 1}, "isDeleteExif: expected true or false, got 1"),
        ({"file": "a.jpg", "customTaskStatus": "pending"}, "customTaskStatus: the project's"),
        ({"file": "a.jpg", "attributes": [{}]}, "attributes: image tasks carry annotations"),
        ({"file": "a.jpg", "annotations": {}}, "annotations: expected a list, got {}"),
        (
            {"file": "a.jpg", "annotations": [{**BOX, "value": "dog"}]},
            "annotations[0].value: the project has no class 'dog'; there are 'cat'",
        ),
        (
            {"file": "a.jpg", "annotations": [BOX, {**BOX, "points": [1, 2, 3]}]},
            "annotations[1].points: a bbox has 4 numbers, got 3",
        ),
        (
            {
                "file": "a.jpg",
                "annotations": [{**BOX, "attributes": [{"key": "kind", "value": "lion"}]}],
            },
            "annotations[0].attributes[0].value: expected 'tabby' or 'ginger', got 'lion'",
        ),
        (
            {"file": "a.jpg", "annotations": [{**BOX, "attributes": [{"key": "x", "value": 1}]}]},
            "annotations[0].attributes[0].key: the class 'cat' has no attribute 'x'",
        ),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_row_is_told(
    folder: Path, values: dict[str, Any], problem: str
) -> None:
    (found,) = problems_of(folder, values)
    assert problem in found


def test_everything_that_is_wrong_with_a_row_is_told_at_once(folder: Path) -> None:
    values = {"name": "/a.jpg", "file": "gone.jpg", "annotations": [{**BOX, "points": []}]}
    assert [found.partition(":")[0] for found in problems_of(folder, values)] == [
        "name",
        str(folder / "gone.jpg"),
        "annotations[0].points",
    ]
    assert len(problems_of(folder, {"file": 1, "tags": 2, "stauts": 3})) == 3
    assert problems_of(folder, {}) == ["name: missing", "file: missing"]


def test_a_file_too_large_is_told(folder: Path) -> None:
    with (folder / "large.jpg").open("wb") as file:
        file.truncate(20 * 1024**2 + 1)
    (problem,) = problems_of(folder, {"file": "large.jpg"})
    assert "up to 20 MB, got 20,971,521 bytes" in problem


class TestSeveralFiles:
    SEQUENCES = Target(TASK_KINDS["sequential_image"], {"cat": CAT})
    MULTI = Target(TASK_KINDS["multi_image_classification"], {"classification": SHEET})

    def test_a_folder_or_a_list_names_them(self, folder: Path) -> None:
        by_folder = task_of(folder, {"folder": "seq"}, self.SEQUENCES)
        by_list = task_of(
            folder, {"name": "seq", "files": ["seq/1.jpg", "seq/2.jpg"]}, self.SEQUENCES
        )

        assert by_folder.name == by_list.name == "seq"
        assert by_folder.files == by_list.files == (folder / "seq/1.jpg", folder / "seq/2.jpg")

    def test_annotations_lie_in_one_of_the_files(self, folder: Path) -> None:
        row = {"folder": "seq", "annotations": [{**BOX, "content": "2.jpg"}]}
        assert task_of(folder, row, self.SEQUENCES).fields == {"annotations": row["annotations"]}
        row["annotations"] = [{**BOX, "content": "3.jpg"}]
        (problem,) = problems_of(folder, row, self.SEQUENCES)
        assert "the task has no file '3.jpg'; there are '1.jpg', '2.jpg'" in problem

    def test_attributes_answer_the_questions_of_the_project(self, folder: Path) -> None:
        row = {"folder": "seq", "attributes": [{"key": "weather", "value": "rain"}]}
        assert task_of(folder, row, self.MULTI).fields == {"attributes": row["attributes"]}
        row["attributes"] = [{"key": "wether", "value": "rain"}]
        (problem,) = problems_of(folder, row, self.MULTI)
        assert "no attribute 'wether'; there are 'weather'" in problem

    @pytest.mark.parametrize(
        ("values", "problem"),
        [
            ({"name": "x", "file": "a.jpg"}, "file: multi-image classification tasks have one f"),
            ({"folder": "gone"}, "folder: there is no folder"),
            ({"folder": "nothing"}, "is empty"),
            ({"folder": "a.jpg"}, "folder: there is no folder"),
            ({"name": "x", "files": []}, "files: expected a list of paths, got []"),
            ({"files": ["a.jpg"]}, "name: missing"),
            ({"name": "x", "files": ["a.jpg", "./a.jpg"]}, "two files are called 'a.jpg'"),
            ({"name": "x", "files": ["a.jpg", "notes.txt"]}, "take .jpeg, .jpg, .png or .gif"),
            ({"name": "x", "files": ["a.jpg"] * 7}, "take up to 6 files, got 7"),
        ],
        ids=str,
    )
    def test_what_is_wrong_with_them_is_told(
        self, folder: Path, values: dict[str, Any], problem: str
    ) -> None:
        (found,) = problems_of(folder, values, self.MULTI)
        assert problem in found


def test_a_kind_has_fields_of_its_own(folder: Path) -> None:
    target = Target(TASK_KINDS["robotics"], {})
    task = task_of(folder, {"name": "episode_1", "operator": "olga"}, target)
    assert (task.files, task.fields) == ((), {"operator": "olga"})
    (problem,) = problems_of(folder, {"name": "episode_1", "file": "a.jpg"}, target)
    assert "file: the files of robotics tasks follow the task" in problem


def test_custom_statuses_are_for_custom_workflows(folder: Path) -> None:
    target = Target(TASK_KINDS["image"], {}, "custom")
    row = {"file": "a.jpg", "customTaskStatus": "workflow_1_completed"}
    assert task_of(folder, row, target).fields == {"customTaskStatus": "workflow_1_completed"}


def test_a_folder_has_a_row_for_each_of_its_files(folder: Path) -> None:
    (folder / ".trash").mkdir()
    (folder / ".trash/old.jpg").touch()
    passed_over: list[str] = []
    rows = list(read_folder(folder, TASK_KINDS["image"], passed_over))

    assert [row.values for row in rows] == [
        {"file": name}
        for name in ("a.jpg", "b.PNG", "deep/er/c d.jpeg", "empty.jpg", "seq/1.jpg", "seq/2.jpg")
    ]
    assert [row.where for row in rows] == [row.values["file"] for row in rows]
    assert passed_over == ["notes.txt"]


def test_a_folder_has_a_row_for_each_folder_where_tasks_have_several(folder: Path) -> None:
    passed_over: list[str] = []
    rows = list(read_folder(folder, TASK_KINDS["sequential_image"], passed_over))

    assert [row.values for row in rows] == [
        {"name": "deep/er", "files": ["deep/er/c d.jpeg"]},
        {"name": "seq", "files": ["seq/1.jpg", "seq/2.jpg"]},
    ]
    assert passed_over == ["a.jpg", "b.PNG", "empty.jpg", "notes.txt"]


def test_defaults_are_checked_as_rows_are() -> None:
    check_defaults({"status": "completed", "tags": ["a"], "priority": 10})
    with pytest.raises(ValueError, match="priority: expected 0, 10, 20 or 30, got 1"):
        check_defaults({"priority": 1})


@given(
    st.dictionaries(
        st.sampled_from(["name", "file", "files", "tags", "status", "annotations", "x"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=8,
        ),
    )
)
@settings(max_examples=200)
def test_any_row_is_a_task_or_has_problems(values: dict[str, Any]) -> None:
    found = check(Row("tasks.jsonl:1", Path("/nowhere"), values), IMAGES, {})
    assert isinstance(found, list)
    assert found
    assert all(isinstance(problem, str) and problem for problem in found)
