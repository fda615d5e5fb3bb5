"""The check that every label passes, in the SDK and on the server alike.

It turns annotations as the API takes them into their stored form: the class by its id,
attributes by the ids of the class's attributes, geometry exactly as it was given.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastlabel.modalities import TaskKind, listed
from fastlabel.shapes import SHAPES

CLASSIFICATION = "classification"
NOT_FROM_A_MODEL = -1
MAX_ANNOTATIONS = 100_000

ATTRIBUTE_TYPES = ("text", "select", "radio", "checkbox", "switch", "number")
CHOICES = ("select", "radio", "checkbox")
SWITCH_VALUES = (True, False, 0, 1, "0", "1", "true", "false")


class LabelError(ValueError):
    """A label that does not fit the project's classes; the message names its place and value."""


@dataclass(frozen=True)
class AttributeSpec:
    """An attribute of a class."""

    id: str
    key: str
    type: str
    options: tuple[Any, ...] = ()
    """The values that a choice may take."""

    @classmethod
    def from_json(cls, attribute: Mapping[str, Any]) -> AttributeSpec:
        """Read an attribute as the API shows it in a class."""
        return cls(
            id=attribute["id"],
            key=attribute["key"],
            type=attribute["type"],
            options=tuple(option["value"] for option in attribute["options"]),
        )

    def check(self, value: object, where: str) -> None:
        """Refuse a value the attribute cannot have.

        Raises:
            LabelError: names `where` and the value.
        """
        check = _ATTRIBUTE_CHECKS[self.type]
        problem = check(self, value)
        if problem:
            raise LabelError(f"{where}.value: {problem}, got {_shown(value)}")


@dataclass(frozen=True)
class ClassSpec:
    """What a label is checked against: one annotation class of the project."""

    id: str
    type: str
    value: str
    attributes: Mapping[str, AttributeSpec]
    """By key."""
    keypoint_keys: frozenset[str] = frozenset()
    max_area_count: int | None = None
    """Most regions of a segmentation; None where any number is fine."""

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> ClassSpec:
        """Read a class as the API shows it."""
        return cls(
            id=found["id"],
            type=found["type"],
            value=found["value"],
            attributes={one["key"]: AttributeSpec.from_json(one) for one in found["attributes"]},
            keypoint_keys=frozenset(keypoint["key"] for keypoint in found["keypoints"]),
            max_area_count=found["maxAreaCount"] or None,
        )


def check_annotations(
    annotations: object,
    kind: TaskKind,
    classes: Mapping[str, ClassSpec],
    new_id: Callable[[], str],
    contents: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Return annotations in their stored form.

    Args:
        annotations: what a request carries.
        kind: of their task; it says which shape each type of annotation has.
        classes: the project's classes by value.
        new_id: makes the id of each annotation.
        contents: names or ids of the task's files, of which each annotation has one in the
            field that `kind.place` says. Kinds without a place take anything there.

    Raises:
        LabelError, ShapeError: both ValueErrors that name the index.
    """
    if not isinstance(annotations, list):
        raise LabelError(f"annotations: expected a list, got {_shown(annotations)}")
    if len(annotations) > MAX_ANNOTATIONS:
        raise LabelError(
            f"annotations: a task takes up to {MAX_ANNOTATIONS:,}, got {len(annotations):,}"
        )
    stored = []
    for index, annotation in enumerate(annotations):
        where = f"annotations[{index}]"
        if not isinstance(annotation, dict):
            raise LabelError(f"{where}: expected an object, got {_shown(annotation)}")
        stored.append(check_annotation(annotation, kind, classes, new_id(), contents, where))
    return stored


def check_attributes(
    attributes: object, spec: ClassSpec | None, where: str = "attributes"
) -> list[list[Any]]:
    """Return attribute values in their stored form, pairs of attribute id and value.

    Raises:
        LabelError: an unknown key, a key given twice, or a value the attribute cannot have.
    """
    if attributes is None:
        return []
    if not isinstance(attributes, list):
        raise LabelError(f"{where}: expected a list, got {_shown(attributes)}")
    if attributes and spec is None:
        raise LabelError(
            f"{where}: the project has no classification class yet; "
            "create it with create_classification_annotation"
        )
    pairs: list[list[Any]] = []
    seen: set[str] = set()
    for index, attribute in enumerate(attributes):
        place = f"{where}[{index}]"
        if not isinstance(attribute, dict) or "key" not in attribute or "value" not in attribute:
            raise LabelError(f"{place}: expected {{key, value}}, got {_shown(attribute)}")
        assert spec is not None
        key = attribute["key"]
        known = spec.attributes.get(key) if isinstance(key, str) else None
        if known is None:
            raise LabelError(
                f"{place}.key: the class {spec.value!r} has no attribute {_shown(key)}"
                f"{_among(spec.attributes)}"
            )
        if known.id in seen:
            raise LabelError(f"{place}.key: {_shown(key)} is given twice")
        seen.add(known.id)
        if attribute["value"] is None:
            continue
        known.check(attribute["value"], place)
        pairs.append([known.id, attribute["value"]])
    return pairs


def check_annotation(
    annotation: Mapping[str, Any],
    kind: TaskKind,
    classes: Mapping[str, ClassSpec],
    annotation_id: str,
    contents: Sequence[str],
    where: str,
) -> dict[str, Any]:
    """Return one annotation in its stored form; `where` is its place, for messages.

    Raises:
        LabelError, ShapeError: as `check_annotations` does.
    """
    value = annotation.get("value")
    spec = classes.get(value) if isinstance(value, str) else None
    if spec is None:
        if value is None:
            raise LabelError(f"{where}.value: missing; it names the annotation's class")
        raise LabelError(
            f"{where}.value: the project has no class {_shown(value)}{_among(classes)}"
        )
    given_type = annotation.get("type")
    if given_type != spec.type:
        raise LabelError(
            f"{where}.type: the class {spec.value!r} is of type {spec.type}, "
            f"got {_shown(given_type)}"
        )
    shape = kind.shapes[spec.type]
    shape.check(annotation, where, spec.keypoint_keys)
    stored: dict[str, Any] = {"id": annotation_id, "classId": spec.id, **shape.stored(annotation)}
    if spec.max_area_count is not None and shape is SHAPES["segmentation"]:
        _check_area_count(annotation["points"], spec, where)
    keypoints = stored.get("keypoints")
    if keypoints:
        stored["keypoints"] = [{"key": k["key"], "value": k.get("value") or []} for k in keypoints]
    score = annotation.get("confidenceScore")
    if score is not None and score != NOT_FROM_A_MODEL:
        stored["confidenceScore"] = _checked_score(score, where)
    if kind.place is not None:
        lies_in = annotation.get(kind.place.field)
        if lies_in or kind.place.required:
            _check_place(lies_in, contents, f"{where}.{kind.place.field}")
            stored[kind.place.field] = lies_in
    pairs = check_attributes(annotation.get("attributes"), spec, f"{where}.attributes")
    if pairs:
        stored["attributes"] = pairs
    return stored


def _check_area_count(points: list[Any], spec: ClassSpec, where: str) -> None:
    if spec.max_area_count is not None and len(points) > spec.max_area_count:
        raise LabelError(
            f"{where}.points: an annotation of {spec.value!r} takes up to "
            f"{spec.max_area_count} regions, got {len(points)}"
        )


def _checked_score(score: object, where: str) -> float:
    if not _is_number(score) or not 0 <= score <= 1:  # type: ignore[operator]
        raise LabelError(
            f"{where}.confidenceScore: expected a number from 0 to 1, "
            f"or -1 where no model made it; got {_shown(score)}"
        )
    return score  # type: ignore[return-value]


def _check_place(content: object, contents: Sequence[str], where: str) -> None:
    if content not in contents:
        raise LabelError(f"{where}: the task has no file {_shown(content)}{_among(contents)}")


def _check_text(_spec: AttributeSpec, value: object) -> str | None:
    return None if isinstance(value, str) or _is_number(value) else "a text attribute takes a text"


def _check_choice(spec: AttributeSpec, value: object) -> str | None:
    if any(value == option and type(value) is type(option) for option in spec.options):
        return None
    return f"expected {_options(spec)}"


def _check_checkbox(spec: AttributeSpec, value: object) -> str | None:
    if not isinstance(value, list):
        return f"a checkbox attribute takes a list of {_options(spec)}"
    if any(_check_choice(spec, item) for item in value):
        return f"expected a list of {_options(spec)}"
    return None


def _check_switch(_spec: AttributeSpec, value: object) -> str | None:
    if isinstance(value, bool | int | str) and value in SWITCH_VALUES:
        return None
    return "a switch attribute takes true or false"


def _check_number(_spec: AttributeSpec, value: object) -> str | None:
    return None if _is_number(value) else "a number attribute takes a number"


_ATTRIBUTE_CHECKS: dict[str, Callable[[AttributeSpec, object], str | None]] = {
    "text": _check_text,
    "select": _check_choice,
    "radio": _check_choice,
    "checkbox": _check_checkbox,
    "switch": _check_switch,
    "number": _check_number,
}


def _options(spec: AttributeSpec) -> str:
    return listed(repr(option) for option in spec.options) if spec.options else "no value"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _among(known: Iterable[str]) -> str:
    names = list(known)
    if not names:
        return "; there is none yet"
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return f"; there are {', '.join(repr(name) for name in names[:10])}{more}"


def _shown(value: object, limit: int = 80) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}..."
