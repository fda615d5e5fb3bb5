"""The files of image tasks: bytes, ranges, orientation, EXIF."""

from __future__ import annotations

import io

from PIL import Image

from scenarios.pictures import MAKE, ORIENTATION, encoded, jpeg, picture, png, saved
from scenarios.support import client, fetch, new_project, same

RED, GREEN, BLUE, GREY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (200, 200, 200)

# The colours that a viewer shows at the top left, top right, bottom left and bottom right of
# the picture, for each value of the EXIF tag Orientation.
SHOWN = {
    1: (RED, GREEN, BLUE, GREY),
    2: (GREEN, RED, GREY, BLUE),
    3: (GREY, BLUE, GREEN, RED),
    4: (BLUE, GREY, RED, GREEN),
    5: (RED, BLUE, GREEN, GREY),
    6: (BLUE, RED, GREY, GREEN),
    7: (GREY, GREEN, BLUE, RED),
    8: (GREEN, GREY, RED, BLUE),
}


def _task(data: bytes, name: str = "cat.jpg", **options: bool) -> dict:
    created = client.create_image_task(new_project(), name, saved(data, name), **options)
    return client.find_image_task(created)


def _file(task: dict) -> bytes:
    status, _, body = fetch(task["url"])
    assert status == 200, (status, body[:200])
    return body


def anybody_with_the_url_reads_the_very_bytes() -> None:
    for name, data, kind in (
        ("cat.jpg", jpeg((64, 48), orientation=6), "image/jpeg"),
        ("cat.jpeg", jpeg((64, 48)), "image/jpeg"),
        ("cat.png", png((64, 48)), "image/png"),
    ):
        status, headers, body = fetch(_task(data, name)["url"])
        assert status == 200
        assert body == data
        assert headers["Content-Type"].split(";")[0] == kind
        assert int(headers["Content-Length"]) == len(data)
        assert headers["Accept-Ranges"] == "bytes"


def the_url_of_a_list_works_too() -> None:
    project = new_project()
    data = png((33, 44))
    client.create_image_task(project, "cat.png", saved(data, "cat.png"))
    [task] = client.get_image_tasks(project)
    assert _file(task) == data


def a_part_of_a_file_can_be_read() -> None:
    data = png((200, 100))
    url = _task(data, "cat.png")["url"]
    size = len(data)
    for wanted, part, content_range in (
        ("bytes=0-9", data[:10], f"bytes 0-9/{size}"),
        ("bytes=10-19", data[10:20], f"bytes 10-19/{size}"),
        (f"bytes={size - 5}-", data[-5:], f"bytes {size - 5}-{size - 1}/{size}"),
        ("bytes=-7", data[-7:], f"bytes {size - 7}-{size - 1}/{size}"),
        (f"bytes=5-{size * 10}", data[5:], f"bytes 5-{size - 1}/{size}"),
    ):
        status, headers, body = fetch(url, Range=wanted)
        assert (status, body) == (206, part), (wanted, status)
        assert headers["Content-Range"] == content_range, (wanted, headers["Content-Range"])
    status, headers, _ = fetch(url, Range=f"bytes={size}-")
    assert (status, headers["Content-Range"]) == (416, f"bytes */{size}")


def a_forged_url_is_refused() -> None:
    url = _task(png(), "cat.png")["url"]
    for forged in (url.split("?")[0], url[:-1] + ("a" if url[-1] != "a" else "b")):
        status, _, body = fetch(forged)
        assert 400 <= status < 500, (forged, status)
        assert png() not in body


def the_size_is_as_shown_for_every_orientation() -> None:
    for orientation in range(1, 9):
        data = jpeg((40, 20), orientation=orientation)
        task = _task(data)
        shown = [40, 20] if orientation < 5 else [20, 40]
        same([task["width"], task["height"]], shown)
        assert _file(task) == data


def a_png_can_be_turned_too() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    data = encoded(picture((40, 20)), "PNG", exif=exif.tobytes())
    task = _task(data, "cat.png")
    same([task["width"], task["height"]], [20, 40])
    assert _file(task) == data
    task = _task(data, "cat.png", is_delete_exif=True)
    same([task["width"], task["height"]], [20, 40])
    image = Image.open(io.BytesIO(_file(task))).convert("RGB")
    assert not image.getexif()
    got = [image.getpixel(place) for place in ((0, 0), (19, 0), (0, 39), (19, 39))]
    same(got, list(SHOWN[6]))


def exif_is_deleted_after_turning_the_picture() -> None:
    for orientation, corners in SHOWN.items():
        data = jpeg((40, 20), orientation=orientation)
        assert b"Camera of somebody" in data
        task = _task(data, is_delete_exif=True)
        body = _file(task)
        image = Image.open(io.BytesIO(body))
        assert image.format == "JPEG"
        assert not image.getexif()
        assert b"Camera of somebody" not in body
        width, height = image.size
        same([task["width"], task["height"]], [width, height])
        assert (width, height) == ((40, 20) if orientation < 5 else (20, 40))
        places = ((4, 4), (width - 5, 4), (4, height - 5), (width - 5, height - 5))
        for place, color in zip(places, corners, strict=True):
            got = image.convert("RGB").getpixel(place)
            off = max(abs(a - b) for a, b in zip(got, color, strict=True))
            assert off < 40, (orientation, place, got, color)


def deleting_exif_keeps_the_pixels_of_a_png() -> None:
    exif = Image.Exif()
    exif[MAKE] = "Camera of somebody"
    data = encoded(picture(), "PNG", exif=exif.tobytes())
    body = _file(_task(data, "cat.png", is_delete_exif=True))
    image = Image.open(io.BytesIO(body))
    assert image.format == "PNG"
    assert b"Camera of somebody" not in body
    assert image.convert("RGB").tobytes() == picture().tobytes()
    plain = _file(_task(png(), "cat.png", is_delete_exif=True))
    assert Image.open(io.BytesIO(plain)).convert("RGB").tobytes() == picture().tobytes()


def pictures_of_every_color_mode_are_read() -> None:
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        image = Image.new("I;16", (40, 30)) if mode == "I;16" else picture().convert(mode)
        task = _task(encoded(image, "PNG"), "cat.png")
        same([task["width"], task["height"]], [40, 30])
    for mode in ("L", "CMYK"):
        task = _task(encoded(picture().convert(mode), "JPEG"))
        same([task["width"], task["height"]], [40, 30])
    progressive = encoded(picture((64, 64)), "JPEG", progressive=True)
    same(_task(progressive)["width"], 64)
