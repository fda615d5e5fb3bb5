"""Cars, buses and bicycles from the side; (0, 0) of a design is on the ground, amidships."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from fastlabel_server.demo.scenes.colors import (
    BLACK,
    WHITE,
    Color,
    darker,
    hexa,
    lighter,
    mix,
    vertical,
)
from fastlabel_server.demo.scenes.curves import (
    Point,
    Ring,
    box,
    ellipse,
    placed,
    smooth,
)
from fastlabel_server.demo.scenes.painter import Mask, Painter, Thing, area, stroke

CAR_COLORS: dict[str, Color] = {
    "red": hexa("#c8453f"),
    "blue": hexa("#3f6fa8"),
    "white": hexa("#e9e6de"),
    "black": hexa("#3a3d47"),
    "yellow": hexa("#e3b04b"),
    "green": hexa("#5c8a6e"),
    "silver": hexa("#b3b9c0"),
}
_GLASS = vertical(hexa("#b9d3df"), hexa("#7f9fb3"), hexa("#56728a"))
_TYRE = hexa("#26262c")
_LAMP = hexa("#fff0c2")
_REAR = hexa("#d23b32")


@dataclass(frozen=True)
class Place:
    """Where a design stands, how large, and whether it faces left."""

    at: Point
    scale: float = 1
    flip: bool = False

    def __call__(self, ring: Iterable[Point]) -> Ring:
        return placed(ring, self.at, self.scale, flip=self.flip)

    def point(self, x: float, y: float) -> Point:
        return self([(x, y)])[0]


@dataclass(frozen=True)
class _Body:
    """A car's outline from the rear bumper over the roof to the front one, and its windows."""

    outline: Ring
    glass: Ring
    pillar_x: float
    axles: Point


_HATCHBACK = _Body(
    [(-110, -15), (-116, -20), (-120, -42), (-116, -60), (-104, -76), (-88, -92), (-60, -99),
     (-10, -99), (22, -92), (58, -66), (84, -59), (108, -52), (119, -40), (120, -24), (114, -15)],
    [(-96, -64), (-84, -86), (-60, -92), (-12, -92), (16, -86), (46, -64)],
    -28, (-72, 70),
)  # fmt: skip
_SEDAN = _Body(
    [(-122, -15), (-129, -22), (-131, -40), (-127, -58), (-108, -64), (-84, -69), (-58, -88),
     (-30, -95), (6, -94), (34, -86), (64, -66), (92, -60), (120, -52), (131, -38),
     (131, -22), (124, -15)],
    [(-76, -66), (-54, -83), (-30, -89), (4, -88), (28, -81), (52, -64)],
    -12, (-80, 80),
)  # fmt: skip
_VAN = _Body(
    [(-120, -15), (-128, -22), (-130, -60), (-128, -100), (-118, -116), (-90, -120), (0, -120),
     (34, -114), (66, -80), (92, -70), (118, -60), (129, -44), (129, -24), (122, -15)],
    [(-114, -76), (-112, -104), (-90, -110), (0, -110), (28, -104), (54, -76)],
    -44, (-80, 80),
)  # fmt: skip
_BODIES = (_HATCHBACK, _SEDAN, _VAN)


def paint_car(p: Painter, rng: Random, place: Place, color: Color, lamps: bool = False) -> Thing:
    """Paint a car about 250 x 100 design units large, one of three bodies."""
    body = rng.choice(_BODIES)
    outline = area(place(smooth(body.outline, closed=False, steps=5)))
    p.shadow(area(place(ellipse(0, -2, 128, 9))), (0, 2), 6 * place.scale, BLACK, 0.5)
    with p.thing() as car:
        p.fill(outline, vertical(lighter(color, 0.4), color, color, darker(color, 0.45)))
        p.relief(outline, 7 * place.scale, 0.9, darker(color, 0.8))
        arches = area(*(place(ellipse(x, -24, 29)) for x in body.axles)).within(outline)
        p.tint(arches, darker(color, 0.85), 0.9)
        for x in body.axles:
            _wheel(p, place, x, 24)
        _glass(p, place, body, color)
        p.tint(stroke(place([(-112, -46), (112, -44)]), 1.6 * place.scale), WHITE, 0.3)
        p.tint(area(place(box(-112, -24, 112, -15))).within(outline), BLACK, 0.35)
        for x in (body.pillar_x, body.pillar_x + 62):
            p.tint(stroke(place([(x, -62), (x - 3, -26)]), 1.3 * place.scale), BLACK, 0.3)
        p.tint(area(place(box(body.pillar_x + 44, -55, body.pillar_x + 56, -52, 2))), BLACK, 0.45)
        nose = max(x for x, _ in body.outline)
        tail = min(x for x, _ in body.outline)
        front = area(place(ellipse(nose - 10, -43, 9, 6, 15))).within(outline)
        rear = area(place(box(tail, -55, tail + 11, -41, 3))).within(outline)
        p.fill(front, _LAMP)
        p.fill(rear, _REAR)
    if lamps:
        p.shine(front, _LAMP)
        p.shine(rear, mix(_REAR, BLACK, 0.25))
        cone = area(place([(nose - 4, -42), (nose + 150, -22), (nose + 150, 6), (nose - 4, -36)]))
        p.shine(cone.blurred(9), _LAMP, 0.16)
    return car


def _glass(p: Painter, place: Place, body: _Body, color: Color) -> None:
    glass = area(place(smooth(body.glass, steps=5)))
    p.fill(glass, _GLASS)
    bright = area(place([(-40, -130), (-20, -130), (-50, -50), (-70, -50)]))
    p.tint(bright.within(glass), WHITE, 0.28)
    head = area(place([*ellipse(18, -74, 8, 9), (18, -60)]))
    p.tint(head.within(glass), hexa("#2b3440"), 0.55)
    pillar = stroke(place([(body.pillar_x, -122), (body.pillar_x - 3, -60)]), 5 * place.scale)
    p.tint(pillar.within(glass), darker(color, 0.55), 1)


def _wheel(p: Painter, place: Place, x: float, radius: float) -> None:
    at, size = place.point(x, -radius), place.scale
    p.fill(ellipse(*at, radius * size), _TYRE)
    rim = p.fill(ellipse(*at, radius * 0.62 * size), hexa("#aeb4bb"))
    p.relief(rim, 3 * size, 0.8, hexa("#3b3f47"))
    bar = box(radius * 0.12, -2, radius * 0.56, 2, 1)
    bars = (placed(bar, at, size, spoke * 72 + x) for spoke in range(5))
    p.tint(area(*bars), hexa("#585d66"), 0.7)
    p.fill(ellipse(*at, radius * 0.13 * size), hexa("#70757d"))


def paint_bus(p: Painter, place: Place, color: Color, lamps: bool = False) -> Thing:
    """Paint a bus about 430 x 160 design units large."""
    p.shadow(area(place(ellipse(0, -2, 216, 10))), (0, 3), 8 * place.scale, BLACK, 0.5)
    with p.thing() as bus:
        shell = [*box(-214, -158, 206, -16, 16)]
        shell = [(x + 8 if x > 150 and y > -80 else x, y) for x, y in shell]
        body = area(place(shell))
        p.fill(body, vertical(lighter(color, 0.45), color, darker(color, 0.3)))
        p.tint(area(place(box(-220, -62, 220, -48))).within(body), lighter(color, 0.75), 0.9)
        p.relief(body, 8 * place.scale, 0.8, darker(color, 0.8))
        arches = area(*(place(ellipse(x, -27, 33)) for x in (-130, 118))).within(body)
        p.tint(arches, darker(color, 0.85), 0.9)
        for x in (-130, 118):
            _wheel(p, place, x, 27)
        panes = [box(x, -136, x + 54, -78, 5) for x in range(-200, 130, 60)]
        panes.append(box(166, -136, 209, -64, 6))
        glass = area(*(place(pane) for pane in panes))
        p.fill(glass, _GLASS)
        people = [_passenger(x) for x in (-176, -112, -62, 8, 66)]
        p.tint(area(*map(place, people)).within(glass), hexa("#2b3440"), 0.5)
        slants = [[(x, -140), (x + 14, -140), (x - 14, -60), (x - 28, -60)]
                  for x in range(-180, 230, 60)]  # fmt: skip
        p.tint(area(*map(place, slants)).within(glass), WHITE, 0.22)
        doors = area(place(box(-76, -138, -34, -24, 4)), place(box(38, -138, 78, -24, 4)))
        p.fill(doors, vertical(hexa("#9db9c8"), hexa("#5d788c")))
        p.tint(area(place(box(-57, -138, -54, -24)), place(box(57, -138, 60, -24))), BLACK, 0.4)
        sign = p.fill(place(box(100, -154, 190, -141, 3)), hexa("#2a2d36"))
        p.fill(place(box(108, -150, 176, -145, 2)), hexa("#f2b950"))
        front = p.fill(place(box(202, -44, 212, -30, 4)), _LAMP)
        rear = p.fill(place(box(-214, -58, -206, -36, 2)), _REAR)
    if lamps:
        p.shine(glass, hexa("#ffd08a"), 0.5)
        p.shine(doors, hexa("#ffd08a"), 0.35)
        p.shine(sign, hexa("#f2b950"), 0.5)
        p.shine(front, _LAMP)
        p.shine(rear, mix(_REAR, BLACK, 0.25))
    return bus


def _passenger(x: float) -> Ring:
    return [*ellipse(x, -102, 8, 10), (x + 14, -76), (x - 14, -76)]


def paint_bicycle(p: Painter, place: Place, color: Color) -> Thing:
    """Paint a bicycle about 140 x 84 design units large."""
    p.shadow(area(place(ellipse(0, -1, 66, 4))), (0, 1), 4, BLACK, 0.35)
    hub_rear, hub_front, crank = (-45, -26), (45, -26), (-6, -28)
    seat, head = (-20, -66), (32, -64)
    with p.thing() as bicycle:
        for hub in (hub_rear, hub_front):
            wheel = ellipse(*place.point(*hub), 24.5 * place.scale)
            p.fill(stroke(wheel, 4 * place.scale, closed=True), _TYRE)
            p.tint(_spokes(place, hub), hexa("#8c9097"), 0.55)
        frame = ([hub_rear, crank, head], [hub_rear, seat, (30, -60)], [crank, seat],
                 [(30, -70), hub_front])  # fmt: skip
        for path in frame:
            tube = p.fill(stroke(place(path), 4.2 * place.scale), color)
            p.relief(tube, 2, 0.6, darker(color, 0.7))
        p.fill(stroke(place([(30, -70), (29, -80), (38, -82)]), 3 * place.scale), _TYRE)
        p.fill(stroke(place([seat, (-22, -73)]), 3 * place.scale), hexa("#8c9097"))
        p.fill(stroke(place([(-32, -75), (-14, -74)]), 5.5 * place.scale), hexa("#5d4037"))
        p.fill(ellipse(*place.point(*crank), 7 * place.scale), hexa("#5c6068"))
        p.fill(stroke(place([crank, (4, -18)]), 2.6 * place.scale), hexa("#5c6068"))
    return bicycle


def _spokes(place: Place, hub: Point) -> Mask:
    spoke = box(0, -0.45, 23, 0.45)
    at = place.point(*hub)
    return area(*(placed(spoke, at, place.scale, k * 30) for k in range(12)))
