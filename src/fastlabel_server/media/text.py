"""Text documents: which encoding they are in, how long they are, and their first lines small."""

from __future__ import annotations

import codecs
import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Final

from PIL import Image, ImageDraw, ImageFont

from fastlabel.modalities import FileError, FileRule
from fastlabel_server.media.base import THUMBNAIL_SIDE, Measured, Probe

MEDIA_TYPE: Final = "text/plain"
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""What a file begins with that says how it is encoded."""
UNMARKED: Final = ("utf-8", "cp932")
"""Tried in this order. Shift_JIS as Windows writes it; hardly a text in it is valid UTF-8."""
CHARSETS: Final = {"cp932": "shift_jis"}
"""Names for browsers, where they differ."""
# What terminals and old editors leave in texts beside the usual ones.
_CONTROLS: Final = frozenset(map(chr, range(32))) - frozenset("\t\n\v\f\r\x1a\x1b")
_PAGE_WH: Final = (240, THUMBNAIL_SIDE)
_MARGIN: Final = 16
_LINE: Final = 18
_LONGEST_LINE: Final = 80
"""Characters; of the narrowest ones no more fit."""
_LATIN: Final = 0x24F
"""The last letter that Pillow's own font has."""
_FONTS: Final = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/ipafont-gothic/ipag.ttf",
    "/usr/share/fonts/truetype/fonts-japanese-gothic.ttf",
    "/System/Library/Fonts/Hiragino Sans GB.ttc",
)
"""Fonts with Japanese, where systems keep them; Pillow's own has Latin letters only."""


def decoded(data: bytes, name: str = "text") -> tuple[str, str]:
    """Return the text of a file, without its mark, and its encoding.

    Positions of annotations count the code points of this text.

    Raises:
        FileError: no text, or in none of the encodings; says where and why.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding, name), encoding
    failed: FileError | None = None
    for encoding in UNMARKED:
        try:
            return _decoded(data, encoding, name), encoding
        except FileError as error:
            failed = failed or error
    assert failed is not None
    raise FileError(f"{failed}; nor is it Shift_JIS")


def _decoded(data: bytes, encoding: str, name: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileError(
            f"{name}: not a text in {encoding.upper()}: {error.reason} at byte {error.start:,}"
        ) from error
    for position, letter in enumerate(text) if not _CONTROLS.isdisjoint(text) else ():
        if letter in _CONTROLS:
            raise FileError(
                f"{name}: not a text: control character {letter!r} at character {position:,}"
            )
    return text


def measure(source: BinaryIO, name: str, rule: FileRule, max_pixels: int) -> Measured:
    """Return the encoding of a text and its length in code points.

    Raises:
        FileError: not a text.
    """
    text, encoding = decoded(source.read(rule.max_bytes + 1), name)
    charset = CHARSETS.get(encoding, encoding)
    return Measured(
        f"{MEDIA_TYPE}; charset={charset}", {"encoding": charset, "characters": len(text)}
    )


def thumbnail(source: BinaryIO, media: Mapping[str, Any], max_pixels: int) -> bytes:
    """Return the first lines as a small page, a WebP.

    Raises:
        FileError: not a text.
    """
    text, _ = decoded(source.read())
    page = Image.new("RGB", _PAGE_WH, "#fffdf8")
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, _PAGE_WH[0] - 1, _PAGE_WH[1] - 1), outline="#d9d4c7")
    font, has_all_letters = _font()
    room = _PAGE_WH[0] - 2 * _MARGIN
    y = _MARGIN
    for line in _wrapped(text, font, room, (_PAGE_WH[1] - 2 * _MARGIN) // _LINE):
        if has_all_letters or all(ord(letter) <= _LATIN for letter in line):
            draw.text((_MARGIN, y), line, fill="#33312c", font=font)
        else:
            # A bar as long as the words, where the font would show nothing but boxes.
            end = _MARGIN + min(room, round(font.getlength(line)))
            draw.rounded_rectangle((_MARGIN, y + 4, end, y + 11), 3, fill="#b9b3a4")
        y += _LINE
    output = io.BytesIO()
    page.save(output, "WEBP", quality=80, method=2)
    return output.getvalue()


def _wrapped(text: str, font: Any, width: int, lines: int) -> list[str]:
    """Return the first lines of a text, broken where they are too long for the page."""
    found: list[str] = []
    for paragraph in text[:2000].expandtabs(4).splitlines():
        rest = "".join(letter for letter in paragraph if letter.isprintable())
        while True:
            fitting = min(len(rest), _LONGEST_LINE)
            while fitting > 1 and font.getlength(rest[:fitting]) > width:
                fitting -= 1
            space = rest.rfind(" ", 0, fitting)
            if fitting < len(rest) and space > fitting // 2:
                fitting = space + 1
            found.append(rest[:fitting].rstrip())
            rest = rest[fitting:]
            if len(found) == lines:
                return found
            if not rest:
                break
    return found


@cache
def _font() -> tuple[Any, bool]:
    """Return a font, and whether it has more than Latin letters."""
    for path in _FONTS:
        if Path(path).exists():
            return ImageFont.truetype(path, 13), True
    return ImageFont.load_default(13), False


PROBE = Probe((MEDIA_TYPE,), measure, thumbnail)
