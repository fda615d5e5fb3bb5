"""What happens between a request and its answer, against a server that misbehaves."""

from __future__ import annotations

import asyncio
import pickle
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastlabel import (
    AsyncClient,
    Client,
    FastLabelAuthenticationException,
    FastLabelConflictException,
    FastLabelConnectionException,
    FastLabelException,
    FastLabelInvalidException,
    FastLabelNotFoundException,
    FastLabelPermissionException,
    FastLabelRateLimitException,
)
from fastlabel.const import AnnotationType, Priority
from fastlabel.exchange import Request, to_json
from sdk.scripted_server import HangUp, Reply, ScriptedServer

FAILURE = {"message": "broken", "statusCode": 500, "error": "Internal", "requestId": "req-7"}


@pytest.mark.parametrize("failure", [HangUp(), *(Reply(FAILURE, s) for s in (429, 502, 503, 504))])
def test_a_lost_request_is_sent_again(
    script: ScriptedServer, call: Callable[..., Any], failure: Reply | HangUp
) -> None:
    script.replies = [failure, failure, Reply({"id": "p"})]

    assert call("find_project", "p") == {"id": "p"}
    assert len(script.received) == 3


def test_retries_of_a_creation_carry_one_key_and_other_creations_another(
    script: ScriptedServer, dry_client: Client
) -> None:
    script.replies = [HangUp(), Reply(FAILURE, 503), Reply("first"), Reply("second")]

    dry_client.create_project("image_bbox", "Cats", "cats")
    dry_client.create_project("image_bbox", "Dogs", "dogs")

    keys = [request.headers["Idempotency-Key"] for request in script.received]
    assert len(set(keys[:3])) == 1
    assert keys[3] != keys[0]


def test_a_creation_takes_a_key_of_the_caller(
    script: ScriptedServer, dry_client: Client, cat_file: Path
) -> None:
    dry_client.create_project("image_bbox", "Cats", "cats", idempotency_key="cats-1")
    dry_client.create_image_task("cats", "cat.jpg", str(cat_file), idempotency_key="cat-1")

    assert [r.headers["Idempotency-Key"] for r in script.received] == ["cats-1", "cat-1"]
    assert "idempotencyKey" not in script.received[0].json


def test_only_creations_carry_a_key(script: ScriptedServer, dry_client: Client) -> None:
    dry_client.update_project("p", name="Cats")

    assert "Idempotency-Key" not in script.received[0].headers


def test_retries_end(script: ScriptedServer, call: Callable[..., Any]) -> None:
    script.answer = lambda _request: Reply(FAILURE, 503)

    with pytest.raises(FastLabelException) as caught:
        call("find_project", "p")

    assert caught.value.code == 503
    assert len(script.received) == 1 + 3


def test_a_server_that_never_answers_is_a_connection_error(
    script: ScriptedServer, call: Callable[..., Any]
) -> None:
    script.answer = lambda _request: HangUp()

    with pytest.raises(
        FastLabelConnectionException, match=r"GET http://.*/v1/projects/p"
    ) as caught:
        call("find_project", "p")

    assert caught.value.code is None
    assert caught.value.__cause__ is not None


def test_a_silent_server_times_out(script: ScriptedServer) -> None:
    import threading

    done = threading.Event()

    def wait(_request: object) -> Reply:
        done.wait(30)
        return Reply([])

    script.answer = wait
    with (
        Client("t", api_url=script.url, timeout=0.1, retries=1, backoff_s=0.01) as client,
        pytest.raises(FastLabelConnectionException, match="ReadTimeout"),
    ):
        client.get_projects()
    done.set()
    assert len(script.received) == 2


def test_other_errors_are_not_tried_again(script: ScriptedServer, dry_client: Client) -> None:
    script.replies = [Reply(FAILURE, 500)]

    with pytest.raises(FastLabelException):
        dry_client.find_project("p")

    assert len(script.received) == 1


def test_retry_after_in_seconds_is_waited_for(
    script: ScriptedServer, call: Callable[..., Any]
) -> None:
    script.replies = [Reply(FAILURE, 429, {"Retry-After": "0.5"}), Reply([])]

    call("get_projects")

    first, second = script.received
    assert second.at_s - first.at_s >= 0.5


def test_retry_after_a_date_is_waited_for(script: ScriptedServer, call: Callable[..., Any]) -> None:
    date = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    after = format_datetime(date, usegmt=True)
    script.replies = [Reply(FAILURE, 429, {"Retry-After": after}), Reply([])]

    call("get_projects")

    assert script.received[1].at_s >= date.timestamp()


def test_a_retry_after_of_hours_is_left_to_the_caller(
    script: ScriptedServer, dry_client: Client
) -> None:
    script.replies = [Reply(FAILURE, 429, {"Retry-After": "7200"})]

    with pytest.raises(FastLabelRateLimitException) as caught:
        dry_client.get_projects()

    assert caught.value.retry_after_s == 7200


def test_a_deletion_whose_answer_was_lost_counts_as_done(
    script: ScriptedServer, call: Callable[..., Any]
) -> None:
    script.replies = [HangUp(), Reply({"message": "no such task"}, 404)]

    assert call("delete_task", "t") is None


def test_deleting_what_is_not_there_is_an_error(script: ScriptedServer, dry_client: Client) -> None:
    script.replies = [Reply({"message": "no such task"}, 404)]

    with pytest.raises(FastLabelNotFoundException, match="no such task"):
        dry_client.delete_task("t")


@pytest.mark.parametrize(
    ("status", "exception"),
    [
        (400, FastLabelInvalidException),
        (401, FastLabelAuthenticationException),
        (403, FastLabelPermissionException),
        (404, FastLabelNotFoundException),
        (409, FastLabelConflictException),
        (413, FastLabelInvalidException),
        (422, FastLabelInvalidException),
        (500, FastLabelException),
        (304, FastLabelException),
    ],
)
def test_every_status_has_its_exception(
    script: ScriptedServer, call: Callable[..., Any], status: int, exception: type
) -> None:
    script.replies = [Reply(FAILURE if status != 304 else b"", status)]

    with pytest.raises(FastLabelException) as caught:
        call("find_project", "p")

    assert type(caught.value) is exception
    assert caught.value.code == status
    if status != 304:
        assert str(caught.value) == f"<Response [{status}]> broken"
        assert caught.value.request_id == "req-7"


def test_refusals_are_value_errors() -> None:
    assert issubclass(FastLabelRateLimitException, FastLabelInvalidException)
    assert issubclass(FastLabelInvalidException, ValueError)
    assert issubclass(FastLabelInvalidException, FastLabelException)


@pytest.mark.parametrize(
    "error",
    [
        FastLabelException("broken", 500, "req-7"),
        FastLabelInvalidException("wrong", 422),
        FastLabelRateLimitException("slow down", 429, "req-8", 2.5),
        FastLabelConnectionException("gone"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_exceptions_survive_pickling(error: FastLabelException) -> None:
    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is type(error)
    assert vars(copy) == vars(error)
    assert str(copy) == str(error)


def test_an_error_that_is_no_json_is_shown(script: ScriptedServer, dry_client: Client) -> None:
    script.replies = [Reply(b"<h1>Bad gateway</h1>", 500)]

    with pytest.raises(FastLabelException) as caught:
        dry_client.get_projects()

    assert caught.value.message == "<h1>Bad gateway</h1>"


def test_an_answer_that_is_no_json_is_named(script: ScriptedServer, dry_client: Client) -> None:
    script.replies = [Reply(b"<html>Welcome</html>")]

    with pytest.raises(FastLabelException, match="is it a FastLabel API"):
        dry_client.get_projects()


def test_a_redirect_says_where_the_api_went(script: ScriptedServer, dry_client: Client) -> None:
    script.replies = [Reply(b"", 301, {"Location": "https://new.example/v1/"})]

    with pytest.raises(FastLabelException, match=r"https://new\.example/v1/"):
        dry_client.get_projects()
    assert len(script.received) == 1


@pytest.mark.parametrize("reply", [Reply(status=204), Reply(b"")], ids=["204", "empty"])
def test_an_answer_without_a_body_is_none(
    script: ScriptedServer, dry_client: Client, reply: Reply
) -> None:
    script.replies = [reply]

    assert dry_client.delete_tags(["t"]) is None


def test_a_file_travels_as_it_is_after_the_request(
    script: ScriptedServer, call: Callable[..., Any], cat_file: Path
) -> None:
    call("create_image_task", "cats", "pets/Ätna.jpg", cat_file, tags=["small"])

    (request,) = script.received
    (first, second) = request.parts
    assert first[:2] == ("request", None)
    assert b'"pets/\\u00c4tna.jpg"' in first[2]
    assert second == ("file", "cat.jpg", cat_file.read_bytes())


def test_a_file_is_sent_whole_again_after_a_lost_connection(
    script: ScriptedServer, call: Callable[..., Any], cat_file: Path
) -> None:
    script.replies = [HangUp(), Reply("id")]

    assert call("create_image_task", "cats", "cat.jpg", cat_file) == "id"

    assert [request.parts[1][2] for request in script.received] == [cat_file.read_bytes()] * 2


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_large_file_is_never_whole_in_memory(
    script: ScriptedServer, tmp_path: Path, asynchronous: bool
) -> None:
    size_bytes = 200 * 1024 * 1024
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(size_bytes)
    request = Request("POST", "tasks/video", body={}, files=(("file", path),))

    async def upload() -> Any:
        async with AsyncClient("t", api_url=script.url) as client:
            return await client.api.answer(request)

    tracemalloc.start()
    try:
        if asynchronous:
            asyncio.run(upload())
        else:
            with Client("t", api_url=script.url) as client:
                client.api.answer(request)
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert script.received[0].body_bytes > size_bytes
    assert peak_bytes < size_bytes / 10


def test_the_api_object_sends_plain_requests(script: ScriptedServer, dry_client: Client) -> None:
    dry_client.api.get_request("tags", {"project": "cats", "tags": ["a b", "c"], "keyword": None})
    dry_client.api.post_request("tags/delete/multi", {"tagIds": []})
    dry_client.api.put_request("projects/p", {"name": "Katzen Ä"})
    dry_client.api.delete_request("projects/p")

    got, posted, put, deleted = script.received
    assert (got.verb, got.path) == ("GET", "/v1/tags")
    assert got.query == {"project": ["cats"], "tags": ["a b", "c"]}
    assert (posted.verb, posted.json) == ("POST", {"tagIds": []})
    assert put.json == {"name": "Katzen Ä"}
    assert (deleted.verb, deleted.body) == ("DELETE", b"")


def test_address_and_token_can_be_changed_later(script: ScriptedServer) -> None:
    with Client("old", api_url="http://127.0.0.1:9/v1/") as client:
        client.api.base_url = script.url
        client.api.access_token = "new"
        client.get_projects()

    assert script.received[0].path == "/v1/projects"
    assert script.received[0].headers["Authorization"] == "Bearer new"


def test_enum_members_and_arrays_are_sent_as_their_values() -> None:
    body = [Priority.none, AnnotationType.bbox, np.array([1.5, 2]), np.int64(3)]

    assert to_json(body) == b'[0, "bbox", [1.5, 2.0], 3]'


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, object()])
def test_what_json_has_no_form_for_is_refused(value: object) -> None:
    with pytest.raises(FastLabelInvalidException, match="cannot be sent as JSON") as caught:
        to_json({"points": value})
    assert caught.value.code == 422
