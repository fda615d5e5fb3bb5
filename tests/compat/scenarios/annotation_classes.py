"""Annotation classes: types, attributes, keypoints, order, updates that keep ids, deletion."""

from __future__ import annotations

from typing import Any

from scenarios.support import (
    COLOR,
    ID,
    NOWHERE,
    TIMESTAMP,
    bbox,
    client,
    later,
    new_class,
    new_project,
    new_task,
    project_id,
    refused,
    same,
)

SHAPES = ("bbox", "polygon", "keypoint", "line", "circle", "segmentation", "pose_estimation")


def _options(*values: str) -> list[dict[str, str]]:
    return [{"title": value.title(), "value": value} for value in values]


def _attribute(form: str, key: str, *values: str) -> dict[str, Any]:
    return {"type": form, "name": key.title(), "key": key, "options": _options(*values)}


def every_shape_can_be_a_class() -> None:
    project = new_project("image_all")
    for number, shape in enumerate(SHAPES, start=1):
        value = f"{shape}-値"
        created = client.create_annotation(
            project=project, type=shape, value=value, title="猫 Cat", color="#0a0b0c"
        )
        found = client.find_annotation(annotation_id=created)
        assert ID.fullmatch(created), created
        assert TIMESTAMP.fullmatch(found["createdAt"]), found
        assert TIMESTAMP.fullmatch(found["updatedAt"]), found
        documented = {
            "id": created,
            "type": shape,
            "value": value,
            "title": "猫 Cat",
            "color": "#0a0b0c",
            "order": number,
            "vertex": 0,
            "attributes": [],
            "keypoints": [],
        }
        same({key: found.get(key) for key in documented}, documented)


def color_and_order_are_chosen_when_not_given() -> None:
    project = new_project()
    for value in ("a", "b", "c"):
        new_class(project, value=value)
    classes = client.get_annotations(project)
    same([(c["value"], c["order"]) for c in classes], [["a", 1], ["b", 2], ["c", 3]])
    assert all(COLOR.fullmatch(c["color"]) for c in classes), classes
    assert len({c["color"] for c in classes}) == 3
    created = new_class(project, value="d", order=9)
    assert client.find_annotation(created)["order"] == 9


def every_type_of_attribute_comes_back_with_its_options() -> None:
    project = new_project()
    given = [
        _attribute("text", "note"),
        _attribute("select", "kind", "tabby", "siamese"),
        _attribute("radio", "age", "young", "old"),
        _attribute("checkbox", "traits", "shy", "loud"),
        _attribute("switch", "indoor"),
        _attribute("number", "weight"),
    ]
    created = new_class(project, attributes=given)
    attributes = client.find_annotation(created)["attributes"]
    assert all(ID.fullmatch(attribute["id"]) for attribute in attributes), attributes
    same(
        [{k: a[k] for k in ("type", "name", "key", "options", "order", "value")}
         for a in attributes],
        [{**attribute, "order": number, "value": ""}
         for number, attribute in enumerate(given, start=1)],
    )  # fmt: skip


def a_choice_needs_options() -> None:
    project = new_project()
    for form in ("select", "radio", "checkbox"):
        with refused(422, "attributes[0]"):
            new_class(project, attributes=[_attribute(form, "kind")])
    with refused(422, "attributes[0]"):
        new_class(project, attributes=[_attribute("slider", "kind")])
    with refused(422, "attributes[1]"):
        new_class(project, attributes=[_attribute("text", "kind"), _attribute("text", "kind")])
    assert client.get_annotations(project) == []


def an_update_changes_what_is_sent_and_leaves_the_rest() -> None:
    project = new_project()
    created = new_class(project, color="#111111", attributes=[_attribute("text", "note")])
    before = client.find_annotation(created)
    assert client.update_annotation(annotation_id=created, title="Kitten") == created
    after = client.find_annotation(created)
    changed = {"title", "updatedAt"}
    same({k: v for k, v in after.items() if k not in changed},
         {k: v for k, v in before.items() if k not in changed})  # fmt: skip
    assert after["title"] == "Kitten"

    client.update_annotation(created, value="kitten", color="#222222", order=4)
    after = client.find_annotation(created)
    same([after[key] for key in ("value", "title", "color", "order")],
         ["kitten", "Kitten", "#222222", 4])  # fmt: skip


def attributes_are_matched_by_id_or_key_and_dropped_when_missing() -> None:
    project = new_project()
    created = new_class(project, attributes=[
        _attribute("text", "note"),
        _attribute("select", "kind", "tabby", "siamese"),
        _attribute("text", "gone"),
    ])  # fmt: skip
    note, kind, _ = client.find_annotation(created)["attributes"]
    task = new_task(project, annotations=[bbox(attributes=[
        {"key": "note", "value": "asleep"}, {"key": "kind", "value": "tabby"},
        {"key": "gone", "value": "x"}])])  # fmt: skip

    client.update_annotation(created, attributes=[
        {"id": note["id"], "type": "text", "name": "Remark", "key": "remark"},
        _attribute("select", "kind", "tabby", "siamese", "manx"),
        _attribute("text", "new"),
    ])  # fmt: skip

    after = client.find_annotation(created)["attributes"]
    same([(a["key"], a["name"], a["order"]) for a in after],
         [["remark", "Remark", 1], ["kind", "Kind", 2], ["new", "New", 3]])  # fmt: skip
    assert [a["id"] for a in after[:2]] == [note["id"], kind["id"]]
    same(after[1]["options"], _options("tabby", "siamese", "manx"))
    [annotation] = client.find_image_task(task)["annotations"]
    same(annotation["attributes"], [
        {"key": "remark", "name": "Remark", "type": "text", "value": "asleep"},
        {"key": "kind", "name": "Kind", "type": "select", "value": "tabby"},
    ])  # fmt: skip


def a_renamed_class_renames_its_annotations() -> None:
    project = new_project()
    created = new_class(project, color="#111111")
    task = new_task(project, annotations=[bbox()])
    client.update_annotation(created, value="dog", title="Dog", color="#222222")
    [annotation] = client.find_image_task(task)["annotations"]
    same([annotation[k] for k in ("value", "title", "color")], ["dog", "Dog", "#222222"])


def a_value_is_taken_once_in_a_project() -> None:
    project = new_project("image_all")
    new_class(project)
    dog = new_class(project, value="dog")
    with refused(409, "cat"):
        new_class(project)
    with refused(409, "cat"):
        new_class(project, "polygon")
    with refused(409, "cat"):
        client.update_annotation(dog, value="cat")
    new_class(new_project())
    same([c["value"] for c in client.get_annotations(project)], ["cat", "dog"])


def classes_are_found_by_value_and_listed_by_page() -> None:
    project = new_project()
    values = [f"class-{number:02}" for number in range(12)]
    for value in values:
        new_class(project, value=value)
    assert client.find_annotation_by_value(project=project, value="class-03")["order"] == 4
    assert client.find_annotation_by_value(project=project, value="class-0") is None
    assert client.find_annotation_by_value(project=project, value="CLASS-03") is None

    def listed(**page: Any) -> list[str]:
        return [c["value"] for c in client.get_annotations(project=project, **page)]

    assert listed() == values[:10]
    assert listed(limit=1000) == values
    assert listed(offset=10, limit=5) == values[10:]
    assert listed(offset=12) == []
    assert listed(value="class-11") == ["class-11"]


def deleting_a_class_deletes_its_annotations() -> None:
    project = new_project()
    cat, dog = new_class(project), new_class(project, value="dog")
    task = new_task(project, annotations=[bbox(), bbox("dog"), bbox()])
    assert client.delete_annotation(annotation_id=cat) is None
    with refused(404):
        client.find_annotation(cat)
    assert client.find_annotation_by_value(project, "cat") is None
    assert [c["id"] for c in client.get_annotations(project)] == [dog]
    assert [a["value"] for a in client.find_image_task(task)["annotations"]] == ["dog"]
    assert new_class(project) != cat


def a_classification_project_has_one_class() -> None:
    project = new_project("image_classification")
    created = client.create_classification_annotation(
        project=project, attributes=[_attribute("radio", "kind", "cat", "dog")]
    )
    found = client.find_annotation_by_value(project=project, value="classification")
    same([found["id"], found["type"], found["value"]],
         [created, "classification", "classification"])  # fmt: skip
    [kind] = found["attributes"]
    same([kind["key"], kind["type"], kind["options"]], ["kind", "radio", _options("cat", "dog")])
    with refused(409):
        client.create_classification_annotation(project, [_attribute("text", "note")])

    updated = client.update_classification_annotation(
        annotation_id=created,
        attributes=[{**_attribute("radio", "kind", "cat", "dog", "fox"), "id": kind["id"]},
                    _attribute("text", "note")],
    )  # fmt: skip
    assert updated == created
    after = client.find_annotation(created)["attributes"]
    same([(a["key"], a["order"]) for a in after], [["kind", 1], ["note", 2]])
    assert after[0]["id"] == kind["id"]
    same(after[0]["options"], _options("cat", "dog", "fox"))


def a_pose_class_has_keypoints_with_edges() -> None:
    project = new_project("image_pose_estimation")
    created = client.api.post_request("annotations", payload={
        "project": project, "type": "pose_estimation", "value": "person", "title": "Person",
        "keypoints": [
            {"key": "head", "name": "Head", "color": "#ff0000", "edges": ["neck"]},
            {"key": "neck", "name": "Neck", "color": "#00ff00", "edges": ["head", "hip"]},
            {"key": "hip", "name": "Hip", "color": "#0000ff", "edges": ["neck"]},
        ],
    })  # fmt: skip
    head, neck, hip = client.find_annotation(created)["keypoints"]
    assert all(ID.fullmatch(point["id"]) for point in (head, neck, hip))
    same([head, neck, hip], [
        {"id": head["id"], "key": "head", "name": "Head", "color": "#ff0000",
         "edges": [neck["id"]], "value": []},
        {"id": neck["id"], "key": "neck", "name": "Neck", "color": "#00ff00",
         "edges": [head["id"], hip["id"]], "value": []},
        {"id": hip["id"], "key": "hip", "name": "Hip", "color": "#0000ff",
         "edges": [neck["id"]], "value": []},
    ])  # fmt: skip
    client.update_annotation(created, title="Human")
    same(client.find_annotation(created)["keypoints"], [head, neck, hip])


def unknown_classes_and_projects_answer_404() -> None:
    for action in (
        client.find_annotation,
        client.delete_annotation,
        lambda key: client.update_annotation(key, title="Nobody"),
        lambda key: client.update_classification_annotation(key, [_attribute("text", "note")]),
    ):
        with refused(404):
            action(NOWHERE)
    for action in (
        client.get_annotations,
        new_class,
        lambda slug: client.find_annotation_by_value(slug, "cat"),
        lambda slug: client.create_classification_annotation(slug, [_attribute("text", "note")]),
    ):
        with refused(404, "no-such-project"):
            action("no-such-project")


def wrong_values_are_refused_and_create_nothing() -> None:
    project = new_project("image_all")
    for change in (
        {"type": "hexagon"},
        {"type": None},
        {"value": ""},
        {"value": None},
        {"title": ""},
        {"color": "red"},
        {"color": "#12345"},
        {"order": "first"},
        {"attributes": "kind"},
    ):
        good = {"project": project, "type": "bbox", "value": "cat", "title": "Cat"}
        with refused(422):
            client.api.post_request("annotations", payload={**good, **change})
            raise AssertionError(f"accepted: {change}")
    assert client.get_annotations(project) == []


def pages_hold_at_most_a_thousand() -> None:
    project = new_project()
    with refused(422):
        client.get_annotations(project, limit=1001)
    with refused(422):
        client.api.get_request("annotations", params={"project": project, "limit": 1001})


def a_deleted_project_takes_its_classes_along() -> None:
    project = new_project()
    created = new_class(project)
    client.delete_project(project_id(project))
    with refused(404):
        client.find_annotation(created)


@later
def the_number_of_areas_can_be_set() -> None:
    project = new_project("image_segmentation")
    shown = {}
    for value, options in {
        "default": {},
        "many": {"max_area_count": 1000},
        "any": {"max_area_count": None},
    }.items():
        created = new_class(project, "segmentation", value, **options)
        shown[value] = client.find_annotation(created)["maxAreaCount"]
    same(shown, {"default": 1, "many": 1000, "any": None})
    many = client.find_annotation_by_value(project, "many")["id"]
    client.update_annotation(many, title="Many")
    assert client.find_annotation(many)["maxAreaCount"] == 1000
    client.update_annotation(many, max_area_count=None)
    assert client.find_annotation(many)["maxAreaCount"] is None
    for wrong in (0, 1001):
        with refused(422):
            new_class(project, "segmentation", "wrong", max_area_count=wrong)
