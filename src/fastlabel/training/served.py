"""A dataset on a server: listed at one revision, its files kept on the disk by their hash."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final

from fastlabel.client import Client
from fastlabel.dataset_folder.bringing import NO_MORE, Carrier, Wanted, connections
from fastlabel.dataset_folder.places import Places
from fastlabel.exceptions import FastLabelException, FastLabelNotFoundException
from fastlabel.exchange import Request
from fastlabel.paging import Paging
from fastlabel.training.sources import PAGE, Example, Selection, Source
from fastlabel.types import DatasetRevision

OBJECTS: Final = "dataset-revision-objects/signed-urls"
CONNECTIONS: Final = 8


class Connection:
    """A client of the same server and token in every process that a loader starts.

    A pool of connections must not be shared with a child process, so each makes its own.
    """

    def __init__(self, client: Client) -> None:
        self._settings = (client.api.base_url, client.api.access_token, client.api.timeout)
        self._client: Client | None = client
        self._pool: Any = None
        self._pid = os.getpid()

    def __getstate__(self) -> tuple[str, str, float | None]:
        return self._settings

    def __setstate__(self, settings: tuple[str, str, float | None]) -> None:
        self._settings = settings
        self._client = self._pool = None
        self._pid = os.getpid()

    @property
    def client(self) -> Client:
        """The API."""
        self._leave_those_of_the_parent()
        if self._client is None:
            url, token, timeout = self._settings
            self._client = Client(token, api_url=url, timeout=timeout)
        return self._client

    @property
    def pool(self) -> Any:
        """For signed URLs."""
        self._leave_those_of_the_parent()
        if self._pool is None:
            self._pool = connections(CONNECTIONS)
        return self._pool

    def _leave_those_of_the_parent(self) -> None:
        if self._pid != os.getpid():
            self._client = self._pool = None
            self._pid = os.getpid()


@dataclass(frozen=True)
class ServedListing:
    """The objects of a revision that a selection takes, with signed URLs."""

    connection: Connection
    dataset: str
    revision_id: str
    object_count: int
    """Of the whole revision."""
    selection: Selection = field(default_factory=Selection)

    @property
    def page_count(self) -> int:
        return -(-self.object_count // PAGE)

    def page(self, number: int) -> list[Example]:
        first = number * PAGE
        found = self.connection.client.api.answer(self._request(first, PAGE))
        return [Example(first + at, each) for at, each in enumerate(found)]

    def __iter__(self) -> Iterator[Example]:
        paging = Paging(self._request(0, PAGE))
        position = 0
        while request := paging.next_request():
            for found in paging.items(self.connection.client.api.send(request)):
                yield Example(position, found)
                position += 1

    def one(self, position: int) -> Mapping[str, Any]:
        """Return an object again, with a new URL."""
        found: list[Mapping[str, Any]] = self.connection.client.api.answer(
            self._request(position, 1)
        )
        return found[0]

    def _request(self, offset: int, limit: int) -> Request:
        query = {
            "datasetName": self.dataset,
            "revisionId": self.revision_id,
            "tags": list(self.selection.tags) or None,
            "licenses": list(self.selection.licenses) or None,
            "types": list(self.selection.types) or None,
            "offset": offset,
            "limit": limit,
        }
        return Request("GET", OBJECTS, query={k: v for k, v in query.items() if v is not None})


@dataclass(frozen=True)
class ServedFiles:
    """Files that are fetched when they are asked for."""

    listing: ServedListing
    cache: Path | None
    """Keeps them; None keeps none."""

    @property
    def stay(self) -> bool:
        return self.cache is not None

    def described(self, example: Example) -> dict[str, Any]:
        found = example.found
        return {
            "position": example.position,
            "name": found["name"],
            "size": found["size"],
            "sha256": found["sha256"],
            "url": found["signedUrl"],
        }

    @contextmanager
    def opened(self, described: Mapping[str, Any]) -> Iterator[Path]:
        if self.cache is not None:
            yield self._kept(self.cache, described)
            return
        with tempfile.TemporaryDirectory(prefix="fastlabel-") as folder:
            path = Path(folder) / f"file{_suffix(described)}"
            self._bring(described, path)
            yield path

    def _kept(self, cache: Path, described: Mapping[str, Any]) -> Path:
        sha256: str = described["sha256"]
        path = Path(cache, sha256[:2], f"{sha256}{_suffix(described)}")
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._bring(described, path)
        return path

    def _bring(self, described: Mapping[str, Any], path: Path) -> None:
        """Bring a file, which is in its place once its hash is right.

        Raises:
            FastLabelException: there is no such file, or no answer after several tries.
        """
        # Under a name of its own until then, as several processes may want the same file.
        part = path.with_name(f".{uuid.uuid4().hex}.part")
        name, size, sha256 = described["name"], described["size"], described["sha256"]
        wanted = Wanted(name, described["url"], path, part, size, sha256)
        over = Carrier(self.listing.connection.pool, Places(path.parent), 1)
        try:
            over.bring_one(wanted)
        except FastLabelException as error:
            if error.code not in NO_MORE:
                raise
            again = self.listing.one(described["position"])
            over.bring_one(replace(wanted, url=again["signedUrl"]))
        finally:
            part.unlink(missing_ok=True)


def served(
    client: Client,
    dataset: str,
    version: str | None,
    revision_id: str | None,
    selection: Selection,
    cache: Path | None,
) -> Source:
    """Find a revision, which is then read to the end whatever becomes of the dataset.

    Args:
        selection: what the server is to leave out of the list.

    Raises:
        FastLabelNotFoundException: no such dataset, version or revision.
    """
    revision = _revision(client, dataset, version, revision_id)
    listing = ServedListing(
        Connection(client), dataset, revision["id"], revision["objectCount"], selection
    )
    title = f"{dataset}@{version or revision['id'][:8]}"
    return Source(title, revision["id"], listing, ServedFiles(listing, cache))


def _revision(
    client: Client, name: str, version: str | None, revision_id: str | None
) -> DatasetRevision:
    dataset = client.find_dataset_by_name(name)
    if dataset is None:
        raise FastLabelNotFoundException(f"dataset: there is no dataset {name!r}", 404)
    if version and version != "latest":
        ids = [
            each["revisionId"]
            for each in client.get_dataset_versions(dataset["id"])
            if each["version"] == version
        ]
        if not ids:
            raise FastLabelNotFoundException(
                f"version: dataset {name!r} has no version {version!r}", 404
            )
        revision_id = ids[0]
    return client.find_dataset_revision(dataset["id"], revision_id or dataset["revisionId"])


def _suffix(described: Mapping[str, Any]) -> str:
    """Return the extension, by which some decoders know what they read."""
    return PurePosixPath(described["name"]).suffix.lower()
