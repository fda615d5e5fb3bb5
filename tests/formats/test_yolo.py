"""YOLO labels as Ultralytics documents them and the official client writes them."""

import pytest
import yaml

from formats.samples import annotation
from formats.yolo_samples import SIZE_WH, sized, write

OUTLINE = [10, 10, 50, 10, 50, 50, 10, 50, 10, 10]
HOLLOW = [20, 20, 20, 30, 30, 30, 30, 20, 20, 20]
ISLAND = [60, 60, 70, 60, 70, 70, 60, 60]


def rows(folder, name="a"):
    return (folder / "annotations" / f"{name}.txt").read_text().splitlines()


def classes(folder):
    return (folder / "classes.txt").read_text()


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
