"""Cuts a file as a job does: planned, kept as JSON, written, measured, checked."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastlabel.modalities.objects import object_rule
from fastlabel_server.media import PROBES, SPLITTERS

MAX_PIXELS = 10**9


@dataclass(frozen=True)
class Part:
    data: bytes
    media: dict[str, Any]
    place: dict[str, Any]


def measured(kind: str, data: bytes, name: str) -> dict[str, Any]:
    rule = object_rule(name, len(data))
    return PROBES[kind].measure(io.BytesIO(data), name, rule, MAX_PIXELS).media


def split(
    kind: str, data: bytes, name: str, folder: Path, first: int = 1, **how: Any
) -> list[Part]:
    """Return the parts of a file from the first wanted one on."""
    splitter = SPLITTERS[kind]
    plan = json.loads(json.dumps(splitter.plan(io.BytesIO(data), name, how)))
    parts = []
    paths = splitter.write(io.BytesIO(data), name, plan, first, places(folder))
    for number, path in enumerate(paths, start=first):
        part = path.read_bytes()
        path.unlink()
        media = measured(kind, part, name)
        splitter.check(plan, number, media)
        parts.append(Part(part, media, splitter.place(plan, number)))
    assert list(folder.iterdir()) == []
    return parts


def places(folder: Path) -> Callable[[], Path]:
    folder.mkdir(exist_ok=True)
    numbers = itertools.count()
    return lambda: folder / str(next(numbers))
