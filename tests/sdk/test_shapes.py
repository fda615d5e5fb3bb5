import copy
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastlabel.shapes import SHAPES, ShapeError

OUTLINE = [0, 0, 10, 0, 10, 10, 0, 10, 0, 0]
HOLLOW = [2, 2, 2, 5, 5, 5, 5, 2, 2, 2]

# For every shape: an annotation, its bounds and its area.
EXAMPLES = {
    "bbox": ({"points": [10, 20, 30, 60.5], "rotation": 0}, (10, 20, 30, 60.5), 810),
    "polygon": ({"points": [0, 0, 4, 0, 0, 3]}, (0, 0, 4, 3), 6),
    "keypoint": ({"points": [1, 2]}, (1, 2, 1, 2), 0),
    "line": ({"points": [3, 1, 1, 2]}, (1, 1, 3, 2), 0),
    "circle": ({"points": [5, 5, 2]}, (3, 3, 7, 7), 4 * math.pi),
    "segmentation": (
        {"points": [[OUTLINE, HOLLOW], [[20, 0, 21, 0, 21, 1, 20, 1]]]},
        (0, 0, 21, 10),
        92,
    ),
    "pose_estimation": (
        {"keypoints": [{"key": "nose", "value": [4, 5, 1]}, {"key": "tail", "value": []}]},
        (4, 5, 4, 5),
        0,
    ),
    "classification": ({}, None, 0),
}


def test_every_shape_has_an_example_here():
    assert EXAMPLES.keys() == SHAPES.keys()
    assert all(name == shape.type for name, shape in SHAPES.items())


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_takes_its_example_and_measures_it(name):
    annotation, bounds, area = copy.deepcopy(EXAMPLES[name])
    shape = SHAPES[name]
    shape.check(annotation, "annotations[0]")
    assert shape.bounds_xyxy(annotation) == bounds
    assert shape.area(annotation) == pytest.approx(area)
    assert annotation == EXAMPLES[name][0]


@pytest.mark.parametrize("name", SHAPES)
def test_regions_are_the_arrays_of_the_rings(name):
    annotation, bounds, area = EXAMPLES[name]
    regions = SHAPES[name].regions(annotation)
    assert [[ring.ravel().tolist() for ring in region] for region in regions] == [
        [list(map(float, ring)) for ring in region] for region in SHAPES[name].rings(annotation)
    ]
    assert bool(regions) == (area > 0)
    if regions:
        corners = np.concatenate([region[0] for region in regions])
        assert (*corners.min(axis=0), *corners.max(axis=0)) == pytest.approx(bounds, abs=0.05)


@pytest.mark.parametrize("name", SHAPES)
def test_a_task_response_can_be_sent_back(name):
    """Every annotation of a response carries all geometry fields, empty where not its own."""
    annotation = {"points": [], "rotation": 0, "keypoints": [], **EXAMPLES[name][0]}
    SHAPES[name].check(annotation, "annotations[0]", {"nose", "tail"})


@pytest.mark.parametrize("name", [name for name in SHAPES if name != "classification"])
def test_missing_geometry_is_refused(name):
    field = SHAPES[name].fields[0]
    with pytest.raises(ShapeError, match=rf"^annotations\[7\]\.{field}: missing; a .* has \["):
        SHAPES[name].check({"value": "cat"}, "annotations[7]")


@pytest.mark.parametrize(
    ("name", "points", "message"),
    [
        ("bbox", [1, 2, 3, 4, 5, 6], "a.points: a bbox has 4 numbers, got 6; right is [x1, y1, "),
        ("bbox", [], "a.points: a bbox has 4 numbers, got 0"),
        ("bbox", "1,2,3,4", "a.points: expected a list [x1, y1, x2, y2], got '1,2,3,4'"),
        ("bbox", {"1": {"value": [1, 2, 3, 4]}}, "a.points: expected a list"),
        ("bbox", [[1, 2], [3, 4]], "a.points[0]: expected a finite number, got [1, 2]"),
        ("bbox", [1, 2, 3, "4"], "a.points[3]: expected a finite number, got '4'"),
        ("bbox", [1, True, 3, 4], "a.points[1]: expected a finite number, got True"),
        ("bbox", [1, None, 3, 4], "a.points[1]: expected a finite number, got None"),
        ("bbox", [1, 2, math.nan, 4], "a.points[2]: expected a finite number, got nan"),
        ("bbox", [1, 2, 3, -math.inf], "a.points[3]: expected a finite number, got -inf"),
        ("bbox", [10**400, 2, 3, 4], "a.points[0]: expected a finite number, got 1000"),
        ("polygon", [1, 2, 3, 4], "a.points: a polygon has at least 3 points (6 numbers), got 4"),
        ("polygon", [1, 2, 3, 4, 5, 6, 7], "a.points: x and y come in pairs, got 7 numbers"),
        ("line", [1, 2], "a.points: a line has at least 2 points (4 numbers), got 2"),
        ("keypoint", [1, 2, 1], "a.points: a keypoint has 2 numbers, got 3; right is [x, y]"),
        ("circle", [1, 2], "a.points: a circle has 3 numbers, got 2; right is [cx, cy, r]"),
        ("circle", [1, 2, -0.5], "a.points[2]: a radius is 0 or more, got -0.5"),
        ("segmentation", [], "a.points: a segmentation has at least one region, got []"),
        ("segmentation", [1, 2, 3], "a.points[0]: a region is a list of rings"),
        ("segmentation", [OUTLINE], "a.points[0][0]: expected a list [x1, y1, x2, y2, ...], got 0"),
        ("segmentation", [[OUTLINE], []], "a.points[1]: a region has at least its outline, got []"),
        ("segmentation", [[OUTLINE, [1, 2, 3, 4]]], "a.points[0][1]: a ring has at least 3 points"),
        ("segmentation", [[[1, 2, 3, 4, 5, "x"]]], "a.points[0][0][5]: expected a finite number"),
    ],
)
def test_malformed_points_are_refused_by_place_and_value(name, points, message):
    with pytest.raises(ShapeError) as caught:
        SHAPES[name].check({"points": points}, "a")
    assert str(caught.value).startswith(message)


def test_a_message_cuts_long_values():
    with pytest.raises(ShapeError) as caught:
        SHAPES["bbox"].check({"points": "x" * 10_000}, "a")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("rotation", ["90", True, math.nan, [90]])
def test_a_rotation_is_a_finite_number(rotation):
    with pytest.raises(ShapeError, match=r"a\.rotation: expected a finite number"):
        SHAPES["bbox"].check({"points": [1, 2, 3, 4], "rotation": rotation}, "a")


@pytest.mark.parametrize(
    ("keypoints", "message"),
    [
        ({"nose": [1, 2, 1]}, "a.keypoints: expected a list"),
        ([[1, 2, 1]], "a.keypoints[0]: expected {key, value: [x, y, visible]}, got [1, 2, 1]"),
        ([{"key": "nose"}], "a.keypoints[0]: expected {key, value: [x, y, visible]}"),
        ([{"key": 1, "value": []}], "a.keypoints[0].key: expected a text, got 1"),
        (
            [{"key": "ear", "value": [1, 2, 1]}],
            "a.keypoints[0].key: the class has no keypoint 'ear'; it has nose, tail",
        ),
        (
            [{"key": "nose", "value": []}, {"key": "nose", "value": [1, 2, 1]}],
            "a.keypoints[1].key: 'nose' is given twice",
        ),
        (
            [{"key": "nose", "value": [1, 2]}],
            "a.keypoints[0].value: a keypoint has 3 numbers [x, y, visible], or []",
        ),
        (
            [{"key": "nose", "value": [1, "2", 1]}],
            "a.keypoints[0].value[1]: expected a finite number, got '2'",
        ),
        (
            [{"key": "nose", "value": [1, 2, 2]}],
            "a.keypoints[0].value[2]: visible is 1, or 0 where the keypoint is occluded; got 2",
        ),
    ],
)
@pytest.mark.parametrize("name", ["pose_estimation", "bbox"])
def test_malformed_keypoints_are_refused_by_place_and_value(name, keypoints, message):
    annotation = {"points": [1, 2, 3, 4], "keypoints": keypoints}
    with pytest.raises(ShapeError) as caught:
        SHAPES[name].check(annotation, "a", {"nose", "tail"})
    assert str(caught.value).startswith(message)


def test_any_keypoint_key_will_do_where_the_class_is_not_known():
    SHAPES["pose_estimation"].check({"keypoints": [{"key": "ear", "value": [1, 2, 0]}]}, "a")


def test_a_pose_of_which_nothing_is_placed_has_no_bounds():
    pose = {"keypoints": [{"key": "nose", "value": []}, {"key": "tail", "value": None}]}
    SHAPES["pose_estimation"].check(pose, "a")
    assert SHAPES["pose_estimation"].bounds_xyxy(pose) is None


def test_swapped_corners_of_a_box_mean_the_same_box():
    box = {"points": [30, 5, 10, 25]}
    assert SHAPES["bbox"].bounds_xyxy(box) == (10, 5, 30, 25)
    assert SHAPES["bbox"].area(box) == 400


@given(
    box=st.lists(st.floats(-1e4, 1e4), min_size=4, max_size=4),
    rotation=st.floats(-720, 720),
)
def test_a_rotated_box_keeps_its_area_and_centre_inside_its_bounds(box, rotation):
    annotation = {"points": box, "rotation": rotation}
    shape = SHAPES["bbox"]
    x1, y1, x2, y2 = box
    min_x, min_y, max_x, max_y = shape.bounds_xyxy(annotation)
    assert shape.area(annotation) == abs(x2 - x1) * abs(y2 - y1)
    assert (min_x + max_x, min_y + max_y) == pytest.approx((x1 + x2, y1 + y2), abs=1e-6)
    diagonal = math.hypot(x2 - x1, y2 - y1)
    assert max(max_x - min_x, max_y - min_y) <= diagonal + 1e-6


@given(st.lists(st.integers() | st.floats(-1e300, 1e300), min_size=6, max_size=40))
def test_a_polygon_takes_any_finite_numbers_in_pairs(points):
    if len(points) % 2:
        with pytest.raises(ShapeError, match="come in pairs"):
            SHAPES["polygon"].check({"points": points}, "a")
    else:
        SHAPES["polygon"].check({"points": points}, "a")


def test_numbers_of_numpy_are_numbers():
    SHAPES["bbox"].check({"points": list(np.float64([1, 2, 3, 4]))}, "a")


def test_importing_the_shapes_does_not_import_numpy():
    code = "import sys, fastlabel.shapes; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
