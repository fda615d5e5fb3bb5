"""Documents: their text with the entities marked, or the text alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from fastlabel_server.files import service as files
from fastlabel_server.media.text import decoded
from fastlabel_server.urls import FILE
from fastlabel_server.web.drawing import Annotation
from fastlabel_server.web.files import File
from fastlabel_server.web.highlights import marked, marks_of
from fastlabel_server.web.views.base import Listed, Stage, Subject, View, anchors

PAGE = 20_000
"""Characters a page, about: pages end with a line."""


@dataclass(frozen=True)
class Document:
    """A part of a text, and where the others are."""

    html: Markup
    first: int
    last: int
    total: int
    left_out: int
    earlier: str | None
    later: str | None


def stage(subject: Subject) -> Stage:
    found = subject.files(limit=1)
    if not found:
        return Stage(Listed.of(subject.numbered(), subject.page), {"document": None})
    text = read(subject, found[0])
    borders = pages(text)
    at = min(subject.at or 1, len(borders) - 1)
    first, last = borders[at - 1], borders[at]
    spans = [pair for pair in subject.numbered() if _touches(pair[1], first, last, len(text))]
    listed = Listed.of(spans, subject.page, "in this part" if len(borders) > 2 else "")
    colors = list(dict.fromkeys(span["color"] for _, span in listed.annotations))
    numbers = {color: index for index, color in enumerate(colors)}
    marks, left_out = marks_of(listed.annotations, first, last, numbers)
    document = Document(
        marked(text[first:last], marks),
        first,
        last,
        len(text),
        left_out,
        subject.link(at=at - 1) if at > 1 else None,
        subject.link(at=at + 1) if last < len(text) else None,
    )
    return Stage(
        listed, {"document": document}, anchors(mark.number for mark in marks), colors=colors
    )


def read(subject: Subject, file: File) -> str:
    """Return the text of a document."""
    call = subject.call
    stored = files.find(call.session, call.services.storage, FILE, file.id)
    return decoded(b"".join(stored.stream(0, stored.size)), file.name)[0]


def pages(text: str) -> Sequence[int]:
    """Return where the pages of a text begin, and its end."""
    borders = [0]
    while len(text) - borders[-1] > PAGE:
        border = borders[-1] + PAGE
        line_end = text.rfind("\n", border - PAGE // 4, border)
        borders.append(border if line_end < 0 else line_end + 1)
    return [*borders, len(text)]


def _touches(span: Annotation, first: int, last: int, total: int) -> bool:
    """Tell whether a span lies in a part; one behind the end of the text lies in the last."""
    start, end = min(span["start"], total), min(span["end"], total)
    return (start < last or last == total) and (end > first or start == end == first)


VIEW = View("views/text.html", stage)
