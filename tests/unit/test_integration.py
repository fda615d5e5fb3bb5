"""Parts put together: what was cut comes back as it was."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import affinity

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


def pairs(low: int, high: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(low, high), st.integers(low, high))


@st.composite
def split_pictures(draw: st.DrawFn) -> tuple[list[int], list[int], list[Any]]:
    """A grid, and shapes that lie apart: each in a column of its own along the diagonal."""
    xs = draw(st.integers(1, 4).flatmap(borders))
    ys = draw(st.integers(1, 4).flatmap(borders))
    count = draw(st.integers(1, 3))
    shapes = []
    for index in range(count):
        # Wide enough apart that no two meet at a seam.
        x1, x2 = (xs[-1] * (index + part) / count for part in (0.05, 0.9))
        if draw(st.booleans()):
            left, right = sorted(draw(pairs(int(x1), int(x2))))
            top, bottom = sorted(draw(pairs(0, ys[-1])))
            assume(right - left > 4 and bottom - top > 4)
            shapes.append(
                ("bbox", draw(st.sampled_from("ab")), shapely.box(left, top, right, bottom))
            )
        else:
            points = draw(
                st.lists(st.tuples(st.floats(x1, x2), st.floats(0, ys[-1])), min_size=3, max_size=9)
            )
            hull = shapely.MultiPoint(points).convex_hull
            assume(hull.geom_type == "Polygon" and hull.area > 50)
            shapes.append(("polygon", draw(st.sampled_from("ab")), hull))
    return xs, ys, shapes


@settings(max_examples=80, deadline=None)
@given(split_pictures())
def test_what_was_cut_into_tiles_comes_back_as_it_was(split: Any) -> None:
    xs, ys, shapes = split
    whole, _ = cut(shapes, xs, ys)
    # A sliver of a pixel beside a seam has no border of its own to be found by.
    assume(all(_is_broad(one) for part in whole.parts for one in part.annotations))
    found = image.merged(whole)
    assert len(found) == len(shapes)
    for one in found:
        assert "id" not in one
        shape = _shape(one)
        [twin] = [
            other
            for kind, value, other in shapes
            if (kind, value) == (one["type"], one["value"])
            and shape.intersection(other).area > 0.5 * other.area
        ]
        assert shape.symmetric_difference(twin).area <= 1e-3 * twin.area + 0.1


def _is_broad(one: dict[str, Any]) -> bool:
    left, top, right, bottom = _shape(one).bounds
    return min(right - left, bottom - top) > 2.5


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
        ({"points": [0, 38, 25, 48]}, "hardly beside it"),
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
    start, end = sorted(data.draw(pairs(0, ends[-1] * 10)))
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
    assert len(video.merged(parts("line", [0, 0, 9, 9], [0, 0, 5, 5, 9, 9]))) == 2
