"""labelme as the tool itself and the official client have it, written out by hand."""

import copy
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastlabel import formats
from fastlabel.exceptions import FastLabelInvalidException
from formats.samples import annotation, task

HAND_WRITTEN = """{
    "version": "4.5.9",
    "flags": {},
    "shapes": [
        {
            "label": "猫 \\"x\\"",
            "points": [
                [
                    10,
                    20.5
                ],
                [
                    30,
                    40
                ]
            ],
            "group_id": null,
            "shape_type": "rectangle",
            "flags": {}
        },
        {
            "label": "cat",
            "points": [
                [
                    3,
                    4
                ]
            ],
            "group_id": null,
            "shape_type": "point",
            "flags": {}
        }
    ],
    "imagePath": "sub/a.jpg",
    "imageData": null,
    "imageHeight": 80,
    "imageWidth": 100
}"""

OUTLINE = [10, 10, 50, 10, 50, 50, 10, 50, 10, 10]
HOLLOW = [20, 20, 20, 30, 30, 30, 30, 20, 20, 20]
ISLAND = [60, 60, 70, 60, 70, 70, 60, 60]


def write(folder, *annotations, name="a.jpg", **options):
    return formats.write("labelme", [task(*annotations, name=name)], folder, **options)


def shapes_of(folder):
    shapes = json.loads((folder / "a.json").read_text())["shapes"]
    return [
        (shape["shape_type"], [xy for point in shape["points"] for xy in point], shape["group_id"])
        for shape in shapes
    ]


def read(folder, **options):
    tasks, report = formats.read("labelme", folder, **options)
    return {one.task["name"]: one.task["annotations"] for one in tasks}, report


def test_the_file_is_laid_out_as_the_official_client_does(tmp_path):
    box = annotation("bbox", [10, 20.5, 30, 40], '猫 "x"')
    write(tmp_path, box, annotation("keypoint", [3, 4]), name="sub/a.jpg")
    assert (tmp_path / "sub" / "a.json").read_text(encoding="utf-8") == HAND_WRITTEN


@pytest.mark.parametrize(
    ("compat", "written"),
    [
        (None, [("polygon", [22, 12, 22, 32, 18, 32, 18, 12], None)]),
        ("official", [("rectangle", [10, 20, 30, 24], None)]),
    ],
)
def test_a_rotated_box_is_a_polygon(tmp_path, compat, written):
    report = write(tmp_path, annotation("bbox", [10, 20, 30, 24], rotation=90), compat=compat)
    assert shapes_of(tmp_path) == written
    assert report.changed == 1


def test_regions_are_grouped_and_hollows_cut_out(tmp_path):
    shape = annotation("segmentation", [[OUTLINE, HOLLOW], [ISLAND]])
    report = write(tmp_path, annotation("bbox", [1, 1, 2, 2]), shape, shape)
    ring = [10, 10, *HOLLOW, 10, 10, 50, 10, 50, 50, 10, 50, 10, 10]
    assert shapes_of(tmp_path)[1:] == [
        ("polygon", ring, 1),
        ("polygon", ISLAND, 1),
        ("polygon", ring, 2),
        ("polygon", ISLAND, 2),
    ]
    assert report.classes["cat", "segmentation"].changed.total() == 4


def test_official_files_have_the_first_outline_alone_and_no_circles(tmp_path):
    report = write(
        tmp_path,
        annotation("segmentation", [[OUTLINE, HOLLOW], [ISLAND]]),
        annotation("circle", [5, 5, 2]),
        annotation("line", [1, 1, 2, 2, 3, 1]),
        compat="official",
    )
    assert shapes_of(tmp_path) == [
        ("polygon", OUTLINE, None),
        ("line", [1, 1, 2, 2, 3, 1], None),
    ]
    assert (report.changed, report.left_out) == (1, 1)


def test_circles_and_long_lines_have_forms_of_their_own(tmp_path):
    report = write(
        tmp_path,
        annotation("circle", [5, 6, 2.5]),
        annotation("line", [1, 1, 2, 2, 3, 1]),
        annotation("line", [1, 1, 2, 2]),
        annotation("pose_estimation", [], keypoints=[]),
    )
    assert shapes_of(tmp_path) == [
        ("circle", [5, 6, 7.5, 6], None),
        ("linestrip", [1, 1, 2, 2, 3, 1], None),
        ("line", [1, 1, 2, 2], None),
    ]
    assert (report.changed, report.left_out) == (0, 1)


number = st.one_of(st.integers(-50, 500), st.floats(-50, 500))
square = st.builds(
    lambda x, y, size: [x, y, x + size, y, x + size, y + size, x, y + size, x, y],
    *[st.integers(0, 40)] * 2,
    st.integers(20, 40),
)


@st.composite
def regions(draw):
    x, y = draw(st.integers(0, 40)), draw(st.integers(0, 40))
    outline = [x, y, x + 40, y, x + 40, y + 40, x, y + 40, x, y]
    holes = []
    for at in draw(st.sets(st.integers(0, 2))):
        hx, hy, size = x + 2 + 12 * at, y + draw(st.integers(1, 20)), draw(st.integers(1, 10))
        holes.append([hx, hy, hx, hy + size, hx + size, hy + size, hx + size, hy, hx, hy])
    return [outline, *holes]


shapes = st.one_of(
    st.builds(annotation, st.just("bbox"), st.lists(number, min_size=4, max_size=4)),
    st.builds(annotation, st.just("keypoint"), st.lists(number, min_size=2, max_size=2)),
    st.builds(
        annotation,
        st.just("polygon"),
        st.lists(st.tuples(number, number), min_size=3, max_size=8, unique=True).map(
            lambda corners: [one for corner in corners for one in corner]
        ),
    ),
    st.builds(
        annotation,
        st.just("line"),
        st.integers(2, 5).flatmap(lambda n: st.lists(number, min_size=2 * n, max_size=2 * n)),
    ),
    st.builds(annotation, st.just("segmentation"), st.lists(regions(), min_size=1, max_size=3)),
)


def canonical(found):
    """Return an annotation with the hollows of each region in one order."""
    points = found["points"]
    if found["type"] == "segmentation":
        points = [[outline, *sorted(map(sorted_ring, holes))] for outline, *holes in points]
    return found["type"], found["value"], points


def sorted_ring(ring):
    corners = list(zip(ring[:-2:2], ring[1:-2:2], strict=True))
    start = corners.index(min(corners))
    return [*corners[start:], *corners[:start]]


@settings(max_examples=100)
@given(labelled=st.lists(shapes, max_size=5))
def test_what_is_written_comes_back_as_it_was(tmp_path_factory, labelled):
    folder = tmp_path_factory.mktemp("labelme")
    before = copy.deepcopy(labelled)
    report = write(folder, *labelled)
    assert labelled == before
    assert report.written == len(labelled)
    found, _ = read(folder, strict=True)
    assert list(map(canonical, found["a.jpg"])) == list(map(canonical, labelled))


@given(circle=st.lists(st.integers(0, 100), min_size=3, max_size=3))
@settings(max_examples=20)
def test_circles_come_back(tmp_path_factory, circle):
    folder = tmp_path_factory.mktemp("labelme")
    write(folder, annotation("circle", circle), strict=True)
    assert read(folder, strict=True)[0]["a.jpg"][0]["points"] == circle


def test_files_of_labelme_itself(tmp_path):
    def shape(shape_type, points, **more):
        return {"label": "cat", "points": points, "shape_type": shape_type, "flags": {}, **more}

    content = {
        "version": "5.5.0",
        "imagePath": "..\\pictures\\other.jpeg",
        "imageData": "QUJD" * 1000,
        "imageWidth": 100,
        "imageHeight": 80,
        "shapes": [
            shape("rectangle", [[1, 2], [3, 4]], group_id=7),
            shape("polygon", [[0, 0], [9, 0], [9, 9]], group_id=1),
            shape("circle", [[0, 0], [3, 4]], group_id=None),
            shape("polygon", [[20, 0], [29, 0], [29, 9]], group_id=1),
            shape("mask", [[1, 2], [3, 4]]),
            shape("polygon", [[1, 2], [3]]),
            shape("line", [[1, math.inf], [3, 4]]),
        ],
    }
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.json").write_text(json.dumps(content))
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "coco.json").write_text('{"images": []}')
    found, report = read(tmp_path)
    assert found == {
        "sub/a.jpeg": [
            {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4]},
            {
                "type": "segmentation",
                "value": "cat",
                "points": [[[0, 0, 9, 0, 9, 9, 0, 0]], [[20, 0, 29, 0, 29, 9, 20, 0]]],
            },
            {"type": "circle", "value": "cat", "points": [0, 0, 5]},
        ]
    }
    told = [str(problem).removeprefix(f"{tmp_path}/") for problem in report.bad]
    assert [one.partition(", got")[0] for one in told] == [
        "broken.json: no JSON: Expecting property name enclosed in double quotes: "
        "line 1 column 2 (char 1)",
        "coco.json: no labelme file: expected an object with a list of shapes",
        "sub/a.json: shapes[4]: .shape_type: expected one of rectangle, polygon, point, line, "
        "linestrip, circle",
        "sub/a.json: shapes[5]: .points[1]: expected [x, y]",
        "sub/a.json: shapes[6]: .points[0][1]: expected a finite number",
    ]


def test_a_strict_read_stops_at_the_first_bad_shape_and_names_it_once(tmp_path):
    (tmp_path / "a.json").write_text('{"imagePath": "a.jpg", "shapes": [{"label": 1}]}')
    with pytest.raises(FastLabelInvalidException) as caught:
        read(tmp_path, strict=True)
    assert str(caught.value).count("shapes[0]: .label: expected a text") == 1
    assert str(caught.value).count("a.json") == 1
