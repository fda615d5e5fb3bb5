"""Breakfast tables labelled with masks: hollows, touching things, things cut in two."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from fastlabel_server.demo.samples import (
    OCCLUDED,
    Json,
    SampleProject,
    annotation_class,
    answers,
    choice,
    switch,
)
from fastlabel_server.demo.scenes import baking
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
from fastlabel_server.demo.scenes.curves import Point, Ring, blob, box, ellipse, smooth
from fastlabel_server.demo.scenes.model import Label, Picture, encoded
from fastlabel_server.demo.scenes.outlines import regions
from fastlabel_server.demo.scenes.painter import Grade, Painter, Thing, area, stroke, strokes
from fastlabel_server.demo.scenes.scenery import HEIGHT, WIDTH

_TOPPINGS = ("sprinkles", "nuts", "drizzle")


def _wood(p: Painter, rng: Random, color: Color) -> None:
    p.fill(area(box(0, 0, WIDTH, HEIGHT)), color)
    for y in range(0, HEIGHT, 142):
        tone = mix(lighter(color, 0.18), darker(color, 0.16), rng.random())
        p.fill(box(0, y, WIDTH, y + 140), vertical(lighter(tone, 0.06), tone, darker(tone, 0.08)))
        for width, opacity in ((0.9, 0.28), (1.5, 0.2), (2.4, 0.12)):
            grain = [_grain(rng, y + rng.uniform(10, 130)) for _ in range(3)]
            p.tint(strokes(grain, width), darker(color, 0.55), opacity)
        p.tint(area(box(0, y + 139, WIDTH, y + 142)), BLACK, 0.45)


def _grain(rng: Random, level: float) -> Ring:
    sway = rng.uniform(2, 6)
    knots = [(float(x), level + sway * rng.uniform(-1, 1)) for x in range(-60, WIDTH + 120, 160)]
    return smooth(knots, closed=False, steps=6)


def _marble(p: Painter, rng: Random, color: Color) -> None:
    p.fill(area(box(0, 0, WIDTH, HEIGHT)), vertical(lighter(color, 0.3), color))
    for _ in range(9):
        x, y = rng.uniform(-100, WIDTH), rng.uniform(-100, HEIGHT)
        path = [(x, y)]
        for _ in range(6):
            x, y = x + rng.uniform(40, 150), y + rng.uniform(-10, 110)
            path.append((x, y))
        vein = stroke(smooth(path, closed=False, steps=6), rng.uniform(2, 6))
        p.tint(vein.blurred(7), darker(color, 0.5), 0.3)
        p.tint(stroke(smooth(path, closed=False, steps=6), 1.2).blurred(1), darker(color, 0.5), 0.3)


def _cloth(p: Painter, rng: Random, color: Color) -> None:
    p.fill(area(box(0, 0, WIDTH, HEIGHT)), hexa("#f3ecdf"))
    for x in range(0, WIDTH, 96):
        p.tint(area(box(x, 0, x + 48, HEIGHT)), color, 0.32)
    for y in range(0, HEIGHT, 96):
        p.tint(area(box(0, y, WIDTH, y + 48)), color, 0.32)
    for _ in range(4):
        fold = blob(rng, rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), 260, 40)
        p.tint(area(fold).blurred(30), rng.choice((BLACK, WHITE)), 0.1)


def _plate(p: Painter, at: Point, size: float, color: Color) -> None:
    rim = area(ellipse(*at, size))
    p.shadow(rim, (12, 16), 16, (48, 26, 18), 0.4)
    p.fill(rim, color)
    p.relief(rim, 9, 0.7, darker(color, 0.7))
    well = area(ellipse(*at, size * 0.74))
    p.fill(well, vertical(darker(color, 0.07), lighter(color, 0.25)))
    p.tint(stroke(ellipse(*at, size * 0.74), 2.5, closed=True), darker(color, 0.5), 0.25)


@dataclass(frozen=True)
class Table:
    """What lies on a table, in the order in which it was put there."""

    name: str
    seed: int
    surface: Callable[[Painter, Random, Color], None]
    color: str
    status: str
    items: tuple[tuple[Any, ...], ...]


_WOODEN, _MARBLE, _LINEN = "#b98a5e", "#dcd8d2", "#7fa0a8"
_TABLES = (
    Table("doughnut-tray", 1, _marble, _MARBLE, "completed", (
        ("doughnut", 236, 240, 150), ("doughnut", 640, 232, 152), ("doughnut", 1046, 246, 150),
        ("doughnut", 240, 612, 150), ("doughnut", 640, 624, 150), ("doughnut", 1042, 616, 152))),
    Table("coffee-for-two", 2, _wood, _WOODEN, "completed", (
        ("plate", 660, 450, 290), ("doughnut", 580, 420, 130), ("doughnut", 768, 532, 128),
        ("mug", 200, 246, 112, 200), ("mug", 1074, 250, 112, -24), ("cookie", 200, 640, 78),
        ("cookie", 340, 716, 76), ("croissant", 1086, 650, 140, 14))),
    Table("pretzels", 3, _wood, "#8a6a50", "reviewed", (
        ("pretzel", 330, 290, 210, -12), ("pretzel", 860, 560, 220, 18), ("mug", 830, 180, 110, 20),
        ("bagel", 1116, 226, 120), ("bagel", 226, 668, 124), ("cookie", 472, 650, 80))),
    Table("bagel-morning", 4, _cloth, _LINEN, "completed", (
        ("plate", 420, 430, 310), ("bagel", 330, 350, 136), ("bagel", 520, 520, 138),
        ("mug", 950, 250, 122, 40), ("napkin", 1010, 640, 420, 220, -16),
        ("croissant", 1010, 640, 165, -20))),
    Table("spoon-across", 5, _marble, "#cfd3d6", "sent_back", (
        ("doughnut", 330, 330, 176), ("doughnut", 690, 372, 172), ("bagel", 980, 600, 158),
        ("mug", 1080, 218, 108, -60), ("cookie", 330, 690, 88), ("cookie", 510, 640, 90),
        ("spoon", 560, 360, 980, 8), ("spoon", 960, 610, 560, -58))),
    Table("cookie-pile", 6, _wood, "#a98467", "registered", (
        ("plate", 600, 440, 330), ("cookie", 470, 330, 104), ("cookie", 652, 300, 106),
        ("cookie", 780, 440, 104), ("cookie", 430, 510, 106), ("cookie", 620, 600, 106),
        ("cookie", 600, 450, 108), ("mug", 1080, 300, 116, 30), ("spoon", 1070, 650, 400, -70))),
    Table("croissant-breakfast", 7, _cloth, "#c08a7a", "approved", (
        ("croissant", 330, 270, 190, -18), ("croissant", 420, 590, 190, 12),
        ("mug", 836, 236, 128, -30), ("plate", 930, 620, 210), ("doughnut", 930, 620, 134),
        ("spoon", 620, 600, 520, 76))),
    Table("late-breakfast", 8, _wood, "#6f5847", "registered", (
        ("mug", 220, 250, 126, 190), ("pretzel", 616, 260, 190, 6), ("doughnut", 1010, 270, 150),
        ("napkin", 330, 640, 460, 250, 12), ("bagel", 270, 640, 132), ("cookie", 450, 690, 84),
        ("croissant", 740, 640, 170, -8), ("mug", 1070, 640, 120, 60))),
    Table("split-by-spoons", 9, _cloth, "#8f9a6a", "registered", (
        ("pretzel", 370, 420, 270, 0), ("doughnut", 880, 300, 190), ("doughnut", 980, 640, 160),
        ("spoon", 890, 300, 640, 62), ("spoon", 372, 470, 760, -24))),
)  # fmt: skip


class _Kitchen:
    """Puts the items of a table down and notes what is what."""

    def __init__(self, table: Table) -> None:
        self.p = Painter()
        self.rng = Random(table.seed)  # noqa: S311
        table.surface(self.p, self.rng, hexa(table.color))
        self.found: list[tuple[Thing, str, Json]] = []
        for kind, x, y, *more in table.items:
            getattr(self, f"_put_{kind}")((x, y), *more)

    def _put_doughnut(self, at: Point, size: float) -> None:
        glaze = self.rng.choice(list(baking.GLAZES))
        toppings = self.rng.choice([[], ["sprinkles"], ["nuts"], ["drizzle"], ["drizzle", "nuts"]])
        color = baking.GLAZES[glaze]
        thing = baking.paint_doughnut(self.p, self.rng, at, size, color, toppings)
        self.found.append((thing, "doughnut", {"glaze": glaze, "toppings": toppings}))

    def _put_bagel(self, at: Point, size: float) -> None:
        seeds = self.rng.random() < 0.6
        thing = baking.paint_bagel(self.p, self.rng, at, size, seeds)
        self.found.append((thing, "bagel", {"sesame": seeds}))

    def _put_pretzel(self, at: Point, size: float, turn_deg: float) -> None:
        thing = baking.paint_pretzel(self.p, self.rng, at, size, turn_deg)
        self.found.append((thing, "pretzel", {}))

    def _put_croissant(self, at: Point, size: float, turn_deg: float) -> None:
        thing = baking.paint_croissant(self.p, self.rng, at, size, turn_deg)
        self.found.append((thing, "croissant", {}))

    def _put_cookie(self, at: Point, size: float) -> None:
        self.found.append((baking.paint_cookie(self.p, self.rng, at, size), "cookie", {}))

    def _put_mug(self, at: Point, size: float, turn_deg: float) -> None:
        drink = self.rng.choice(list(baking.DRINKS))
        color = baking.DRINKS[drink]
        thing = baking.paint_mug(self.p, self.rng, at, size, turn_deg, color)
        self.found.append((thing, "mug", {"drink": drink}))

    def _put_spoon(self, at: Point, length: float, turn_deg: float) -> None:
        baking.paint_spoon(self.p, at, length, turn_deg)

    def _put_napkin(self, at: Point, wide: float, high: float, turn_deg: float) -> None:
        baking.paint_napkin(self.p, at, (wide, high), turn_deg)

    def _put_plate(self, at: Point, size: float) -> None:
        _plate(self.p, at, size, hexa("#efe9df"))

    def labels(self) -> tuple[Label, ...]:
        found = []
        for thing, value, extra in self.found:
            pixels = self.p.visible(thing)
            occluded = self.p.visible_share(thing) < 0.97
            found.append(Label(
                {"type": "segmentation", "value": value, "points": regions(pixels),
                 "attributes": answers(**extra, occluded=occluded)},
                pixels,
            ))  # fmt: skip
        return tuple(found)


def pictures() -> Iterator[Picture]:
    """Paint nine tables."""
    for table in _TABLES:
        kitchen = _Kitchen(table)
        yield Picture(
            f"{table.name}.jpg",
            kitchen.p.finish(Grade((255, 252, 244), (250, 240, 228), vignette=0.28)),
            kitchen.labels(),
            status=table.status,
            tags=("breakfast",),
        )


def _class(value: str, color: str, *attributes: Json) -> Json:
    title = value.capitalize()
    return annotation_class("segmentation", value, title, color, *attributes, OCCLUDED)


PROJECT = SampleProject(
    name="Bakery",
    slug="bakery",
    type="image_segmentation",
    classes=(
        _class("doughnut", "#e0529c", choice("select", "glaze", "Glaze", *baking.GLAZES),
               choice("checkbox", "toppings", "Toppings", *_TOPPINGS)),
        _class("bagel", "#e8871e", switch("sesame", "Sesame")),
        _class("pretzel", "#8f5fbf"),
        _class("croissant", "#d1495b"),
        _class("cookie", "#2e86ab"),
        _class("mug", "#3bb273", choice("select", "drink", "Drink", *baking.DRINKS)),
    ),
    tasks=encoded(pictures),
)  # fmt: skip
