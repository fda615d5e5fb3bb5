"""Mornings outdoors: birds, bells, rain and a train, each labelled for as long as it is heard."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import numpy as np

from fastlabel_server.demo.samples import SampleProject, SampleTask, annotation_class
from fastlabel_server.demo.sounds.synth import Recording, Samples, bell, faded, noise, times, tone

LENGTH_S = 9.0

CLASSES = (
    annotation_class("segmentation", "bird", "Bird", "#3bb273"),
    annotation_class("segmentation", "bell", "Bell", "#f2b134"),
    annotation_class("segmentation", "rain", "Rain", "#2e86ab"),
    annotation_class("segmentation", "train", "Train", "#8f5fbf"),
)


def song(rng: Random) -> Samples:
    """Return a bird's song: sweeps that follow each other."""
    calls = []
    for _ in range(rng.randint(3, 6)):
        length_s = rng.uniform(0.08, 0.2)
        start, end = rng.uniform(2200, 3600), rng.uniform(2600, 5200)
        sweep = np.linspace(start, end, len(times(length_s)))
        calls += [faded(tone(sweep, length_s), 0.01, 0.03), np.zeros(rng.randint(300, 900))]
    return np.concatenate(calls[:-1])


def train(length_s: float, seed: int) -> Samples:
    """Return a train that passes: a rumble that swells, with the knock of the joints."""
    time = times(length_s)
    knocks = 0.35 + 0.65 * (np.sin(2 * np.pi * 3.2 * time) > 0.7)
    swell = np.sin(np.pi * time / length_s) ** 2 + 0.03
    return faded(noise(length_s, seed, 24) * knocks * swell, 0.05, 0.05)


def recording(seed: int, rain: tuple[float, float] | None, train_at: float | None) -> Recording:
    """Return a morning; rain from and to, a train from some second on."""
    rng = Random(seed)  # noqa: S311
    made = Recording(LENGTH_S)
    made.add(0, noise(LENGTH_S, seed, 40), loudness=0.004)
    if rain:
        start, end = rain
        made.add(start, faded(noise(end - start, seed + 1, 2), 0.6, 0.6), "rain", 0.12)
    if train_at is not None:
        made.add(train_at, train(3.6, seed + 2), "train", 0.5)
    for hour in range(rng.randint(2, 3)):
        made.add(2.2 + hour * 1.5, bell(392, 1.4), "bell", 0.45)
    now = rng.uniform(0.2, 0.8)
    while now < LENGTH_S - 1.8:
        made.add(now, song(rng), "bird", rng.choice((0.5, 0.22)))
        now += rng.uniform(1.7, 2.6)
    return made


_MORNINGS = (
    ("0512-garden.wav", 31, None, None, "reviewed"),
    ("0547-rain-sets-in.wav", 32, (3.4, 8.6), None, "completed"),
    ("0631-by-the-line.wav", 33, None, 4.6, "registered"),
)


def recordings() -> Iterator[tuple[str, str, Recording]]:
    for name, seed, rain, train_at, status in _MORNINGS:
        yield name, status, recording(seed, rain, train_at)


def tasks() -> Iterator[SampleTask]:
    for name, status, made in recordings():
        labels = [
            {"type": "segmentation", "value": value, "start": start, "end": end}
            for value, start, end in sorted(made.spans, key=lambda span: span[1:])
        ]
        yield SampleTask(name, {name: made.to_wav()}, labels, status, ("field recording",))


PROJECT = SampleProject("Mornings outdoors", "mornings", "audio_segmentation", CLASSES, tasks)
