"""What the pieces of an annotation have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LEFT_OUT = ("id", "relations")
"""What names an annotation, and the others that it names: pieces are annotations of their own."""


def piece(annotation: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a piece of an annotation, which differs from the whole in some fields."""
    kept = {name: value for name, value in annotation.items() if name not in _LEFT_OUT}
    return {**kept, **fields}


def is_of_the_whole(annotation: Mapping[str, Any]) -> bool:
    """Tell whether an annotation says something of the whole file, which no part can be."""
    return bool(annotation["type"] == "classification")
