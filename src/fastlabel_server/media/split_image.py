"""Images cut into tiles, row by row from the top left.

The first columns and rows are 1 pixel larger where the size cannot be divided evenly: 500
pixels make 3 columns of 167, 167 and 166. The tiles show the image as it is shown (EXIF
orientation applied) and keep its format, its palette, its transparency and its ICC profile;
EXIF itself and other metadata go, as do the further pictures of an MPO.

A JPEG has to be compressed again. No coefficient is kept more coarsely than in the original,
nor than at quality 95, and the colours at full resolution, so that little more is lost. PNG and
GIF lose nothing, but for PNG of 16 bits a colour, which Pillow reads as 8 bits; 16 bits of
gray stay.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Generator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from fastlabel.modalities import FileError
from fastlabel_server.media.base import NewPath, Plan, Splitter
from fastlabel_server.media.image import FORMATS, PLUGINS, orientation, upright_size_wh

QUALITY = 95
"""At least, of tiles of a JPEG."""


def borders(size: int, count: int) -> list[int]:
    """Return where tiles begin, and the end of the last.

    >>> borders(500, 3)
    [0, 167, 334, 500]
    """
    least, wider = divmod(size, count)
    return [least * number + min(number, wider) for number in range(count + 1)]


def plan(source: BinaryIO, name: str, how: Mapping[str, Any]) -> Plan:
    """Return the grid.

    Raises:
        FileError: fewer pixels than tiles, more than one picture, or damaged.
    """
    with _opened(source, name) as image:
        if getattr(image, "n_frames", 1) > 1 and FORMATS[image.format or ""] != "jpeg":
            raise FileError(f"{name}: images that move are not split")
        width, height = upright_size_wh(image)
    columns, rows = how["columns"], how["rows"]
    if columns > width or rows > height:
        raise FileError(
            f"{name}: {width} x {height} pixels cannot be split into {columns} x {rows} tiles"
        )
    return {"columns": columns, "rows": rows, "width": width, "height": height}


def tile_xyxy(plan: Plan, number: int) -> tuple[int, int, int, int]:
    """Return where a tile, counted from 1, lies in the image."""
    row, column = divmod(number - 1, plan["columns"])
    xs = borders(plan["width"], plan["columns"])
    ys = borders(plan["height"], plan["rows"])
    return xs[column], ys[row], xs[column + 1], ys[row + 1]


def place(plan: Plan, number: int) -> dict[str, Any]:
    x, y, _, _ = tile_xyxy(plan, number)
    return {"columns": plan["columns"], "rows": plan["rows"], "x": x, "y": y}


def write(
    source: BinaryIO, name: str, plan: Plan, first: int, new_path: NewPath
) -> Generator[Path]:
    """Yield the files of tiles; the whole image is decoded once, and held meanwhile."""
    with _opened(source, name) as image:
        format_name = FORMATS[image.format or ""].upper()
        try:
            options = _options(image)
            image.load()
            if orientation(image) != 1:
                ImageOps.exif_transpose(image, in_place=True)
        except _DAMAGES as error:
            raise FileError(f"{name}: the image is damaged: {error}") from error
        xs = borders(plan["width"], plan["columns"])
        ys = borders(plan["height"], plan["rows"])
        boxes = [
            (left, top, right, bottom)
            for top, bottom in pairwise(ys)
            for left, right in pairwise(xs)
        ]
        for box in boxes[first - 1 :]:
            tile = image.crop(box)
            tile.info = {key: tile.info[key] for key in _KEPT if key in tile.info}
            path = new_path()
            tile.save(path, format_name, **options)
            yield path


def check(plan: Plan, number: int, media: Mapping[str, Any]) -> None:
    left, top, right, bottom = tile_xyxy(plan, number)
    expected = (right - left, bottom - top)
    if (media["width"], media["height"]) != expected:
        raise FileError(
            f"part {number} has {media['width']} x {media['height']} pixels instead of "
            f"{expected[0]} x {expected[1]}"
        )


_KEPT = ("transparency", "icc_profile", "gamma", "background")
_DAMAGES = (OSError, ValueError, SyntaxError, EOFError, struct.error, IndexError)


def _opened(source: BinaryIO, name: str) -> Image.Image:
    try:
        source.seek(0)
        return Image.open(source, formats=PLUGINS)
    except UnidentifiedImageError as error:
        raise FileError(f"{name}: not an image that can be split") from error
    except _DAMAGES as error:
        raise FileError(f"{name}: the image is damaged: {error}") from error


def _options(image: Image.Image) -> dict[str, Any]:
    """Return how tiles of an image are stored."""
    options: dict[str, Any] = {"icc_profile": image.info.get("icc_profile")}
    if FORMATS[image.format or ""] != "jpeg":
        return options
    tables = getattr(image, "quantization", {})
    finest = {
        number: [min(pair) for pair in zip(table, _table(number), strict=True)]
        for number, table in tables.items()
    }
    return options | {"qtables": finest, "subsampling": 0}


@cache
def _table(number: int) -> list[int]:
    """Return how coarsely coefficients are kept at `QUALITY`: table 0 is that of brightness."""
    output = io.BytesIO()
    Image.new("RGB", (8, 8)).save(output, "JPEG", quality=QUALITY)
    with Image.open(output) as image:
        tables = image.quantization  # type: ignore[attr-defined]
    return list(tables[min(number, 1)])


SPLITTER = Splitter(plan, place, write, check)
