"""Damage to real files, the same at every run."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence


def mutated(files: Sequence[bytes], count: int, seed: int = 1) -> Iterator[bytes]:
    """Yield damaged copies: bytes changed, cut off, or put in between."""
    dice = random.Random(seed)
    for _ in range(count):
        data = bytearray(dice.choice(files))
        for _ in range(dice.randint(1, 6)):
            place = dice.randrange(len(data))
            kind = dice.random()
            if kind < 0.65:
                data[place] = dice.randrange(256)
            elif kind < 0.8:
                del data[max(1, place) :]
            else:
                data[place:place] = dice.randbytes(dice.randint(1, 20))
        yield bytes(data)
