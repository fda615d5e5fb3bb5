"""Images in tiles: put together, they are the image as it was shown."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageDraw, ImageOps

from fastlabel.modalities import FileError
from fastlabel_server.media.split_image import borders
from media.splitting import split

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
ORIENTATION = 0x112


def picture(mode: str = "RGB", size_wh: tuple[int, int] = (250, 167)) -> Image.Image:
    """A picture with soft and with hard edges, different in all its corners."""
    width, height = size_wh
    y, x = np.mgrid[:height, :width]
    waves = [128 + 100 * np.sin(x / 23 + y / 41), 128 + 90 * np.cos(y / 17), (x + y) % 256]
    image = Image.fromarray(np.stack(waves, -1).astype(np.uint8))
    ImageDraw.Draw(image).ellipse((40, 30, 180, 120), fill=(200, 30, 30))
    return image.quantize(40) if mode == "P" else image.convert(mode)


def encoded(image: Image.Image, format_name: str, **options: Any) -> bytes:
    output = io.BytesIO()
    image.save(output, format_name, **options)
    return output.getvalue()


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x10F] = "Camera"
    return exif


def shown(data: bytes) -> NDArray[np.float64]:
    with Image.open(io.BytesIO(data)) as image:
        upright = ImageOps.exif_transpose(image)
        has_more = upright.mode in ("P", "RGBA") or "transparency" in upright.info
        return np.asarray(upright.convert("RGBA") if has_more else upright, float)


def put_together(tiles: list[bytes], columns: int) -> NDArray[np.float64]:
    pixels = [shown(tile) for tile in tiles]
    rows = [pixels[at : at + columns] for at in range(0, len(pixels), columns)]
    return np.concatenate([np.concatenate(row, axis=1) for row in rows], axis=0)


LOSSLESS = {
    "RGB": ("a.png", encoded(picture(), "PNG")),
    "RGBA": ("a.png", encoded(picture("RGBA"), "PNG")),
    "gray": ("a.png", encoded(picture("L"), "PNG")),
    "black and white": ("a.png", encoded(picture("1"), "PNG")),
    "palette": ("a.png", encoded(picture("P"), "PNG")),
    "one colour is transparent": (
        "a.png",
        encoded(picture(), "PNG", transparency=(200, 30, 30)),
    ),
    "16 bits of gray": (
        "a.png",
        encoded(Image.fromarray(np.arange(70 * 60, dtype=np.uint16).reshape(70, 60) * 15), "PNG"),
    ),
    "turned": ("a.png", encoded(picture(), "PNG", exif=turned(6))),
    "GIF": ("a.gif", encoded(picture("P"), "GIF")),
    "GIF, transparent": ("a.GIF", encoded(picture("P"), "GIF", transparency=3)),
}


@pytest.mark.parametrize("name", LOSSLESS)
def test_tiles_put_together_are_the_image(name: str, tmp_path: Path) -> None:
    file_name, data = LOSSLESS[name]
    parts = split("image", data, file_name, tmp_path / "spool", columns=3, rows=2)
    assert len(parts) == 6
    np.testing.assert_array_equal(put_together([part.data for part in parts], 3), shown(data))
    with Image.open(io.BytesIO(data)) as whole, Image.open(io.BytesIO(parts[0].data)) as tile:
        assert (tile.format, tile.mode) == (whole.format, whole.mode)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_tiles_of_a_jpeg_show_it_upright(orientation: int, tmp_path: Path) -> None:
    data = encoded(picture(), "JPEG", quality=95, exif=turned(orientation), icc_profile=PROFILE)
    parts = split("image", data, "a.jpg", tmp_path / "spool", columns=2, rows=2)
    found, expected = put_together([part.data for part in parts], 2), shown(data)
    assert found.shape == expected.shape
    assert np.abs(found - expected).mean() < 1.5
    for part in parts:
        with Image.open(io.BytesIO(part.data)) as tile:
            assert tile.format == "JPEG"
            assert dict(tile.getexif()) == {}
            assert tile.info["icc_profile"] == PROFILE


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_the_colours_of_a_jpeg_stay_what_they_were(mode: str, tmp_path: Path) -> None:
    data = encoded(picture(mode), "JPEG", quality=90)
    parts = split("image", data, "a.jpg", tmp_path / "spool", columns=2, rows=1)
    with Image.open(io.BytesIO(parts[0].data)) as tile:
        assert tile.mode == mode
    assert np.abs(put_together([part.data for part in parts], 2) - shown(data)).mean() < 1.5


@pytest.mark.parametrize("quality", [30, 75, 100])
def test_a_jpeg_loses_less_than_it_had_lost(quality: int, tmp_path: Path) -> None:
    original = picture()
    data = encoded(original, "JPEG", quality=quality)
    parts = split("image", data, "a.jpg", tmp_path / "spool", columns=3, rows=3)
    decoded = shown(data)
    lost_before = np.abs(decoded - np.asarray(original, float)).mean()
    lost_now = np.abs(put_together([part.data for part in parts], 3) - decoded).mean()
    assert lost_now < min(lost_before, 1.2)


def test_a_photo_with_further_pictures_is_split_as_its_first(tmp_path: Path) -> None:
    data = encoded(
        picture(), "MPO", quality=95, save_all=True, append_images=[picture(size_wh=(60, 40))]
    )
    parts = split("image", data, "a.jpg", tmp_path / "spool", columns=2, rows=1)
    assert [part.media for part in parts] == [{"width": 125, "height": 167}] * 2


def test_parts_say_where_they_lie_and_can_be_cut_from_any_on(tmp_path: Path) -> None:
    data = encoded(picture(size_wh=(100, 50)), "PNG")
    parts = split("image", data, "a.png", tmp_path / "spool", columns=3, rows=2)
    assert [(part.place["x"], part.place["y"]) for part in parts] == [
        (0, 0), (34, 0), (67, 0), (0, 25), (34, 25), (67, 25),
    ]  # fmt: skip
    assert [part.media["width"] for part in parts] == [34, 33, 33] * 2
    later = split("image", data, "a.png", tmp_path / "spool", first=5, columns=3, rows=2)
    assert later == parts[4:]


def test_images_that_move_are_not_split(tmp_path: Path) -> None:
    data = encoded(picture("P"), "GIF", save_all=True, append_images=[picture("P").rotate(180)])
    with pytest.raises(FileError, match=r"a\.gif: images that move are not split"):
        split("image", data, "a.gif", tmp_path / "spool", columns=2, rows=1)


def test_more_tiles_than_pixels_are_refused(tmp_path: Path) -> None:
    data = encoded(picture(size_wh=(100, 3)), "PNG")
    with pytest.raises(FileError, match="100 x 3 pixels cannot be split into 2 x 4 tiles"):
        split("image", data, "a.png", tmp_path / "spool", columns=2, rows=4)


@given(st.integers(1, 5000), st.integers(1, 100))
def test_tiles_differ_by_one_pixel_at_most(size: int, count: int) -> None:
    found = borders(size, count)
    widths = np.diff(found)
    assert (found[0], found[-1], len(widths)) == (0, size, count)
    assert max(widths) - min(widths) <= 1
    assert sorted(widths, reverse=True) == list(widths)
