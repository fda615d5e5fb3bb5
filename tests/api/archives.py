"""ZIPs on their way to an import, step by step as any client of the API takes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from api.conftest import Raw
from media.scans import zipped


def ask_for_url(raw: Raw, project: str, file_name: str = "scan.zip") -> dict[str, str]:
    """Return where the file goes and the key of it."""
    query = {"project": project, "fileName": file_name, "fileType": "application/zip"}
    response = raw("GET", "files", params=query)
    assert response.status_code == 200, response.text
    target: dict[str, str] = response.json()
    return target


def put(raw: Raw, url: str, data: bytes, file_name: str = "scan.zip") -> httpx.Response:
    """PUT a file as the official client does: as a form, without a token."""
    return raw.http.put(url, files={"file": (file_name, data, "application/zip")})


def upload(raw: Raw, project: str, data: bytes, file_name: str = "scan.zip") -> str:
    """Return the key of an uploaded file."""
    target = ask_for_url(raw, project, file_name)
    response = put(raw, target["url"], data, file_name)
    assert response.status_code == 200, response.text
    return target["name"]


def saved(folder: Path, name: str, files: Mapping[str, bytes]) -> Path:
    """Write a ZIP of files by their names, and return its path."""
    path = folder / name
    path.write_bytes(zipped(files))
    return path


def import_of(client: Any, begun: Any) -> Any:
    """Return an import as it ended, be it well or not."""
    from api.waiting import wait_until

    def is_over() -> bool:
        return client.find_history(begun["id"])["status"] not in ("pending", "running")

    wait_until(is_over, f"the end of import {begun['id']}")
    return client.find_history(begun["id"])
