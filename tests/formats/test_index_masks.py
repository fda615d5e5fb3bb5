"""Index masks: palette, indexes, what lies over what, and what is reported."""

import copy
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fastlabel import formats
from fastlabel.const import COLOR_PALETTE
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.png import palette_png
from formats.samples import annotation, task

BOTH = pytest.mark.parametrize("compat", [None, "official"])


@pytest.fixture
def export(tmp_path):
    """Export tasks; return the report and a function that reads a file's indexes."""

    def export(kind, *tasks, **options):
        report = formats.write(f"{kind}-masks", tasks, tmp_path / "new", **options)
        return report, lambda name: np.array(Image.open(tmp_path / "new" / name))

    return export


def rows(array):
    """Return an image as text, a digit a pixel and a dot for the background."""
    return ["".join(str(index) if index else "." for index in row) for row in array.tolist()]


def small(*annotations, name="a.jpg"):
    return task(*annotations, name=name, size_wh=(12, 8))


OUTLINE = [1, 1, 8, 1, 8, 7, 1, 7, 1, 1]
HOLLOW = [3, 3, 3, 5, 5, 5, 5, 3, 3, 3]


@BOTH
def test_instances_are_numbered_without_the_types_that_have_no_form(export, compat):
    report, read = export(
        "instance",
        small(
            annotation("bbox", [1.9, 1.2, 5.7, 4.9]),
            annotation("line", [0, 0, 5, 5]),
            annotation("bbox", [8, 6, 4, 3]),
        ),
        compat=compat,
    )
    assert rows(read("a.png")) == [
        "............",
        ".1111.......",
        ".1111.......",
        ".1112222....",
        "....2222....",
        "....2222....",
        "............",
        "............",
    ]
    assert (report.images, report.written, report.left_out) == (1, 2, 1)
    assert report.examples == {"masks have no form for this type": "a.jpg: annotations[1]"}


@BOTH
def test_the_file_is_a_png_of_the_tasks_size_with_the_palette(export, tmp_path, compat):
    export("instance", small(annotation("bbox", [0, 0, 3, 3])), compat=compat)
    image = Image.open(tmp_path / "new" / "a.png")
    assert (image.format, image.mode, image.size) == ("PNG", "P", (12, 8))
    assert image.getpalette()[: len(COLOR_PALETTE)] == COLOR_PALETTE
    assert image.convert("RGB").getpixel((0, 0)) == (0xE4, 0x1A, 0x1C)


def test_own_colours_begin_again_behind_the_background(export, tmp_path):
    boxes = [annotation("bbox", [x, 0, x + 1, 1]) for x in range(3)]
    export("instance", small(*boxes), palette=[0, 0, 0, 1, 1, 1, 2, 2, 2])
    image = Image.open(tmp_path / "new" / "a.png").convert("RGB")
    assert [image.getpixel((x, 0))[0] for x in range(4)] == [1, 2, 1, 0]


def test_later_annotations_lie_over_earlier_ones_and_hollows_let_them_through(export):
    segmentation = annotation("segmentation", [[OUTLINE, HOLLOW]])
    _, read = export("instance", small(annotation("bbox", [0, 2, 12, 4]), segmentation))
    assert rows(read("a.png")) == [
        "............",
        ".2222222....",
        "122222221111",
        "122112221111",
        ".22..222....",
        ".2222222....",
        ".2222222....",
        "............",
    ]


def test_the_official_client_mixes_the_indexes_of_segmentations(export):
    first, second = ([[x, 1, x + 4, 1, x + 4, 4, x, 4, x, 1]] for x in (1, 3))
    shapes = [annotation("segmentation", [region]) for region in (first, second)]
    _, read = export("instance", small(*shapes), compat="official")
    assert rows(read("a.png"))[1] == ".113322....."
    _, read = export("instance", small(*shapes, name="b.jpg"))
    assert rows(read("b.png"))[1] == ".112222....."


def test_classes_are_numbered_by_value_with_those_of_all_types(export):
    tasks = [
        small(annotation("bbox", [0, 0, 2, 1], "dog"), annotation("line", [0, 0, 1, 1], "cat")),
        small(annotation("bbox", [0, 0, 2, 1], "ant"), name="sub/b.jpg"),
    ]
    _, read = export("semantic", *tasks)
    assert rows(read("a.png"))[0][0] == "3"
    assert rows(read("sub/b.png"))[0][0] == "1"


def test_given_classes_give_the_order_and_others_are_left_out(export):
    boxes = [annotation("bbox", [x, 0, x + 1, 1], value) for x, value in enumerate("cab")]
    classes = [{"value": "b"}, {"value": "a"}]
    report, read = export("semantic", small(*boxes), classes=classes, start_index=5)
    assert rows(read("a.png"))[0] == ".65........."
    assert report.examples == {"its class is not among those given": "a.jpg: annotations[0]"}
    with pytest.raises(FastLabelInvalidException, match="annotations\\[0\\]: its class"):
        export("semantic", small(*boxes), classes=classes, strict=True)


def test_the_first_class_may_share_the_index_of_the_background(export):
    boxes = [annotation("bbox", [x, 0, x + 2, 1], value) for x, value in enumerate("bab")]
    _, read = export("semantic", small(*boxes), start_index=0)
    assert rows(read("a.png"))[0] == "1.11........"


def test_an_index_beyond_255_is_left_out_or_refused(export):
    boxes = [annotation("bbox", [0, 0, 2, 2], f"c{n:03}") for n in range(256)]
    report, read = export("instance", small(*boxes))
    assert read("a.png").max() == 255
    assert report.left_out == 1
    assert report.examples == {
        "its index is beyond 255, the last of an 8-bit image": "a.jpg: annotations[255]"
    }
    with pytest.raises(FastLabelInvalidException, match=r"classes: 256 of them, .* 255 indexes"):
        export("semantic", small(*boxes))


def test_what_cannot_be_drawn_is_reported_and_keeps_its_number(export):
    bad = [
        annotation("bbox", [1, 2, 3]),
        annotation("polygon", []),
        annotation("bbox", [3, 3, 3, 6]),
    ]
    good = annotation("bbox", [0, 0, 1, 1])
    report, read = export("instance", small(*bad, good))
    assert rows(read("a.png"))[0] == "4..........."
    assert report.examples == {
        "malformed geometry": "a.jpg: annotations[0].points: a bbox has 4 numbers, got 3; "
        "right is [x1, y1, x2, y2]",
        "no points": "a.jpg: annotations[1]",
        "it covers no pixel of the image": "a.jpg: annotations[2]",
    }
    assert (report.written, report.left_out) == (1, 3)


def test_a_task_without_size_is_skipped(export, tmp_path):
    box = annotation("bbox", [0, 0, 1, 1])
    sizeless = {"name": "b.jpg", "annotations": [box]}
    report, _ = export("instance", small(box), sizeless, task(box, name="c.jpg", size_wh=(0, 9)))
    assert report.skipped == {"no width and height of the image": 2}
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.png"]


def test_tasks_never_share_a_file(export, tmp_path):
    names = ["a.jpg", "a.png", "../a.jpg"]
    report, _ = export("instance", *[small(name=name) for name in names])
    written = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.png"))
    assert len(written) == 3
    assert all(path.startswith("new/") for path in written)
    assert report.images == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"palette": [1, 2]}, "palette: expected r, g, b"),
        ({"palette": [0, 0, 256]}, "palette: expected r, g, b"),
        ({"palette": [0] * 771}, "palette: .* got 771 values"),
        ({"start_index": -1}, "start_index: .* got -1"),
        ({"start_index": 1.5}, "start_index: .* got 1.5"),
        ({"compat": "old"}, "compat: .* got 'old'"),
    ],
)
def test_an_argument_that_cannot_be_is_refused(export, options, message):
    with pytest.raises(FastLabelInvalidException, match=message):
        export("instance", small(), **options)


@BOTH
def test_many_tasks_come_in_order_from_an_iterator_and_are_not_changed(export, compat):
    tasks = [
        small(*[annotation("polygon", [0, 0, n % 12 + 1, 0, 5, 7])] * 2, name=f"{n}.jpg")
        for n in range(60)
    ]
    before = copy.deepcopy(tasks)
    done = []
    report, read = export("semantic", *tasks, compat=compat, progress=lambda: done.append(1))
    assert tasks == before
    assert len(done) == report.images == 60
    assert read("59.png").shape == (8, 12)


@settings(max_examples=50)
@given(data=st.data())
def test_pillow_reads_the_indexes_that_were_written(data):
    width, height = data.draw(st.integers(1, 20)), data.draw(st.integers(1, 20))
    numbers = data.draw(st.binary(min_size=width * height, max_size=width * height))
    indexes = np.frombuffer(numbers, np.uint8).reshape(height, width)
    palette = [(7 * n) % 256 for n in range(768)]
    image = Image.open(io.BytesIO(palette_png(indexes, palette)))
    image.load()
    assert image.mode == "P"
    assert np.array_equal(np.array(image), indexes)
    assert image.getpalette() == palette
