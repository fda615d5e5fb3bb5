"""Videos: MP4 files, their size as shown, their frames and the time of each."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from PIL import Image

from fastlabel.modalities import FileError, FileRule, listed
from fastlabel_server.media import h264, libav, mp4
from fastlabel_server.media.base import THUMBNAIL_SIDE, Measured, Probe
from fastlabel_server.media.containers import container_of, title_of

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video import VideoFrame, VideoStream

MEDIA_TYPE = "video/mp4"
CODECS = {"h264": ("H.264", "avc1"), "mpeg4": ("MPEG-4 part 2", "mp4v")}
"""By libav's names: how messages call them, and the name they have in an MP4."""
_WHAT = "video"
_TRIED_PIXELS = 100_000_000
"""The beginning of a video is decoded up to so many pixels."""
_TRIED_FRAMES = 120
_MAX_UNSHOWN = 600
"""Packets that may come before the first picture that can be shown."""


class Start(NamedTuple):
    """A key frame, with all that is shown before it stored before it, and the rest behind it."""

    stored_at: int
    """The decoding time of its packet, which no other packet has."""
    shown_at: int


@dataclass
class Scan:
    """What the packets of a video say; times are ticks of its time base."""

    time_base: Fraction
    size_wh: tuple[int, int]
    shown: list[int] = field(default_factory=list)
    """When each frame is shown, in the order they are stored in."""
    end: int = 0
    longest: int = 0
    """Duration of a packet at most."""
    declared: int = 0
    """Duration by the head of the file."""
    turns: int = 0
    """How often the pictures are turned by 90 degrees, against the clock."""
    starts: list[Start] = field(default_factory=list)
    """Key frames from which a video can be decoded, in the order they are stored in."""

    def duration(self) -> Fraction:
        """Return how many seconds the frames are shown together.

        How long the last one is shown, only the head of the file can tell if frames are
        stored in another order than shown. It is believed where it can be true.
        """
        first, last = min(self.shown), max(self.shown)
        counted = self.end - first
        is_credible = last - first < self.declared <= counted + self.longest
        return (self.declared if is_credible else counted) * self.time_base


def measure(source: BinaryIO, name: str, rule: FileRule, max_pixels: int) -> Measured:
    """Return the size, frame rate, number of frames and duration of a video.

    `width` and `height` are as shown, turned as the file says; `fps` is the average. Frames
    are counted by their packets and the structure of each is checked, while only the
    beginning is decoded: the pictures after it may be damaged where no structure is.

    Raises:
        FileError: not an MP4, another codec, damaged, cut off, or too large.
    """
    scan = scanned(source, name, rule.formats, min(max_pixels, libav.MAX_PIXELS))
    count = len(scan.shown)
    duration = scan.duration()
    if duration <= 0:
        raise FileError(f"{name}: the video is damaged: it has no duration")
    width, height = scan.size_wh
    if scan.turns % 2:
        width, height = height, width
    return Measured(
        MEDIA_TYPE,
        {
            "width": width,
            "height": height,
            "fps": float(count / duration),
            "frameCount": count,
            "duration": float(duration),
        },
    )


def frame_times(source: BinaryIO) -> list[float]:
    """Return when each frame of a video is shown, in seconds and in that order.

    Raises:
        FileError: not an MP4, another codec, damaged or cut off.
    """
    scan = scanned(source, "video", tuple(CODECS), libav.MAX_PIXELS)
    return [float(time * scan.time_base) for time in sorted(scan.shown)]


def thumbnail(source: BinaryIO, media: Mapping[str, Any], max_pixels: int) -> bytes:
    """Return the first frame as a WebP of at most 320 pixels a side, turned as it is shown.

    Raises:
        FileError: damaged, or too many pixels.
    """
    with opened(source, _WHAT, tuple(CODECS), min(max_pixels, libav.MAX_PIXELS)) as stream:
        for number, packet in enumerate(libav.packets_of(stream, _WHAT)):
            for frame in packet.decode():
                return _webp(frame)
            if number == _MAX_UNSHOWN:
                break
    raise FileError("the video is damaged: its first frames cannot be decoded")


def scanned(source: BinaryIO, name: str, formats: Sequence[str], max_pixels: int) -> Scan:
    """Read all packets of a video.

    Raises:
        FileError: not an MP4, another codec, damaged, cut off, or too large.
    """
    found = container_of(source)
    if found != "mp4":
        raise FileError(f"{name}: expected an MP4 video, got {title_of(found)}")
    with opened(source, name, formats, max_pixels) as stream:
        return _scan(stream, name)


@contextmanager
def opened(
    source: BinaryIO,
    name: str,
    formats: Sequence[str],
    max_pixels: int = libav.MAX_PIXELS,
    *,
    with_sound: bool = False,
) -> Iterator[VideoStream]:
    """Open the pictures of an MP4; nothing else is read of it, but maybe its sound.

    Raises:
        FileError: as `scanned` does; also in the block.
    """
    mp4.check(source, name, "MP4")
    source.seek(0)
    with libav.opened(source, name, "mov", _WHAT) as container:
        stream = _stream_of(container, name)
        _check_codec(stream, name, formats)
        _check_pixels(stream, name, max_pixels)
        libav.only(container, stream, *(container.streams.audio if with_sound else ()))
        yield stream


def _stream_of(container: InputContainer, name: str) -> VideoStream:
    """Return the first video of a file; the cover of a piece of music is none."""
    from av.stream import Disposition

    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            return stream
    raise FileError(f"{name}: the file has no video stream")


def _check_codec(stream: VideoStream, name: str, formats: Sequence[str]) -> None:
    context = stream.codec_context
    codec = context.codec.canonical_name if context else "an unknown codec"
    expected = listed(CODECS[one][0] for one in formats)
    if codec not in formats:
        raise FileError(f"{name}: expected {expected} video, got {codec}")
    tag = CODECS[codec][1]
    if context.codec_tag != tag:
        raise FileError(f"{name}: expected {expected} video as {tag}, got {context.codec_tag}")


def _check_pixels(stream: VideoStream, name: str, max_pixels: int) -> None:
    width, height = stream.codec_context.width, stream.codec_context.height
    if not width or not height:
        raise FileError(f"{name}: the video is damaged: its pictures have no size")
    if width * height > max_pixels:
        raise FileError(
            f"{name}: videos have up to {max_pixels:,} pixels, got {width:,} x {height:,}"
        )


def _scan(stream: VideoStream, name: str) -> Scan:
    """Read all packets, and decode those at the beginning."""
    assert stream.time_base is not None
    context = stream.codec_context
    scan = Scan(stream.time_base, (context.width, context.height))
    scan.declared = stream.duration or 0
    beginning = _Beginning(stream)
    keys: list[tuple[int, Start]] = []
    for packet, is_frame in _packets(stream, name):
        time = packet.pts if packet.pts is not None else packet.dts
        if packet.is_discard or time is None:
            beginning.take(packet, None)
            continue
        duration = packet.duration or 0
        scan.end = max(scan.end, time + duration)
        scan.longest = max(scan.longest, duration)
        if is_frame:
            if packet.is_keyframe and packet.dts is not None:
                keys.append((len(scan.shown), Start(packet.dts, time)))
            scan.shown.append(time)
        beginning.take(packet, time if is_frame else None)
    unshown = beginning.unshown()
    scan.starts = [start for start in _closed(keys, scan.shown) if start.shown_at not in unshown]
    scan.shown = [time for time in scan.shown if time not in unshown]
    if not scan.shown:
        raise FileError(f"{name}: the video is damaged: no picture can be decoded")
    scan.turns = beginning.turns
    return scan


def _closed(keys: Sequence[tuple[int, Start]], shown: Sequence[int]) -> list[Start]:
    """Return key frames that no frame is stored behind which is shown before them.

    Args:
        keys: with their places among the frames.
        shown: when each frame is shown, in the order they are stored in.
    """
    latest = [-math.inf, *accumulate(shown, max)]
    earliest = [*accumulate(reversed(shown), min)][::-1]
    return [start for at, start in keys if latest[at] < start.shown_at <= earliest[at]]


def _packets(stream: VideoStream, name: str) -> Iterator[tuple[Packet[VideoStream], bool]]:
    """Yield all packets, and whether each begins a frame rather than completing one."""
    context = stream.codec_context
    parameters = h264.parameters_of(context.extradata or b"") if context.name == "h264" else None
    field: h264.Picture | None = None
    count = 0
    for packet in libav.packets_of(stream, name):
        if not packet.size:
            continue
        count += 1
        if packet.is_corrupt:
            raise FileError(f"{name}: the video is cut off in picture {count:,}")
        picture = h264.picture_of(bytes(packet), parameters) if parameters else h264.FRAME
        if field is not None and picture.completes(field):
            field = None
            yield packet, False
        else:
            field = None if picture.structure == "frame" else picture
            yield packet, True
    if count < len(stream.index_entries):
        raise FileError(f"{name}: the video is cut off behind picture {count:,}")


class _Beginning:
    """Decodes the first packets: a video may begin with pictures that need earlier ones."""

    def __init__(self, stream: VideoStream) -> None:
        self._context = stream.codec_context
        pixels = self._context.width * self._context.height
        self._wanted = max(1, min(_TRIED_FRAMES, _TRIED_PIXELS // pixels))
        self._packets = 0
        self._is_over = False
        self._expected: set[int] = set()
        self._decoded: set[int] = set()
        self.turns = 0

    def take(self, packet: Packet[VideoStream], time: int | None) -> None:
        """Decode a packet if it is one of the first; `time` is when it should be shown."""
        if self._is_over:
            return
        self._packets += 1
        if time is not None:
            self._expected.add(time)
        self._note(packet.decode())
        enough = self._packets >= self._wanted and self._decoded
        if enough or self._packets == _MAX_UNSHOWN:
            self._finish()

    def unshown(self) -> set[int]:
        """Return the times of the first pictures that cannot be decoded."""
        if not self._is_over:
            self._finish()
        return self._expected - self._decoded

    def _finish(self) -> None:
        self._note(self._context.decode(None))
        self._is_over = True

    def _note(self, frames: list[VideoFrame]) -> None:
        for frame in frames:
            if frame.pts is not None:
                self._decoded.add(frame.pts)
            self.turns = turns_of(frame)


def turns_of(frame: VideoFrame) -> int:
    """Return by how many quarters the file says to turn a frame against the clock."""
    return round(frame.rotation / 90) % 4


def _webp(frame: VideoFrame) -> bytes:
    """Return a small picture of a frame, turned as it is shown."""
    scale = min(1.0, THUMBNAIL_SIDE / max(frame.width, frame.height))
    small = frame.reformat(
        max(1, round(frame.width * scale)),
        max(1, round(frame.height * scale)),
        "rgb24",
        interpolation="AREA",
    )
    image = Image.fromarray(small.to_ndarray())
    image = image.rotate(90 * turns_of(frame), expand=True)
    output = io.BytesIO()
    image.save(output, "WEBP", quality=80, method=2)
    return output.getvalue()


PROBE = Probe(("video/",), measure, thumbnail)
