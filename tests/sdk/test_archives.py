"""ZIPs are uploaded to a signed URL first, and the import asks for them by their key."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastlabel import Client
from fastlabel.exceptions import FastLabelException
from sdk.scripted_server import HangUp, Received, Reply, ScriptedServer

BYTES = b"PK\x03\x04 the bytes of a scan \x00\xff"
IMPORTS = {
    "create_dicom_task": "/v1/tasks/dicom",
    "import_robotics_contents_file": "/v1/contents/imports/robotics-contents/batch",
    "import_appendix_file": "/v1/contents/imports/appendix/batch",
}


@pytest.fixture
def scan_zip(tmp_path: Path) -> Path:
    path = tmp_path / "頭 1.zip"
    path.write_bytes(BYTES)
    return path


def target(script: ScriptedServer) -> Reply:
    url = script.url.replace("/v1/", "/files/upload/1/a.zip?expires=2&signature=a%2Bb")
    return Reply({"url": url, "name": "uploads/1/a.zip"})


def check_upload(request: Received) -> None:
    assert (request.verb, request.path) == ("PUT", "/files/upload/1/a.zip")
    assert request.query == {"expires": ["2"], "signature": ["a+b"]}
    assert "Authorization" not in request.headers
    assert request.parts == [("file", "頭 1.zip", BYTES)]


@pytest.mark.parametrize("method", IMPORTS)
def test_the_file_goes_to_the_url_without_the_token_and_its_key_to_the_import(
    script: ScriptedServer, call: Callable[..., Any], scan_zip: Path, method: str
) -> None:
    script.replies = [target(script), Reply(b""), Reply({"id": "h"})]
    assert call(method, "scans", scan_zip) == {"id": "h"}
    ask, upload, begin = script.received
    assert (ask.verb, ask.path) == ("GET", "/v1/files")
    assert ask.query == {
        "project": ["scans"],
        "fileName": ["頭 1.zip"],
        "fileType": ["application/zip"],
    }
    check_upload(upload)
    assert (begin.verb, begin.path) == ("POST", IMPORTS[method])
    assert begin.json == {"project": "scans", "fileKey": "uploads/1/a.zip"}
    assert begin.headers["Authorization"] == "Bearer a-token"


def test_what_a_task_shall_have_goes_to_the_import(
    script: ScriptedServer, call: Callable[..., Any], scan_zip: Path
) -> None:
    script.replies = [target(script), Reply(b""), Reply({"id": "h"})]
    call("create_dicom_task", "scans", str(scan_zip), status="completed", reviewer="mia")
    assert script.received[-1].json == {
        "project": "scans",
        "fileKey": "uploads/1/a.zip",
        "status": "completed",
        "reviewer": "mia",
    }


def test_an_upload_that_is_cut_off_is_made_again_whole(
    script: ScriptedServer, call: Callable[..., Any], scan_zip: Path
) -> None:
    script.replies = [
        target(script), HangUp(), Reply("busy", 503), Reply(b""), Reply({"id": "h"})
    ]  # fmt: skip
    assert call("create_dicom_task", "scans", scan_zip) == {"id": "h"}
    for request in script.received[1:4]:
        check_upload(request)


def test_a_refused_upload_begins_no_import(
    script: ScriptedServer, call: Callable[..., Any], scan_zip: Path
) -> None:
    script.replies = [target(script), Reply({"message": "file: too large"}, 413)]
    with pytest.raises(FastLabelException, match="file: too large"):
        call("create_dicom_task", "scans", scan_zip)
    assert len(script.received) == 2


def test_the_raw_api_uploads_too(
    script: ScriptedServer, dry_client: Client, scan_zip: Path
) -> None:
    script.replies = [Reply(b"")]
    assert dry_client.api.upload_zipfile(target(script).value["url"], str(scan_zip)) is None
    check_upload(script.received[0])


def test_waiting_asks_until_the_import_has_ended(
    script: ScriptedServer, call: Callable[..., Any]
) -> None:
    ended = {"id": "h", "status": "completed", "message": None}
    script.replies = [
        Reply({"id": "h", "status": "pending"}),
        Reply({"id": "h", "status": "running"}),
        Reply(ended),
    ]
    assert call("wait_for_history", "h") == ended
    assert {request.path for request in script.received} == {"/v1/tasks/import/histories/h"}
    assert len(script.received) == 3


def test_waiting_tells_failures_and_has_an_end(
    script: ScriptedServer, call: Callable[..., Any]
) -> None:
    script.replies = [Reply({"id": "h", "status": "failed", "message": "a.zip: no ZIP"})]
    with pytest.raises(FastLabelException, match=r"import h failed: a\.zip: no ZIP"):
        call("wait_for_history", "h")
    script.answer = lambda _: Reply({"id": "h", "status": "running", "message": None})
    begun = time.monotonic()
    with pytest.raises(TimeoutError, match=r"import h goes on after 0\.3 s"):
        call("wait_for_history", "h", timeout=0.3)
    assert time.monotonic() - begun >= 0.3
