"""Images of 200 x 100 pixels, and their YOLO labels."""

from __future__ import annotations

from PIL import Image

from fastlabel import formats
from formats.samples import task

SIZE_WH = (200, 100)


def sized(*annotations, name="a.jpg"):
    return task(*annotations, name=name, size_wh=SIZE_WH)


def picture(path, size_wh=SIZE_WH):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size_wh).save(path)


def write(folder, *tasks, name="yolo", **options):
    return formats.write(name, list(tasks), folder, **options)
