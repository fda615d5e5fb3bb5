"""What writers ask before they write: is an annotation sound, has its image a size.

What is not sound is left out, and the report tells with the reasons named here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Task
from fastlabel.formats.report import Report
from fastlabel.shapes import Shape, ShapeError
from fastlabel.shapes.base import LISTS

NO_FORM = "the format has no form for this type"
NO_POINTS = "no points"
MALFORMED = "malformed geometry"
NO_VALUE = "no class value"
WITHIN_A_PIXEL = "the box lies within one pixel column or row"
NO_CLASS = "its class is not among those given"


def flaw(
    annotation: Mapping[str, Any], shapes: Mapping[str, Shape], no_form: str = NO_FORM
) -> tuple[str, str] | None:
    """Return why the geometry cannot be written and what its shape says of it, None if it can.

    Args:
        shapes: those that the format has a form for, by their type.
        no_form: says that it has none.
    """
    annotation_type = annotation.get("type")
    shape = shapes.get(annotation_type) if isinstance(annotation_type, str) else None
    if shape is None:
        return no_form, ""
    try:
        shape.check(annotation, "")
    except ShapeError as error:
        points = annotation.get("points")
        is_empty = points is None or (isinstance(points, LISTS) and not points)
        return (NO_POINTS, "") if is_empty and "points" in shape.fields else (MALFORMED, str(error))
    return None


def is_thin(annotation: Mapping[str, Any]) -> bool:
    """Return whether it is a box within one pixel column or row.

    The official client leaves these out of COCO, YOLO and Pascal VOC.
    """
    if annotation["type"] != "bbox":
        return False
    x1, y1, x2, y2 = annotation["points"]
    return int(x1) == int(x2) or int(y1) == int(y2)


def well_formed(
    task: Task,
    shapes: Mapping[str, Shape],
    report: Report,
    *,
    no_form: str = NO_FORM,
    thin_boxes: bool = True,
) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the annotations of a task that can be written, each with its place for the report.

    The others are left out and counted: those with a flaw, or without a class value.

    Args:
        shapes, no_form: as `flaw` takes them.
        thin_boxes: whether boxes that are thin are any good.
    """
    list_name = f"{task['name']}: annotations"
    for index, annotation in enumerate(task.get("annotations") or ()):
        where = f"{list_name}[{index}]"
        found = flaw(annotation, shapes, no_form)
        if found is None:
            value = annotation.get("value")
            if not isinstance(value, str) or not value:
                found = NO_VALUE, ""
            elif not thin_boxes and is_thin(annotation):
                found = WITHIN_A_PIXEL, ""
            else:
                yield annotation, where
                continue
        reason, detail = found
        report.leave_out(annotation, reason, f"{where}{detail}")


def size_of(task: Task, format_name: str) -> tuple[int, int]:
    """Return width and height of a task's image.

    Raises:
        FastLabelInvalidException: the task has none.
    """
    for key in ("width", "height"):
        if key not in task:
            raise FastLabelInvalidException(
                f"{task.get('name')}: {key}: missing; {format_name} takes image tasks as the "
                "API returns them",
                422,
            )
    return task["width"], task["height"]


def check_compat(compat: object) -> None:
    """Refuse anything but None and `official`.

    Raises:
        FastLabelInvalidException: names the value.
    """
    if compat not in (None, "official"):
        raise FastLabelInvalidException(f'compat: expected None or "official", got {compat!r}', 422)
