"""A bucket of as many pictures as wanted: `python -m benchmarks.bucket PORT COUNT`.

It speaks as much of S3 as an import needs: lists of a thousand keys, and objects in ranges. An
emulator such as moto sorts all its keys for each page, and would be measured in our place.
"""

from __future__ import annotations

import io
import sys
from bisect import bisect_right
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from PIL import Image

NAME = "pictures"
PAGE = 1000
CHANGED = "2026-01-01T00:00:00.000Z"
CHANGED_HTTP = "Thu, 01 Jan 2026 00:00:00 GMT"


def key_of(number: int) -> str:
    """Return the key of a picture; the order of keys is that of numbers."""
    return f"{number // 1000:04}/{number:07}.jpg"


def picture() -> bytes:
    output = io.BytesIO()
    Image.linear_gradient("L").resize((160, 120)).save(output, "JPEG")
    return output.getvalue()


class Bucket:
    """The ASGI application: `count` keys, all with the same picture."""

    def __init__(self, count: int) -> None:
        self._keys = [key_of(number) for number in range(count)]
        self._data = picture()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        _, _, key = scope["path"].removeprefix("/").partition("/")
        query = {name: v[0] for name, v in parse_qs(scope["query_string"].decode()).items()}
        headers = {"content-type": "application/xml"}
        if not key:
            status, body = 200, _page(self._keys, len(self._data), query).encode()
        elif not self._has(key):
            status, body = 404, b""
        else:
            headers = {"etag": '"1"', "last-modified": CHANGED_HTTP, "content-type": "image/jpeg"}
            status, body = self._part(dict(scope["headers"]).get(b"range"), headers)
        headers["content-length"] = str(len(body))
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        await send({"type": "http.response.body", "body": body})

    def _has(self, key: str) -> bool:
        place = bisect_right(self._keys, key)
        return place > 0 and self._keys[place - 1] == key

    def _part(self, asked: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        if asked is None:
            return 200, self._data
        first, _, last = asked.decode().removeprefix("bytes=").partition("-")
        size = len(self._data)
        start, end = int(first), min(int(last or size), size - 1)
        headers["content-range"] = f"bytes {start}-{end}/{size}"
        return 206, self._data[start : end + 1]


def main() -> None:
    port, count = map(int, sys.argv[1:])
    options: dict[str, Any] = {"lifespan": "off", "log_level": "warning", "access_log": False}
    uvicorn.run(Bucket(count), host="127.0.0.1", port=port, **options)


def _page(keys: list[str], size_bytes: int, query: dict[str, str]) -> str:
    """Return a page of ListObjectsV2; tokens are positions in the list."""
    if "continuation-token" in query:
        start = int(query["continuation-token"])
    else:
        start = bisect_right(keys, query.get("start-after", ""))
    end = min(start + PAGE, len(keys))
    contents = "".join(
        f"<Contents><Key>{key}</Key><LastModified>{CHANGED}</LastModified>"
        f'<ETag>"1"</ETag><Size>{size_bytes}</Size></Contents>'
        for key in keys[start:end]
    )
    more = end < len(keys)
    token = f"<NextContinuationToken>{end}</NextContinuationToken>" if more else ""
    return (
        f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{token}{contents}"
        "</ListBucketResult>"
    )


if __name__ == "__main__":
    main()
