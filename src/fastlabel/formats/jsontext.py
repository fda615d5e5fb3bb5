"""JSON files: read whole, and written as `json.dump(..., indent=4, ensure_ascii=False)` does.

With an indent the standard library leaves its C encoder for one in Python, which takes most
of the time of a large export. Here the caller lays out its objects itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from fastlabel.exceptions import FastLabelInvalidException

BREAKS = ["\n" + "    " * depth for depth in range(8)]
_LISTS = [(f"[{pad}    ", f",{pad}    ", f"{pad}]") for pad in BREAKS]
compact = json.JSONEncoder(ensure_ascii=False).encode


@lru_cache(maxsize=4096)
def string_text(text: str) -> str:
    """Return a text that comes often, such as the value of a class."""
    return compact(text)


def value_text(value: object, depth: int) -> str:
    """Return any JSON value for a place `depth` levels down."""
    text = json.dumps(value, indent=4, ensure_ascii=False)
    # A line break inside a string is written as an escape, so each one here is layout.
    return text.replace("\n", BREAKS[depth])


def digits_text(digits: str, depth: int) -> str:
    """Return a list for a place `depth` levels down, of its numbers with "," between them."""
    if not digits:
        return "[]"
    opening, comma, closing = _LISTS[depth]
    return f"{opening}{digits.replace(',', comma)}{closing}"


def digits_of(lists: Sequence[Sequence[float]]) -> list[str]:
    """Return the finite numbers of each list as text, with "," between them.

    One call for many lists takes less time than many.
    """
    return _digits(lists)[2:-2].split("],[")


def pairs_text(numbers: Sequence[float], depth: int) -> str:
    """Return a list of pairs [x, y] of finite numbers for a place `depth` levels down."""
    if not numbers:
        return "[]"
    opening, comma, closing = _LISTS[depth]
    inner_opening, inner_comma, inner_closing = _LISTS[depth + 1]
    text = _digits(list(zip(numbers[0::2], numbers[1::2], strict=True)))
    inner = (
        text[2:-2]
        .replace("],[", ";")
        .replace(",", inner_comma)
        .replace(";", f"{inner_closing}{comma}{inner_opening}")
    )
    return f"{opening}{inner_opening}{inner}{inner_closing}{closing}"


def _digits(values: Sequence[Any]) -> str:
    """Return lists of finite numbers as JSON without spaces.

    Numbers are written as Python does.
    """
    try:
        text = orjson.dumps(values).decode()
        # Exponents begin elsewhere and are written otherwise: 0.00001 for 1e-05, 1e16 for 1e+16.
        if "e" not in text and "0.0000" not in text:
            return text
    except TypeError:  # numbers of numpy, or beyond 64 bits
        pass
    return _slow_digits(values)


def _slow_digits(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_slow_digits, value))}]"
    # str and not repr: numpy's floats are floats, but their repr names their type.
    return str(value)


def list_text(items: Iterable[str], depth: int) -> str:
    """Return a list of texts that were made for `depth` + 1; there must be one."""
    opening, comma, closing = _LISTS[depth]
    return f"{opening}{comma.join(items)}{closing}"


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
