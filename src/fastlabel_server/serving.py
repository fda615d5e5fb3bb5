"""The server process: migrations, workers beside it, and the HTTP server."""

from __future__ import annotations

import contextlib
import gc
import socket
import sys
import threading
from collections.abc import Callable, Iterator

import structlog
import uvicorn

from fastlabel_server import jobs, schema
from fastlabel_server.app import create_app
from fastlabel_server.jobs import children
from fastlabel_server.jobs.housekeeping import clean_spool
from fastlabel_server.logs import configure_logging
from fastlabel_server.settings import Settings

WARM_UP_AFTER_S = 3.0
KEEP_ALIVE_S = 75
"""Longer than the idle time of the usual load balancers, which else meet closed connections."""

log = structlog.get_logger(__name__)


def serve(
    settings: Settings,
    host: str,
    port: int,
    *,
    with_workers: bool = True,
    when_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until stopped; `when_ready` is called with the URL once connections are taken.

    Raises:
        SystemExit: the port cannot be listened on.
    """
    configure_logging(settings.log_level, pretty=sys.stderr.isatty())
    listener = _listen(host, port)
    schema.migrate(settings)
    clean_spool(settings)
    config = uvicorn.Config(
        create_app(settings),
        http="httptools",
        loop="auto",
        log_config=None,
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=30,
        server_header=False,
    )
    _calm_garbage_collection()
    url = _url(*listener.getsockname()[:2])
    server = _Server(config, lambda: _ready(url, when_ready))
    with children.workers(settings) if with_workers else _none():
        server.run(sockets=[listener])


def _calm_garbage_collection() -> None:
    """Look for cycles rarely: a page of tasks makes 100,000 objects and no cycle.

    With Python's defaults a third of the time of such a request went into the search.
    """
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(50_000, 20, 50)


class _Server(uvicorn.Server):
    """uvicorn, telling when it takes connections."""

    def __init__(self, config: uvicorn.Config, when_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_ready = when_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._when_ready()


def _ready(url: str, when_ready: Callable[[str], None] | None) -> None:
    log.info("serving", url=url)
    # The queue's client is heavy to import: soon, rather than in the first request that needs
    # it, and not while the first requests wait for their answers.
    warm_up = threading.Timer(WARM_UP_AFTER_S, jobs.warm_up)
    warm_up.daemon = True
    warm_up.start()
    if when_ready is not None:
        when_ready(url)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        raise SystemExit(
            f"Cannot listen on {host}:{port}: {error.strerror}. Choose another with --port."
        ) from error
    return listener


def _url(address: str, port: int) -> str:
    """Return where this machine reaches the server; an address for all is none to go to."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextlib.contextmanager
def _none() -> Iterator[None]:
    yield
