"""Behind a windscreen: an avenue picture by picture, while the cars ahead come and go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image

from fastlabel_server.demo.samples import (
    Json,
    SampleProject,
    SampleTask,
    annotation_class,
    answers,
    choice,
)
from fastlabel_server.demo.scenes.avenue import Avenue
from fastlabel_server.demo.scenes.colors import hexa
from fastlabel_server.demo.scenes.moods import GOLDEN, OVERCAST, Mood
from fastlabel_server.demo.scenes.outlines import bounds_xyxy
from fastlabel_server.demo.scenes.painter import to_jpeg
from fastlabel_server.demo.scenes.vehicles import CAR_COLORS

FRAMES = 8


@dataclass(frozen=True)
class Car:
    """A car ahead: its lane (-1 to 1), how near it is at first, and by what that grows."""

    name: str
    across: float
    depth: float
    nearer: float

    def depth_at(self, frame: int) -> float:
        return float(self.depth * self.nearer**frame)


@dataclass(frozen=True)
class Shot:
    """One picture of a drive, and the pixels of each car in it by the car's name."""

    image: Image.Image
    cars: dict[str, Image.Image]


_DRIVES: tuple[tuple[str, str, int, Mood, str, float, Sequence[Car]], ...] = (
    ("avenue-braking", "completed", 81, OVERCAST, "#7c9c54", 0.22,
     (Car("blue", 0.02, 0.2, 1.17), Car("red", 0.63, 0.42, 0.9), Car("white", -0.62, 0.16, 1.22),
      Car("silver", 0.02, 0.12, 1.02))),
    ("avenue-overtaken", "registered", 82, GOLDEN, "#a08f4a", 0.16,
     (Car("yellow", -0.62, 0.86, 0.84), Car("black", 0.64, 0.3, 1.0),
      Car("green", 0.0, 0.24, 1.05))),
)  # fmt: skip


def shots(seed: int, mood: Mood, leaf: str, crossing: float, cars: Sequence[Car]) -> Iterator[Shot]:
    """Paint the pictures of a drive."""
    avenue = Avenue(seed, mood, 640, hexa(leaf))
    avenue.paint_place(crossing)
    empty = avenue.p
    for number in range(FRAMES):
        avenue.p = empty.copy()
        things = {
            car.name: avenue.paint_car(car.across, car.depth_at(number), car.name)
            for car in sorted(cars, key=lambda car: car.depth_at(number))
        }
        pixels = {name: avenue.p.visible(thing) for name, thing in things.items()}
        yield Shot(avenue.p.finish(mood.grade), pixels)


def drives() -> Iterator[tuple[str, str, list[Shot]]]:
    """Yield name, status and pictures of each drive."""
    for name, status, seed, mood, leaf, crossing, cars in _DRIVES:
        yield name, status, list(shots(seed, mood, leaf, crossing, cars))


def file_name(number: int) -> str:
    """Return the name of a picture, counted from 0."""
    return f"{number + 1:03}.jpg"


def boxes(shot: Shot, content: str) -> list[Json]:
    """Return a tight box around what is seen of each car."""
    return [
        {"type": "bbox", "value": "car", "points": points, "content": content,
         "attributes": answers(color=name)}
        for name, pixels in shot.cars.items()
        if (points := bounds_xyxy(pixels)) and points[2] - points[0] >= 10
    ]  # fmt: skip


def tasks() -> Iterator[SampleTask]:
    for name, status, found in drives():
        files = {file_name(number): to_jpeg(shot.image) for number, shot in enumerate(found)}
        labels = [
            box for number, shot in enumerate(found) for box in boxes(shot, file_name(number))
        ]
        yield SampleTask(name, files, labels, status, ("driving",))


PROJECT = SampleProject(
    "Drives by picture",
    "drives",
    "sequential_image_bbox",
    (
        annotation_class(
            "bbox", "car", "Car", "#2e86ab", choice("select", "color", "Color", *CAR_COLORS)
        ),
    ),
    tasks,
)
