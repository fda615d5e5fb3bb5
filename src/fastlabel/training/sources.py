"""Where training takes its objects from, and which of them it wants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

PAGE: Final = 1000
"""Objects that are asked for at once."""


@dataclass(frozen=True)
class Selection:
    """Which objects are wanted; what is not given does not narrow."""

    types: Sequence[str] = ()
    """One of them."""
    tags: Sequence[str] = ()
    """All of them."""
    licenses: Sequence[str] = ()
    """All of them."""

    def takes(self, found: Mapping[str, Any]) -> bool:
        return (
            (not self.types or found["type"] in self.types)
            and set(self.tags) <= set(found["tags"])
            and set(self.licenses) <= set(found["licenses"])
        )


@dataclass(frozen=True)
class Example:
    """An object of a dataset, as the API returns it, and its place in the source."""

    position: int
    found: Mapping[str, Any]


class Listing(Protocol):
    """The objects of one revision, always the same ones in the same order.

    It travels to the processes of a loader.
    """

    @property
    def page_count(self) -> int:
        """Pages, each of up to `PAGE` objects."""

    def page(self, number: int) -> list[Example]:
        """Return one page; those behind the last object are empty."""

    def __iter__(self) -> Iterator[Example]:
        """Go through all objects, faster than page by page where that can be."""


class Files(Protocol):
    """The files of objects. It travels to the processes of a loader."""

    def described(self, example: Example) -> dict[str, Any]:
        """Return what `opened` needs to know of an object."""

    def opened(self, described: Mapping[str, Any]) -> AbstractContextManager[Path]:
        """Give the file of an object, which may be gone when the block ends.

        Raises:
            FastLabelException: it cannot be brought.
            FileNotFoundError: a folder does not have it.
        """

    @property
    def stay(self) -> bool:
        """Whether files are still there when the block has ended."""


@dataclass(frozen=True)
class Source:
    """A revision of a dataset, on a server or in a folder."""

    title: str
    """For messages."""
    revision_id: str | None
    """None where a folder does not say it."""
    listing: Listing
    files: Files
