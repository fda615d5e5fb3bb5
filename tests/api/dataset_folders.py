"""Folders of small pictures that stand for datasets, and what tells two of them apart."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from fastlabel import Client

LISTING = "annotations.json"


def picture(number: int) -> bytes:
    """Return a PNG that no other number gives."""
    color = (number % 256, number // 256 % 256, number // 65_536)
    output = io.BytesIO()
    Image.new("RGB", (4, 4), color).save(output, "PNG")
    return output.getvalue()


def write(folder: Path, files: Mapping[str, int | bytes]) -> Path:
    """Write pictures by their numbers, or other files by their bytes."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(content) if isinstance(content, int) else content)
    return folder


def read(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder, but not its listing and its state."""
    return {
        name: path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not (name := path.relative_to(folder).as_posix()).startswith(".fastlabel/")
        and name != LISTING
    }


def entries(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the entries of a folder's listing by their names, each of which comes once."""
    listed = json.loads((folder / LISTING).read_text(encoding="utf-8"))
    found = {entry["name"]: entry for entry in listed}
    assert len(found) == len(listed)
    return found


def change_entries(folder: Path, changes: Mapping[str, Mapping[str, Any]]) -> None:
    """Change what a listing says of objects; those that it lacks are added."""
    path = folder / LISTING
    found = entries(folder) if path.exists() else {}
    for name, change in changes.items():
        found[name] = {"name": name, **found.get(name, {}), **change}
    path.write_text(json.dumps(list(found.values()), indent=2), encoding="utf-8")


def objects(client: Client, dataset: str, **filters: Any) -> dict[str, Any]:
    """Return the objects of a dataset by their names."""
    return {one["name"]: one for one in client.iter_dataset_objects(dataset, **filters)}


def revisions(client: Client, dataset: str) -> list[dict[str, Any]]:
    """Return the revisions of a dataset, oldest first, without the empty one at its beginning."""
    found = client.iter_dataset_revisions(id_of(client, dataset))
    return list(found)[-2::-1]  # type: ignore[return-value]


def id_of(client: Client, dataset: str) -> str:
    """Return the id of the dataset with a name."""
    found = client.find_dataset_by_name(dataset)
    assert found is not None
    return found["id"]
