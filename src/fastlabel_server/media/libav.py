"""Files opened with libav: what goes wrong there, and how much it may read.

libav is imported where it is used: it takes more time and memory than the server has when it
starts.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

from fastlabel.modalities import FileError

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
StreamT = TypeVar("StreamT", bound="Stream")

MAX_PIXELS = 139_264 * 16 * 16
"""Of a picture of a video: the largest level of H.264, 6.2, has so many macroblocks."""
_OPEN_FILES = threading.BoundedSemaphore(4)
"""A hostile file may cost some 200 MB, so only a few are looked into at a time."""
_BUFFER_BYTES = 256 * 1024
_MAX_STREAMS = 64
_SHARED = "its parts share their bytes: together they are far larger than the file"


@contextmanager
def opened(source: BinaryIO, name: str, demuxer: str, what: str) -> Iterator[InputContainer]:
    """Open a file with one of libav's demuxers; no other file is ever opened for it.

    Raises:
        FileError: libav or Python found something wrong with the file; also in the block.
    """
    import av

    options = {
        "max_streams": str(_MAX_STREAMS),
        "max_pixels": str(MAX_PIXELS),
        "threads": "1",
        "protocol_whitelist": "",
    }
    with _OPEN_FILES:
        try:
            with av.open(
                _Allowance(source),
                format=demuxer,
                options=options,
                metadata_errors="replace",
                buffer_size=_BUFFER_BYTES,
            ) as container:
                yield cast("InputContainer", container)
        except FileError:
            raise
        except _TooMuch as error:
            raise FileError(f"{name}: {_SHARED}") from error
        except (av.FFmpegError, ValueError, ArithmeticError) as error:
            reason = error.strerror if isinstance(error, av.FFmpegError) else error
            raise FileError(f"{name}: the {what} is damaged: {reason}") from error


def only(container: InputContainer, stream: Stream, *more: Stream) -> None:
    """Have only the packets of some streams read, and the first decoded in this thread alone."""
    from av.stream import Discard

    for other in container.streams:
        if other is not stream and other not in more:
            other.discard = Discard.all
    stream.codec_context.thread_count = 1
    stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}


def packets_of(stream: StreamT, name: str) -> Iterator[Packet[StreamT]]:
    """Yield the packets of one stream.

    One without size is no picture and no sound: the last one asks a decoder for what it has
    left.

    Raises:
        FileError: together they are far larger than the file.
    """
    for packet in packets_of_all((stream,), name):
        yield cast("Packet[StreamT]", packet)


def packets_of_all(streams: Sequence[Stream], name: str) -> Iterator[Packet[Stream]]:
    """Yield the packets of streams of one file as they are stored; otherwise as `packets_of`."""
    container = cast("InputContainer", streams[0].container)
    left = _allowed_bytes(container.size)
    for packet in container.demux(*streams):
        left -= packet.size
        if left < 0:
            raise FileError(f"{name}: {_SHARED}")
        yield packet


def _allowed_bytes(size: int) -> int:
    """Return how much may be read of a file of some size: index and content are read in turns."""
    return 4 * size + 64 * 1024 * 1024


class _TooMuch(Exception):
    """More was read than is allowed."""


class _Allowance:
    """A file of which only so much may be read: samples may claim the same bytes many times."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._left = _allowed_bytes(source.seek(0, io.SEEK_END))
        source.seek(0)

    def read(self, count: int) -> bytes:
        data = self._source.read(count)
        self._left -= len(data)
        if self._left < 0:
            raise _TooMuch
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._source.seek(offset, whence)

    def tell(self) -> int:
        return self._source.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False
