"""A camera over a street: vehicles that pass, with a box around each in every frame.

The street and each vehicle are painted once; a frame is the street with the vehicles where they
are by then. They move whole pixels, so a box is exact in each frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from fastlabel_server.demo.clips.encode import Pixels, to_mp4
from fastlabel_server.demo.samples import (
    Json,
    SampleProject,
    SampleTask,
    annotation_class,
    answers,
    choice,
    frame_map,
    questions,
    switch,
)
from fastlabel_server.demo.scenes.moods import DUSK, MORNING, NIGHT, OVERCAST, Mood
from fastlabel_server.demo.scenes.painter import Painter, Thing
from fastlabel_server.demo.scenes.street import LEAVES, Street
from fastlabel_server.demo.scenes.vehicles import (
    CAR_COLORS,
    Place,
    paint_bicycle,
    paint_bus,
    paint_car,
)

Floats = NDArray[np.floating[Any]]
FPS = 15
_SMALLER = 2
"""Frames are so many times smaller than the pictures that are painted."""
_STAND = (640, 600)
"""Where a vehicle stands while it is painted."""
_FAR_Y, _NEAR_Y = 602, 716
"""The ground of the two lanes in the large picture."""


@dataclass(frozen=True)
class Sprite:
    """A vehicle cut out: `light` is added where `cover` (0 to 1) has taken the street away.

    `offset` leads from where its wheels stand to the top left corner of the cut.
    """

    light: Floats
    cover: Floats
    shade: Floats
    offset: tuple[int, int]

    @cached_property
    def box_xyxy(self) -> tuple[int, int, int, int]:
        """The vehicle within the cut."""
        rows, columns = np.nonzero(self.cover > 0.5)
        return (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)


@dataclass(frozen=True)
class Vehicle:
    """Something that passes: where it is in the first frame, and pixels a frame from there."""

    value: str
    color: str
    sprite: Sprite
    at: tuple[int, int]
    speed: int

    def corner(self, frame: int) -> tuple[int, int]:
        """Return where the top left of the cut lies in a frame, counted from 0."""
        dx, dy = self.sprite.offset
        return (self.at[0] + self.speed * frame + dx, self.at[1] + dy)

    def box(self, frame: int, width: int) -> list[int] | None:
        """Return the box in a frame as far as it is in the picture, None when it is not."""
        x, y = self.corner(frame)
        x1, y1, x2, y2 = self.sprite.box_xyxy
        left, right = max(0, x + x1), min(width, x + x2)
        return [int(left), int(y + y1), int(right), int(y + y2)] if right - left >= 6 else None


@dataclass(frozen=True)
class Clip:
    """A street and who passes on it, far ones first."""

    street: Pixels
    vehicles: Sequence[Vehicle]
    count: int

    def frames(self) -> Iterator[Pixels]:
        for number in range(self.count):
            picture = self.street.astype(np.float32)
            for vehicle in self.vehicles:
                _put(picture, vehicle.sprite, vehicle.corner(number))
            yield np.clip(picture, 0, 255).astype(np.uint8)

    def annotations(self) -> list[Json]:
        width = self.street.shape[1]
        found = []
        for vehicle in self.vehicles:
            boxes = {n + 1: box for n in range(self.count) if (box := vehicle.box(n, width))}
            if boxes:
                found.append(
                    {"type": "bbox", "value": vehicle.value, "points": frame_map(boxes),
                     "attributes": answers(color=vehicle.color)}
                )  # fmt: skip
        return found


def _put(picture: Floats, sprite: Sprite, corner: tuple[int, int]) -> None:
    x, y = corner
    height, width = sprite.cover.shape
    left, right = max(0, x), min(picture.shape[1], x + width)
    top, bottom = max(0, y), min(picture.shape[0], y + height)
    if left >= right or top >= bottom:
        return
    here = picture[top:bottom, left:right]
    cut = (slice(top - y, bottom - y), slice(left - x, right - x))
    here *= 1 - sprite.shade[cut][..., None]
    here *= 1 - sprite.cover[cut][..., None]
    here += sprite.light[cut]


def cut_out(mood: Mood, paint: Callable[[Painter], Thing]) -> Sprite:
    """Paint a vehicle alone and cut it out, small, in the light of the hour."""
    painter = Painter()
    thing = paint(painter)
    left, top, right, bottom = thing.silhouette.getbbox() or (0, 0, 0, 0)
    pad = 24
    box = (left - pad, top - pad, right + pad, bottom + pad)
    box = (box[0] - box[0] % 2, box[1] - box[1] % 2, box[2] + box[2] % 2, box[3] + box[3] % 2)
    cover = np.asarray(thing.silhouette.crop(box).reduce(_SMALLER), np.float32) / 255
    painted = np.asarray(painter.image.crop(box).reduce(_SMALLER), np.float32)
    light = painted * cover[..., None] * np.array(mood.grade.bottom, np.float32) / 255
    shadow = Image.new("L", (cover.shape[1], cover.shape[0]))
    x1, x2 = (left - box[0]) // 2, (right - box[0]) // 2
    floor = (bottom - box[1]) // 2
    ImageDraw.Draw(shadow).ellipse((x1, floor - 4, x2, floor + 3), fill=150)
    shade = np.asarray(shadow.filter(ImageFilter.GaussianBlur(2)), np.float32) / 255
    offset = ((box[0] - _STAND[0]) // 2, (box[1] - _STAND[1]) // 2)
    return Sprite(light, cover, shade, offset)


def street(seed: int, mood: Mood) -> Pixels:
    """Paint an empty street."""
    place = Street(Random(seed), mood)  # noqa: S311
    place.paint_place(LEAVES[seed % len(LEAVES)])
    small = place.p.finish(mood.grade).reduce(_SMALLER)
    return np.asarray(small.crop((0, 0, small.width, small.height - small.height % 2)))


def car(mood: Mood, seed: int, color: str, *, near: bool, x: int, speed: int) -> Vehicle:
    """Return a car; x and speed are in pixels of the clip."""
    rng = Random(seed)  # noqa: S311
    place = Place(_STAND, 1.2 if near else 0.84, flip=speed < 0)
    sprite = cut_out(mood, lambda p: paint_car(p, rng, place, CAR_COLORS[color]))
    return Vehicle("car", color, sprite, (x, (_NEAR_Y if near else _FAR_Y) // 2), speed)


def bus(mood: Mood, color: str, *, x: int, speed: int) -> Vehicle:
    place = Place(_STAND, 0.86, flip=speed < 0)
    sprite = cut_out(mood, lambda p: paint_bus(p, place, CAR_COLORS[color]))
    return Vehicle("bus", color, sprite, (x, _FAR_Y // 2), speed)


def bicycle(mood: Mood, color: str, *, x: int, speed: int) -> Vehicle:
    place = Place(_STAND, 1.0, flip=speed < 0)
    sprite = cut_out(mood, lambda p: paint_bicycle(p, place, CAR_COLORS[color]))
    return Vehicle("bicycle", color, sprite, (x, 664 // 2), speed)


def clips() -> Iterator[tuple[str, str, Clip]]:
    """Yield name, status and clip of each labelled video."""
    yield (
        "camera-3-morning.mp4",
        "reviewed",
        Clip(
            street(41, MORNING),
            (
                bus(MORNING, "yellow", x=520, speed=-4),
                car(MORNING, 1, "blue", near=False, x=760, speed=-7),
                bicycle(MORNING, "red", x=330, speed=3),
                car(MORNING, 2, "white", near=True, x=-90, speed=11),
            ),
            45,
        ),
    )
    yield (
        "camera-3-grey.mp4",
        "completed",
        Clip(
            street(42, OVERCAST),
            (
                car(OVERCAST, 3, "red", near=False, x=600, speed=-8),
                car(OVERCAST, 4, "silver", near=False, x=780, speed=-8),
                car(OVERCAST, 5, "black", near=True, x=30, speed=6),
            ),
            45,
        ),
    )
    yield (
        "camera-3-dusk.mp4",
        "registered",
        Clip(
            street(44, DUSK),
            (
                car(DUSK, 6, "green", near=False, x=420, speed=0),
                bus(DUSK, "red", x=820, speed=-9),
                car(DUSK, 7, "yellow", near=True, x=-40, speed=9),
            ),
            45,
        ),
    )


def tasks() -> Iterator[SampleTask]:
    for name, status, clip in clips():
        video = to_mp4(clip.frames(), FPS)
        yield SampleTask(name, {name: video}, clip.annotations(), status, ("camera 3",))


_HOURS = (
    ("0730.mp4", MORNING, 4, "reviewed"),
    ("1210.mp4", OVERCAST, 1, "completed"),
    ("2145.mp4", NIGHT, 2, "registered"),
)


def density_tasks() -> Iterator[SampleTask]:
    """Yield short clips that are judged as a whole."""
    for number, (name, mood, cars, status) in enumerate(_HOURS):
        colors = list(CAR_COLORS)
        passing = tuple(
            car(mood, 10 * number + k, colors[(3 * number + k) % len(colors)], near=k % 2 == 1,
                x=40 + 140 * k, speed=8 if k % 2 else -6)
            for k in range(cars)
        )  # fmt: skip
        passing = tuple(sorted(passing, key=lambda vehicle: vehicle.at[1]))
        clip = Clip(street(50 + number, mood), passing, 24)
        labels = answers(traffic="heavy" if cars > 3 else "light", is_dark=mood.lamps)
        yield SampleTask(name, {name: to_mp4(clip.frames(), FPS)}, labels, status, ("camera 3",))


_COLOR = choice("select", "color", "Color", *CAR_COLORS)
BOXES = SampleProject(
    "Traffic camera",
    "traffic-camera",
    "video_bbox",
    (
        annotation_class("bbox", "car", "Car", "#e4572e", _COLOR),
        annotation_class("bbox", "bus", "Bus", "#2e86ab", _COLOR),
        annotation_class("bbox", "bicycle", "Bicycle", "#8f5fbf", _COLOR),
    ),
    tasks,
)
DENSITY = SampleProject(
    "Traffic by the hour",
    "traffic-density",
    "video_single_classification",
    (
        questions(
            choice("radio", "traffic", "Traffic", "light", "heavy"),
            switch("is_dark", "Dark"),
        ),
    ),
    density_tasks,
)
