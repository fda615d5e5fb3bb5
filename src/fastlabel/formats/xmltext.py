"""XML: texts made safe for it, and parsers for files from strangers.

Document type declarations are refused: with them come entities, which read other files or
grow to any size, and none of our formats needs one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from xml.parsers import expat

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.report import ReadReport

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element, TreeBuilder

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_READ_BYTES = 1 << 16


@lru_cache(maxsize=4096)
def escaped(text: str) -> str:
    """Return a text for use between tags; what XML 1.0 cannot hold at all becomes U+FFFD.

    Source: https://www.w3.org/TR/xml/#charsets
    """
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # A parser would turn a bare carriage return into a line feed.
    return _FORBIDDEN.sub("\ufffd", text).replace("\r", "&#13;")


def quoted(text: str) -> str:
    """Return a text as the value of an attribute, with its quotes; otherwise as `escaped`."""
    # A parser would turn line feeds and tabs into spaces.
    text = escaped(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
    return f'"{text}"'


@lru_cache(maxsize=4096)
def is_writable(text: str) -> bool:
    """Return whether XML 1.0 can hold all characters of a text."""
    return _FORBIDDEN.search(text) is None


class _Refused(ValueError):
    """It may be XML, but none that is read here."""


def _parser(builder: TreeBuilder) -> expat.XMLParserType:
    """Return a parser that fills a builder, without a call of Python for each element."""

    def refuse(*_: object) -> None:
        raise _Refused("document type declarations are not accepted")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    return parser


def parse(data: bytes) -> Element:
    """Return the root element of a small file.

    Raises:
        ValueError: it is no XML, or has a document type declaration.
    """
    from xml.etree.ElementTree import TreeBuilder

    builder = TreeBuilder()
    try:
        _parser(builder).Parse(data, True)
    except _Refused:
        raise
    # LookupError and ValueError: an encoding that nobody knows, or that this parser does not.
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise ValueError(f"no XML: {error}") from None
    return builder.close()


@dataclass(frozen=True)
class Part:
    """An element with all that it encloses, and where in the file that is."""

    element: Element
    lines: Sequence[int]
    """On which it and the elements in it begin, in their order in the file."""

    @property
    def line(self) -> int:
        return self.lines[0]

    @cached_property
    def line_of(self) -> Mapping[Element, int]:
        """The line of each; elements are told apart by identity."""
        return dict(zip(self.element.iter(), self.lines, strict=True))


def parts(source: Path, root: str, wanted: Collection[str], report: ReadReport) -> Iterator[Part]:
    """Yield the outermost elements that have one of the names wanted, in flat memory.

    Where the text breaks off or is malformed, the rest goes to the report.

    Args:
        root: the name that the first element must have.

    Raises:
        FastLabelInvalidException: no such file, another first element, or a document type
            declaration.
    """
    from xml.etree.ElementTree import TreeBuilder

    builder = TreeBuilder()
    lines: list[int] = []
    ready: list[Part] = []
    depth = 0  # of wanted elements that are open
    is_rooted = False
    parser = _parser(builder)

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, is_rooted
        if not is_rooted and tag != root:
            raise _Refused(f"expected <{root}> as the first element, got <{tag}>")
        is_rooted = True
        if depth or tag in wanted:
            if not depth:
                parser.CharacterDataHandler = builder.data
            depth += 1
            lines.append(parser.CurrentLineNumber)
            builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal builder, depth, lines
        if depth:
            depth -= 1
            builder.end(tag)
            if not depth:
                ready.append(Part(builder.close(), lines))
                builder, lines = TreeBuilder(), []
                parser.CharacterDataHandler = None

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = None
    try:
        with source.open("rb") as file:
            while True:
                chunk = file.read(_READ_BYTES)
                try:
                    parser.Parse(chunk, not chunk)
                except _Refused as error:
                    where = f"{source}:{parser.CurrentLineNumber}"
                    raise FastLabelInvalidException(f"{where}: {error}", 422) from None
                except (expat.ExpatError, LookupError, ValueError) as error:
                    if not is_rooted:
                        raise FastLabelInvalidException(f"{source}: no XML: {error}", 422) from None
                    yield from ready
                    where = f"{source}:{parser.CurrentLineNumber}"
                    report.problem(where, f"the XML ends here: {error}")
                    return
                yield from ready
                ready.clear()
                if not chunk:
                    return
    except OSError as error:
        raise FastLabelInvalidException(f"{source}: cannot be read: {error}", 422) from error
