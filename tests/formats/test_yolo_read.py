"""YOLO labels that are read: those of our own, and as Ultralytics documents them."""

import copy
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fastlabel import formats
from fastlabel.exceptions import FastLabelInvalidException
from formats.samples import annotation
from formats.yolo_samples import picture, sized, write

KINDS = ("yolo", "yolo-segmentation", "yolo-pose", "yolo-obb")


def read(folder, name="yolo", **options):
    tasks, report = formats.read(name, folder, **options)
    return {one.task["name"]: one.task["annotations"] for one in tasks}, report


# Round trips


def coordinates(low, high):
    return st.floats(low, high, allow_subnormal=False)


boxes = st.builds(
    lambda x, y, w, h: [x, y, x + w, y + h],
    coordinates(-20, 150),
    coordinates(-20, 80),
    coordinates(2, 60),
    coordinates(2, 60),
)
values = st.sampled_from(["cat", "dog", "猫 1", "'\"#:"])
placed = st.lists(st.tuples(coordinates(1, 199), coordinates(1, 99), st.integers(0, 1)), min_size=2)


def keypoints_of(points):
    return [{"key": f"k{at}", "value": list(point)} for at, point in enumerate(points[:5])]


def star(radii):
    angles = [2 * math.pi * at / len(radii) for at in range(len(radii))]
    corners = [
        (50 + radius * math.cos(angle), 50 + radius * math.sin(angle))
        for radius, angle in zip(radii, angles, strict=True)
    ]
    return [number for corner in corners for number in corner]


def squares(hollows):
    """Return squares side by side, some of them with a hollow."""
    return [
        [
            moved((1, 1, 31, 1, 31, 31, 1, 31, 1, 1), 40 * at),
            *([moved((10, 5, 10, 20, 20, 20, 20, 5, 10, 5), 40 * at)] if has_hollow else []),
        ]
        for at, has_hollow in enumerate(hollows)
    ]


def moved(ring, dx):
    return [number + dx * (at % 2 == 0) for at, number in enumerate(ring)]


stars = st.lists(st.integers(2, 45), min_size=3, max_size=9).map(star)
regions = st.lists(st.booleans(), min_size=1, max_size=3).map(squares)
SHAPES = {
    "yolo": st.builds(annotation, st.just("bbox"), boxes, values),
    "yolo-segmentation": st.one_of(
        st.builds(annotation, st.just("polygon"), stars, values),
        st.builds(annotation, st.just("segmentation"), regions, values),
    ),
    "yolo-obb": st.builds(
        annotation, st.just("bbox"), boxes, values, rotation=st.floats(0, 359).map(round)
    ),
    "yolo-pose": st.one_of(
        st.builds(
            annotation,
            st.just("bbox"),
            boxes,
            values,
            keypoints=placed.map(keypoints_of),
        ),
        st.builds(
            annotation,
            st.just("pose_estimation"),
            st.just([]),
            values,
            keypoints=placed.map(keypoints_of),
        ),
    ),
}


def flat(value):
    return [one for inner in value for one in flat(inner)] if isinstance(value, list) else [value]


def same(found, wanted):
    """Return whether two annotations are the same to a hundredth of a pixel."""
    if (found["type"], found["value"]) != (wanted["type"], wanted["value"]):
        return False
    rotation = (found.get("rotation", 0) - wanted.get("rotation", 0)) % 360
    keypoints = [
        [[point["value"] for point in one.get("keypoints") or []], one.get("points", [])]
        for one in (found, wanted)
    ]
    return min(rotation, 360 - rotation) < 0.05 and flat(keypoints[0]) == pytest.approx(
        flat(keypoints[1]), abs=0.01
    )


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=20)
@given(data=st.data())
def test_what_is_written_comes_back(tmp_path_factory, name, data):
    labelled = data.draw(st.lists(SHAPES[name], min_size=1, max_size=4))
    folder = tmp_path_factory.mktemp("yolo")
    before = copy.deepcopy(labelled)
    report = write(folder, sized(*labelled, name="sub/a.png"), name=name)
    assert labelled == before
    assert report.written == len(labelled)
    picture(folder / "images" / "sub" / "a.png")
    found, _ = read(folder, name, strict=True)
    rest = list(found["sub/a.png"])
    assert len(rest) == len(labelled)
    for wanted in labelled:
        match = next((one for one in rest if same(one, wanted)), None)
        assert match is not None, (wanted, rest)
        rest.remove(match)


# Reading


def test_rows_of_an_ultralytics_dataset(tmp_path):
    (tmp_path / "data.yaml").write_text(
        "path: ../elsewhere\ntrain: images/train\nval: images/val\nnames: [cat, dog]\n"
    )
    picture(tmp_path / "images" / "train" / "a.JPG")
    picture(tmp_path / "images" / "val" / "sub" / "b.png", (10, 10))
    picture(tmp_path / "images" / "val" / "background.png", (10, 10))
    (tmp_path / "labels" / "train").mkdir(parents=True)
    (tmp_path / "labels" / "val" / "sub").mkdir(parents=True)
    (tmp_path / "labels" / "train" / "a.txt").write_text("1 0.5 0.5 0.1  0.2\r\n")
    (tmp_path / "labels" / "val" / "sub" / "b.txt").write_text("0 0 0 1 0 1 1")
    (tmp_path / "train.txt").write_text("./images/train/a.JPG\n")
    tasks, report = formats.read("yolo-dataset", tmp_path, strict=True)
    assert [one.task for one in tasks] == [
        {
            "name": "a.JPG",
            "width": 200,
            "height": 100,
            "annotations": [{"type": "bbox", "value": "dog", "points": [90, 40, 110, 60]}],
            "split": "train",
        },
        {"name": "background.png", "width": 10, "height": 10, "annotations": [], "split": "valid"},
        {
            "name": "sub/b.png",
            "width": 10,
            "height": 10,
            "annotations": [{"type": "polygon", "value": "cat", "points": [0, 0, 10, 0, 10, 10]}],
            "split": "valid",
        },
    ]
    assert (report.images, report.annotations) == (3, 2)


def test_bad_rows_are_named_by_file_and_line(tmp_path):
    (tmp_path / "classes.txt").write_text("cat\n")
    picture(tmp_path / "a.png")
    (tmp_path / "a.txt").write_text(
        "0 0.5 0.5 0.1 0.2\n\n0 0.5 0.5 0.1\n1 0.5 0.5 0.1 0.2\n0 a 0.5 0.1 0.2\n0 nan 0 0 0\n"
    )
    (tmp_path / "lonely.txt").write_text("0 0.5 0.5 0.1 0.2\n")
    (tmp_path / "broken.png").write_bytes(b"no image")
    (tmp_path / "broken.txt").write_text("")
    found, report = read(tmp_path)
    assert {name: len(annotations) for name, annotations in found.items()} == {"a.png": 1}
    assert [str(one).removeprefix(f"{tmp_path}/") for one in report.bad] == [
        "lonely.txt: there is no image of this name, so its size is not known",
        "a.txt:2: a blank line",
        "a.txt:3: expected class, cx, cy, w, h, got 4 columns",
        "a.txt:4: there is no class '1'; there are 1, counted from 0",
        "a.txt:5: expected numbers: could not convert string to float: 'a'",
        "a.txt:6: expected finite numbers",
        "broken.png: not an image",
    ]


def test_photographs_on_their_side_count_as_they_are_shown(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (200, 100)).save(tmp_path / "a.jpg", exif=exif.tobytes())
    (tmp_path / "classes.txt").write_text("cat\n")
    (tmp_path / "a.txt").write_text("0 0.5 0.5 1 1\n")
    [found], _ = formats.read("yolo", tmp_path)
    assert found.task["annotations"][0]["points"] == [0, 0, 100, 200]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "no .txt file"),
        ({"a.txt": ""}, "the names of the classes are missing"),
        ({"a.txt": "", "data.yaml": "nc: 3"}, "names: expected the classes"),
        ({"a.txt": "", "data.yaml": "["}, "data.yaml: cannot be read"),
        ({"a.txt": "", "data.yaml": "names: [a]\nkpt_shape: 3"}, "kpt_shape: expected"),
    ],
)
def test_folders_that_are_none_are_refused(tmp_path, files, message):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(FastLabelInvalidException, match=message):
        read(tmp_path)
