"""The documentation as the tests read it: fenced blocks, tables, links, headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")))

_FENCE = re.compile(r"```(\w*)\n")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block; `line` is that of its first line of content."""

    path: Path
    language: str
    line: int
    text: str
    follows: bool = False
    """Only blank lines are between this block and the one before."""


def blocks(path: Path) -> list[Block]:
    """Return the fenced blocks of a document in their order."""
    found: list[Block] = []
    fence: tuple[str, int] | None = None
    content: list[str] = []
    adjacent = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(True), start=1):
        if fence is not None and line.startswith("```"):
            found.append(Block(path, *fence, "".join(content), adjacent))
            fence, content, adjacent = None, [], True
        elif fence is not None:
            content.append(line)
        elif opening := _FENCE.fullmatch(line):
            fence = (opening[1], number + 1)
        elif line.strip():
            adjacent = False
    assert fence is None, f"{path}: a block is not closed"
    return found


def prose(path: Path) -> str:
    """Return a document without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)


def links(path: Path) -> list[str]:
    """Return the targets of the links of a document that stay inside the repository."""
    return [link for link in _LINK.findall(prose(path)) if "://" not in link]


def anchors(path: Path) -> set[str]:
    """Return what a link may name after `#`, by the rule of GitHub."""
    headings = re.findall(r"^#+ (.+)$", prose(path), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def table(path: Path, first_header: str) -> list[list[str]]:
    """Return the rows of the one table whose first column has this header."""
    rows: list[list[str]] | None = None
    tables = []
    for cells in _lines_of_cells(path):
        if cells is None:
            rows = None
        elif rows is None:
            rows = [cells]
            tables.append(rows)
        else:
            rows.append(cells)
    (found,) = (rows for rows in tables if rows[0][0] == first_header)
    return [found[0], *found[2:]]


def _lines_of_cells(path: Path) -> Iterator[list[str] | None]:
    for line in prose(path).splitlines():
        yield [cell.strip() for cell in line.split("|")[1:-1]] if line.startswith("|") else None
