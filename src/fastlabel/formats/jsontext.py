"""JSON files: read whole, and laid out as by `json.dump(..., indent=4, ensure_ascii=False)`.

With an indent the standard library leaves its C encoder for one in Python, which takes most
of the time of a large export. Here orjson makes the text and msgspec lays it out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import orjson

from fastlabel.exceptions import FastLabelInvalidException

compact = json.JSONEncoder(ensure_ascii=False).encode

_BEFORE_ITEMS = len('{\n    "": [')
_BEHIND_ITEMS = len("\n    ]\n}")


def laid_out(value: object) -> bytes:
    """Return any JSON value, indented by 4; its numbers may be those of numpy.

    Very small numbers have other exponents than Python writes, `1e-9` for `1e-09`.

    Raises:
        TypeError: something in it has no form in JSON; shows it.
    """
    try:
        text = orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
    except TypeError:  # such as integers beyond 64 bits
        return json.dumps(value, indent=4, ensure_ascii=False, default=_of_numpy).encode()
    return msgspec.json.format(text, indent=4)


def _of_numpy(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{value!r} has no form in JSON")


def write_list(file: BinaryIO, lists: Iterable[Sequence[object]]) -> None:
    """Write what many lists hold as one, behind a key of the outermost object."""
    separator = b"["
    for items in lists:
        if items:
            # Behind a key they are as far to the right as they have to be.
            file.write(separator + laid_out({"": items})[_BEFORE_ITEMS:-_BEHIND_ITEMS])
            separator = b","
    file.write(b"\n    ]" if separator == b"," else b"[]")


def whole_number(value: float) -> float:
    """Return a number of whole value as an int, which JSON shows without `.0`."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def load_json(source: Path) -> Any:
    """Return what a JSON file holds.

    Raises:
        FastLabelInvalidException: no such file, or it is no JSON.
    """
    try:
        return parse_file(source)
    except ValueError as error:
        raise FastLabelInvalidException(f"{source}: {error}", 422) from error


def parse_file(source: Path | str) -> Any:
    """Return what a JSON file holds.

    Raises:
        ValueError: no such file, or it is no JSON; does not name the file.
    """
    try:
        with open(source, "rb") as file:  # noqa: PTH123 - half as long as through Path
            content = file.read()
    except OSError as error:
        raise ValueError(f"cannot be read: {error}") from error
    try:
        return orjson.loads(content)
    except ValueError:
        pass  # NaN, which Python's own writer makes, or no JSON at all: that parser says where
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("no JSON: nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"no JSON: {error}") from error
