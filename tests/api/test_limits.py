"""The limits that an operator sets: calls per token, sizes, where files are reached."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from api.conftest import Raw
from conftest import jpeg_bytes
from fastlabel import Client
from fastlabel.exceptions import FastLabelRateLimitException
from servers import Server, running_server


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with little patience."""
    with running_server(
        tmp_path_factory.mktemp("server-narrow"),
        with_worker=False,
        FASTLABEL_RATE_LIMIT="5",
        FASTLABEL_RATE_LIMIT_WINDOW="100000",
        FASTLABEL_MAX_BODY="20000",
        FASTLABEL_MAX_IMAGE_PIXELS="1000",
        FASTLABEL_PUBLIC_URL="https://labels.example.com/",
    ) as server:
        yield server


def fresh(http: httpx.Client, server: Server, name: str) -> tuple[Raw, str]:
    """Return raw requests and the token of a new owner, who has made no call yet."""
    return Raw(http, server), server.create_user(f"{name}@example.com", name, "owner")


def test_calls_beyond_the_limit_are_answered_429_with_a_time_to_wait(
    http: httpx.Client, narrow: Server
) -> None:
    raw, token = fresh(http, narrow, "patient")
    headers = {"Authorization": f"Bearer {token}"}
    statuses = [raw("GET", "projects", headers=headers).status_code for _ in range(5)]
    assert statuses == [200] * 5
    refused = raw("GET", "projects", headers=headers)
    assert refused.status_code == 429
    assert refused.json()["error"] == "Too Many Requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 200_000
    with (
        Client(token, api_url=narrow.api_url, retries=0) as client,
        pytest.raises(FastLabelRateLimitException) as raised,
    ):
        client.get_projects()
    assert raised.value.code == 429
    assert raised.value.retry_after_s is not None and raised.value.retry_after_s >= 1
    # The calls of others, and files and health that need no token, are not counted with them.
    _, other = fresh(http, narrow, "other")
    headers = {"Authorization": f"Bearer {other}"}
    assert raw("GET", "projects", headers=headers).status_code == 200
    assert http.get(f"{narrow.url}/healthz").status_code == 200


def test_sizes_and_the_public_url_come_from_the_environment(
    http: httpx.Client, narrow: Server
) -> None:
    raw, token = fresh(http, narrow, "uploader")
    headers = {"Authorization": f"Bearer {token}"}
    body = {"type": "image_all", "name": "P", "slug": "narrow"}
    assert raw("POST", "projects", json=body, headers=headers).status_code == 200
    task = {"project": "narrow", "name": "a"}
    small = raw.upload(task, ("a.jpg", jpeg_bytes((20, 50))), headers=headers)
    assert small.status_code == 200
    shown = raw("GET", f"tasks/image/{small.json()}", headers=headers).json()
    assert shown["url"].startswith("https://labels.example.com/files/file/")
    large = raw.upload({**task, "name": "b"}, ("b.jpg", jpeg_bytes((21, 50))), headers=headers)
    assert large.status_code == 422
    assert large.json()["message"] == "b: images have up to 1,000 pixels, got 21 x 50"
    long = raw.upload(task, ("a.jpg", jpeg_bytes() + bytes(20_000)), headers=headers)
    assert long.status_code == 413
    assert long.json()["message"] == "body: up to 20,000 bytes"
