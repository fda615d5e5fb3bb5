"""Annotations of image tasks: what goes in comes out, and what does not fit is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.conftest import Raw
from fastlabel import Client
from fastlabel.shapes import SHAPES

CHOICES = [{"title": "One", "value": "one"}, {"title": "Two", "value": 2}]
ATTRIBUTES: list[dict[str, Any]] = [
    {"type": "text", "name": "Note", "key": "note"},
    {"type": "number", "name": "Number", "key": "number"},
    {"type": "radio", "name": "Radio", "key": "radio", "options": CHOICES},
    {"type": "checkbox", "name": "Checkbox", "key": "checkbox", "options": CHOICES},
    {"type": "switch", "name": "Switch", "key": "switch"},
]
GEOMETRY: dict[str, dict[str, Any]] = {
    "bbox": {"points": [100, 100.0, -5.5, 1e-3], "rotation": 12.5},
    "polygon": {"points": [1, 2, 3, 4.5, 5, 6]},
    "keypoint": {"points": [1, 2.0]},
    "line": {"points": [1, 2, 3, 4]},
    "circle": {"points": [5, 5, 0.5]},
    "segmentation": {
        "points": [
            [[0, 0, 9, 0, 9, 9, 0, 9, 0, 0], [2, 2, 2, 4, 4, 4, 4, 2, 2, 2]],
            [[20, 20, 29, 20, 29, 29, 20, 20]],
        ]
    },
    "pose_estimation": {
        "keypoints": [{"key": "head", "value": [1, 2.0, 1]}, {"key": "hip", "value": [3, 4, 0]}]
    },
}
"""One annotation of every shape; a new shape fails until it is listed."""


@pytest.fixture
def all_shapes(client: Client, slug: str) -> str:
    """The slug of a project with a class of every shape, named `a-SHAPE`."""
    client.create_project("image_all", "P", slug)
    for shape in GEOMETRY:
        keypoints = [{"key": "head", "edges": ["hip"]}, {"key": "hip"}]
        client.create_annotation(
            slug, shape, f"a-{shape}", f"A {shape}", "#123456", attributes=ATTRIBUTES,
            max_area_count=None,
            keypoints=keypoints if shape in ("bbox", "pose_estimation") else None,
        )  # fmt: skip
    return slug


def sent_form(annotation: dict[str, Any]) -> dict[str, Any]:
    """Return what a client would send of an annotation that the API shows."""
    return {
        "type": annotation["type"],
        "value": annotation["value"],
        "points": annotation["points"],
        "rotation": annotation["rotation"],
        "confidenceScore": annotation["confidenceScore"],
        "keypoints": [
            {"key": point["key"], "value": point["value"]} for point in annotation["keypoints"]
        ],
        "attributes": [
            {"key": answer["key"], "value": answer["value"]} for answer in annotation["attributes"]
        ],
    }


def exactly(value: Any) -> str:
    """Return JSON in which 1, 1.0 and true differ."""
    return json.dumps(value, sort_keys=True)


def complete(shape: str, **fields: Any) -> dict[str, Any]:
    """Return an annotation with every field that the API shows."""
    return {
        "type": shape, "value": f"a-{shape}", "points": [], "rotation": 0, "keypoints": [],
        "attributes": [], "confidenceScore": -1, **fields,
    }  # fmt: skip


def test_every_shape_comes_back_as_it_was_sent(
    client: Client, all_shapes: str, cat_jpg: Path
) -> None:
    assert GEOMETRY.keys() == SHAPES.keys() - {"classification"}
    annotations = [complete(shape, **geometry) for shape, geometry in GEOMETRY.items()]
    before = exactly(annotations)
    task_id = client.create_image_task(all_shapes, "a", cat_jpg, annotations=annotations)
    found = client.find_image_task(task_id)
    assert exactly([sent_form({**a}) for a in found["annotations"]]) == before
    for annotation in found["annotations"]:
        assert annotation["title"] == f"A {annotation['type']}"
        assert annotation["color"] == "#123456"
    assert len({annotation["id"] for annotation in found["annotations"]}) == len(GEOMETRY)
    assert exactly(annotations) == before
    # What was fetched can be sent back, names and ids of the class and all.
    client.update_image_task(task_id, annotations=found["annotations"])
    again = client.find_image_task(task_id)["annotations"]
    assert exactly([sent_form({**a}) for a in again]) == before


numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
answers = st.fixed_dictionaries(
    {},
    optional={
        "note": texts | numbers,
        "number": numbers,
        "radio": st.sampled_from(["one", 2]),
        "checkbox": st.lists(st.sampled_from(["one", 2]), unique=True),
        "switch": st.booleans() | st.sampled_from([0, 1, "true", "false"]),
    },
)


def pairs(at_least: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(numbers, min_size=2 * at_least, max_size=12).map(
        lambda flat: flat[: len(flat) // 2 * 2]
    )


rings = pairs(3).map(lambda flat: [*flat, *flat[:2]])
keypoints = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("head", "hip"), st.tuples(numbers, numbers, st.sampled_from([0, 1]))),
).map(lambda placed: [{"key": key, "value": list(value)} for key, value in placed.items()])
geometries: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "bbox": st.fixed_dictionaries(
        {"points": st.lists(numbers, min_size=4, max_size=4), "rotation": numbers},
        optional={"keypoints": keypoints},
    ),
    "polygon": st.fixed_dictionaries({"points": pairs(3)}),
    "keypoint": st.fixed_dictionaries({"points": st.lists(numbers, min_size=2, max_size=2)}),
    "line": st.fixed_dictionaries({"points": pairs(2)}),
    "circle": st.fixed_dictionaries({"points": st.tuples(numbers, numbers, st.just(3)).map(list)}),
    "segmentation": st.fixed_dictionaries(
        {"points": st.lists(st.lists(rings, min_size=1, max_size=2), min_size=1, max_size=3)}
    ),
    "pose_estimation": st.fixed_dictionaries({"keypoints": keypoints}),
}


@st.composite
def annotations(draw: st.DrawFn) -> dict[str, Any]:
    shape = draw(st.sampled_from(sorted(GEOMETRY)))
    given_answers = draw(answers)
    return complete(
        shape,
        **draw(geometries[shape]),
        confidenceScore=draw(st.just(-1) | st.floats(0, 1) | st.sampled_from([0, 1])),
        attributes=[{"key": key, "value": value} for key, value in given_answers.items()],
    )


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sent=st.lists(annotations(), min_size=1, max_size=4))
def test_annotations_in_are_annotations_out(
    client: Client, all_shapes: str, cat_jpg: Path, sent: list[dict[str, Any]]
) -> None:
    found = client.find_image_task_by_name(all_shapes, "a")
    task_id = found["id"] if found else client.create_image_task(all_shapes, "a", cat_jpg)
    client.update_image_task(task_id, annotations=sent)
    shown = client.find_image_task(task_id)["annotations"]
    assert exactly([sent_form({**annotation}) for annotation in shown]) == exactly(sent)


BOX = {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4]}


@pytest.mark.parametrize(
    ("annotations", "message"),
    [
        ([BOX, {**BOX, "value": "dog"}], "annotations[1].value: the project has no class 'dog'"),
        ([{**BOX, "value": None}], "annotations[0].value: missing"),
        ([{**BOX, "type": "line"}], "annotations[0].type: the class 'cat' is of type bbox"),
        ([{**BOX, "points": [1, 2, 3]}], "annotations[0].points: a bbox has 4 numbers, got 3"),
        ([{**BOX, "points": None}], "annotations[0].points: missing"),
        ([{**BOX, "points": [1, 2, 3, "4"]}], "annotations[0].points[3]: "),
        ([{**BOX, "points": [1, 2, 3, True]}], "annotations[0].points[3]: "),
        ([{**BOX, "rotation": "90"}], "annotations[0].rotation: "),
        ([{**BOX, "confidenceScore": 1.1}], "annotations[0].confidenceScore: "),
        ([{**BOX, "confidenceScore": -0.5}], "annotations[0].confidenceScore: "),
        ([{**BOX, "keypoints": [{"key": "a", "value": [1, 2, 1]}]}], "annotations[0].keypoints[0]"),
        (
            [{**BOX, "attributes": [{"key": "age", "value": 3}]}],
            "annotations[0].attributes[0].key: the class 'cat' has no attribute 'age'",
        ),
        (
            [{**BOX, "attributes": [{"key": "kind", "value": ["a"]}]}],
            "annotations[0].attributes[0].value: ",
        ),
        (
            [{**BOX, "attributes": [{"key": "kind", "value": "a"}] * 2}],
            "annotations[0].attributes[1].key: 'kind' is given twice",
        ),
        (["cat"], "annotations[0]: expected an object, got 'cat'"),
        ("cat", "annotations: "),
    ],
)
def test_an_annotation_that_does_not_fit_is_refused_with_its_place(
    raw: Raw, client: Client, project: str, cat_jpg: Path, annotations: Any, message: str
) -> None:
    before = client.create_image_task(project, "old", cat_jpg, annotations=[BOX])
    body = {"project": project, "name": "new", "annotations": annotations}
    for response in (
        raw.upload(body, ("a.jpg", cat_jpg.read_bytes())),
        raw("PUT", f"tasks/image/{before}", json={"annotations": annotations}),
    ):
        assert response.status_code == 422, response.text
        assert response.json()["message"].startswith(message)
    assert [task["name"] for task in client.get_image_tasks(project)] == ["old"]
    assert len(client.find_image_task(before)["annotations"]) == 1


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400])
def test_numbers_that_no_double_holds_are_refused(
    raw: Raw, client: Client, project: str, cat_jpg: Path, number: str
) -> None:
    task_id = client.create_image_task(project, "old", cat_jpg)
    text = json.dumps({"annotations": [BOX]}).replace("4]", f"{number}]")
    headers = {"Content-Type": "application/json"}
    response = raw("PUT", f"tasks/image/{task_id}", content=text, headers=headers)
    assert response.status_code == 400, response.text
    assert client.find_image_task(task_id)["annotations"] == []


def test_a_whole_number_of_more_than_64_bits_becomes_the_nearest_double(
    client: Client, project: str, cat_jpg: Path
) -> None:
    """It was answered 500 on an update, and taken at creation."""
    annotation = {**BOX, "points": [0, 0, 2**63 - 1, 10**30], "rotation": -(10**25)}
    task_id = client.create_image_task(project, "a", cat_jpg, annotations=[annotation])
    client.update_image_task(task_id, annotations=[annotation])
    (shown,) = client.find_image_task(task_id)["annotations"]
    assert exactly(shown["points"]) == exactly([0, 0, 2**63 - 1, 1e30])
    assert shown["rotation"] == -1e25


def test_a_null_character_in_an_answer_is_kept(client: Client, project: str, cat_jpg: Path) -> None:
    annotation = {**BOX, "attributes": [{"key": "kind", "value": "a\x00b"}]}
    task_id = client.create_image_task(project, "a", cat_jpg, annotations=[annotation])
    (shown,) = client.find_image_task(task_id)["annotations"]
    assert shown["attributes"][0]["value"] == "a\x00b"


def test_an_answer_of_none_is_no_answer(client: Client, project: str, cat_jpg: Path) -> None:
    annotation = {**BOX, "attributes": [{"key": "kind", "value": None}]}
    task_id = client.create_image_task(project, "a", cat_jpg, annotations=[annotation])
    (shown,) = client.find_image_task(task_id)["annotations"]
    assert shown["attributes"] == []
