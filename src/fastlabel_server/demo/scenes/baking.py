"""Things on a breakfast table seen from above: doughnuts, bagels, pretzels, croissants, mugs."""

import math
from random import Random

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
from fastlabel_server.demo.scenes.curves import Point, blob, box, ellipse, limb, placed, smooth
from fastlabel_server.demo.scenes.painter import Mask, Painter, Thing, area, stroke

GLAZES: dict[str, Color] = {
    "strawberry": hexa("#ef9db4"),
    "chocolate": hexa("#5b3526"),
    "vanilla": hexa("#f6ead2"),
    "matcha": hexa("#a8bf7a"),
    "blueberry": hexa("#9a8fcf"),
}
DRINKS: dict[str, Color] = {
    "coffee": hexa("#3b2218"),
    "tea": hexa("#b5622b"),
    "cocoa": hexa("#7a4a33"),
}
_MUGS = (hexa("#e8e4da"), hexa("#5f8a94"), hexa("#c9735b"), hexa("#e0b458"), hexa("#4b5470"))
_CRUST = hexa("#d79a55")
_BROWN = hexa("#4a2412")
_SPRINKLES = tuple(hexa(c) for c in ("#f7f3e8", "#f2c14e", "#6ec0c8", "#e4572e", "#8f6fc2"))
_NUTS = tuple(hexa(c) for c in ("#e7c58f", "#cba067", "#b07c42"))
_SHADOW: Color = (48, 26, 18)


def _rest(p: Painter, mask: Mask, height: float) -> None:
    """Let a thing rest on the table: a dark line of contact and a soft shadow."""
    p.shadow(mask, (height * 0.5, height * 0.6), height * 0.55, _SHADOW, 0.42)
    p.shadow(mask, (3, 4), 4, _SHADOW, 0.5)


def paint_doughnut(
    p: Painter, rng: Random, at: Point, size: float, glaze: Color, toppings: list[str]
) -> Thing:
    """Paint a doughnut with a hole through which the table is seen."""
    hole = blob(rng, *at, size * 0.29, size * 0.29, 0.05)
    dough = area(blob(rng, *at, size, size * 0.99, 0.02), holes=[hole])
    _rest(p, dough, size * 0.2)
    with p.thing() as doughnut:
        p.fill(dough, Gradient((hexa("#c98a48"), hexa("#e3b272"), hexa("#b9733a")), "radius"))
        p.relief(dough, size * 0.2, 1.1, _BROWN)
        edge = _wavy(rng, at, size * 0.89, size * 0.035)
        inner = _wavy(rng, at, size * 0.37, size * 0.02)
        icing = area(edge, holes=[inner])
        p.tint(icing.moved(2, 3).blurred(3).within(dough), _BROWN, 0.35)
        p.fill(icing, glaze)
        p.relief(icing, size * 0.17, 0.95, darker(mix(glaze, _BROWN, 0.4), 0.4))
        _toppings(p, rng, at, size, glaze, toppings)
        arc = ellipse(*at, size * 0.66)
        shine = arc[len(arc) // 2 + 3 : int(len(arc) * 0.74)]
        p.tint(stroke(shine, size * 0.07).blurred(size * 0.03), WHITE, 0.7)
    return doughnut


def _wavy(rng: Random, at: Point, radius: float, wave: float) -> list[Point]:
    phase = rng.uniform(0, 6)
    knots = []
    for k in range(22):
        angle = 2 * math.pi * k / 22
        reach = radius + wave * (math.sin(5 * angle + phase) + rng.uniform(-0.7, 0.7))
        knots.append((at[0] + reach * math.cos(angle), at[1] + reach * math.sin(angle)))
    return smooth(knots, steps=5)


def _toppings(
    p: Painter, rng: Random, at: Point, size: float, glaze: Color, toppings: list[str]
) -> None:
    if "drizzle" in toppings:
        color = WHITE if sum(glaze) < 400 else hexa("#6b3f2c")
        zigzag = [(at[0] + size * (k / 9 - 0.5) * 1.7, at[1] + size * (0.95 if k % 2 else -0.95))
                  for k in range(10)]  # fmt: skip
        band = area(ellipse(*at, size * 0.82), holes=[ellipse(*at, size * 0.42)])
        line = stroke(zigzag, size * 0.045).within(band)
        p.tint(line, color, 0.95)
        p.relief(line, 2, 0.5, BLACK)
    for kind, count, colors in (("sprinkles", 46, _SPRINKLES), ("nuts", 34, _NUTS)):
        if kind not in toppings:
            continue
        grains = []
        for _ in range(count):
            angle, reach = rng.uniform(0, 2 * math.pi), size * math.sqrt(rng.uniform(0.22, 0.64))
            spot = (at[0] + reach * math.cos(angle), at[1] + reach * math.sin(angle))
            if kind == "sprinkles":
                rod = limb((-size * 0.04, 0), (size * 0.04, 0), size * 0.038, size * 0.038)
                grains.append(placed(rod, spot, 1, rng.uniform(0, 180)))
            else:
                grains.append(blob(rng, *spot, size * 0.04, size * 0.028, 0.3))
        p.tint(area(*grains).moved(1, 2), _BROWN, 0.4)
        for k, color in enumerate(colors):
            p.tint(area(*grains[k :: len(colors)]), color, 1)


def paint_bagel(p: Painter, rng: Random, at: Point, size: float, seeds: bool) -> Thing:
    """Paint a bagel, with sesame or plain."""
    hole = blob(rng, *at, size * 0.2, size * 0.18, 0.12)
    body = area(blob(rng, *at, size, size * 0.96, 0.035), holes=[hole])
    _rest(p, body, size * 0.22)
    with p.thing() as bagel:
        p.fill(body, Gradient((hexa("#8e4f22"), hexa("#c07a36"), hexa("#d9a460")), "radius"))
        p.relief(body, size * 0.3, 1.5, _BROWN)
        p.relief(body, size * 0.08, 0.5, _BROWN)
        grains = []
        for _ in range(70):
            angle, reach = rng.uniform(0, 6.3), size * math.sqrt(rng.uniform(0.16, 0.72))
            spot = (at[0] + reach * math.cos(angle), at[1] + reach * math.sin(angle))
            grains.append(ellipse(*spot, size * 0.036, size * 0.02, rng.uniform(0, 180)))
        if seeds:
            p.tint(area(*grains).moved(1, 1), _BROWN, 0.5)
            p.tint(area(*grains), hexa("#f4e3bd"), 1)
        arc = ellipse(*at, size * 0.6)
        shine = stroke(arc[len(arc) // 2 + 2 : int(len(arc) * 0.75)], size * 0.1)
        p.tint(shine.blurred(size * 0.06), WHITE, 0.4)
    return bagel


def paint_pretzel(p: Painter, rng: Random, at: Point, size: float, turn_deg: float) -> Thing:
    """Paint a pretzel; its three hollows show the table."""
    loop = [(-0.3, 0.62), (-0.72, 0.42), (-0.92, -0.1), (-0.8, -0.66), (-0.36, -0.88), (0, -0.62),
            (0.36, -0.88), (0.8, -0.66), (0.92, -0.1), (0.72, 0.42), (0.3, 0.62)]  # fmt: skip
    paths = [
        smooth(placed(path, at, size, turn_deg), closed=False) for path in (loop, _arm(1), _arm(-1))
    ]
    ropes = [stroke(path, size * 0.25) for path in paths]
    for rope in ropes:
        _rest(p, rope, size * 0.12)
    with p.thing() as pretzel:
        for rope in ropes:
            p.fill(rope, hexa("#a35a26"))
            p.relief(rope, size * 0.1, 1.2, _BROWN)
        for path in paths:
            middle = path[2 : len(path) - 2]
            shine = stroke(middle, size * 0.04).blurred(size * 0.03)
            p.tint(shine.moved(-size * 0.03, -size * 0.04), hexa("#f3b877"), 0.55)
        spots = [rng.choice(paths[0]) for _ in range(46)]
        wide = size * 0.05
        grains = [
            blob(rng, x + rng.gauss(0, wide), y + rng.gauss(0, wide), wide / 2, wide * 0.4, 0.3)
            for x, y in spots
        ]
        salt = area(*grains).within(ropes[0])
        p.tint(salt.moved(1, 2), _BROWN, 0.4)
        p.tint(salt, hexa("#fbf6ea"), 1)
    return pretzel


def _arm(side: int) -> list[Point]:
    path = [(-0.3, 0.62), (0.06, 0.7), (0.14, 0.36), (-0.1, 0.18), (-0.36, -0.24), (-0.5, -0.8)]
    return [(x * side, y) for x, y in path]


def paint_croissant(p: Painter, rng: Random, at: Point, size: float, turn_deg: float) -> Thing:
    """Paint a croissant from overlapping folds, the middle one on top."""
    folds = []
    for step in (-3, 3, -2, 2, -1, 1, 0):
        angle = math.radians(step * 24)
        spot = (math.sin(angle) * size * 0.74, size * 0.42 - math.cos(angle) * size * 0.66)
        wide = size * (0.4 - abs(step) * 0.07)
        folds.append((spot, size * (0.25 - abs(step) * 0.018), wide, step * 30))
    masks = [
        area(placed(ellipse(*spot, rx, ry, turn), at, 1, turn_deg)) for spot, rx, ry, turn in folds
    ]
    for mask in masks:
        _rest(p, mask, size * 0.14)
    with p.thing() as croissant:
        for mask in masks:
            p.fill(mask, mix(_CRUST, hexa("#b86f2e"), rng.uniform(0, 0.6)))
            p.relief(mask, size * 0.13, 1.35, _BROWN)
            p.relief(mask, size * 0.03, 0.5, _BROWN)
    return croissant


def paint_mug(
    p: Painter, rng: Random, at: Point, size: float, turn_deg: float, drink: Color
) -> Thing:
    """Paint a mug from above; the handle leaves a hollow."""
    color = rng.choice(_MUGS)
    x, y = at
    loop = smooth(placed([(size * 0.9, -size * 0.3), (size * 1.34, -size * 0.3),
                          (size * 1.5, 0), (size * 1.34, size * 0.3), (size * 0.9, size * 0.3)],
                         at, 1, turn_deg), closed=False)  # fmt: skip
    handle, body = stroke(loop, size * 0.18), area(ellipse(x, y, size))
    for part in (handle, body):
        p.shadow(part, (size * 0.2, size * 0.26), size * 0.2, _SHADOW, 0.42)
    with p.thing() as mug:
        p.fill(handle, color)
        p.relief(handle, size * 0.07, 1.0, darker(color, 0.75))
        p.fill(body, color)
        p.relief(body, size * 0.1, 0.9, darker(color, 0.75))
        inside = area(ellipse(x, y, size * 0.86))
        p.fill(inside, vertical(darker(color, 0.55), darker(color, 0.1)))
        liquid = area(ellipse(x + size * 0.01, y + size * 0.03, size * 0.79))
        p.fill(liquid, Gradient((lighter(drink, 0.18), drink, darker(drink, 0.25)), "radius"))
        foam = area(blob(rng, x, y + size * 0.04, size * 0.52, size * 0.5, 0.12))
        if drink != DRINKS["tea"]:
            p.tint(foam.blurred(2), hexa("#d9b48a"), 0.9)
            for k, wide in enumerate((0.4, 0.3, 0.18)):
                side = wide * 0.9
                leaf = placed([(0, -wide), (side, -0.02), (0, side), (-side, -0.02)],
                              (x, y + size * 0.05), size, 30)  # fmt: skip
                tone = hexa("#f6e7cf") if k % 2 == 0 else hexa("#c58f5f")
                p.tint(area(smooth(leaf)).blurred(1), tone, 0.9)
        gleam = ellipse(x, y, size * 0.68)
        p.tint(stroke(gleam[len(gleam) // 2 + 3 : int(len(gleam) * 0.7)], size * 0.06).blurred(3),
               WHITE, 0.45)  # fmt: skip
    return mug


def paint_cookie(p: Painter, rng: Random, at: Point, size: float) -> Thing:
    """Paint a cookie with chips of chocolate."""
    body = area(blob(rng, *at, size, size, 0.03))
    _rest(p, body, size * 0.14)
    with p.thing() as cookie:
        p.fill(body, Gradient((hexa("#d9a566"), hexa("#cf9450"), hexa("#a9692f")), "radius"))
        p.relief(body, size * 0.12, 0.8, _BROWN)
        for k in range(13):
            angle, reach = k * 2.4, size * 0.84 * math.sqrt((k + 0.4) / 13)
            spot = (at[0] + reach * math.cos(angle), at[1] + reach * math.sin(angle))
            chip = area(blob(rng, *spot, size * rng.uniform(0.07, 0.13), size * 0.09, 0.25))
            chip = chip.within(body)
            p.tint(chip, hexa("#43261a"), 1)
            p.relief(chip, 3, 0.8, BLACK)
    return cookie


def paint_spoon(p: Painter, at: Point, length: float, turn_deg: float) -> None:
    """Paint a wooden spoon, which lies on other things and hides a part of them."""
    wood = hexa("#c79a63")
    end = length * 0.5
    handle = area(placed(limb((-end, 0), (end - 60, 0), 21, 15), at, 1, turn_deg))
    bowl = area(placed(ellipse(end - 36, 0, 62, 41), at, 1, turn_deg))
    hollow = placed(ellipse(end - 34, 0, 50, 31), at, 1, turn_deg)
    for part in (handle, bowl):
        p.shadow(part, (9, 13), 7, _SHADOW, 0.5)
    for part in (handle, bowl):
        p.fill(part, wood)
        p.relief(part, 6, 0.9, _BROWN)
    p.fill(hollow, vertical(darker(wood, 0.35), lighter(wood, 0.1)))


def paint_napkin(p: Painter, at: Point, size: tuple[float, float], turn_deg: float) -> None:
    """Paint a folded striped napkin."""
    wide, high = size
    ring = placed(box(-wide / 2, -high / 2, wide / 2, high / 2, 6), at, 1, turn_deg)
    cloth = area(ring)
    p.shadow(cloth, (8, 11), 9, _SHADOW, 0.4)
    p.fill(cloth, hexa("#eee7da"))
    for y in (-0.34, -0.26, 0.26, 0.34):
        line = placed([(-wide, y * high), (wide, y * high)], at, 1, turn_deg)
        p.tint(stroke(line, high * 0.035).within(cloth), hexa("#7d94a8"), 0.8)
    p.relief(cloth, 9, 0.6, hexa("#6b5a4c"))
