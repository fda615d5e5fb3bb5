"""The sample pictures: their labels sit on what was painted."""

from io import BytesIO
from itertools import islice, pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw

from demo.painting import painted
from fastlabel.shapes import SHAPES
from fastlabel_server.demo.scenes import SCENES
from fastlabel_server.demo.scenes.dancers import KEYPOINTS
from fastlabel_server.demo.scenes.model import to_jpeg
from fastlabel_server.demo.scenes.outlines import regions
from fastlabel_server.demo.scenes.painter import SIZE_WH, Grade, Painter

each_scene = pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.PROJECT.slug)


def labels_of(slug, shape):
    return [
        label
        for picture in painted(slug)
        for label in picture.labels
        if label.annotation["type"] == shape
    ]


def overlap(annotation, pixels):
    """Return the intersection over union of an annotation's region and a mask."""
    shape = SHAPES[annotation["type"]]
    x1, y1, x2, y2 = shape.bounds_xyxy(annotation)
    left, top, right, bottom = pixels.getbbox()
    left, top = int(min(x1, left)), int(min(y1, top))
    size = (int(max(x2, right)) - left + 1, int(max(y2, bottom)) - top + 1)
    # Pillow draws a polygon's border too: on a larger canvas it weighs less.
    scale = 3
    drawn = Image.new("L", (size[0] * scale, size[1] * scale))
    for outline, *holes in shape.regions(annotation):
        part = Image.new("L", drawn.size)
        pen = ImageDraw.Draw(part)
        for value, ring in [(255, outline), *((0, hole) for hole in holes)]:
            pen.polygon([((x - left) * scale, (y - top) * scale) for x, y in ring], fill=value)
        drawn.paste(255, mask=part)
    a = np.asarray(drawn.reduce(scale)) > 127
    b = np.asarray(pixels.crop((left, top, left + size[0], top + size[1]))) > 127
    return (a & b).sum() / (a | b).sum()


def shoelace(ring):
    points = list(zip(ring[::2], ring[1::2], strict=True))
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(points))


@each_scene
def test_a_task_is_the_picture_that_was_painted(scene):
    task = next(scene.PROJECT.tasks())
    picture = painted(scene.PROJECT.slug)[0]
    assert task.files == {task.name: to_jpeg(picture.image)}
    with Image.open(BytesIO(task.files[task.name])) as image:
        assert (image.format, image.size) == ("JPEG", SIZE_WH)


@pytest.mark.parametrize(
    ("slug", "shape"),
    [("bakery", "segmentation"), ("islands", "polygon"), ("drivers-view", "polygon"),
     ("drivers-view", "circle")],
)  # fmt: skip
def test_regions_cover_what_they_are_about(slug, shape):
    found = labels_of(slug, shape)
    assert found
    for label in found:
        assert overlap(label.annotation, label.pixels) >= 0.9, label.annotation


@pytest.mark.parametrize("slug", ["street-scenes", "drivers-view"])
def test_upright_boxes_touch_their_things_on_all_sides(slug):
    found = [label for label in labels_of(slug, "bbox") if "rotation" not in label.annotation]
    assert found
    for label in found:
        rows, columns = np.nonzero(np.asarray(label.pixels))
        edges = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        assert label.annotation["points"] == pytest.approx(edges, abs=2)


def test_rotated_boxes_touch_their_cars_on_all_sides():
    boxes = labels_of("street-scenes", "bbox")
    found = [label for label in boxes if "rotation" in label.annotation]
    whole = 0
    for label in found:
        rows, columns = np.nonzero(np.asarray(label.pixels))
        width, height = SIZE_WH
        if (
            min(columns.min(), rows.min()) == 0
            or columns.max() == width - 1
            or (rows.max() == height - 1)
        ):
            continue
        x1, y1, x2, y2 = label.annotation["points"]
        angle = np.radians(-label.annotation["rotation"])
        x, y = columns + 0.5 - (x1 + x2) / 2, rows + 0.5 - (y1 + y2) / 2
        along, across = (
            x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
        )  # fmt: skip
        found_size = [along.min(), across.min(), along.max(), across.max()]
        half = [(x1 - x2) / 2, (y1 - y2) / 2, (x2 - x1) / 2, (y2 - y1) / 2]
        assert found_size == pytest.approx(half, abs=2)
        whole += 1
    assert whole > 50


def test_masks_are_closed_and_turn_the_way_the_format_wants():
    hollows = parts = 0
    for label in labels_of("bakery", "segmentation"):
        parts += len(label.annotation["points"]) > 1
        for outline, *holes in label.annotation["points"]:
            assert all(ring[:2] == ring[-2:] for ring in (outline, *holes))
            assert shoelace(outline) > 0
            assert all(shoelace(hole) < 0 for hole in holes)
            hollows += len(holes)
    assert hollows > 20
    assert parts >= 3


def test_points_of_poses_lie_on_the_person_where_they_are_seen():
    hidden = 0
    for label in labels_of("dancers", "pose_estimation"):
        keypoints = label.annotation["keypoints"]
        assert [keypoint["key"] for keypoint in keypoints] == list(KEYPOINTS)
        for x, y, visible in (keypoint["value"] for keypoint in keypoints):
            assert not visible or label.pixels.getpixel((int(x), int(y))) == 255
            hidden += not visible
    assert hidden > 10


def test_lamps_are_marked_in_their_middle():
    found = labels_of("drivers-view", "keypoint")
    assert found
    for label in found:
        rows, columns = np.nonzero(np.asarray(label.pixels))
        middle = [columns.mean() + 0.5, rows.mean() + 0.5]
        assert label.annotation["points"] == pytest.approx(middle, abs=2)


def test_lanes_run_along_their_paint():
    for label in labels_of("drivers-view", "line"):
        x1, y1, x2, y2 = label.annotation["points"]
        rows, columns = np.nonzero(np.asarray(label.pixels))
        x, y = columns + 0.5 - x1, rows + 0.5 - y1
        away = np.abs(x * (y2 - y1) - y * (x2 - x1)) / np.hypot(x2 - x1, y2 - y1)
        assert away.max() < 9
        assert rows.max() - y2 < 12


def test_a_thing_owns_the_pixels_that_show_its_colour():
    painter = Painter()
    painter.fill([(0, 0), (1280, 0), (1280, 854), (0, 854)], (255, 255, 255))
    with painter.thing() as red:
        painter.fill([(100, 300), (500, 300), (500, 700), (100, 700)], (255, 0, 0))
    painter.fill([(280, 200), (320, 200), (320, 800), (280, 800)], (0, 0, 255))

    picture = np.asarray(painter.finish(Grade(vignette=0))).astype(int)
    shows_red = (picture[..., 0] > 128) & (picture[..., 1] < 100)
    visible = painter.visible(red)
    owned = np.asarray(visible) > 0

    # Half-covered pixels on the border are nobody's for certain.
    assert (owned & shows_red).sum() > 0.995 * (owned | shows_red).sum()
    assert len(regions(visible)) == 2
    assert painter.visible_share(red) == pytest.approx(0.9, abs=0.01)


def test_pictures_come_one_at_a_time():
    """A visitor's start must not wait for a whole project to be painted."""
    assert len(list(islice(SCENES[0].PROJECT.tasks(), 2))) == 2
