"""A span of a text: a named entity."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from fastlabel.shapes.base import ShapeError, SpanShape, check_whole, shown


class TextSpan(SpanShape):
    """`start` and `end` count code points from 0, `end` exclusive; `text` is what they enclose."""

    type = "ner"
    fields: ClassVar[tuple[str, ...]] = ("start", "end", "text")
    unit = "characters"

    def check(
        self,
        annotation: Mapping[str, Any],
        where: str,
        keypoint_keys: Collection[str] | None = None,
    ) -> None:
        super().check(annotation, where, keypoint_keys)
        text = annotation.get("text")
        if text is not None and not isinstance(text, str):
            raise ShapeError(f"{where}.text: expected a text, got {shown(text)}")

    def check_position(self, value: object, where: str) -> None:
        check_whole(value, where)
