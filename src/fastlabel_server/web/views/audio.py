"""Recordings: the player, the waveform, and the spans along it."""

from __future__ import annotations

from collections.abc import Sequence

from fastlabel_server.web import timeline, words
from fastlabel_server.web.drawing import Numbered
from fastlabel_server.web.timeline import Line, Span
from fastlabel_server.web.views.base import Listed, Stage, Subject, View, anchors


def stage(subject: Subject) -> Stage:
    listed = Listed.of(subject.numbered(), subject.page)
    files = subject.files()
    length = max((file.media.get("duration") or 0 for file in files), default=0)
    line = time_line(listed.annotations, length)
    return Stage(
        listed, {"files": files, "line": line}, anchors(number for number, _ in listed.annotations)
    )


def time_line(spans: Sequence[Numbered], length_s: float) -> Line:
    """Return the time line of spans of seconds; unknown length: up to the last one's end."""
    length_s = length_s or max((span["end"] for _, span in spans), default=0) or 1
    found = [
        Span(number, span, [(min(span["start"], length_s), min(span["end"], length_s))])
        for number, span in spans
    ]
    return Line(
        timeline.rows(found, length_s), [words.clock(time) for time in timeline.ticks(length_s)]
    )


VIEW = View("views/audio.html", stage)
