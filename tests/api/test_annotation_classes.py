"""Annotation classes: which a project takes, their attributes and keypoints, their end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from api.conftest import Raw
from api.waiting import wait_until
from fastlabel import Client
from fastlabel.exceptions import (
    FastLabelConflictException,
    FastLabelInvalidException,
    FastLabelNotFoundException,
)
from fastlabel.modalities import ANNOTATION_TYPES, PROJECT_TYPES
from fastlabel_server import tables
from fastlabel_server.db import Database

CLASSES_OF = {
    "image_bbox": {"bbox"},
    "image_polygon": {"polygon"},
    "image_keypoint": {"keypoint"},
    "image_line": {"line"},
    "image_segmentation": {"segmentation"},
    "image_pose_estimation": {"pose_estimation", "bbox"},
    "image_all": {
        "bbox", "polygon", "keypoint", "line", "circle", "segmentation", "pose_estimation",
    },
    "image_classification": {"classification"},
    "multi_image_classification": {"classification"},
    "sequential_image_bbox": {"bbox"},
    "sequential_image_polygon": {"polygon"},
    "sequential_image_keypoint": {"keypoint"},
    "sequential_image_line": {"line"},
    "sequential_image_segmentation": {"segmentation"},
    "video_bbox": {"bbox"},
    "video_keypoint": {"keypoint"},
    "video_line": {"line"},
    "video_single_classification": {"classification"},
    "text_ner": {"ner"},
    "text_single_classification": {"classification"},
    "audio_segmentation": {"segmentation"},
    "audio_single_classification": {"classification"},
    "pcd_cuboid": {"cuboid"},
    "pcd_segmentation": {"segmentation"},
    "sequential_pcd_cuboid": {"cuboid"},
    "dicom_bbox": {"bbox"},
    "multi_modal_video_audio_segmentation": {"segmentation"},
    "robotics_task_classification": {"sub_task", "classification"},
}  # fmt: skip
"""Written out: a new project type fails until someone has said which classes it takes."""

OPTIONS = [{"title": "First", "value": "a"}, {"title": "Second", "value": 2}]
ATTRIBUTES: list[dict[str, Any]] = [
    {"type": "text", "name": "Text", "key": "text"},
    {"type": "select", "name": "Select", "key": "select", "options": OPTIONS},
    {"type": "radio", "name": "Radio", "key": "radio", "options": OPTIONS},
    {"type": "checkbox", "name": "Checkbox", "key": "checkbox", "options": OPTIONS},
    {"type": "switch", "name": "Switch", "key": "switch"},
    {"type": "number", "name": "数", "key": "number"},
]
BOX = {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4]}


def text(key: str, **values: Any) -> dict[str, Any]:
    return {"type": "text", "name": key.title(), "key": key, **values}


@pytest.mark.parametrize("project_type", PROJECT_TYPES)
def test_a_project_takes_the_classes_of_its_type_and_no_others(
    sqlite_client: Client, slug: str, project_type: str
) -> None:
    sqlite_client.create_project(project_type, "P", slug)
    taken = set()
    for shape in ANNOTATION_TYPES:
        try:
            if shape == "classification":
                sqlite_client.create_classification_annotation(slug, [text("kind")])
            else:
                sqlite_client.create_annotation(slug, shape, f"a-{shape}", "A")
            taken.add(shape)
        except FastLabelInvalidException as refusal:
            assert refusal.code == 422
            assert project_type in refusal.message
    assert taken == CLASSES_OF[project_type]
    found = sqlite_client.get_annotations(slug, limit=100)
    assert {cls["type"] for cls in found} == CLASSES_OF[project_type]


def test_a_class_shows_what_it_was_created_with(client: Client, slug: str) -> None:
    client.create_project("image_all", "P", slug)
    class_id = client.create_annotation(
        slug, "segmentation", "猫", "Cat ✓", "#B36d18", 4, ATTRIBUTES, 12
    )
    found = client.find_annotation(class_id)
    assert {key: found[key] for key in found if not key.endswith("At")} == {  # type: ignore[literal-required]
        "id": class_id,
        "type": "segmentation",
        "value": "猫",
        "title": "Cat ✓",
        "color": "#B36d18",
        "order": 4,
        "vertex": 0,
        "maxAreaCount": 12,
        "keypoints": [],
        "attributes": [
            {"options": [], **attribute, "id": shown["id"], "order": number, "value": ""}
            for number, (attribute, shown) in enumerate(
                zip(ATTRIBUTES, found["attributes"], strict=True), start=1
            )
        ],
    }
    assert client.find_annotation_by_value(slug, "猫") == found
    assert client.find_annotation_by_value(slug, "猫 ") is None
    assert len({attribute["id"] for attribute in found["attributes"]}) == len(ATTRIBUTES)


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ([{"type": "radio", "name": "A", "key": "a"}], "attributes[0].options: "),
        ([text("a"), text("a")], "attributes[1].key: 'a' is given twice"),
        ([{"type": "banana", "name": "A", "key": "a"}], "attributes[0].type: "),
        ([{"type": "text", "name": "A"}], "attributes[0].key: missing"),
        ([text("a", id="no-such-id")], "attributes[0].id: "),
        (
            [{"type": "select", "name": "A", "key": "a", "options": [*OPTIONS, OPTIONS[0]]}],
            "attributes[0].options[2].value: 'a' is given twice",
        ),
        (
            [{"type": "select", "name": "A", "key": "a", "options": OPTIONS, "value": "c"}],
            "attributes[0].value: ",
        ),
        ([{"type": "number", "name": "A", "key": "a", "value": "many"}], "attributes[0].value: "),
        ("kind", "attributes: "),
    ],
)
def test_attributes_that_make_no_sense_are_refused(
    sqlite_raw: Raw, sqlite_project: str, attributes: Any, message: str
) -> None:
    body = {"project": sqlite_project, "type": "bbox", "value": "dog", "title": "Dog"}
    response = sqlite_raw("POST", "annotations", json={**body, "attributes": attributes})
    assert response.status_code == 422
    assert response.json()["message"].startswith(message)
    assert len(sqlite_raw("GET", f"annotations?project={sqlite_project}").json()) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("value", " "),
        ("value", None),
        ("title", ""),
        ("color", "red"),
        ("color", "#12345"),
        ("order", 0),
        ("maxAreaCount", 0),
        ("maxAreaCount", 1001),
        ("keypoints", [{"key": "head"}]),
    ],
)
def test_a_class_of_nonsense_is_refused(
    sqlite_raw: Raw, sqlite_project: str, field: str, value: object
) -> None:
    body = {"project": sqlite_project, "type": "line", "value": "rope", "title": "R", field: value}
    response = sqlite_raw("POST", "annotations", json=body)
    assert response.status_code == 422
    assert response.json()["message"].startswith(f"{field}")


def test_a_value_names_one_class_of_a_project(client: Client, project: str, slug: str) -> None:
    with pytest.raises(FastLabelConflictException, match=r"value: .*'cat'"):
        client.create_annotation(project, "polygon", "cat", "Twin")
    dog = client.create_annotation(project, "bbox", "dog", "Dog")
    with pytest.raises(FastLabelConflictException, match=r"value: .*'cat'"):
        client.update_annotation(dog, value="cat")
    client.create_annotation(project, "bbox", "Cat", "Another")
    client.create_project("image_bbox", "Other", f"{slug}-b")
    client.create_annotation(f"{slug}-b", "bbox", "cat", "Cat")


def test_classes_get_colours_in_turn_and_the_next_place(client: Client, slug: str) -> None:
    client.create_project("image_bbox", "P", slug)
    for number in range(14):
        client.create_annotation(slug, "bbox", f"class-{number:02}", "C")
    classes = client.get_annotations(slug, limit=100)
    colors = [cls["color"] for cls in classes]
    assert len(set(colors[:12])) == 12
    assert colors[12:] == colors[:2]
    assert [cls["order"] for cls in classes] == list(range(1, 15))
    assert len(client.get_annotations(slug)) == 10
    assert list(client.iter_annotations(slug)) == classes
    assert client.get_annotations(slug, offset=12, limit=5) == classes[12:]


def test_classes_are_listed_in_their_order(client: Client, slug: str) -> None:
    client.create_project("image_bbox", "P", slug)
    first = client.create_annotation(slug, "bbox", "first", "F")
    client.create_annotation(slug, "bbox", "second", "S")
    client.create_annotation(slug, "bbox", "third", "T", order=1)
    client.update_annotation(first, order=7)
    client.create_annotation(slug, "bbox", "last", "L")
    found = [(cls["value"], cls["order"]) for cls in client.get_annotations(slug)]
    assert found == [("third", 1), ("second", 2), ("first", 7), ("last", 8)]


def test_an_update_changes_what_is_given_and_reaches_the_tasks(
    client: Client, project: str, cat_jpg: Path
) -> None:
    task_id = client.create_image_task(project, "a.jpg", cat_jpg, annotations=[BOX])
    before = client.get_annotations(project)[0]
    assert client.update_annotation(before["id"], title="Kitty") == before["id"]
    after = client.find_annotation(before["id"])
    assert after == {**before, "title": "Kitty", "updatedAt": after["updatedAt"]}
    client.update_annotation(before["id"], value="kitten", color="#000001")
    (shown,) = client.find_image_task(task_id)["annotations"]
    expected = ("kitten", "Kitty", "#000001")
    assert (shown["value"], shown["title"], shown["color"]) == expected


def test_answers_follow_an_attribute_whose_key_is_renamed_and_vanish_with_one_that_is_removed(
    client: Client, slug: str, cat_jpg: Path
) -> None:
    client.create_project("image_bbox", "P", slug)
    class_id = client.create_annotation(
        slug, "bbox", "cat", "Cat", attributes=[text("kind"), text("mood"), text("name")]
    )
    answers = [{"key": key, "value": f"{key} ✓"} for key in ("kind", "mood", "name")]
    task_id = client.create_image_task(
        slug, "a.jpg", cat_jpg, annotations=[{**BOX, "attributes": answers}]
    )
    kind, mood, _ = client.find_annotation(class_id)["attributes"]

    # `kind` is renamed by its id, `mood` is matched by its key, `name` is left out.
    client.update_annotation(
        class_id, attributes=[text("new"), text("breed", id=kind["id"]), text("mood")]
    )

    new, breed, kept = client.find_annotation(class_id)["attributes"]
    assert (breed["id"], kept["id"]) == (kind["id"], mood["id"])
    assert new["id"] not in (kind["id"], mood["id"])
    (shown,) = client.find_image_task(task_id)["annotations"]
    assert shown["attributes"] == [
        {"key": "breed", "name": "Breed", "type": "text", "value": "kind ✓"},
        {"key": "mood", "name": "Mood", "type": "text", "value": "mood ✓"},
    ]
    client.update_annotation(class_id, title="Kitty")
    assert len(client.find_annotation(class_id)["attributes"]) == 3


def test_two_attributes_can_swap_their_keys(client: Client, slug: str, cat_jpg: Path) -> None:
    client.create_project("image_bbox", "P", slug)
    class_id = client.create_annotation(
        slug, "bbox", "cat", "Cat", attributes=[text("a"), text("b")]
    )
    answers = [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]
    task_id = client.create_image_task(
        slug, "a.jpg", cat_jpg, annotations=[{**BOX, "attributes": answers}]
    )
    a, b = client.find_annotation(class_id)["attributes"]
    client.update_annotation(class_id, attributes=[text("b", id=a["id"]), text("a", id=b["id"])])
    (shown,) = client.find_image_task(task_id)["annotations"]
    assert [(answer["key"], answer["value"]) for answer in shown["attributes"]] == [
        ("b", "1"),
        ("a", "2"),
    ]


def test_edges_of_a_pose_are_ids_in_the_class_and_keys_in_a_task(
    client: Client, slug: str, cat_jpg: Path
) -> None:
    client.create_project("image_pose_estimation", "P", slug)
    class_id = client.create_annotation(
        slug, "pose_estimation", "person", "Person", color="#abcdef",
        keypoints=[
            {"key": "head", "name": "Head", "color": "#ff0000", "edges": ["neck"]},
            {"key": "neck", "edges": ["head", "hip"]},
            {"key": "hip"},
        ],
    )  # fmt: skip
    head, neck, hip = client.find_annotation(class_id)["keypoints"]
    assert [head["name"], neck["name"], hip["name"]] == ["Head", "neck", "hip"]
    assert [head["color"], neck["color"]] == ["#ff0000", "#abcdef"]
    assert neck["edges"] == [head["id"], hip["id"]]
    assert head["value"] == []

    pose = [{"key": "neck", "value": [1, 2.5, 1]}, {"key": "hip", "value": []}]
    task_id = client.create_image_task(
        slug, "a.jpg", cat_jpg,
        annotations=[{"type": "pose_estimation", "value": "person", "keypoints": pose}],
    )  # fmt: skip
    (shown,) = client.find_image_task(task_id)["annotations"]
    assert shown["points"] == []
    assert shown["keypoints"] == [
        {"key": "neck", "name": "neck", "value": [1, 2.5, 1], "edges": ["head", "hip"]},
        {"key": "hip", "name": "hip", "value": [], "edges": []},
    ]

    # A keypoint that is known by its key keeps its id; one that is left out vanishes from tasks.
    client.update_annotation(class_id, keypoints=[{"key": "hip"}, {"key": "head"}])
    updated = client.find_annotation(class_id)["keypoints"]
    assert [point["id"] for point in updated] == [hip["id"], head["id"]]
    (shown,) = client.find_image_task(task_id)["annotations"]
    assert [point["key"] for point in shown["keypoints"]] == ["hip"]


def test_an_edge_to_nowhere_and_a_keypoint_twice_are_refused(
    sqlite_client: Client, sqlite_project: str
) -> None:
    for keypoints, message in (
        ([{"key": "a", "edges": ["b"]}], r"keypoints\[0\]\.edges\[0\]: .*'b'"),
        ([{"key": "a"}, {"key": "a"}], r"keypoints\[1\]\.key: 'a' is given twice"),
    ):
        with pytest.raises(FastLabelInvalidException, match=message):
            sqlite_client.create_annotation(
                sqlite_project, "pose_estimation", "p", "P", keypoints=keypoints
            )


REGION = [[0, 0, 9, 0, 9, 9, 0, 9, 0, 0]]


@pytest.mark.parametrize(
    ("given", "shown", "allowed"),
    [({}, 1, 3), ({"max_area_count": None}, None, 3), ({"max_area_count": 2}, 2, 2)],
    ids=["not given", "None", "2"],
)
def test_the_number_of_regions_is_limited_where_a_limit_was_set(
    client: Client, slug: str, cat_jpg: Path, given: dict[str, Any], shown: int | None, allowed: int
) -> None:
    client.create_project("image_segmentation", "P", slug)
    class_id = client.create_annotation(slug, "segmentation", "sea", "Sea", **given)
    assert client.find_annotation(class_id)["maxAreaCount"] == shown
    for count in (1, 2, 3):
        annotation = {"type": "segmentation", "value": "sea", "points": [REGION] * count}
        if count <= allowed:
            client.create_image_task(slug, f"{count}.jpg", cat_jpg, annotations=[annotation])
        else:
            with pytest.raises(FastLabelInvalidException, match=r"annotations\[0\]\.points: .* 3"):
                client.create_image_task(slug, f"{count}.jpg", cat_jpg, annotations=[annotation])
    client.update_annotation(class_id, title="Ocean")
    assert client.find_annotation(class_id)["maxAreaCount"] == shown
    client.update_annotation(class_id, max_area_count=None)
    assert client.find_annotation(class_id)["maxAreaCount"] is None


def test_a_classification_project_has_one_class(client: Client, slug: str, cat_jpg: Path) -> None:
    client.create_project("image_classification", "P", slug)
    assert client.find_annotation_by_value(slug, "classification") is None
    class_id = client.create_classification_annotation(slug, [text("kind"), text("mood")])
    found = client.find_annotation_by_value(slug, "classification")
    assert found is not None
    assert (found["id"], found["type"], found["value"]) == (class_id, *["classification"] * 2)
    with pytest.raises(FastLabelConflictException):
        client.create_classification_annotation(slug, [text("other")])
    with pytest.raises(FastLabelInvalidException, match="value"):
        client.update_annotation(class_id, value="other")

    answer = [{"key": "kind", "value": "cat"}, {"key": "mood", "value": "calm"}]
    task_id = client.create_image_classification_task(slug, "a.jpg", cat_jpg, attributes=answer)
    kind = found["attributes"][0]
    assert class_id == client.update_classification_annotation(
        class_id, [text("breed", id=kind["id"])]
    )
    assert client.find_image_classification_task(task_id)["attributes"] == [
        {"key": "breed", "name": "Breed", "type": "text", "value": "cat"}
    ]
    assert client.update_classification_annotation(
        project=slug, attributes=[text("breed"), text("age")]
    ) == class_id  # fmt: skip
    assert [a["key"] for a in client.find_annotation(class_id)["attributes"]] == ["breed", "age"]


def test_the_class_of_a_shape_is_no_question_sheet(client: Client, project: str) -> None:
    cat = client.get_annotations(project)[0]
    with pytest.raises(FastLabelInvalidException, match="bbox"):
        client.update_classification_annotation(cat["id"], [text("a")])
    with pytest.raises(FastLabelInvalidException, match="image_all"):
        client.create_classification_annotation(project, [text("a")])


def test_annotations_go_with_their_class(
    client: Client, project: str, cat_jpg: Path, database: Database
) -> None:
    dog_id = client.create_annotation(project, "line", "dog", "Dog")
    dog = {"type": "line", "value": "dog", "points": [0, 0, 5, 5]}
    ids = [
        client.create_image_task(project, f"{n}.jpg", cat_jpg, annotations=[BOX, dog, BOX])
        for n in range(3)
    ]
    client.update_image_task(
        ids[0], annotations=[BOX, dog, BOX],
        relations=[{"startIndex": 0, "endIndex": 1}, {"startIndex": 0, "endIndex": 2}],
    )  # fmt: skip
    before = client.find_image_task(ids[0])

    client.delete_annotation(dog_id)

    with pytest.raises(FastLabelNotFoundException, match=dog_id):
        client.find_annotation(dog_id)
    for task in client.get_image_tasks(project):
        assert [annotation["value"] for annotation in task["annotations"]] == ["cat", "cat"]
    shown = client.find_image_task(ids[0])
    assert shown["relations"] == [{"startIndex": 0, "endIndex": 1}]

    def is_purged() -> bool:
        with database.read() as session:
            left = select(func.count()).where(tables.TaskClass.class_id == dog_id)
            return session.scalar(left) == 0

    wait_until(is_purged, "the purge of the class")
    with database.read() as session:
        documents = session.scalars(
            select(tables.Task.annotations).where(tables.Task.id.in_(ids))
        ).all()
    assert [len(document) for document in documents] == [2, 2, 2]
    assert dog_id not in repr(documents)
    assert client.find_image_task(ids[0]) == shown
    assert shown["updatedAt"] == before["updatedAt"]
    # The value is free again, and its annotations stay gone.
    client.create_annotation(project, "line", "dog", "Dog")
    assert client.find_image_task(ids[0]) == shown
