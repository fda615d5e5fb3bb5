"""An emulator of Google Cloud Storage, where `STORAGE_EMULATOR_HOST` names one.

Emulators speak the JSON API, which Google's own clients use; obstore speaks the XML API, of
which they know little. Source: https://cloud.google.com/storage/docs/json_api/v1/objects
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from fastlabel_server.stores.base import (
    CHUNK_BYTES,
    PAGE_LENGTH,
    BucketDenied,
    BucketMissing,
    BucketUnavailable,
    ObjectMissing,
    StoredObject,
)

TIMEOUT_S = 60


class GcsEmulator:
    """One bucket of an emulator; `where` names it in messages."""

    def __init__(self, url: str, bucket: str, where: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=TIMEOUT_S, trust_env=False)
        self._where = where
        self._objects = f"/storage/v1/b/{bucket}/o"

    def head(self, key: str) -> StoredObject:
        with self._errors(key):
            response = self._http.get(self._url(key))
            self._check(response, key)
            return _describe(response.json())

    def open(
        self, key: str, start: int, end: int | None, chunk_bytes: int
    ) -> tuple[int, Iterator[bytes]]:
        size = self.head(key).size
        end = size if end is None else min(end, size)
        chunks = self._chunks(key, start, end, chunk_bytes)
        return size, chunks if start < end else iter(())

    def _chunks(self, key: str, start: int, end: int, chunk_bytes: int) -> Iterator[bytes]:
        headers = {"Range": f"bytes={start}-{end - 1}"}
        with (
            self._errors(key),
            self._http.stream(
                "GET", self._url(key), params={"alt": "media"}, headers=headers
            ) as response,
        ):
            self._check(response, key)
            yield from response.iter_raw(chunk_bytes)

    def put(self, key: str, source: bytes | Path) -> None:
        size = source.stat().st_size if isinstance(source, Path) else len(source)
        with self._errors(key):
            response = self._http.post(
                f"/upload{self._objects}",
                params={"uploadType": "media", "name": key},
                headers={
                    "Content-Length": str(size),
                    "Content-Type": "application/octet-stream",
                },
                content=_file_chunks(source) if isinstance(source, Path) else source,
            )
            self._check(response, key)

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            with self._errors(key):
                response = self._http.delete(self._url(key))
                if response.status_code != httpx.codes.NOT_FOUND:
                    self._check(response, key)

    def walk(self, folder: str, after: str | None = None) -> Iterator[StoredObject]:
        for page in self.list(folder, after or ""):
            yield from (found for found in page if found.key != after)

    def list(self, folder: str, start: str = "") -> Iterator[list[StoredObject]]:
        params = {
            "prefix": f"{folder}/" if folder else "",
            "startOffset": start,
            "maxResults": str(PAGE_LENGTH),
        }
        while True:
            with self._errors(folder):
                response = self._http.get(self._objects, params=params)
                if response.status_code == httpx.codes.NOT_FOUND:
                    raise BucketMissing(self._where)
                self._check(response, folder)
                answer = response.json()
            if page := [_describe(item) for item in answer.get("items", ())]:
                yield page
            if not answer.get("nextPageToken"):
                return
            params["pageToken"] = answer["nextPageToken"]

    def _url(self, key: str) -> str:
        return f"{self._objects}/{quote(key, safe='')}"

    def _check(self, response: httpx.Response, key: str) -> None:
        match response.status_code:
            case 404:
                raise ObjectMissing(key, self._where)
            case 401 | 403:
                raise BucketDenied(f"{self._where}: access to {key!r} is denied")
            case _:
                response.raise_for_status()

    @contextmanager
    def _errors(self, key: str) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPError as error:
            about = f"{self._where}: {key!r}" if key else self._where
            raise BucketUnavailable(f"{about}: {error}") from error


def _file_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _describe(item: Mapping[str, Any]) -> StoredObject:
    modified = datetime.fromisoformat(item["updated"])
    return StoredObject(item["name"], int(item["size"]), modified, item.get("etag"))
