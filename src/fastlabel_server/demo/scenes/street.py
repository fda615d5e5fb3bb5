"""Streets from dawn to night, and car parks from above, labelled with boxes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from fastlabel_server.demo.samples import (
    OCCLUDED,
    Json,
    SampleComment,
    SampleProject,
    annotation_class,
    answers,
    choice,
)
from fastlabel_server.demo.scenes.colors import BLACK, WHITE, Color, darker, hexa, lighter, vertical
from fastlabel_server.demo.scenes.curves import Point, box, ellipse
from fastlabel_server.demo.scenes.figures import (
    Outfit,
    Stance,
    mirrored,
    paint_person,
    skeleton,
)
from fastlabel_server.demo.scenes.model import Label, Picture, encoded
from fastlabel_server.demo.scenes.moods import (
    DAWN,
    DUSK,
    GOLDEN,
    MORNING,
    NIGHT,
    NOON,
    OVERCAST,
    Mood,
)
from fastlabel_server.demo.scenes.outlines import bounds_xyxy
from fastlabel_server.demo.scenes.painter import Grade, Painter, Thing, area, stroke
from fastlabel_server.demo.scenes.parking import CarPark
from fastlabel_server.demo.scenes.scenery import (
    HEIGHT,
    WIDTH,
    paint_houses,
    paint_lamp,
    paint_sky,
    paint_skyline,
    paint_tree,
)
from fastlabel_server.demo.scenes.vehicles import (
    CAR_COLORS,
    Place,
    paint_bicycle,
    paint_bus,
    paint_car,
)

_KERB_FAR, _KERB_NEAR = 520, 748
LEAVES = (hexa("#6f9a57"), hexa("#86a24e"), hexa("#5a8c68"), hexa("#c78f45"))
_WALKS = (
    Stance((18, 34), (-20, -6), (20, 8), (-18, -40), facing="right"),
    Stance((-16, 8), (20, 40), (-16, -38), (22, 10), facing="right"),
    Stance((12, 6), (-12, -6), (5, 3), (-5, -3)),
    Stance((42, -34), (-14, -6), (6, 2), (-3, -2)),
)
_RIDE = Stance((48, 62), (50, 64), (74, -38), (33, 14), lean_deg=34, head_deg=-22, facing="right")
_SKINS = ("#f0c6a2", "#dca27a", "#b57a55", "#8a5a3c")
_HAIRS = ("#2f2624", "#5b3b28", "#a9743f", "#8e8a86", "#1f1d24")
_CLOTHES = ("#d9735b", "#4f7f9e", "#e0b354", "#5f8f72", "#8a6a9c", "#f0e4d2", "#c25d78", "#46506e")


def _random_outfit(rng: Random) -> Outfit:
    top, bottom = rng.sample(_CLOTHES, 2)
    return Outfit(
        hexa(rng.choice(_SKINS)),
        hexa(rng.choice(_HAIRS)),
        hexa(top),
        darker(hexa(bottom), 0.3),
        hexa("#2e2c35"),
        hair_style=rng.choice(("short", "bun", "long")),
        sleeves=rng.choice(("long", "short")),
        legs=rng.choice(("trousers", "trousers", "skirt", "shorts")),
    )


class Street:
    """One street picture in the making, with what was painted on it so far."""

    def __init__(self, rng: Random, mood: Mood) -> None:
        self.p = Painter()
        self.rng = rng
        self.mood = mood
        self.found: list[tuple[Thing, str, Json]] = []

    def paint(self, leaf: Color, cover: Callable[[Painter, Random], None] | None = None) -> None:
        """Paint all of it; `cover` lies on the ground under everybody, as snow does."""
        rng = self.rng
        self.paint_place(leaf, cover)
        for _ in range(rng.randint(2, 4)):
            self._walker((rng.uniform(60, WIDTH - 60), rng.uniform(500, 514)), 104)
        if rng.random() < 0.6:
            self._bicycle(Place((rng.uniform(100, 1180), 515), 0.72))
        self._far_lane()
        self._near_lane()
        self._foreground(leaf)

    def paint_place(
        self, leaf: Color, cover: Callable[[Painter, Random], None] | None = None
    ) -> None:
        """Paint what stands still."""
        p, rng, mood = self.p, self.rng, self.mood
        paint_sky(p, rng, mood, 480)
        paint_skyline(p, rng, mood, 480)
        paint_houses(p, rng, mood, 482)
        self._road()
        if cover:
            cover(p, rng)
        for x in range(int(rng.uniform(40, 160)), WIDTH, 330):
            paint_tree(p, rng, x + rng.uniform(-30, 30), 505, rng.uniform(170, 215), leaf)
            paint_lamp(p, x + 160, 506, 190, mood)

    def _road(self) -> None:
        p = self.p
        p.fill(box(0, 480, WIDTH, _KERB_FAR), vertical(hexa("#b9b0a6"), hexa("#cfc6ba")))
        p.fill(box(0, _KERB_FAR - 6, WIDTH, _KERB_FAR + 2), hexa("#e3ddd2"))
        p.fill(box(0, _KERB_FAR, WIDTH, _KERB_NEAR), vertical(hexa("#5f626b"), hexa("#777983")))
        p.tint(area(box(0, _KERB_FAR, WIDTH, _KERB_FAR + 8)).blurred(4), BLACK, 0.3)
        for x in range(-40, WIDTH, 150):
            p.fill([(x, 628), (x + 78, 628), (x + 74, 635), (x - 6, 635)], hexa("#ded9cd"))
        if self.rng.random() < 0.6:
            left = self.rng.uniform(300, 800)
            for k in range(7):
                y, skew = 532 + k * 31, k * 8
                p.fill([(left - skew, y), (left + 120 - skew * 0.6, y),
                        (left + 120 - skew * 0.6 - 4, y + 16), (left - skew - 5, y + 16)],
                       hexa("#e4dfd3"), 0.85)  # fmt: skip
        p.fill(box(0, _KERB_NEAR, WIDTH, HEIGHT), vertical(hexa("#cdc3b6"), hexa("#b3a899")))
        p.fill(box(0, _KERB_NEAR - 2, WIDTH, _KERB_NEAR + 9), hexa("#e6e0d5"))
        p.tint(area(box(0, _KERB_NEAR + 9, WIDTH, _KERB_NEAR + 13)), BLACK, 0.2)
        for y in (782, 824):
            p.tint(stroke([(0, y), (WIDTH, y)], 1.4), BLACK, 0.14)
        for x in range(-200, WIDTH + 200, 92):
            away = (x - WIDTH / 2) * 0.09
            p.tint(stroke([(x, _KERB_NEAR + 13), (x + away, HEIGHT)], 1.3), BLACK, 0.12)

    def _far_lane(self) -> None:
        rng, x = self.rng, self.rng.uniform(40, 180)
        bus = rng.random() < 0.6
        while x < WIDTH + 60:
            if bus:
                self._bus(Place((x + 150, 604), 0.86, flip=True))
                x, bus = x + 420, False
            else:
                self._car(Place((x, 602), 0.84, flip=True))
                x += 250
            x += rng.uniform(30, 190)

    def _near_lane(self) -> None:
        rng, x = self.rng, self.rng.uniform(20, 240)
        rider = rng.randint(0, 2)
        for number in range(4):
            if x > WIDTH + 90:
                return
            if number == rider:
                self._cyclist(Place((x, 722), 1.12, flip=False))
                x += 300
            else:
                self._car(Place((x + 40, 716), 1.2))
                x += 430
            x += rng.uniform(20, 120)

    def _foreground(self, leaf: Color) -> None:
        rng, p = self.rng, self.p
        light_x = rng.choice((118, 1150))
        self._traffic_light((light_x, 790))
        for k in range(rng.randint(2, 4)):
            slot = (260, 470, 700, 940)[k] + rng.uniform(-70, 70)
            self._walker((slot, rng.uniform(806, 836)), rng.uniform(186, 204))
        if rng.random() < 0.7:
            x = 1010 if light_x < 600 else 60
            pot = p.fill([(x, 800), (x + 120, 800), (x + 110, 850), (x + 10, 850)], hexa("#8d6f5c"))
            p.relief(pot, 8, 0.6, BLACK)
            for dx in range(10, 120, 22):
                bush = p.fill(ellipse(x + dx, 792 + rng.uniform(-8, 6), 22, 24), darker(leaf, 0.12))
                p.relief(bush, 7, 0.7, darker(leaf, 0.7))

    def _walker(self, ground: Point, height: float) -> None:
        """Paint a person who walks or stands, and remember them."""
        stance = self.rng.choice(_WALKS)
        walking = stance.facing != "front"
        if self.rng.random() < 0.5:
            stance = mirrored(stance)
        self.p.shadow(area(ellipse(*ground, height * 0.16, height * 0.025)), (0, 0), 4, BLACK, 0.4)
        with self.p.thing() as person:
            paint_person(self.p, skeleton(stance, height, ground), stance, _random_outfit(self.rng))
        self.found.append((person, "person", {"activity": "walking" if walking else "standing"}))

    def _cyclist(self, place: Place) -> None:
        self._bicycle(place)
        stance = mirrored(_RIDE) if place.flip else _RIDE
        joints = skeleton(stance, 138 * place.scale, (0, 0))
        hip_x = (joints["left_hip"][0] + joints["right_hip"][0]) / 2
        hip_y = joints["left_hip"][1]
        seat = place.point(-21, -80)
        joints = {key: (x - hip_x + seat[0], y - hip_y + seat[1]) for key, (x, y) in joints.items()}
        with self.p.thing() as person:
            paint_person(self.p, joints, stance, replace(_random_outfit(self.rng), legs="trousers"))
        self.found.append((person, "person", {"activity": "riding"}))

    def _bicycle(self, place: Place) -> None:
        color = hexa(self.rng.choice(("#c8553d", "#3f7a8c", "#d9a441", "#5a6b4f")))
        self.found.append((paint_bicycle(self.p, place, color), "bicycle", {}))

    def _car(self, place: Place) -> None:
        name = self.rng.choice(list(CAR_COLORS))
        car = paint_car(self.p, self.rng, place, CAR_COLORS[name], self.mood.lamps)
        self.found.append((car, "car", {"color": name}))

    def _bus(self, place: Place) -> None:
        name = self.rng.choice(("red", "green", "blue", "yellow"))
        bus = paint_bus(self.p, place, CAR_COLORS[name], self.mood.lamps)
        self.found.append((bus, "bus", {"color": name}))

    def _traffic_light(self, ground: Point) -> None:
        p, (x, y) = self.p, ground
        iron = hexa("#3a4048")
        pole = p.fill(box(x - 5, y - 330, x + 5, y, 2), iron)
        p.relief(pole, 3, 0.8, BLACK)
        p.fill(box(x - 11, y - 22, x + 11, y + 2, 3), iron)
        state = self.rng.choice(("red", "amber", "green"))
        with p.thing() as light:
            case = p.fill(box(x - 22, y - 424, x + 22, y - 312, 10), hexa("#2b3038"))
            p.relief(case, 5, 0.7, BLACK)
            lamps = (("red", "#f0503f"), ("amber", "#f7b733"), ("green", "#45c97f"))
            for row, (name, color) in enumerate(lamps):
                at = (x, y - 404 + row * 36)
                on = name == state
                lamp = p.fill(ellipse(*at, 13), hexa(color) if on else darker(hexa(color), 0.72))
                p.relief(lamp, 4, 0.5, BLACK)
                hood = stroke(ellipse(*at, 15)[12:24], 3)
                p.tint(hood, BLACK, 0.5)
                if on:
                    p.tint(area(ellipse(*at, 30)).blurred(10), hexa(color), 0.3)
                    p.tint(area(ellipse(x - 4, at[1] - 4, 4)).blurred(2), WHITE, 0.7)
                    p.shine(lamp, lighter(hexa(color), 0.1), 0.9)
        self.found.append((light, "traffic_light", {"state": state}))

    def labels(self) -> tuple[Label, ...]:
        """Return a tight box for each thing of which enough can be seen."""
        found = []
        for thing, value, extra in self.found:
            pixels, share = self.p.visible(thing), self.p.visible_share(thing)
            points = bounds_xyxy(pixels)
            if not points or share < 0.25 or points[2] - points[0] < 14:
                continue
            attributes = answers(occluded=share < 0.92, **extra)
            found.append(Label(
                {"type": "bbox", "value": value, "points": points, "attributes": attributes},
                pixels,
            ))  # fmt: skip
        return tuple(found)


_STREETS = (
    ("0615-market-street", 0, DAWN, "completed", 0),
    ("0840-market-street", 1, MORNING, "approved", 0),
    ("1205-market-street", 2, NOON, "approved", 0),
    ("1330-school-crossing", 3, OVERCAST, "reviewed", 10),
    ("1540-station-road", 11, MORNING, "completed", 0),
    ("1830-station-road", 4, GOLDEN, "sent_back", 20),
    ("1955-school-crossing", 5, DUSK, "registered", 10),
    ("2210-market-street", 6, NIGHT, "registered", 30),
    ("2340-station-road", 13, NIGHT, "registered", 30),
)
_CAR_PARKS = (
    ("drone-car-park-north", 21, -14.0, "#7c7f86", "#7c9c54", "completed"),
    ("drone-car-park-south", 22, 9.0, "#8a857f", "#a08f4a", "reviewed"),
    ("drone-car-park-east", 23, 31.0, "#6f747c", "#5f8f5c", "registered"),
)


_COMMENTS = {
    "1330-school-crossing": (
        SampleComment(
            "Does somebody who pushes a bicycle count as riding?",
            "No, only those who sit on it. Nobody here pushes one.",
            is_resolved=True,
        ),
    ),
    "1830-station-road": (
        SampleComment(
            "Please look at this one again: what is hidden by a tenth or more is occluded.",
            "Right, I had only ticked those that are hidden by half.",
            about=0,
        ),
    ),
}


def pictures() -> Iterator[Picture]:
    """Paint nine streets through a day, and three car parks from above."""
    for name, seed, mood, status, priority in _STREETS:
        street = Street(Random(100 + seed), mood)  # noqa: S311
        street.paint(LEAVES[seed % len(LEAVES)])
        yield Picture(
            f"{name}.jpg",
            street.p.finish(mood.grade),
            street.labels(),
            status=status,
            tags=("street", mood.name),
            priority=priority,
            comments=_COMMENTS.get(name, ()),
        )
    for name, seed, turn_deg, ground, leaf, status in _CAR_PARKS:
        park = CarPark(Random(seed), turn_deg, hexa(ground), hexa(leaf))  # noqa: S311
        park.paint()
        yield Picture(
            f"{name}.jpg",
            park.p.finish(Grade()),
            park.labels(),
            status=status,
            tags=("drone",),
        )


_COLOR = choice("select", "color", "Color", *CAR_COLORS)

PROJECT = SampleProject(
    name="Street scenes",
    slug="street-scenes",
    type="image_bbox",
    classes=(
        annotation_class("bbox", "car", "Car", "#e4572e", _COLOR, OCCLUDED),
        annotation_class("bbox", "bus", "Bus", "#2e86ab", _COLOR, OCCLUDED),
        annotation_class("bbox", "bicycle", "Bicycle", "#8f5fbf", OCCLUDED),
        annotation_class("bbox", "person", "Person", "#f2b134",
                         choice("radio", "activity", "Activity", "walking", "standing", "riding"),
                         OCCLUDED),
        annotation_class("bbox", "traffic_light", "Traffic light", "#3bb273",
                         choice("radio", "state", "State", "red", "amber", "green"), OCCLUDED),
    ),
    tasks=encoded(pictures),
)  # fmt: skip
