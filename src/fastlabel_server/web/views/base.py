"""What a view is: how the tasks of one modality are shown on their page.

A view gets a `Subject` and returns a `Stage`. Pages stay small whatever a task holds: files come
in pages, and so do annotations, of which only those that lie in what is shown are listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from fastlabel.modalities import TaskKind
from fastlabel_server.calls import Call
from fastlabel_server.web.drawing import Annotation, Numbered
from fastlabel_server.web.files import File, count_files, files_of

FILES = 24
"""Files a page."""
LISTED = 1000
"""Annotations a page."""


@dataclass(frozen=True)
class Subject:
    """A task to be shown, and which part of it."""

    call: Call
    kind: TaskKind
    id: str
    annotations: Sequence[Annotation]
    at: int | None = None
    """The file, or the frame of a file, that was asked for, from 1."""
    page: int = 1
    """Of the annotations."""
    query: Mapping[str, int] = field(default_factory=dict)
    """What else the address of the page holds."""

    @cached_property
    def file_count(self) -> int:
        return count_files(self.call.session, self.id)

    def files(self, first: int = 1, limit: int = FILES) -> list[File]:
        return files_of(self.call, self.id, first, limit)

    def numbered(self) -> list[Numbered]:
        return list(enumerate(self.annotations, start=1))

    def link(self, **changes: int) -> str:
        """Return the address of the page with another file, frame or page of annotations.

        Where the file or frame changes, its annotations are shown from the first page on.
        """
        at = {} if self.at is None else {"at": self.at}
        return f"?{urlencode({**self.query, **at, **changes})}"


@dataclass(frozen=True)
class Listed:
    """The annotations beside a view: a page of those that lie in what is shown."""

    annotations: Sequence[Numbered]
    total: int
    """In what is shown."""
    page: int
    scope: str = ""
    """What that is, where it is not the whole task: `On this picture`."""

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // LISTED))

    @property
    def first(self) -> int:
        return (self.page - 1) * LISTED + 1

    @classmethod
    def of(cls, found: Sequence[Numbered], page: int, scope: str = "") -> Listed:
        start = (page - 1) * LISTED
        return cls(found[start : start + LISTED], len(found), page, scope)


@dataclass(frozen=True)
class Stage:
    """What a view shows."""

    listed: Listed
    values: Mapping[str, Any]
    """For the template."""
    links: Mapping[int, str] = field(default_factory=dict)
    """Where an annotation of the list is seen on the page, by its number."""
    frame: int | None = None
    """The frame that is shown, where annotations move."""
    colors: Sequence[str] = ()
    """Colours that the template refers to as the classes `color-0`, `color-1`, ..."""


@dataclass(frozen=True)
class View:
    """How a modality is shown: the template, and what goes into it."""

    template: str
    stage: Callable[[Subject], Stage]


def anchors(numbers: Iterable[int], name: str = "shape") -> dict[int, str]:
    """Return the links to annotations that are seen on the page as `NAME-NUMBER`."""
    return {number: f"#{name}-{number}" for number in numbers}
