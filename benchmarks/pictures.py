"""Sample input: JPEG files that compress like photographs, and boxes on them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from PIL import Image

SIZE_WH = (640, 480)
CLASSES = tuple(f"class-{number}" for number in range(10))
BOXES = 10


def write_pictures(folder: Path, count: int) -> list[Path]:
    """Write pictures of about 40 KB, each with other bytes, and return their paths in order."""
    folder.mkdir(parents=True)
    paths = []
    for number in range(count):
        # Blown-up noise: soft gradients as in a photograph, and as slow to decode.
        noise = Image.effect_noise((40, 30), 60 + number % 50)
        picture = noise.resize(SIZE_WH, Image.Resampling.BICUBIC).convert("RGB")
        paths.append(folder / f"image-{number:05}.jpg")
        picture.save(paths[-1], quality=85)
    return paths


def write_large_picture(path: Path, size_bytes: int) -> None:
    """Write one JPEG file of about `size_bytes` of noise, which hardly compresses."""
    # At quality 95 a noise pixel takes about 1.4 bytes; what is missing is filled up below.
    side = int((size_bytes / 1.6) ** 0.5)
    Image.effect_noise((side, side), 100).convert("RGB").save(path, quality=95)
    missing = size_bytes - path.stat().st_size
    if missing < 0:
        raise ValueError(f"{path}: came out {-missing:,} bytes larger than {size_bytes:,}")
    with path.open("ab") as file:
        # Readers stop at the end marker of the picture.
        file.write(random.randbytes(missing))


def boxes(number: int) -> list[dict[str, Any]]:
    """Return the ten boxes of the picture of that number, as annotations of ours."""
    source = random.Random(number)
    width, height = SIZE_WH
    found = []
    for value in CLASSES:
        x, y = source.uniform(0, width / 2), source.uniform(0, height / 2)
        right = x + source.uniform(1, width / 2)
        bottom = y + source.uniform(1, height / 2)
        found.append({"type": "bbox", "value": value, "points": [x, y, right, bottom]})
    return found
