"""A classification: it holds for the whole task and has no geometry."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from fastlabel.geometry import Bounds
from fastlabel.shapes.base import PlanarShape


class Classification(PlanarShape):
    """The answer is in the attributes; `points`, where sent, are []."""

    type = "classification"
    fields: ClassVar[tuple[str, ...]] = ()

    def check(
        self,
        annotation: Mapping[str, Any],
        where: str,
        keypoint_keys: Collection[str] | None = None,
    ) -> None:
        """Take any: there is no geometry to be wrong."""

    def bounds_xyxy(self, annotation: Mapping[str, Any]) -> Bounds | None:
        return None
