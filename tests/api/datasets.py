"""Requests about datasets as the official clients send them, and a few of ours."""

from __future__ import annotations

import base64
import io
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
from PIL import Image

from api.waiting import wait_until

if TYPE_CHECKING:
    from api.conftest import Raw

ENDED = ("completed", "failed", "canceled")
FAMILIES = ("v2", "revision")
_numbers = itertools.count(1)


@cache
def picture(number: int = 0) -> bytes:
    """Return a JPEG; each number is another one."""
    output = io.BytesIO()
    color = (number % 256, number // 256 % 256, 90)
    Image.new("RGB", (64, 48), color).save(output, "JPEG")
    return output.getvalue()


def unique_name() -> str:
    """Return the name of a dataset that no other test uses."""
    return f"dataset-{next(_numbers)}"


@dataclass(frozen=True)
class DatasetApi:
    """Calls about one dataset; what is not said is asked of the newest revision."""

    raw: Raw
    id: str
    name: str

    @classmethod
    def new(cls, raw: Raw, **fields: Any) -> DatasetApi:
        name = fields.pop("name", None) or unique_name()
        made = raw("POST", "datasets-v2", json={"name": name, **fields})
        assert made.status_code == 200, made.text
        return cls(raw, made.json()["id"], name)

    def call(self, verb: str, path: str = "", **options: Any) -> httpx.Response:
        return self.raw(verb, f"datasets-v2/{self.id}{path}", **options)

    def shown(self) -> dict[str, Any]:
        return ok(self.call("GET"))

    def add(
        self, name: str, data: bytes | None = None, family: str = "revision", **fields: Any
    ) -> Any:
        """Create an object; return its JSON."""
        return ok(self.try_add(name, picture() if data is None else data, family, **fields))

    def try_add(
        self, name: str, data: bytes, family: str = "revision", **fields: Any
    ) -> httpx.Response:
        body = {"filePath": base64.b64encode(data).decode(), **fields}
        if family == "v2":
            body = {"dataset": self.name, "name": name, **body}
            return self.raw("POST", "dataset-objects-v2", json=body)
        body = {"datasetName": self.name, "objectName": name, **body}
        return self.raw("POST", "dataset-revision-objects", json=body)

    def change(self, name: str, family: str = "revision", **fields: Any) -> dict[str, Any]:
        return ok(self.try_change(name, family, **fields))

    def try_change(self, name: str, family: str = "revision", **fields: Any) -> httpx.Response:
        path = {"v2": "dataset-objects-v2", "revision": "dataset-revision-objects"}[family]
        return self.raw("PUT", path, json={"datasetId": self.id, "objectName": name, **fields})

    def path_of(self, name: str, family: str = "revision", *, encoded: bool = True) -> str:
        shown = quote(name, safe="" if encoded else "/")
        if family == "v2":
            return f"datasets-v2/{self.id}/objects/{shown}"
        return f"dataset-revision-objects/datasets/{self.id}/objects/{shown}"

    def find(self, name: str, family: str = "revision", **query: str) -> httpx.Response:
        return self.raw("GET", self.path_of(name, family), params=query)

    def remove(self, name: str) -> None:
        assert self.raw("DELETE", self.path_of(name)).status_code == 204

    def try_list(
        self, family: str = "revision", signed: bool = False, **query: Any
    ) -> httpx.Response:
        path, key = {
            "v2": ("dataset-objects-v2", "dataset"),
            "revision": ("dataset-revision-objects", "datasetName"),
        }[family]
        params = {key: self.name, "offset": 0, "limit": 1000, **query}
        return self.raw("GET", path + "/signed-urls" * signed, params=params)

    def objects(self, family: str = "revision", signed: bool = False, **query: Any) -> Any:
        """Return objects, all of a small dataset."""
        return ok(self.try_list(family, signed, **query))

    def names(self, **query: Any) -> list[str]:
        return [each["name"] for each in self.objects(**query)]

    def revisions(self, **query: Any) -> list[dict[str, Any]]:
        """Return revisions, newest first."""
        return ok(self.call("GET", "/revisions", params=query))

    def head(self) -> dict[str, Any]:
        return self.revisions(limit=1)[0]

    def diff(self, base: str, target: str = "latest", **query: Any) -> dict[str, Any]:
        return ok(self.call("GET", "/diff", params={"base": base, "target": target, **query}))

    def job(self, job_id: str) -> dict[str, Any]:
        return ok(self.call("GET", f"/jobs/{job_id}"))

    def restore(self, **body: Any) -> dict[str, Any]:
        """Restore a revision; return its job when it has ended."""
        return self.ended(ok(self.call("POST", "/restore", json=body)))

    def ended(self, job: dict[str, Any]) -> dict[str, Any]:
        """Return a job when it has ended."""
        wait_until(lambda: self.job(job["id"])["status"] in ENDED, f"the end of {job}")
        return self.job(job["id"])

    def start_push(self, key: str = "k", **fields: Any) -> dict[str, Any]:
        return ok(self.call("POST", "/pushes", json={"key": key, **fields}))

    def bring(
        self, push_id: str, objects: Sequence[Any], *files: bytes, removed: Sequence[str] = ()
    ) -> httpx.Response:
        """Bring objects of a push, with files of those that have `hasFile`."""
        body = json.dumps({"objects": objects, "removed": removed})
        parts: list[Any] = [("request", (None, body, "application/json"))]
        parts += [("contents", (f"{number}", data)) for number, data in enumerate(files)]
        return self.call("POST", f"/pushes/{push_id}/objects", files=parts)

    def commit(self, push_id: str) -> dict[str, Any]:
        """Commit a push; return its job when it has ended."""
        return self.ended(ok(self.call("POST", f"/pushes/{push_id}/commit")))


def ok(response: httpx.Response) -> Any:
    assert response.status_code == 200, (response.request.url, response.text)
    return response.json()


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Return status and message of an answer."""
    return response.status_code, response.json()["message"]
