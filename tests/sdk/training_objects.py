"""One small dataset, on a server and in a folder as it is pulled."""

from __future__ import annotations

import base64
import io
import itertools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from fastlabel import Client
from media_files import sample

ORIENTATION = 0x0112
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Sample:
    """An object of the dataset."""

    name: str
    data: bytes
    fields: dict[str, Any]


def png(size_wh: tuple[int, int], color: str = "#ff0000", turned: int = 1) -> bytes:
    """Return a PNG of one colour, whose EXIF data say how it is turned."""
    output = io.BytesIO()
    exif = Image.Exif()
    exif[ORIENTATION] = turned
    Image.new("RGB", size_wh, color).save(output, "PNG", exif=exif)
    return output.getvalue()


def bbox(value: str, points: list[float], **fields: Any) -> dict[str, Any]:
    return {"type": "bbox", "value": value, "points": points, **fields}


def classification(value: str, **fields: Any) -> dict[str, Any]:
    return {"type": "classification", "value": value, **fields}


NOSE = [{"key": "nose", "value": [12, 14, 1]}, {"key": "tail", "value": [30, 20, 0]}]
SAMPLES = (
    Sample(
        "garden/1.png",
        png((64, 48)),
        {
            "type": "train",
            "tags": ["day"],
            "licenses": ["MIT"],
            "annotations": [
                bbox("cat", [10, 12, 40, 30], keypoints=NOSE),
                bbox("ball", [50, 40, 44, 34]),
                classification("outside", attributes=[{"key": "light", "value": "sun"}]),
            ],
            "customMetadata": {"camera": "front"},
        },
    ),
    Sample(
        "garden/2.png",
        # Laid on its side by its EXIF data: shown it is 48 wide and 64 high.
        png((64, 48), "#00ff00", turned=6),
        {
            "type": "valid",
            "tags": ["day", "rain"],
            "annotations": [
                {"type": "polygon", "value": "dog", "points": [4, 4, 24, 4, 24, 44, 4, 44]},
                # The documentation's example, which is taken and lies nowhere.
                bbox("cat", [0]),
                {"type": "line", "value": "leash", "points": [1, 5, 30, 9]},
                classification("inside", attributes=[{"key": "light", "value": "lamp"}]),
            ],
        },
    ),
    Sample("3.png", png((30, 20), "#0000ff"), {"type": "train", "annotations": []}),
    Sample(
        "note.txt",
        "Tama 猫\n".encode(),
        {"annotations": [classification("letter")]},
    ),
    Sample(
        "purr.wav",
        sample(".wav"),
        {
            "annotations": [
                {"type": "segmentation", "value": "purr", "start": 0.1, "end": 0.25, "points": []}
            ]
        },
    ),
)


def create(client: Client, samples: tuple[Sample, ...] = SAMPLES) -> str:
    """Put the objects into a new dataset and return its name."""
    name = f"training-{next(_numbers)}"
    client.api.post_request("datasets-v2", {"name": name})
    for each in samples:
        add(client, name, each)
    return name


def add(client: Client, dataset: str, given: Sample) -> None:
    body = {
        "datasetName": dataset,
        "objectName": given.name,
        "filePath": base64.b64encode(given.data).decode(),
        **given.fields,
    }
    client.api.post_request("dataset-revision-objects", body)


def pull(folder: Path, samples: tuple[Sample, ...] = SAMPLES) -> Path:
    """Write the objects as section 5.8 of the contract says, and return the folder."""
    folder.mkdir()
    entries = []
    for each in samples:
        path = folder / each.name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(each.data)
        entries.append(
            {
                "name": each.name,
                "annotations": each.fields.get("annotations", []),
                "customMetadata": each.fields.get("customMetadata", {}),
                "tags": each.fields.get("tags", []),
                "object_type": each.fields.get("type", "none"),
            }
        )
    (folder / "annotations.json").write_text(
        json.dumps(entries, indent=4, ensure_ascii=False), encoding="utf-8"
    )
    return folder
