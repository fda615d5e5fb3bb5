"""A lighthouse at night, seen and heard: its light comes round, its horn sounds in the fog."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from fastlabel_server.demo.clips.encode import Pixels, to_mp4
from fastlabel_server.demo.samples import Json, SampleProject, SampleTask, annotation_class
from fastlabel_server.demo.sounds.synth import Recording, bell, faded, noise, times, tone

SIZE_WH = (480, 320)
FPS = 10
LENGTH_S = 5.0
_LAMP = (330, 108)
_FACING = math.radians(32)
"""How far the light may look past the camera and still dazzle it."""
VIDEO, AUDIO = "view.mp4", "sound.wav"


@dataclass(frozen=True)
class Night:
    """A night: seconds for a turn of the light, when the horn sounds, when the buoy rings."""

    name: str
    status: str
    turn_s: float
    horns: tuple[float, ...]
    bells: tuple[float, ...]

    def bearing(self, frame: int) -> float:
        """Return where the light looks, in radians; 0 is towards the camera."""
        turns = frame / FPS / self.turn_s + 0.35
        return (turns % 1) * 2 * math.pi - math.pi

    def dazzles(self, frame: int) -> bool:
        return abs(self.bearing(frame)) <= _FACING

    def frames(self) -> Iterator[Pixels]:
        shore = _shore()
        for frame in range(round(LENGTH_S * FPS)):
            light = _light(self.bearing(frame), self.dazzles(frame))
            yield np.asarray(ImageChops.screen(shore, light))

    def flashes(self) -> list[tuple[float, float]]:
        """Return from when to when the light dazzles, in seconds."""
        found: list[tuple[float, float]] = []
        for frame in range(round(LENGTH_S * FPS)):
            if not self.dazzles(frame):
                continue
            start, end = frame / FPS, (frame + 1) / FPS
            if found and math.isclose(found[-1][1], start):
                start = found.pop()[0]
            found.append((start, end))
        return found

    def sound(self) -> Recording:
        made = Recording(LENGTH_S)
        swell = 0.55 + 0.45 * np.sin(2 * np.pi * 0.31 * times(LENGTH_S))
        made.add(0, noise(LENGTH_S, 5, 12) * swell, loudness=0.07)
        for start in self.horns:
            horn = tone(118, 1.1) + 0.5 * tone(236, 1.1) + 0.35 * tone(119.5, 1.1)
            made.add(start, faded(horn / 1.9, 0.08, 0.3), "horn", 0.6)
        for start in self.bells:
            made.add(start, bell(660, 0.9), "bell", 0.35)
        return made

    def annotations(self) -> list[Json]:
        flashes = [
            {"type": "segmentation", "value": "flash", "start": round(start, 3),
             "end": round(end, 3), "content": VIDEO}
            for start, end in self.flashes()
        ]  # fmt: skip
        sounds = [
            {"type": "segmentation", "value": value, "start": start, "end": end, "content": AUDIO}
            for value, start, end in sorted(self.sound().spans, key=lambda span: span[1])
        ]
        return [*flashes, *sounds]


def _shore() -> Image.Image:
    """Paint everything but the light: sky, sea, rock and tower."""
    width, height = SIZE_WH
    large = Image.new("RGB", (width * 2, height * 2))
    pen = ImageDraw.Draw(large)
    for y in range(height * 2):
        share = y / (height * 2)
        pen.line((0, y, width * 2, y), fill=(round(12 + 34 * share), round(18 + 42 * share), 62))
    rng = np.random.default_rng(3)
    for x, y in zip(rng.uniform(0, 960, 70), rng.uniform(0, 380, 70), strict=True):
        pen.ellipse((x - 1.4, y - 1.4, x + 1.4, y + 1.4), fill=(200, 208, 235))
    pen.rectangle((0, 440, 960, 640), fill=(16, 34, 58))
    for y in range(452, 640, 14):
        x = float(rng.uniform(-60, 0))
        while x < 960:
            wide = rng.uniform(30, 90)
            pen.line((x, y, x + wide, y), fill=(34, 62, 92), width=2)
            x += wide + rng.uniform(30, 120)
    pen.polygon(((450, 640), (520, 520), (590, 468), (760, 462), (880, 520), (960, 560),
                 (960, 640)), fill=(26, 28, 40))  # fmt: skip
    x, y = _LAMP[0] * 2, _LAMP[1] * 2
    pen.polygon(((x - 26, y + 24), (x + 26, y + 24), (x + 42, 470), (x - 42, 470)),
                fill=(196, 196, 206))  # fmt: skip
    for top in (270, 350, 430):
        pen.polygon(((x - 30, top), (x + 30, top), (x + 34, top + 36), (x - 34, top + 36)),
                    fill=(150, 52, 58))  # fmt: skip
    pen.rectangle((x - 32, y + 18, x + 32, y + 26), fill=(60, 62, 76))
    pen.rectangle((x - 18, y - 22, x + 18, y + 18), fill=(70, 74, 92))
    pen.polygon(((x - 24, y - 22), (x + 24, y - 22), (x, y - 48)), fill=(150, 52, 58))
    return large.reduce(2)


def _light(bearing: float, dazzles: bool) -> Image.Image:
    """Return the light alone on black: its beam as wide as it looks to the side, or a glare."""
    light = Image.new("RGB", SIZE_WH)
    pen = ImageDraw.Draw(light)
    x, y = _LAMP
    reach = 420 * math.sin(bearing)
    spread = 10 + 26 * abs(math.cos(bearing))
    if abs(reach) > 30:
        pen.polygon(((x, y - 3), (x + reach, y - spread), (x + reach, y + spread), (x, y + 3)),
                    fill=(120, 112, 76))  # fmt: skip
    pen.ellipse((x - 7, y - 8, x + 7, y + 8), fill=(255, 240, 190))
    if dazzles:
        for radius, shade in ((120, 90), (60, 120), (26, 255)):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius),
                        fill=(shade, round(shade * 0.94), round(shade * 0.74)))  # fmt: skip
    return light.filter(ImageFilter.GaussianBlur(6 if dazzles else 2.5))


NIGHTS = (
    Night("calm", "completed", 2.4, (1.0, 3.6), (0.3, 2.5, 3.1)),
    Night("fog", "registered", 3.0, (0.4, 2.0, 3.6), (1.5, 3.2)),
)


def tasks() -> Iterator[SampleTask]:
    for night in NIGHTS:
        files = {VIDEO: to_mp4(night.frames(), FPS), AUDIO: night.sound().to_wav()}
        yield SampleTask(night.name, files, night.annotations(), night.status, ("coast",))


PROJECT = SampleProject(
    "Lighthouse",
    "lighthouse",
    "multi_modal_video_audio_segmentation",
    (
        annotation_class("segmentation", "flash", "Flash", "#f2b134"),
        annotation_class("segmentation", "horn", "Horn", "#e4572e"),
        annotation_class("segmentation", "bell", "Buoy bell", "#2e86ab"),
    ),
    tasks,
)
