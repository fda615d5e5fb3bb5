"""Islands and farmland as a satellite sees them, labelled with polygons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from PIL import Image

from fastlabel_server.demo.samples import (
    SampleProject,
    annotation_class,
    answers,
    choice,
    switch,
)
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
from fastlabel_server.demo.scenes.curves import (
    Point,
    Ring,
    between,
    blob,
    box,
    contains,
    ellipse,
    placed,
    scaled,
    smooth,
)
from fastlabel_server.demo.scenes.model import Label, Picture, encoded
from fastlabel_server.demo.scenes.painter import Grade, Painter, area, stroke, strokes
from fastlabel_server.demo.scenes.scenery import HEIGHT, WIDTH

_SHADOW: Color = (16, 26, 48)
_SHORE = (2, 3, 5, 7, 11)
CROPS: dict[str, Color] = {
    "wheat": hexa("#dcbf72"),
    "meadow": hexa("#93b35f"),
    "vegetables": hexa("#5f9157"),
    "lavender": hexa("#9a86b8"),
    "fallow": hexa("#b58f6c"),
}
ROOFS: dict[str, Color] = {
    "tile": hexa("#c4664a"),
    "slate": hexa("#6d7888"),
    "metal": hexa("#a9b8bd"),
}


@dataclass(frozen=True)
class Climate:
    """The colours of one part of the world."""

    deep: Color
    sea: Color
    shallow: Color
    sand: Color
    grass: Color
    wood: Color


TROPICS = Climate(*map(hexa, ("#0f5f83", "#1c86a3", "#69cfc4", "#f0dfb4", "#8fb765", "#3f7d4f")))
NORTH = Climate(*map(hexa, ("#24506b", "#33708a", "#7fb3b0", "#cfc3a8", "#9aad70", "#3c6650")))
AUTUMN = Climate(*map(hexa, ("#2b5570", "#417d92", "#93bfb6", "#dcc9a2", "#b3a862", "#b9713a")))


class View:
    """One picture from above in the making, with the outlines of what it shows."""

    def __init__(self, seed: int, climate: Climate) -> None:
        self.p = Painter()
        self.rng = Random(seed)  # noqa: S311
        self.climate = climate
        self.labels: list[Label] = []
        # Circles where no tree may stand, and those where no field may lie either.
        self._taken: list[tuple[Point, float]] = []
        self._closed: list[tuple[Point, float]] = []

    def _label(
        self, value: str, ring: Sequence[Point], silhouette: Image.Image, **extra: object
    ) -> None:
        points = [round(number, 1) for point in ring for number in point]
        annotation = {"type": "polygon", "value": value, "points": points,
                      "attributes": answers(**extra)}  # fmt: skip
        self.labels.append(Label(annotation, silhouette))

    def sea(self) -> None:
        p, rng, c = self.p, self.rng, self.climate
        p.fill(area(box(0, 0, WIDTH, HEIGHT)), vertical(c.sea, mix(c.sea, c.deep, 0.5), c.deep))
        for _ in range(14):
            patch = blob(rng, rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), 190, 90, 0.3)
            p.tint(area(patch).blurred(34), rng.choice((c.deep, c.shallow)), 0.14)
        swells = []
        for _ in range(120):
            x, y, long = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.uniform(6, 18)
            crest = [(x, y), (x + long / 2, y - 1.6), (x + long, y)]
            swells.append(smooth(crest, closed=False, steps=3))
        p.tint(strokes(swells, 1.1), WHITE, 0.2)

    def land(self) -> None:
        c = self.climate
        self.p.fill(area(box(0, 0, WIDTH, HEIGHT)), vertical(lighter(c.grass, 0.1), c.grass))
        for _ in range(30):
            rng = self.rng
            patch = blob(rng, rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), 140, 80, 0.3)
            self.p.tint(area(patch).blurred(26), rng.choice((c.wood, c.sand)), 0.16)

    def island(self, at: Point, size: tuple[float, float], farm: float = 0) -> None:
        """Paint an island with woods, and `farm` of its reach as fields and houses."""
        p, rng, c = self.p, self.rng, self.climate
        shore = blob(rng, *at, *size, 0.24, _SHORE)
        coast = area(shore)
        for reach, opacity in ((46, 0.5), (20, 0.6), (7, 0.65)):
            p.tint(
                area(scaled(shore, 1 + reach / 400, at)).blurred(reach * 0.6), c.shallow, opacity
            )
        p.tint(coast.blurred(4), WHITE, 0.55)
        with p.thing() as island:
            p.fill(coast, c.sand)
            p.relief(coast, 6, 0.5, darker(c.sand, 0.6))
        green = scaled(shore, 0.9, at)
        meadow = area(green)
        p.fill(meadow.blurred(3).within(coast), c.grass)
        p.relief(meadow, min(size) * 0.14, 0.55, darker(c.wood, 0.5))
        self._label("island", _thinned(shore), island.silhouette, inhabited=bool(farm))
        if farm:
            self.fields(at, (size[0] * farm, size[1] * farm), scaled(shore, 0.8, at))
        self.woods(at, size, scaled(shore, 0.84, at), int(size[0] * size[1] / 240))

    def lake(self, at: Point, size: tuple[float, float]) -> None:
        p, c = self.p, self.climate
        shore = blob(self.rng, *at, *size, 0.26, _SHORE)
        p.tint(area(scaled(shore, 1.07, at)).blurred(5), darker(c.wood, 0.1), 0.5)
        water = area(shore)
        p.tint(area(scaled(shore, 1.03, at)).blurred(2), c.sand, 0.9)
        with p.thing() as lake:
            p.fill(water, Gradient((c.deep, c.sea, mix(c.sea, c.shallow, 0.6)), "radius"))
        slant = placed([(-1, 1), (-0.6, 1), (0.6, -1), (0, -1)], at, max(size))
        glint = area(slant)
        p.tint(glint.blurred(20).within(water), WHITE, 0.16)
        self._label("lake", _thinned(shore), lake.silhouette)
        self._taken.append((at, max(size) * 1.1))
        self._closed.append((at, max(size) * 1.1))

    def fields(self, at: Point, reach: tuple[float, float], inside: Ring) -> None:
        """Paint fields on a turned grid wherever a whole one fits, and a few farms on them."""
        rng = self.rng
        wide, high = 104, 78
        turn = rng.uniform(-25, 25)
        columns, rows = int(reach[0] / wide) + 1, int(reach[1] / high) + 1
        for column in range(-columns, columns):
            for row in range(-rows, rows):
                cell = box(column * wide + 3, row * high + 3, (column + 1) * wide - 3,
                           (row + 1) * high - 3)  # fmt: skip
                ring = [(x + rng.uniform(-4, 4), y + rng.uniform(-4, 4))
                        for x, y in placed(cell, at, 1, turn)]  # fmt: skip
                middle = between(ring[0], ring[2], 0.5)
                near = max(abs(middle[0] - at[0]) / reach[0], abs(middle[1] - at[1]) / reach[1])
                if near > 1 or not all(contains(inside, point) for point in ring):
                    continue
                if not all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in ring) or any(
                    (middle[0] - x) ** 2 + (middle[1] - y) ** 2 < (r + 58) ** 2
                    for (x, y), r in self._closed
                ):
                    continue
                self._taken.append((middle, 46))
                if rng.random() < 0.17:
                    self._farm(middle, turn)
                else:
                    self._field(ring, turn)

    def _field(self, ring: Ring, turn: float) -> None:
        p, rng = self.p, self.rng
        crop = rng.choice(list(CROPS))
        color = CROPS[crop]
        mask = area(ring)
        p.shadow(mask, (1, 2), 2, darker(self.climate.wood, 0.3), 0.5)
        with p.thing() as field:
            p.fill(mask, vertical(lighter(color, 0.12), color))
        at = between(ring[0], ring[2], 0.5)
        steps = range(-64, 65, 8)
        if crop == "wheat":
            lines = [placed([(step, -62), (step, 62)], at, 1, turn) for step in steps]
        else:
            lines = [placed([(-74, step), (74, step)], at, 1, turn) for step in steps]
        p.tint(strokes(lines, 2.2).within(mask), darker(color, 0.4), 0.32)
        self._label("field", ring, field.silhouette, crop=crop)

    def _farm(self, at: Point, turn: float) -> None:
        rng = self.rng
        self.p.tint(area(ellipse(*at, 44, 34, turn)).blurred(6), hexa("#cdb993"), 0.8)
        for dx, dy in ((-24, -12), (20, 10), (-14, 22)):
            size = (rng.uniform(26, 38), rng.uniform(18, 24))
            spot = placed([(dx, dy)], at, 1, turn)[0]
            self.building(spot, size, turn + rng.choice((0, 0, 90)))

    def building(self, at: Point, size: tuple[float, float], turn_deg: float) -> None:
        """Paint a house with a gabled roof that throws a shadow to the bottom right."""
        p, rng = self.p, self.rng
        roof = rng.choice(list(ROOFS))
        color, (wide, high) = ROOFS[roof], (size[0] / 2, size[1] / 2)
        ring = placed(box(-wide, -high, wide, high), at, 1, turn_deg)
        walls = area(ring)
        for step in range(2, 9, 2):
            p.shadow(walls, (step, step), 1.5, _SHADOW, 0.2)
        with p.thing() as house:
            p.fill(walls, lighter(color, 0.1))
            lower = placed(box(-wide, 0, wide, high), at, 1, turn_deg)
            p.fill(area(lower).within(walls), darker(color, 0.28))
        ridge = placed([(-wide, 0), (wide, 0)], at, 1, turn_deg)
        p.tint(stroke(ridge, 1.4).within(walls), WHITE, 0.5)
        chimney = placed(box(wide * 0.4, -high * 0.6, wide * 0.62, -high * 0.2), at, 1, turn_deg)
        p.tint(area(chimney), darker(color, 0.6), 0.8)
        self._label("building", ring, house.silhouette, roof=roof)
        self._taken.append((at, max(size) * 0.7))

    def woods(self, at: Point, size: tuple[float, float], inside: Ring, count: int) -> None:
        """Scatter tree tops in groves wherever nothing else is."""
        p, rng, c = self.p, self.rng, self.climate
        reach_x, reach_y = size[0] * 0.8, size[1] * 0.8
        groves = [
            (at[0] + rng.uniform(-reach_x, reach_x), at[1] + rng.uniform(-reach_y, reach_y))
            for _ in range(max(3, count // 14))
        ]
        trees = []
        for _ in range(count):
            x, y = rng.choice(groves)
            spot = (x + rng.gauss(0, 26), y + rng.gauss(0, 20))
            free = all((spot[0] - x) ** 2 + (spot[1] - y) ** 2 > (r + 18) ** 2
                       for (x, y), r in self._taken)  # fmt: skip
            if free and contains(inside, spot):
                trees.append(spot)
        trees.sort(key=lambda spot: spot[1])
        if not trees:
            return
        crowns = [blob(rng, x, y, r, r, 0.12) for x, y in trees for r in [rng.uniform(7, 13)]]
        p.shadow(area(*crowns), (4, 6), 3, _SHADOW, 0.45)
        for crown in crowns:
            tree = p.fill(
                crown, mix(darker(c.wood, 0.12), mix(c.wood, c.grass, 0.55), rng.random())
            )
            p.relief(tree, 4, 0.8, darker(c.wood, 0.7))

    def road(self, path: Sequence[Point]) -> None:
        curve = smooth(path, closed=False)
        self.p.tint(stroke(curve, 17), darker(self.climate.sand, 0.25), 0.9)
        self.p.fill(stroke(curve, 13), hexa("#d9cfbd"))
        self._taken += [(point, 12) for point in curve[::2]]
        self._closed += [(point, 12) for point in curve[::2]]

    def boat(self, at: Point, turn_deg: float) -> None:
        p = self.p
        wake = placed([(-10, -2), (-120, -22), (-132, 0), (-120, 22), (-10, 2)], at, 1, turn_deg)
        p.tint(area(wake).blurred(5), WHITE, 0.4)
        hull = area(
            placed(smooth([(-18, -7), (4, -7.5), (22, 0), (4, 7.5), (-18, 7)]), at, 1, turn_deg)
        )
        p.shadow(hull, (3, 4), 2, _SHADOW, 0.5)
        p.fill(hull, WHITE)
        p.relief(hull, 3, 0.7, BLACK)
        p.fill(placed(box(-9, -4, 5, 4, 2), at, 1, turn_deg), hexa("#c98a5a"))

    def clouds(self) -> None:
        """Let thin clouds drift over the picture; they hide nothing that is labelled."""
        rng = self.rng
        for _ in range(3):
            x, y = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)
            puff = area(blob(rng, x, y, rng.uniform(60, 130), rng.uniform(26, 50), 0.3))
            self.p.tint(puff.blurred(24).moved(40, 60), _SHADOW, 0.14)
            self.p.tint(puff.blurred(20), WHITE, 0.34)


def _thinned(ring: Ring) -> Ring:
    # A person places a point every dozen pixels along a shore.
    step = max(1, len(ring) // 64)
    return ring[::step]


def _archipelago(seed: int, climate: Climate, *islands: tuple[float, ...]) -> View:
    view = View(seed, climate)
    view.sea()
    for x, y, rx, ry, farm in islands:
        view.island((x, y), (rx, ry), farm)
    rng = view.rng
    for _ in range(3):
        spot = (rng.uniform(80, WIDTH - 80), rng.uniform(80, HEIGHT - 80))
        if all(abs(spot[0] - x) > rx * 1.4 + 60 or abs(spot[1] - y) > ry * 1.4 + 60
               for x, y, rx, ry, _ in islands):  # fmt: skip
            view.boat(spot, rng.uniform(0, 360))
    view.clouds()
    return view


def _farmland(seed: int, climate: Climate, *lakes: tuple[float, ...]) -> View:
    view = View(seed, climate)
    view.land()
    rng = view.rng
    view.road([(-40, rng.uniform(200, 640)), (320, rng.uniform(250, 600)), (700, rng.uniform(
        300, 560)), (1000, rng.uniform(260, 600)), (1340, rng.uniform(200, 640))])  # fmt: skip
    for x, y, rx, ry in lakes:
        view.lake((x, y), (rx, ry))
    whole = box(4, 4, WIDTH - 4, HEIGHT - 4)
    view.fields((WIDTH / 2, HEIGHT / 2), (WIDTH / 2, HEIGHT / 2), whole)
    view.woods((WIDTH / 2, HEIGHT / 2), (WIDTH / 2, HEIGHT / 2), whole, 700)
    return view


# Name, status, seed, climate; then islands as x, y, radii and share of farmland, or lakes as
# x, y and radii.
_VIEWS: tuple[tuple[str, str, int, Climate, tuple[tuple[float, ...], ...]], ...] = (
    ("coral-bay", "completed", 31, TROPICS,
     ((420, 420, 290, 210, 0.62), (960, 240, 170, 110, 0), (1010, 620, 120, 90, 0))),
    ("long-island", "completed", 32, TROPICS,
     ((640, 420, 460, 190, 0.75), (180, 720, 90, 60, 0), (1120, 730, 80, 56, 0))),
    ("skerries", "reviewed", 33, NORTH,
     ((240, 220, 150, 110, 0), (600, 330, 190, 130, 0.6), (1010, 250, 170, 120, 0),
      (340, 620, 170, 120, 0), (800, 660, 200, 120, 0.6), (1130, 620, 90, 70, 0))),
    ("autumn-island", "sent_back", 34, AUTUMN,
     ((680, 430, 380, 270, 0.66), (180, 250, 90, 70, 0))),
    ("two-sisters", "registered", 35, NORTH,
     ((350, 400, 240, 220, 0.6), (940, 460, 230, 210, 0.6))),
    ("lake-district", "completed", 41, NORTH, ((340, 210, 150, 90), (950, 640, 190, 110))),
    ("lakeside-farms", "registered", 42, TROPICS, ((900, 180, 140, 90),)),
    ("harvest", "registered", 43, AUTUMN, ((250, 690, 150, 90),)),
)  # fmt: skip


def pictures() -> Iterator[Picture]:
    """Paint five groups of islands and three pieces of farmland."""
    for name, status, seed, climate, spots in _VIEWS:
        paint = _archipelago if len(spots[0]) == 5 else _farmland
        view = paint(seed, climate, *spots)
        yield Picture(
            f"{name}.jpg",
            view.p.finish(Grade((255, 253, 246), (240, 240, 250), vignette=0.2)),
            tuple(view.labels),
            status=status,
            tags=("aerial",),
        )


PROJECT = SampleProject(
    name="Islands from above",
    slug="islands",
    type="image_polygon",
    classes=(
        annotation_class("polygon", "island", "Island", "#f2b134",
                         switch("inhabited", "Inhabited")),
        annotation_class("polygon", "lake", "Lake", "#2e86ab"),
        annotation_class("polygon", "field", "Field", "#7fb800",
                         choice("select", "crop", "Crop", *CROPS)),
        annotation_class("polygon", "building", "Building", "#e4572e",
                         choice("radio", "roof", "Roof", *ROOFS)),
    ),
    tasks=encoded(pictures),
)  # fmt: skip
