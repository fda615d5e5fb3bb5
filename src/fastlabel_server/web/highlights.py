"""A text with its spans marked, as HTML: overlapping ones are underlined at several heights."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from fastlabel_server.web.drawing import Numbered

LEVELS = 6
"""Spans over one character that are marked; the style sheet knows so many heights."""


@dataclass(frozen=True)
class Mark:
    """A span that is marked: `start` and `end` count code points of the text that is shown."""

    number: int
    title: str
    color: int
    """Index among the colours of the page."""
    start: int
    end: int
    is_begun: bool
    """The span begins here, not on an earlier page."""
    is_ended: bool
    level: int = 0


def marks_of(
    spans: Sequence[Numbered], first: int, last: int, colors: Mapping[str, int]
) -> tuple[list[Mark], int]:
    """Return the marks of the spans within a part of a text, and how many there is no room for.

    Args:
        first: offset of the part's first character in the text, from 0.
        last: offset behind its last one.
        colors: what each colour is called.
    """
    marks: list[Mark] = []
    ends = [first] * LEVELS
    left_out = 0
    for number, span in sorted(spans, key=lambda pair: (pair[1]["start"], -pair[1]["end"])):
        start, end = max(span["start"], first), min(span["end"], last)
        level = next((level for level, end in enumerate(ends) if end <= start), None)
        if level is None:
            left_out += 1
            continue
        ends[level] = end
        marks.append(Mark(
            number, span["title"], colors[span["color"]], start - first, end - first,
            span["start"] >= first, span["end"] <= last, level,
        ))  # fmt: skip
    return marks, left_out


def marked(text: str, marks: Sequence[Mark]) -> Markup:
    """Return the text with its marks; each span's title stands behind its end.

    A span stays one element where it contains or is contained by others; where two cross, the
    later one is taken up again behind the end of the earlier one.
    """
    return Markup("").join(_pieces(text, marks))


def _pieces(text: str, marks: Sequence[Mark]) -> Iterator[Markup]:
    starting: defaultdict[int, list[Mark]] = defaultdict(list)
    for mark in marks:
        starting[mark.start].append(mark)
    borders = sorted({0, len(text), *starting, *(mark.end for mark in marks)})
    open_marks: list[Mark] = []
    for border, following in zip(borders, [*borders[1:], len(text)], strict=True):
        ended = [mark for mark in open_marks if mark.end == border]
        if ended:
            yield from _close(open_marks, ended)
        for mark in sorted(starting[border], key=lambda mark: (-mark.end, mark.number)):
            yield _opened(mark, is_first=True)
            if mark.end == border:
                yield Markup("</mark>") + _title(mark)
            else:
                open_marks.append(mark)
        yield escape(text[border:following])


def _close(open_marks: list[Mark], ended: Sequence[Mark]) -> Iterator[Markup]:
    """Close the marks that end here, and for a moment those inside of them."""
    outermost = min(map(open_marks.index, ended))
    interrupted = open_marks[outermost:]
    del open_marks[outermost:]
    yield Markup("</mark>") * len(interrupted)
    for mark in ended:
        yield _title(mark)
    for mark in sorted(interrupted, key=lambda mark: -mark.end):
        if mark not in ended:
            yield _opened(mark, is_first=False)
            open_marks.append(mark)


def _opened(mark: Mark, *, is_first: bool) -> Markup:
    anchor = Markup(' id="shape-{}"').format(mark.number) if is_first else ""
    return Markup('<mark{} class="color-{} level-{}" title="{} {}">').format(
        anchor, mark.color, mark.level, mark.number, mark.title
    )


def _title(mark: Mark) -> Markup:
    if not mark.is_ended:
        return Markup("")
    return Markup('<a class="span-title color-{}" href="#annotation-{}">{}</a>').format(
        mark.color, mark.number, mark.title
    )
