"""What stands still outdoors: sky, skyline, house fronts, trees, street lamps."""

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
from fastlabel_server.demo.scenes.curves import Ring, blob, box, ellipse, limb
from fastlabel_server.demo.scenes.moods import Mood
from fastlabel_server.demo.scenes.painter import SIZE_WH, Painter, area, stroke

WIDTH, HEIGHT = SIZE_WH
_WARM = hexa("#ffb04a")
_WALLS = ("#c98b6b", "#d9b98c", "#a9b7b0", "#b97a70", "#8fa3b5", "#d7c7ae", "#9a8fa6", "#c7a27a")
_AWNINGS = ("#b5534a", "#3f7a76", "#d19a3f", "#50648c", "#7f9a58")


def paint_sky(p: Painter, rng: Random, mood: Mood, horizon: float) -> None:
    """Paint the sky down to the horizon, with sun or moon and clouds."""
    p.fill(area(box(0, 0, WIDTH, horizon + 4)), vertical(*mood.sky))
    if mood.stars:
        for _ in range(90):
            star = ellipse(rng.uniform(0, WIDTH), rng.uniform(0, horizon * 0.7), 0.9)
            p.shine(star, hexa("#cfd8ff"), rng.uniform(0.3, 0.9))
    if mood.sun:
        at, radius, color = mood.sun
        for reach, opacity in ((5, 0.16), (2.6, 0.25)):
            p.tint(area(ellipse(*at, radius * reach)).blurred(radius), color, opacity)
        disc = p.fill(ellipse(*at, radius), color)
        if mood.lamps:
            p.shine(disc, mix(color, BLACK, 0.45))
    for _ in range(mood.clouds):
        _cloud(p, rng, mood, horizon)


def _cloud(p: Painter, rng: Random, mood: Mood, horizon: float) -> None:
    x, y = rng.uniform(0, WIDTH), rng.uniform(30, horizon * 0.62)
    size = rng.uniform(0.5, 1.1)
    puffs = [
        ellipse(x + dx * size, y - lift * size, r * size, r * 0.72 * size)
        for dx, lift, r in ((-90, 0, 44), (-40, 22, 58), (24, 30, 66), (82, 8, 50), (130, -4, 34))
    ]
    mask = area(*puffs).within(area(box(x - 300, y - 200, x + 300, y + 16 * size)))
    soft = mask.blurred(5 * size)
    p.tint(soft, mood.cloud, 0.62)
    p.relief(soft, 14 * size, 0.32, mix(mood.cloud, mood.sky[0], 0.7))


def paint_skyline(p: Painter, rng: Random, mood: Mood, base: float) -> None:
    """Paint two rows of far towers that fade into the haze."""
    for share, low, high, wide in ((0.82, 150, 330, 70), (0.62, 90, 230, 90)):
        x = -20.0
        towers: list[Ring] = []
        windows: list[Ring] = []
        while x < WIDTH:
            width, height = rng.uniform(0.6, 1.3) * wide, rng.uniform(low, high)
            towers.append(box(x, base - height, x + width, base + 6))
            if rng.random() < 0.3:
                towers.append(box(x + width * 0.3, base - height - 26, x + width * 0.7, base))
            windows += [
                box(wx, wy, wx + 4, wy + 7)
                for wx in range(int(x) + 8, int(x + width) - 8, 12)
                for wy in range(int(base - height) + 12, int(base) - 8, 18)
                if rng.random() < 0.35
            ]
            x += width + rng.uniform(-8, 26)
        color = mix(darker(mood.sky[-2], 0.45), mood.haze, share)
        p.fill(area(*towers), vertical(color, mix(color, mood.haze, 0.6)))
        p.tint(area(*windows), lighter(color, 0.35), 0.5)
        if mood.lamps:
            lit = [window for window in windows if rng.random() < 0.5]
            p.shine(area(*lit), _WARM, 0.45)


def paint_houses(p: Painter, rng: Random, mood: Mood, base: float) -> None:
    """Paint a row of house fronts with shops, from one side of the picture to the other."""
    walls = rng.sample(_WALLS, len(_WALLS)) * 2
    x, number = -rng.uniform(10, 90), 0
    while x < WIDTH:
        width = rng.choice((132, 158, 184, 210))
        if number and rng.random() < 0.16:
            x += rng.uniform(34, 64)
        _house(p, rng, mood, box(x, base - rng.uniform(190, 330), x + width, base),
               hexa(walls[number]))  # fmt: skip
        x, number = x + width, number + 1


def _house(p: Painter, rng: Random, mood: Mood, front: Ring, wall: Color) -> None:
    (x1, y1), _, (x2, y2), _ = front
    p.fill(front, vertical(lighter(wall, 0.22), wall, darker(wall, 0.12)))
    p.tint(area(box(x2 - 26, y1, x2, y2)).blurred(9).within(area(front)), BLACK, 0.28)
    p.fill(box(x1 - 4, y1 - 7, x2 + 4, y1 + 5), lighter(wall, 0.45))
    p.tint(area(box(x1, y1 + 5, x2, y1 + 12)), BLACK, 0.22)
    shop = y2 - 78
    columns = max(2, int((x2 - x1) / 44))
    step = (x2 - x1) / columns
    panes = [
        box(x1 + step * (column + 0.5) - 11, y, x1 + step * (column + 0.5) + 11, y + 34)
        for y in range(int(y1) + 26, int(shop) - 40, 56)
        for column in range(columns)
    ]
    if panes:
        p.fill(area(*(box(a - 3, b - 3, c + 3, d + 3) for (a, b), _, (c, d), _ in panes)),
               lighter(wall, 0.55))  # fmt: skip
        p.fill(area(*panes), mix(hexa("#5f7d92"), mood.sky[-1], 0.25))
        p.tint(area(*([(a, b), (c, b), (a, d)] for (a, b), _, (c, d), _ in panes)), WHITE, 0.2)
        sills = [box(a - 5, d + 2, c + 5, d + 6) for (a, _), _, (c, d), _ in panes]
        p.fill(area(*sills), lighter(wall, 0.6))
        lit = [pane for pane in panes if rng.random() < 0.5] if mood.lamps else []
        if lit:
            p.shine(area(*lit), _WARM, 0.72)
    _shop(p, rng, mood, (x1, shop, x2, y2))


def _shop(p: Painter, rng: Random, mood: Mood, extent: tuple[float, float, float, float]) -> None:
    x1, y1, x2, y2 = extent
    cloth = hexa(rng.choice(_AWNINGS))
    p.fill(box(x1, y1 + 6, x2, y2), darker(cloth, 0.45))
    door = x2 - 48 if rng.random() < 0.5 else x1 + 14
    left, right = (x1 + 12, door - 10) if door > x1 + 40 else (door + 44, x2 - 12)
    glass = area(box(left, y1 + 22, right, y2 - 12), box(door, y1 + 22, door + 34, y2 - 2))
    p.fill(glass, vertical(hexa("#8fb0bd"), hexa("#4a6473")))
    goods = area(*(blob(rng, left + 16 + k * 26, y2 - 22, 9, 11) for k in range(
        max(1, int((right - left - 20) / 26)))))  # fmt: skip
    p.tint(goods.within(glass), lighter(cloth, 0.4), 0.7)
    slant = area([(left, y2), (left + 40, y1), (left + 60, y1), (left + 20, y2)])
    p.tint(slant.within(glass), WHITE, 0.16)
    if mood.lamps:
        p.shine(glass, _WARM, 0.6)
    stripes = max(4, int((x2 - x1) / 18))
    step = (x2 - x1 - 8) / stripes
    bands = [
        [(x, y1), (x + step + 0.5, y1), (x + step + 0.5, y1 + 20),
         *ellipse(x + step / 2, y1 + 20, step / 2)[:9], (x, y1 + 20)]
        for x in (x1 + 4 + k * step for k in range(stripes))
    ]  # fmt: skip
    for first, color in ((0, hexa("#f2e9da")), (1, cloth)):
        p.fill(area(*bands[first::2]), vertical(lighter(color, 0.1), darker(color, 0.15)))
    p.tint(area(box(x1, y1 + 24, x2, y1 + 40)).blurred(5), BLACK, 0.25)


def paint_tree(p: Painter, rng: Random, x: float, ground: float, size: float, leaf: Color) -> None:
    """Paint a round tree `size` pixels high."""
    p.shadow(area(ellipse(x, ground, size * 0.2, size * 0.025)), (0, 0), 5, BLACK, 0.4)
    bark = hexa("#6b5040")
    trunk = p.fill(limb((x, ground), (x, ground - size * 0.5), size * 0.055, size * 0.035), bark)
    p.relief(trunk, 3, 0.7, darker(bark, 0.7))
    for lift, wide, shade in ((0.52, 0.26, 0.28), (0.62, 0.28, 0.1), (0.74, 0.21, -0.16)):
        puffs = [
            blob(rng, x + rng.uniform(-1, 1) * size * 0.13, ground - size * lift + rng.uniform(
                -0.05, 0.05) * size, size * wide * 0.62, size * wide * 0.56)
            for _ in range(4)
        ]  # fmt: skip
        color = darker(leaf, shade) if shade > 0 else lighter(leaf, -shade)
        crown = p.fill(area(*puffs), color)
        p.relief(crown, size * 0.06, 0.75, darker(leaf, 0.7))


def paint_lamp(p: Painter, x: float, ground: float, size: float, mood: Mood) -> None:
    """Paint a street lamp `size` pixels high that leans over to the right."""
    iron = hexa("#3c444e")
    pole = [(x, ground), (x, ground - size), (x + size * 0.2, ground - size * 1.04)]
    mask = p.fill(stroke(pole, size * 0.028), iron)
    p.relief(mask, 2, 0.6, BLACK)
    p.fill(box(x - size * 0.03, ground - size * 0.1, x + size * 0.03, ground, 2), iron)
    head = box(x + size * 0.14, ground - size * 1.06, x + size * 0.3, ground - size * 1.02, 3)
    p.fill(head, iron)
    bulb = ellipse(x + size * 0.22, ground - size * 1.015, size * 0.06, size * 0.016)
    p.fill(bulb, hexa("#fff3d0"))
    if mood.lamps:
        p.shine(bulb, hexa("#fff0c4"))
        top = ground - size
        cone = area([(x + size * 0.18, top), (x + size * 0.26, top), (x + size * 0.62, ground),
                     (x - size * 0.2, ground)])  # fmt: skip
        p.shine(cone.blurred(14), hexa("#ffdf9a"), 0.13)
        p.shine(area(ellipse(x + size * 0.21, ground, size * 0.42, size * 0.05)).blurred(8),
                hexa("#ffdf9a"), 0.2)  # fmt: skip
