"""Parts put together: what was cut comes back as it was."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import affinity

from fastlabel.shapes import SHAPES
from fastlabel_server.errors import Invalid, NotFound
from fastlabel_server.tasks.integration import audio, image, video
from fastlabel_server.tasks.integration.parts import Grid, Part, Parts, numbered

HEAD = {"type": "bbox", "value": "cat", "title": "Cat", "color": "#b36d18"}


def annotation(**fields: Any) -> dict[str, Any]:
    return {
        "id": "1",
        **HEAD,
        "rotation": 0,
        "keypoints": [],
        "attributes": [],
        "confidenceScore": -1,
        **fields,
    }


def polygon(shape: shapely.Polygon, **fields: Any) -> dict[str, Any]:
    points = [number for point in shape.exterior.coords[:-1] for number in point]
    return annotation(type="polygon", points=points, **fields)


def cut(
    shapes: list[tuple[str, str, shapely.Polygon]], xs: list[int], ys: list[int]
) -> tuple[Parts, int]:
    """Cut shapes (type, class, geometry) into tiles with these borders; count the pieces."""
    parts, pieces = [], 0
    for (top, bottom), (left, right) in itertools.product(
        itertools.pairwise(ys), itertools.pairwise(xs)
    ):
        annotations = []
        for kind, value, shape in shapes:
            inside = shape.intersection(shapely.box(left, top, right, bottom))
            for piece in shapely.get_parts(inside):
                if piece.geom_type != "Polygon" or piece.area == 0:
                    continue
                moved = affinity.translate(piece, -left, -top)
                if kind == "bbox":
                    annotations.append(annotation(points=list(moved.bounds), value=value))
                else:
                    annotations.append(polygon(moved, value=value))
        pieces += len(annotations)
        parts.append(Part(annotations, {"width": right - left, "height": bottom - top}))
    return Parts("a.jpg", parts, Grid(len(xs) - 1, len(ys) - 1)), pieces


def borders(count: int) -> st.SearchStrategy[list[int]]:
    sizes = st.lists(st.integers(40, 400), min_size=count, max_size=count)
    return sizes.map(lambda found: [0, *itertools.accumulate(found)])


@st.composite
def stars(draw: st.DrawFn, xs: list[int], ys: list[int]) -> shapely.Polygon:
    """A polygon, convex or not, with any numbers or whole ones."""
    x, y = draw(st.floats(5, xs[-1] - 5)), draw(st.floats(5, ys[-1] - 5))
    radii = draw(st.lists(st.floats(2, 120), min_size=3, max_size=9))
    corners = []
    for index, radius in enumerate(radii):
        angle = 2 * math.pi * index / len(radii)
        corners.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
    corners = [(min(max(x, 0), xs[-1]), min(max(y, 0), ys[-1])) for x, y in corners]
    if draw(st.booleans()):
        corners = [(round(x), round(y)) for x, y in corners]
    return shapely.Polygon(corners)


@st.composite
def boxes(draw: st.DrawFn, xs: list[int], ys: list[int]) -> shapely.Polygon:
    """A box; its sides often lie on seams."""
    left, right = (draw(st.sampled_from(xs) | st.integers(0, xs[-1])) for _ in range(2))
    top, bottom = (draw(st.sampled_from(ys) | st.integers(0, ys[-1])) for _ in range(2))
    return shapely.box(min(left, right), min(top, bottom), max(left, right), max(top, bottom))


@st.composite
def split_pictures(draw: st.DrawFn) -> tuple[list[int], list[int], list[Any]]:
    """A grid, and shapes; those of one class lie apart, others anyhow."""
    xs = draw(st.integers(1, 4).flatmap(borders))
    ys = draw(st.integers(1, 4).flatmap(borders))
    shapes: list[tuple[str, str, shapely.Polygon]] = []
    for kind in draw(st.lists(st.sampled_from(["bbox", "polygon"]), min_size=1, max_size=5)):
        shape = draw(boxes(xs, ys) if kind == "bbox" else stars(xs, ys))
        value = draw(st.sampled_from("ab"))
        alike = [other for one in shapes if one[:2] == (kind, value) for other in one[2:]]
        if shape.is_valid and shape.area >= 1 and all(shape.distance(o) > 2.01 for o in alike):
            shapes.append((kind, value, shape))
    return xs, ys, shapes


@settings(max_examples=100)
@given(split_pictures())
def test_what_was_cut_into_tiles_comes_back_as_it_was(split: Any) -> None:
    xs, ys, shapes = split
    whole, _ = cut(shapes, xs, ys)
    found = image.merged(whole)
    assert all("id" not in one for one in found)
    assert len(found) == len(shapes)
    for kind, value, shape in shapes:
        of_class = [one for one in found if (one["type"], one["value"]) == (kind, value)]
        twin = min(of_class, key=lambda one: _shape(one).symmetric_difference(shape).area)
        assert _shape(twin).symmetric_difference(shape).area <= 1e-3
        assert len(twin["points"]) <= 2 * len(shape.exterior.coords[:-1])


def _shape(one: dict[str, Any]) -> shapely.Polygon:
    points = one["points"]
    if one["type"] == "bbox":
        return shapely.box(*points)
    return shapely.Polygon(list(zip(points[::2], points[1::2], strict=True)))


def test_one_object_on_four_tiles_is_one_annotation_with_whole_numbers() -> None:
    box = shapely.box(60, 70, 150, 180)
    star = shapely.Polygon([(80, 210), (210, 215), (120, 280), (190, 390), (90, 300)])
    whole, pieces = cut(
        [("bbox", "cat", box), ("polygon", "dog", star)], [0, 100, 300], [0, 100, 400]
    )
    assert pieces > 5
    found = image.merged(whole)
    assert [one["type"] for one in found] == ["bbox", "polygon"]
    assert found[0] == {
        **{key: value for key, value in annotation().items() if key != "id"},
        "points": [60, 70, 150, 180],
    }
    assert shapely.equals(shapely.normalize(_shape(found[1])), shapely.normalize(star))
    assert len(found[1]["points"]) == 10


def test_polygons_drawn_a_pixel_from_the_seam_are_joined() -> None:
    left = polygon(shapely.Polygon([(80, 10), (99.5, 10), (99.5, 40), (80, 40)]))
    right = polygon(shapely.Polygon([(0.5, 11), (30, 11), (30, 39), (0.5, 39)]))
    parts = [Part([one], {"width": 100, "height": 50}) for one in (left, right)]
    [found] = image.merged(Parts("a.jpg", parts))
    assert _shape(found).area == pytest.approx(20 * 30 + 30 * 28)


def test_ints_stay_ints() -> None:
    left = Part([annotation(points=[80, 10, 100, 40])], {"width": 100, "height": 50})
    right = Part([annotation(points=[0, 12, 25, 40])], {"width": 60, "height": 50})
    [found] = image.merged(Parts("a.jpg", [left, right]))
    assert [repr(number) for number in found["points"]] == ["80", "10", "125", "40"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"value": "dog"}, "another class"),
        ({"attributes": [{"key": "k", "value": 1}]}, "other attributes"),
        ({"points": [3, 10, 25, 40]}, "away from the seam"),
        ({"points": [0, 40, 25, 48]}, "beside it at a corner only"),
        ({"rotation": 10}, "turned"),
    ],
)
def test_pieces_that_are_not_one_object_stay_two(change: dict[str, Any], reason: str) -> None:
    left = Part([annotation(points=[80, 10, 100, 40])], {"width": 100, "height": 50})
    right = Part([annotation(points=[0, 10, 25, 40]) | change], {"width": 60, "height": 50})
    found = image.merged(Parts("a.jpg", [left, right]))
    assert len(found) == 2, reason
    x1, y1, x2, y2 = change.get("points", [0, 10, 25, 40])
    assert found[1]["points"] == [x1 + 100, y1, x2 + 100, y2]


def test_other_shapes_are_moved_to_their_place() -> None:
    shapes = [
        annotation(type="keypoint", points=[1, 2]),
        annotation(type="line", points=[1, 2, 3, 4]),
        annotation(type="circle", points=[5, 6, 7]),
        annotation(type="segmentation", points=[[[0, 0, 1, 0, 1, 1, 0, 0]]]),
        annotation(
            type="pose_estimation", points=[], keypoints=[{"key": "nose", "value": [1, 2, 1]}]
        ),
    ]
    parts = [Part([], {"width": 100, "height": 50})] * 3
    parts.append(Part(shapes, {"width": 100, "height": 50}))
    found = image.merged(Parts("a.jpg", parts))
    assert [one["points"] for one in found] == [
        [101, 52],
        [101, 52, 103, 54],
        [105, 56, 7],
        [[[100, 50, 101, 50, 101, 51, 100, 50]]],
        [],
    ]
    assert found[4]["keypoints"] == [{"key": "nose", "value": [101, 52, 1]}]


def test_tiles_that_the_split_does_not_account_for_are_refused() -> None:
    parts = [Part([], {"width": 9, "height": 9})] * 5
    with pytest.raises(Invalid, match="2 x 3 tiles, but there are 5"):
        image.merged(Parts("a.jpg", parts, Grid(2, 3)))


def _side_by_side(left: Any, right: Any, height: int = 50) -> Parts:
    parts = [
        Part([one] if isinstance(one, dict) else one, {"width": 100, "height": height})
        for one in (left, right)
    ]
    return Parts("a.jpg", parts, Grid(2, 1))


def test_an_object_that_lies_askew_is_one_though_its_boxes_hardly_overlap() -> None:
    left, right = annotation(points=[10, 0, 100, 52]), annotation(points=[0, 48, 90, 100])
    [found] = image.merged(_side_by_side(left, right, 100))
    assert found["points"] == [10, 0, 190, 100]


def test_a_box_drawn_beyond_its_tile_touches_the_seam() -> None:
    left, right = annotation(points=[80, 10, 107, 40]), annotation(points=[-4, 12, 25.5, 41])
    [found] = image.merged(_side_by_side(left, right))
    assert found["points"] == [80, 10, 125.5, 41]


def test_corners_of_a_box_may_be_swapped() -> None:
    left, right = annotation(points=[100, 40, 80, 10]), annotation(points=[25, 10, 0, 40])
    [found] = image.merged(_side_by_side(left, right))
    assert found["points"] == [80, 10, 125, 40]


def test_a_comb_is_one_object_with_all_its_teeth() -> None:
    teeth = [(x + dx, y) for x in range(10, 170, 8) for dx, y in ((0, 110), (4, 110), (4, 92))]
    teeth = [corner for x, y in teeth for corner in ([(x, y), (x + 4, y)] if y == 92 else [(x, y)])]
    comb = shapely.Polygon([(10, 90), *teeth, (170, 90)])
    assert comb.is_valid
    whole, pieces = cut([("polygon", "cat", comb)], [0, 100, 200], [0, 100, 200])
    assert pieces > 20
    [found] = image.merged(whole)
    assert shapely.equals(_shape(found), comb)


def test_two_halves_of_a_ring_keep_their_hollow() -> None:
    ring = shapely.box(60, 10, 140, 50).difference(shapely.box(70, 20, 130, 40))
    halves = [ring.intersection(shapely.box(x, 0, x + 100, 50)) for x in (0, 100)]
    left, right = polygon(halves[0]), polygon(affinity.translate(halves[1], -100))
    [found] = image.merged(_side_by_side(left, right))
    assert SHAPES["polygon"].area(found) == pytest.approx(80 * 40 - 60 * 20)


def test_a_polygon_begins_and_runs_as_its_first_piece_and_keeps_whole_numbers() -> None:
    left = annotation(type="polygon", points=[60, 40, 100, 40, 100, 10, 60, 10])
    right = annotation(type="polygon", points=[0, 10, 0.0, 40, 20, 25.5])
    [found] = image.merged(_side_by_side(left, right))
    assert repr(found["points"]) == repr([60, 40, 100, 40, 120, 25.5, 100, 10, 60, 10])


def test_polygons_that_cannot_be_one_stay_as_they_are() -> None:
    bow_tie = annotation(type="polygon", points=[60, 10, 100, 40, 100, 10, 60, 40])
    right = annotation(type="polygon", points=[0, 10, 0, 40, 20, 25])
    found = image.merged(_side_by_side(bow_tie, right))
    assert [one["points"] for one in found] == [bow_tie["points"], [100, 10, 100, 40, 120, 25]]


def test_a_joined_box_has_the_keypoints_of_all_and_the_least_certainty() -> None:
    def piece(points: list[int], score: float, **placed: list[int]) -> dict[str, Any]:
        keypoints = [{"key": key, "value": placed.get(key, [])} for key in ("nose", "tail")]
        return annotation(points=points, keypoints=keypoints, confidenceScore=score)

    left = piece([80, 10, 100, 40], 0.9, nose=[85, 20, 1])
    right = piece([0, 10, 25, 40], 0.4, tail=[20, 30, 0])
    [found] = image.merged(_side_by_side(left, right))
    assert found["keypoints"] == [
        {"key": "nose", "value": [85, 20, 1]},
        {"key": "tail", "value": [120, 30, 0]},
    ]
    assert found["confidenceScore"] == 0.4


def test_any_number_of_pieces_may_meet_at_a_seam() -> None:
    """Comparing all pairs, four thousand boxes on each side took minutes."""
    left, right = (
        [annotation(points=[x, y % 400, x + 50, y % 400 + 90]) for y in range(4000)]
        for x in (50, 0)
    )
    [found] = image.merged(_side_by_side(left, right, 500))
    assert found["points"] == [50, 0, 150, 489]


def test_tiles_that_do_not_fit_together_are_refused() -> None:
    sizes = [(100, 50), (60, 50), (100, 40), (61, 40)]
    parts = [Part([], {"width": width, "height": height}) for width, height in sizes]
    with pytest.raises(Invalid, match=r"part 4 is 61 x 40 pixels, where .* 60 wide .* 40 high"):
        image.merged(Parts("a.jpg", parts))


def test_names_of_parts_are_ordered_by_number_and_complete() -> None:
    names = [f"ds/a/{number}.jpg" for number in (10, 2, 1, 3, 4, 5, 6, 7, 8, 9)]
    others = ["ds/a/b/1.jpg", "ds/a/cover.jpg", "ds/a/01.jpg", "ds/a/1", "ds/ab/1.jpg"]
    found, extension = numbered("ds/a", [*names, *others])
    assert found == [f"ds/a/{number}.jpg" for number in range(1, 11)]
    assert extension == ".jpg"
    with pytest.raises(NotFound, match="ds/b/1"):
        numbered("ds/b", names)
    with pytest.raises(Invalid, match="part 2 of 'ds/a' is missing; 10 is there"):
        numbered("ds/a", [name for name in names if name != "ds/a/2.jpg"])
    with pytest.raises(Invalid, match="are both part 1"):
        numbered("ds/a", [*names, "ds/a/1.png"])


def _segment(start: float, end: float, **fields: Any) -> dict[str, Any]:
    return annotation(type="segmentation", start=start, end=end, **fields)


def test_segments_go_on_over_any_number_of_parts() -> None:
    parts = [
        Part([_segment(1, 2), _segment(8, 10)], {"duration": 10.0}),
        Part([_segment(0.0, 5.5)], {"duration": 5.5}),
        Part([_segment(0.04, 3), _segment(0, 1, value="dog")], {"duration": 4.0}),
    ]
    found = audio.merged(Parts("a.mp3", parts))
    assert [(one["value"], one["start"], one["end"]) for one in found] == [
        ("cat", 1, 2),
        ("cat", 8, 18.5),
        ("dog", 15.5, 16.5),
    ]
    assert all(one.keys() == set(audio.SHOWN) for one in found)


@settings(max_examples=60)
@given(
    durations=st.lists(st.integers(1, 9), min_size=1, max_size=6),
    data=st.data(),
)
def test_a_cut_recording_comes_back(durations: list[int], data: st.DataObject) -> None:
    ends = list(itertools.accumulate(durations))
    start, end = sorted(data.draw(st.integers(0, ends[-1] * 10)) for _ in range(2))
    assume(end > start)
    segment = (start / 10, end / 10)
    parts = []
    for duration, stop in zip(durations, ends, strict=True):
        first, last = max(segment[0], stop - duration), min(segment[1], stop)
        pieces = []
        if last > first:
            pieces.append(_segment(first - stop + duration, last - stop + duration))
        parts.append(Part(pieces, {"duration": float(duration)}))
    [found] = audio.merged(Parts("a.wav", parts))
    assert (found["start"], found["end"]) == pytest.approx(segment)


def _track(frames: dict[int, list[float]], **fields: Any) -> dict[str, Any]:
    points = {str(n): {"value": v, "autogenerated": n % 2 == 0} for n, v in frames.items()}
    return annotation(points=points, **fields)


VIDEO = {"frameCount": 3, "width": 100, "height": 100}


def test_objects_go_on_in_the_next_part_where_they_were() -> None:
    parts = [
        Part([_track({2: [0, 0, 10, 10], 3: [1, 0, 11, 10]})], VIDEO),
        Part(
            [
                _track({1: [50, 50, 60, 60]}),
                _track({1: [2, 0, 12, 10], 2: [3, 0, 13, 10], 3: [4, 0, 14, 10]}),
            ],
            VIDEO,
        ),
        Part([_track({1: [5, 0, 15, 10]}), _track({1: [5, 0, 15, 10]}, value="dog")], VIDEO),
    ]
    found = video.merged(Parts("a.mp4", parts))
    assert [list(one["points"]) for one in found] == [["2", "3", "4", "5", "6", "7"], ["4"], ["7"]]
    assert found[0]["points"]["5"] == {"value": [3, 0, 13, 10], "autogenerated": True}
    assert all("id" not in one for one in found)


def test_points_and_lines_go_on_near_where_they_were() -> None:
    def parts(kind: str, before: list[float], after: list[float]) -> Parts:
        tracks = (_track({3: before}, type=kind), _track({1: after}, type=kind))
        return Parts("a.mp4", [Part([track], VIDEO) for track in tracks])

    assert len(video.merged(parts("keypoint", [10, 10], [13, 10]))) == 1
    assert len(video.merged(parts("keypoint", [10, 10], [40, 10]))) == 2
    assert len(video.merged(parts("line", [0, 0, 9, 9], [1, 0, 9, 8]))) == 1
    assert len(video.merged(parts("line", [0, 0, 90, 90], [0, 0, 45, 45, 90, 90]))) == 1
    assert len(video.merged(parts("line", [0, 0, 90, 90], [0, 0, 60, 45, 90, 90]))) == 2


def test_objects_that_cross_are_matched_by_the_nearest_first() -> None:
    ends = [_track({3: [0, 0, 10, 10]}), _track({3: [3, 0, 13, 10]})]
    starts = [_track({1: [1.6, 0, 11.6, 10]}), _track({1: [3, 0, 13, 10]})]
    found = video.merged(Parts("a.mp4", [Part(ends, VIDEO), Part(starts, VIDEO)]))
    values = [[frame["value"][0] for frame in one["points"].values()] for one in found]
    assert values == [[0, 1.6], [3, 3]]


def test_boxes_go_on_as_they_are_turned() -> None:
    def parts(before: float, after: float, **fields: Any) -> Parts:
        tracks = (_track({3: [0, 40, 100, 50]}, **fields), _track({1: [0, 40, 100, 50]}, **fields))
        for track, frame, rotation in zip(tracks, "31", (before, after), strict=True):
            track["points"][frame]["rotation"] = rotation
        return Parts("a.mp4", [Part([track], VIDEO) for track in tracks])

    assert len(video.merged(parts(0, 1))) == 1
    assert len(video.merged(parts(0, 90))) == 2
    # A frame's own rotation replaces that of the annotation.
    assert len(video.merged(parts(5, 5, rotation=80))) == 1


def test_objects_turned_by_different_angles_as_a_whole_stay_two() -> None:
    """One annotation has one rotation for all frames that have none of their own."""
    tracks = [_track({3: [0, 0, 9, 9]}), _track({1: [0, 0, 9, 9]}, rotation=2)]
    found = video.merged(Parts("a.mp4", [Part([track], VIDEO) for track in tracks]))
    assert [one["rotation"] for one in found] == [0, 2]
