"""Annotations cut with their files: what integration puts together is what was cut."""

from __future__ import annotations

import copy
import itertools
import math
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from fastlabel import geometry
from fastlabel.shapes import SHAPES, ShapeError
from fastlabel_server.datasets.cutting import CUTS
from fastlabel_server.tasks.integration import audio, image, video
from fastlabel_server.tasks.integration.parts import Grid, Part, Parts

Annotation = dict[str, Any]


def bbox(*points: float, **fields: Any) -> Annotation:
    return {"type": "bbox", "value": "cat", "points": list(points), **fields}


def polygon(*points: float, **fields: Any) -> Annotation:
    return {"type": "polygon", "value": "cat", "points": list(points), **fields}


def grid(width: int, height: int, columns: int, rows: int) -> dict[str, int]:
    return {"width": width, "height": height, "columns": columns, "rows": rows}


def tiles(plan: dict[str, int], *annotations: Annotation) -> list[list[Annotation]]:
    before = copy.deepcopy(annotations)
    found = CUTS["image"](annotations, plan)
    assert annotations == before
    for tile in found:
        for each in tile:
            SHAPES[each["type"]].check(each, "piece")
    return found


def as_in_tasks(annotation: Annotation) -> Annotation:
    """Return an annotation with what tasks show of it."""
    return {
        "title": annotation["value"], "color": "#b36d18", "rotation": 0, "keypoints": [],
        "attributes": [], "confidenceScore": -1, **annotation,
    }  # fmt: skip


def put_together(plan: dict[str, int], *annotations: Annotation) -> list[Annotation]:
    """Cut annotations, and return what integration makes of the pieces."""
    xs = _borders(plan["width"], plan["columns"])
    ys = _borders(plan["height"], plan["rows"])
    sizes = [(w, h) for h in ys for w in xs]
    parts = [
        Part([as_in_tasks(each) for each in tile], {"width": width, "height": height})
        for tile, (width, height) in zip(tiles(plan, *annotations), sizes, strict=True)
    ]
    return image.merged(Parts("a.jpg", parts, Grid(plan["columns"], plan["rows"])))


def _borders(size: int, count: int) -> list[int]:
    return [size // count + (number < size % count) for number in range(count)]


def area_of(annotation: Annotation) -> Any:
    shapes = [
        shapely.Polygon(_corners(outline), [_corners(hole) for hole in holes])
        for outline, *holes in SHAPES[annotation["type"]].rings(annotation)
    ]
    return shapely.union_all([shapely.make_valid(shape) for shape in shapes])


def _corners(ring: Any) -> list[tuple[float, float]]:
    return list(zip(ring[::2], ring[1::2], strict=True))


def placed(plan: dict[str, int], found: list[list[Annotation]]) -> list[Annotation]:
    """Return the pieces of all tiles where they lie in the whole."""
    lefts = [0, *itertools.accumulate(_borders(plan["width"], plan["columns"]))]
    tops = [0, *itertools.accumulate(_borders(plan["height"], plan["rows"]))]
    return [
        SHAPES[each["type"]].moved(
            each, lefts[number % plan["columns"]], tops[number // plan["columns"]]
        )
        for number, tile in enumerate(found)
        for each in tile
    ]


plans = st.builds(
    grid, st.integers(60, 500), st.integers(60, 500), st.integers(1, 4), st.integers(1, 4)
)
# Nine digits: GEOS gives no distance to a line so short that its length squared is 0.
coordinates = st.integers(-20, 520) | st.floats(-20, 520).map(lambda value: round(value, 9))


@st.composite
def boxes(draw: st.DrawFn) -> Annotation:
    x1, x2 = draw(coordinates), draw(coordinates)
    y1, y2 = draw(coordinates), draw(coordinates)
    return bbox(x1, y1, x2, y2)


@st.composite
def stars(draw: st.DrawFn) -> Annotation:
    """A polygon, convex or not, with any numbers or whole ones; parts may be off the image."""
    x, y = draw(st.floats(0, 400)), draw(st.floats(0, 400))
    radii = draw(st.lists(st.floats(2, 250), min_size=3, max_size=9))
    points: list[float] = []
    for index, radius in enumerate(radii):
        angle = 2 * math.pi * index / len(radii)
        points += [x + radius * math.cos(angle), y + radius * math.sin(angle)]
    if draw(st.booleans()):
        points = [round(number) for number in points]
    if draw(st.booleans()):
        points = [number for corner in reversed(_corners(points)) for number in corner]
    return polygon(*points)


@given(plans, boxes())
def test_a_box_comes_back_as_it_was(plan: dict[str, int], box: Annotation) -> None:
    [found] = put_together(plan, box)
    assert found["points"] == pytest.approx(
        list(geometry.bounds_xyxy(box["points"])), abs=1e-9
    ) or found["points"] == pytest.approx(box["points"], abs=1e-9)


@settings(max_examples=200)
@given(plans, stars())
def test_a_polygon_comes_back_as_it_was(plan: dict[str, int], star: Annotation) -> None:
    shape = shapely.Polygon(_corners(star["points"]))
    if not shape.is_valid or shape.area < 1:
        return
    found = put_together(plan, star)
    # Where hardly anything of it lies beyond a seam, that may touch in one point alone.
    if len(found) == 1:
        [one] = found
        assert area_of(one).symmetric_difference(shape).area < 1e-6
        assert shape.exterior.hausdorff_distance(area_of(one).exterior) < 1e-6
        turns = [geometry.signed_ring_area(each["points"]) > 0 for each in (one, star)]
        assert turns[0] == turns[1]
    else:
        pieces = shapely.union_all([area_of(each) for each in found])
        assert pieces.symmetric_difference(shape).area < 1e-6
        assert min(area_of(each).area for each in found) < 1


@given(plans, st.lists(stars(), min_size=1, max_size=3))
def test_pieces_of_areas_are_the_whole_area(plan: dict[str, int], found: list[Annotation]) -> None:
    regions = [[star["points"]] for star in found]
    if not all(shapely.Polygon(_corners(region[0])).is_valid for region in regions):
        return
    whole = {"type": "segmentation", "value": "cat", "points": regions}
    pieces = placed(plan, tiles(plan, whole))
    expected = area_of(whole)
    union = shapely.union_all([area_of(each) for each in pieces])
    assert union.symmetric_difference(expected).area < 1e-6
    assert all(each["value"] == "cat" for each in pieces)


@given(plans, st.lists(coordinates, min_size=4, max_size=16).filter(lambda one: len(one) % 2 == 0))
def test_pieces_of_a_line_are_the_whole_line(plan: dict[str, int], points: list[float]) -> None:
    line = {"type": "line", "value": "road", "points": points}
    pieces = placed(plan, tiles(plan, line))
    lengths = [shapely.LineString(_corners(each["points"])).length for each in pieces]
    whole = shapely.LineString(_corners(points))
    assert sum(lengths) == pytest.approx(whole.length, abs=1e-6)
    for each in pieces:
        for corner in _corners(each["points"]):
            assert whole.distance(shapely.Point(corner)) < 1e-6


@given(plans, st.lists(boxes() | stars(), max_size=4))
def test_no_piece_reaches_into_another_tile(
    plan: dict[str, int], annotations: list[Annotation]
) -> None:
    annotations = [each for each in annotations if SHAPES[each["type"]].area(each) > 1]
    widths = _borders(plan["width"], plan["columns"])
    heights = _borders(plan["height"], plan["rows"])
    for number, tile in enumerate(tiles(plan, *annotations)):
        row, column = divmod(number, plan["columns"])
        for each in tile:
            x1, y1, x2, y2 = SHAPES[each["type"]].bounds_xyxy(each)  # type: ignore[misc]
            assert x1 >= -1e-9 or column == 0
            assert y1 >= -1e-9 or row == 0
            assert x2 <= widths[column] + 1e-9 or column == plan["columns"] - 1
            assert y2 <= heights[row] + 1e-9 or row == plan["rows"] - 1


def test_a_box_on_four_tiles() -> None:
    found = tiles(grid(101, 100, 2, 2), bbox(40, 30, 70, 80, id="1", attributes=[{"key": "k"}]))
    assert [[each["points"] for each in tile] for tile in found] == [
        [[40, 30, 51, 50]], [[0, 30, 19, 50]], [[40, 0, 51, 30]], [[0, 0, 19, 30]],
    ]  # fmt: skip
    assert all(isinstance(one, int) for tile in found for each in tile for one in each["points"])
    assert found[0][0] == {
        "type": "bbox", "value": "cat", "points": [40, 30, 51, 50], "attributes": [{"key": "k"}],
    }  # fmt: skip


def test_a_box_that_ends_at_a_seam_is_in_one_tile() -> None:
    found = tiles(grid(100, 100, 2, 2), bbox(10, 10, 50, 50), bbox(50, 50, 60, 60))
    assert [[each["points"] for each in tile] for tile in found] == [
        [[10, 10, 50, 50]], [], [], [[0, 0, 10, 10]],
    ]  # fmt: skip


def test_what_was_drawn_beyond_the_image_stays_beyond_it() -> None:
    plan = grid(100, 100, 2, 1)
    found = tiles(plan, bbox(-10, -5, 120, 140))
    assert [tile[0]["points"] for tile in found] == [[-10, -5, 50, 140], [0, -5, 70, 140]]
    assert put_together(plan, bbox(-10, -5, 120, 140))[0]["points"] == [-10, -5, 120, 140]


@pytest.mark.parametrize(
    "annotation",
    [
        bbox(30, 40, 90, 60, rotation=30),
        bbox(10, 20, 90, 20),
        {"type": "circle", "value": "ball", "points": [55, 50, 30]},
        {"type": "keypoint", "value": "nose", "points": [75.5, 20]},
        polygon(10, 10, 80, 80, 45, 45),
    ],
    ids=["turned box", "flat box", "circle", "keypoint", "polygon without an area"],
)
def test_what_is_not_cut_is_in_the_tile_of_its_centre(annotation: Annotation) -> None:
    plan = grid(100, 100, 2, 2)
    found = tiles(plan, annotation)
    assert sum(map(len, found)) == 1
    x1, y1, x2, y2 = SHAPES[annotation["type"]].bounds_xyxy(annotation)  # type: ignore[misc]
    tile = ((x1 + x2) / 2 >= 50) + 2 * ((y1 + y2) / 2 >= 50)
    assert len(found[tile]) == 1
    [back] = put_together(plan, annotation)
    assert {key: back[key] for key in annotation} == annotation


def test_a_keypoint_on_a_seam_is_at_its_right_and_below() -> None:
    found = tiles(grid(100, 100, 2, 2), {"type": "keypoint", "value": "nose", "points": [50, 50]})
    assert [len(tile) for tile in found] == [0, 0, 0, 1]
    assert found[3][0]["points"] == [0, 0]


def test_the_keypoints_of_a_box_go_with_its_pieces() -> None:
    keypoints = [
        {"key": "left", "value": [20, 30, 1]},
        {"key": "right", "value": [80, 30, 0]},
        {"key": "outside", "value": [20, 90, 1]},
        {"key": "missing", "value": []},
    ]
    box = bbox(10, 10, 90, 40, keypoints=keypoints)
    plan = grid(100, 100, 2, 2)
    first, second = (tile[0]["keypoints"] for tile in tiles(plan, box)[:2])
    assert [each["value"] for each in first] == [[20, 30, 1], [], [20, 90, 1], []]
    assert [each["value"] for each in second] == [[], [30, 30, 0], [], []]
    [found] = put_together(plan, box)
    assert found["points"] == [10, 10, 90, 40]
    assert {each["key"]: each["value"] for each in found["keypoints"]} == {
        each["key"]: each["value"] for each in keypoints
    }


def test_a_pose_is_where_its_keypoints_are() -> None:
    pose = {
        "type": "pose_estimation",
        "value": "person",
        "keypoints": [
            {"key": "head", "value": [20, 30, 1]},
            {"key": "foot", "value": [20, 80, 1]},
            {"key": "hand", "value": None},
        ],
    }
    found = tiles(grid(100, 100, 2, 2), pose)
    assert [[[each["value"] for each in one["keypoints"]] for one in tile] for tile in found] == [
        [[[20, 30, 1], [], []]], [], [[[], [20, 30, 1], []]], [],
    ]  # fmt: skip
    unplaced = {**pose, "keypoints": [{"key": "head", "value": []}]}
    assert [len(tile) for tile in tiles(grid(100, 100, 2, 2), unplaced)] == [1, 0, 0, 0]


def test_a_ring_drawn_with_a_cut_keeps_its_hollow() -> None:
    ring = geometry.keyhole_ring(
        [[10, 10, 90, 10, 90, 90, 10, 90], [30, 30, 30, 70, 70, 70, 70, 30]]
    )[:-2]
    plan = grid(100, 100, 3, 1)
    pieces = placed(plan, tiles(plan, polygon(*ring)))
    union = shapely.union_all([area_of(each) for each in pieces])
    assert union.area == pytest.approx(80 * 80 - 40 * 40)
    [found] = put_together(plan, polygon(*ring))
    assert geometry.ring_area(found["points"]) == pytest.approx(80 * 80 - 40 * 40)


def test_a_hollow_in_one_tile_stays_a_hollow() -> None:
    regions = [[[10, 10, 90, 10, 90, 90, 10, 90], [20, 20, 20, 40, 40, 40, 40, 20]]]
    whole = {"type": "segmentation", "value": "lake", "points": regions}
    left, right = tiles(grid(100, 100, 2, 1), whole)
    [[outline, hollow]] = left[0]["points"]
    assert geometry.signed_ring_area(outline) == 40 * 80
    assert geometry.signed_ring_area(hollow) == -20 * 20
    assert len(right[0]["points"][0]) == 1


def test_a_classification_is_of_no_tile() -> None:
    whole = {"type": "classification", "value": "classification", "attributes": []}
    assert tiles(grid(100, 100, 2, 1), whole) == [[], []]


@pytest.mark.parametrize(
    ("kind", "annotation", "message"),
    [
        ("image", bbox(0), r"annotations\[1\]\.points: a bbox has 4 numbers, got 1"),
        ("image", {"type": "ner", "value": "x"}, r"annotations\[1\]\.type: images have no 'ner'"),
        ("video", bbox(1, 2, 3, 4), r"annotations\[1\]\.points: expected frames"),
        ("video", {"type": "cuboid", "value": "x"}, r"annotations\[1\]\.type: videos have no"),
        ("audio", bbox(1, 2, 3, 4), r"annotations\[1\]\.type: recordings have segmentation"),
        (
            "audio",
            {"type": "segmentation", "value": "x", "start": 2, "end": 1},
            r"annotations\[1\]\.end",
        ),
    ],
)
def test_what_has_not_the_geometry_of_its_type_is_refused(
    kind: str, annotation: Annotation, message: str
) -> None:
    plan = {
        "image": grid(100, 100, 2, 1),
        "video": {"frames": [5, 5]},
        "audio": {"rate": 10, "begins": [0, 10, 20]},
    }[kind]
    fine = {"type": "classification", "value": "classification"}
    with pytest.raises(ShapeError, match=message):
        CUTS[kind]([fine, annotation], plan)


def frame(x: float, *, autogenerated: bool = False) -> dict[str, Any]:
    return {"value": [x, 10, x + 40, 50], "autogenerated": autogenerated}


@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=5),
    st.sets(st.integers(1, 70), min_size=1),
)
def test_frames_come_back_under_their_numbers(counts: list[int], seen: set[int]) -> None:
    points = {str(number): frame(number, autogenerated=number % 2 == 0) for number in sorted(seen)}
    track = {"type": "bbox", "value": "cat", "points": points, "id": "1"}
    found = CUTS["video"]([track], {"frames": counts})
    media = [{"frameCount": count, "width": 640, "height": 480} for count in counts]
    parts = [
        Part([as_in_tasks(each) for each in annotations], measures)
        for annotations, measures in zip(found, media, strict=True)
    ]
    for part, count in zip(found[:-1], counts, strict=False):
        assert all(1 <= int(number) <= count for each in part for number in each["points"])
    merged = video.merged(Parts("a.mp4", parts))
    together = {number: state for each in merged for number, state in each["points"].items()}
    assert together == points
    ends = set(itertools.accumulate(counts))
    gaps = [end for end in ends if min(seen) <= end < max(seen) and not {end, end + 1} <= seen]
    if not gaps:
        assert len(merged) == 1


spans = st.tuples(st.floats(0, 25), st.floats(0, 25)).map(sorted)


@given(st.lists(st.integers(1, 100), min_size=1, max_size=5), spans)
def test_a_span_comes_back_as_it_was(samples: list[int], span: list[float]) -> None:
    rate = 10
    begins = [0, *itertools.accumulate(samples)]
    whole = {"type": "segmentation", "value": "word", "start": span[0], "end": span[1]}
    found = CUTS["audio"]([whole], {"rate": rate, "begins": begins})
    parts = [
        Part([as_in_tasks(each) for each in annotations], {"duration": count / rate})
        for annotations, count in zip(found, samples, strict=True)
    ]
    merged = audio.merged(Parts("a.wav", parts))
    assert min(each["start"] for each in merged) == pytest.approx(span[0])
    assert max(each["end"] for each in merged) == pytest.approx(span[1])
    assert len(merged) == 1
    for part in parts[:-1]:
        for each in part.annotations:
            assert 0 <= each["start"] <= each["end"] <= part.media["duration"] + 1e-9
