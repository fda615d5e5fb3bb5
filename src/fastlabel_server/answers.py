"""Errors as JSON: the one place that turns exceptions into answers.

Apart from `errors`, which workers and commands use without a web framework.
"""

from __future__ import annotations

import errno
import http
import sqlite3
from collections.abc import Callable
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from fastlabel.labels import LabelError
from fastlabel.modalities import FileError
from fastlabel.shapes import ShapeError
from fastlabel_server.buckets import BucketDenied, BucketError, InvalidPath, ObjectTooLarge
from fastlabel_server.errors import (
    ApiError,
    Conflict,
    Invalid,
    NotFound,
    StorageFull,
    Unavailable,
    describe,
)
from fastlabel_server.storage import ObjectMissing, StorageUnavailable

log = structlog.get_logger(__name__)


class ErrorBody(BaseModel):
    """What every error answers."""

    message: str
    statusCode: int  # noqa: N815 - the name on the wire
    error: str
    requestId: str  # noqa: N815


ERRORS = {
    401: "No access token, or an unknown one",
    403: "The role does not allow it",
    404: "There is no such thing, or the caller may not see it",
    409: "The name is taken",
    422: "The request is invalid; the message names the field and the value",
    429: "Too many calls; wait as long as `Retry-After` says",
}


def described_errors() -> dict[int | str, dict[str, Any]]:
    """Return what the description of the API says of the errors of each route."""
    # Each model that is named makes FastAPI build a validator, for each route anew: one names
    # it, and the others only refer to it.
    reference = {"schema": {"$ref": f"#/components/schemas/{ErrorBody.__name__}"}}
    described: dict[int | str, dict[str, Any]] = {
        status: {"description": text, "content": {"application/json": reference}}
        for status, text in ERRORS.items()
    }
    described[401] = {"description": ERRORS[401], "model": ErrorBody}
    return described


def error_response(
    status: int, message: str, request_id: str, headers: dict[str, str] | None = None
) -> Response:
    """Return the JSON object that every error answer is."""
    body = {
        "message": message,
        "statusCode": status,
        "error": http.HTTPStatus(status).phrase,
        "requestId": request_id,
    }
    return Response(
        orjson.dumps(body), status, headers=headers or {}, media_type="application/json"
    )


def install(app: FastAPI) -> None:
    """Make the app answer every exception as an error object."""
    handlers: dict[Any, Callable[[Request, Any], Response]] = {
        ApiError: _api_error,
        HTTPException: _http_exception,
        RequestValidationError: _request_invalid,
        LabelError: _refused,
        ShapeError: _refused,
        FileError: _refused,
        IntegrityError: _raced,
        OperationalError: _database_down,
        DBAPIError: _database_error,
        PoolTimeout: lambda request, _: _api_error(
            request, Unavailable("The server is busy; try again.", {"Retry-After": "2"})
        ),
        ObjectMissing: lambda request, error: _api_error(request, NotFound(str(error))),
        StorageUnavailable: _storage_unavailable,
        InvalidPath: _refused,
        ObjectTooLarge: _refused,
        BucketDenied: _refused,
        BucketError: _bucket_unavailable,
        OSError: _os_error,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _request_id(request: Request) -> str:
    return getattr(request.state, "request_id", "")


def _api_error(request: Request, error: ApiError) -> Response:
    return error_response(error.status, str(error), _request_id(request), error.headers)


def _refused(request: Request, error: Exception) -> Response:
    """Answer what a check below the routes says about the request."""
    return _api_error(request, Invalid(str(error)))


def _http_exception(request: Request, error: HTTPException) -> Response:
    message = f"{request.method} {request.url.path}: {error.detail}"
    return error_response(
        error.status_code, message, _request_id(request), dict(error.headers or {})
    )


def _request_invalid(request: Request, error: RequestValidationError) -> Response:
    problems = "; ".join(describe(problem) for problem in error.errors()[:10])
    malformed = any(problem["type"] == "json_invalid" for problem in error.errors())
    return error_response(400 if malformed else 422, problems, _request_id(request))


def _raced(request: Request, error: IntegrityError) -> Response:
    """Answer 409: two requests did at the same moment what only one can do."""
    log.warning("conflict", detail=str(error.orig))
    return _api_error(
        request, Conflict("Another request changed the same thing at the same time; try again.")
    )


def _database_down(request: Request, error: OperationalError) -> Response:
    if is_disk_full(error):
        return _api_error(request, StorageFull("The disk of the database is full."))
    log.error("database unavailable", detail=str(error.orig))
    return _api_error(
        request, Unavailable("The database cannot be reached; try again.", {"Retry-After": "2"})
    )


def _database_error(request: Request, error: DBAPIError) -> Response:
    if is_disk_full(error):
        return _api_error(request, StorageFull("The disk of the database is full."))
    return respond_to_bug(request, error)


def is_disk_full(error: DBAPIError) -> bool:
    original = error.orig
    if isinstance(original, sqlite3.Error):
        return getattr(original, "sqlite_errorcode", None) in (
            sqlite3.SQLITE_FULL,
            sqlite3.SQLITE_IOERR_WRITE,
        )
    return getattr(original, "sqlstate", None) == "53100"


def _storage_unavailable(request: Request, error: StorageUnavailable) -> Response:
    cause = error.__cause__
    if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
        return _api_error(request, StorageFull(str(error)))
    log.error("storage unavailable", detail=str(error))
    return _api_error(request, Unavailable(str(error), {"Retry-After": "2"}))


def _bucket_unavailable(request: Request, error: BucketError) -> Response:
    log.error("bucket unavailable", detail=str(error))
    return _api_error(request, Unavailable(str(error), {"Retry-After": "5"}))


def _os_error(request: Request, error: OSError) -> Response:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _api_error(request, StorageFull("The server's disk is full."))
    return respond_to_bug(request, error)


def respond_to_bug(request: Request, error: Exception) -> Response:
    """Answer 500 with the request id under which the log has the traceback."""
    log.error("unhandled exception", exc_info=error)
    request_id = _request_id(request)
    return error_response(
        500, f"The server failed; its log has the reason under {request_id}.", request_id
    )
