"""How a list is read page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from fastlabel.exchange import Answer, Request


class Paging:
    """Follows a list from page to page; `first` carries the page size as `limit`.

    The server's cursor is stable while tasks come and go, and as fast at the end as at the
    start. A server that sends none is paged by offset.
    """

    def __init__(self, first: Request, items_of: Callable[[Any], Any] | None = None) -> None:
        """Begin with a page; `items_of` takes the list out of an answer that is more."""
        self._items_of = items_of
        self._next: Request | None = first
        self._limit: int = first.query["limit"]
        self._offset = 0

    def next_request(self) -> Request | None:
        """Return the request for the next page, None after the last."""
        return self._next

    def items(self, page: Answer) -> Iterable[Any]:
        """Take the page that was asked for and return what is on it."""
        assert self._next is not None
        query = {k: v for k, v in self._next.query.items() if k not in ("cursor", "offset")}
        found = self._items_of(page.value) if self._items_of else page.value
        self._offset += len(found)
        if page.next_cursor:
            self._next = replace(self._next, query={**query, "cursor": page.next_cursor})
        elif "cursor" not in self._next.query and len(found) == self._limit:
            self._next = replace(self._next, query={**query, "offset": self._offset})
        else:
            self._next = None
        items: Iterable[Any] = found.items() if isinstance(found, dict) else found
        return items
