"""Errors: one form for all of them, the request's id, and no 500 for any nonsense."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from api.conftest import Raw
from conftest import jpeg_bytes
from fastlabel import Client

JSON = {"Content-Type": "application/json"}
NOWHERE = "00000000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("verb", "path", "options", "status", "error"),
    [
        ("PUT", "projects/x", {"content": "{", "headers": JSON}, 400, "Bad Request"),
        ("POST", "tasks/image", {"content": "{", "headers": JSON}, 400, "Bad Request"),
        ("GET", "projects", {"headers": {"Authorization": "Bearer x"}}, 401, "Unauthorized"),
        ("GET", f"projects/{NOWHERE}", {}, 404, "Not Found"),
        ("GET", "no/such/route", {}, 404, "Not Found"),
        ("GET", "projects/", {}, 404, "Not Found"),
        ("DELETE", "projects", {}, 405, "Method Not Allowed"),
        ("PATCH", "tasks/image", {}, 405, "Method Not Allowed"),
        ("GET", "tasks/image", {}, 422, "Unprocessable Entity"),
        ("POST", "projects", {"json": {"type": 1}}, 422, "Unprocessable Entity"),
        ("POST", "projects", {"json": []}, 422, "Unprocessable Entity"),
    ],
)
def test_every_error_has_the_same_form(
    sqlite_raw: Raw, verb: str, path: str, options: dict[str, Any], status: int, error: str
) -> None:
    response = sqlite_raw(verb, path, **options)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/json"
    body = response.json()
    assert body.keys() == {"message", "statusCode", "error", "requestId"}
    assert (body["statusCode"], body["error"]) == (status, error)
    assert body["message"]
    assert body["requestId"] == response.headers["X-Request-Id"]


def test_a_conflict_and_a_refusal_have_that_form_too(sqlite_raw: Raw, sqlite_project: str) -> None:
    body = {"type": "image_bbox", "name": "P", "slug": sqlite_project}
    response = sqlite_raw("POST", "projects", json=body)
    assert response.status_code == 409
    assert response.json()["error"] == "Conflict"


@pytest.mark.parametrize("given", ["abc", "a" * 80, "A.b_c-9"])
def test_the_id_of_a_request_is_echoed(sqlite_raw: Raw, given: str) -> None:
    headers = {"X-Request-Id": given}
    assert sqlite_raw("GET", "projects", headers=headers).headers["X-Request-Id"] == given
    refused = sqlite_raw("GET", "projects?limit=0", headers=headers)
    assert refused.headers["X-Request-Id"] == refused.json()["requestId"] == given


@pytest.mark.parametrize("given", ["", "a b", "a" * 81, "<script>"])
def test_an_id_that_would_not_fit_into_a_log_is_replaced(sqlite_raw: Raw, given: str) -> None:
    echoed = sqlite_raw("GET", "projects", headers={"X-Request-Id": given}).headers["X-Request-Id"]
    assert echoed not in ("", given)


def test_a_request_says_which_field_is_wrong_and_what_it_got(sqlite_raw: Raw) -> None:
    body = {"type": "image_bbox", "name": "P", "slug": "ok", "jobSize": 0}
    message = sqlite_raw("POST", "projects", json=body).json()["message"]
    assert message == "jobSize: input should be greater than or equal to 1, got 0"
    assert sqlite_raw("POST", "projects", json={}).json()["message"] == (
        "type: missing; name: missing; slug: missing"
    )
    assert sqlite_raw("GET", "projects?limit=x").json()["message"].startswith("limit: ")


MALFORMED = {
    "empty": b"",
    "cut off": b'{"status": "comp',
    "no JSON": b"status=completed",
    "no UTF-8": b'{"status": "\xff"}',
    "half a surrogate pair": b'{"tags": ["\\ud800"]}',
    "half a surrogate pair in an answer": (
        b'{"annotations": [{"type": "bbox", "value": "cat", "points": [1, 2, 3, 4],'
        b' "attributes": [{"key": "kind", "value": "\\udfff"}]}]}'
    ),
    "too deep": b"[" * 100_000,
    "too deep inside": b'{"annotations": ' + b"[" * 5000 + b"]" * 5000 + b"}",
}


@pytest.mark.parametrize("case", MALFORMED)
def test_what_is_no_json_is_refused_and_changes_nothing(
    raw: Raw, client: Client, project: str, cat_jpg: Path, case: str
) -> None:
    """Half a surrogate pair in an answer was answered 500."""
    task_id = client.create_image_task(project, "a", cat_jpg)
    before = client.find_image_task(task_id)
    for verb, path in (("PUT", f"tasks/image/{task_id}"), ("POST", "tasks/image")):
        response = raw(verb, path, content=MALFORMED[case], headers=JSON)
        assert response.status_code == (422 if case == "empty" and verb == "PUT" else 400)
    assert client.get_image_tasks(project) == [before]


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "projects/%00"),
        ("GET", "annotations/a%00b"),
        ("PUT", "annotations/classification/%00"),
        ("GET", "tasks/image/%00"),
        ("PUT", "tasks/image/%00"),
        ("DELETE", "tasks/%00"),
        ("DELETE", "tasks/%00/task-annotations"),
        ("GET", "tasks/%00/revisions/1"),
        ("PUT", "storages/gcp/%00"),
    ],
)
def test_a_nul_character_names_nothing(raw: Raw, verb: str, path: str) -> None:
    """PostgreSQL holds none, and the answer was 500."""
    body = {"attributes": [], "bucketName": "bucket"}
    options = {"json": body} if verb == "PUT" else {}
    assert raw(verb, path, **options).status_code == 404


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("tasks/image", {"project": "a\x00"}),
        ("tasks/image", {"taskName": "a\x00"}),
        ("tasks/image", {"tags": "\x00"}),
        ("tasks/image", {"tags": "x" * 501}),
        ("tasks/image", {"tags": [str(n) for n in range(11)]}),
        ("tasks/image", {"status": "done"}),
        ("tasks/image", {"offset": -1}),
        ("tasks/image", {"offset": 10**20}),
        ("tasks/image", {"offset": "1.5"}),
        ("tasks/image", {"cursor": "é"}),
        ("tasks/image", {"cursor": base64.urlsafe_b64encode(b"9" * 40).decode()}),
        ("tasks/image", {"cursor": base64.urlsafe_b64encode(b"-1").decode()}),
        ("tasks/count", {"externalStatus": "pending"}),
        ("tags", {"keyword": "\x00"}),
        ("annotations", {"value": "\x00"}),
        ("projects", {"slug": "\x00"}),
    ],
)
def test_a_query_of_nonsense_is_refused(
    raw: Raw, project: str, path: str, params: dict[str, Any]
) -> None:
    response = raw("GET", path, params={"project": project, **params})
    assert response.status_code == 422
    assert response.json()["message"].startswith(next(iter(params)))


@pytest.mark.parametrize("mark", ["\ue000file:0", "\ue000file:99", "\ue000file:x", "\ue000file:"])
def test_a_text_that_looks_like_the_place_of_a_file_is_only_a_text(
    sqlite_raw: Raw, sqlite_project: str, mark: str
) -> None:
    """The server marks files in what it parses, and failed with 500 over such texts."""
    body = {"project": sqlite_project, "name": "a", "file": mark, "contents": [{"file": mark}]}
    response = sqlite_raw.upload(body, ("a.jpg", jpeg_bytes()))
    assert response.status_code in (200, 400), response.text
    escaped = json.dumps({"project": sqlite_project, "name": "b"})[:-1] + ', "\\u0066ile": '
    text = escaped + json.dumps(mark) + "}"
    assert sqlite_raw("POST", "tasks/image", content=text, headers=JSON).status_code == 422


def test_a_body_that_is_too_large_is_refused(sqlite_raw: Raw, sqlite_project: str) -> None:
    text = b'{"value": "' + b"x" * (65 * 1024 * 1024) + b'"}'
    response = sqlite_raw("PUT", f"annotations/{NOWHERE}", content=text, headers=JSON)
    assert response.status_code == 413
    assert response.json()["statusCode"] == 413
