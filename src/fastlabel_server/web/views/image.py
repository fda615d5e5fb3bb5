"""Pictures: one, a few side by side, or a sequence of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from fastlabel_server.tasks import queries
from fastlabel_server.web.drawing import Drawing, Numbered, drawn, sketched
from fastlabel_server.web.files import File
from fastlabel_server.web.views import reel
from fastlabel_server.web.views.base import Listed, Stage, Subject, View, anchors
from fastlabel_server.web.views.reel import Frame, Look

TEMPLATE = "views/pictures.html"


def stage(subject: Subject) -> Stage:
    if subject.kind.place is not None:
        return placed(subject, PICTURES)
    listed = Listed.of(subject.numbered(), subject.page)
    frames = [
        Frame(file, file.url, file.size_wh, drawn(listed.annotations)) for file in subject.files()
    ]
    drawn_numbers = {number for frame in frames for number in frame.drawing.numbers}
    return Stage(listed, {"frames": frames, "reel": None}, anchors(drawn_numbers))


def placed(subject: Subject, look: Look) -> Stage:
    """Return the stage of a task whose annotations name the file on which they lie."""
    place = subject.kind.place
    assert place is not None
    names = queries.places_of(subject.call.session, subject.id, place)
    numbers = {name: number for number, name in enumerate(names, start=1)}
    found: defaultdict[int, list[Numbered]] = defaultdict(list)
    for index, annotation in subject.numbered():
        # One whose file has been taken away since lies nowhere.
        if number := numbers.get(annotation.get(place.field, "")):
            found[number].append((index, annotation))
    default = {"first": 1, "middle": len(names) // 2 + 1}[subject.kind.poster]
    return reel.stage(subject, look, lambda number: found.get(number, []), found, default)


def _draw(file: File, annotations: Sequence[Numbered]) -> Drawing:
    return drawn(annotations)


def _sketch(file: File, annotations: Sequence[Numbered]) -> Drawing:
    return sketched(annotations)


PICTURES = Look(_draw, _sketch, lambda file: file.size_wh, lambda file: file.url)
VIEW = View(TEMPLATE, stage)
