"""Masks: their regions, the pixels of annotations, and run-length encoding."""

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco_mask

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.masks import (
    mask_image_pixels,
    mask_of,
    mask_of_rle,
    regions_of_mask,
    regions_of_rle,
    rle_of_mask,
)
from fastlabel.shapes import ShapeError
from fastlabel.utils import mask_to_segmentation
from fastlabel.utils.mask_image_util import mask_to_polygon
from formats.samples import annotation

masks = arrays(bool, st.tuples(st.integers(1, 14), st.integers(1, 14)))


def picture(*rows):
    """Return a mask from rows of text, in which a dot is the background."""
    return np.array([[character != "." for character in row] for row in rows])


def filled(regions, shape_hw):
    if not regions:
        return np.zeros(shape_hw, bool)
    return mask_of(annotation("segmentation", regions), shape_hw)


def square(size, *holes_xyxy):
    mask = np.zeros((size, size), np.uint8)
    mask[1:-1, 1:-1] = 255
    for x1, y1, x2, y2 in holes_xyxy:
        mask[y1:y2, x1:x2] = 0
    return mask


@pytest.mark.parametrize("compat", [None, "official"])
def test_the_check_values_of_the_official_client(compat):
    box = np.zeros((6, 8))
    box[1:3, 2:5] = 1
    pixel = np.zeros((6, 8))
    pixel[4, 3] = 0.5
    holed = square(11, (4, 4, 7, 7))
    found = [regions_of_mask(mask, compat=compat) for mask in (box, pixel, holed)]
    assert found == [
        [[[5, 1, 5, 3, 2, 3, 2, 1, 5, 1]]],
        [[[3, 4, 4, 4, 4, 5, 3, 5, 3, 4]]],
        [
            [
                [10, 1, 10, 10, 1, 10, 1, 1, 10, 1],
                [4, 6, 4, 7, 7, 7, 7, 4, 6, 4, 4, 4, 4, 6],
            ]
        ],
    ]
    assert regions_of_mask(np.zeros((3, 4)), compat=compat) == []


ISLANDS = picture(
    "#############",
    "#...........#",
    "#.#####.###.#",
    "#.#...#.#.#.#",
    "#.#.#.#.###.#",
    "#.#...#.....#",
    "#.#####.....#",
    "#...........#",
    "#############",
)


def test_islands_in_a_hollow_are_regions_of_their_own_at_any_depth():
    regions = regions_of_mask(ISLANDS)
    assert sorted(map(len, regions)) == [1, 2, 2, 2]
    assert np.array_equal(filled(regions, ISLANDS.shape), ISLANDS)


def test_the_official_client_puts_sibling_islands_into_one_region_and_loses_what_is_in_them():
    regions = regions_of_mask(ISLANDS, compat="official")
    assert [len(region) for region in regions] == [2, 2]


@settings(max_examples=150)
@given(mask=masks)
@example(mask=picture("#.#", ".#.", "#.#"))
@example(mask=picture(".#.", "#.#", ".#."))
@example(mask=picture("####", "#.##", "##.#", "####"))
def test_the_regions_of_a_mask_fill_it_again(mask):
    before = mask.copy()
    regions = regions_of_mask(mask)
    assert np.array_equal(mask, before)
    assert np.array_equal(filled(regions, mask.shape), mask)
    for region in regions:
        for number, ring in enumerate(region):
            points = np.array(ring).reshape(-1, 2)
            assert ring[:2] == ring[-2:]
            assert (np.diff(points, axis=0) == 0).any(axis=1).all(), "only along pixel borders"
            x, y = points[:-1, 0], points[:-1, 1]
            doubled_area = np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)
            assert (doubled_area > 0) == (number == 0), "outlines clockwise, hollows against it"


@settings(max_examples=80)
@given(mask=masks)
def test_there_are_as_many_regions_as_opencv_counts_components(mask):
    count, _ = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    assert len(regions_of_mask(mask)) == count - 1


@settings(max_examples=80)
@given(mask=masks)
def test_run_length_encoding_is_that_of_pycocotools(mask):
    theirs = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    ours = rle_of_mask(mask)
    assert ours == {"size": theirs["size"], "counts": theirs["counts"].decode()}
    assert np.array_equal(mask_of_rle(ours, ""), mask)
    counts = rle_of_mask(mask, compressed=False)
    assert coco_mask.frPyObjects(counts, *counts["size"]) == theirs
    assert np.array_equal(mask_of_rle(counts, ""), mask)


def test_long_runs_are_encoded_as_pycocotools_does():
    mask = np.zeros((700, 900), np.uint8)
    mask[10:690, 30:40] = mask[:, 500:800] = mask[699, 850] = 1
    theirs = coco_mask.encode(np.asfortranarray(mask))
    assert rle_of_mask(mask)["counts"] == theirs["counts"].decode()
    assert np.array_equal(mask_of_rle(theirs, ""), mask)


def test_an_rle_gives_regions():
    # 3 rows of 4, column by column: 4 of the background, 2 of the object, 6 of the background.
    assert regions_of_rle({"size": [3, 4], "counts": [4, 2, 6]}, "") == [
        [[1, 1, 2, 1, 2, 3, 1, 3, 1, 1]]
    ]


@pytest.mark.parametrize(
    ("rle", "message"),
    [
        ({"counts": "0"}, r"a\.size: expected \[height, width\], got None"),
        ({"size": [3], "counts": "0"}, r"a\.size: expected \[height, width\]"),
        ({"size": [3, -1], "counts": [1]}, r"a\.size\[1\]: .*-1"),
        ({"size": [10**6, 10**6], "counts": [10**12]}, r"a\.size: a mask has up to"),
        ({"size": [3, 4]}, r"a\.counts: expected a text or a list, got None"),
        ({"size": [3, 4], "counts": [4, 2, 5]}, r"a\.counts: expected 12 pixels .* got 11"),
        ({"size": [3, 4], "counts": [4, 2.5, 6]}, r"a\.counts\[1\]: .*2\.5"),
        ({"size": [3, 4], "counts": [14, -2]}, r"a\.counts\[1\]: .*-2"),
        ({"size": [3, 4], "counts": "4 6"}, r"a\.counts\[1\]: ' ' is none"),
        ({"size": [3, 4], "counts": "42T"}, r"a\.counts: ends within a number"),
        ({"size": [3, 4], "counts": "o" * 20}, r"a\.counts\[\d+\]: a run that is longer"),
        ({"size": [3, 4], "counts": "42猫"}, r"a\.counts\[2\]: '猫' is none"),
    ],
)
def test_a_malformed_rle_is_refused_by_name(rle, message):
    with pytest.raises(ShapeError, match=message):
        mask_of_rle(rle, "a")


def fills(kind, points, size_wh=(12, 8), **more):
    """Return the pixels of an annotation as a set of (x, y)."""
    width, height = size_wh
    mask = mask_of(annotation(kind, points, **more), (height, width))
    return {(int(x), int(y)) for y, x in np.argwhere(mask)}


def block(x1, y1, x2, y2):
    """Return the pixels from (x1, y1) to (x2, y2), both of them included."""
    return {(x, y) for x in range(x1, x2 + 1) for y in range(y1, y2 + 1)}


def test_the_corners_of_a_box_are_truncated_and_may_be_swapped():
    assert fills("bbox", [1.9, 1.2, 5.7, 4.9]) == block(1, 1, 4, 3)
    assert fills("bbox", [8, 6, 4, 3]) == block(4, 3, 7, 5)


def test_hollows_are_left_out():
    outline = [1, 1, 8, 1, 8, 7, 1, 7, 1, 1]
    hollow = [3, 3, 3, 5, 5, 5, 5, 3, 3, 3]
    assert fills("segmentation", [[outline, hollow]]) == block(1, 1, 7, 6) - block(3, 3, 4, 4)


def test_a_hollow_does_not_erase_another_region():
    outline = [0, 0, 9, 0, 9, 7, 0, 7, 0, 0]
    hollow = [2, 2, 2, 5, 7, 5, 7, 2, 2, 2]
    island = [3, 3, 5, 3, 5, 4, 3, 4, 3, 3]
    expected = block(0, 0, 8, 6) - block(2, 2, 6, 4) | block(3, 3, 4, 3)
    assert fills("segmentation", [[outline, hollow], [island]]) == expected
    assert fills("segmentation", [[island], [outline, hollow]]) == expected


SQUARE = [(2, 1), (7, 1), (7, 5), (2, 5)]


@pytest.mark.parametrize("begin", range(4))
@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("closed", [False, True])
def test_an_upright_outline_is_filled_exactly_from_any_corner_and_either_way(begin, turn, closed):
    points = [*SQUARE[begin:], *SQUARE[:begin]][::turn]
    ring = [number for point in points + points[: int(closed)] for number in point]
    assert fills("polygon", ring) == block(2, 1, 6, 4)
    assert fills("segmentation", [[ring]]) == block(2, 1, 6, 4)


def test_an_outline_without_area_fills_nothing():
    assert fills("polygon", [0, 0, 5, 0, 5, 5, 5, 0]) == set()
    assert fills("polygon", [1, 1, 6, 1, 3, 1, 2, 1]) == set()


def test_a_slanting_polygon_is_the_same_either_way():
    ring = [2, 1, 30, 6, 25, 33, 8, 25]
    back = [8, 25, 25, 33, 30, 6, 2, 1]
    assert fills("polygon", ring, (40, 40)) == fills("polygon", back, (40, 40))


def test_a_rotated_box_is_filled_as_it_is_drawn():
    assert fills("bbox", [2, 3, 8, 5], rotation=90) == block(4, 1, 5, 6)
    assert fills("bbox", [2, 3, 8, 5], rotation=180) == block(2, 3, 7, 4)
    slanting = fills("bbox", [20, 30, 60, 50], (80, 80), rotation=45)
    distances = {
        (x, y): (abs(x + 0.5 - 40 + y + 0.5 - 40) / 2**0.5, abs(y - 40 - (x - 40)) / 2**0.5)
        for x, y in block(0, 0, 79, 79)
    }
    for pixel, (along, across) in distances.items():
        if along < 18 and across < 8:
            assert pixel in slanting
        if along > 22 or across > 12:
            assert pixel not in slanting


@settings(max_examples=50)
@given(
    points=st.lists(
        st.floats(-1e12, 1e12) | st.integers(-20, 60) | st.floats(-20, 60), min_size=6, max_size=12
    ).filter(lambda numbers: len(numbers) % 2 == 0)
)
def test_any_polygon_stays_in_its_bounds(points):
    xs, ys = np.array(points[0::2]), np.array(points[1::2])
    for x, y in fills("polygon", points, (40, 30)):
        assert np.trunc(xs.min()) - 2 <= x <= np.trunc(xs.max()) + 1
        assert np.trunc(ys.min()) - 2 <= y <= np.trunc(ys.max()) + 1


def test_an_annotation_outside_of_the_image_or_without_a_pixel_fills_none():
    assert fills("bbox", [20, 20, 30, 30]) == set()
    assert fills("bbox", [-9, -9, -1, -1]) == set()
    assert fills("bbox", [3.1, 3, 3.9, 6]) == set()
    assert fills("bbox", [-5, -5, 100, 2]) == block(0, 0, 11, 1)


def test_masks_are_read_from_files(tmp_path):
    path = tmp_path / "猫.png"
    path.write_bytes(cv2.imencode(".png", square(11))[1].tobytes())
    assert np.array_equal(mask_image_pixels(path), square(11))
    assert np.array_equal(mask_image_pixels(str(path)), square(11))
    (tmp_path / "text.png").write_text("no image")
    for name, message in (("none.png", "cannot be read"), ("text.png", "no image")):
        with pytest.raises(FastLabelInvalidException, match=message):
            mask_image_pixels(tmp_path / name)
    with pytest.raises(FastLabelInvalidException, match=r"\(4, 4, 3\)"):
        mask_image_pixels(np.zeros((4, 4, 3)))


def test_the_names_of_the_older_client():
    holed = square(11, (4, 4, 7, 7))
    # As regions_of_mask, but the hollow's slanting corners are no stairs.
    [[outline, hollow]] = mask_to_segmentation(holed)
    assert outline == [10, 1, 10, 10, 1, 10, 1, 1, 10, 1]
    assert np.array_equal(filled([[outline, hollow]], holed.shape), holed > 0)
    assert sorted(zip(*[iter(mask_to_polygon(holed))] * 2, strict=True)) == [
        (1, 1), (1, 9), (9, 1), (9, 9),
    ]  # fmt: skip
    assert mask_to_polygon(np.zeros((4, 4))) == []
