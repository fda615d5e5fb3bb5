"""XML: text made safe for it, and a parser for files from strangers."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@lru_cache(maxsize=4096)
def escaped(text: str) -> str:
    """Return a text for use between tags; what XML 1.0 cannot hold at all becomes U+FFFD.

    Source: https://www.w3.org/TR/xml/#charsets
    """
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # A parser would turn a bare carriage return into a line feed.
    return _FORBIDDEN.sub("\ufffd", text).replace("\r", "&#13;")


def is_writable(text: str) -> bool:
    """Return whether XML 1.0 can hold all characters of a text."""
    return _FORBIDDEN.search(text) is None


def parse(data: bytes) -> Element:
    """Return the root element of an XML file.

    Document type declarations are refused, and with them all entities but the five of XML
    itself: nothing can be expanded, nothing is fetched.

    Raises:
        ValueError: it is no XML, or has a document type declaration.
    """
    from xml.etree.ElementTree import ParseError, TreeBuilder, XMLParser

    class Builder(TreeBuilder):
        def doctype(self, name: str, public_id: str | None, system: str | None) -> None:
            raise ValueError("document type declarations are not accepted")

    parser = XMLParser(target=Builder())  # noqa: S314 - Builder refuses what attacks need
    try:
        parser.feed(data)
        root: Element = parser.close()
    except (ParseError, LookupError) as error:  # or an encoding that nobody knows
        raise ValueError(f"no XML: {error}") from None
    return root


def lines_below_root(data: bytes, tag: str) -> list[int]:
    """Return the lines on which the elements of a tag begin that are children of the root.

    The tree of `parse` does not know them; they are only asked for where something is wrong.
    """
    from xml.parsers import expat

    parser = expat.ParserCreate()
    lines: list[int] = []
    depth = 0

    def start(name: str, _: object) -> None:
        nonlocal depth
        depth += 1
        if depth == 2 and name == tag:
            lines.append(parser.CurrentLineNumber)

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(data, True)
    return lines
