"""Files of tasks, brought from their signed URLs."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
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
    import httpx  # slow to import

    file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - the caller closes it
    try:
        with httpx.stream("GET", url, timeout=TIMEOUT_S, follow_redirects=True) as response:
            if not response.is_success:
                response.read()
                raise from_status(
                    response.status_code, f"{task.get('name')}: {response.text[:200]}"
                )
            for chunk in response.iter_bytes(CHUNK_BYTES):
                file.write(chunk)
    except httpx.HTTPError as error:
        file.close()
        raise FastLabelConnectionException(f"{task.get('name')}: {error}") from error
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file
