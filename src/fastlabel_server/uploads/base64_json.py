"""JSON bodies with base64 files in them, read as they arrive.

The official client sends files as base64 strings inside JSON, 334 MB of text for a video. This
parser lets the document through to a skeleton and takes the value of every key `file` out of
it, decoded on the way; what stays in memory is the skeleton and one chunk. Deeper in the
document a key of that name is one of the user's own.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Collection
from typing import Any

import orjson

from fastlabel_server.errors import BadRequest, Invalid, TooLarge
from fastlabel_server.uploads.spool import ReceivedFile

_OVERLAP = 64
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
ANYWHERE = (1, 3)
"""Where files stand: in the document itself, and in the entries of its `contents`."""
MARK = "\ue000file:"
"""Stands for a file in the skeleton, followed by its index; private-use, so no one else's."""


class Base64JsonParser:
    """Splits a JSON document into its fields and its files, fed in any chunks.

    Args:
        file_key: what files stand under.
        depths: in how many objects and lists, one in another, that key may stand.
    """

    def __init__(
        self,
        open_file: Callable[[], ReceivedFile],
        max_fields: int,
        file_key: str = "file",
        depths: Collection[int] = ANYWHERE,
    ) -> None:
        self.files: list[ReceivedFile] = []
        self._open_file = open_file
        self._max_fields = max_fields
        # Inside a JSON string quotes are escaped, so this matches nothing but a key whose value
        # is a string.
        self._file_key = re.compile(rb'(?<!\\)"%b"\s*:\s*"' % re.escape(file_key.encode()))
        self._depths = depths
        self._depth = 0
        self._counted = 0
        self._skeleton = bytearray()
        self._buffer = b""
        self._decoder: _Base64Decoder | None = None

    def feed(self, chunk: bytes) -> None:
        data = self._buffer + chunk if self._buffer else chunk
        self._buffer = b""
        while data:
            data = self._feed_file(data) if self._decoder else self._feed_fields(data)

    def close(self) -> dict[str, Any]:
        """Return the document's fields; the value of each file is `MARK` and its index.

        Raises:
            BadRequest: not JSON, or cut off.
            Invalid: JSON, but not an object.
        """
        if self._decoder is not None:
            raise BadRequest("body: the JSON ends inside a file")
        self._keep(self._buffer)
        try:
            fields = orjson.loads(bytes(self._skeleton))
        except orjson.JSONDecodeError as error:
            raise BadRequest(f"body: not JSON: {error}") from error
        if not isinstance(fields, dict):
            raise Invalid(f"body: expected a JSON object, got {type(fields).__name__}")
        return fields

    def _feed_fields(self, data: bytes) -> bytes:
        found = self._file_key.search(data)
        if found is None:
            # The end may be the beginning of a key whose rest has not come yet. One more byte
            # stays with it, so that the pattern sees what precedes it.
            end = len(data) if len(data) < _OVERLAP else len(data) - _OVERLAP
            if end == len(data):
                self._buffer = data
            else:
                self._keep(data[:end])
                self._buffer = data[end:]
            return b""
        self._keep(data[: found.start()])
        if self._depth_now() not in self._depths:
            # Up to the quote that opens the value.
            self._keep(data[found.start() : found.end() - 1])
            return data[found.end() - 1 :]
        self._keep(data[found.start() : found.end()])
        self._skeleton += f"{MARK}{len(self.files)}".encode()
        file = self._open_file()
        self.files.append(file)
        self._decoder = _Base64Decoder(file)
        return data[found.end() :]

    def _feed_file(self, data: bytes) -> bytes:
        assert self._decoder is not None
        end = data.find(b'"')
        if end < 0:
            self._decoder.feed(data)
            return b""
        self._decoder.feed(data[:end])
        self._decoder.close()
        self._decoder = None
        return data[end:]

    def _depth_now(self) -> int:
        """Return how deep the end of the skeleton is, which must not lie in a text."""
        marks = _TEXT.sub(b"", self._skeleton[self._counted :])
        self._depth += marks.count(b"{") + marks.count(b"[")
        self._depth -= marks.count(b"}") + marks.count(b"]")
        self._counted = len(self._skeleton)
        return self._depth

    def _keep(self, data: bytes) -> None:
        self._skeleton += data
        if len(self._skeleton) > self._max_fields:
            raise TooLarge(
                f"body: up to {self._max_fields:,} bytes may be something other than files"
            )


class _Base64Decoder:
    """Decodes base64 text in chunks into a file."""

    def __init__(self, file: ReceivedFile) -> None:
        self._file = file
        self._rest = b""
        self._ended = False

    def feed(self, text: bytes) -> None:
        text = self._rest + text
        if b"\\" in text:
            # JSON may write a slash as "\/".
            text = text.replace(b"\\/", b"/")
        end = len(text) - len(text) % 4
        if text.endswith(b"\\"):
            end = (len(text) - 1) - (len(text) - 1) % 4
        self._rest = text[end:]
        self._decode(text[:end])

    def close(self) -> None:
        if self._rest:
            raise Invalid("file: not base64: its length is not a multiple of four")
        self._file.close()

    def _decode(self, text: bytes) -> None:
        if not text:
            return
        if self._ended:
            raise Invalid("file: not base64: there is text after the padding")
        try:
            data = binascii.a2b_base64(text, strict_mode=True)
        except binascii.Error as error:
            raise Invalid(f"file: not base64: {error}") from error
        self._ended = text.endswith(b"=")
        self._file.write(data)
