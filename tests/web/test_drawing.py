"""Shapes as SVG: every shape is drawn, and where its annotation says."""

from __future__ import annotations

from xml.etree import ElementTree

from fastlabel.shapes import SHAPES
from fastlabel_server.web.drawing import DRAWERS, at_frame, drawn, sketched


def annotation(shape, points=(), **fields):
    return {
        "type": shape,
        "title": "Cat",
        "color": "#b36d18",
        "points": list(points),
        "rotation": 0,
        "keypoints": [],
        **fields,
    }


def drawing(*annotations):
    return ElementTree.fromstring(f"<svg>{drawn(enumerate(annotations, start=1)).shapes}</svg>")


def test_every_shape_is_drawn():
    assert DRAWERS.keys() == SHAPES.keys()


def test_a_rotated_box_turns_clockwise_about_its_centre():
    [box] = drawing(annotation("bbox", [30, 20, 10, 60], rotation=30)).iter("rect")

    assert box.get("transform") == "rotate(30 20.0 40.0)"
    assert (box.get("x"), box.get("width")) == ("10", "20"), "swapped corners are put right"


def test_hollows_are_left_out_of_a_segmentation():
    outline = [0, 0, 9, 0, 9, 9, 0, 9, 0, 0]
    hollow = [3, 3, 3, 6, 6, 6, 6, 3, 3, 3]
    other = [20, 0, 29, 0, 29, 9, 20, 0]

    paths = list(drawing(annotation("segmentation", [[outline, hollow], [other]])).iter("path"))

    assert [path.get("fill-rule") for path in paths] == ["evenodd", "evenodd"]
    assert [path.get("d") for path in paths] == [
        "M0,0 9,0 9,9 0,9 0,0Z M3,3 3,6 6,6 6,3 3,3Z",
        "M20,0 29,0 29,9 20,0Z",
    ]


def test_a_pose_has_an_edge_between_two_placed_keypoints_once():
    keypoints = [
        {"key": "head", "name": "Head", "value": [5, 1, 1], "edges": ["neck"]},
        {"key": "neck", "name": "Neck", "value": [5, 4, 0], "edges": ["head", "hip"]},
        {"key": "hip", "name": "Hip", "value": [], "edges": ["neck"]},
    ]

    svg = drawing(annotation("pose_estimation", keypoints=keypoints))

    assert [line.get("points") for line in svg.iter("polyline")] == ["5,1 5,4"]
    assert [group.get("class") for group in svg.iter("g")] == ["shape", "dot", "dot hidden"]
    assert [title.text for title in svg.iter("title")] == ["1 Cat", "Head", "Neck"]


def test_points_lines_circles_and_polygons_keep_their_numbers():
    svg = drawing(
        annotation("keypoint", [1.5, 2]),
        annotation("line", [0, 0, 3, 4]),
        annotation("circle", [7, 8, 2.5]),
        annotation("polygon", [0, 0, 4, 0, 4, 4]),
    )

    assert svg.find(".//g[@class='dot']/path").get("d") == "M1.5 2h0"
    assert svg.find(".//polyline").get("points") == "0,0 3,4"
    circle = svg.find(".//circle")
    assert [circle.get(name) for name in ("cx", "cy", "r")] == ["7", "8", "2.5"]
    assert svg.find(".//polygon").get("points") == "0,0 4,0 4,4"


def test_small_shapes_lie_above_large_ones_and_keep_their_numbers():
    small, large = annotation("bbox", [4, 4, 6, 6]), annotation("bbox", [0, 0, 9, 9])

    svg = drawing(small, large)

    assert [link.get("href") for link in svg.iter("a")] == ["#annotation-2", "#annotation-1"]


def test_what_moves_is_drawn_as_it_is_in_a_frame():
    moving = annotation("bbox")
    moving["points"] = {"3": {"value": [1, 2, 5, 6]}, "4": {"value": [2, 2, 6, 6]}}
    other = annotation("keypoint")
    other["points"] = {"4": {"value": [9, 9]}}

    numbered = [(7, moving), (8, other)]

    assert [number for number, _ in at_frame(numbered, 3)] == [7]
    svg = ElementTree.fromstring(f"<svg>{drawn(at_frame(numbered, 4)).shapes}</svg>")
    assert [group.get("id") for group in svg.findall("./a/g")] == ["shape-7", "shape-8"]
    assert svg.find(".//rect").get("x") == "2"


def test_a_drawing_leaves_out_what_a_page_should_not_carry():
    large = annotation("segmentation", [[[0, 1] * 50]])
    small = annotation("bbox", [0, 0, 9, 9])

    found = drawn([(1, small), (2, large), (3, small)], most_numbers=60)

    assert found.left_out == 1
    assert 'id="shape-3"' in found.shapes
    assert "shape-2" not in found.shapes


def test_a_sketch_has_no_anchors_as_the_same_shape_is_drawn_elsewhere():
    found = sketched([(1, annotation("bbox", [0, 0, 9, 9]))])

    assert "<rect" in found.shapes
    assert "id=" not in found.shapes
    assert "<a" not in found.shapes


def test_a_colour_cannot_leave_its_attribute():
    [group] = drawing(annotation("keypoint", [1, 1], color='"/><script/>')).findall("./a/g")

    assert group.get("color") == '"/><script/>'
