"""Recordings: spans that end with one part and go on at the start of the next are one."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from fastlabel_server.tasks.integration.parts import Annotation, Parts, object_key

TOLERANCE_S: Final = 0.05
SHOWN: Final = ("attributes", "color", "start", "end", "title", "type", "value")


def merged(whole: Parts) -> list[dict[str, Any]]:
    """Return the spans of all parts on one time line, in the order of their parts."""
    found: list[Annotation] = []
    open_at_end: defaultdict[bytes, list[Annotation]] = defaultdict(list)
    offset: float = 0
    for part in whole.parts:
        duration = part.media["duration"]
        still_open: defaultdict[bytes, list[Annotation]] = defaultdict(list)
        for annotation in part.annotations:
            key = object_key(annotation)
            span = {
                **annotation,
                "start": annotation["start"] + offset,
                "end": annotation["end"] + offset,
            }
            if annotation["start"] <= TOLERANCE_S and open_at_end[key]:
                before = open_at_end[key].pop(0)
                before["end"] = span["end"]
                span = before
            else:
                found.append(span)
            if annotation["end"] >= duration - TOLERANCE_S:
                still_open[key].append(span)
        open_at_end = still_open
        offset += duration
    return [{key: span[key] for key in SHOWN} for span in found]
