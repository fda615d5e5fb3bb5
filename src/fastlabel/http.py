"""How requests travel: one connection pool a client, authorization, streamed uploads.

What happens between a request and its answer is said once, in `fastlabel.exchange`. `Http`
and `AsyncHttp` only wait and send.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastlabel._version import __version__
from fastlabel.exchange import (
    Answer,
    Outcome,
    Request,
    attempts,
    idempotency_key,
    signed_upload,
    to_json,
)
from fastlabel.types import FilePath

if TYPE_CHECKING:
    # Imported when a client is made: it takes longer than the rest of the package.
    import ssl


STORING_S = 600.0
"""How long the store may take for an archive of the largest size."""


class _Api:
    """The settings and the raw verbs that `client.api` offers.

    `base_url` and `access_token` may be assigned at any time.
    """

    def __init__(
        self,
        base_url: str,
        access_token: str,
        timeout: float | None,
        retries: int,
        backoff_s: float,
    ) -> None:
        self.base_url = base_url
        self.access_token = access_token
        self.retries = retries
        self.backoff_s = backoff_s
        self.timeout = timeout

    def answer(self, request: Request) -> Any:
        """Send a request; return the JSON of the answer (asynchronously, its awaitable)."""
        raise NotImplementedError

    def get_request(self, endpoint: str, params: Mapping[str, Any] | None = None) -> Any:
        """GET `endpoint`, relative to the base URL; lists in `params` repeat the key."""
        return self.answer(Request("GET", endpoint, query=params or {}))

    def post_request(self, endpoint: str, payload: Any = None) -> Any:
        """POST `payload` as JSON to `endpoint`, relative to the base URL."""
        return self.answer(Request("POST", endpoint, body=payload))

    def put_request(self, endpoint: str, payload: Any = None) -> Any:
        """PUT `payload` as JSON to `endpoint`, relative to the base URL."""
        return self.answer(Request("PUT", endpoint, body=payload))

    def delete_request(
        self, endpoint: str, params: Mapping[str, Any] | None = None, payload: Any = None
    ) -> Any:
        """DELETE `endpoint`, relative to the base URL; the answer is None."""
        return self.answer(Request("DELETE", endpoint, query=params or {}, body=payload))

    def upload_zipfile(self, url: str, file_path: FilePath) -> Any:
        """PUT a file to a signed URL, which needs no token; the answer is None."""
        return self.answer(signed_upload(url, Path(file_path)))

    def _pool_options(self) -> dict[str, Any]:
        import httpx

        return {
            "timeout": httpx.Timeout(self.timeout, connect=_at_most(10.0, self.timeout)),
            "verify": certificates(),
            "headers": {"User-Agent": f"fastlabel-python/{__version__}"},
        }

    def _patience(self) -> Any:
        """Return the timeouts of an upload: gigabytes are answered when they lie in the store."""
        import httpx

        if self.timeout is None:
            return httpx.Timeout(None, connect=10.0)
        read_s = max(self.timeout, STORING_S)
        return httpx.Timeout(self.timeout, connect=_at_most(10.0, self.timeout), read=read_s)

    @contextmanager
    def _opened(self, request: Request, key: str | None) -> Iterator[dict[str, Any]]:
        """Open the request's files and yield the arguments of httpx for one attempt."""
        headers = {} if request.is_signed else {"Authorization": f"Bearer {self.access_token}"}
        if key:
            headers["Idempotency-Key"] = key
        options: dict[str, Any] = {
            "method": request.verb,
            "url": request.path
            if request.is_signed
            else f"{self.base_url.rstrip('/')}/{request.path}",
            "headers": headers,
            "params": {k: v for k, v in request.query.items() if v is not None} or None,
        }
        if request.is_signed:
            options["timeout"] = self._patience()
        with ExitStack() as files:
            if request.files or request.is_form:
                fields = ("request", (None, to_json(request.body), "application/json"))
                options["files"] = [
                    *([] if request.is_signed else [fields]),
                    *(
                        (part, (path.name, files.enter_context(path.open("rb"))))
                        for part, path in request.files
                    ),
                ]
            elif request.body is not None:
                options["content"] = to_json(request.body)
                headers["Content-Type"] = "application/json"
            yield options


class Http(_Api):
    """Sends requests and blocks until they are answered; may be shared by threads."""

    def __init__(self, *settings: Any) -> None:
        import httpx

        super().__init__(*settings)
        self._pool = httpx.Client(**self._pool_options())

    def answer(self, request: Request) -> Any:
        return self.send(request).value

    def send(self, request: Request) -> Answer:
        """Send a request, again where that can help.

        Raises:
            FastLabelException: the answer was an error, or there was none.
        """
        import httpx

        key = idempotency_key(request)
        tries = attempts(request, self.retries, self.backoff_s)
        wait_s = next(tries)
        while True:
            time.sleep(wait_s)
            outcome: Outcome
            try:
                with self._opened(request, key) as options:
                    outcome = self._pool.request(**options)
            except httpx.TransportError as error:
                outcome = error
            try:
                wait_s = tries.send(outcome)
            except StopIteration as done:
                answer: Answer = done.value
                return answer

    def close(self) -> None:
        self._pool.close()


class AsyncHttp(_Api):
    """Sends requests from coroutines of one event loop."""

    def __init__(self, *settings: Any) -> None:
        import httpx

        super().__init__(*settings)
        self._pool = httpx.AsyncClient(**self._pool_options())

    async def answer(self, request: Request) -> Any:
        return (await self.send(request)).value

    async def send(self, request: Request) -> Answer:
        """As `Http.send`, without blocking the event loop."""
        import asyncio

        import httpx

        key = idempotency_key(request)
        tries = attempts(request, self.retries, self.backoff_s)
        wait_s = next(tries)
        while True:
            await asyncio.sleep(wait_s)
            outcome: Outcome
            try:
                with self._opened(request, key) as options:
                    outcome = await self._pool.request(**options)
            except httpx.TransportError as error:
                outcome = error
            try:
                wait_s = tries.send(outcome)
            except StopIteration as done:
                answer: Answer = done.value
                return answer

    async def close(self) -> None:
        await self._pool.aclose()


@functools.cache
def certificates() -> ssl.SSLContext:
    # Loading the certificate store takes a tenth of a second, so clients share it.
    import httpx

    return httpx.create_ssl_context()


def _at_most(seconds: float, timeout: float | None) -> float:
    return seconds if timeout is None else min(seconds, timeout)
