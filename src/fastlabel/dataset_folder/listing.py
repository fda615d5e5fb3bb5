"""`annotations.json`: what the objects of a folder have beside their files.

A JSON list with an entry for each object: `name`, `annotations`, `customMetadata`, `tags` and
`object_type`, and in a folder that is pulled `licenses` too. Those are written with an entry a
line, so that a million of them need not be in memory at once; any other form of the same JSON
is read as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import orjson

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.jsontext import laid_out

SENT_AS: Final = {
    "annotations": "annotations",
    "customMetadata": "customMetadata",
    "tags": "tags",
    "object_type": "type",
    "licenses": "licenses",
}
"""Fields of an entry, and what the API calls them."""
DOCUMENTED: Final = ("annotations", "customMetadata", "tags", "object_type")
_UNKNOWN_NUMBER: Final = -1
_DEFAULTS: Final[Mapping[str, Any]] = {
    "points": [],
    "attributes": [],
    "keypoints": [],
    "rotation": 0,
    "confidenceScore": _UNKNOWN_NUMBER,
}
_MADE_UP: Final = ("id", "title", "color")
"""What the server gives an annotation that has none of its own."""


def entry_of(found: Mapping[str, Any], fields: Iterable[str] = SENT_AS) -> dict[str, Any]:
    """Return the entry of an object as the API shows it."""
    return {"name": found["name"], **{field: found[SENT_AS[field]] for field in fields}}


def fields_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an entry says of its object, under the names of the API.

    Raises:
        ValueError: says what is wrong with the entry.
    """
    for field in entry:
        if field not in SENT_AS and field != "name":
            raise ValueError(f"{field[:80]}: no such field")
    return {SENT_AS[field]: value for field, value in entry.items() if field != "name"}


def shown_fields(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an object as the API shows it has beside its file."""
    return {field: found[field] for field in SENT_AS.values()}


def digest_of(fields: Mapping[str, Any]) -> bytes:
    """Return what tells fields from others."""
    return hashlib.sha256(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)).digest()[:16]


def is_shown_as(fields: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Tell whether an object as the API shows it has the fields that are given."""
    for field, value in fields.items():
        if value is None:
            continue
        if field == "annotations":
            shown = found[field]
            if len(value) != len(shown) or not all(map(_is_shown_as, value, shown)):
                return False
        elif value != found[field]:
            return False
    return True


def _is_shown_as(annotation: Any, shown: Mapping[str, Any]) -> bool:
    if not isinstance(annotation, Mapping):
        return False
    given = {key: value for key, value in annotation.items() if value is not None}
    for key, value in shown.items():
        if key in given:
            if given[key] != value:
                return False
        elif key not in _MADE_UP and _DEFAULTS.get(key) != value:
            return False
    return True


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the entries of a listing; there are none where there is no file.

    Raises:
        FastLabelInvalidException: it is no JSON list of objects with names.
    """
    if not path.exists():
        return
    count = 0
    try:
        for entry in _by_line(path):
            yield _checked(entry, path, count)
            count += 1
        return
    except orjson.JSONDecodeError:
        # Some other tool wrote it, as a whole.
        pass
    try:
        whole = json.loads(path.read_bytes())
    except ValueError as error:
        raise FastLabelInvalidException(f"{path}: no JSON: {error}", 422) from error
    if not isinstance(whole, list):
        raise FastLabelInvalidException(f"{path}: expected a list of entries", 422)
    for index in range(count, len(whole)):
        yield _checked(whole[index], path, index)


def _by_line(path: Path) -> Iterator[Any]:
    """Yield the entries of a list that has one a line, as `writing_lines` makes it."""
    with path.open("rb") as file:
        if file.readline().strip() != b"[":
            raise orjson.JSONDecodeError("not an entry a line", "", 0)
        for line in file:
            text = line.strip()
            if text == b"]":
                if file.read().strip():
                    raise orjson.JSONDecodeError("there is more", "", 0)
                return
            yield orjson.loads(text.removesuffix(b","))
    raise orjson.JSONDecodeError("cut off", "", 0)


def _checked(entry: Any, path: Path, index: int) -> dict[str, Any]:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise FastLabelInvalidException(f"{path}: [{index}]: expected an object with a name", 422)
    return entry


class Lines:
    """A listing that is being written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._is_empty = True

    def add(self, entry: bytes) -> None:
        """Add an entry, as the line of JSON that it is."""
        self._file.write(b"[\n" if self._is_empty else b",\n")
        self._file.write(entry)
        self._is_empty = False

    def end(self) -> None:
        self._file.write(b"[\n]\n" if self._is_empty else b"\n]\n")


@contextmanager
def writing_lines(path: Path, part: Path) -> Iterator[Lines]:
    """Write a listing with an entry a line, which takes its place when the block ends well."""
    with part.open("wb") as file:
        lines = Lines(file)
        yield lines
        lines.end()
    part.replace(path)


def rewrite(path: Path, part: Path, changed: Mapping[str, bytes | None]) -> None:
    """Write a listing anew with changed lines in their places, new ones at the end.

    Args:
        changed: the lines by the names of objects; None takes an entry out.
    """
    left = dict(changed)
    with writing_lines(path, part) as lines:
        for entry in read(path):
            name = entry["name"]
            line = left.pop(name, None) if name in changed else line_of(entry)
            if line is not None:
                lines.add(line)
        for line in left.values():
            if line is not None:
                lines.add(line)


def line_of(entry: Mapping[str, Any]) -> bytes:
    """Return the JSON of an entry, in one line."""
    return orjson.dumps(entry)


def line_of_fields(name: str, fields: Mapping[str, Any]) -> bytes:
    """Return the line of an object of which only some fields are known."""
    known = {entry: fields[field] for entry, field in SENT_AS.items() if field in fields}
    return line_of({"name": name, **known})


def write_documented(path: Path, found: Iterable[Mapping[str, Any]]) -> None:
    """Write the entries of objects in the documented form.

    Entries that are there already stay in front, but those of the same objects are replaced.
    """
    new = {one["name"]: entry_of(one, DOCUMENTED) for one in found}
    kept = [entry for entry in read(path) if entry["name"] not in new]
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(laid_out([*kept, *new.values()]))
    part.replace(path)
