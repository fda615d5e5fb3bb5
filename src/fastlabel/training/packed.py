"""Many small JSON objects in two buffers."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import orjson


class Packed(Sequence[dict[str, Any]]):
    """Objects as JSON, one behind the other.

    As single Python objects a million of them would fill gigabytes, and each process that a
    loader forks would soon have a copy of all, as reading one changes its count of references.
    """

    def __init__(self, objects: Iterable[Any] = ()) -> None:
        self._text = bytearray()
        self._ends = array("q", [0])
        for each in objects:
            self.append(each)

    def append(self, each: Any) -> None:
        self._text += orjson.dumps(each)
        self._ends.append(len(self._text))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (self[index] for index in range(len(self)))

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...

    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at = range(len(self))[index]
        found: dict[str, Any] = orjson.loads(
            memoryview(self._text)[self._ends[at] : self._ends[at + 1]]
        )
        return found
