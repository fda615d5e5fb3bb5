"""Texts written with their entities in them: `[[Kyoto|place] University|organisation]`."""

from __future__ import annotations

import re

from fastlabel_server.demo.samples import Json

_TOKEN = re.compile(r"\[|\|([a-z_]+)\]")


def parsed(source: str) -> tuple[str, list[Json]]:
    """Return a text without its marks, and its entities in the order in which they begin.

    Raises:
        ValueError: a bracket that is not closed, or closed without being open.
    """
    text = ""
    open_starts: list[int] = []
    entities: list[Json] = []
    position = 0
    for token in _TOKEN.finditer(source):
        text += source[position : token.start()]
        position = token.end()
        if token.group() == "[":
            open_starts.append(len(text))
            continue
        if not open_starts:
            raise ValueError(f"{source[: token.end()][-40:]!r}: closes what is not open")
        start = open_starts.pop()
        entities.append(
            {"type": "ner", "value": token.group(1), "start": start, "end": len(text),
             "text": text[start:]}
        )  # fmt: skip
    if open_starts:
        raise ValueError(f"{text[open_starts[-1] :][:40]!r}: is not closed")
    text += source[position:]
    return text, sorted(entities, key=lambda entity: (entity["start"], -entity["end"]))
