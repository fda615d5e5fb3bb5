"""A robot's episode: its cameras, and its sub-tasks along the frames."""

from __future__ import annotations

from fastlabel_server.web.timeline import Span
from fastlabel_server.web.views.base import Listed, Stage, Subject, View, anchors
from fastlabel_server.web.views.video import frame_line


def stage(subject: Subject) -> Stage:
    listed = Listed.of(subject.numbered(), subject.page)
    files = subject.files()
    sub_tasks = [pair for pair in listed.annotations if "start" in pair[1]]
    counts = [file.media.get("frameCount") or 0 for file in files]
    last = max((sub_task["end"] for _, sub_task in sub_tasks), default=0)
    length = max([*counts, 0 if any(counts) else last, 1])
    spans = [
        Span(number, one, [(min(one["start"], length), min(one["end"], length))])
        for number, one in sub_tasks
    ]
    values = {"files": files, "line": frame_line(spans, length)}
    return Stage(listed, values, anchors(number for number, _ in sub_tasks))


VIEW = View("views/players.html", stage)
