"""A pose: the keypoints of its class, each of them placed or not, visible or occluded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from fastlabel import geometry
from fastlabel.geometry import Bounds
from fastlabel.shapes.base import LISTS, PlanarShape, ShapeError, check_numbers, shown


class PoseEstimation(PlanarShape):
    """`keypoints` are [{key, value: [x, y, visible]}]; visible is 1, occluded is 0.

    A keypoint that is not placed is left out or has the value []. There are no points, and
    the skeleton belongs to the class.
    """

    type = "pose_estimation"
    fields: ClassVar[tuple[str, ...]] = ("keypoints",)

    def check(
        self,
        annotation: Mapping[str, Any],
        where: str,
        keypoint_keys: Collection[str] | None = None,
    ) -> None:
        keypoints = annotation.get("keypoints")
        if keypoints is None:
            raise ShapeError(
                f"{where}.keypoints: missing; a pose has [{{key, value: [x, y, visible]}}, ...]"
            )
        check_keypoints(keypoints, f"{where}.keypoints", keypoint_keys)

    def bounds_xyxy(self, annotation: Mapping[str, Any]) -> Bounds | None:
        placed: list[float] = []
        for keypoint in annotation["keypoints"]:
            placed += keypoint["value"][:2] if keypoint["value"] else ()
        return geometry.bounds_xyxy(placed) if placed else None


def check_keypoints(keypoints: object, where: str, known: Collection[str] | None) -> None:
    """Refuse malformed keypoints, unknown keys, and a key given twice.

    Args:
        keypoints: as the API takes them; `name` and `edges`, which it sends, do not matter.
        where: their place in the request, such as `annotations[3].keypoints`.
        known: the keys of the class; None takes any.

    Raises:
        ShapeError: names the path below `where` and the value.
    """
    if not isinstance(keypoints, LISTS):
        raise ShapeError(
            f"{where}: expected a list [{{key, value: [x, y, visible]}}, ...], "
            f"got {shown(keypoints)}"
        )
    seen: set[str] = set()
    for index, keypoint in enumerate(keypoints):
        if not isinstance(keypoint, dict) or "key" not in keypoint or "value" not in keypoint:
            raise ShapeError(
                f"{where}[{index}]: expected {{key, value: [x, y, visible]}}, got {shown(keypoint)}"
            )
        key, value = keypoint["key"], keypoint["value"]
        if not isinstance(key, str):
            raise ShapeError(f"{where}[{index}].key: expected a text, got {shown(key)}")
        if known is not None and key not in known:
            among = f"it has {', '.join(sorted(known))}" if known else "it has none"
            raise ShapeError(f"{where}[{index}].key: the class has no keypoint {key!r}; {among}")
        if key in seen:
            raise ShapeError(f"{where}[{index}].key: {key!r} is given twice")
        seen.add(key)
        # JSON also sends null for a keypoint that is not placed.
        if value is not None and value != []:
            _check_value(value, f"{where}[{index}].value")


def _check_value(value: object, where: str) -> None:
    numbers = check_numbers(value, where, "[x, y, visible]")
    if len(numbers) != 3:
        raise ShapeError(
            f"{where}: a keypoint has 3 numbers [x, y, visible], or [] where it is not placed; "
            f"got {len(numbers)}"
        )
    if numbers[2] not in (0, 1):
        raise ShapeError(
            f"{where}[2]: visible is 1, or 0 where the keypoint is occluded; "
            f"got {shown(numbers[2])}"
        )
