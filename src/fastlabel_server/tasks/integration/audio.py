"""Recordings: spans that end with one part and go on at the start of the next are one."""

from __future__ import annotations

from typing import Any, Final

from fastlabel_server.tasks.integration.parts import Annotation, Parts, of_one_class

TOLERANCE_S: Final = 0.05
SHOWN: Final = ("attributes", "color", "start", "end", "title", "type", "value")


def merged(whole: Parts) -> list[dict[str, Any]]:
    """Return the spans of all parts on one time line, in the order of their parts."""
    found: list[Annotation] = []
    open_at_end: list[Annotation] = []
    offset: float = 0
    for part in whole.parts:
        duration = part.media["duration"]
        still_open: list[Annotation] = []
        for annotation in part.annotations:
            shifted = {
                **annotation,
                "start": annotation["start"] + offset,
                "end": annotation["end"] + offset,
            }
            before = None
            if annotation["start"] <= TOLERANCE_S:
                before = next((one for one in open_at_end if of_one_class(one, annotation)), None)
            if before is not None:
                open_at_end.remove(before)
                before["end"] = shifted["end"]
                shifted = before
            else:
                found.append(shifted)
            if annotation["end"] >= duration - TOLERANCE_S:
                still_open.append(shifted)
        open_at_end = still_open
        offset += duration
    return [{key: span[key] for key in SHOWN} for span in found]
