"""Small real videos and recordings, made with PyAV: every way of storing them that matters."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from scheduling import same_scheduling

RATE = 44_100
B_FRAMES = {"x264-params": "bframes=3:b-adapt=0:keyint=12"}
"""Frames stored in another order than shown."""
RED, BLUE = (220, 30, 30), (30, 30, 220)
IRREGULAR = (0, 30, 40, 45, 100, 101, 160, 220, 222, 300, 420, 421, 450, 500, 620, 640)
"""Times of frames in ticks of 600 a second."""


def picture(number: int, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
    """Return a picture with a red left half and a blue right half; a white dot moves."""
    width, height = size_wh
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:, : width // 2], pixels[:, width // 2 :] = RED, BLUE
    x = number * 2 % (width - 4)
    pixels[:4, x : x + 4] = 255
    return pixels


def video(
    codec: str = "libx264",
    *,
    container: str = "mp4",
    frames: int = 24,
    size_wh: tuple[int, int] = (64, 48),
    rate: int | Fraction = 30,
    times: Sequence[int] | None = None,
    rotation_deg: int = 0,
    options: dict[str, str] | None = None,
    muxer_options: dict[str, str] | None = None,
) -> bytes:
    """Return a video of one frame after the other.

    Args:
        times: when each frame is shown, in ticks of 600 a second; `frames` is their number.
        rotation_deg: by how much it says to be turned against the clock.
    """
    output = io.BytesIO()
    time_base = Fraction(1, 600) if times else 1 / Fraction(rate)
    with (
        same_scheduling(),
        av.open(output, "w", format=container, options=muxer_options or {}) as file,
    ):
        stream = file.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height = size_wh
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = time_base
        if rotation_deg:
            stream.set_display_rotation(rotation_deg)
        for number, time in enumerate(times or range(frames)):
            frame = av.VideoFrame.from_ndarray(picture(number, size_wh), format="rgb24")
            frame.pts, frame.time_base = time, time_base
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return output.getvalue()


def tone(duration_s: float, rate: int = RATE) -> NDArray[np.int16]:
    """Return a tone that swells and fades, of shape (samples,)."""
    seconds = np.arange(round(duration_s * rate)) / rate
    loudness = np.abs(np.sin(3 * seconds))
    return np.asarray(12_000 * loudness * np.sin(2 * np.pi * 440 * seconds), np.int16)


def recording(
    codec: str,
    container: str,
    *,
    duration_s: float = 2.0,
    rate: int = RATE,
    channels: int = 1,
    options: dict[str, str] | None = None,
    muxer_options: dict[str, str] | None = None,
) -> bytes:
    """Return a recording of `tone`."""
    layout = {1: "mono", 2: "stereo"}[channels]
    samples = np.repeat(tone(duration_s, rate), channels).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(samples, format="s16", layout=layout)
    frame.sample_rate, frame.pts = rate, 0
    output = io.BytesIO()
    with av.open(output, "w", format=container, options=muxer_options or {}) as file:
        stream = file.add_stream(codec, rate=rate, layout=layout, options=options or {})
        resampler = av.AudioResampler(stream.codec_context.format, layout, rate)
        for part in resampler.resample(frame):
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return output.getvalue()


def mp3(*, with_frame_count: bool = True, **options: Any) -> bytes:
    """Return an MP3, with the note at its start of how many frames it has, or without."""
    notes = {} if with_frame_count else {"write_xing": "0", "id3v2_version": "0"}
    return recording("libmp3lame", "mp3", muxer_options=notes, **options)


def wav(**options: Any) -> bytes:
    return recording("pcm_s16le", "wav", **options)


def m4a(codec: str = "aac", **options: Any) -> bytes:
    return recording(codec, "ipod", **options)


def box(kind: str, *contents: bytes) -> bytes:
    """Return a box of an MP4."""
    content = b"".join(contents)
    return struct.pack(">I4s", 8 + len(content), kind.encode()) + content


def fields(pictures: int) -> bytes:
    """Return an MP4 of interlaced video whose samples are single fields, two to a picture.

    Encoders at hand write no such thing, cameras do. Every field is one macroblock of
    samples as they are (I_PCM), so that the few bits around it are all there is to write.

    Source: ITU-T H.264, 7.3.
    """
    sps = _unit(
        0x67,
        _bits(77, 8), _bits(0, 8), _bits(10, 8),  # profile Main, no constraints, level 1
        _golomb(0), _golomb(0),  # id, frame numbers of 4 bits
        _golomb(2),  # shown in the order they are stored in
        _golomb(1), "0", _golomb(0), _golomb(0),  # 1 reference; 1 x 1 macroblocks a field
        "0", "0", "1", "0", "0",  # fields; no MBAFF; 8 x 8 inference; no cropping, no VUI
    )  # fmt: skip
    pps = _unit(
        0x68, _golomb(0), _golomb(0), "00", _golomb(0), _golomb(0), _golomb(0),
        "0", "00", _golomb(0), _golomb(0), _golomb(0), "000",
    )  # fmt: skip
    samples = []
    for number in range(2 * pictures):
        field = _field(number // 2, is_bottom=bool(number % 2))
        samples.append(struct.pack(">I", len(field)) + field)
    return bare_mp4(samples, _parameters(sps, pps), size_wh=(16, 32), rate=50)


def bare_mp4(
    samples: Sequence[bytes],
    parameters: bytes,
    *,
    size_wh: tuple[int, int],
    rate: int,
    tables: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return an MP4 of H.264 samples, with the least that a player needs.

    Args:
        parameters: the content of avcC.
        tables: what to put in the place of a table of the samples, by its type.
    """
    start = box("ftyp", b"isom", bytes(4), b"isomavc1")
    count, (width, height) = len(samples), size_wh
    avc1 = box(
        "avc1",
        bytes(6), _numbers("H", 1), bytes(16), _numbers("HH", width, height),
        _numbers("IIIH", 72 << 16, 72 << 16, 0, 1), bytes(32), _numbers("Hh", 24, -1),
        box("avcC", parameters),
    )  # fmt: skip
    first_at = len(start) + 8
    content = {
        "stsd": _numbers("II", 0, 1) + avc1,
        "stts": _numbers("IIII", 0, 1, count, 1),
        "stsc": _numbers("IIIII", 0, 1, 1, count, 1),
        "stsz": _numbers("III", 0, 0, count) + _numbers(f"{count}I", *map(len, samples)),
        "stco": _numbers("III", 0, 1, first_at),
    } | dict(tables or {})
    unity = _numbers("9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    duration = (rate, count)
    track_head = _numbers("IIIIII", 3, 0, 0, 1, 0, count) + bytes(16) + unity
    media = box(
        "mdia",
        box("mdhd", _numbers("IIIII", 0, 0, 0, *duration), _numbers("HH", 0x55C4, 0)),
        box("hdlr", bytes(8), b"vide", bytes(13)),
        box(
            "minf",
            box("vmhd", _numbers("I", 1), bytes(8)),
            box("dinf", box("dref", _numbers("II", 0, 1), box("url ", _numbers("I", 1)))),
            box("stbl", *(box(kind, data) for kind, data in content.items())),
        ),
    )
    movie_head = _numbers("IIIII", 0, 0, 0, *duration) + _numbers("IH", 1 << 16, 256) + bytes(10)
    movie = box(
        "moov",
        box("mvhd", movie_head, unity, bytes(24), _numbers("I", 2)),
        box("trak", box("tkhd", track_head, _numbers("II", width << 16, height << 16)), media),
    )
    return start + box("mdat", *samples) + movie


def _numbers(form: str, *values: int) -> bytes:
    return struct.pack(f">{form}", *values)


def _parameters(sps: bytes, pps: bytes) -> bytes:
    """Return the content of avcC, for units with a length of four bytes."""
    head = bytes((1, sps[1], sps[2], sps[3], 0xFF, 0xE1))
    return head + struct.pack(">H", len(sps)) + sps + b"\1" + struct.pack(">H", len(pps)) + pps


def _field(number: int, *, is_bottom: bool) -> bytes:
    """Return a field that needs no other: the top ones are IDR, as their second may not be."""
    gray = 60 + number % 100
    header = [
        _golomb(0), _golomb(7), _golomb(0),  # first macroblock, I, parameters
        _bits(0, 4), "1", "1" if is_bottom else "0",  # frame number, field, bottom
    ]  # fmt: skip
    if not is_bottom:
        header.append(_golomb(number % 2))  # id of the IDR picture
    header.append("00" if not is_bottom else "0")  # references are kept as they come
    header += [_golomb(0), _golomb(25)]  # quantiser as in the parameters; I_PCM
    return _unit(0x61 if is_bottom else 0x65, *header, samples=bytes([gray]) * 384)


def _unit(header: int, *bits: str, samples: bytes = b"") -> bytes:
    """Return a unit (NAL): its header, its bits, samples, and a 1 filled up with 0."""
    data = _filled("".join(bits)) + samples + b"\x80" if samples else _filled("".join((*bits, "1")))
    return bytes([header]) + _escaped(data)


def _escaped(data: bytes) -> bytes:
    output = bytearray()
    for value in data:
        if output[-2:] == b"\0\0" and value < 4:
            output.append(3)
        output.append(value)
    return bytes(output)


def _filled(bits: str) -> bytes:
    """Return bits as bytes, filled up with 0."""
    count = -(-len(bits) // 8)
    return int(bits.ljust(8 * count, "0"), 2).to_bytes(count)


def _bits(value: int, count: int) -> str:
    return format(value, f"0{count}b")


def _golomb(value: int) -> str:
    binary = format(value + 1, "b")
    return "0" * (len(binary) - 1) + binary
