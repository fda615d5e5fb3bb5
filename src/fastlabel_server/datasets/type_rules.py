"""Which objects are for training, validation and test, by a rule that gives the same everywhere.

1. Objects with the same group (`Rule.group_by`) stay together; without one each is a group of
   its own. A group has a number: the first 8 bytes of BLAKE2b over seed and group.
2. Each group lies in one stratum (`Rule.stratify`); without one all lie in the same.
   By class, it is the rarest class of the group: the one that the fewest groups have.
   By metadata, it is the value that the most objects of the group have. Where several are
   equal, it is the first by its text.
3. Strata are gone through in the order of their texts. In each the objects are divided by the
   ratios with the method of the largest remainder: whole quotas first, then one more for the
   types that lost the most by that, in the order train, valid, test where they lost alike.
   What a type got too much or too little is carried over to the next stratum, so that not
   only each stratum but all objects together keep the ratios to within one object.
4. In each stratum the groups stand in the order of their numbers: the first are for training,
   the next for validation, the last for test. A group that lies across a border is on the side
   on which more of it lies.

So the rule looks at nothing but names, labels, ratios and seed. As the order is that of the
numbers, an object that comes to a stratum shifts each of its two borders by at most one group;
and the carry shifts those of later strata by at most one more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

TYPES: Final = ("train", "valid", "test")

Numbers = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Pairs = tuple[Sequence[int], Sequence[int]]
"""Indexes of objects, and of a text that each has; an object may have several, or none."""


def group_number(seed: int, group: str) -> int:
    """Return what a group is ordered by."""
    text = f"{seed}\0{group}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())


def strata_of(
    groups: Hashes, pairs: Pairs, texts: Sequence[str], by: Literal["rarest", "commonest"]
) -> Numbers:
    """Return the stratum of each object, by what those of its group have.

    Strata are numbered from 1 in the order of their texts; 0 are groups that have nothing.

    Args:
        groups: the number of each object's group.
        pairs: of objects and indexes of `texts`.
        by: `rarest`: the text that the fewest groups have; `commonest`: the one that the most
            objects of the group have.
    """
    of_object, text_of = (np.asarray(each, np.int64) for each in pairs)
    _, group_of = np.unique(groups, return_inverse=True)
    strata = np.zeros(group_of.max(initial=-1) + 1, np.int64)
    if not len(of_object):
        return strata[group_of]
    ranks = np.empty(len(texts), np.int64)
    ranks[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(1, len(texts) + 1)
    # One number for both, as numpy sorts those much faster than rows.
    both = group_of[of_object] * (len(texts) + 1) + ranks[text_of]
    found, counts = np.unique(both, return_counts=True)
    group, rank = np.divmod(found, len(texts) + 1)
    weights = np.bincount(rank)[rank] if by == "rarest" else -counts
    order = np.lexsort((rank, weights, group))
    firsts = np.unique(group[order], return_index=True)[1]
    strata[group[order][firsts]] = rank[order][firsts]
    return strata[group_of]


def assigned(groups: Hashes, strata: Numbers, ratios: Mapping[str, Fraction]) -> NDArray[np.uint8]:
    """Return the type of each object, as an index of `TYPES`.

    Args:
        groups: the number of each object's group.
        strata: the same for all objects of a group.
        ratios: by the names of `TYPES`; they add up to 1.
    """
    found = np.zeros(len(groups), np.uint8)
    order = np.lexsort((groups, strata))
    carry = [Fraction(0)] * len(TYPES)
    shares = [ratios.get(name, Fraction(0)) for name in TYPES]
    ends = np.flatnonzero(np.diff(strata[order])) + 1
    for members in np.split(order, ends):
        if not len(members):
            continue
        wanted = [share * len(members) + over for share, over in zip(shares, carry, strict=True)]
        quotas = largest_remainder(wanted, len(members))
        types = _in_blocks(groups[members], quotas)
        found[members] = types
        counts = np.bincount(types, minlength=len(TYPES)).tolist()
        carry = [want - count for want, count in zip(wanted, counts, strict=True)]
    return found


def largest_remainder(wanted: Sequence[Fraction], total: int) -> list[int]:
    """Return whole numbers near the wanted ones, of which none is below 0, that add up."""
    positive = [max(Fraction(0), each) for each in wanted]
    scale = Fraction(total) / (sum(positive) or 1)
    exact = [each * scale for each in positive]
    found = [int(each) for each in exact]
    by_loss = sorted(range(len(exact)), key=lambda index: found[index] - exact[index])
    for index in by_loss[: total - sum(found)]:
        found[index] += 1
    return found


def _in_blocks(groups: Hashes, quotas: Sequence[int]) -> NDArray[np.uint8]:
    """Return types of objects, which stand in the order of their groups."""
    starts = np.flatnonzero(np.diff(groups, prepend=groups[:1] ^ np.uint64(1)))
    sizes = np.diff(starts, append=len(groups))
    # Twice the middle of a group, so that it is a whole number.
    middles = 2 * starts + sizes
    borders = 2 * np.cumsum(quotas)[:-1]
    types = np.searchsorted(borders, middles, side="left").astype(np.uint8)
    return np.repeat(types, sizes)


def ratios_of(given: Mapping[str, float]) -> dict[str, Fraction]:
    """Return ratios that add up to 1, exactly as their decimals say."""
    exact = {name: Fraction(str(value)) for name, value in given.items()}
    total = sum(exact.values())
    return {name: value / total for name, value in exact.items()}


def texts_of(annotations: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the classes of annotations; of a classification, its answers."""
    found: set[str] = set()
    for each in annotations:
        if each["type"] != "classification":
            found.add(each["value"])
            continue
        for answer in each.get("attributes", ()):
            value = answer.get("value")
            values = value if isinstance(value, list) else [value]
            found.update(f"{answer.get('key')}={one}" for one in values)
    return found
