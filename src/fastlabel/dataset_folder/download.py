"""Objects of a dataset as files, in the documented layout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fastlabel.dataset_folder import listing
from fastlabel.dataset_folder.bringing import (
    NO_MORE,
    Carrier,
    Outcome,
    Wanted,
    carrier,
    part_name,
)
from fastlabel.dataset_folder.places import LISTING, Places
from fastlabel.exceptions import FastLabelException
from fastlabel.exchange import Request
from fastlabel.paging import Paging
from fastlabel.sending import bar
from fastlabel.steps import Fetch, Steps, blocking
from fastlabel.types import DatasetObject

PAGE: Final = 1000
NAMED: Final = 10
"""Failures that a message tells of."""


@dataclass(frozen=True)
class Selection:
    """Which objects are wanted."""

    dataset: str
    filters: Mapping[str, Any]
    """As the API names them; None does not narrow."""
    offset: int
    limit: int | None
    """None: all."""


@dataclass
class Download:
    """One download under way."""

    places: Places
    types: Sequence[str] | None
    failures: dict[str, str] = field(default_factory=dict)
    """Why, by name of the object."""
    advance: Any = lambda by=1: None

    def place_of(self, found: DatasetObject) -> Path:
        """Return where the file of an object is to lie.

        Raises:
            FastLabelInvalidException: the name leads nowhere below the folder.
        """
        path = self.places.path_of(found["name"])
        return path if self.types is None else self.places.root / found["type"] / found["name"]

    def bring(self, over: Carrier, page: Sequence[DatasetObject]) -> list[str]:
        """Bring the files of objects; return the names of those whose URLs have expired."""
        expired: list[str] = []

        def wanted() -> Iterator[Wanted]:
            for found in page:
                name = found["name"]
                try:
                    path = self.place_of(found)
                except FastLabelException as error:
                    self.failures[name] = error.message
                    self.advance()
                    continue
                part = path.with_name(part_name(name, found["sha256"]))
                yield Wanted(name, found["signedUrl"], path, part, found["size"], found["sha256"])

        def done(one: Wanted, outcome: Outcome) -> None:
            if isinstance(outcome, FastLabelException) and outcome.code in NO_MORE:
                expired.append(one.name)
                return
            if isinstance(outcome, FastLabelException):
                self.failures[one.name] = outcome.message
            elif isinstance(outcome, OSError):
                self.failures[one.name] = str(outcome)
            self.advance()

        over.bring(wanted(), done)
        return expired

    def write_listings(self, found: Sequence[DatasetObject]) -> None:
        """Write what objects have beside their files, a list for each folder."""
        if self.types is None:
            listing.write_documented(self.places.root / LISTING, found)
            return
        for kind in self.types:
            folder = self.places.root / kind
            self.places.make_room(folder / LISTING)
            of_kind = [one for one in found if one["type"] == kind]
            listing.write_documented(folder / LISTING, of_kind)


def download(
    selection: Selection, root: Path, types: Sequence[str] | None, workers: int, progress: bool
) -> Steps[list[DatasetObject]]:
    """Bring the selected objects and write their listings; return them as the API shows them.

    With types they come grouped by those, in the order in which the types are given.

    Raises:
        FastLabelException: files could not be brought; all others are there.
    """
    root.mkdir(parents=True, exist_ok=True)
    objects: list[DatasetObject] = []
    with carrier(root, workers) as over:
        under_way = Download(over.places, types)
        with bar(None, progress, "downloading") as under_way.advance:
            paging = Paging(_request(selection))
            request = paging.next_request()
            while request:
                page = list(paging.items((yield Fetch(request))))
                expired = yield from blocking(under_way.bring, over, page)
                if expired:
                    answer = yield Fetch(request)
                    again = [one for one in answer.value if one["name"] in expired]
                    for name in (yield from blocking(under_way.bring, over, again)):
                        under_way.failures[name] = f"{name}: the server does not give the file"
                objects += page
                request = paging.next_request() if selection.limit is None else None
    yield from blocking(under_way.write_listings, objects)
    if under_way.failures:
        raise FastLabelException(_told(under_way.failures, len(objects)))
    if types is None:
        return objects
    return [one for kind in dict.fromkeys(types) for one in objects if one["type"] == kind]


def _request(selection: Selection) -> Request:
    query = {
        "datasetName": selection.dataset,
        **{name: value for name, value in selection.filters.items() if value is not None},
        "offset": selection.offset,
        "limit": PAGE if selection.limit is None else selection.limit,
    }
    return Request("GET", "dataset-revision-objects/signed-urls", query=query)


def _told(failures: Mapping[str, str], total: int) -> str:
    first = "; ".join(list(failures.values())[:NAMED])
    more = "; ..." if len(failures) > NAMED else ""
    return f"{len(failures):,} of {total:,} files could not be brought: {first}{more}"
