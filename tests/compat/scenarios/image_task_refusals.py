"""Annotations and values that an image task cannot have: 422 that says where, nothing stored."""

from __future__ import annotations

import base64
from typing import Any

from scenarios.pictures import jpeg, png, saved
from scenarios.support import (
    bbox,
    call,
    client,
    fetch,
    names,
    new_class,
    new_project,
    new_task,
    refused,
)

LIMIT = 20 * 1024 * 1024


def _body(**fields: Any) -> dict[str, Any]:
    return {"name": "cat.png", "file": base64.b64encode(png()).decode(), **fields}


def a_class_that_is_not_configured_is_named_by_its_index() -> None:
    project = new_project()
    with refused(422, "annotations[0]", "cat"):
        new_task(project, annotations=[bbox()])
    new_class(project)
    with refused(422, "annotations[1]", "dog"):
        new_task(project, annotations=[bbox(), bbox("dog")])
    with refused(422, "annotations[0]"):
        new_task(project, annotations=[{"type": "polygon", "value": "cat",
                                        "points": [1, 1, 5, 1, 5, 5]}])  # fmt: skip
    assert client.get_image_tasks(project) == []


def a_geometry_that_is_none_is_named_by_its_index() -> None:
    project = new_project("image_all")
    wrong: dict[str, list[Any]] = {
        "bbox": [[1, 2, 3], [1, 2, 3, 4, 5], ["1", "2", "3", "4"], [1, 2, 3, True], "1,2,3,4",
                 [1, 2, 3, None], {"x": 1}],
        "polygon": [[1, 1, 2, 2], [1, 1, 2, 2, 3], [[1, 1, 2, 2, 3, 3]]],
        "keypoint": [[1], [1, 2, 3]],
        "line": [[1, 1], [1, 1, 2]],
        "circle": [[1, 1], [1, 1, 2, 2]],
        "segmentation": [[1, 1, 2, 2, 3, 3], [[1, 1, 2, 2, 3, 3]], [[[1, 1]]]],
    }  # fmt: skip
    for shape, many in wrong.items():
        new_class(project, shape, shape)
        for points in many:
            with refused(422, "annotations[0]"):
                new_task(project, annotations=[{"type": shape, "value": shape, "points": points}])
                raise AssertionError(f"accepted: {shape} {points}")
    assert client.get_image_tasks(project) == []


def an_attribute_that_is_not_configured_is_named_by_its_index() -> None:
    project = new_project()
    choice = [{"title": "Tabby", "value": "tabby"}]
    new_class(project, attributes=[
        {"type": "text", "name": "Note", "key": "note"},
        {"type": "select", "name": "Kind", "key": "kind", "options": choice},
        {"type": "checkbox", "name": "Also", "key": "also", "options": choice},
    ])  # fmt: skip
    for attribute in (
        {"key": "age", "value": "young"},
        {"key": "note", "value": {"not": "text"}},
        {"key": "kind", "value": "siamese"},
        {"key": "kind", "value": ["tabby"]},
        {"key": "also", "value": ["tabby", "siamese"]},
    ):
        with refused(422, "annotations[1].attributes[0]"):
            new_task(project, annotations=[bbox(), bbox(attributes=[attribute])])
            raise AssertionError(f"accepted: {attribute}")
    assert client.get_image_tasks(project) == []


def wrong_values_are_refused_and_create_nothing() -> None:
    project = new_project()
    new_class(project)
    for change in (
        {"status": "done"},
        {"status": 3},
        {"externalStatus": "pending-ish"},
        {"priority": 5},
        {"priority": "high"},
        {"tags": "night"},
        {"tags": [1]},
        {"assignee": "nobody-of-this-slug"},
        {"annotations": {"type": "bbox"}},
        {"annotations": ["bbox"]},
        {"annotations": [{"value": "cat", "points": [1, 2, 3, 4]}]},
        {"annotations": [bbox(rotation="left")]},
        {"annotations": [bbox(confidenceScore="sure")]},
        {"name": None},
        {"file": None},
        {"file": "****"},
        {"file": ""},
        {"file": 7},
        {"project": None},
    ):
        with refused(422):
            client.api.post_request("tasks/image", payload=_body(**{"project": project, **change}))
            raise AssertionError(f"accepted: {change}")
    for missing in ("project", "name", "file"):
        body = _body(project=project)
        del body[missing]
        with refused(422, missing):
            client.api.post_request("tasks/image", payload=body)
    assert client.get_image_tasks(project) == []


def fields_of_later_clients_are_passed_over() -> None:
    project = new_project()
    client.api.post_request(
        "tasks/image", payload=_body(project=project, shoeSize=44, future={"a": [1]})
    )
    assert names(client.get_image_tasks(project)) == ["cat.png"]


def a_body_that_is_not_json_answers_400_as_json() -> None:
    for path in ("projects", "annotations", "tasks/image", "tasks/image/classification"):
        for body in (b"{", b"", b"\xff\xfe", b'{"name": nope}'):
            status, answer = call("POST", path, body)
            assert status in (400, 422), (path, body, status, answer)
            assert isinstance(answer["message"], str), answer
            assert answer["statusCode"] == status, answer
        for body in (b"[]", b'"text"', b"null", b"12"):
            status, answer = call("POST", path, body)
            assert status in (400, 422), (path, body, status, answer)
            assert isinstance(answer["message"], str), answer
    project = new_project()
    new_class(project)
    body = (
        b'{"project": "%s", "name": "nan.png", "file": "%s", "annotations": [{"type": "bbox",'
        b' "value": "cat", "points": [1, 2, NaN, Infinity]}]}'
    ) % (project.encode(), base64.b64encode(png()))
    status, answer = call("POST", "tasks/image", body)
    assert status in (400, 422), (status, answer)
    assert client.get_image_tasks(project) == []


def an_image_of_20_mb_is_taken_and_one_byte_more_is_refused() -> None:
    project = new_project()
    data = jpeg()
    largest = data + bytes(LIMIT - len(data))
    client.create_image_task(project, "largest.jpg", saved(largest, "largest.jpg"))
    [task] = client.get_image_tasks(project)
    assert fetch(task["url"])[2] == largest
    with refused(422):
        client.create_image_task(project, "larger.jpg", saved(largest + b"\0", "larger.jpg"))
    larger = base64.b64encode(largest + b"\0").decode()
    with refused((413, 422)):
        client.api.post_request(
            "tasks/image", payload=_body(project=project, name="x.jpg", file=larger)
        )
    assert names(client.get_image_tasks(project)) == ["largest.jpg"]


def a_request_beyond_every_limit_is_answered_all_the_same() -> None:
    """The client reads the answer only if the server takes the whole request first."""
    project = new_project()
    much = base64.b64encode(bytes(60 * 1024 * 1024)).decode()
    with refused((413, 422)):
        client.api.post_request("tasks/image", payload=_body(project=project, file=much))
    with refused((413, 422)):
        client.api.post_request("tasks/image", payload=_body(project=project, name=much))
    assert client.get_image_tasks(project) == []
