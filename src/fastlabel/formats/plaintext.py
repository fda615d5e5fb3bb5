"""Plain texts: their encodings, and the numbers that are written in them."""

from __future__ import annotations

import codecs
import math
from pathlib import Path
from typing import Final

from fastlabel.exceptions import FastLabelInvalidException

# A mark says how a text is encoded; the one of UTF-8 is no part of the text either.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decoded(data: bytes, name: str) -> str:
    """Return the text of a file in UTF-8, UTF-16 with a mark, or Shift_JIS, without its mark.

    Raises:
        FastLabelInvalidException: none of them; names the byte.
    """
    mark, encoding = next((each for each in _MARKS if data.startswith(each[0])), (b"", "utf-8"))
    data = data[len(mark) :]
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8":
            try:
                return data.decode("cp932")  # Shift_JIS as Windows writes it
            except UnicodeDecodeError:
                pass
        raise FastLabelInvalidException(
            f"{name}: not a text in {encoding.upper()}: {error.reason} at byte {error.start:,}",
            422,
        ) from error


def read_text(path: Path) -> str:
    """Return the text of a file, as `decoded` does.

    Raises:
        FastLabelInvalidException: there is no such file, or it is no text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FastLabelInvalidException(f"{path}: cannot be read: {error}", 422) from error
    return decoded(data, str(path))


def finite_number(text: str, where: str) -> float:
    """Return the number that a text stands for.

    Raises:
        ValueError: it is none, or not finite; names `where` and the text.
    """
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{where}: expected a number, got {text!r}") from None
    if not math.isfinite(number):
        raise ValueError(f"{where}: expected a finite number, got {text!r}")
    return number
