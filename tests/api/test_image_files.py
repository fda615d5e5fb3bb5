"""The files of image tasks: which are taken, how they are measured, what comes back."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from api import pictures
from api.conftest import Raw
from conftest import jpeg_bytes
from fastlabel import Client

MB = 1024 * 1024


def created(raw: Raw, project: str, name: str, data: bytes, **fields: object) -> dict:
    """Create an image task and return it."""
    file_name = "x.png" if data.startswith(b"\x89PNG") else "x.jpg"
    response = raw.upload({"project": project, "name": name, **fields}, (file_name, data))
    assert response.status_code == 200, response.text
    return raw("GET", f"tasks/image/{response.json()}").json()


@pytest.mark.parametrize(
    ("format_name", "media_type", "options"),
    [
        ("JPEG", "image/jpeg", {}),
        ("JPEG", "image/jpeg", {"progressive": True, "mode": "L"}),
        ("JPEG", "image/jpeg", {"mode": "CMYK"}),
        ("PNG", "image/png", {}),
        ("PNG", "image/png", {"mode": "P"}),
        ("PNG", "image/png", {"mode": "1"}),
    ],
)
def test_the_bytes_come_back_as_they_were_sent(
    http: httpx.Client,
    raw: Raw,
    client: Client,
    project: str,
    format_name: str,
    media_type: str,
    options: dict,
) -> None:
    data = pictures.encoded(format_name, (70, 30), **options)
    task = created(raw, project, "picture", data)
    assert (task["width"], task["height"]) == (70, 30)
    answer = http.get(task["url"])
    assert answer.content == data
    assert answer.headers["Content-Type"] == media_type


def test_the_sdk_sends_the_file_as_it_lies_on_the_disk(
    http: httpx.Client, client: Client, project: str, tmp_path: Path
) -> None:
    # Larger than what stays in memory while it arrives.
    path = tmp_path / "写真 1.JPEG"
    path.write_bytes(jpeg_bytes((200, 100)) + b"\0" * (2 * MB))
    task = client.find_image_task(client.create_image_task(project, "a", path))
    assert http.get(task["url"]).content == path.read_bytes()


@pytest.mark.parametrize("format_name", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_on_its_side_has_the_size_it_is_shown_in(
    http: httpx.Client, sqlite_raw: Raw, sqlite_project: str, format_name: str, orientation: int
) -> None:
    data = pictures.with_exif(format_name, orientation)
    task = created(sqlite_raw, sqlite_project, "a", data)
    sideways = orientation in (5, 6, 7, 8)
    assert (task["width"], task["height"]) == ((48, 64) if sideways else (64, 48))
    assert http.get(task["url"]).content == data


# Where the red half of the picture is once it is turned as each orientation says.
RED_AT = {
    1: "left",
    2: "right",
    3: "right",
    4: "left",
    5: "top",
    6: "top",
    7: "bottom",
    8: "bottom",
}
PLACES = {"left": (0.2, 0.5), "right": (0.8, 0.5), "top": (0.5, 0.2), "bottom": (0.5, 0.8)}
OPPOSITE = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}


@pytest.mark.parametrize("format_name", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_without_its_exif_looks_the_same_and_tells_nothing(
    http: httpx.Client, sqlite_raw: Raw, sqlite_project: str, format_name: str, orientation: int
) -> None:
    sent = pictures.with_exif(format_name, orientation)
    assert pictures.SECRET.encode() in sent
    task = created(sqlite_raw, sqlite_project, "a", sent, isDeleteExif=True)
    data = http.get(task["url"]).content

    image = pictures.opened(data)
    assert image.format == format_name
    assert len(image.getexif()) == 0
    assert pictures.SECRET.encode() not in data
    assert b"Exif" not in data and b"eXIf" not in data
    assert image.size == (task["width"], task["height"])
    assert image.size == ((48, 64) if orientation >= 5 else (64, 48))
    width, height = image.size
    red = RED_AT[orientation]
    for place, expected in ((red, True), (OPPOSITE[red], False)):
        x, y = PLACES[place]
        assert pictures.is_red(image, int(x * width), int(y * height)) is expected


@pytest.mark.parametrize(
    ("format_name", "options"),
    [
        ("PNG", {}),
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("JPEG", {"restart_marker_blocks": 1}),
        ("JPEG", {"mode": "CMYK"}),
    ],
)
def test_an_upright_picture_loses_its_exif_and_no_pixel(
    http: httpx.Client, sqlite_raw: Raw, sqlite_project: str, format_name: str, options: dict
) -> None:
    sent = pictures.encoded(format_name, (200, 150), exif=pictures.exif(1), **options)
    task = created(sqlite_raw, sqlite_project, "a", sent, isDeleteExif=True)
    data = http.get(task["url"]).content
    assert pictures.SECRET.encode() not in data
    assert pictures.opened(data).tobytes() == pictures.opened(sent).tobytes()


def test_a_jpeg_of_two_pictures_is_a_jpeg(
    http: httpx.Client, sqlite_raw: Raw, sqlite_project: str
) -> None:
    """Photos of some phones (MPO) were answered 500."""
    sent = pictures.two_in_one()
    task = created(sqlite_raw, sqlite_project, "a", sent)
    assert (task["width"], task["height"]) == (64, 48)
    answer = http.get(task["url"])
    assert (answer.content, answer.headers["Content-Type"]) == (sent, "image/jpeg")


def test_a_jpeg_of_two_pictures_loses_the_exif_of_both(
    http: httpx.Client, sqlite_raw: Raw, sqlite_project: str
) -> None:
    sent = pictures.two_in_one()
    task = created(sqlite_raw, sqlite_project, "a", sent, isDeleteExif=True)
    data = http.get(task["url"]).content
    image = pictures.opened(data)
    assert (image.format, image.size) == ("JPEG", (64, 48))
    assert pictures.SECRET.encode() not in data
    assert image.tobytes() == pictures.opened(sent).tobytes()


JPEG = jpeg_bytes((400, 300))
PNG = pictures.encoded("PNG", (400, 300), mode="RGBA")
WRONG_FILES = {
    "empty": ("x.jpg", b"", "empty"),
    "text": ("x.jpg", b"hello", "jpeg or png"),
    "html": ("x.png", b"<html><script>alert(1)</script>", "jpeg or png"),
    "bmp": ("x.jpg", pictures.encoded("BMP"), "jpeg or png"),
    "webp": ("x.jpg", pictures.encoded("WEBP"), "jpeg or png"),
    "gif": ("x.jpg", pictures.encoded("GIF"), "expected a jpeg or png image, got gif"),
    "jpeg cut off in its header": ("x.jpg", JPEG[:30], "x.jpg|picture"),
    "jpeg cut off in its pixels": ("x.jpg", JPEG[: len(JPEG) // 2], "damaged"),
    "jpeg without its end": ("x.jpg", JPEG[:-20], "damaged"),
    "png cut off in its header": ("x.png", PNG[:20], "picture"),
    "png cut off in its pixels": ("x.png", PNG[: len(PNG) // 2], "damaged"),
    "png without its end": ("x.png", PNG[:-12], "damaged"),
    "png with a wrong byte": (
        "x.png",
        PNG[: len(PNG) // 2] + bytes([PNG[len(PNG) // 2] ^ 1]) + PNG[len(PNG) // 2 + 1 :],
        "damaged",
    ),
    "bomb": ("x.png", pictures.png_header((30_000, 30_000)), "30,000 x 30,000"),
    "extension": ("x.gif", JPEG, r"x\.gif: image tasks take \.jpeg, \.jpg or \.png files"),
    "no extension": ("picture", JPEG, r"\.jpeg, \.jpg or \.png"),
}


@pytest.mark.parametrize("case", WRONG_FILES)
def test_a_file_that_is_no_whole_jpeg_or_png_is_refused(
    sqlite_raw: Raw, sqlite_project: str, case: str
) -> None:
    file_name, data, message = WRONG_FILES[case]
    body = {"project": sqlite_project, "name": "my picture"}
    response = sqlite_raw.upload(body, (file_name, data))
    assert response.status_code == 422
    text = response.json()["message"]
    assert "my picture" in text or file_name in text
    assert re.search(message, text)
    assert sqlite_raw("GET", f"tasks/image?project={sqlite_project}").json() == []


def test_20_mb_are_the_limit(sqlite_raw: Raw, sqlite_project: str) -> None:
    small = jpeg_bytes()
    for size, status in ((20 * MB, 200), (20 * MB + 1, 422)):
        data = small + b"\0" * (size - len(small))
        response = sqlite_raw.upload(
            {"project": sqlite_project, "name": str(size)}, ("x.jpg", data)
        )
        assert response.status_code == status, response.text
    assert response.json()["message"] == (
        f"{20 * MB + 1}: image tasks take files of up to 20 MB, got 20,971,521 bytes"
    )


@pytest.mark.parametrize("count", [0, 2])
def test_an_image_task_has_one_file(sqlite_raw: Raw, sqlite_project: str, count: int) -> None:
    files = [("a.jpg", jpeg_bytes())] * count
    response = sqlite_raw.upload({"project": sqlite_project, "name": "a"}, *files)
    assert response.status_code == 422
    assert response.json()["message"] == f"file: image tasks have one file, got {count}"
