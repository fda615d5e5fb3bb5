"""Telemetry: JSON, a list of the frames of an episode.

Frames are read one after another with the standard library's reader, which is written in C:
memory holds a piece of the text and one frame, however long the episode is.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from fastlabel.modalities import FileError, FileRule
from fastlabel_server.media.base import Measured, Probe

MEDIA_TYPE = "application/json"
MAX_FRAME_CHARACTERS = 4 * 1024 * 1024
"""Of one frame: joints and motors take some hundred."""
_PIECE_BYTES = 1024 * 1024
_SPACE = " \t\n\r"


def measure(source: BinaryIO, name: str, rule: FileRule, max_pixels: int) -> Measured:
    """Return the number of frames.

    Raises:
        FileError: no JSON, no list, or something in it is no object.
    """
    source.seek(0)
    frames = 0
    try:
        for frame in _items(_Text(source)):
            if not isinstance(frame, dict):
                raise ValueError(f"[{frames}]: expected an object, got {str(frame)[:40]!r}")
            frames += 1
    except (ValueError, RecursionError) as error:
        raise FileError(f"{name}: expected a list of frames as JSON: {error}") from error
    return Measured(MEDIA_TYPE, {"frames": frames})


class _Text:
    """The text of a file from a position on, read as it is needed."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.text = ""
        self.position = 0
        self.is_whole = False
        """All of the file has been read."""

    def more(self) -> None:
        """Read a further piece, and forget what lies before the position."""
        data = self._source.read(_PIECE_BYTES)
        self.is_whole = not data
        self.text = self.text[self.position :] + self._decoder.decode(data, final=not data)
        self.position = 0

    def next(self) -> str:
        """Return the next character that is no space, "" at the end."""
        while True:
            while self.position < len(self.text):
                if self.text[self.position] not in _SPACE:
                    return self.text[self.position]
                self.position += 1
            if self.is_whole:
                return ""
            self.more()

    def expect(self, characters: str) -> str:
        """Go past the next character, which is one of these."""
        found = self.next()
        if not found or found not in characters:
            raise ValueError(f"expected {' or '.join(characters)}, got {found or 'the end'}")
        self.position += 1
        return found


def _items(text: _Text) -> Iterator[Any]:
    """Yield the items of the list that a text is.

    Raises:
        ValueError: the text is no JSON, no list, or has an item that is too long.
    """
    decoder = json.JSONDecoder(parse_constant=_refuse)
    text.expect("[")
    if text.next() == "]":
        text.position += 1
    else:
        while True:
            yield _item(text, decoder)
            if text.expect(",]") == "]":
                break
    if text.next():
        raise ValueError("something follows the list")


def _item(text: _Text, decoder: json.JSONDecoder) -> Any:
    text.next()
    while True:
        try:
            item, end = decoder.raw_decode(text.text, text.position)
        except ValueError:
            if text.is_whole:
                raise
        else:
            # A number at the end of what was read may go on behind it.
            if end < len(text.text) or text.is_whole:
                text.position = end
                return item
        if len(text.text) - text.position > MAX_FRAME_CHARACTERS:
            raise ValueError("a frame is no JSON, or too long")
        text.more()


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


PROBE = Probe((MEDIA_TYPE,), measure)
