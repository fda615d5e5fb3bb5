"""An avenue as its drivers see it, labelled with lines, circles, points, boxes and polygons."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from PIL import Image

from fastlabel_server.demo.samples import Json, SampleProject, annotation_class, answers, choice
from fastlabel_server.demo.scenes.colors import BLACK, WHITE, Color, darker, hexa, lighter, vertical
from fastlabel_server.demo.scenes.curves import Point, Ring, between, box, ellipse, placed, smooth
from fastlabel_server.demo.scenes.model import Label, Picture, encoded
from fastlabel_server.demo.scenes.moods import DUSK, GOLDEN, NOON, OVERCAST, Mood
from fastlabel_server.demo.scenes.outlines import bounds_xyxy
from fastlabel_server.demo.scenes.painter import Mask, Painter, Thing, area, stroke
from fastlabel_server.demo.scenes.scenery import (
    HEIGHT,
    WIDTH,
    paint_lamp,
    paint_sky,
    paint_skyline,
    paint_tree,
)
from fastlabel_server.demo.scenes.vehicles import CAR_COLORS

_HORIZON = 400
# Half the road's width at the lower edge of the picture.
_HALF_ROAD = 640
_LIMITS = ("30", "50")


class Avenue:
    """One picture in the making: things are placed by depth, 0 at the horizon, 1 in front."""

    def __init__(self, seed: int, mood: Mood, vanishing_x: float, leaf: Color) -> None:
        self.p = Painter()
        self.rng = Random(seed)  # noqa: S311
        self.mood = mood
        self.far = (vanishing_x, _HORIZON)
        self.leaf = leaf
        self.labels: list[Label] = []
        self._cars: list[tuple[Thing, str]] = []

    def at(self, across: float, depth: float) -> Point:
        """Return where a spot of the ground is seen; -1 and 1 are the edges of the road."""
        near = (WIDTH / 2 + across * _HALF_ROAD, HEIGHT)
        return between(self.far, near, depth)

    def _label(self, pixels: Image.Image, shape: str, value: str, points: Sequence[float],
               **extra: Any) -> None:  # fmt: skip
        annotation: Json = {"type": shape, "value": value,
                            "points": [round(number, 1) for number in points],
                            "attributes": answers(**extra)}  # fmt: skip
        self.labels.append(Label(annotation, pixels))

    def paint(self, cars: Sequence[tuple[float, float, str]], crossing: float) -> None:
        self.paint_place(crossing)
        for across, depth, color in sorted(cars, key=lambda car: car[1]):
            self.paint_car(across, depth, color)

    def paint_place(self, crossing: float) -> None:
        """Paint what stands still."""
        p, rng, mood = self.p, self.rng, self.mood
        paint_sky(p, rng, mood, _HORIZON)
        paint_skyline(p, rng, mood, _HORIZON + 4)
        grass = vertical(lighter(self.leaf, 0.2), self.leaf)
        p.fill(area(box(0, _HORIZON, WIDTH, HEIGHT)), grass)
        road = [self.at(-1, 0.015), self.at(1, 0.015), self.at(1, 1.02), self.at(-1, 1.02)]
        for reach, color in ((1.34, "#cfc6ba"), (1.05, "#e6e0d5")):
            walk = [self.at(-reach, 0.015), self.at(reach, 0.015), self.at(reach, 1.1),
                    self.at(-reach, 1.1)]  # fmt: skip
            p.fill(walk, hexa(color))
        p.fill(road, vertical(hexa("#8b8d95"), hexa("#6b6d76"), hexa("#5d6069")))
        self._lanes()
        self._crossing(crossing)
        for depth in (0.07, 0.11, 0.17, 0.26, 0.4, 0.62):
            for side in (-1, 1):
                self._roadside(side, depth)
        for depth, side in ((0.2, 1), (0.36, -1), (0.52, 1)):
            self._sign(side, depth)

    def _lanes(self) -> None:
        p = self.p
        for across, kind in (
            (-0.94, "solid"),
            (-0.32, "dashed"),
            (0.32, "dashed"),
            (0.94, "solid"),
        ):
            spans = [(0.03, 1.0)]
            if kind == "dashed":
                spans = [(1 / (1 + k * 0.8), 1 / (1.34 + k * 0.8)) for k in range(22)]
            with p.thing() as paint:
                for near, far in spans:
                    ring = [self.at(across - 0.011, near), self.at(across + 0.011, near),
                            self.at(across + 0.011, far), self.at(across - 0.011, far)]  # fmt: skip
                    p.fill(ring, hexa("#ece7da"), 0.92)
            ends = [*self.at(across, 0.045), *self.at(across, 1.0)]
            ends = _cut_at_edges(ends)
            self._label(paint.silhouette, "line", "lane", ends, kind=kind)

    def _crossing(self, depth: float) -> None:
        p = self.p
        near = depth * 1.2
        with p.thing() as zebra:
            p.fill(self._flat(-0.9, 0.9, depth, near), hexa("#6f717a"))
            for k in range(9):
                left = -0.88 + k * 0.2
                p.fill(self._flat(left, left + 0.115, depth, near), hexa("#eee9dd"))
        ring = self._flat(-0.9, 0.9, depth, near)
        self._label(zebra.silhouette, "polygon", "crossing", [n for point in ring for n in point])

    def _flat(self, left: float, right: float, far: float, near: float) -> Ring:
        return [self.at(left, far), self.at(right, far), self.at(right, near), self.at(left, near)]

    def _roadside(self, side: int, depth: float) -> None:
        p, rng = self.p, self.rng
        x, y = self.at(side * 1.62, depth)
        paint_tree(p, rng, x + side * 30 * depth, y, 620 * depth + 26, self.leaf)
        x, y = self.at(side * 1.14, depth * 1.16)
        size = 640 * depth
        if not (0 < x < WIDTH) or size < 60:
            return
        paint_lamp(p, x, y, size, self.mood)
        bulb = ellipse(x + size * 0.22, y - size * 1.015, size * 0.06, size * 0.016)
        if 0 < bulb[0][0] < WIDTH and y - size * 1.03 > 0:
            with p.thing() as lamp:
                p.fill(bulb, hexa("#fff3d0"))
            if self.mood.lamps:
                p.shine(bulb, hexa("#fff0c4"))
            self._label(lamp.silhouette, "keypoint", "lamp",
                        (x + size * 0.22, y - size * 1.015))  # fmt: skip

    def _sign(self, side: int, depth: float) -> None:
        p, rng = self.p, self.rng
        x, y = self.at(side * 1.2, depth)
        radius, size = 62 * depth, 360 * depth
        if not (radius < x < WIDTH - radius):
            return
        pole = p.fill(stroke([(x, y), (x, y - size)], max(2.0, 9 * depth)), hexa("#9aa0a6"))
        p.relief(pole, 2, 0.7, BLACK)
        centre = (x, y - size)
        limit = rng.choice(_LIMITS)
        with p.thing() as sign:
            disc = p.fill(ellipse(*centre, radius), hexa("#cf3b36"))
            p.relief(disc, 2, 0.6, BLACK)
            p.fill(ellipse(*centre, radius * 0.76), hexa("#f7f4ec"))
            for k, digit in enumerate(limit):
                stem = placed(_DIGITS[digit], (x + (k - 0.5) * radius * 0.62, y - size), radius)
                p.fill(stroke(smooth(stem, closed=False, steps=5), radius * 0.13), hexa("#26262c"))
        self._label(sign.silhouette, "circle", "sign", (*centre, radius), limit=limit)

    def paint_car(self, across: float, depth: float, name: str) -> Thing:
        """Paint a car from behind; those far away come first."""
        p, color = self.p, CAR_COLORS[name]
        at, size = self.at(across, depth), depth * 2.5

        def put(ring: Ring) -> Ring:
            return placed(ring, at, size)

        def part(x1: float, y1: float, x2: float, y2: float, radius: float = 0) -> Mask:
            return area(put(box(x1, y1, x2, y2, radius)))

        p.shadow(area(put(ellipse(0, 1, 78, 9))), (0, 2), 6 * size, BLACK, 0.6)
        with p.thing() as car:
            for x in (-60, 38):
                p.fill(part(x, -30, x + 22, 1, 5), hexa("#222228"))
            cabin = area(put(smooth([(-56, -58), (-42, -94), (-20, -102), (20, -102), (42, -94),
                                     (56, -58)], closed=False, steps=5)))  # fmt: skip
            p.fill(cabin, vertical(lighter(color, 0.3), color))
            p.relief(cabin, 5 * size, 0.8, darker(color, 0.8))
            body = part(-68, -66, 68, -14, 15)
            p.fill(body, vertical(lighter(color, 0.32), color, darker(color, 0.4)))
            p.relief(body, 6 * size, 0.9, darker(color, 0.8))
            glass = area(put(smooth([(-47, -64), (-36, -90), (0, -95), (36, -90), (47, -64)],
                                    closed=False, steps=5)))  # fmt: skip
            p.fill(glass, vertical(hexa("#aac6d4"), hexa("#5c788c")))
            slant = area(put([(-20, -110), (4, -110), (-24, -50), (-48, -50)]))
            p.tint(slant.within(glass), WHITE, 0.25)
            seats = area(*(put(box(x, -76, x + 17, -56, 6)) for x in (-31, 14)))
            p.tint(seats.within(glass), hexa("#2b3440"), 0.5)
            lamps = area(put(box(-65, -56, -42, -44, 5)), put(box(42, -56, 65, -44, 5)))
            p.fill(lamps, hexa("#d23b32"))
            p.tint(part(-64, -31, 64, -18, 4), BLACK, 0.3)
            p.fill(part(-19, -43, 19, -33, 2), hexa("#f1efe6"))
            p.tint(part(-68, -52, 68, -50).within(body), WHITE, 0.25)
        if self.mood.lamps:
            p.shine(lamps, hexa("#ff4a3c"))
        self._cars.append((car, name))
        return car

    def label_cars(self) -> None:
        """Put boxes around what is visible of each car, once all of them stand there."""
        for car, name in self._cars:
            pixels = self.p.visible(car)
            points = bounds_xyxy(pixels)
            if points:
                self._label(pixels, "bbox", "car", points, color=name)


def _cut_at_edges(line: Sequence[float]) -> list[float]:
    """Shorten a line to the part of it that is in the picture, from its far end on."""
    far, near = (line[0], line[1]), (line[2], line[3])
    share = 1.0
    for edge in (0.0, float(WIDTH)):
        if (near[0] - edge) * (far[0] - edge) < 0:
            share = min(share, (edge - far[0]) / (near[0] - far[0]))
    return [*far, *between(far, near, share)]


# Strokes of the digits on signs, about 0.5 wide and 0.8 high.
_DIGITS: dict[str, Ring] = {
    "0": [*ellipse(0, 0, 0.2, 0.36), (0.2, 0.0)],
    "3": [(-0.2, -0.26), (0, -0.37), (0.18, -0.2), (0, -0.02), (0.2, 0.18), (0, 0.37),
          (-0.22, 0.26)],
    "5": [(0.2, -0.36), (-0.16, -0.36), (-0.18, -0.02), (0.04, -0.08), (0.2, 0.14), (0, 0.37),
          (-0.22, 0.26)],
}  # fmt: skip


_VIEWS = (
    ("avenue-noon", 71, NOON, 640, "#7c9c54", 0.42, "completed",
     ((0.64, 0.5, "blue"), (0.02, 0.3, "white"), (0.62, 0.17, "red"), (-0.62, 0.22, "silver"))),
    ("avenue-evening", 72, GOLDEN, 560, "#a08f4a", 0.6, "reviewed",
     ((-0.62, 0.62, "yellow"), (0.02, 0.25, "black"), (0.63, 0.36, "silver"))),
    ("avenue-grey", 73, OVERCAST, 720, "#5f8f5c", 0.3, "completed",
     ((0.0, 0.58, "green"), (0.64, 0.26, "blue"), (-0.63, 0.36, "red"), (0.0, 0.13, "white"))),
    ("avenue-dusk", 74, DUSK, 640, "#5a8c68", 0.46, "registered",
     ((-0.62, 0.34, "white"), (0.62, 0.62, "black"), (0.0, 0.22, "red"), (0.62, 0.2, "blue"))),
)  # fmt: skip


def pictures() -> Iterator[Picture]:
    """Paint four avenues."""
    for name, seed, mood, vanishing_x, leaf, crossing, status, cars in _VIEWS:
        avenue = Avenue(seed, mood, vanishing_x, hexa(leaf))
        avenue.paint(cars, crossing)
        avenue.label_cars()
        yield Picture(
            f"{name}.jpg",
            avenue.p.finish(mood.grade),
            tuple(avenue.labels),
            status=status,
            tags=("driving", mood.name),
            priority=20 if status == "registered" else 0,
        )


PROJECT = SampleProject(
    name="Driver's view",
    slug="drivers-view",
    type="image_all",
    classes=(
        annotation_class("line", "lane", "Lane", "#f2b134",
                         choice("radio", "kind", "Kind", "solid", "dashed")),
        annotation_class("circle", "sign", "Sign", "#d1495b",
                         choice("select", "limit", "Limit", *_LIMITS)),
        annotation_class("keypoint", "lamp", "Lamp", "#8f5fbf"),
        annotation_class("bbox", "car", "Car", "#2e86ab",
                         choice("select", "color", "Color", *CAR_COLORS)),
        annotation_class("polygon", "crossing", "Crossing", "#3bb273"),
    ),
    tasks=encoded(pictures),
)  # fmt: skip
