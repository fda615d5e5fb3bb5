"""A hash over a set of objects that is brought up to date by what changed alone.

LtHash (Bellare and Micciancio 1997, with the parameters of Lewi, Kim, Maykov and Weis 2019): each
object is stretched to 1,024 numbers of 16 bits, and those of all objects are added up, modulo
2^16. A change subtracts the old object and adds the new one, so the hash of a million objects
costs nothing to keep, and the order in which they came does not matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

LANES = 1024
EMPTY = bytes(2 * LANES)
_LANE = np.dtype("<u2")


def changed(state: bytes, gone: Iterable[bytes], come: Iterable[bytes]) -> bytes:
    """Return the state after objects went and came; each is given as the bytes that it is."""
    total = np.frombuffer(state, _LANE).copy()
    for each in gone:
        total -= _stretched(each)
    for each in come:
        total += _stretched(each)
    return total.tobytes()


def digest(state: bytes) -> str:
    """Return the hash of a state, hexadecimal."""
    return hashlib.sha256(state).hexdigest()


def _stretched(each: bytes) -> np.ndarray[tuple[int], np.dtype[np.uint16]]:
    return np.frombuffer(hashlib.shake_128(each).digest(2 * LANES), _LANE)
