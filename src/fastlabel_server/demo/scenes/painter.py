"""Paint a picture from smooth shapes, and keep which pixels belong to which labelled thing.

A shape is drawn several times larger as a mask, reduced, and used as coverage, so edges are
smooth at the cost of the shape's own extent. Light is a second layer that solid paint covers:
what shines at night is hidden behind a bus without anyone thinking of it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from io import BytesIO

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from fastlabel_server.demo.scenes.colors import BLACK, WHITE, Color, Paint, fill_image
from fastlabel_server.demo.scenes.curves import Point

SIZE_WH = (1280, 854)
# Shapes may reach out of the picture; what lies farther out than this is cut off, as it can
# be seen only if it is blurred more than any shape here.
_MARGIN = 80
# Above this area in pixels a shape is drawn at twice its size instead of four times: nobody
# sees the difference on its long edges.
_LARGE_AREA = 120_000


# Pillow draws the border of a polygon too, which is half a pixel more where shapes are large:
# a pixel covered by exactly half is not the shape's.
_HALF = [0] * 129 + [255] * 127


@lru_cache(maxsize=256)
def _faded(opacity: float) -> list[int]:
    return [round(value * opacity) for value in range(256)]


@dataclass(frozen=True)
class Mask:
    """Coverage, 0 to 255, of a part of the picture; `at` is where its top left pixel lies."""

    image: Image.Image
    at: tuple[int, int]

    @property
    def box_xyxy(self) -> tuple[int, int, int, int]:
        x, y = self.at
        return (x, y, x + self.image.width, y + self.image.height)

    def blurred(self, radius: float) -> "Mask":
        """Return the mask out of focus and larger on each side, so that nothing is cut off."""
        small, step, pad = self.small_blurred(radius)
        size = (self.image.width + 2 * pad, self.image.height + 2 * pad)
        soft = small if step == 1 else small.resize(size, Image.Resampling.BILINEAR)
        return Mask(soft, (self.at[0] - pad, self.at[1] - pad))

    def small_blurred(self, radius: float) -> tuple[Image.Image, int, int]:
        """Return the blurred mask reduced as far as nobody sees, by what, and its margin."""
        pad = int(radius * 2.6) + 2
        wide = Image.new("L", (self.image.width + 2 * pad, self.image.height + 2 * pad))
        wide.paste(self.image, (pad, pad))
        step = max(1, int(radius / 4))
        small = wide.reduce(step) if step > 1 else wide
        return small.filter(ImageFilter.GaussianBlur(radius / step)), step, pad

    def within(self, other: "Mask") -> "Mask":
        """Return what this mask and another one share, over the extent of the other."""
        moved = Image.new("L", other.image.size)
        moved.paste(self.image, (self.at[0] - other.at[0], self.at[1] - other.at[1]))
        return Mask(ImageChops.multiply(moved, other.image), other.at)

    def faded(self, opacity: float) -> "Mask":
        return replace(self, image=self.image.point(_faded(round(opacity, 3))))

    def moved(self, dx: float, dy: float) -> "Mask":
        return replace(self, at=(self.at[0] + round(dx), self.at[1] + round(dy)))


def area(*outlines: Sequence[Point], holes: Sequence[Sequence[Point]] = ()) -> Mask:
    """Return the mask of what the outlines cover together, without the holes."""
    points = [point for outline in outlines for point in outline]
    extent, scale = _extent(points, 1)

    def draw(pen: ImageDraw.ImageDraw) -> None:
        for value, rings in ((255, outlines), (0, holes)):
            for ring in rings:
                pen.polygon(_enlarged(ring, extent, scale), fill=value)

    return _drawn(extent, scale, draw)


def stroke(points: Sequence[Point], width: float, closed: bool = False) -> Mask:
    """Return the mask of a line with round corners and ends."""
    return strokes([[*points, points[0]] if closed else points], width)


def strokes(lines: Sequence[Sequence[Point]], width: float) -> Mask:
    """Return the mask of several lines of one width, drawn in one go."""
    extent, scale = _extent([point for line in lines for point in line], width)
    radius = width * scale / 2

    def draw(pen: ImageDraw.ImageDraw) -> None:
        for line in lines:
            path = _enlarged(line, extent, scale)
            pen.line(path, fill=255, width=max(1, round(width * scale)), joint="curve")
            # Dense curves need no round corners.
            for x, y in path if len(path) < 40 else (path[0], path[-1]):
                pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)

    return _drawn(extent, scale, draw)


def _extent(points: Sequence[Point], margin: float) -> tuple[tuple[int, int, int, int], int]:
    width, height = SIZE_WH
    xs, ys = [x for x, _ in points], [y for _, y in points]
    x1 = int(max(min(xs) - margin - 1, -_MARGIN))
    y1 = int(max(min(ys) - margin - 1, -_MARGIN))
    x2 = max(int(min(max(xs) + margin + 2, width + _MARGIN)), x1 + 1)
    y2 = max(int(min(max(ys) + margin + 2, height + _MARGIN)), y1 + 1)
    return (x1, y1, x2, y2), 4 if (x2 - x1) * (y2 - y1) < _LARGE_AREA else 2


def _enlarged(
    points: Sequence[Point], extent: tuple[int, int, int, int], scale: int
) -> list[Point]:
    # Pillow's coordinates name pixel centres, ours name pixel corners.
    return [((x - extent[0]) * scale - 0.5, (y - extent[1]) * scale - 0.5) for x, y in points]


def _drawn(
    extent: tuple[int, int, int, int], scale: int, draw: Callable[[ImageDraw.ImageDraw], None]
) -> Mask:
    x1, y1, x2, y2 = extent
    large = Image.new("L", ((x2 - x1) * scale, (y2 - y1) * scale))
    draw(ImageDraw.Draw(large))
    return Mask(large.reduce(scale), (x1, y1))


@dataclass
class Thing:
    """Something that carries a label: all pixels painted for it, also those covered later."""

    number: int
    silhouette: Image.Image = field(default_factory=lambda: Image.new("L", SIZE_WH))


@dataclass(frozen=True)
class Grade:
    """How the finished picture is lit: colours to multiply the top and the bottom with."""

    top: Color = WHITE
    bottom: Color = WHITE
    bloom: float = 1.0
    vignette: float = 0.16


class Painter:
    """A picture in the making; later paint covers earlier paint."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", SIZE_WH, BLACK)
        self.light = Image.new("RGB", SIZE_WH, BLACK)
        self._owner = Image.new("L", SIZE_WH)
        self._things: list[Thing] = []
        self._drawing: Thing | None = None

    def copy(self) -> "Painter":
        """Return a painter that goes on from here; what it paints is not in this picture."""
        other = Painter()
        other.image, other.light = self.image.copy(), self.light.copy()
        other._owner = self._owner.copy()
        other._things = [Thing(thing.number, thing.silhouette.copy()) for thing in self._things]
        return other

    @contextmanager
    def thing(self, again: Thing | None = None) -> Iterator[Thing]:
        """Count what is painted solid inside the block to one thing, a new one by default."""
        thing = again or Thing(len(self._things) + 1)
        if again is None:
            self._things.append(thing)
        before, self._drawing = self._drawing, thing
        try:
            yield thing
        finally:
            self._drawing = before

    def fill(self, shape: Mask | Sequence[Point], paint: Paint, opacity: float = 1) -> Mask:
        """Paint a solid shape; less than half opaque, it counts as a tint of what is below."""
        mask = shape if isinstance(shape, Mask) else area(shape)
        seen = mask.faded(opacity) if opacity < 1 else mask
        if isinstance(paint, tuple):
            self.image.paste(paint, seen.box_xyxy, seen.image)
        else:
            self.image.paste(fill_image(paint, mask.image.size), mask.at, seen.image)
        if opacity >= 0.5:
            self._own(mask, seen)
        return mask

    def tint(self, mask: Mask | Sequence[Point], color: Color, opacity: float = 1) -> None:
        """Colour what is there (shadows, reflections, haze); it belongs to whom it did before."""
        mask = mask if isinstance(mask, Mask) else area(mask)
        mask = mask.faded(opacity)
        self.image.paste(color, mask.box_xyxy, mask.image)

    def shine(self, shape: Mask | Sequence[Point], color: Color, opacity: float = 1) -> None:
        """Add light that the picture's grade does not darken and that blooms."""
        mask = (shape if isinstance(shape, Mask) else area(shape)).faded(opacity)
        self.light.paste(color, mask.box_xyxy, mask.image)

    def shadow(self, mask: Mask, move: Point, blur: float, color: Color, opacity: float) -> None:
        """Let a shape throw a soft shadow, moved by so many pixels."""
        self.tint(mask.blurred(blur).moved(*move), color, opacity)

    def relief(self, mask: Mask, depth: float, strength: float, shade: Color) -> None:
        """Make a flat shape look rounded: lit from the top left, shaded at the bottom right."""
        small, step, pad = mask.small_blurred(depth)
        width, height = mask.image.size
        slope_y, slope_x = np.gradient(np.asarray(small, dtype=np.float32))
        lit = (0.62 * slope_x + 0.78 * slope_y) * (depth * strength / step)
        for color, sign in ((WHITE, 1), (shade, -1)):
            amount = Image.fromarray(np.clip(lit * sign, 0, 200).astype(np.uint8))
            if step > 1:
                amount = amount.resize((width + 2 * pad, height + 2 * pad))
            amount = amount.crop((pad, pad, pad + width, pad + height))
            seen = ImageChops.multiply(amount, mask.image)
            self.image.paste(color, mask.box_xyxy, seen)

    def _own(self, mask: Mask, seen: Mask) -> None:
        solid = mask.image.point(_HALF)
        number = self._drawing.number if self._drawing else 0
        self._owner.paste(number, mask.box_xyxy, solid)
        self.light.paste(BLACK, mask.box_xyxy, seen.image)
        if self._drawing:
            self._drawing.silhouette.paste(255, mask.box_xyxy, solid)

    def visible(self, thing: Thing) -> Image.Image:
        """Return the mask, 0 or 255, of a thing's pixels that nothing covers."""
        return self._owner.point([255 if v == thing.number else 0 for v in range(256)])

    def visible_share(self, thing: Thing) -> float:
        whole = thing.silhouette.histogram()[255]
        return self.visible(thing).histogram()[255] / whole if whole else 0.0

    def finish(self, grade: Grade) -> Image.Image:
        """Return the picture graded, with its lights on, vignette and film grain."""
        picture = self.image
        if (grade.top, grade.bottom) != (WHITE, WHITE):
            ramp = Image.linear_gradient("L").resize(SIZE_WH)
            top, bottom = (Image.new("RGB", SIZE_WH, c) for c in (grade.top, grade.bottom))
            picture = ImageChops.multiply(picture, Image.composite(bottom, top, ramp))
        if self.light.getbbox():
            for step, radius in ((4, 4), (8, 7)):
                halo = self.light.reduce(step).filter(ImageFilter.GaussianBlur(radius))
                halo = halo.point([min(255, int(v * 0.85 * grade.bloom)) for v in range(256)] * 3)
                picture = ImageChops.screen(picture, halo.resize(SIZE_WH))
            # Lit glass keeps some of what is behind it instead of turning white.
            soft = self.light.point([round(v * 0.8) for v in range(256)] * 3)
            picture = ImageChops.screen(picture, soft)
        edge = _vignette().point([round(255 - v * grade.vignette) for v in range(256)])
        picture = ImageChops.multiply(picture, Image.merge("RGB", (edge, edge, edge)))
        return ImageChops.add(picture, _grain(), scale=1, offset=-128)


def to_jpeg(picture: Image.Image) -> bytes:
    """Encode a picture for upload."""
    out = BytesIO()
    picture.save(out, "JPEG", quality=88, optimize=False)
    return out.getvalue()


@lru_cache(maxsize=1)
def _vignette() -> Image.Image:
    width, height = SIZE_WH
    wide = Image.radial_gradient("L").resize((int(width * 1.25), int(height * 1.25)))
    left, top = (wide.width - width) // 2, (wide.height - height) // 2
    far = wide.crop((left, top, left + width, top + height))
    return far.point([int(max(0, v - 110) / 145 * 255) for v in range(256)])


@lru_cache(maxsize=1)
def _grain() -> Image.Image:
    """Return faint noise about 128: it keeps JPEG from turning soft gradients into bands."""
    width, height = SIZE_WH
    noise = np.random.default_rng(7).normal(128, 1.6, (height, width))
    gray = Image.fromarray(np.clip(np.round(noise), 0, 255).astype(np.uint8))
    return Image.merge("RGB", (gray, gray, gray))
