"""What the scenarios share: the client, projects with unique names, tasks, and refusals."""

from __future__ import annotations

import json
import os
import re
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fastlabel
from fastlabel.exceptions import FastLabelInvalidException
from scenarios.pictures import png, saved

client = fastlabel.Client()

OWNER_SLUG = os.environ["OWNER_SLUG"]
OWNER_NAME = os.environ["OWNER_NAME"]
STRANGER_EMAIL = os.environ["STRANGER_EMAIL"]

MEDIA = Path(os.environ.get("MEDIA_DIR", "."))
"""Real files of every format: `0.mp4`, `1.mp4`, ..., `scan.zip`."""

NOWHERE = "00000000-0000-7000-8000-000000000000"
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
COLOR = re.compile(r"#[0-9a-f]{6}")

STATUSES = (
    "pending", "registered", "completed", "skipped",
    "reviewed", "sent_back", "approved", "declined",
)  # fmt: skip
EXTERNAL_STATUSES = (
    "registered", "completed", "skipped", "reviewed",
    "sent_back", "approved", "declined", "customer_declined",
)  # fmt: skip


def later(scenario: Callable[[], None]) -> Callable[[], None]:
    """Mark a scenario for 0.26.0 only: 0.14.13 lacks the method or the argument."""
    scenario.since = "0.26.0"  # type: ignore[attr-defined]
    return scenario


def client_with(token: str) -> fastlabel.Client:
    """Return a client with another token; 0.14.13 reads it from the environment alone."""
    before = os.environ["FASTLABEL_ACCESS_TOKEN"]
    os.environ["FASTLABEL_ACCESS_TOKEN"] = token
    try:
        return fastlabel.Client()
    finally:
        os.environ["FASTLABEL_ACCESS_TOKEN"] = before


def stranger() -> fastlabel.Client:
    """Return the client of a workspace member with whom no project was shared."""
    return client_with(os.environ["STRANGER_TOKEN"])


def unique(stem: str = "compat") -> str:
    return f"{stem}-{uuid.uuid4().hex[:12]}"


def new_project(project_type: str = "image_bbox", **options: Any) -> str:
    """Create a project and return its slug."""
    slug = unique()
    client.create_project(type=project_type, name=f"Project {slug}", slug=slug, **options)
    return slug


def project_id(slug: str) -> str:
    return client.find_project_by_slug(slug)["id"]


def new_class(project: str, shape: str = "bbox", value: str = "cat", **options: Any) -> str:
    """Create an annotation class and return its id."""
    title = options.pop("title", value.title())
    return client.create_annotation(
        project=project, type=shape, value=value, title=title, **options
    )


def new_task(project: str, name: str = "cat.png", **options: Any) -> str:
    """Create an image task of 40 x 30 pixels and return its id."""
    return client.create_image_task(
        project=project, name=name, file_path=saved(png(), "any.png"), **options
    )


def bbox(value: str = "cat", points: tuple[float, ...] = (1, 2, 21, 12), **more: Any) -> dict:
    return {"type": "bbox", "value": value, "points": list(points), **more}


def same(got: Any, wanted: Any) -> None:
    """Assert equality that also tells 1 from 1.0 and from true."""
    got_text = json.dumps(got, sort_keys=True, ensure_ascii=False)
    wanted_text = json.dumps(wanted, sort_keys=True, ensure_ascii=False)
    assert got_text == wanted_text, f"got {got_text}, wanted {wanted_text}"


def names(tasks: list[dict]) -> list[str]:
    return [task["name"] for task in tasks]


@contextmanager
def refused(code: int | tuple[int, ...], *words: str) -> Iterator[None]:
    """Assert that the call fails with that code and a message with those words."""
    codes = (code,) if isinstance(code, int) else code
    try:
        yield
    except FastLabelInvalidException as error:
        assert error.code in codes, f"wanted {code}, got {error}"
        for word in words:
            assert word in str(error), f"{word!r} is not in the message: {error}"
    else:
        raise AssertionError(f"wanted {code}, but the call succeeded")


def fetch(url: str, **headers: str) -> tuple[int, Any, bytes]:
    """GET a URL as anybody could, without a token: status, headers, body."""
    return _open(urllib.request.Request(url, headers=headers))


def call(
    verb: str, path: str, body: bytes | None = None, token: str | None = None
) -> tuple[int, Any]:
    """Send bytes as they are to the API: status and decoded JSON of the answer.

    `token` None is the owner's; an empty one sends no header.
    """
    headers = {"Content-Type": "application/json"}
    if token is None:
        token = os.environ["FASTLABEL_ACCESS_TOKEN"]
    if token:
        headers["Authorization"] = f"Bearer {token}"
    url = os.environ["FASTLABEL_API_URL"] + path
    request = urllib.request.Request(url, data=body, headers=headers, method=verb)
    status, _, answer = _open(request)
    return status, json.loads(answer) if answer else None


def _open(request: urllib.request.Request) -> tuple[int, Any, bytes]:
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()
