"""COCO files as they are found: ours, the official clients', and those of others."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastlabel import formats
from fastlabel.exceptions import FastLabelInvalidException
from formats.samples import annotation, task

CATEGORY = {"id": 7, "name": "cat", "supercategory": "animal"}
POSE = {"id": 8, "name": "", "supercategory": "person", "keypoints": ["nose", "tail", "ear"]}


@pytest.fixture
def read(tmp_path):
    """Read one image with COCO annotations; return ours and the report."""

    def read(*rows, **options):
        path = tmp_path / "coco.json"
        content = {
            "images": [{"id": 3, "file_name": "sub/猫.jpg", "width": 100, "height": 80}],
            "categories": [CATEGORY, POSE],
            "annotations": [
                {"id": n, "image_id": 3, "category_id": 7, **r} for n, r in rows_of(rows)
            ],
        }
        path.write_text(json.dumps(content))
        [found], report = formats.read("coco", path, **options)
        assert found.task["name"] == "sub/猫.jpg"
        assert (found.task["width"], found.task["height"]) == (100, 80)
        return found.task["annotations"], report

    return read


def rows_of(rows):
    return enumerate(rows, start=1)


def test_a_polygon_keeps_its_corners_and_attributes(read):
    row = {"segmentation": [[1, 2, 30.5, 2, 30, 40]], "attributes": {"kind": "tabby", "age": 3}}
    assert read(row)[0] == [
        {
            "type": "polygon",
            "points": [1, 2, 30.5, 2, 30, 40],
            "value": "cat",
            "attributes": [{"key": "kind", "value": "tabby"}, {"key": "age", "value": 3}],
        }
    ]


@pytest.mark.parametrize(
    "ring",
    [[10, 20, 30, 40], [10, 20, 30, 20, 30, 40, 10, 40], [10, 20, 30, 20, 30, 40, 10, 40, 10, 20]],
)
def test_rectangles_are_boxes(read, ring):
    [found], _ = read({"segmentation": [ring], "bbox": [0, 0, 1, 1]})
    assert (found["type"], found["points"]) == ("bbox", [10, 20, 30, 40])


def test_without_an_outline_the_bbox_counts(read):
    [found], _ = read({"bbox": [10, 20, 5, 2.5]})
    assert (found["type"], found["points"]) == ("bbox", [10, 20, 15, 22.5])


def test_several_rings_are_the_regions_of_a_segmentation(read):
    [found], _ = read({"segmentation": [[0, 0, 9, 0, 9, 9], [20, 20, 29, 20, 29, 29]]})
    assert found["type"] == "segmentation"
    assert found["points"] == [
        [[0, 0, 9, 0, 9, 9, 0, 0]],
        [[20, 20, 29, 20, 29, 29, 20, 20]],
    ]


def test_as_polygons_every_ring_is_one(read):
    rows, _ = read(
        {"segmentation": [[0, 0, 9, 0, 9, 9], [20, 20, 29, 20, 29, 29]]}, annotation_type="polygon"
    )
    assert [(row["type"], row["points"]) for row in rows] == [
        ("polygon", [0, 0, 9, 0, 9, 9]),
        ("polygon", [20, 20, 29, 20, 29, 29]),
    ]


def test_keypoints_are_matched_by_their_place(read):
    row = {"category_id": 8, "keypoints": [1, 2, 2, 0, 0, 0, 5, 6, 1]}
    [found], _ = read(row, annotation_type="pose_estimation")
    assert found == {
        "type": "pose_estimation",
        "value": "person",
        "attributes": [],
        "keypoints": [{"key": "nose", "value": [1, 2, 1]}, {"key": "ear", "value": [5, 6, 0]}],
    }


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"category_id": 99, "bbox": [1, 2, 3, 4]}, ".category_id: there is no category 99"),
        ({"segmentation": []}, ".segmentation: empty, and there is no bbox"),
        ({"segmentation": [[1, 2, 3]]}, ".segmentation[0]: x and y come in pairs, got 3 numbers"),
        ({"segmentation": [["a", 2, 3, 4]]}, ".segmentation[0][0]: expected a finite number"),
        ({"segmentation": 5}, ".segmentation: expected a list of rings, got 5"),
        ({"bbox": [1, 2, 3]}, ".bbox: expected [x, y, width, height], got [1, 2, 3]"),
        ({"category_id": 8, "keypoints": [1, 2, 3]}, "each of the category's 3 keypoints"),
        ({"category_id": 8, "keypoints": [1, 2, 7, 0, 0, 0, 0, 0, 0]}, "got 7"),
    ],
)
def test_a_bad_row_is_named_and_the_others_are_read(read, tmp_path, row, said):
    good = {"bbox": [1, 2, 3, 4]}
    rows, report = read(good, row, good)
    assert len(rows) == 2
    [problem] = report.bad
    assert problem.where == f"{tmp_path / 'coco.json'}: annotations[1]"
    assert said in problem.message
    with pytest.raises(FastLabelInvalidException, match=r"annotations\[1\]"):
        read(good, row, strict=True)


def test_an_annotation_of_no_image_is_a_bad_row(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"images": [], "annotations": [{"id": 1, "image_id": 5}]}))
    found, report = formats.read("coco", path)
    assert found == []
    assert [str(one) for one in report.bad] == [
        f"{path}: annotations[0].image_id: there is no image 5"
    ]


@pytest.mark.parametrize("text", ["", "[1]", '{"images": 5}', '{"annotations": ["a"]}'])
def test_what_is_no_coco_file_is_refused(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(FastLabelInvalidException, match=r"a\.json"):
        formats.read("coco", path)
    with pytest.raises(FastLabelInvalidException, match="cannot be read"):
        formats.read("coco", tmp_path / "none.json")


def test_pictures_are_found_beside_the_labels_and_below_images(tmp_path):
    formats.write("coco", [task(name="a.jpg"), task(name="b.jpg"), task(name="c.jpg")], tmp_path)
    (tmp_path / "images").mkdir()
    (tmp_path / "a.jpg").touch()
    (tmp_path / "images/b.jpg").touch()
    found, _ = formats.read("coco", tmp_path / "annotations.json")
    assert [one.file for one in found] == [tmp_path / "a.jpg", tmp_path / "images/b.jpg", None]


whole = st.integers(0, 60)
side = st.integers(1, 30)
boxes = st.builds(lambda x, y, w, h: [x, y, x + w, y + h], whole, whole, side, side)


@st.composite
def hollow_regions(draw):
    """Regions beside each other, each a square with hollows in a row."""
    regions = []
    for number in range(draw(st.integers(1, 3))):
        x = 200 * number
        region = [[x, 0, x + 100, 0, x + 100, 100, x, 100, x, 0]]
        for hole in range(draw(st.integers(0, 3))):
            left, top = x + 10 + 25 * hole, draw(st.integers(5, 60))
            right, bottom = left + draw(st.integers(3, 15)), top + draw(st.integers(3, 30))
            region.append([left, top, left, bottom, right, bottom, right, top, left, top])
        regions.append(region)
    return regions


annotations = st.one_of(
    st.builds(annotation, st.just("bbox"), boxes),
    st.builds(annotation, st.just("bbox"), boxes, rotation=st.sampled_from([90, 30, -12.5, 359])),
    st.builds(
        annotation,
        st.just("polygon"),
        st.lists(st.tuples(whole, whole), min_size=5, max_size=9, unique=True).map(
            lambda corners: [number for corner in corners for number in corner]
        ),
    ),
    st.builds(annotation, st.just("segmentation"), hollow_regions()),
)


@settings(max_examples=100)
@given(shape=annotations)
def test_what_is_written_is_read_as_it_was(tmp_path_factory, shape):
    folder = tmp_path_factory.mktemp("coco")
    formats.write("coco", iter([task(shape)]), folder)
    [found], report = formats.read("coco", folder / "annotations.json", strict=True)
    [back] = found.task["annotations"]
    is_square = shape["type"] == "segmentation" and [len(r) for r in shape["points"]] == [1]
    if is_square:  # the only outline that COCO cannot tell from a box's
        assert (back["type"], back["points"]) == ("bbox", [0, 0, 100, 100])
        return
    assert back["type"] == shape["type"]
    assert back["value"] == "cat"
    assert back.get("rotation", 0) == shape.get("rotation", 0)
    if shape["type"] == "segmentation":
        assert [region[0] for region in back["points"]] == [r[0] for r in shape["points"]]
        assert [sorted(r[1:]) for r in back["points"]] == [sorted(r[1:]) for r in shape["points"]]
    else:
        assert back["points"] == pytest.approx(shape["points"], abs=2e-6)
    assert report.annotations == 1
