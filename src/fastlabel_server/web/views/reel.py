"""Files one at a time: the one that was asked for large, the others small beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from fastlabel_server.web.drawing import NOTHING, Drawing, Numbered
from fastlabel_server.web.files import File
from fastlabel_server.web.views.base import FILES, Listed, Stage, Subject, anchors

SKETCHED = 200
"""Annotations on a small picture."""

Draw = Callable[[File, Sequence[Numbered]], Drawing]
"""Draws annotations over a file."""


@dataclass(frozen=True)
class Look:
    """How a modality shows a file of a reel."""

    draw: Draw
    sketch: Draw
    size_wh: Callable[[File], tuple[float, float] | None]
    """Width and height of what is drawn on."""
    picture: Callable[[File], str | None]
    """The address of the file as a picture, None where there is none (yet)."""
    noun: str = "picture"


@dataclass(frozen=True)
class Frame:
    """One file with what is drawn on it."""

    file: File
    picture: str | None
    size_wh: tuple[float, float] | None
    drawing: Drawing = NOTHING
    count: int = 0
    href: str = ""


@dataclass(frozen=True)
class Reel:
    """What the template shows: one frame, and a page of those around it."""

    at: int
    shown: Frame | None
    frames: Sequence[Frame]
    count: int
    noun: str
    earlier: str | None = None
    later: str | None = None
    labelled: Sequence[tuple[int, str]] = field(default_factory=tuple)
    """The first files that have annotations, with their links."""


def stage(
    subject: Subject,
    look: Look,
    on_file: Callable[[int], Sequence[Numbered]],
    labelled: Iterable[int],
    default: int,
) -> Stage:
    """Return the stage of a task of several files.

    Args:
        on_file: the annotations on the file of a number.
        labelled: the numbers of files that have annotations.
        default: the file that is shown where none was asked for.
    """
    total = subject.file_count
    at = min(subject.at or default, max(1, total))
    first = (at - 1) // FILES * FILES + 1
    files = subject.files(first)
    listed = Listed.of(on_file(at), subject.page, f"on {look.noun} {at:,}" if total > 1 else "")
    shown = None
    if files:
        file = files[at - first]
        drawing = look.draw(file, listed.annotations)
        shown = Frame(file, look.picture(file), look.size_wh(file), drawing, listed.total)
    reel = Reel(
        at,
        shown,
        [_small(subject, look, file, on_file(file.number)) for file in files if total > 1],
        total,
        look.noun,
        subject.link(at=first - FILES) if first > 1 else None,
        subject.link(at=first + FILES) if first + FILES <= total else None,
        [(number, subject.link(at=number)) for number in sorted(labelled)[:FILES]],
    )
    return Stage(
        listed, {"reel": reel, "line": None}, anchors(shown.drawing.numbers if shown else ())
    )


def _small(subject: Subject, look: Look, file: File, found: Sequence[Numbered]) -> Frame:
    return Frame(
        file,
        file.preview.url,
        look.size_wh(file),
        look.sketch(file, found[:SKETCHED]),
        len(found),
        subject.link(at=file.number),
    )
