"""Classes that the annotations of objects use and a project lacks, read before any task is made.

What is found so far is JSON, so that a job can go on with it after each chunk.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import orjson
from pydantic import ValidationError

from fastlabel.labels import ATTRIBUTE_TYPES, CHOICES, CLASSIFICATION
from fastlabel.shapes import SHAPES
from fastlabel_server.annotations.schemas import Attribute, CreateClass
from fastlabel_server.annotations.service import sheet
from fastlabel_server.datasets.labels import color_of
from fastlabel_server.schemas import MAX_TEXT

MAX_CLASSES: Final = 1000
MAX_ATTRIBUTES: Final = 200
MAX_OPTIONS: Final = 1000
MAX_KEYPOINTS: Final = 1000
MAX_BYTES: Final = 256 * 1024
"""Of all that was found, which a job keeps with each of its chunks; no more is added then."""
_COLOR = re.compile("#[0-9a-fA-F]{6}")

Found = dict[str, Any]
"""Classes by value: `{type, title, color, attributes, keypoints}`, the last two by key."""


def collected(
    found: Found,
    annotations: Sequence[Mapping[str, Any]],
    types: Collection[str],
    known: Collection[str],
) -> Found:
    """Return what was found so far, and what else the annotations of an object need.

    Args:
        types: of the classes that the project takes; annotations of others are no reason.
        known: values of the classes that it has.
    """
    result = dict(found)
    for annotation in annotations:
        value = annotation["value"]
        if value in known or annotation["type"] not in types:
            continue
        if annotation["type"] == CLASSIFICATION != value:
            continue
        before = result.get(value)
        if before is None and len(result) >= MAX_CLASSES:
            continue
        if before is None or before["type"] == annotation["type"]:
            result[value] = _extended(before or _new(annotation), annotation)
    return result


def is_full(found: Found) -> bool:
    """Tell whether no more can be kept."""
    return len(orjson.dumps(found)) > MAX_BYTES


def bodies(found: Found) -> list[CreateClass]:
    """Return how the classes are made; those that cannot be one are left out."""
    made = []
    for value, one in found.items():
        attributes = [
            {**attribute, "key": key, "options": _options(attribute["options"])}
            for key, attribute in one["attributes"].items()
            if attribute["options"] or attribute["type"] not in CHOICES
        ]
        keys = one["keypoints"]
        keypoints = [
            {**keypoint, "key": key, "edges": [edge for edge in keypoint["edges"] if edge in keys]}
            for key, keypoint in keys.items()
        ]
        try:
            if one["type"] == CLASSIFICATION:
                made.append(sheet([Attribute.model_validate(each) for each in attributes]))
                continue
            body = {**one, "value": value, "attributes": attributes, "keypoints": keypoints}
            made.append(CreateClass.model_validate({"project": "", **body}))
        except ValidationError:
            # A value of a thousand characters, say: its annotations are told as without a class.
            continue
    return made


def _new(annotation: Mapping[str, Any]) -> dict[str, Any]:
    """Return a class that looks as the annotation does in its dataset."""
    value, color = annotation["value"], annotation.get("color") or ""
    return {
        "type": annotation["type"],
        "title": (annotation.get("title") or value)[:MAX_TEXT],
        "color": color if _COLOR.fullmatch(color) else color_of(value),
        "attributes": {},
        "keypoints": {},
    }


def _extended(before: Mapping[str, Any], annotation: Mapping[str, Any]) -> dict[str, Any]:
    attributes, keypoints = dict(before["attributes"]), dict(before["keypoints"])
    for given in annotation.get("attributes", ()):
        key, value = given.get("key"), given.get("value")
        if not _is_key(key) or value is None:
            continue
        if key in attributes or len(attributes) < MAX_ATTRIBUTES:
            attributes[key] = _with_answer(attributes.get(key) or _question(given), value)
    shape = SHAPES.get(annotation["type"])
    takes_keypoints = shape is not None and "keypoints" in shape.fields
    for given in annotation.get("keypoints", ()) if takes_keypoints else ():
        key = given.get("key")
        if _is_key(key) and key not in keypoints and len(keypoints) < MAX_KEYPOINTS:
            edges = [edge for edge in given.get("edges") or () if isinstance(edge, str)]
            keypoints[key] = {"name": _text(given.get("name"), key), "edges": edges}
    return {**before, "attributes": attributes, "keypoints": keypoints}


def _question(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attribute that an answer is to: of the type it says, or looks like."""
    value, attribute_type = given["value"], given.get("type")
    if attribute_type not in ATTRIBUTE_TYPES:
        attribute_type = (
            "switch"
            if isinstance(value, bool)
            else "number"
            if isinstance(value, int | float)
            else "checkbox"
            if isinstance(value, list)
            else "text"
        )
    return {"name": _text(given.get("name"), given["key"]), "type": attribute_type, "options": []}


def _with_answer(attribute: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """Return an attribute that takes the value too, where it is a choice."""
    options = list(attribute["options"])
    if attribute["type"] in CHOICES:
        for one in value if isinstance(value, list) else [value]:
            takes = isinstance(one, str | int | float) and not isinstance(one, bool)
            if takes and one not in options and len(options) < MAX_OPTIONS:
                options.append(one)
    return {**attribute, "options": options}


def _options(values: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"title": str(value)[:MAX_TEXT], "value": value} for value in values]


def _is_key(given: Any) -> bool:
    return isinstance(given, str) and bool(given.strip()) and len(given) <= MAX_TEXT


def _text(given: Any, otherwise: str) -> str:
    return (given if isinstance(given, str) and given.strip() else otherwise)[:MAX_TEXT]
