"""Short tunes, each played by one instrument."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fastlabel_server.demo.samples import SampleProject, SampleTask, answers, choice, questions
from fastlabel_server.demo.sounds.synth import (
    Recording,
    Samples,
    bell,
    drum,
    flute,
    melody,
    plucked,
)

_UP = ((-9, 0.3), (-7, 0.3), (-5, 0.3), (-4, 0.3), (-2, 0.6), (-2, 0.6))
_DOWN = ((3, 0.3), (2, 0.3), (0, 0.3), (-2, 0.3), (-4, 0.6), (-9, 0.6))

PLAYERS: dict[str, Callable[[float, float], Samples]] = {
    "guitar": lambda hz, length_s: plucked(hz / 2, length_s + 0.5, round(hz)),
    "bells": lambda hz, length_s: bell(hz, length_s + 0.6),
    "flute": lambda hz, length_s: flute(hz, length_s, round(hz)),
    "drum": lambda hz, length_s: drum(min(0.4, length_s), round(hz)),
}
_TUNES = (
    ("tune-1.wav", "guitar", "rising", _UP, "reviewed"),
    ("tune-2.wav", "flute", "falling", _DOWN, "completed"),
    ("tune-3.wav", "bells", "rising", _UP, "completed"),
    ("tune-4.wav", "drum", "none", _UP, "registered"),
    ("tune-5.wav", "guitar", "falling", _DOWN, "registered"),
)


def tasks() -> Iterator[SampleTask]:
    for name, player, direction, notes, status in _TUNES:
        made = Recording(3.2)
        for start, hz, length_s in melody(notes):
            made.add(start, PLAYERS[player](hz, length_s))
        labels = answers(instrument=player, direction=direction)
        yield SampleTask(name, {name: made.to_wav()}, labels, status, ("tune",))


PROJECT = SampleProject(
    "Instruments",
    "instruments",
    "audio_single_classification",
    (
        questions(
            choice("radio", "instrument", "Instrument", *PLAYERS),
            choice("radio", "direction", "The tune goes", "rising", "falling", "none"),
        ),
    ),
    tasks,
)
