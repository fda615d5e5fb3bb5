"""Recordings as pictures: bars of how loud they are, over their time."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from fastlabel.modalities import FileError
from fastlabel_server.media import libav
from fastlabel_server.media.base import THUMBNAIL_SIDE

if TYPE_CHECKING:
    from av.audio.stream import AudioStream

BARS = 64
_SIZE_WH = (THUMBNAIL_SIDE, THUMBNAIL_SIDE // 2)
_FINER = 4
"""Drawn so many times as large, then made small: bars have smooth ends."""
_COLOR = (94, 124, 238)
"""On white as on black it stands out."""
_PEAK_ALPHA, _MEAN_ALPHA = 110, 255
_QUIETEST_DB = -48.0
_PIECE_SAMPLES = 256 * 1024
"""Looked at together: frames have some thousand, too few to be quick."""


def loudness(stream: AudioStream, duration_s: float) -> NDArray[np.float64]:
    """Decode a recording piece by piece; return peak and root mean square of each bar.

    The result has the shape (2, BARS), values lie between 0 and 1.

    Raises:
        FileError: nothing of it can be decoded.
    """
    per_bar = max(1, int(duration_s * stream.codec_context.sample_rate / BARS))
    peaks, squares, counts = np.zeros((3, BARS))
    position = 0
    for samples in _pieces(stream):
        while samples.size:
            bar = min(position // per_bar, BARS - 1)
            room = (bar + 1) * per_bar - position if bar < BARS - 1 else samples.size
            part, samples = samples[:room], samples[room:]
            peaks[bar] = max(peaks[bar], part.max())
            squares[bar] += np.dot(part, part)
            counts[bar] += part.size
            position += part.size
    if not position:
        raise FileError("the recording is damaged: no sound can be decoded")
    levels = np.array([peaks, np.sqrt(squares / np.maximum(counts, 1))])
    return np.clip(levels, 0, 1, out=levels)


def _pieces(stream: AudioStream) -> Iterator[NDArray[np.float32]]:
    """Yield the sound as distances from silence, of the loudest channel at each moment."""
    import av

    piece: list[NDArray[Any]] = []
    samples = 0
    for packet in libav.packets_of(stream, "recording"):
        with suppress(av.InvalidDataError):
            for frame in packet.decode():
                piece.append(frame.to_ndarray())
                samples += frame.samples
                channels = 1 if frame.format.is_planar else frame.layout.nb_channels
        if samples >= _PIECE_SAMPLES or (samples and not packet.size):
            yield _distances(np.concatenate(piece, axis=1), channels)
            piece, samples = [], 0


def _distances(values: NDArray[Any], channels: int) -> NDArray[np.float32]:
    """Return the greatest distance at each moment.

    Args:
        values: of shape (channels, samples), or (1, samples * channels).
        channels: of each row.
    """
    values = values.reshape(-1, channels).T if channels > 1 else values
    distances: NDArray[Any]
    if values.dtype == np.uint8:
        distances = np.abs(values.astype(np.float32) - 128) / 128
    elif values.dtype.kind == "i":
        distances = np.abs(values.astype(np.float32)) / -float(np.iinfo(values.dtype).min)
    else:
        distances = np.abs(np.nan_to_num(values))
    loudest: NDArray[np.float32] = distances.max(axis=0).astype(np.float32)
    return loudest


def drawn(levels: NDArray[np.float64]) -> bytes:
    """Return bars as a WebP without ground: pale up to the peaks, full up to the mean.

    Heights follow decibels below the loudest moment, as ears do.
    """
    width, height = (side * _FINER for side in _SIZE_WH)
    image = Image.new("RGBA", (width, height), (*_COLOR, 0))
    draw = ImageDraw.Draw(image)
    step = width / BARS
    thickness = step * 0.6
    loudest = levels.max() or 1.0
    decibels = 20 * np.log10(np.maximum(levels / loudest, 1e-9))
    heights = np.clip(1 - decibels / _QUIETEST_DB, 0, 1) * (height - thickness) + thickness
    for row, alpha in zip(heights, (_PEAK_ALPHA, _MEAN_ALPHA), strict=True):
        for bar, tall in enumerate(row):
            left = bar * step + (step - thickness) / 2
            top = (height - tall) / 2
            draw.rounded_rectangle(
                (left, top, left + thickness, top + tall), thickness / 2, (*_COLOR, alpha)
            )
    output = io.BytesIO()
    small = image.resize(_SIZE_WH, Image.Resampling.LANCZOS)
    small.save(output, "WEBP", quality=85, method=4, exact=True)
    return output.getvalue()
