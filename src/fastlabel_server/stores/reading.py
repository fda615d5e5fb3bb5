"""Objects of a store as seekable files, read in parts."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, cast

BUFFER_BYTES = 1024 * 1024


class _Ranges(io.RawIOBase):
    """A file whose every read asks for a range of bytes."""

    def __init__(self, size: int, stream: Callable[[int, int], Iterator[bytes]]) -> None:
        self._size = size
        self._stream = stream
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        end = min(self._size, self._position + len(buffer))
        if end <= self._position:
            return 0
        data = b"".join(self._stream(self._position, end))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


def seekable(size: int, stream: Callable[[int, int], Iterator[bytes]]) -> BinaryIO:
    """Return an object of `size` bytes as a file; `stream` gives the bytes of a range.

    What is held in memory is one buffer of `BUFFER_BYTES`, which small reads share.
    """
    return cast(BinaryIO, io.BufferedReader(_Ranges(size, stream), BUFFER_BYTES))
