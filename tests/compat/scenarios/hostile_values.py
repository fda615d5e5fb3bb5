"""Values that no form of ours would send: refused with 4xx, never a failure of the server."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

from scenarios.pictures import png
from scenarios.support import (
    bbox,
    call,
    client,
    new_class,
    new_project,
    new_task,
    project_id,
    same,
    unique,
)

STRANGE = ("a\0b", "a\ud800b", "x" * 100_000)
HUGE = 10**30


def _refused(verb: str, path: str, body: dict[str, Any] | None = None) -> None:
    data = None if body is None else json.dumps(body).encode()
    status, answer = call(verb, path, data)
    assert 400 <= status < 500, (verb, path[:200], str(body)[:200], status, answer)
    assert isinstance(answer["message"], str), answer


def _no_failure(verb: str, path: str, body: dict[str, Any] | None = None) -> None:
    data = None if body is None else json.dumps(body).encode()
    status, answer = call(verb, path, data)
    assert status < 500, (verb, path[:200], str(body)[:200], status, answer)


def _task_body(project: str, **fields: Any) -> dict[str, Any]:
    file = base64.b64encode(png()).decode()
    return {**fields, "project": project, "name": fields.get("name", unique("task")), "file": file}


def texts_that_no_database_takes_are_refused() -> None:
    project = new_project()
    label = new_class(project)
    task = new_task(project)
    key = project_id(project)
    for text in STRANGE:
        good = {"type": "image_bbox", "name": "Cats", "slug": unique()}
        _refused("POST", "projects", {**good, "name": text})
        _refused("POST", "projects", {**good, "slug": text})
        _refused("PUT", f"projects/{key}", {"name": text})
        good = {"project": project, "type": "bbox", "value": "dog", "title": "Dog"}
        for field in ("value", "title", "color", "type", "project"):
            _refused("POST", "annotations", {**good, field: text})
        _refused("PUT", f"annotations/{label}", {"title": text})
        _refused("POST", "tasks/image", _task_body(project, name=text))
        _refused("POST", "tasks/image", _task_body(project, tags=[text]))
        _refused("POST", "tasks/image", _task_body(project, assignee=text))
        _refused("PUT", f"tasks/{task}", {"tags": [text]})
        _refused("PUT", f"tasks/image/{task}", {"annotations": [bbox(text)]})
    assert client.count_tasks(project) == 1
    same(client.find_image_task(task)["annotations"], [])
    same([c["title"] for c in client.get_annotations(project)], ["Cat"])


def an_answer_with_such_a_text_can_be_read_if_it_was_taken() -> None:
    project = new_project()
    new_class(project, attributes=[{"type": "text", "name": "Note", "key": "note"}])
    task = new_task(project)
    for text in STRANGE:
        note = bbox(attributes=[{"key": "note", "value": text}])
        _no_failure("POST", "tasks/image", _task_body(project, annotations=[note]))
        status, _ = call("PUT", f"tasks/image/{task}", json.dumps({"annotations": [note]}).encode())
        assert status < 500, (text[:20], status)
        if status == 200:
            [annotation] = client.find_image_task(task)["annotations"]
            same(annotation["attributes"][0]["value"], text)
    assert client.get_image_tasks(project)


def such_texts_find_nothing() -> None:
    project = new_project()
    for text in ("a%00b", "%ED%A0%80", "%FF", "x" * 5000, quote("' OR 1=1 --"), "..%2F.."):
        for path in (
            f"projects?slug={text}",
            f"projects/{text}",
            f"annotations?project={text}",
            f"annotations?project={project}&value={text}",
            f"annotations/{text}",
            f"tasks/image?project={text}",
            f"tasks/image?project={project}&taskName={text}",
            f"tasks/image?project={project}&tags={text}",
            f"tasks/image?project={project}&status={text}",
            f"tasks/image/{text}",
            f"tasks/image/classification/{text}",
            f"tasks/count?project={project}&tags={text}",
            f"tasks/map/id-name?project={text}",
            f"tags?project={project}&keyword={text}",
        ):
            _no_failure("GET", path)
        _no_failure("PUT", f"tasks/{text}", {})
        _no_failure("DELETE", f"tasks/{text}")
        _no_failure("DELETE", f"annotations/{text}")
        _no_failure("DELETE", f"projects/{text}")


def numbers_beyond_every_range_are_refused() -> None:
    project = new_project()
    new_class(project)
    task = new_task(project)
    for page in (f"limit={HUGE}", "limit=-1", "offset=-1", "limit=1.5", "limit=ten", "limit=nan"):
        for path in (
            "projects?",
            "projects/map/id-slug?",
            f"annotations?project={project}&",
            f"tasks/image?project={project}&",
            f"tasks/image/classification?project={project}&",
            f"tasks/map/id-name?project={project}&",
            f"tags?project={project}&",
        ):
            _refused("GET", path + page)
            _no_failure("GET", f"{path}offset={HUGE}")
            _no_failure("GET", f"{path}offset={2**63}")
    for wrong in (HUGE, -1, 1.5, 2**63):
        _refused("PUT", f"tasks/{task}", {"priority": wrong})
        _refused("POST", "projects", {"type": "image_bbox", "name": "Cats", "slug": unique(),
                                      "jobSize": wrong})  # fmt: skip
        _refused("POST", "annotations", {"project": project, "type": "bbox", "value": "dog",
                                         "title": "Dog", "order": wrong})  # fmt: skip
    for text in ("1e400", "-1e400", "NaN", "1" + "0" * 400):
        box = f'{{"type": "bbox", "value": "cat", "points": [1, 2, 3, {text}]}}'
        body = f'{{"annotations": [{box}]}}'.encode()
        status, answer = call("PUT", f"tasks/image/{task}", body)
        assert 400 <= status < 500, (text[:20], status, answer)
    same(client.find_image_task(task)["annotations"], [])
    same([c["value"] for c in client.get_annotations(project)], ["cat"])


def bodies_of_odd_structure_are_refused() -> None:
    project = new_project()
    task = new_task(project)
    deep = b"[" * 100_000 + b"]" * 100_000
    for verb, path in (
        ("POST", "projects"),
        ("POST", "annotations"),
        ("POST", "tasks/image"),
        ("PUT", f"tasks/{task}"),
        ("PUT", f"tasks/image/{task}"),
        ("POST", "tags/delete/multi"),
        ("POST", "tasks/tags/add"),
    ):
        for body in (deep, b'{"annotations": ' + deep + b"}", b'{"a": 1', b"\x00", b"nul"):
            status, answer = call(verb, path, body)
            assert 400 <= status < 500, (verb, path, body[:30], status, answer)
    assert client.count_tasks(project) == 1
