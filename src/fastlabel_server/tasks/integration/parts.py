"""The parts of a file that was split: tasks `PREFIX/1.EXT` to `PREFIX/N.EXT`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from fastlabel_server.errors import Invalid, NotFound

Annotation = dict[str, Any]
_NUMBERED: Final = re.compile(r"([1-9][0-9]{0,8})(\.[^./]+)")


@dataclass(frozen=True)
class Part:
    """A task that is a part, and what the probe found of its file."""

    annotations: Sequence[Annotation]
    media: Mapping[str, Any]


@dataclass(frozen=True)
class Grid:
    """How a picture was cut into tiles, row by row."""

    columns: int
    rows: int


@dataclass(frozen=True)
class Parts:
    """All parts of a file, in order."""

    name: str
    """Of the whole: the prefix with the extension of the parts."""
    parts: Sequence[Part]
    grid: Grid | None = None
    """As the split recorded it; None where nothing did."""


def numbered(prefix: str, names: Iterable[str]) -> tuple[list[str], str]:
    """Return those names that are parts, in order, and the extension of the first.

    Raises:
        NotFound: there are none.
        Invalid: one is missing, or there are two of a number.
    """
    found: dict[int, tuple[str, str]] = {}
    for name in names:
        match = _NUMBERED.fullmatch(name.removeprefix(f"{prefix}/"))
        if match is None:
            continue
        number = int(match[1])
        if number in found:
            raise Invalid(f"prefix: {name!r} and {found[number][0]!r} are both part {number}")
        found[number] = (name, match[2])
    if not found:
        raise NotFound(f"prefix: there is no task {prefix}/1, with an extension")
    for number in range(1, len(found) + 1):
        if number not in found:
            raise Invalid(f"prefix: part {number} of {prefix!r} is missing; {max(found)} is there")
    return [found[number][0] for number in sorted(found)], found[1][1]


def object_key(annotation: Annotation) -> bytes:
    """Return what all pieces of an object have in common: class, answers and rotation."""
    answers = sorted(
        (one["key"], orjson.dumps(one["value"]).decode()) for one in annotation["attributes"]
    )
    rotation = float(annotation["rotation"])
    return orjson.dumps((annotation["type"], annotation["value"], rotation, answers))
