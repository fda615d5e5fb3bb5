"""Hours of the day: the colours of the sky and of the light on everything under it."""

from dataclasses import dataclass

from fastlabel_server.demo.scenes.colors import WHITE, Color, hexa
from fastlabel_server.demo.scenes.curves import Point
from fastlabel_server.demo.scenes.painter import Grade


@dataclass(frozen=True)
class Mood:
    """The sky from top to horizon, the haze over what is far, and the light.

    `sun` is the centre of sun or moon, its radius and its colour; `lamps` tells whether
    windows, street lamps and headlights are on.
    """

    name: str
    sky: tuple[Color, ...]
    haze: Color
    grade: Grade
    sun: tuple[Point, float, Color] | None = None
    cloud: Color = WHITE
    clouds: int = 4
    lamps: bool = False
    stars: bool = False


def _colors(*texts: str) -> tuple[Color, ...]:
    return tuple(hexa(text) for text in texts)


DAWN = Mood(
    "dawn",
    _colors("#8fa6c8", "#c9bcd0", "#f2c9b4", "#fbe0b8"),
    hexa("#e8c9c0"),
    Grade(hexa("#f4e4e8"), hexa("#e2d4dc")),
    ((960, 330), 46, hexa("#fff0cf")),
    hexa("#f9dcd2"),
)
MORNING = Mood(
    "morning",
    _colors("#7fb2d9", "#b4d5e6", "#f0ead8"),
    hexa("#cfe0e6"),
    Grade(hexa("#fffaf0"), hexa("#fff4e4")),
    ((240, 150), 44, hexa("#fff6da")),
)
NOON = Mood(
    "noon",
    _colors("#4f97cf", "#8ec2e2", "#d8ebef"),
    hexa("#c4dde8"),
    Grade(vignette=0.12),
    ((1010, 90), 42, hexa("#fffbe8")),
)
OVERCAST = Mood(
    "overcast",
    _colors("#9aa6b2", "#bcc4ca", "#d8dad8"),
    hexa("#c3c9cd"),
    Grade(hexa("#e6eaee"), hexa("#dde2e8")),
    cloud=hexa("#d9dde0"),
    clouds=9,
)
GOLDEN = Mood(
    "golden",
    _colors("#7d9cc0", "#d8bfae", "#f6c583", "#fbd99a"),
    hexa("#efcda4"),
    Grade(hexa("#ffeed6"), hexa("#f6d9b8")),
    ((200, 350), 54, hexa("#fff0c0")),
    hexa("#fbdcb6"),
)
DUSK = Mood(
    "dusk",
    _colors("#34406f", "#6d5f93", "#c77f8d", "#f0a878"),
    hexa("#a57f98"),
    Grade(hexa("#cdb8cc"), hexa("#8f88ae"), bloom=0.8),
    ((1040, 400), 50, hexa("#ffcf9a")),
    hexa("#c98fa0"),
    lamps=True,
)
NIGHT = Mood(
    "night",
    _colors("#10162e", "#1d2950", "#3a4474"),
    hexa("#3a4570"),
    Grade(hexa("#7a86b8"), hexa("#6670a6"), bloom=1.0),
    ((220, 120), 34, hexa("#f4f0dc")),
    hexa("#3d4a78"),
    clouds=3,
    lamps=True,
    stars=True,
)
MOODS = (DAWN, MORNING, NOON, OVERCAST, GOLDEN, DUSK, NIGHT)
