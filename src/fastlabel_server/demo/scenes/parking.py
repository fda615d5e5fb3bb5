"""A car park as a drone sees it, whose cars stand at an angle: labelled with rotated boxes."""

from random import Random

from fastlabel_server.demo.samples import answers
from fastlabel_server.demo.scenes.colors import (
    BLACK,
    WHITE,
    Color,
    Gradient,
    darker,
    hexa,
    lighter,
    mix,
    vertical,
)
from fastlabel_server.demo.scenes.curves import Point, Ring, blob, box, ellipse, placed, smooth
from fastlabel_server.demo.scenes.model import Label
from fastlabel_server.demo.scenes.painter import Painter, Thing, area, strokes
from fastlabel_server.demo.scenes.scenery import HEIGHT, WIDTH
from fastlabel_server.demo.scenes.vehicles import CAR_COLORS

_BAY_WIDE, _BAY_LONG, _AISLE = 74, 150, 128
_SHADOW: Color = (20, 24, 48)
_CORNERS = [(-62, -20), (-58, -27), (-30, -28.5), (20, -28), (48, -26.5), (59, -20), (62.5, 0),
            (59, 20), (48, 26.5), (20, 28), (-30, 28.5), (-58, 27), (-62, 20),
            (-63, 0)]  # fmt: skip
_CABIN = [(-50, -20), (-20, -24), (18, -23), (26, 0), (18, 23), (-20, 24), (-50, 20), (-53, 0)]


class CarPark:
    """One picture of a car park turned by some degrees, with the cars painted on it."""

    def __init__(self, rng: Random, turn_deg: float, ground: Color, leaf: Color) -> None:
        self.p = Painter()
        self.rng = rng
        self.turn_deg = turn_deg
        self.ground = ground
        self.leaf = leaf
        self.cars: list[tuple[Thing, str, Point, tuple[float, float], float]] = []

    def _at(self, ring: Ring) -> Ring:
        return placed(ring, (WIDTH / 2, HEIGHT / 2), 1, self.turn_deg)

    def paint(self) -> None:
        p, rng = self.p, self.rng
        asphalt = Gradient((lighter(self.ground, 0.12), darker(self.ground, 0.12)), "radius")
        p.fill(area(box(0, 0, WIDTH, HEIGHT)), asphalt)
        for _ in range(60):
            spot = blob(rng, rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.uniform(8, 60),
                        rng.uniform(6, 36))  # fmt: skip
            p.tint(area(spot).blurred(6), rng.choice((BLACK, WHITE)), 0.035)
        pitch = 2 * _BAY_LONG + _AISLE + 46
        for y in (-pitch, 0.0, pitch):
            self._island(y)
            self._row(y - 23 - _BAY_LONG, -1)
            self._row(y + 23, 1)
        for y in (-pitch / 2, pitch / 2):
            self._arrows(y)
        for y in (-pitch, 0.0, pitch):
            for x in range(-780, 800, 195):
                self._tree(x + rng.uniform(-50, 50), y + rng.uniform(-6, 6))

    def _row(self, y: float, side: int) -> None:
        p, rng = self.p, self.rng
        lines = [
            self._at([(x, y + 6), (x, y + _BAY_LONG - 6)]) for x in range(-888, 889, _BAY_WIDE)
        ]
        p.tint(strokes(lines, 3.2), hexa("#f1ede2"), 0.8)
        for x in range(-888 + _BAY_WIDE // 2, 880, _BAY_WIDE):
            if rng.random() < 0.66:
                centre = self._at([(x + rng.uniform(-5, 5), y + _BAY_LONG / 2 + rng.gauss(0, 5))])[
                    0
                ]
                heading = 90 * side * rng.choice((1, 1, -1)) + rng.gauss(0, 1.6)
                if -20 < centre[0] < WIDTH + 20 and -20 < centre[1] < HEIGHT + 20:
                    self._car(centre, self.turn_deg + heading)

    def _car(self, at: Point, turn_deg: float) -> None:
        p, rng = self.p, self.rng
        name = rng.choice(list(CAR_COLORS))
        color = CAR_COLORS[name]
        size = rng.uniform(0.96, 1.06)

        def put(ring: Ring) -> Ring:
            return placed(ring, at, size, turn_deg)

        shell = smooth(_CORNERS, steps=5)
        body = area(put(shell))
        p.shadow(body, (9, 11), 5, _SHADOW, 0.5)
        with p.thing() as car:
            p.fill(area(*(put(box(x, y, x + 9, y + 7, 3)) for x, y in ((13, -32), (13, 25)))),
                   darker(color, 0.3))  # fmt: skip
            p.fill(body, lighter(color, 0.08))
            p.relief(body, 7, 0.85, darker(color, 0.8))
            cabin = area(put(smooth(_CABIN, steps=5)))
            p.fill(cabin, hexa("#3d5263"))
            glare = area(put([(-60, -30), (-20, -30), (30, 30), (10, 30)]))
            p.tint(glare.within(cabin), WHITE, 0.2)
            roof = area(put(box(-36, -19.5, 6, 19.5, 8)))
            p.fill(roof, lighter(color, 0.16))
            p.relief(roof, 6, 0.6, darker(color, 0.8))
            front = area(*(put(box(53, y, 60, y + 6, 2)) for y in (-21, 15)))
            p.tint(front, hexa("#fff2cf"), 0.95)
            rear = area(*(put(box(-61, y, -57, y + 6, 1)) for y in (-21, 15)))
            p.tint(rear, hexa("#cc3a33"), 0.95)
            creases = [put([(30, y), (54, y * 0.8)]) for y in (-8, 8)]
            p.tint(strokes(creases, 1.2), BLACK, 0.18)
        box_size = (size * 125.8, size * 64.0)
        middle = placed([(-0.2, 0)], at, size, turn_deg)[0]
        self.cars.append((car, name, middle, box_size, turn_deg))

    def _island(self, y: float) -> None:
        p = self.p
        kerb = p.fill(self._at(box(-900, y - 21, 900, y + 21, 12)), hexa("#d8d2c6"))
        p.relief(kerb, 3, 0.6, BLACK)
        grass = self._at(box(-896, y - 16, 896, y + 16, 10))
        p.fill(grass, vertical(lighter(self.leaf, 0.25), self.leaf))

    def _arrows(self, y: float) -> None:
        shape = [(-46, -4), (10, -4), (10, -15), (44, 0), (10, 15), (10, 4), (-46, 4)]
        for x, lane in ((-420, -1), (0, 1), (380, -1)):
            ring = placed(shape, (x, y + lane * 28), 1, 180 if lane < 0 else 0)
            self.p.tint(area(self._at(ring)), hexa("#f1ede2"), 0.75)

    def _tree(self, x: float, y: float) -> None:
        p, rng = self.p, self.rng
        cx, cy = self._at([(x, y)])[0]
        if not (-60 < cx < WIDTH + 60 and -60 < cy < HEIGHT + 60):
            return
        size = rng.uniform(24, 34)
        crown = area(blob(rng, cx, cy, size, size, 0.12))
        p.shadow(crown, (15, 19), 5, _SHADOW, 0.42)
        p.fill(crown, darker(self.leaf, 0.25))
        p.relief(crown, 10, 0.8, darker(self.leaf, 0.75))
        for _ in range(9):
            dx, dy = rng.gauss(0, size * 0.36), rng.gauss(0, size * 0.36)
            leaf = mix(lighter(self.leaf, 0.2), darker(self.leaf, 0.2), rng.random())
            tuft = area(ellipse(cx + dx, cy + dy, size * 0.3)).within(crown)
            p.fill(tuft, leaf)
            p.relief(tuft, 4, 0.6, darker(leaf, 0.7))

    def labels(self) -> tuple[Label, ...]:
        """Return a rotated box for each car whose middle is inside the picture."""
        found = []
        for car, color, (cx, cy), (long, wide), turn_deg in self.cars:
            if not (0 < cx < WIDTH and 0 < cy < HEIGHT):
                continue
            points = [cx - long / 2, cy - wide / 2, cx + long / 2, cy + wide / 2]
            annotation = {
                "type": "bbox",
                "value": "car",
                "points": [round(number, 2) for number in points],
                "rotation": round((turn_deg + 180) % 360 - 180, 2),
                "attributes": answers(color=color, occluded=self.p.visible_share(car) < 0.92),
            }
            found.append(Label(annotation, car.silhouette))
        return tuple(found)
