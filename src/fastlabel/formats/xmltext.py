"""XML: text made safe for it, and a parser for files from strangers."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

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
    """Return the root element of an XML file; every element has its line as the key `:line`.

    Document type declarations are refused, and with them all entities but the five of XML
    itself: nothing can be expanded, nothing is fetched.

    Raises:
        ValueError: it is no XML, or has a document type declaration; names the line.
    """
    from xml.etree.ElementTree import TreeBuilder
    from xml.parsers import expat

    builder = TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def start(tag: str, attributes: dict[str, str]) -> None:
        builder.start(tag, attributes | {":line": str(parser.CurrentLineNumber)})

    def refuse(*_: Any) -> None:
        raise ValueError(
            f"line {parser.CurrentLineNumber}: document type declarations are not accepted"
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ValueError(f"no XML: {error}") from None
    except LookupError as error:  # an encoding that nobody knows
        raise ValueError(f"no XML: {error}") from None
    return builder.close()


def line_of(element: Element) -> str:
    """Return the line on which an element of `parse` begins."""
    return element.get(":line", "")
