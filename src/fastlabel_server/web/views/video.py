"""Videos: the player, one frame with the objects in it, and all objects along the time line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastlabel_server.web import timeline
from fastlabel_server.web.drawing import NOTHING, Drawing, Numbered, at_frame, drawn
from fastlabel_server.web.files import File
from fastlabel_server.web.timeline import Line, Span
from fastlabel_server.web.views.base import Listed, Stage, Subject, View, anchors
from fastlabel_server.web.views.tracks import TRACK, frames, key_frames, track_span

KEYS = 24
"""Key frames that are offered."""


@dataclass(frozen=True)
class Player:
    """A video at one of its frames, and where else to go."""

    frame: int
    frames: int
    still_url: str
    drawing: Drawing
    earlier: str | None
    later: str | None
    keys: Sequence[tuple[int, str]]
    """Key frames around the one that is shown, with their links."""


def stage(subject: Subject) -> Stage:
    listed = Listed.of(subject.numbered(), subject.page)
    files = subject.files(limit=1)
    if not files or subject.kind.labels == "attributes":
        return Stage(listed, {"files": files, "player": None, "line": None})
    tracks = [pair for pair in listed.annotations if pair[1]["points"]]
    player = _player(subject, files[0], tracks)
    line = frame_line([track_span(*pair) for pair in tracks], player.frames, player.frame, TRACK)
    values = {"files": files, "player": player, "line": line}
    links = anchors((number for number, _ in tracks), TRACK) | anchors(player.drawing.numbers)
    return Stage(listed, values, links, player.frame)


def still_url(file: File, frame: int) -> str:
    """Return the address of a video that a browser opens at a frame.

    In the middle of it, so that rounding cannot lead to the one before. The part after `#`
    stays in the browser: https://www.w3.org/TR/media-frags/#naming-time
    """
    fps = file.media.get("fps")
    return f"{file.url}#t={(frame - 0.5) / fps:.4f}" if fps else file.url


def frame_line(
    spans: Sequence[Span], length: int, frame: int | None = None, anchor: str = "shape"
) -> Line:
    """Return a time line of frames; one of them may be the one that is shown."""
    ticks = [f"frame {max(1, round(tick)):,}" for tick in timeline.ticks(length)]
    now = None if frame is None else frame - 0.5
    return Line(timeline.rows(spans, length, now, anchor), ticks)


def _player(subject: Subject, file: File, tracks: Sequence[Numbered]) -> Player:
    used = sorted({frame for _, track in tracks for frame in frames(track)})
    keys = {frame for _, track in tracks for frame in key_frames(track)}
    total = file.media.get("frameCount") or (used[-1] if used else 1)
    frame = min(subject.at or (used[0] if used else 1), total)

    def link(frame: int) -> str:
        return subject.link(at=frame, **({"labels": subject.page} if subject.page > 1 else {}))

    near = sorted(sorted(keys, key=lambda key: abs(key - frame))[:KEYS])
    return Player(
        frame,
        total,
        still_url(file, frame),
        drawn(at_frame(tracks, frame)) if file.size_wh else NOTHING,
        link(frame - 1) if frame > 1 else None,
        link(frame + 1) if frame < total else None,
        [(key, link(key)) for key in near],
    )


VIEW = View("views/video.html", stage)
