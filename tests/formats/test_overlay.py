"""Annotations drawn over images."""

import copy

import numpy as np
import pytest
from PIL import Image

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.overlay import draw_folder, drawn
from formats.samples import annotation, task

RED = "#ff0000"
THIN = (255, 205, 205)
STRONG = (255, 55, 55)
"""Red over white, as strokes and fills have it."""


def white(size_wh=(100, 80)):
    return Image.new("RGB", size_wh, "white")


def pixels(*annotations, size_wh=(100, 80), **options):
    image = drawn(white(size_wh), [{**one, "color": RED} for one in annotations], **options)
    return lambda x, y: image.getpixel((x, y))


def pose(*keypoints):
    return {
        "type": "pose_estimation",
        "value": "p",
        "keypoints": [
            {"key": key, "value": value, "edges": list(edges)} for key, value, edges in keypoints
        ],
    }


def test_a_box_is_outlined_and_filled_thinly():
    at = pixels(annotation("bbox", [60, 50, 20, 10]))
    # The stroke lies over the fill.
    assert (at(20, 30), at(40, 30), at(19, 30)) == ((255, 44, 44), THIN, (255, 255, 255))


def test_a_box_is_drawn_rotated():
    box = annotation("bbox", [30, 35, 70, 45], rotation=90)
    at = pixels(box)
    assert (at(50, 25), at(35, 40)) == (THIN, (255, 255, 255))
    at = pixels(box, compat="official")
    assert (at(50, 25), at(36, 40)) == ((255, 255, 255), THIN)


def test_strokes_are_as_wide_as_the_image_needs():
    at = pixels(annotation("line", [0, 450, 1200, 450]), size_wh=(1200, 900))
    assert [at(600, y) == STRONG for y in range(447, 454)].count(True) == 3


def test_a_polygon_is_closed():
    at = pixels(annotation("polygon", [10, 10, 60, 10, 60, 60]))
    assert at(50, 30) == THIN
    red, green, blue = at(35, 35)
    assert red == 255 and green == blue < 80, "the closing edge"


def test_points_and_circles():
    at = pixels(annotation("keypoint", [20, 20]), annotation("circle", [60, 40, 15]))
    assert (at(20, 20), at(60, 40), at(60, 52)) == (STRONG, STRONG, STRONG)
    assert (at(26, 20), at(60, 58)) == ((255, 255, 255), (255, 255, 255))


def test_what_follows_a_keypoint_is_drawn_as_usual():
    shapes = [pose(("a", [90, 70, 1], [])), annotation("line", [0, 20, 99, 20])]
    assert pixels(*shapes)(50, 22) == (255, 255, 255)
    assert pixels(*shapes, compat="official")(50, 22) == STRONG


def test_a_segmentation_leaves_its_hollows_out():
    outline = [10, 10, 60, 10, 60, 60, 10, 60, 10, 10]
    hollow = [20, 20, 20, 30, 30, 30, 30, 20, 20, 20]
    at = pixels(annotation("segmentation", [[outline, hollow]]))
    assert (at(10, 10), at(59, 59), at(25, 25)) == (THIN, THIN, (255, 255, 255))
    assert (at(60, 40), at(9, 40)) == ((255, 255, 255), (255, 255, 255))


def test_a_pose_has_the_links_whose_ends_are_placed():
    at = pixels(pose(("a", [20, 20, 1], ["b", "c"]), ("b", [80, 20, 0], ["a"]), ("c", [], ["a"])))
    assert (at(20, 20), at(80, 20)) == ((255, 0, 0), (255, 0, 0))
    assert at(50, 20) == STRONG, "linked once, though both ends name it"


@pytest.fixture
def folder(tmp_path):
    def make(*names):
        for name in names:
            path = tmp_path / "images" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            white().save(path)
        return tmp_path / "images"

    return make


def box(**more):
    return annotation("bbox", [10, 10, 60, 60], **{"color": RED, **more})


@pytest.mark.parametrize("name", ["sub/a.PNG", "a.jpg", "a.jpeg", "a.tif", "a.TIFF", "a.bmp"])
def test_images_are_written_under_their_names_in_their_format(folder, tmp_path, name):
    report = draw_folder([task(box(), name=name)], folder(name), tmp_path / "out")
    with Image.open(tmp_path / "out" / name) as image, Image.open(folder(name) / name) as before:
        assert (image.format, image.mode, image.size) == (before.format, "RGB", (100, 80))
        assert np.allclose(image.getpixel((40, 40)), THIN, atol=3)
    assert (report.images, report.written) == (1, 1)


def test_images_lie_as_annotators_saw_them(tmp_path):
    (tmp_path / "in").mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6
    white((80, 100)).save(tmp_path / "in" / "a.jpg", exif=exif)
    draw_folder([task(box(), name="a.jpg")], tmp_path / "in", tmp_path / "out")
    with Image.open(tmp_path / "out" / "a.jpg") as image:
        assert (image.size, image.getexif().get(0x0112)) == ((100, 80), None)


def test_nothing_is_lost_in_silence(folder, tmp_path):
    images = folder("a.png", "lonely.png", "notes.bmp")
    (images / "broken.jpg").write_bytes(b"no image")
    (images / "notes.txt").write_text("no image")
    tasks = [
        task(
            box(),
            box(color="red"),
            annotation("bbox", [1, 2, 3]),
            annotation("polygon", []),
            annotation("classification", []),
            name="a.png",
        ),
        task(box(), name="broken.jpg"),
        task(box(), name="gone.png"),
    ]
    before = copy.deepcopy(tasks)
    report = draw_folder(tasks, images, tmp_path / "out")
    assert tasks == before
    assert (report.images, report.written, report.left_out) == (1, 1, 6)
    assert report.skipped == {
        "the image cannot be read or written": 1,
        "no image of this name in the folder": 1,
        "images without a task of their name": 2,
    }
    shown = str(report)
    assert "broken.jpg: cannot identify image file" in shown
    assert report.examples["no colour of the form #rrggbb"] == "a.png: annotations[1]"
    assert report.examples["malformed geometry"].startswith("a.png: annotations[2].points: ")
    assert report.examples["this type is not drawn"] == "a.png: annotations[4]"


@pytest.mark.parametrize("name", ["broken.jpg", "gone.png"])
def test_a_strict_export_stops_at_an_image_that_cannot_be_drawn(folder, tmp_path, name):
    images = folder("a.png")
    (images / "broken.jpg").write_bytes(b"no image")
    with pytest.raises(FastLabelInvalidException, match=name):
        draw_folder([task(box(), name=name)], images, tmp_path / "out", strict=True)


def test_the_images_are_not_overwritten(folder, tmp_path):
    with pytest.raises(FastLabelInvalidException, match="images would be lost"):
        draw_folder([], folder("a.png"), tmp_path / "out" / ".." / "images")
    with pytest.raises(FastLabelInvalidException, match="none is no folder"):
        draw_folder([], tmp_path / "none", tmp_path / "out")


def test_a_name_that_leads_out_stays_in_the_folder(folder, tmp_path):
    images = folder("../secret.png", "a.png")
    report = draw_folder([task(box(), name="../secret.png")], images, tmp_path / "out")
    assert report.images == 0
    assert not (tmp_path / "out").exists()


def test_coordinates_far_outside_take_no_time():
    far = 1e15
    shapes = [
        annotation("line", [-far, -far, far, far]),
        annotation("polygon", [-far, 0, far, 0, 0, far]),
        annotation("circle", [0, 0, far]),
        annotation("keypoint", [far, far]),
    ]
    assert pixels(*shapes)(50, 50) != (255, 255, 255)
