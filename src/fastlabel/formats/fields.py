"""What annotations hold beside their type and points: class values, attributes and keypoints.

Where a format has no place for it, the report tells with the reasons named here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

ATTRIBUTES_LOST = "attributes left out"
KEYPOINTS_LOST = "keypoints left out"
NO_SPACES = 'whitespace in the class value written as "_"'

_SPACE = re.compile(r"\s+")


def one_word(value: str) -> str:
    """Return a class value for formats that end it at a space."""
    return _SPACE.sub("_", value)


def value_of(annotation: Mapping[str, Any]) -> str | None:
    """Return the class value, None where there is no text."""
    value = annotation.get("value")
    return value if isinstance(value, str) and value else None


def values_of(
    tasks: Iterable[Mapping[str, Any]], types: Collection[str] | None = None
) -> list[str]:
    """Return the class values of the annotations of tasks, sorted.

    Args:
        types: only of annotations of these types.
    """
    values = {
        value_of(annotation)
        for task in tasks
        for annotation in task.get("annotations") or ()
        if types is None or has_type(annotation, types)
    }
    return sorted(value for value in values if value is not None)


def has_type(annotation: Mapping[str, Any], types: Collection[str]) -> bool:
    """Return whether an annotation, maybe malformed, is of one of some types."""
    annotation_type = annotation.get("type")
    return isinstance(annotation_type, str) and annotation_type in types


def attributes_of(annotation: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the keys and values of attributes that have a value."""
    return [
        (attribute["key"], attribute["value"])
        for attribute in annotation.get("attributes") or ()
        if isinstance(attribute, Mapping)
        and isinstance(attribute.get("key"), str)
        and attribute.get("value") is not None
    ]


def placed_keypoints(annotation: Mapping[str, Any]) -> dict[str, tuple[float, float, bool]]:
    """Return x, y, and whether it is visible, of every keypoint that is placed, by its key."""
    return {
        keypoint["key"]: (keypoint["value"][0], keypoint["value"][1], keypoint["value"][2] == 1)
        for keypoint in annotation.get("keypoints") or ()
        if keypoint["value"]
    }


def lost_fields(annotation: Mapping[str, Any], kept: Collection[str] = ()) -> Iterator[str]:
    """Yield what is lost where only class and geometry are written.

    Args:
        kept: keys of attributes that are written.
    """
    if any(key not in kept for key, _ in attributes_of(annotation)):
        yield ATTRIBUTES_LOST
    if placed_keypoints(annotation):
        yield KEYPOINTS_LOST


def classes_in_use(classes: Iterable[Mapping[str, Any]], used: set[str]) -> list[str]:
    """Return class values without repeats: those given, in their order, then others sorted."""
    given = dict.fromkeys(str(entry["value"]) for entry in classes)
    return [*given, *sorted(used - given.keys())]
