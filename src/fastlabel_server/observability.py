"""What operators see of every request: an id, one log line, counters for Prometheus."""

from __future__ import annotations

import re
import time

import structlog
from prometheus_client import Counter, Gauge, Histogram
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fastlabel_server.answers import error_response, respond_to_bug
from fastlabel_server.tables import new_id

REQUEST_ID_HEADER = "X-Request-Id"
_ID = re.compile(r"[A-Za-z0-9._-]{1,80}\Z")
_QUIET = ("/healthz", "/readyz", "/metrics")

REQUESTS = Counter("fastlabel_requests_total", "Requests answered.", ("method", "route", "status"))
SECONDS = Histogram(
    "fastlabel_request_seconds",
    "Time from the first byte of a request to the last of its answer.",
    ("method", "route"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
IN_FLIGHT = Gauge("fastlabel_requests_in_flight", "Requests being worked on.")

log = structlog.get_logger("fastlabel.request")


def _is_plain_413(message: Message) -> bool:
    return (
        message["type"] == "http.response.start"
        and message["status"] == 413
        and (b"content-type", b"application/json") not in message["headers"]
    )


class Observe:
    """ASGI middleware: request id, timing, metrics, and an answer where the app has none."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        request = Request(scope, receive)
        sent_id = request.headers.get(REQUEST_ID_HEADER, "")
        request_id = sent_id if _ID.match(sent_id) else new_id()
        request.state.request_id = request_id
        status = 500

        async def send_marked(message: Message) -> None:
            nonlocal status
            if _is_plain_413(message):
                # The framework's limit of bodies answers in plain text, before any handler.
                answer = error_response(413, "body: too large for this request", request_id)
                await answer(scope, receive, send_marked)
                status = 0
            if status == 0:
                return
            if message["type"] == "http.response.start":
                status = message["status"]
                duration_ms = (time.perf_counter() - started) * 1000
                message["headers"] = [
                    *message["headers"],
                    (REQUEST_ID_HEADER.lower().encode(), request_id.encode()),
                    (b"server-timing", f"app;dur={duration_ms:.2f}".encode()),
                ]
            await send(message)

        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        IN_FLIGHT.inc()
        try:
            await self.app(scope, receive, send_marked)
        except Exception as error:
            if status != 500:
                raise
            await respond_to_bug(request, error)(scope, receive, send_marked)
        finally:
            IN_FLIGHT.dec()
            self._record(scope, status or 413, time.perf_counter() - started)

    @staticmethod
    def _record(scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unknown")
        method = scope["method"] if scope["method"].isalpha() else "OTHER"
        REQUESTS.labels(method, route, str(status)).inc()
        SECONDS.labels(method, route).observe(seconds)
        if scope["path"] not in _QUIET:
            log.info(
                "request",
                method=method,
                path=scope["path"],
                status=status,
                duration_ms=round(seconds * 1000, 1),
            )
