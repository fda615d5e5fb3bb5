"""What formats of single images ask of a task and its annotations before they write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fastlabel import geometry
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Task
from fastlabel.geometry import Bounds
from fastlabel.shapes import SHAPES, ShapeError
from fastlabel.shapes.base import check_number
from fastlabel.types import Compat

NO_POINTS = "no points"
NO_VALUE = "no class value"
MALFORMED = "malformed geometry"
WITHIN_A_PIXEL = "the box lies within one pixel column or row"

ROTATED = "rotated box written as the upright box around it"
ROTATION_IGNORED = "rotation ignored"
BOX_ALONE = "outline written as the upright box around it"
KEYPOINTS_LOST = "keypoints left out"
ATTRIBUTES_LOST = "attributes left out"


def flaw(annotation: Mapping[str, Any], *, thin_boxes: bool = False) -> tuple[str, str] | None:
    """Return why an annotation cannot be written and what its shape says of it, or None.

    Args:
        annotation: its type is one of `SHAPES`.
        thin_boxes: whether boxes within one pixel column or row are any good; the official
            client leaves them out of COCO, YOLO and Pascal VOC.
    """
    annotation_type = annotation["type"]
    points = annotation.get("points")
    if not points and annotation_type != "pose_estimation":
        return NO_POINTS, ""
    if not isinstance(annotation.get("value"), str):
        return NO_VALUE, ""
    try:
        SHAPES[annotation_type].check(annotation, "")
        if annotation.get("rotation"):
            check_number(annotation["rotation"], ".rotation")
    except ShapeError as error:
        return MALFORMED, str(error)
    if annotation_type == "bbox" and not thin_boxes:
        x1, y1, x2, y2 = points  # type: ignore[misc]  # a box has four numbers
        if int(x1) == int(x2) or int(y1) == int(y2):
            return WITHIN_A_PIXEL, ""
    return None


def enclosing_box(annotation: Mapping[str, Any], compat: Compat) -> tuple[Bounds, str | None]:
    """Return the upright box around an annotation with points, and what that changes."""
    if annotation["type"] != "bbox":
        bounds = SHAPES[annotation["type"]].bounds_xyxy(annotation)
        assert bounds is not None  # shapes with points have bounds
        return bounds, BOX_ALONE
    points = annotation["points"]
    rotation = annotation.get("rotation")
    if rotation and rotation % 360:
        if compat:
            return geometry.bounds_xyxy(points), ROTATION_IGNORED
        return geometry.bounds_xyxy(geometry.box_ring(points, rotation)), ROTATED
    x1, y1, x2, y2 = points
    return (x1 if x1 < x2 else x2, y1 if y1 < y2 else y2, x2 if x1 < x2 else x1,
            y2 if y1 < y2 else y1), None  # fmt: skip


def lost_fields(annotation: Mapping[str, Any], kept: Iterable[str] = ()) -> Iterator[str]:
    """Yield what is lost where only class and geometry are written.

    Args:
        kept: keys of attributes that are written.
    """
    if (attributes := annotation.get("attributes")) and any(
        attribute.get("key") not in kept for attribute in attributes
    ):
        yield ATTRIBUTES_LOST
    if (keypoints := annotation.get("keypoints")) and any(one.get("value") for one in keypoints):
        yield KEYPOINTS_LOST


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
