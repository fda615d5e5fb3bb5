"""Files, brought from their signed URLs."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

from fastlabel.exceptions import (
    FastLabelConnectionException,
    FastLabelInvalidException,
    from_status,
)

TIMEOUT_S = 60.0
CHUNK_BYTES = 1 << 20


def downloaded(task: Mapping[str, Any]) -> BinaryIO:
    """Return the file of a task, open at its beginning; it is gone when it is closed.

    Raises:
        FastLabelInvalidException: the task has no `url`.
        FastLabelException: the URL brings no file, such as one that has expired.
    """
    url = task.get("url")
    if not isinstance(url, str) or not url:
        raise FastLabelInvalidException(f"{task.get('name')}: the task has no url", 422)
    file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - the caller closes it
    try:
        _bring(url, file, str(task.get("name")))
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def download(url: str, path: Path) -> None:
    """Write what a signed URL brings to a file, which is there when all of it is.

    Raises:
        FastLabelException: the URL brings no file, such as one that has expired.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            _bring(url, file, path.name)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _bring(url: str, file: BinaryIO, name: str) -> None:
    import httpx  # slow to import

    try:
        with httpx.stream("GET", url, timeout=TIMEOUT_S, follow_redirects=True) as response:
            if not response.is_success:
                response.read()
                raise from_status(response.status_code, f"{name}: {response.text[:200]}")
            for chunk in response.iter_bytes(CHUNK_BYTES):
                file.write(chunk)
    except httpx.HTTPError as error:
        raise FastLabelConnectionException(f"{name}: {error}") from error
