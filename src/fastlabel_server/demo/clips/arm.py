"""A robot's arm that moves blocks: two cameras, its joints, and the sub-tasks of each episode."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from fastlabel_server.demo.clips.encode import Pixels, to_mp4
from fastlabel_server.demo.samples import Json, SampleProject, SampleTask, annotation_class, choice

SIZE_WH = (320, 240)
FPS = 10
_LARGER = 2
_UPPER, _LOWER = 0.26, 0.24
"""Lengths of the arm's two parts, in metres."""
_SHOULDER = 0.12
_LIFTED, _DOWN = 0.24, 0.06
"""Height of the hand above the table while it carries, and while it grasps."""
_COLORS = {"red": (200, 70, 60), "blue": (62, 112, 170), "green": (76, 150, 96)}

Reach = tuple[float, float]
"""Where a hand is, seen from above: distance from the base, and bearing in radians."""
Point = tuple[float, float]


@dataclass(frozen=True)
class Pose:
    """The arm in one frame; `grip` is 1 where the hand is closed."""

    distance: float
    bearing: float
    height: float
    grip: float

    def joints(self) -> tuple[float, float, float]:
        """Return bearing, lift of the upper and bend of the lower part, in radians.

        Source: https://en.wikipedia.org/wiki/Inverse_kinematics (law of cosines, two parts)
        """
        z = self.height - _SHOULDER
        length = min(math.hypot(self.distance, z), _UPPER + _LOWER - 1e-6)
        bend = math.acos((_UPPER**2 + _LOWER**2 - length**2) / (2 * _UPPER * _LOWER))
        inner = math.acos((_UPPER**2 + length**2 - _LOWER**2) / (2 * _UPPER * length))
        return (self.bearing, math.atan2(z, self.distance) + inner, bend)


@dataclass(frozen=True)
class Step:
    """A sub-task: how many frames it takes, and where it leads."""

    value: str
    frames: int
    to: Pose


@dataclass(frozen=True)
class Episode:
    """A block that is taken from one place to another."""

    name: str
    status: str
    operator: str
    color: str
    start: Reach
    goal: Reach

    def steps(self) -> list[Step]:
        (d1, b1), (d2, b2) = self.start, self.goal
        return [
            Step("reach", 9, Pose(d1, b1, _DOWN, 0)),
            Step("grasp", 4, Pose(d1, b1, _DOWN, 1)),
            Step("lift", 6, Pose(d1, b1, _LIFTED, 1)),
            Step("carry", 10, Pose(d2, b2, _LIFTED, 1)),
            Step("place", 7, Pose(d2, b2, _DOWN, 0)),
            Step("return", 8, _HOME),
        ]

    def poses(self) -> list[Pose]:
        """Return the arm in each frame; between two steps it speeds up and slows down."""
        poses, before = [_HOME], _HOME
        for step in self.steps():
            for frame in range(1, step.frames + 1):
                share = (1 - math.cos(math.pi * frame / step.frames)) / 2
                poses.append(_between(before, step.to, share))
            before = step.to
        return poses[1:]

    def block(self, frame: int) -> tuple[Reach, float]:
        """Return where the block is in a frame, counted from 0: from above, and how high."""
        taken = sum(step.frames for step in self.steps()[:2])
        left = sum(step.frames for step in self.steps()[:5])
        if frame < taken:
            return self.start, 0
        if frame >= left:
            return self.goal, 0
        pose = self.poses()[frame]
        return (pose.distance, pose.bearing), max(0, pose.height - _DOWN)

    def sub_tasks(self) -> list[Json]:
        """Return the sub-tasks; frames count from 1, the last one is part of each."""
        found, first = [], 1
        for step in self.steps():
            last = first + step.frames - 1
            found.append({"type": "sub_task", "value": step.value, "start": first, "end": last})
            first = last + 1
        return found

    def telemetry(self) -> bytes:
        frames = [
            {
                "frame": number,
                "time_s": round((number - 1) / FPS, 3),
                "joints_rad": [round(angle, 4) for angle in pose.joints()],
                "gripper": round(pose.grip, 3),
            }
            for number, pose in enumerate(self.poses(), start=1)
        ]
        return json.dumps(frames).encode()


_HOME = Pose(0.2, 0.0, 0.3, 0)


def _between(a: Pose, b: Pose, share: float) -> Pose:
    return Pose(*(
        x + (y - x) * share
        for x, y in zip(
            (a.distance, a.bearing, a.height, a.grip),
            (b.distance, b.bearing, b.height, b.grip),
            strict=True,
        )
    ))  # fmt: skip


def from_front(episode: Episode) -> Iterator[Pixels]:
    """Yield the frames of a camera on the far side of the table."""

    def at(distance: float, bearing: float, height: float) -> Point:
        near = distance * math.cos(bearing)
        size = 560 * (1 + 0.35 * near)
        return (320 + distance * math.sin(bearing) * size, 330 + 120 * near - height * size)

    for number, pose in enumerate(episode.poses()):
        image, pen = _scene((232, 228, 220), (0, 300, 640, 480), (178, 150, 120))
        (distance, bearing), lift = episode.block(number)
        _mark(pen, at(*episode.goal, 0), 26)
        bearing_rad, rise, _ = pose.joints()
        base, shoulder = at(0, 0, 0), at(0, 0, _SHOULDER)
        elbow = at(_UPPER * math.cos(rise), bearing_rad, _SHOULDER + _UPPER * math.sin(rise))
        hand = at(pose.distance, pose.bearing, pose.height)
        _cube(pen, at(distance, bearing, lift), 22, _COLORS[episode.color])
        _arm(pen, [base, shoulder, elbow, hand])
        _fingers(pen, hand, pose.grip)
        yield np.asarray(image.reduce(_LARGER))


def from_above(episode: Episode) -> Iterator[Pixels]:
    """Yield the frames of a camera over the table."""

    def at(distance: float, bearing: float) -> Point:
        return (320 + 620 * distance * math.sin(bearing), 100 + 620 * distance * math.cos(bearing))

    for number, pose in enumerate(episode.poses()):
        image, pen = _scene((178, 150, 120), (60, 30, 580, 450), (196, 168, 136))
        (distance, bearing), lift = episode.block(number)
        _mark(pen, at(*episode.goal), 30)
        _cube(pen, at(distance, bearing), 24 + 30 * lift, _COLORS[episode.color])
        hand = at(pose.distance, pose.bearing)
        _, rise, _ = pose.joints()
        _arm(pen, [at(0, 0), at(_UPPER * math.cos(rise), pose.bearing), hand])
        _fingers(pen, hand, pose.grip)
        yield np.asarray(image.reduce(_LARGER))


def _scene(
    ground: tuple[int, int, int], table: tuple[int, int, int, int], wood: tuple[int, int, int]
) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (SIZE_WH[0] * _LARGER, SIZE_WH[1] * _LARGER), ground)
    pen = ImageDraw.Draw(image)
    pen.rectangle(table, fill=wood)
    return image, pen


def _mark(pen: ImageDraw.ImageDraw, at: Point, size: float) -> None:
    x, y = at
    pen.rectangle((x - size, y - size, x + size, y + size), outline=(250, 246, 236), width=4)


def _cube(
    pen: ImageDraw.ImageDraw, at: Point, size: float, color: tuple[int, int, int]
) -> None:  # fmt: skip
    x, y = at
    darker = tuple(value * 3 // 4 for value in color)
    pen.rectangle((x - size, y - size, x + size, y + size), fill=color, outline=darker, width=4)


def _arm(pen: ImageDraw.ImageDraw, points: Sequence[Point]) -> None:
    pen.line(points, fill=(64, 70, 84), width=26, joint="curve")
    pen.line(points, fill=(226, 160, 60), width=16, joint="curve")
    for x, y in points:
        pen.ellipse((x - 15, y - 15, x + 15, y + 15), fill=(64, 70, 84))
        pen.ellipse((x - 6, y - 6, x + 6, y + 6), fill=(150, 156, 168))


def _fingers(pen: ImageDraw.ImageDraw, hand: Point, grip: float) -> None:
    x, y = hand
    apart = 34 - 9 * grip
    for side in (-1, 1):
        pen.line(((x, y), (x + side * apart, y + 8), (x + side * apart, y + 34)),
                 fill=(48, 52, 64), width=9, joint="curve")  # fmt: skip


EPISODES = (
    Episode("episode_001", "completed", "Aiko", "red", (0.34, -0.5), (0.36, 0.55)),
    Episode("episode_002", "registered", "Mateo", "blue", (0.3, 0.6), (0.38, -0.35)),
)


def tasks() -> Iterator[SampleTask]:
    for episode in EPISODES:
        files = {
            "above.mp4": to_mp4(from_above(episode), FPS),
            "front.mp4": to_mp4(from_front(episode), FPS),
            f"{episode.name}.json": episode.telemetry(),
        }
        yield SampleTask(
            episode.name, files, episode.sub_tasks(), episode.status, ("blocks",),
            fields={"operator": episode.operator},
        )  # fmt: skip


_HUES = ("#4c6ef5", "#e4572e", "#3bb273", "#f2b134", "#8f5fbf", "#868e96")
_DONE = choice("radio", "result", "Result", "success", "failure")
PROJECT = SampleProject(
    "Blocks and an arm",
    "robot-arm",
    "robotics_task_classification",
    tuple(
        annotation_class("sub_task", step.value, step.value.capitalize(), color, _DONE)
        for step, color in zip(EPISODES[0].steps(), _HUES, strict=True)
    ),
    tasks,
)
