"""YOLO as Ultralytics documents it and the official client writes it, written out by hand."""

import copy
import io
import math

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fastlabel import formats
from fastlabel.exceptions import FastLabelInvalidException
from formats.samples import annotation, task

SIZE_WH = (200, 100)
KINDS = ("yolo", "yolo-segmentation", "yolo-pose", "yolo-obb")
OUTLINE = [10, 10, 50, 10, 50, 50, 10, 50, 10, 10]
HOLLOW = [20, 20, 20, 30, 30, 30, 30, 20, 20, 20]
ISLAND = [60, 60, 70, 60, 70, 70, 60, 60]


def sized(*annotations, name="a.jpg"):
    return task(*annotations, name=name, size_wh=SIZE_WH)


def write(folder, *tasks, name="yolo", **options):
    return formats.write(name, list(tasks), folder, **options)


def rows(folder, name="a"):
    return (folder / "annotations" / f"{name}.txt").read_text().splitlines()


def classes(folder):
    return (folder / "classes.txt").read_text()


def picture(path, size_wh=SIZE_WH):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size_wh).save(path)


def read(folder, name="yolo", **options):
    tasks, report = formats.read(name, folder, **options)
    return {one.task["name"]: one.task["annotations"] for one in tasks}, report


# Detection


def test_boxes_are_written_by_class_and_then_by_area(tmp_path):
    first = sized(
        annotation("bbox", [0, 0, 100, 50], "dog"),
        annotation("bbox", [20, 10, 40, 20], "dog"),
        annotation("polygon", [10, 10, 30, 10, 30, 60], "cat"),
        name="sub/a.jpg",
    )
    report = write(tmp_path, first, sized(name="b.jpg"))
    assert rows(tmp_path, "sub/a") == [
        "0 0.1 0.35 0.1 0.5",
        "1 0.15 0.15 0.1 0.1",
        "1 0.25 0.25 0.5 0.5",
    ]
    assert rows(tmp_path, "b") == []
    assert classes(tmp_path) == "cat\ndog\n"
    assert (report.images, report.written, report.changed) == (2, 3, 1)


@pytest.mark.parametrize(
    ("compat", "row"),
    [
        (None, "0 0.1666667 0.29 0.3333334 0.58"),
        ("official", "0 0.1666666 0.29 0.3333333 0.58"),
    ],
)
def test_numbers_are_rounded_and_officially_cut_off(tmp_path, compat, row):
    write(tmp_path, sized(annotation("bbox", [0, 0, 66.666676, 58], "cat")), compat=compat)
    assert rows(tmp_path) == [row]


@pytest.mark.parametrize(
    ("compat", "row"), [(None, "0 0.1 0.22 0.02 0.2"), ("official", "0 0.1 0.22 0.1 0.04")]
)
def test_a_rotated_box_is_enclosed(tmp_path, compat, row):
    box = annotation("bbox", [10, 20, 30, 24], rotation=90)
    report = write(tmp_path, sized(box), compat=compat)
    [written] = rows(tmp_path)
    assert list(map(float, written.split())) == pytest.approx(
        list(map(float, row.split())), abs=1.01e-7
    )
    assert report.changed == 1


@pytest.mark.parametrize(
    ("compat", "listed"), [(None, "dog\ncat\n10\n"), ("official", "10\ncat\ndog\n")]
)
def test_the_list_of_classes_is_in_the_order_given(tmp_path, compat, listed):
    labels = sized(
        annotation("bbox", [20, 10, 40, 20], "dog"),
        annotation("polygon", [0, 0, 20, 0, 20, 50], "cat"),
        annotation("bbox", [20, 10, 40, 20], "cow"),
    )
    report = write(tmp_path, labels, class_values=["dog", "cat", "10"], compat=compat)
    assert classes(tmp_path) == listed
    assert len(rows(tmp_path)) == 2
    assert rows(tmp_path)[0].startswith("0 ")
    assert rows(tmp_path)[1] == "1 0.0 0.0 0.1 0.0 0.1 0.5"
    assert report.left_out == 1


def test_given_classes_are_all_listed_and_unknown_ones_left_out(tmp_path):
    report = write(
        tmp_path,
        sized(annotation("bbox", [20, 10, 40, 20], "cat"), annotation("bbox", [1, 1, 5, 5], "x")),
        classes=[{"value": "dog"}, {"value": "cat"}],
    )
    assert rows(tmp_path) == ["1 0.15 0.15 0.1 0.1"]
    assert classes(tmp_path) == "dog\ncat\n"
    assert report.classes["x", "bbox"].left_out == {"its class is not among those given": 1}


def test_several_outlines_with_a_list_of_classes_are_one_row_of_coordinates(tmp_path):
    """The official client repeats the class within the row."""
    shape = sized(annotation("segmentation", [[OUTLINE, HOLLOW], [ISLAND]]))
    write(tmp_path / "right", shape, class_values=["cat"])
    write(tmp_path / "official", shape, class_values=["cat"], compat="official")
    [right], [official] = rows(tmp_path / "right"), rows(tmp_path / "official")
    numbers = list(map(float, right.split()[1:]))
    assert len(numbers) % 2 == 0
    xs = [round(x * SIZE_WH[0]) for x in numbers[0::2]]
    ys = [round(y * SIZE_WH[1]) for y in numbers[1::2]]
    doubled = sum(
        x1 * y2 - x2 * y1
        for x1, y1, x2, y2 in zip(xs, ys, [*xs[1:], xs[0]], [*ys[1:], ys[0]], strict=True)
    )
    assert abs(doubled) / 2 == 1600 - 100 + 50
    assert len(official.split()) % 2 == 1
    assert len(official.split()) == 3 + len(OUTLINE) + len(HOLLOW) + len(ISLAND)


@pytest.mark.parametrize(
    ("compat", "first"),
    [(None, [10, 10, *HOLLOW, 10, 10, 50, 10, 50, 50, 10, 50, 10, 10]), ("official", OUTLINE)],
)
def test_projects_of_segmentations_have_a_row_for_each_region(tmp_path, compat, first):
    shape = annotation("segmentation", [[OUTLINE, HOLLOW], [ISLAND]])
    write(tmp_path, sized(shape), project_type="image_segmentation", compat=compat)
    written = [list(map(float, row.split()[1:])) for row in rows(tmp_path)]
    assert written == [
        pytest.approx([x / SIZE_WH[at % 2] for at, x in enumerate(ring)], abs=1.01e-7)
        for ring in (first, ISLAND)
    ]


def test_what_cannot_be_written_is_counted(tmp_path):
    empty = {"name": "empty.jpg", "width": 0, "height": 10, "annotations": []}
    report = write(
        tmp_path,
        sized(
            annotation("line", [1, 1, 5, 5]),
            annotation("bbox", [1, 1, 5]),
            annotation("bbox", [1.1, 1, 1.2, 50]),
            annotation("polygon", [1e308, 1e308, -1e308, 1, 2, 3]),
            annotation("bbox", [1, 1, 5, 5], value=None),
            annotation("bbox", [1, 1, 5, 5], attributes=[{"key": "a", "value": 1}]),
        ),
        empty,
    )
    assert len(rows(tmp_path)) == 1
    assert (report.left_out, report.changed) == (5, 1)
    assert report.skipped == {"the image has no width or height": 1}
    assert not (tmp_path / "annotations" / "empty.txt").exists()


# Other kinds


def test_a_rotated_box_has_its_corners(tmp_path):
    report = write(
        tmp_path, sized(annotation("bbox", [10, 20, 30, 24], rotation=90)), name="yolo-obb"
    )
    assert rows(tmp_path) == ["0 0.11 0.12 0.11 0.32 0.09 0.32 0.09 0.12"]
    assert report.changed == 0


def test_a_polygon_becomes_the_smallest_rotated_box(tmp_path):
    diamond = annotation("polygon", [50, 10, 70, 30, 50, 50, 30, 30])
    report = write(tmp_path, sized(diamond), name="yolo-obb")
    corners = list(map(float, rows(tmp_path)[0].split()[1:]))
    pixels = sorted(
        (round(x * SIZE_WH[0]), round(y * SIZE_WH[1]))
        for x, y in zip(corners[0::2], corners[1::2], strict=True)
    )
    assert pixels == [(30, 30), (50, 10), (50, 50), (70, 30)]
    assert report.changed == 1


def test_a_pose_has_its_box_and_all_keypoints_of_its_class(tmp_path):
    keypoints = [{"key": key, "id": key, "edges": []} for key in ("head", "neck", "hip")]
    given_classes = [
        {"value": "dog", "type": "bbox", "keypoints": keypoints[:1]},
        {"value": "person", "type": "pose_estimation", "keypoints": keypoints},
    ]
    placed = [
        {"key": "hip", "value": [40, 50, 0]},
        {"key": "head", "value": [20, 10, 1]},
        {"key": "neck", "value": []},
    ]
    report = write(
        tmp_path,
        sized(
            annotation("pose_estimation", [], "person", keypoints=placed),
            annotation("bbox", [0, 0, 100, 50], "dog", keypoints=placed[1:2]),
            annotation("pose_estimation", [], "person", keypoints=[]),
        ),
        name="yolo-pose",
        classes=given_classes,
    )
    assert rows(tmp_path) == [
        "0 0.25 0.25 0.5 0.5 0.1 0.1 2 0 0 0 0 0 0",
        "1 0.15 0.3 0.1 0.4 0.1 0.1 2 0 0 0 0.2 0.5 1",
    ]
    assert yaml.safe_load((tmp_path / "data.yaml").read_text()) == {
        "names": {0: "dog", 1: "person"},
        "kpt_shape": [3, 3],
        "kpt_names": {0: ["head"], 1: ["head", "neck", "hip"]},
    }
    assert (report.written, report.left_out, report.changed) == (2, 1, 0)


# Round trips


def coordinates(low, high):
    return st.floats(low, high, allow_subnormal=False)


boxes = st.builds(
    lambda x, y, w, h: [x, y, x + w, y + h],
    coordinates(-20, 150),
    coordinates(-20, 80),
    coordinates(1.5, 60),
    coordinates(1.5, 60),
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
@settings(max_examples=20, deadline=None)
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


# Datasets


def opened(task):
    file = io.BytesIO()
    Image.new("RGB", (task["width"], task["height"])).save(file, "PNG")
    return io.BytesIO(file.getvalue())


def dataset(folder, tasks, name="yolo-dataset", **options):
    return formats.write(name, tasks, folder, open_file=opened, **options)


def test_a_dataset_has_images_labels_and_splits(tmp_path):
    tasks = [sized(annotation("bbox", [0, 0, 100, 50]), name=f"{n}.png") for n in range(20)]
    report = dataset(tmp_path / "once", tasks)
    dataset(tmp_path / "again", tasks[::-1])
    dataset(tmp_path / "other", tasks, seed=1)
    files, again, other = (
        sorted(str(one.relative_to(tmp_path / name)) for one in (tmp_path / name).rglob("*.*"))
        for name in ("once", "again", "other")
    )
    assert files == again != other
    for split, count in (("train", 16), ("val", 2), ("test", 2)):
        assert sum(one.startswith(f"images/{split}/") for one in files) == count
        assert sum(one.startswith(f"labels/{split}/") for one in files) == count
    assert yaml.safe_load((tmp_path / "once" / "data.yaml").read_text()) == {
        "train": "images/train",
        "val": "images/val",
        "test": "images/test",
        "names": {0: "cat"},
    }
    assert (report.images, report.written) == (20, 20)
    found, _ = formats.read("yolo-dataset", tmp_path / "once", strict=True)
    assert sorted(one.task["name"] for one in found) == sorted(one["name"] for one in tasks)
    assert all(one.task["annotations"][0]["points"] == [0, 0, 100, 50] for one in found)


def test_the_split_may_come_from_the_tasks(tmp_path):
    tasks = [
        {**sized(annotation("bbox", [0, 0, 100, 50]), name=name), "type": split}
        for name, split in (
            ("a.png", "train"),
            ("a.jpg", "train"),
            ("b/images/c.png", "validation"),
            ("d.png", None),
        )
    ]
    report = dataset(tmp_path, tasks, split_of="type")
    assert sorted(str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*.*")) == [
        "data.yaml",
        "images/train/a.jpg.jpg",
        "images/train/a.png",
        "images/val/b/images_/c.png",
        "labels/train/a.jpg.txt",
        "labels/train/a.txt",
        "labels/val/b/images_/c.txt",
    ]
    assert report.skipped == {"it belongs to no split": 1}
    dataset(tmp_path / "by-function", tasks, split_of=lambda _: "test", kind="segment")
    assert not (tmp_path / "by-function" / "images" / "train").exists()


@pytest.mark.parametrize("options", [{"ratios": (1, 1, 1)}, {"kind": "track"}])
def test_wrong_options_are_refused(tmp_path, options):
    with pytest.raises(FastLabelInvalidException, match=next(iter(options))):
        dataset(tmp_path, [sized()], **options)


def test_images_that_nobody_can_open_are_refused(tmp_path):
    with pytest.raises(FastLabelInvalidException, match="holds the images"):
        formats.write("yolo-dataset", [sized()], tmp_path)


def test_a_coco_dataset_has_the_same_categories_in_all_splits(tmp_path):
    tasks = [
        {**sized(annotation("bbox", [0, 0, 100, 50], value), name=f"{value}.png"), "split": split}
        for value, split in (("cat", "train"), ("dog", "val"), ("cow", "test"))
    ]
    report = dataset(tmp_path, tasks, "coco-dataset", split_of="split")
    assert sorted(str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*.*")) == [
        "test/_annotations.coco.json",
        "test/cow.png",
        "train/_annotations.coco.json",
        "train/cat.png",
        "valid/_annotations.coco.json",
        "valid/dog.png",
    ]
    for split, number, value in (("train", 1, "cat"), ("valid", 3, "dog"), ("test", 2, "cow")):
        text = (tmp_path / split / "_annotations.coco.json").read_text()
        content = yaml.safe_load(text)
        names = {one["id"]: one["name"] for one in content["categories"]}
        assert names == {1: "cat", 2: "cow", 3: "dog"}
        assert [one["category_id"] for one in content["annotations"]] == [number]
        assert content["images"][0]["file_name"] == f"{value}.png"
    assert (report.images, report.written) == (3, 3)
    assert report.path == tmp_path
