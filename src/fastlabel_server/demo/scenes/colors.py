"""Colours as (red, green, blue), 0 to 255, and paints that change across a shape."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from PIL import Image

Color = tuple[int, int, int]

WHITE: Color = (255, 255, 255)
BLACK: Color = (0, 0, 0)


@dataclass(frozen=True)
class Gradient:
    """Colours that follow each other evenly from top, left or centre."""

    stops: tuple[Color, ...]
    along: Literal["y", "x", "radius"] = "y"


Paint = Color | Gradient


def hexa(text: str) -> Color:
    """Read `#rrggbb`."""
    return (int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16))


def mix(a: Color, b: Color, share: float) -> Color:
    """Return a colour at a share of the way from a to b."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return (red, green, blue)


def lighter(color: Color, share: float = 0.2) -> Color:
    return mix(color, (255, 250, 240), share)


def darker(color: Color, share: float = 0.2) -> Color:
    # Towards a deep blue rather than black: shadows outdoors are lit by the sky.
    return mix(color, (18, 20, 42), share)


def vertical(*stops: Color) -> Gradient:
    return Gradient(stops, "y")


def rounded(color: Color, amount: float = 0.25) -> Gradient:
    """Return a colour that is lit from above."""
    return Gradient((lighter(color, amount), color, darker(color, amount)), "y")


def fill_image(paint: Gradient, size_wh: tuple[int, int]) -> Image.Image:
    """Return a picture of the given size in one gradient."""
    strip = _strip(paint)
    if paint.along == "y":
        return strip.resize(size_wh)
    if paint.along == "x":
        return strip.transpose(Image.Transpose.TRANSPOSE).resize(size_wh)
    ramp = Image.radial_gradient("L").resize(size_wh)
    return Image.merge("RGB", [ramp.point(band.tobytes()) for band in strip.split()])


@lru_cache(maxsize=512)
def _strip(paint: Gradient) -> Image.Image:
    """Return the colours of a gradient as a picture 1 pixel wide and 256 high."""
    at = np.linspace(0, len(paint.stops) - 1, 256)
    known = np.arange(len(paint.stops))
    bands = [np.interp(at, known, band) for band in zip(*paint.stops, strict=True)]
    return Image.fromarray(np.round(bands).astype(np.uint8).T[:, None, :].copy())
