"""Files behind signed URLs: no token, part requests, and nothing a browser would run."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from fastlabel_server.calls import Services
from fastlabel_server.errors import Forbidden
from fastlabel_server.files.service import find
from fastlabel_server.urls import FileUrls

router = APIRouter(prefix="/files", tags=["files"])

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})\Z")
# A file is a user's: whatever it claims to be, the browser must not run it as our page.
_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "private, max-age=3600",
    "Accept-Ranges": "bytes",
}


@router.get("/{what}/{content_id}/{name}", response_class=Response)
@router.head("/{what}/{content_id}/{name}", include_in_schema=False)
def get_file(
    request: Request,
    what: Literal["file", "thumbnail", "appendix", "calibration", "export", "dataset-file"],
    content_id: str,
    name: str,
    expires: Annotated[int, Query(ge=0, le=2**53)],
    signature: Annotated[str, Query(max_length=200)],
) -> Response:
    """The bytes behind a signed URL, whole or the part that `Range` asks for."""
    services: Services = request.app.state.services
    urls = FileUrls.of(request, services.settings)
    if not urls.is_valid(what, content_id, expires, signature):
        raise Forbidden(
            "The URL has expired or was changed; read again what it came from for a new one."
        )
    with services.database.read() as session:
        file = find(session, services.storage, what, content_id)
    headers = {
        **_SAFE,
        "ETag": f'"{file.etag}"',
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(name, safe='')}",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    part = _range(request, headers["ETag"], file.size)
    if part is None:
        headers["Content-Range"] = f"bytes */{file.size}"
        return Response(status_code=416, headers=headers)
    start, end = part
    status = 200 if end - start == file.size else 206
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    headers["Content-Length"] = str(end - start)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=file.media_type)
    return StreamingResponse(
        file.stream(start, end), status, headers=headers, media_type=file.media_type
    )


def _range(request: Request, etag: str, size: int) -> tuple[int, int] | None:
    """Return start and end (exclusive) of the part asked for; None if it lies outside.

    Several parts at once, and forms we do not know, are answered with the whole file, as
    RFC 9110 section 14.2 allows.
    """
    condition = request.headers.get("if-range")
    found = _RANGE.match(request.headers.get("range", ""))
    if found is None or (condition is not None and condition != etag):
        return 0, size
    first, last = found.groups()
    if not first and not last:
        return 0, size
    if not first:
        return (max(0, size - int(last)), size) if int(last) and size else None
    start = int(first)
    end = min(size, int(last) + 1) if last else size
    if start >= size:
        return None
    return (start, end) if start < end else (0, size)
