"""A span of a recording."""

from __future__ import annotations

from fastlabel.shapes.base import SpanShape


class TimeSpan(SpanShape):
    """`start` and `end` are seconds from the beginning, whole or not."""

    type = "segmentation"
    unit = "seconds"
