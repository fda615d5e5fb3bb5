"""What can go wrong, one class per thing a caller can do about it.

    FastLabelException                       the server failed, or its answer made no sense
    ├── FastLabelConnectionException         no answer, after all retries
    └── FastLabelInvalidException            the request cannot be done as it is (also a ValueError)
        ├── FastLabelAuthenticationException 401: get a token that is valid
        ├── FastLabelPermissionException     403: ask somebody with the right role
        ├── FastLabelNotFoundException       404: there is no such thing, or not for this user
        ├── FastLabelConflictException       409: the name, slug or value is taken
        └── FastLabelRateLimitException      429: wait `retry_after_s` seconds

Checks that the SDK makes before it sends anything raise `FastLabelInvalidException` as
well, with the code the server would answer. A local file that is missing raises the
built-in `FileNotFoundError`.
"""

from __future__ import annotations

from typing import Any


class FastLabelException(Exception):
    """The base of all errors of this package.

    Attributes:
        code: the HTTP status, or the one a local check stands for; None without an answer.
        message: what was wrong.
        request_id: finds the request in the server's log; None where no server answered.
    """

    def __init__(
        self, message: str, errcode: int | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(message, errcode)
        self.message = message
        self.code = errcode
        self.request_id = request_id
        if request_id:
            self.add_note(f"request id: {request_id}")

    def __str__(self) -> str:
        return self.message if self.code is None else f"<Response [{self.code}]> {self.message}"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.code, self.request_id)


class FastLabelConnectionException(FastLabelException):
    """No answer came; whether the last attempt took effect is unknown."""


class FastLabelInvalidException(FastLabelException, ValueError):
    """The request was refused and changed nothing."""


class FastLabelAuthenticationException(FastLabelInvalidException):
    """The server does not know the access token."""


class FastLabelPermissionException(FastLabelInvalidException):
    """The user of the token may see this, but not do it."""


class FastLabelNotFoundException(FastLabelInvalidException):
    """Nothing with this id or slug exists, or the user of the token may not see it."""


class FastLabelConflictException(FastLabelInvalidException):
    """The name, slug or value is taken already."""


class FastLabelRateLimitException(FastLabelInvalidException):
    """Too many calls; `retry_after_s` is what the server asks to wait, None if it does not say."""

    def __init__(
        self,
        message: str,
        errcode: int | None = 429,
        request_id: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, errcode, request_id)
        self.retry_after_s = retry_after_s

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.code, self.request_id, self.retry_after_s)


_BY_STATUS: dict[int, type[FastLabelInvalidException]] = {
    401: FastLabelAuthenticationException,
    403: FastLabelPermissionException,
    404: FastLabelNotFoundException,
    409: FastLabelConflictException,
}


def from_status(
    status: int, message: str, request_id: str | None = None, retry_after_s: float | None = None
) -> FastLabelException:
    """Make the exception for an HTTP status that is no success."""
    if status == 429:
        return FastLabelRateLimitException(message, status, request_id, retry_after_s)
    if 400 <= status < 500:
        return _BY_STATUS.get(status, FastLabelInvalidException)(message, status, request_id)
    return FastLabelException(message, status, request_id)
