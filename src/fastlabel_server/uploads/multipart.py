"""multipart/form-data bodies: the fields as JSON in the part `request`, then the files raw."""

from __future__ import annotations

from collections.abc import Callable
from email.message import Message
from typing import Any
from urllib.parse import unquote

import orjson
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from fastlabel_server.errors import BadRequest, Invalid, TooLarge
from fastlabel_server.uploads.spool import ReceivedFile

FIELDS = "request"


class MultipartUploadParser:
    """Splits a multipart body into its fields and its files, fed in any chunks."""

    def __init__(
        self, content_type: str, open_file: Callable[[], ReceivedFile], max_fields: int
    ) -> None:
        _, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if not boundary:
            raise BadRequest("Content-Type: multipart/form-data without a boundary")
        self.files: list[ReceivedFile] = []
        self._open_file = open_file
        self._max_fields = max_fields
        self._fields = bytearray()
        self._part: ReceivedFile | None = None
        self._header_name = b""
        self._header_value = b""
        self._disposition = b""
        self._finished = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._header_field,
                "on_header_value": self._header_text,
                "on_header_end": self._end_header,
                "on_headers_finished": self._begin_data,
                "on_part_data": self._data,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise BadRequest(f"body: not multipart/form-data: {error}") from error

    def close(self) -> dict[str, Any]:
        """Return the fields.

        Raises:
            BadRequest: cut off, or the part `request` is not JSON.
            Invalid: JSON, but not an object.
        """
        if not self._finished:
            raise BadRequest("body: the multipart body is cut off")
        try:
            fields = orjson.loads(bytes(self._fields) or b"{}")
        except orjson.JSONDecodeError as error:
            raise BadRequest(f"{FIELDS}: not JSON: {error}") from error
        if not isinstance(fields, dict):
            raise Invalid(f"{FIELDS}: expected a JSON object, got {type(fields).__name__}")
        return fields

    def _begin_part(self) -> None:
        self._disposition = b""
        self._part = None

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _header_text(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header_name = self._header_value = b""

    def _begin_data(self) -> None:
        message = Message()
        message["Content-Disposition"] = self._disposition.decode("utf-8", "replace")
        name = message.get_param("name", header="Content-Disposition")
        if name == FIELDS:
            return
        if name not in ("file", "contents"):
            raise Invalid(f"body: parts are named {FIELDS}, file or contents, got {name!r}")
        file_name = message.get_filename()
        self._part = self._open_file()
        self._part.name = unquote(file_name) if file_name else None
        self.files.append(self._part)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part is not None:
            self._part.write(data[start:end])
            return
        self._fields += data[start:end]
        if len(self._fields) > self._max_fields:
            raise TooLarge(f"{FIELDS}: takes up to {self._max_fields:,} bytes")

    def _end_part(self) -> None:
        if self._part is not None:
            self._part.close()

    def _end(self) -> None:
        self._finished = True
