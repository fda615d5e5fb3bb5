"""One request, one synchronous transaction: what a route gets, and the wrapper that commits.

A route is a plain function. It runs in one worker thread together with its transaction, the
commit and the rendering of the answer, so nothing is answered that is not committed, and a
request that waits for the database never holds a thread that another needs to finish.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

import orjson
from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from pydantic import BaseModel
from pydantic_core import PydanticSerializationError
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fastlabel_server.auth import Caller, RateLimiter, find_caller
from fastlabel_server.db import Database
from fastlabel_server.errors import Conflict, Forbidden, Invalid, NotFound, Unauthorized
from fastlabel_server.settings import Settings
from fastlabel_server.storage import Storage
from fastlabel_server.tables import IdempotentAnswer
from fastlabel_server.urls import FileUrls

SESSION_COOKIE = "fastlabel_session"
CURSOR_HEADER = "Fastlabel-Next-Cursor"
IDEMPOTENCY_HEADER = "Idempotency-Key"
MAX_JSON_BODY = 64 * 1024 * 1024
"""Largest request of a route that does not receive files, and so reads it whole."""
READING = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Services:
    """What one process has one of."""

    settings: Settings
    database: Database
    storage: Storage
    limiter: RateLimiter


@dataclass
class Call:
    """An authenticated request: who calls, the transaction, and the process's services."""

    services: Services
    caller: Caller
    urls: FileUrls
    method: str
    path: str
    idempotency_key: str | None = None
    _session: Session | None = None
    _after_commit: list[Callable[[], None]] = field(default_factory=list)
    _after_failure: list[Callable[[], None]] = field(default_factory=list)

    @property
    def session(self) -> Session:
        """The request's transaction; opened, and on SQLite locked for writing, at first use."""
        if self._session is None:
            database = self.services.database
            reading = self.method in READING
            self._session = database.read_session() if reading else database.write_session()
        return self._session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A short look at the database before the transaction, which holds no write lock.

        For checks that take long, or come before a file is stored.
        """
        with self.services.database.read() as session:
            yield session

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run `action` when the transaction is committed."""
        self._after_commit.append(action)

    def after_failure(self, action: Callable[[], None]) -> None:
        """Run `action` when the request fails and everything is rolled back."""
        self._after_failure.append(action)

    def commit(self) -> None:
        if self._session is not None:
            self._session.commit()
            self._session.close()
        for action in self._after_commit:
            action()

    def roll_back(self) -> None:
        if self._session is not None:
            self._session.close()
        for action in self._after_failure:
            action()


class Page(list[Any]):
    """A page of a list; `next_cursor` continues it and is None on the last page."""

    def __init__(self, items: list[Any], next_cursor: str | None = None) -> None:
        super().__init__(items)
        self.next_cursor = next_cursor


# Tells the OpenAPI how to call; the header itself is read below, for cookies count too.
_BEARER = HTTPBearer(auto_error=False, description="`fastlabel token create --email YOU`")


async def authenticate(request: Request, _: Annotated[Any, Depends(_BEARER)] = None) -> Caller:
    """Return the caller of a request, and count the call against their limit."""
    services: Services = request.app.state.services
    secret, kinds = _presented_secret(request)

    def look_up() -> Caller:
        with services.database.read() as session:
            return find_caller(session, secret, kinds)

    caller = await run_in_threadpool(look_up)
    services.limiter.hit(caller.credential_id)
    return caller


def _presented_secret(request: Request) -> tuple[str, tuple[str, ...]]:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip(), ("token",)
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie:
        if request.method not in READING and not same_origin(request):
            raise Forbidden("A page of another site cannot act with the login of this one.")
        return cookie, ("session",)
    raise Unauthorized(
        "No access token: send the header `Authorization: Bearer TOKEN`.",
        {"WWW-Authenticate": "Bearer"},
    )


def same_origin(request: Request) -> bool:
    """Tell whether a page of ours sent the request; browsers name the sender in `Origin`.

    A proxy may replace the `Host` that the browser sent; `public_url` still names it.
    """
    settings: Settings = request.app.state.services.settings
    public = settings.public_url.partition("://")[2].partition("/")[0]
    origin = request.headers.get("origin", "").partition("://")[2]
    return bool(origin) and origin in (request.headers.get("host"), public)


async def current_call(request: Request, caller: Annotated[Caller, Depends(authenticate)]) -> Call:
    services: Services = request.app.state.services
    if "\x00" in request.url.path:
        raise NotFound("There is nothing with a NUL character in its id.")
    key = request.headers.get(IDEMPOTENCY_HEADER)
    if key is not None and not 0 < len(key) <= 200:
        raise Invalid(f"{IDEMPOTENCY_HEADER}: 1 to 200 characters, got {len(key)}")
    return Call(
        services=services,
        caller=caller,
        urls=FileUrls.of(request, services.settings),
        method=request.method,
        path=request.url.path,
        idempotency_key=key if request.method == "POST" else None,
    )


CurrentCall = Annotated[Call, Depends(current_call)]


class TransactionalRoute(APIRoute):
    """A route whose function runs in one transaction and whose result is the JSON answer."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if options.get("max_body_size") is None:
            options["max_body_size"] = MAX_JSON_BODY
        super().__init__(path, _in_one_transaction(endpoint), **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await handler(_StrictJsonRequest(request.scope, request.receive))

        return handle


class _StrictJsonRequest(Request):
    """Reads JSON bodies as uploads and the database do.

    The standard library also takes NaN, half surrogate pairs and integers of any length,
    which could then not be stored.
    """

    async def json(self) -> Any:
        return orjson.loads(await self.body())


def _in_one_transaction(endpoint: Callable[..., Any]) -> Callable[..., Response]:
    @functools.wraps(endpoint)
    def run(**arguments: Any) -> Response:
        call = next(value for value in arguments.values() if isinstance(value, Call))
        try:
            if call.idempotency_key is not None:
                result = _once(call, endpoint, arguments)
            else:
                result = endpoint(**arguments)
            response = _rendered(call, result)
            call.commit()
        except BaseException:
            call.roll_back()
            raise
        return response

    return run


def _rendered(call: Call, result: Any) -> Response:
    if call.method == "DELETE":
        return Response(status_code=204)
    if isinstance(result, Response):
        return result
    response = Response(orjson.dumps(result), media_type="application/json")
    if isinstance(result, Page) and result.next_cursor:
        response.headers[CURSOR_HEADER] = result.next_cursor
    return response


def _once(call: Call, endpoint: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """Run the endpoint, or give the answer that the same request got before.

    The row is inserted first: a twin sent at the same time waits for it, then reads the answer.
    """
    request = _fingerprint(call, arguments)
    key = (IdempotentAnswer.user_id == call.caller.user_id) & (
        IdempotentAnswer.key == call.idempotency_key
    )
    insert = sqlite.insert if call.services.database.is_sqlite else postgresql.insert
    inserted = call.session.execute(
        insert(IdempotentAnswer)
        .values(user_id=call.caller.user_id, key=call.idempotency_key, request=request, answer=None)
        .on_conflict_do_nothing()
        .returning(IdempotentAnswer.key)
    ).first()
    if inserted is None:
        before = call.session.execute(
            select(IdempotentAnswer.request, IdempotentAnswer.answer).where(key)
        ).one()
        if before.request != request:
            raise Conflict(
                f"{IDEMPOTENCY_HEADER}: {call.idempotency_key!r} was used for another request"
            )
        return before.answer
    result = endpoint(**arguments)
    call.session.execute(update(IdempotentAnswer).where(key).values(answer=result))
    return result


def written(body: BaseModel) -> bytes:
    """Return the fields of a request as JSON.

    Raises:
        Invalid: nested deeper than anything that a request needs.
    """
    try:
        return body.model_dump_json().encode()
    except PydanticSerializationError as error:
        raise Invalid(f"body: {error}") from error


def _fingerprint(call: Call, arguments: dict[str, Any]) -> str:
    digest = hashlib.sha256()
    for name in sorted(arguments):
        value = arguments[name]
        if isinstance(value, BaseModel):
            digest.update(written(value))
        elif hasattr(value, "fingerprint"):
            digest.update(value.fingerprint())
    return f"{call.method} {call.path} {digest.hexdigest()}"
