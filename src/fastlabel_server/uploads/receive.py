"""The dependency that receives a request with files."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from fastlabel_server.calls import Services, authenticate, written
from fastlabel_server.errors import ApiError, BadRequest, Invalid, TooLarge
from fastlabel_server.uploads.base64_json import ANYWHERE, MARK, Base64JsonParser
from fastlabel_server.uploads.multipart import MultipartUploadParser
from fastlabel_server.uploads.spool import ReceivedFile

MAX_ENVELOPE = 64 * 1024
"""Most bytes of a form around its file."""

Body = TypeVar("Body", bound=BaseModel)


@dataclass
class Upload(Generic[Body]):
    """A request's checked fields and its files, in the order in which they came."""

    body: Body
    files: list[ReceivedFile] = field(default_factory=list)

    def fingerprint(self) -> bytes:
        """Return what tells this request from another, whatever form it was sent in."""
        digest = hashlib.sha256(written(self.body))
        for file in self.files:
            digest.update(f"{file.name} {file.sha256}".encode())
        return digest.digest()


def upload_of(model: type[Body], file_key: str = "file") -> Any:
    """Return the type of a route's argument that receives `model` with files.

    Two forms are read: JSON with base64 in `file_key` (or in `contents[].file`), and
    multipart/form-data with the part `request` and raw files. What is wrong with the request
    is answered only when all of it has arrived: a client that is still sending would see a
    broken connection instead of the answer.
    """

    async def receive(
        request: Request, _: Annotated[Any, Depends(authenticate)]
    ) -> AsyncIterator[Upload[Body]]:
        services: Services = request.app.state.services
        parser = _parser_for(request, services, file_key)
        try:
            await _read_body(request, parser, services.settings.max_body)
            body = _checked(model, parser.close(), parser.files, file_key)
            yield Upload(body, parser.files)
        finally:
            for file in parser.files:
                file.discard()

    return Annotated[Upload[Any], Depends(receive)]


async def receive_file(request: Request, spool_dir: Path, max_bytes: int) -> ReceivedFile:
    """Receive one file of up to `max_bytes`: the part `file` of a form, or the body as it is.

    The file is the caller's to discard.

    Raises:
        BadRequest, Invalid, TooLarge: when all of it has arrived, as in `upload_of`.
    """
    content_type = request.headers.get("content-type", "")
    parser: MultipartUploadParser | RawParser
    if content_type.lower().startswith("multipart/form-data"):
        parser = MultipartUploadParser(content_type, lambda: ReceivedFile(spool_dir), MAX_ENVELOPE)
    else:
        parser = RawParser(ReceivedFile(spool_dir))
    try:
        await _read_body(request, parser, max_bytes + MAX_ENVELOPE)
        parser.close()
        if len(parser.files) != 1:
            raise Invalid(f"file: expected one file, got {len(parser.files)}")
        if parser.files[0].size > max_bytes:
            raise TooLarge(f"file: up to {max_bytes:,} bytes, got {parser.files[0].size:,}")
    except BaseException:
        for file in parser.files:
            file.discard()
        raise
    return parser.files[0]


class RawParser:
    """Takes a body as the one file that it is."""

    def __init__(self, file: ReceivedFile) -> None:
        self.files = [file]

    def feed(self, chunk: bytes) -> None:
        self.files[0].write(chunk)

    def close(self) -> None:
        self.files[0].close()


@lru_cache
def _schema_of(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return schema


def request_body_of(
    model: type[BaseModel], multiple: bool, file_key: str = "file"
) -> dict[str, Any]:
    """Return the OpenAPI description of both forms of such a request."""
    schema = _schema_of(model)
    base64 = {"type": "string", "format": "byte"}
    if multiple:
        entry = {
            "type": "object",
            "properties": {"name": {"type": "string"}, "file": base64},
            "required": ["name", "file"],
        }
        file_field, form_field = (
            "contents",
            {
                "type": "array",
                "items": {"type": "string", "format": "binary"},
            },
        )
        json_field: dict[str, Any] = {"type": "array", "items": entry}
    else:
        file_field, form_field = "file", {"type": "string", "format": "binary"}
        json_field = base64
    json_key = file_field if multiple else file_key
    as_json = {
        **schema,
        "properties": {**schema["properties"], json_key: json_field},
        "required": [*schema.get("required", []), json_key],
    }
    as_form = {
        "type": "object",
        "properties": {"request": schema, file_field: form_field},
        "required": ["request", file_field],
    }
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": as_json},
                "multipart/form-data": {
                    "schema": as_form,
                    "encoding": {"request": {"contentType": "application/json"}},
                },
            },
        }
    }


def _parser_for(
    request: Request, services: Services, file_key: str
) -> Base64JsonParser | MultipartUploadParser:
    settings = services.settings

    def open_file() -> ReceivedFile:
        return ReceivedFile(settings.spool_dir)

    content_type = request.headers.get("content-type", "application/json")
    if content_type.lower().startswith("multipart/form-data"):
        return MultipartUploadParser(content_type, open_file, settings.max_fields)
    depths = ANYWHERE if file_key == "file" else (1,)
    return Base64JsonParser(open_file, settings.max_fields, file_key, depths)


async def _read_body(
    request: Request, parser: Base64JsonParser | MultipartUploadParser | RawParser, max_body: int
) -> None:
    size = 0
    problem: ApiError | OSError | None = None
    async for chunk in request.stream():
        size += len(chunk)
        if problem is not None:
            continue
        try:
            if size > max_body:
                raise TooLarge(f"body: up to {max_body:,} bytes")
            parser.feed(chunk)
        except (ApiError, OSError) as error:
            problem = error
    if problem is not None:
        raise problem


def _checked(
    model: type[Body], fields: dict[str, Any], files: list[ReceivedFile], file_key: str
) -> Body:
    _name_files(fields, files, file_key)
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise RequestValidationError(
            [{**problem, "loc": ("body", *problem["loc"])} for problem in error.errors()]
        ) from error


def _name_files(fields: dict[str, Any], files: list[ReceivedFile], file_key: str) -> None:
    """Give the files of a JSON body their names, and see that each stands where files do."""
    entries = fields.pop("contents", None)
    places: list[tuple[Any, Any]] = [(None, fields.pop(file_key, None))]
    if isinstance(entries, list):
        places += [
            (entry.get("name"), entry.get("file")) for entry in entries if isinstance(entry, dict)
        ]
    by_mark = {f"{MARK}{index}": file for index, file in enumerate(files)}
    marked = [
        (name, by_mark[value])
        for name, value in places
        if isinstance(value, str) and value in by_mark
    ]
    for name, file in marked:
        file.name = name if isinstance(name, str) else None
    if marked and len(marked) != len(files):
        raise BadRequest("body: a file stands where none is expected")
