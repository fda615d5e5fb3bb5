"""One request and its answer: what is sent, what is tried again, what is raised.

Nothing here waits or sends: `fastlabel.http` does, and asks the generator `attempts`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from fastlabel.exceptions import (
    FastLabelConnectionException,
    FastLabelException,
    FastLabelInvalidException,
    from_status,
)

if TYPE_CHECKING:
    import httpx

Verb: TypeAlias = Literal["GET", "POST", "PUT", "DELETE"]

CURSOR_HEADER = "Fastlabel-Next-Cursor"
LOST_STATUSES = (502, 503, 504)
"""Answered by something between client and server: the request may or may not have arrived."""
LONGEST_BACKOFF_S = 30.0
LONGEST_RETRY_AFTER_S = 600.0
"""The rate limit counts calls in 10 minutes, so no honest server asks for more."""


@dataclass(frozen=True)
class Request:
    """One call of the API, in terms of the API: `path` is relative to the base URL.

    With `files` the body travels as multipart/form-data: first the part `request` with the
    JSON, then the files as they lie on the disk, in chunks.
    """

    verb: Verb
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    files: tuple[tuple[str, Path], ...] = ()
    """Name of the part, and the file."""
    idempotency_key: str | None = None
    is_form: bool = False
    """Sent as multipart/form-data without files too: in JSON, the value of every key that is
    called as files are would be taken for one."""
    is_signed: bool = False
    """`path` is a whole URL that needs no token and gets none; `files` alone are the body."""


def signed_upload(url: str, path: Path) -> Request:
    """Make the request that brings a file to a signed URL."""
    return Request("PUT", url, files=(("file", path),), is_signed=True)


@dataclass(frozen=True)
class Answer:
    """What a request brought: the parsed JSON, None where there was no body."""

    value: Any
    next_cursor: str | None = None


Outcome: TypeAlias = "httpx.Response | httpx.TransportError"


def idempotency_key(request: Request) -> str | None:
    """Return the key under which the server does a POST once, however often it arrives."""
    if request.verb != "POST":
        return None
    import uuid  # slow to import

    return request.idempotency_key or str(uuid.uuid4())


def attempts(request: Request, retries: int, backoff_s: float) -> Generator[float, Outcome, Answer]:
    """Yield the seconds to wait before each attempt; receive its outcome; return the answer.

    Tried again are lost connections, 502, 503, 504 and 429. Every verb may be: a GET changes
    nothing, a PUT or DELETE done twice is as if done once, and a POST carries a key.

    Raises:
        FastLabelException: for every other status, or when the retries are used up.
    """
    import httpx

    hopeless = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)
    wait_s = 0.0
    may_have_arrived = False
    for retries_left in range(retries, -1, -1):
        outcome = yield wait_s
        wait_s = _backoff_s(backoff_s, retries - retries_left)
        if isinstance(outcome, Exception):
            if not retries_left or isinstance(outcome, hopeless):
                raise FastLabelConnectionException(_no_answer(outcome)) from outcome
            may_have_arrived = True
            continue
        if outcome.is_success:
            return _parsed(outcome)
        if outcome.status_code == 404 and request.verb == "DELETE" and may_have_arrived:
            return Answer(None)  # an earlier attempt deleted it, and only its answer was lost
        error = refusal(outcome)
        if not retries_left or outcome.status_code not in (429, *LOST_STATUSES):
            raise error
        may_have_arrived |= outcome.status_code in LOST_STATUSES
        asked_s = _retry_after_s(outcome)
        if asked_s is not None:
            if asked_s > LONGEST_RETRY_AFTER_S:
                raise error
            wait_s = max(asked_s, wait_s)
    raise ValueError(f"retries: expected 0 or more, got {retries}")


def to_json(value: Any) -> bytes:
    """Encode a request body; enum members count as their values, arrays as lists.

    Raises:
        FastLabelInvalidException: a value JSON has no form for, such as nan.
    """
    try:
        return json.dumps(value, default=_plain, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise FastLabelInvalidException(f"cannot be sent as JSON: {error}", 422) from error


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if hasattr(value, "tolist"):  # numpy's arrays and numbers
        return value.tolist()
    raise TypeError(f"{value!r} is a {type(value).__name__}")


def _parsed(response: httpx.Response) -> Answer:
    if not response.content:
        return Answer(None)
    try:
        value = response.json()
    except ValueError as error:
        raise FastLabelException(
            f"{response.url} answered no JSON but {response.text[:80]!r}; is it a FastLabel API?",
            response.status_code,
        ) from error
    return Answer(value, response.headers.get(CURSOR_HEADER))


def refusal(response: httpx.Response, where: str = "") -> FastLabelException:
    """Make the exception for an answer that is no success; `where` stands before its message."""
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        body = {}
    message = body.get("message")
    if not message and response.is_redirect:
        message = f"moved to {response.headers.get('Location')}; set the API URL to its new place"
    return from_status(
        response.status_code,
        f"{where}{message or response.text or response.reason_phrase}",
        body.get("requestId") or response.headers.get("X-Request-Id"),
        _retry_after_s(response),
    )


def _retry_after_s(response: httpx.Response) -> float | None:
    """Read Retry-After, which is a number of seconds or a date."""
    text = response.headers.get("Retry-After")
    if text is None:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    from email.utils import parsedate_to_datetime  # slow to import, and rarely used

    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _backoff_s(first_s: float, attempt: int) -> float:
    # Half of it is chance: clients that lost the same server must not come back in step.
    return float(min(first_s * 2**attempt, LONGEST_BACKOFF_S)) * random.uniform(0.5, 1)  # noqa: S311


def _no_answer(error: httpx.TransportError) -> str:
    reason = f"{type(error).__name__} {error}".strip()
    return f"no answer to {error.request.method} {error.request.url}: {reason}"
