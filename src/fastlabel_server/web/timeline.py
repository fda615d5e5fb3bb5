"""Annotations along a time line: a row for each class, in it a lane for what overlaps.

Lanes are SVG that stretches to the width of the page, so times are given in thousandths of the
whole. What lies closer together than anybody could see is drawn as one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from fastlabel_server.web.drawing import Annotation

WIDTH = 1000
MOST_MARKS = 20_000
"""Bars and key frames on a page."""
LANE_PX = 16
MOST_PX = 320
"""Height of a row; where it has more lanes than fit, they get thinner."""


@dataclass(frozen=True)
class Span:
    """One annotation on the line: where it is there, and where a person set it."""

    number: int
    annotation: Annotation
    parts: Sequence[tuple[float, float]]
    """Start and end of each part, in order."""
    keys: Sequence[float] = ()


@dataclass(frozen=True)
class Row:
    """The annotations of one class."""

    title: str
    color: str
    count: int
    lanes: Markup
    """SVG of the size (WIDTH, lane_count)."""
    lane_count: int

    @property
    def height_px(self) -> int:
        return min(MOST_PX, self.lane_count * LANE_PX)


@dataclass(frozen=True)
class Line:
    """A time line: its rows, and what stands at five places under it."""

    rows: Sequence[Row]
    ticks: Sequence[str]


def rows(
    spans: Sequence[Span], length: float, now: float | None = None, anchor: str = "shape"
) -> list[Row]:
    """Return a row for each class, in the order in which they first appear.

    Args:
        length: of the whole line, in the unit of the spans; what lies beyond it is cut off.
        now: what is shown at the moment, if there is such a thing.
        anchor: of each annotation, before its number.
    """
    by_class: defaultdict[tuple[str, str], list[Span]] = defaultdict(list)
    for span in spans:
        by_class[span.annotation["title"], span.annotation["value"]].append(span)
    step = length / max(50, min(WIDTH, MOST_MARKS // max(1, len(spans))))
    found = []
    groups = sorted(by_class.items(), key=lambda item: (_start(item[1]), item[0]))
    for (title, _), group in groups:
        lanes = _lanes(group)
        drawn = [
            _span(span, lane, length, step, anchor)
            for lane, spans in enumerate(lanes)
            for span in spans
        ]
        if now is not None:
            drawn.append(
                Markup('<path class="now" d="M{:g} 0V{}"/>').format(
                    now * WIDTH / length, len(lanes)
                )
            )
        color = group[0].annotation["color"]
        found.append(Row(title, color, len(group), Markup("\n").join(drawn), len(lanes)))
    return found


def ticks(length: float) -> list[float]:
    """Return five moments from the beginning to the end of a line."""
    return [length * quarter / 4 for quarter in range(5)]


def _start(spans: Sequence[Span]) -> float:
    return min(span.parts[0][0] for span in spans)


def _lanes(spans: Iterable[Span]) -> list[list[Span]]:
    """Put each span into the first lane in which nothing is in its way."""
    lanes: list[list[Span]] = []
    ends: list[float] = []
    for span in sorted(spans, key=lambda span: (span.parts[0][0], span.number)):
        start, end = span.parts[0][0], span.parts[-1][1]
        lane = next((lane for lane, last in enumerate(ends) if last <= start), len(ends))
        if lane == len(ends):
            lanes.append([])
            ends.append(end)
        ends[lane] = end
        lanes[lane].append(span)
    return lanes


def _span(span: Span, lane: int, length: float, step: float, anchor: str) -> Markup:
    scale = WIDTH / length if length else 0
    bars = [
        Markup('<rect x="{:g}" y="{:g}" width="{:g}" height="0.8"/>').format(
            start * scale, lane + 0.1, max((end - start) * scale, 1)
        )
        for start, end in _merged(span.parts, step)
        if start <= length
    ]
    keys = [
        Markup('<path class="key" d="M{:g} {:g}h0"/>').format(key * scale, lane + 0.5)
        for key in _thinned(span.keys, step)
        if key <= length
    ]
    return Markup(
        '<a href="#annotation-{0}"><g id="{4}-{0}" class="span" color="{1}">'
        "<title>{0} {2}</title>{3}</g></a>"
    ).format(
        span.number,
        span.annotation["color"],
        span.annotation["title"],
        Markup("").join([*bars, *keys]),
        anchor,
    )


def _merged(parts: Sequence[tuple[float, float]], step: float) -> list[tuple[float, float]]:
    """Close gaps that are shorter than a step."""
    found = [parts[0]]
    for start, end in parts[1:]:
        if start - found[-1][1] < step:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _thinned(keys: Sequence[float], step: float) -> list[float]:
    """Leave out what follows less than a step after another."""
    kept: list[float] = []
    for key in keys:
        if not kept or key - kept[-1] >= step:
            kept.append(key)
    return kept
