"""Annotations and custom metadata of dataset objects: checked, packed, shown.

Unlike those of tasks they need no configured class, so each says itself what it is. Points are
taken as they are given, whatever the shape: data comes here from elsewhere as often as from
the platform's own tasks.
"""

from __future__ import annotations

import hashlib
import uuid
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from fastlabel.modalities import ANNOTATION_TYPES, listed
from fastlabel.shapes import ShapeError
from fastlabel.shapes.base import check_number, shown
from fastlabel_server.annotations.colors import COLORS
from fastlabel_server.errors import Invalid

MAX_ANNOTATIONS = 100_000
MAX_METADATA = 1000
MAX_DEPTH = 16
"""Lists in lists of points; those of a segmentation are three deep."""
SPLIT = "split"
"""Where a document notes what its object is a part of, beside what users set: it stays when
they set something else."""
_LISTS = ("attributes", "keypoints", "relations")
_TEXTS = ("id", "title", "color", "content", "contentId", "text")
_NUMBERS = ("rotation", "confidenceScore", "start", "end")
_KEPT = ("type", "value", "points", *_TEXTS, *_NUMBERS, *_LISTS)
_SHOWN_FIRST = ("id", "type", "title", "value", "color")
# Answers nest a document deeper than it is kept, and orjson writes 254 levels at most.
_MARGIN = 32
_DEFAULTS: Mapping[str, Any] = {
    "points": [],
    "attributes": [],
    "keypoints": [],
    "rotation": 0,
    "confidenceScore": -1,
}


@dataclass(frozen=True)
class Document:
    """Annotations and custom metadata as they are kept; None is kept of neither."""

    digest: bytes
    packed: bytes


def document_of(
    annotations: Sequence[Any],
    metadata: Mapping[str, Any],
    split: Mapping[str, Any] | None = None,
) -> Document | None:
    """Check annotations and metadata and pack them; None where there are none.

    Args:
        split: of a part, where it comes from.

    Raises:
        Invalid: names what is wrong, and the value.
    """
    text = checked_text(annotations, metadata, split)
    if text is None:
        return None
    return Document(hashlib.sha256(text).digest(), zlib.compress(text, 6))


def checked_text(
    annotations: Sequence[Any],
    metadata: Mapping[str, Any],
    split: Mapping[str, Any] | None = None,
) -> bytes | None:
    """Return the document of annotations and metadata as JSON, otherwise as `document_of`."""
    checked = [_checked(each, f"annotations[{index}]") for index, each in enumerate(annotations)]
    if len(checked) > MAX_ANNOTATIONS:
        raise Invalid(f"annotations: up to {MAX_ANNOTATIONS:,}, got {len(checked):,}")
    _check_metadata(metadata)
    if not checked and not metadata and not split:
        return None
    return _as_json(
        {"annotations": checked, "customMetadata": metadata, **({SPLIT: split} if split else {})}
    )


def _as_json(document: Mapping[str, Any]) -> bytes:
    nested: Any = document
    for _ in range(_MARGIN):
        nested = [nested]
    try:
        return orjson.dumps(nested)[_MARGIN:-_MARGIN]
    except orjson.JSONEncodeError as error:
        raise Invalid(f"annotations: {error}") from error


class Labels(NamedTuple):
    """What a document holds, as it is kept."""

    annotations: list[dict[str, Any]]
    metadata: dict[str, Any]
    split: dict[str, Any] | None
    """Of a part, where it comes from."""


def labels_of(packed: bytes | None) -> Labels:
    """Return what a document holds."""
    if packed is None:
        return Labels([], {}, None)
    found = orjson.loads(zlib.decompress(packed))
    return Labels(found["annotations"], found["customMetadata"], found.get(SPLIT))


def unpacked(packed: bytes | None) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return annotations and custom metadata of a document."""
    return labels_of(packed)[:2]


def split_of(packed: bytes | None) -> dict[str, Any] | None:
    """Return what the document of a part notes of where it comes from; None of other objects."""
    return labels_of(packed).split


def shown_of(packed: bytes | None, object_id: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return annotations and custom metadata of a document, as an object shows them."""
    annotations, metadata = unpacked(packed)
    return rendered(annotations, object_id), metadata


def rendered(annotations: Sequence[Mapping[str, Any]], object_id: str) -> list[dict[str, Any]]:
    """Return annotations with everything that clients read.

    Where none was given, an id is made of the object and what the annotation says: it stays
    while the annotation does.
    """
    seen: Counter[bytes] = Counter()
    found = []
    for each in annotations:
        annotation_id = each.get("id")
        if not annotation_id:
            text = orjson.dumps(each, option=orjson.OPT_SORT_KEYS)
            annotation_id = str(uuid.uuid5(uuid.UUID(object_id), f"{text.decode()} {seen[text]}"))
            seen[text] += 1
        found.append({"id": annotation_id, **_without_id(each)})
    return found


def meaning(annotation: Mapping[str, Any]) -> bytes:
    """Return what an annotation shows but for its id: the same for annotations that are alike."""
    return orjson.dumps(_without_id(annotation), option=orjson.OPT_SORT_KEYS)


def compact(annotation: Mapping[str, Any]) -> dict[str, Any]:
    """Return an annotation without its id and what `rendered` adds by itself."""
    return {
        name: given
        for name, given in annotation.items()
        if name != "id" and (name not in _DEFAULTS or given != _DEFAULTS[name])
    }


def _without_id(annotation: Mapping[str, Any]) -> dict[str, Any]:
    value = annotation["value"]
    return {
        "type": annotation["type"],
        "title": annotation.get("title") or value,
        "value": value,
        "color": annotation.get("color") or color_of(value),
        **_DEFAULTS,
        **{name: given for name, given in annotation.items() if name not in _SHOWN_FIRST},
    }


def is_same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same JSON; unlike Python's, 1 is not 1.0 then."""
    options = orjson.OPT_SORT_KEYS
    return orjson.dumps(one, option=options) == orjson.dumps(other, option=options)


def color_of(value: str) -> str:
    """Return the colour of a value that was given none: always the same, everywhere."""
    return COLORS[zlib.crc32(value.encode()) % len(COLORS)]


def _checked(annotation: Any, where: str) -> dict[str, Any]:
    if not isinstance(annotation, dict):
        raise Invalid(f"{where}: expected an object, got {shown(annotation)}")
    annotation_type, value = annotation.get("type"), annotation.get("value")
    if annotation_type not in ANNOTATION_TYPES:
        raise Invalid(
            f"{where}.type: expected {listed(ANNOTATION_TYPES)}, got {shown(annotation_type)}"
        )
    if not isinstance(value, str) or not value.strip() or "\x00" in value:
        raise Invalid(f"{where}.value: expected a text, got {shown(value)}")
    kept = {name: annotation[name] for name in _KEPT if annotation.get(name) is not None}
    for name in _TEXTS:
        if name in kept and not isinstance(kept[name], str):
            raise Invalid(f"{where}.{name}: expected a text, got {shown(kept[name])}")
    for name in _LISTS:
        entries = kept.get(name, [])
        if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
            raise Invalid(f"{where}.{name}: expected a list of objects, got {shown(entries)}")
    try:
        for name in _NUMBERS:
            if name in kept:
                check_number(kept[name], f"{where}.{name}")
        _check_points(kept.get("points", []), f"{where}.points")
    except ShapeError as error:
        raise Invalid(str(error)) from error
    return kept


def _check_points(points: Any, where: str, depth: int = 1) -> None:
    """Take numbers in lists of lists, and the frames of videos."""
    if isinstance(points, dict):
        for frame, state in points.items():
            if not isinstance(state, dict):
                raise ShapeError(f"{where}.{frame}: expected an object, got {shown(state)}")
        return
    if not isinstance(points, list):
        raise ShapeError(f"{where}: expected a list, got {shown(points)}")
    if depth > MAX_DEPTH:
        raise ShapeError(f"{where}: up to {MAX_DEPTH} lists in one another")
    for index, each in enumerate(points):
        if isinstance(each, list):
            _check_points(each, f"{where}[{index}]", depth + 1)
        else:
            check_number(each, f"{where}[{index}]")


def _check_metadata(metadata: Mapping[str, Any]) -> None:
    if len(metadata) > MAX_METADATA:
        raise Invalid(f"customMetadata: up to {MAX_METADATA:,} keys, got {len(metadata):,}")
    for key, value in metadata.items():
        if not key.strip():
            raise Invalid("customMetadata: a key must not be blank")
        if value is not None and not isinstance(value, str | int | float | bool):
            raise Invalid(f"customMetadata.{key}: expected a text, got {shown(value)}")
