"""XML from strangers, element by element, in memory that does not grow with the file.

Document type declarations are refused: with them come entities, which read other files or
grow to any size, and none of our formats needs one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat
from xml.sax import saxutils

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.report import ReadReport

# All that XML 1.0 has no way to say, not even as an escape.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(slots=True)
class Node:
    """An element with all that it encloses."""

    tag: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def find_text(self, tag: str) -> str:
        """Return the text of the first child of that name, empty where there is none."""
        return next((child.text for child in self.children if child.tag == tag), "")


def nodes(source: Path, root: str, wanted: Collection[str], report: ReadReport) -> Iterator[Node]:
    """Yield the outermost elements that have one of the names wanted.

    Where the text breaks off or is malformed, the rest goes to the report.

    Args:
        root: the name that the first element must have.

    Raises:
        FastLabelInvalidException: no such file, another first element, or a document type.
    """
    ready: list[Node] = []
    stack: list[Node] = []
    depth = 0  # of wanted elements that are open
    is_rooted = False
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, is_rooted
        if not is_rooted:
            is_rooted = True
            if tag != root:
                raise FastLabelInvalidException(
                    f"{source}: expected <{root}> as the first element, got <{tag}>", 422
                )
        node = Node(tag, attributes, parser.CurrentLineNumber)
        if depth:
            stack[-1].children.append(node)
        if depth or tag in wanted:
            depth += 1
        stack.append(node)

    def end(_: str) -> None:
        nonlocal depth
        node = stack.pop()
        if depth:
            depth -= 1
            if not depth:
                ready.append(node)

    def text(data: str) -> None:
        if depth:
            stack[-1].text += data

    def refuse(*_: object) -> None:
        raise FastLabelInvalidException(
            f"{source}:{parser.CurrentLineNumber}: a document type declaration; such files are "
            "not read",
            422,
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        with source.open("rb") as file:
            while True:
                chunk = file.read(1 << 16)
                try:
                    parser.Parse(chunk, not chunk)
                except (LookupError, ValueError) as error:  # the encoding that it names
                    raise FastLabelInvalidException(f"{source}: no XML: {error}", 422) from None
                except expat.ExpatError as error:
                    if not is_rooted:
                        raise FastLabelInvalidException(f"{source}: no XML: {error}", 422) from None
                    yield from ready
                    report.problem(f"{source}:{error.lineno}", f"the XML ends here: {error}")
                    return
                yield from ready
                ready.clear()
                if not chunk:
                    return
    except OSError as error:
        raise FastLabelInvalidException(f"{source}: cannot be read: {error}", 422) from error


def is_sayable(text: str) -> bool:
    """Tell whether XML has a form for every character."""
    return _ILLEGAL.search(text) is None


def quoted(value: object) -> str:
    """Return an attribute's value with its quotes; what XML cannot say becomes U+FFFD."""
    return saxutils.quoteattr(_ILLEGAL.sub("\ufffd", str(value)))


def escaped(value: object) -> str:
    """Return the text of an element; what XML cannot say becomes U+FFFD."""
    return saxutils.escape(_ILLEGAL.sub("\ufffd", str(value)), {"\r": "&#13;"})
