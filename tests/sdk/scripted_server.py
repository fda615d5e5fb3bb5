"""A real HTTP server in a thread that answers as a test tells it, failures included."""

from __future__ import annotations

import email
import email.policy
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEPT_BYTES = 1024 * 1024


@dataclass
class Received:
    """A request as it arrived; of a long body only the first bytes are kept."""

    verb: str
    target: str
    headers: dict[str, str]
    body: bytes
    body_bytes: int
    at_s: float = field(default_factory=time.time)

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None

    @property
    def parts(self) -> list[tuple[str, str | None, bytes]]:
        """Name, file name and content of each part of a multipart body."""
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        message = email.message_from_bytes(head + self.body, policy=email.policy.HTTP)
        return [
            (
                part.get_param("name", header="content-disposition"),
                part.get_filename(),
                part.get_payload(decode=True),
            )
            for part in message.iter_parts()
        ]


@dataclass
class Reply:
    """An answer; `value` goes out as JSON unless it is bytes already."""

    value: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    """After so many bytes of the value the connection is reset."""


class HangUp:
    """Instead of an answer: the connection is reset when the request has been read."""


@dataclass
class ScriptedServer:
    """`url` is the API's base URL. `replies` are used up in order, then `answer` is asked."""

    url: str
    received: list[Received] = field(default_factory=list)
    replies: list[Reply | HangUp] = field(default_factory=list)
    answer: Callable[[Received], Reply | HangUp] = lambda _request: Reply("an-id")

    def take(self, request: Received) -> Reply | HangUp:
        self.received.append(request)
        return self.replies.pop(0) if self.replies else self.answer(request)


@contextmanager
def scripted_server() -> Iterator[ScriptedServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        script: ScriptedServer

        def handle_any(self) -> None:
            body = bytearray()
            left = total = int(self.headers.get("Content-Length", 0))
            while left:
                chunk = self.rfile.read(min(left, 65536))
                left -= len(chunk)
                body += chunk[: KEPT_BYTES - len(body)]
            received = Received(
                self.command, self.path, dict(self.headers.items()), bytes(body), total
            )
            reply = self.script.take(received)
            if isinstance(reply, HangUp):
                self.reset()
                return
            value = reply.value if isinstance(reply.value, bytes) else json.dumps(reply.value)
            content = value.encode() if isinstance(value, str) else value
            if reply.status == 204:
                content = b""
            self.send_response(reply.status)
            for name, text in reply.headers.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: reply.cut_at])
            if reply.cut_at is not None:
                self.wfile.flush()
                # What was written must have left before the reset throws away the rest.
                time.sleep(0.1)
                self.reset()

        def reset(self) -> None:
            self.close_connection = True
            linger_none = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_none)

        do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815

        def log_message(self, *_args: object) -> None:
            """Stay quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_args: object) -> None:
            """Stay quiet: the client has given up, as a test wants it to."""

    server = Server(("127.0.0.1", 0), Handler)
    Handler.script = ScriptedServer(f"http://127.0.0.1:{server.server_port}/v1/")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Handler.script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
