"""Requests for datasets, and waiting for the jobs that they begin."""

from __future__ import annotations

import base64
import urllib.request
from dataclasses import dataclass
from typing import Any

import httpx

from api.conftest import Raw
from api.waiting import wait_until

ENDED = ("completed", "failed", "canceled")


@dataclass(frozen=True)
class DatasetCalls:
    """What tests ask of one dataset."""

    raw: Raw
    id: str
    name: str

    @classmethod
    def new(cls, raw: Raw, name: str) -> DatasetCalls:
        return cls(raw, _answer(raw("POST", "datasets-v2", json={"name": name}))["id"], name)

    def put(self, name: str, data: bytes, **fields: Any) -> dict[str, Any]:
        """Put a file into the dataset."""
        file = base64.b64encode(data).decode()
        body = {"datasetName": self.name, "objectName": name, "filePath": file, **fields}
        return _answer(self.raw("POST", "dataset-revision-objects", json=body))

    def change(self, name: str, **fields: Any) -> dict[str, Any]:
        body = {"datasetId": self.id, "objectName": name, **fields}
        return _answer(self.raw("PUT", "dataset-revision-objects", json=body))

    def objects(self, **query: Any) -> list[dict[str, Any]]:
        query = {"datasetName": self.name, **query}
        return _answer(self.raw("GET", "dataset-revision-objects/signed-urls", params=query))

    def object(self, name: str) -> dict[str, Any]:
        return next(one for one in self.objects() if one["name"] == name)

    def revisions(self) -> list[dict[str, Any]]:
        return _answer(self.raw("GET", f"datasets-v2/{self.id}/revisions"))

    def ask(self, path: str, body: Any, **options: Any) -> httpx.Response:
        return self.raw("POST", f"datasets-v2/{self.id}/{path}", json=body, **options)

    def do(self, path: str, **body: Any) -> dict[str, Any]:
        """Begin a job; return it when it has ended well."""
        job = self.wait(_answer(self.ask(path, body))["id"])
        assert job["status"] == "completed", job
        return job

    def wait(self, job_id: str) -> dict[str, Any]:
        wait_until(lambda: self.job(job_id)["status"] in ENDED, f"the end of {job_id}")
        return self.job(job_id)

    def job(self, job_id: str) -> dict[str, Any]:
        return _answer(self.raw("GET", f"datasets-v2/{self.id}/jobs/{job_id}"))


def counts(job: dict[str, Any]) -> dict[str, int]:
    """Return what a job's report counts and is not 0; each object has one outcome."""
    report = job["report"]
    outcomes = ("created", "changed", "unchanged", "taken", "passedOver", "failed")
    assert sum(report[name] for name in outcomes) == job["done"] == job["total"]
    return {name: count for name, count in report.items() if isinstance(count, int) and count}


def content_of(url: str) -> bytes:
    """Return the bytes behind a signed URL, asked for without a token."""
    with urllib.request.urlopen(url) as answer:
        found: bytes = answer.read()
        return found


def _answer(response: httpx.Response) -> Any:
    assert response.status_code == 200, response.text
    return response.json()
