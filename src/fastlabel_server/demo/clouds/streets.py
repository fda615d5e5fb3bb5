"""Streets as a car's laser scanner sees them: single turns, and one drive of several."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from fastlabel_server.demo.clouds.rays import Scan, scan
from fastlabel_server.demo.clouds.things import (
    Thing,
    bodies,
    car,
    houses,
    labelled,
    pedestrian,
    roadside,
    truck,
)
from fastlabel_server.demo.samples import (
    Json,
    SampleProject,
    SampleTask,
    annotation_class,
    choice,
    frame_map,
)

SEEN = 12
"""Points from which on a thing is labelled: nobody tells what fewer are."""
FRAMES = 6

_STATES = choice("radio", "state", "State", "parked", "moving")
TRAFFIC = (
    annotation_class("cuboid", "car", "Car", "#e4572e", _STATES),
    annotation_class("cuboid", "truck", "Truck", "#2e86ab", _STATES),
    annotation_class("cuboid", "pedestrian", "Pedestrian", "#f2b134"),
)


@dataclass(frozen=True)
class Sight:
    """A scene as it was scanned: its labelled things by their owner's number."""

    things: list[Thing]
    scan: Scan

    def seen(self) -> Iterator[tuple[int, Thing]]:
        for owner, thing in enumerate(self.things):
            if (self.scan.owners == owner).sum() >= SEEN:
                yield owner, thing


_STREETS: tuple[tuple[str, int, str, list[Thing]], ...] = (
    ("market-street", 1, "completed",
     [car(9, 3.6, 180), car(-12, 3.7, 180), car(17, -2.1), truck(-16, -2.2), car(24, 3.5, 180),
      car(5, -7, 1), car(-7, -7, 0), pedestrian(7, 8.6, 90), pedestrian(-5, -9, 20),
      pedestrian(12, -8.8, 200)]),
    ("station-road", 2, "reviewed",
     [truck(14, 3.4, 180), car(-9, 2.2, 182), car(8, -2.4), car(19, -2.3), car(-14, -6.8),
      car(4, 6.9, 180), car(11, 7.0, 180), pedestrian(3, -8.6, 45), pedestrian(16, -9.1, 10)]),
    ("school-crossing", 3, "registered",
     [car(11, -2.2), car(-10, 3.5, 180), car(18, -2.1), pedestrian(7.5, -1.5, 90),
      pedestrian(7.8, 1.0, 90), pedestrian(7.2, 3.4, 90), pedestrian(7.2, 9.4, 270),
      car(-6, -6.9, 2), car(-13, -6.9)]),
)  # fmt: skip


def sight(seed: int, traffic: list[Thing], steps: int = 600) -> Sight:
    """Scan traffic on a street with houses, lamps and trees."""
    rng = Random(seed)  # noqa: S311
    things = [*traffic, *roadside(rng)]
    return Sight(things, scan([*bodies(things), *houses(rng)], steps=steps))


def _state(thing: Thing) -> list[dict[str, str]]:
    if thing.value == "pedestrian":
        return []
    return [{"key": "state", "value": "parked" if abs(thing.at[1]) > 6.2 else "moving"}]


def single() -> Iterator[tuple[str, str, Sight]]:
    """Yield name, status and sight of each street."""
    for name, seed, status, traffic in _STREETS:
        yield name, status, sight(seed, traffic)


def _cuboid_tasks() -> Iterator[SampleTask]:
    values = {body["value"] for body in TRAFFIC}
    for name, status, found in single():
        labels = [
            labelled(thing, attributes=_state(thing))
            for _, thing in found.seen()
            if thing.value in values
        ]
        yield SampleTask(f"{name}.pcd", {f"{name}.pcd": found.scan.to_pcd()}, labels, status,
                         ("lidar",))  # fmt: skip


def _segmentation_tasks() -> Iterator[SampleTask]:
    values = {body["value"] for body in BELONGINGS}
    statuses = ("reviewed", "completed", "registered")
    for number, (name, _, _, traffic) in enumerate(_STREETS):
        found = sight(11 + number, traffic[:5], steps=400)
        labels = [
            {
                "type": "segmentation",
                "value": thing.value,
                "points": found.scan.indices_of(owner),
            }
            for owner, thing in found.seen()
            if thing.value in values
        ]
        file = {f"{name}.pcd": found.scan.to_pcd()}
        yield SampleTask(f"{name}.pcd", file, labels, statuses[number], ("lidar",))


BELONGINGS = (
    annotation_class("segmentation", "car", "Car", "#e4572e"),
    annotation_class("segmentation", "truck", "Truck", "#2e86ab"),
    annotation_class("segmentation", "pole", "Pole", "#8f5fbf"),
    annotation_class("segmentation", "tree", "Tree", "#3bb273"),
)
"""Classes whose annotations are the points of one thing each."""

_DRIVES = (
    ("overtaking", 21, "completed",
     ((car(-16, -2.2), 3.0, 0.0), (truck(14, -2.3), 1.1, 0.0), (car(22, 3.5, 180), 3.4, 0.0),
      (car(9, 7.0, 180), 0.0, 0.0), (pedestrian(4, 8.8, 0), 0.35, 0.0))),
    ("turning", 22, "registered",
     ((car(12, -2.2, 0), 1.2, 0.16), (car(-6, 3.5, 180), 2.2, 0.0),
      (pedestrian(9, -8.8, 90), 0.4, 0.0), (car(-12, -6.9), 0.0, 0.0))),
)  # fmt: skip


def drive(seed: int, movers: tuple[tuple[Thing, float, float], ...]) -> Iterator[Sight]:
    """Yield the frames of a drive; each thing goes ahead and turns by so much a frame."""
    now = [thing for thing, _, _ in movers]
    for _ in range(FRAMES):
        yield sight(seed, now, steps=400)
        now = [
            thing.moved(ahead, turn) for thing, (_, ahead, turn) in zip(now, movers, strict=True)
        ]


def drives() -> Iterator[tuple[str, str, list[Sight], list[Json]]]:
    """Yield name, status, frames and annotations of each drive."""
    for name, seed, status, movers in _DRIVES:
        frames = list(drive(seed, movers))
        labels: list[Json] = []
        for owner, (mover, _, _) in enumerate(movers):
            path = {
                number: frame.things[owner].cuboid()
                for number, frame in enumerate(frames, start=1)
                if (frame.scan.owners == owner).sum() >= SEEN
            }
            if path:
                labels.append(
                    {"type": "cuboid", "value": mover.value, "points": frame_map(path),
                     "attributes": _state(mover)}
                )  # fmt: skip
        yield name, status, frames, labels


def _drive_tasks() -> Iterator[SampleTask]:
    for name, status, frames, labels in drives():
        files = {f"{n:03}.pcd": frame.scan.to_pcd() for n, frame in enumerate(frames, start=1)}
        yield SampleTask(name, files, labels, status, ("lidar", "drive"))


CUBOIDS = SampleProject("Streets in points", "lidar-streets", "pcd_cuboid", TRAFFIC, _cuboid_tasks)
SEGMENTS = SampleProject(
    "Points of things", "lidar-things", "pcd_segmentation", BELONGINGS, _segmentation_tasks
)
DRIVES = SampleProject(
    "Drives in points", "lidar-drives", "sequential_pcd_cuboid", TRAFFIC, _drive_tasks
)
