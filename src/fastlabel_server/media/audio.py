"""Recordings: MP3, WAV and M4A, told apart by their content; how long they really are."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, BinaryIO

from fastlabel.modalities import FileError, FileRule, listed
from fastlabel_server.media import libav, mp4
from fastlabel_server.media.base import Measured, Probe
from fastlabel_server.media.containers import container_of, title_of

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.packet import Packet

_WHAT = "recording"
_TRIED_PACKETS = 20
"""So many are decoded to see that it works; one of them has to."""
_MAX_CHUNKS = 10_000
_UNKNOWN_SIZES = (0, 0xFFFFFFFF)
"""Of the samples of a WAV, as programs write that cannot go back in the file."""
_MAX_DESCRIPTION_BYTES = 4096
_INFO_BYTES = 4096
"""In front of the first frame of an MP3 that is played, where the number of all may stand."""


@dataclass(frozen=True)
class Format:
    title: str
    media_type: str
    demuxer: str
    codecs: tuple[str, ...]
    """By libav's names, or how these begin."""


FORMATS = {
    "mp3": Format("MP3", "audio/mpeg", "mp3", ("mp3",)),
    "wav": Format("WAV", "audio/wav", "wav", ("pcm_",)),
    "m4a": Format("M4A", "audio/mp4", "mov", ("aac", "alac")),
}
_BY_CONTAINER = {"mp3": "mp3", "wav": "wav", "mp4": "m4a"}


def measure(source: BinaryIO, name: str, rule: FileRule, max_pixels: int) -> Measured:
    """Return duration, sample rate and channels of a recording.

    The duration is that of the samples a player plays: all packets are counted, less the
    silence that encoders put around the sound where the file tells how much that is.

    Raises:
        FileError: no MP3, WAV or M4A, one under the name of another, damaged or cut off.
    """
    kind = format_of(source, name)
    titles = listed(FORMATS[one].title for one in rule.formats)
    if kind not in rule.formats:
        raise FileError(f"{name}: expected a recording as {titles}, got {FORMATS[kind].title}")
    claimed = PurePath(name).suffix.lower().lstrip(".")
    if claimed in rule.formats and claimed != kind:
        raise FileError(f"{name}: expected {FORMATS[claimed].title}, got {FORMATS[kind].title}")
    with opened(source, name, kind) as stream:
        sound = _counted(stream, name, kind)
        if kind == "mp3":
            _check_frame_count(source, name, sound)
    return Measured(
        FORMATS[kind].media_type,
        {
            "duration": sound.samples / sound.rate,
            "sampleRate": sound.rate,
            "channels": sound.channels,
        },
    )


def thumbnail(source: BinaryIO, media: Mapping[str, Any], max_pixels: int) -> bytes:
    """Return a picture of how loud a recording is over its time.

    Raises:
        FileError: damaged.
    """
    from fastlabel_server.media import waveform  # it needs numpy, which takes a while

    kind = format_of(source, _WHAT)
    with opened(source, _WHAT, kind) as stream:
        return waveform.drawn(waveform.loudness(stream, media["duration"]))


def format_of(source: BinaryIO, name: str) -> str:
    """Return which of `FORMATS` a file is in.

    Raises:
        FileError: in none.
    """
    container = container_of(source)
    if container in _BY_CONTAINER:
        return _BY_CONTAINER[container]
    titles = listed(one.title for one in FORMATS.values())
    refusal = FileError(f"{name}: expected a recording as {titles}, got {title_of(container)}")
    if container is not None:
        raise refusal
    try:
        # An MP3 has no beginning of its own; libav looks for frames that follow each other.
        with libav.opened(source, name, "mp3", _WHAT):
            return "mp3"
    except FileError as error:
        raise refusal from error


@contextmanager
def opened(source: BinaryIO, name: str, kind: str) -> Iterator[AudioStream]:
    """Open the sound of a recording, with nothing beside it but a cover."""
    from av.stream import Disposition

    if kind == "m4a":
        mp4.check(source, name, "M4A")
    elif kind == "wav":
        wav_of(source, name)
    source.seek(0)
    found = FORMATS[kind]
    with libav.opened(source, name, found.demuxer, _WHAT) as container:
        for video in container.streams.video:
            if not video.disposition & Disposition.attached_pic:
                raise FileError(f"{name}: expected a recording, got a video")
        if not container.streams.audio:
            raise FileError(f"{name}: the file has no sound")
        stream = container.streams.audio[0]
        context = stream.codec_context
        codec = context.codec.canonical_name if context else "an unknown codec"
        if not codec.startswith(found.codecs):
            codecs = listed(one.rstrip("_").upper() for one in found.codecs)
            raise FileError(f"{name}: expected {found.title} with {codecs}, got {codec}")
        libav.only(container, stream)
        yield stream


@dataclass
class _Sound:
    rate: int
    channels: int
    samples: int = 0
    """That are played."""
    frames: int = 0
    first_position: int = 0
    """Of the first packet in the file."""


def _counted(stream: AudioStream, name: str, kind: str) -> _Sound:
    """Read all packets; decode the first.

    Raises:
        FileError: damaged, cut off, or without any sound.
    """
    import av

    context = stream.codec_context
    sound = _Sound(context.sample_rate, context.channels)
    if sound.rate <= 0 or sound.channels <= 0:
        raise FileError(f"{name}: the recording is damaged: it has no sample rate or no channels")
    decoded = 0
    for packet, samples in played(stream, name):
        if packet.is_corrupt and kind != "wav":  # the size of a WAV may be unknown
            raise FileError(f"{name}: the recording is cut off in packet {sound.frames:,}")
        if not sound.frames:
            sound.first_position = packet.pos or 0
        if sound.frames < _TRIED_PACKETS:
            # An MP3 cut out of another begins with frames that need earlier ones.
            with suppress(av.InvalidDataError):
                decoded += len(packet.decode())
        sound.frames += 1
        sound.samples += samples
    if sound.frames < len(stream.index_entries):
        raise FileError(f"{name}: the recording is cut off behind packet {sound.frames:,}")
    if not decoded or not sound.samples:
        raise FileError(f"{name}: the recording is damaged: no sound can be decoded")
    return sound


def played(stream: AudioStream, name: str) -> Iterator[tuple[Packet[AudioStream], int]]:
    """Yield packets, each with how many of its samples a player plays.

    Raises:
        FileError: together they are far larger than the file.
    """
    assert stream.time_base is not None
    ticks_to_samples = stream.time_base * stream.codec_context.sample_rate
    to_skip = 0
    for packet in libav.packets_of(stream, name):
        if not packet.size:
            continue
        at_start, at_end = _skipped(packet)
        to_skip += at_start
        samples = round((packet.duration or 0) * ticks_to_samples)
        skipped = min(to_skip, samples)
        to_skip -= skipped
        yield packet, 0 if packet.is_discard else max(0, samples - skipped - at_end)


def _skipped(packet: Packet[AudioStream]) -> tuple[int, int]:
    """Return how many samples are not played at the start and at the end of a packet.

    Source: AV_PKT_DATA_SKIP_SAMPLES, https://ffmpeg.org/doxygen/trunk/group__lavc__packet.html
    """
    if not packet.has_sidedata("skip_samples"):
        return 0, 0
    data = bytes(packet.get_sidedata("skip_samples"))
    return int.from_bytes(data[:4], "little"), int.from_bytes(data[4:8], "little")


def _check_frame_count(source: BinaryIO, name: str, sound: _Sound) -> None:
    """Refuse an MP3 that has fewer frames than it says in its first, unplayed one.

    Source: http://gabriel.mp3-tech.org/mp3infotag.html: `Xing` or `Info`, flags in 4 bytes of
    which the last bit tells that the number of frames follows.
    """
    start = max(0, sound.first_position - _INFO_BYTES)
    source.seek(start)
    data = source.read(sound.first_position - start)
    at = max(data.rfind(b"Xing"), data.rfind(b"Info"))
    if at < 0 or not data[at + 7 : at + 8] or not data[at + 7] & 1:
        return
    claimed = int.from_bytes(data[at + 8 : at + 12])
    # Some programs count the unplayed frame as well.
    if sound.frames < claimed - 1:
        raise FileError(
            f"{name}: the recording is cut off: {sound.frames:,} of {claimed:,} frames are there"
        )


@dataclass(frozen=True)
class Wav:
    """What the head of a WAV says."""

    description: bytes
    """The content of `fmt `."""
    data_at: int
    data_bytes: int

    @property
    def is_pcm(self) -> bool:
        return self.description[:2] == b"\1\0"

    @property
    def rate(self) -> int:
        return int.from_bytes(self.description[4:8], "little")

    @property
    def block_bytes(self) -> int:
        """Of one sample of all channels."""
        return int.from_bytes(self.description[12:14], "little")


def wav_of(source: BinaryIO, name: str) -> Wav:
    """Read the head of a WAV, and refuse one whose samples end behind the file.

    Raises:
        FileError: cut off or damaged.

    Source: RIFF: after 12 bytes come chunks of 4 letters, a length in 4 bytes (the least
    first) and the content, filled up to an even length.
    """
    size = source.seek(0, io.SEEK_END)
    position, description = 12, b""
    for _ in range(_MAX_CHUNKS):
        source.seek(position)
        head = source.read(8)
        if len(head) < 8:
            break
        length = int.from_bytes(head[4:], "little")
        if head[:4] == b"fmt ":
            description = source.read(min(length, _MAX_DESCRIPTION_BYTES))
        elif head[:4] == b"data":
            left = size - position - 8
            if length not in _UNKNOWN_SIZES and length > left:
                raise FileError(f"{name}: the recording is cut off at byte {size:,}")
            if len(description) < 16 or not description[12:14].strip(b"\0"):
                raise FileError(f"{name}: the recording is damaged: nothing describes its samples")
            return Wav(description, position + 8, left if length in _UNKNOWN_SIZES else length)
        position += 8 + length + length % 2
    raise FileError(f"{name}: the recording is damaged: it has no samples (data)")


PROBE = Probe(("audio/",), measure, thumbnail)
