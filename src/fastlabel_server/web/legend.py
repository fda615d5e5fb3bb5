"""The list of annotations beside a task: by class, each in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from fastlabel.modalities import TaskKind
from fastlabel_server.web import words
from fastlabel_server.web.drawing import Annotation, Numbered
from fastlabel_server.web.pages import answer
from fastlabel_server.web.views.base import Stage

ANSWER = 200
"""Characters of an attribute's value; the API has the others."""


@dataclass(frozen=True)
class Entry:
    """One annotation: `href` leads to where it is seen on the page, if it is."""

    number: int
    href: str | None
    lines: Sequence[str]
    attributes: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Group:
    """The annotations of one class."""

    title: str
    type: str
    color: str
    entries: Sequence[Entry]


def legend(kind: TaskKind, stage: Stage) -> list[Group]:
    """Return the listed annotations of a stage by class, in the order of the classes' titles."""

    def class_of(numbered: Numbered) -> tuple[str, str]:
        return numbered[1]["title"], numbered[1]["value"]

    groups = []
    for _, found in groupby(sorted(stage.listed.annotations, key=class_of), key=class_of):
        same = list(found)
        first = same[0][1]
        entries = [_entry(kind, stage, number, annotation) for number, annotation in same]
        groups.append(Group(first["title"], first["type"], first["color"], entries))
    return groups


def _entry(kind: TaskKind, stage: Stage, number: int, annotation: Annotation) -> Entry:
    lines = [words.geometry(kind, annotation)]
    if stage.frame is not None:
        lines.append(words.at_frame(kind, annotation, stage.frame))
    if kind.place is not None and not kind.place.required and annotation.get(kind.place.field):
        lines.append(f"in {annotation[kind.place.field]}")
    attributes = [
        (given["name"], words.cut(answer(given["value"]), ANSWER))
        for given in annotation["attributes"]
    ]
    score: Any = annotation["confidenceScore"]
    if score >= 0:
        attributes.append(("Confidence", f"{100 * score:.0f}%"))
    return Entry(number, stage.links.get(number), [line for line in lines if line], attributes)
