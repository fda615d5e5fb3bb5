"""Spans of a text as HTML: every character stays, and every mark encloses its own."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from fastlabel_server.web.highlights import LEVELS, marked, marks_of

texts = st.text(alphabet="ab <&>\n\r😀é漢\u200d", max_size=40)


def span(start, end, title="T"):
    return {"start": start, "end": end, "title": title, "color": "#000000"}


class Marks(HTMLParser):
    """The characters of a text, and those that each mark encloses, by its number."""

    def __init__(self, html):
        super().__init__()
        self.text, self.enclosed, self._open, self._in_title = "", {}, [], False
        self.feed(str(html))
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attributes):
        if tag == "a":
            self._in_title = True
        else:
            number = int(dict(attributes)["title"].split()[0])
            self._open.append(number)
            self.enclosed.setdefault(number, [])

    def handle_endtag(self, tag):
        if tag == "a":
            self._in_title = False
        else:
            self._open.pop()

    def handle_data(self, data):
        if self._in_title:
            return
        for letter in data:
            for number in self._open:
                self.enclosed[number].append(len(self.text))
            self.text += letter


@settings(max_examples=100)
@given(text=texts, data=st.data())
def test_marks_enclose_the_characters_of_their_spans(text, data):
    places = st.integers(0, len(text) + 2)
    pairs = data.draw(st.lists(st.tuples(places, places).map(sorted), max_size=9))
    spans = [(number, span(*pair)) for number, pair in enumerate(pairs, start=1)]
    inside = [(n, s) for n, s in spans if s["start"] <= len(text)]

    marks, left_out = marks_of(inside, 0, len(text), {"#000000": 0})
    found = Marks(marked(text, marks))

    assert found.text == text
    assert len(marks) + left_out == len(inside)
    for mark in marks:
        start, end = pairs[mark.number - 1]
        assert found.enclosed[mark.number] == list(range(start, min(end, len(text))))


def test_spans_over_one_character_lie_at_different_heights():
    spans = [(number, span(0, 5)) for number in range(1, LEVELS + 3)]

    marks, left_out = marks_of(spans, 0, 5, {"#000000": 0})

    assert sorted(mark.level for mark in marks) == list(range(LEVELS))
    assert left_out == 2


def test_a_span_within_another_stays_one_element_and_crossing_ones_go_on():
    nested, _ = marks_of([(1, span(0, 6)), (2, span(2, 4))], 0, 6, {"#000000": 0})
    crossing, _ = marks_of([(1, span(0, 4)), (2, span(2, 6))], 0, 6, {"#000000": 0})

    assert marked("abcdef", nested).count("<mark") == 2
    assert marked("abcdef", crossing).count("<mark") == 3
    assert marked("abcdef", crossing).count("id=") == 2


def test_a_span_of_two_pages_says_its_title_where_it_ends():
    first, _ = marks_of([(1, span(3, 8))], 0, 5, {"#000000": 0})
    second, _ = marks_of([(1, span(3, 8))], 5, 10, {"#000000": 0})

    assert "span-title" not in marked("abcde", first)
    assert "span-title" in marked("fghij", second)
