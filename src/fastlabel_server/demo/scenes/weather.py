"""The same streets in every weather, to be classified as a whole."""

from collections.abc import Callable, Iterator
from random import Random

from fastlabel_server.demo.samples import SampleProject, answers, choice
from fastlabel_server.demo.scenes.colors import BLACK, WHITE, hexa
from fastlabel_server.demo.scenes.curves import blob, box, ellipse
from fastlabel_server.demo.scenes.model import Picture, encoded
from fastlabel_server.demo.scenes.moods import DUSK, MORNING, NIGHT, NOON, OVERCAST, Mood
from fastlabel_server.demo.scenes.painter import Painter, area, stroke
from fastlabel_server.demo.scenes.scenery import HEIGHT, WIDTH
from fastlabel_server.demo.scenes.street import LEAVES, Street

_WEATHER = ("clear", "cloudy", "rain", "snow", "fog", "storm")
_TIMES = ("day", "dusk", "night")
_HAZARDS = ("wet_road", "snow_on_road", "low_visibility")


def _dry(p: Painter, rng: Random) -> None:
    """Leave the picture as it is."""


def _puddles(p: Painter, rng: Random) -> None:
    for _ in range(26):
        x, y = rng.uniform(0, WIDTH), rng.uniform(540, 850)
        puddle = area(ellipse(x, y, rng.uniform(30, 120), rng.uniform(3, 9)))
        p.tint(puddle.blurred(2), hexa("#b8cbd8"), 0.4)


def _rain(p: Painter, rng: Random) -> None:
    p.tint(area(box(0, 0, WIDTH, HEIGHT)), hexa("#6f8296"), 0.22)
    drops = []
    for _ in range(620):
        x, y, long = rng.uniform(-40, WIDTH), rng.uniform(-40, HEIGHT), rng.uniform(14, 44)
        end_x, end_y = x - long * 0.26, y + long
        drops.append([(x, y), (x + 1.1, y), (end_x + 1.1, end_y), (end_x, end_y)])
    p.tint(area(*drops), hexa("#e4eef5"), 0.5)


def _snow_cover(p: Painter, rng: Random) -> None:
    for top, bottom in ((484, 520), (750, HEIGHT)):
        p.tint(area(box(0, top, WIDTH, bottom)).blurred(3), hexa("#f3f6fa"), 0.8)
    for _ in range(40):
        x, y = rng.uniform(0, WIDTH), rng.uniform(528, 740)
        drift = blob(rng, x, y, rng.uniform(50, 150), rng.uniform(4, 11), 0.3)
        p.tint(area(drift).blurred(3), hexa("#f3f6fa"), 0.6)


def _snow(p: Painter, rng: Random) -> None:
    p.tint(area(box(0, 0, WIDTH, HEIGHT)), hexa("#dfe7ef"), 0.2)
    for count, low, high, soft in ((340, 1, 2.2, 0.6), (130, 2.4, 4.4, 1.4), (34, 5, 9, 4)):
        flakes = [ellipse(rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.uniform(low, high))
                  for _ in range(count)]  # fmt: skip
        p.tint(area(*flakes).blurred(soft), WHITE, 0.85)


def _fog(p: Painter, rng: Random) -> None:
    p.tint(area(box(0, 0, WIDTH, HEIGHT)), hexa("#d5d9db"), 0.36)
    for y, opacity in ((300, 0.5), (420, 0.6), (560, 0.42), (690, 0.3)):
        for _ in range(4):
            bank = blob(rng, rng.uniform(0, WIDTH), y + rng.uniform(-40, 40), 460, 70, 0.2)
            p.tint(area(bank).blurred(40), hexa("#dfe2e3"), opacity)


def _storm(p: Painter, rng: Random) -> None:
    p.tint(area(box(0, 0, WIDTH, 420)).blurred(40), hexa("#2c3348"), 0.55)
    x, y = rng.uniform(500, 900), -10.0
    bolt = [(x, y)]
    while y < 170:
        x, y = x + rng.uniform(-44, 36), y + rng.uniform(26, 58)
        bolt.append((x, y))
    p.tint(stroke(bolt, 14).blurred(12), hexa("#cfd8ff"), 0.8)
    p.tint(stroke(bolt, 4), WHITE, 1)
    p.shine(stroke(bolt, 4), hexa("#e8ecff"))
    fork = [bolt[3], *((px + 46 + k * 24, py + 30) for k, (px, py) in enumerate(bolt[3:6]))]
    p.tint(stroke(fork, 2.4), hexa("#eef1ff"), 0.9)
    _rain(p, rng)
    p.tint(area(box(0, 0, WIDTH, HEIGHT)), BLACK, 0.12)


_COVERS = {"rain": _puddles, "storm": _puddles, "snow": _snow_cover}
_FROSTED = hexa("#a8bcba")
_Painted = tuple[str, int, Mood, Callable[[Painter, Random], None], str, str, list[str], str]
_PICTURES: tuple[_Painted, ...] = (
    ("clear-morning", 1, MORNING, _dry, "clear", "day", [], "completed"),
    ("clear-noon", 9, NOON, _dry, "clear", "day", [], "completed"),
    ("grey-day", 3, OVERCAST, _dry, "cloudy", "day", [], "reviewed"),
    ("rainy-day", 11, OVERCAST, _rain, "rain", "day", ["wet_road"], "completed"),
    ("snowfall", 8, OVERCAST, _snow, "snow", "day",
     ["snow_on_road", "low_visibility"], "completed"),
    ("fog", 14, OVERCAST, _fog, "fog", "day", ["low_visibility"], "sent_back"),
    ("storm-at-dusk", 15, DUSK, _storm, "storm", "dusk",
     ["wet_road", "low_visibility"], "registered"),
    ("clear-night", 16, NIGHT, _dry, "clear", "night", [], "registered"),
)  # fmt: skip


def pictures() -> Iterator[Picture]:
    """Paint eight streets, each with the answers that classify it."""
    for name, seed, mood, fall, weather, time, hazards, status in _PICTURES:
        rng = Random(500 + seed)  # noqa: S311
        street = Street(rng, mood)
        leaf = _FROSTED if weather == "snow" else LEAVES[seed % len(LEAVES)]
        street.paint(leaf, _COVERS.get(weather))
        fall(street.p, rng)
        yield Picture(
            f"{name}.jpg",
            street.p.finish(mood.grade),
            attributes=tuple(answers(weather=weather, time=time, hazards=hazards)),
            status=status,
            tags=(weather,),
        )


PROJECT = SampleProject(
    name="Weather",
    slug="weather",
    type="image_classification",
    classes=(
        {
            "type": "classification",
            "value": "classification",
            "attributes": [
                choice("radio", "weather", "Weather", *_WEATHER),
                choice("select", "time", "Time of day", *_TIMES),
                choice("checkbox", "hazards", "Hazards", *_HAZARDS),
            ],
        },
    ),
    tasks=encoded(pictures),
)
