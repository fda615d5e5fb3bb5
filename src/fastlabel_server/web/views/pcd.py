"""Point clouds: their picture from above, with the footprints of cuboids on it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from fastlabel.shapes import CUBOID, Framed
from fastlabel_server.media.base import THUMBNAIL_SIDE
from fastlabel_server.media.pcd import Plan
from fastlabel_server.web.drawing import Drawing, Numbered, at_frame, drawn, sketched
from fastlabel_server.web.files import File
from fastlabel_server.web.views import reel
from fastlabel_server.web.views.base import LISTED, Stage, Subject, View
from fastlabel_server.web.views.reel import Look
from fastlabel_server.web.views.tracks import TRACK, frames, track_span
from fastlabel_server.web.views.video import frame_line


def stage(subject: Subject) -> Stage:
    annotations = subject.numbered()
    if any(isinstance(shape, Framed) for shape in subject.kind.shapes.values()):
        return _moving(subject, annotations)
    return reel.stage(subject, STILL, lambda _: annotations, (), 1)


def _moving(subject: Subject, tracks: Sequence[Numbered]) -> Stage:
    used = {frame for _, track in tracks for frame in frames(track)}

    def on_file(number: int) -> list[Numbered]:
        return [pair for pair in tracks if str(number) in pair[1]["points"]]

    found = reel.stage(subject, MOVING, on_file, used, min(used, default=1))
    spans = [track_span(number, track) for number, track in tracks[:LISTED] if track["points"]]
    at = found.values["reel"].at
    line = frame_line(spans, subject.file_count, at, TRACK)
    return replace(found, values={**found.values, "line": line}, frame=at)


def footprints(file: File, annotations: Iterable[Numbered]) -> Iterator[Numbered]:
    """Yield cuboids as polygons in the picture from above, with a line from the middle to the
    front; what is no cuboid is left out.

    A cuboid's x axis is its front: https://en.wikipedia.org/wiki/Axes_conventions (body axes)
    """
    if not file.media.get("seen"):
        return
    plan = Plan.of(file.media["seen"])
    for number, annotation in annotations:
        if annotation["type"] != CUBOID.type:
            continue
        x, y, _, _, _, turn_rad, length, width, _ = annotation["points"]
        cos, sin = math.cos(turn_rad), math.sin(turn_rad)
        front, side = length / 2, width / 2
        ring = [
            (-front, -side), (-front, side), (front, side),
            (front, 0), (0, 0), (front, 0), (front, -side),
        ]  # fmt: skip
        points = []
        for ahead, left in ring:
            points += [
                round((x + ahead * cos - left * sin - plan.left) * plan.scale, 2),
                round((plan.top - y - ahead * sin - left * cos) * plan.scale, 2),
            ]
        yield number, {**annotation, "type": "polygon", "points": points}


def _size_wh(file: File) -> tuple[float, float] | None:
    return (THUMBNAIL_SIDE, THUMBNAIL_SIDE) if file.media.get("seen") else None


def _draw(file: File, annotations: Sequence[Numbered]) -> Drawing:
    return drawn(footprints(file, annotations))


def _sketch(file: File, annotations: Sequence[Numbered]) -> Drawing:
    return sketched(footprints(file, annotations))


def _draw_moving(file: File, annotations: Sequence[Numbered]) -> Drawing:
    return _draw(file, at_frame(annotations, file.number))


def _sketch_moving(file: File, annotations: Sequence[Numbered]) -> Drawing:
    return _sketch(file, at_frame(annotations, file.number))


STILL = Look(_draw, _sketch, _size_wh, lambda file: file.preview.url, noun="cloud")
MOVING = replace(STILL, draw=_draw_moving, sketch=_sketch_moving, noun="frame")
VIEW = View("views/cloud.html", stage)
