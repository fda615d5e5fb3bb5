"""JSON files: read whole, and written as `json.dump(..., indent=4, ensure_ascii=False)` does.

With an indent the standard library leaves its C encoder for one in Python, which takes most
of the time of a large export. Here the caller lays out its objects itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from fastlabel.exceptions import FastLabelInvalidException

BREAKS = ["\n" + "    " * depth for depth in range(8)]
compact = json.JSONEncoder(ensure_ascii=False).encode


def value_text(value: object, depth: int) -> str:
    """Return any JSON value for a place `depth` levels down."""
    text = json.dumps(value, indent=4, ensure_ascii=False)
    # A line break inside a string is written as an escape, so each one here is layout.
    return text.replace("\n", BREAKS[depth])


def numbers_text(numbers: Sequence[float], depth: int) -> str:
    """Return a list of finite numbers for a place `depth` levels down."""
    # str and not repr: numpy's floats are floats, but their repr names their type.
    return list_text(map(str, numbers), depth) if numbers else "[]"


def list_text(items: Iterable[str], depth: int) -> str:
    """Return a list of texts that were made for `depth` + 1; there must be one."""
    pad = BREAKS[depth]
    return f"[{pad}    {f',{pad}    '.join(items)}{pad}]"


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


def parse_file(source: Path) -> Any:
    """Return what a JSON file holds.

    Raises:
        ValueError: no such file, or it is no JSON; does not name the file.
    """
    try:
        return json.loads(source.read_bytes())
    except OSError as error:
        raise ValueError(f"cannot be read: {error}") from error
    except RecursionError:
        raise ValueError("no JSON: nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"no JSON: {error}") from error
