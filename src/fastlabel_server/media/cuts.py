"""Where to cut along time: as evenly as what lies between two cuts allows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction


def nearest(candidates: Sequence[int], count: int, first: int, span: Fraction) -> list[int]:
    """Return the candidates that cut a span into parts that are as equal as can be.

    Each is the nearest to where an even part would begin, behind the one before, and leaves
    enough for those that follow.

    Args:
        candidates: in order, later than `first`; at least `count` - 1.
        count: of the parts.
    """
    found: list[int] = []
    at = -1
    for number in range(1, count):
        wanted = first + span * number / count
        least, most = at + 1, len(candidates) - (count - number)
        at = bisect_left(candidates, wanted, least, most)
        if at > least and wanted - candidates[at - 1] <= candidates[at] - wanted:
            at -= 1
        found.append(candidates[at])
    return found
