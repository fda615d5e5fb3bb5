"""Files behind signed URLs: parts, caching, and nobody who was not given the URL."""

from __future__ import annotations

import re
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from conftest import jpeg_bytes
from fastlabel import Client
from fastlabel_server.settings import Settings
from fastlabel_server.urls import FileUrls
from servers import Server

DATA = jpeg_bytes((200, 100)) + bytes(range(256)) * 8000


@pytest.fixture
def task_id(client: Client, project: str, tmp_path: Path) -> str:
    path = tmp_path / "a.jpg"
    path.write_bytes(DATA)
    return client.create_image_task(project, 'cats/猫 "1".jpg', path)


@pytest.fixture
def url(client: Client, task_id: str) -> str:
    return client.find_image_task(task_id)["url"]


SIZE = len(DATA)


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=0-0", 0, 1),
        ("bytes=1000-1999", 1000, 2000),
        (f"bytes={SIZE - 10}-", SIZE - 10, SIZE),
        (f"bytes={SIZE - 1}-{SIZE + 500}", SIZE - 1, SIZE),
        ("bytes=-10", SIZE - 10, SIZE),
        ("bytes=1048570-1048590", 1048570, 1048591),
    ],
)
def test_a_part_is_that_part(
    http: httpx.Client, url: str, asked: str, start: int, end: int
) -> None:
    answer = http.get(url, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == DATA[start:end]
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert answer.headers["Content-Length"] == str(end - start)


@pytest.mark.parametrize(
    "asked",
    ["bytes=0-", f"bytes=-{SIZE + 5}", "bytes=5-3", "bytes=-", "bytes=0-1,5-6", "items=0-1",
     "bytes=a-b", f"bytes={'9' * 5000}-", f"bytes=-{'9' * 5000}"],
)  # fmt: skip
def test_the_whole_file_answers_what_asks_for_it_or_for_nothing_we_know(
    http: httpx.Client, url: str, asked: str
) -> None:
    answer = http.get(url, headers={"Range": asked})
    assert answer.status_code == 200
    assert answer.content == DATA


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}", "bytes=-0"])
def test_a_part_beyond_the_end_is_refused(http: httpx.Client, url: str, asked: str) -> None:
    answer = http.get(url, headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


def test_a_head_request_tells_what_a_get_would(http: httpx.Client, url: str) -> None:
    told, got = http.head(url), http.get(url)
    assert (told.status_code, told.content) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag", "Accept-Ranges", "Content-Disposition"):
        assert told.headers[name] == got.headers[name]
    assert told.headers["Content-Length"] == str(SIZE)
    part = http.head(url, headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.headers["Content-Length"]) == (206, "10")


def test_a_file_that_the_browser_has_is_not_sent_again(http: httpx.Client, url: str) -> None:
    etag = http.get(url).headers["ETag"]
    again = http.get(url, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert http.get(url, headers={"If-None-Match": '"other"'}).status_code == 200
    for condition, status in ((etag, 206), ('"other"', 200)):
        headers = {"Range": "bytes=0-9", "If-Range": condition}
        assert http.get(url, headers=headers).status_code == status


def test_a_browser_is_told_to_run_nothing_of_a_file(http: httpx.Client, url: str) -> None:
    for answer in (http.get(url), http.head(url), http.get(url, headers={"Range": "bytes=0-1"})):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "sandbox" in policy
        assert answer.headers["Content-Type"] == "image/jpeg"
    disposition = http.get(url).headers["Content-Disposition"]
    assert disposition == "inline; filename*=UTF-8''%E7%8C%AB%20%221%22.jpg"


def test_the_url_needs_no_token_and_stays_the_same_for_a_while(
    http: httpx.Client, server: Server, client: Client, task_id: str, url: str
) -> None:
    assert url.startswith(f"{server.url}/files/file/")
    assert http.get(url).content == DATA
    assert client.find_image_task(task_id)["url"] == url
    expires = int(parse_qs(urlsplit(url).query)["expires"][0])
    assert expires - time.time() > server.settings.file_url_lifetime - 60


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (r"signature=.", "signature=x"),
        (r"signature=.*", "signature="),
        (r"signature=.*", "signature=%C3%A9"),
        (r"expires=\d", "expires=9"),
        (r"expires=\d+", "expires=0"),
        (r"/files/file/", "/files/thumbnail/"),
        (r"/file/[0-9a-f]{8}", "/file/00000000"),
    ],
)
def test_a_url_that_was_changed_opens_nothing(
    http: httpx.Client, url: str, pattern: str, replacement: str
) -> None:
    changed = re.sub(pattern, replacement, url)
    assert changed != url
    answer = http.get(changed)
    assert (answer.status_code, answer.json()["error"]) == (403, "Forbidden")
    assert http.head(changed).status_code == 403


def test_a_url_without_its_signature_is_refused(http: httpx.Client, url: str) -> None:
    assert http.get(url.partition("?")[0]).status_code == 422


def test_the_signature_of_one_file_does_not_open_another(
    http: httpx.Client, client: Client, project: str, cat_jpg: Path, url: str
) -> None:
    other = client.find_image_task(client.create_image_task(project, "b", cat_jpg))["url"]
    assert http.get(f"{other.partition('?')[0]}?{url.partition('?')[2]}").status_code == 403


def test_a_url_expires(http: httpx.Client, server: Server, url: str) -> None:
    key = server.settings.with_secret().secret_key.encode()
    urls = FileUrls(server.url, key, Settings.file_url_lifetime)
    content_id = urlsplit(url).path.split("/")[3]
    past, future = int(time.time()) - 1, int(time.time()) + 600
    for expires, status in ((future, 200), (past, 403)):
        signature = urls._signature("file", content_id, expires)
        signed = f"{server.url}/files/file/{content_id}/x?expires={expires}&signature={signature}"
        assert http.get(signed).status_code == status


def test_a_deleted_task_takes_its_file_along(
    http: httpx.Client, client: Client, task_id: str, url: str
) -> None:
    client.delete_task(task_id)
    answer = http.get(url)
    assert answer.status_code == 404
    assert "deleted" in answer.json()["message"]


def test_two_tasks_of_the_same_bytes_do_not_share_their_end(
    http: httpx.Client, client: Client, project: str, task_id: str, tmp_path: Path, url: str
) -> None:
    twin = client.create_image_task(project, "twin", tmp_path / "a.jpg")
    client.delete_task(task_id)
    assert http.get(client.find_image_task(twin)["url"]).content == DATA
