"""Listing of buckets that have keys which are no paths: `a//b`, `./a`, `a\\x01`.

Clouds allow any text as a key. obstore parses each into a path, and where one will not do it
refuses the whole page that it is on, https://github.com/developmentseed/obstore/issues/429.
No request of obstore's gets around it: neither the list of a folder (which fails as well) nor
an offset (which ends no page before the key). OpenDAL gives keys as they are. It is used for
nothing but the rest of such a listing: it has no start-after for Azure, and finds credentials
in its own way.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fastlabel_server.stores.base import (
    PAGE_LENGTH,
    BucketDenied,
    BucketUnavailable,
    StoredObject,
    behind,
    behind_in_order,
)

if TYPE_CHECKING:
    from opendal import AsyncOperator
    from opendal.types import Entry

RETRIES = 4
TIMEOUT_S = 60.0


class OddKeys:
    """The keys of one bucket; `options` are those of OpenDAL's service."""

    def __init__(
        self, service: str, options: Mapping[str, str], where: str, *, is_sorted: bool
    ) -> None:
        self._service = service
        self._options = options
        self._where = where
        self._is_sorted = is_sorted

    def walk(self, folder: str, after: str | None) -> Iterator[StoredObject]:
        """Yield the objects below a folder from behind the key `after` on."""
        path = f"{folder}/" if folder else ""
        if self._is_sorted:
            return behind_in_order(folder, after, lambda start: self._listed(path, start))
        return behind(after, lambda: self._listed(path, None))

    def _listed(self, path: str, start: str | None) -> Iterator[StoredObject]:
        # Imported here: 40 MB of code that most servers never need.
        import opendal
        from opendal.layers import RetryLayer, TimeoutLayer

        # OpenDAL's synchronous calls would hold the interpreter's lock while they wait.
        with self._errors(), asyncio.Runner() as runner:
            operator = opendal.AsyncOperator(self._service, **self._options)
            operator = operator.layer(TimeoutLayer(TIMEOUT_S, TIMEOUT_S))
            operator = operator.layer(RetryLayer(max_times=RETRIES))
            entries = runner.run(_begin(operator, path, start))
            while page := runner.run(_next_page(entries)):
                yield from map(_describe, page)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        from opendal import exceptions

        try:
            yield
        except exceptions.PermissionDenied as error:
            raise BucketDenied(f"{self._where}: the list of its objects is denied") from error
        except (
            exceptions.ConfigInvalid,
            exceptions.NotFound,
            exceptions.RateLimited,
            exceptions.Unexpected,
            exceptions.Unsupported,
        ) as error:
            raise BucketUnavailable(f"{self._where}: {str(error).splitlines()[0]}") from error


async def _begin(operator: AsyncOperator, path: str, start: str | None) -> AsyncIterator[Entry]:
    return aiter(await operator.list(path, start_after=start, recursive=True))


async def _next_page(entries: AsyncIterator[Entry]) -> list[Entry]:
    page = []
    async for entry in entries:
        page.append(entry)
        if len(page) == PAGE_LENGTH:
            break
    return page


def _describe(entry: Entry) -> StoredObject:
    known = entry.metadata
    etag = known.etag
    return StoredObject(
        entry.path,
        known.content_length,
        known.last_modified or datetime.fromtimestamp(0, UTC),
        etag.removeprefix("W/").strip('"') if etag else None,
    )
