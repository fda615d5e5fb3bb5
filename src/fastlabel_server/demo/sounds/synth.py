"""Sounds from sines and noise, as samples from -1 to 1, and recordings put together from them."""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
"""Samples a second."""
QUIET = 0.01
"""What is softer than this part of the loudest is taken for silence."""

Samples = NDArray[np.float64]


def silence(length_s: float) -> Samples:
    return np.zeros(round(length_s * RATE))


def times(length_s: float) -> Samples:
    """Return the time of each sample, in seconds."""
    return np.arange(round(length_s * RATE)) / RATE


def tone(hz: Samples | float, length_s: float) -> Samples:
    """Return a sine of a frequency that may change from sample to sample."""
    steps = np.broadcast_to(np.asarray(hz, dtype=float), (round(length_s * RATE),))
    found: Samples = np.sin(2 * np.pi * np.cumsum(steps) / RATE)
    return found


def faded(sound: Samples, rise_s: float, fall_s: float) -> Samples:
    """Return a sound that begins and ends softly."""
    time = np.arange(len(sound)) / RATE
    left = (len(sound) - 1) / RATE - time
    soft: Samples = sound * np.clip(time / rise_s, 0, 1) * np.clip(left / fall_s, 0, 1)
    return soft


def noise(length_s: float, seed: int, smooth: int = 1) -> Samples:
    """Return noise, the deeper the more samples it is averaged over."""
    rng = np.random.default_rng(seed)
    raw = rng.uniform(-1, 1, round(length_s * RATE) + smooth - 1)
    found: Samples = np.convolve(raw, np.full(smooth, 1 / smooth), "valid")
    loudest: float = max(1e-9, float(np.abs(found).max()))
    return found / loudest


def bell(hz: float, length_s: float) -> Samples:
    """Return a bell: partials that are no multiples of each other and die away one by one."""
    partials = ((0.5, 0.5, 1.4), (1, 1, 2.0), (1.19, 0.7, 2.6), (2, 0.6, 3.4), (2.74, 0.4, 5))
    time = times(length_s)
    parts = [
        share * np.exp(-time * decay) * tone(hz * ratio, length_s)
        for ratio, share, decay in partials
    ]
    return faded(np.sum(parts, axis=0) / 3.2, 0.002, 0.1)


def plucked(hz: float, length_s: float, seed: int) -> Samples:
    """Return a plucked string: a burst of noise that runs round and is averaged each time.

    Source: https://en.wikipedia.org/wiki/Karplus–Strong_string_synthesis
    """
    period = round(RATE / hz)
    rounds = [np.random.default_rng(seed).uniform(-1, 1, period)]
    for _ in range(round(length_s * RATE) // period):
        rounds.append(0.498 * (rounds[-1] + np.roll(rounds[-1], 1)))
    return faded(np.concatenate(rounds)[: round(length_s * RATE)], 0.001, 0.1)


def flute(hz: float, length_s: float, seed: int) -> Samples:
    """Return a blown tone that trembles, with breath in it."""
    tremble = 1 + 0.006 * np.sin(2 * np.pi * 5 * times(length_s))
    sound = sum(
        share * tone(hz * k * tremble, length_s) for k, share in ((1, 1), (2, 0.3), (3, 0.12))
    )
    return faded(0.6 * sound + 0.03 * noise(length_s, seed, 3), 0.06, 0.12)


def drum(length_s: float, seed: int) -> Samples:
    """Return a beat: a tone that falls, and the slap of the skin."""
    time = times(length_s)
    body = tone(55 + 90 * np.exp(-time * 22), length_s) * np.exp(-time * 9)
    return faded(0.9 * body + 0.3 * noise(length_s, seed, 2) * np.exp(-time * 60), 0.001, 0.05)


@dataclass
class Recording:
    """A recording in the making, and what sounds in it when."""

    length_s: float
    samples: Samples = field(init=False)
    spans: list[tuple[str, float, float]] = field(default_factory=list)
    """Value, start and end in seconds of each sound that carries a label."""

    def __post_init__(self) -> None:
        self.samples = silence(self.length_s)

    def add(self, start_s: float, sound: Samples, value: str = "", loudness: float = 0.5) -> None:
        """Let a sound begin at a time; it is labelled for as long as it can be heard."""
        start = round(start_s * RATE)
        sound = sound[: len(self.samples) - start] * loudness
        self.samples[start : start + len(sound)] += sound
        if value:
            heard = np.flatnonzero(np.abs(sound) > QUIET * np.abs(sound).max())
            first, last = start + heard[0], start + heard[-1] + 1
            self.spans.append((value, round(float(first) / RATE, 3), round(float(last) / RATE, 3)))

    def to_wav(self) -> bytes:
        return to_wav(self.samples)


def to_wav(samples: Samples) -> bytes:
    """Return a recording of one channel with 16 bits a sample."""
    output = io.BytesIO()
    with wave.open(output, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return output.getvalue()


def melody(notes: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float, float]]:
    """Return start, frequency and length of notes that follow each other.

    Args:
        notes: half tones above A of 440 Hz, and seconds.
    """
    found, now = [], 0.0
    for half_tones, length_s in notes:
        found.append((now, 440 * 2 ** (half_tones / 12), length_s))
        now += length_s
    return found
