import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastlabel import geometry

coordinate = st.integers(-1000, 1000)
triangle = st.lists(coordinate, min_size=6, max_size=6)
SQUARE = [0, 0, 10, 0, 10, 10, 0, 10]


def test_a_ring_clockwise_on_screen_has_a_positive_signed_area():
    assert geometry.signed_ring_area(SQUARE) == 100
    assert geometry.signed_ring_area([0, 0, 0, 10, 10, 10, 10, 0]) == -100


@given(triangle)
def test_the_area_of_a_triangle_is_half_the_cross_product_of_two_sides(ring):
    ax, ay, bx, by, cx, cy = ring
    assert geometry.ring_area(ring) == abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2


@given(st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=12))
def test_closing_a_ring_does_not_change_its_area(points):
    ring = [number for point in points for number in point]
    assert geometry.ring_area([*ring, *ring[:2]]) == geometry.ring_area(ring)


def test_holes_are_left_out_of_a_region():
    assert geometry.region_area([SQUARE, [1, 1, 1, 3, 3, 3, 3, 1], [5, 5, 6, 5, 6, 6]]) == 95.5


def test_a_hole_larger_than_its_outline_leaves_nothing():
    assert geometry.region_area([[1, 1, 2, 1, 2, 2, 1, 2], SQUARE]) == 0


def test_bounds_do_not_depend_on_the_order_of_the_points():
    assert geometry.bounds_xyxy([5, 2, -1, 9, 3, 3]) == (-1, 2, 5, 9)


def test_a_box_without_rotation_keeps_its_numbers():
    ring = geometry.box_ring([1, 2.5, 3, 4])
    assert ring == [1, 2.5, 3, 2.5, 3, 4, 1, 4]
    assert [type(number) for number in ring[:2]] == [int, float]


def test_a_quarter_turn_is_clockwise_on_screen_and_exact():
    # A wide box stands upright afterwards; its top left corner goes to the top right.
    assert geometry.box_ring([0, 0, 4, 2], 90) == [3, -1, 3, 3, 1, 3, 1, -1]


def test_an_eighth_turn_puts_the_top_left_corner_on_top():
    x, y = geometry.box_ring([-1, -1, 1, 1], 45)[:2]
    assert (x, y) == pytest.approx((0, -math.sqrt(2)))


@given(triangle, st.floats(-720, 720))
def test_rotating_keeps_the_area_and_turning_back_restores_the_ring(ring, angle_deg):
    turned = geometry.rotated(ring, angle_deg, (3, 4))
    assert geometry.ring_area(turned) == pytest.approx(geometry.ring_area(ring), abs=1e-6)
    assert geometry.rotated(turned, -angle_deg, (3, 4)) == pytest.approx(ring, abs=1e-8)


@pytest.mark.parametrize("radius", [0, 0.01, 0.06, 1, 30, 5000])
def test_a_circle_ring_stays_within_a_twentieth_of_a_pixel(radius):
    corners = geometry.ring_array(geometry.circle_ring(7, -3, radius)) - (7, -3)
    assert np.hypot(*corners.T) == pytest.approx(np.full(len(corners), radius))
    middles = (corners + np.roll(corners, 1, axis=0)) / 2
    assert (np.hypot(*middles.T) >= radius - 0.05 - 1e-9).all()


def test_a_keyhole_ring_goes_in_around_the_hole_and_back():
    region = [[0, 0, 9, 0, 9, 9, 0, 9], [1, 1, 1, 2, 2, 2]]
    assert geometry.keyhole_ring(region) == [
        *(0, 0),
        *(1, 1, 1, 2, 2, 2, 1, 1),
        *(0, 0, 9, 0, 9, 9, 0, 9),
        *(0, 0),
    ]


@pytest.mark.parametrize("hole_reversed", [False, True])
@pytest.mark.parametrize("closed", [False, True])
def test_a_keyhole_ring_has_the_area_less_all_holes(hole_reversed, closed):
    holes = [[1, 1, 1, 3, 3, 3, 3, 1], [5, 5, 5, 8, 8, 8, 8, 5], [1, 6, 1, 8, 2, 8]]
    if hole_reversed:
        holes = [[number for x, y in pairs(hole)[::-1] for number in (x, y)] for hole in holes]
    region = [SQUARE, *holes]
    if closed:
        region = [[*ring, *ring[:2]] for ring in region]
    ring = geometry.keyhole_ring(region)
    assert geometry.ring_area(ring) == 100 - 4 - 9 - 1
    assert ring[:2] == ring[-2:]


def test_a_ring_array_has_one_row_for_each_point():
    array = geometry.ring_array([1, 2, 3, 4.5])
    assert array.dtype == np.float64
    assert array.tolist() == [[1, 2], [3, 4.5]]


def pairs(ring):
    return list(zip(ring[0::2], ring[1::2], strict=True))
