"""Annotations along a time line: lanes, gaps that are seen, and no more marks than a page bears."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastlabel_server.web.timeline import MOST_MARKS, WIDTH, Span, rows


def span(number, *parts, keys=(), title="Cat"):
    return Span(number, {"title": title, "value": title, "color": "#b36d18"}, parts, keys)


def bars_of(row):
    """Return lane, start and end of each bar of a row, in thousandths."""
    svg = ElementTree.fromstring(f"<svg>{row.lanes}</svg>")
    return [
        (int(float(bar.get("y"))), float(bar.get("x")),
         float(bar.get("x")) + float(bar.get("width")))
        for bar in svg.iter("rect")
    ]  # fmt: skip


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 80), st.integers(2, 20)), min_size=1, max_size=12))
def test_spans_that_overlap_lie_in_different_lanes(pairs):
    spans = [span(n, (start, start + length)) for n, (start, length) in enumerate(pairs)]

    [row] = rows(spans, 100)

    bars = sorted(bars_of(row))
    assert len(bars) == len(pairs)
    for (lane, _, end), (next_lane, start, _) in pairwise(bars):
        assert lane != next_lane or end <= start + 1e-6
    deepest = max(sum(a <= t < a + b for a, b in pairs) for t in range(101))
    assert row.lane_count == deepest


def test_classes_come_in_the_order_in_which_they_appear():
    found = rows([span(1, (5, 6), title="Dog"), span(2, (1, 2), title="Eel")], 10)

    assert [(row.title, row.count) for row in found] == [("Eel", 1), ("Dog", 1)]


def test_what_was_set_by_hand_is_marked_and_gaps_are_left_open():
    [row] = rows([span(1, (0, 2), (5, 10), keys=[0.5, 9.5])], 10, now=5)

    assert bars_of(row) == [(0, 0, 200), (0, 500, 1000)]
    keys = ElementTree.fromstring(f"<svg>{row.lanes}</svg>").findall(".//path[@class='key']")
    assert [key.get("d") for key in keys] == ["M50 0.5h0", "M950 0.5h0"]
    assert 'd="M500 0V1"' in row.lanes


def test_a_span_beyond_the_end_is_cut_off_and_an_instant_is_still_seen():
    [row] = rows([span(1, (4, 4)), span(2, (12, 13))], 10)

    assert bars_of(row) == [(0, 400, 401)]


def test_flicker_is_drawn_as_one():
    parts = [(frame, frame + 1) for frame in range(0, 10_000, 2)]
    spans = [span(n, *parts, keys=range(10_000)) for n in range(20)]

    found = rows(spans, 10_000)

    marks = sum(row.lanes.count("<rect") + row.lanes.count("<path") for row in found)
    assert marks <= MOST_MARKS * 1.1
    assert bars_of(found[0])[0][2] == pytest.approx(WIDTH, abs=1)
