"""The errors the API answers; `answers` turns them into JSON.

ApiError
  BadRequest 400   Unauthorized 401   Forbidden 403   NotFound 404   Conflict 409
  TooLarge 413     Invalid 422        RateLimited 429
  Unavailable 503  StorageFull 507
"""

from __future__ import annotations

from typing import Any

from fastlabel.labels import LabelError
from fastlabel.modalities import FileError
from fastlabel.shapes import ShapeError
from fastlabel.shapes.base import shown


class ApiError(Exception):
    """An answer other than success; `str()` is the message the caller reads."""

    status = 500

    def __init__(self, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.headers = headers or {}


class BadRequest(ApiError):
    status = 400


class Unauthorized(ApiError):
    status = 401


class Forbidden(ApiError):
    status = 403


class NotFound(ApiError):
    status = 404


class Conflict(ApiError):
    status = 409


class TooLarge(ApiError):
    status = 413


class Invalid(ApiError):
    status = 422


class RateLimited(ApiError):
    status = 429


class Unavailable(ApiError):
    status = 503


class StorageFull(ApiError):
    status = 507


REFUSALS: tuple[type[Exception], ...] = (ApiError, LabelError, ShapeError, FileError)
"""What checks raise to say that a request, or one task of a batch, will not do."""


def status_of(error: Exception) -> int:
    """Return the status that a refusal answers."""
    return error.status if isinstance(error, ApiError) else Invalid.status


def describe(problem: Any) -> str:
    """Say a validation problem of pydantic as `field: what is wrong, got value`."""
    place = ""
    for part in problem["loc"]:
        if part in ("body", "query", "path", "header") and not place:
            continue
        place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else str(part)
    if problem["type"] == "json_invalid":
        return f"body: not JSON: {problem.get('ctx', {}).get('error', problem['msg'])}"
    text = str(problem["msg"])
    text = text.removeprefix("Value error, ")
    message = text[:1].lower() + text[1:]
    if problem["type"] == "missing":
        return f"{place or 'body'}: missing"
    return f"{place or 'body'}: {message}, got {shown(problem.get('input'), 80)}"
