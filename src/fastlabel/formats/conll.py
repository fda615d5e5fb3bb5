"""CoNLL: a file of tokens for each text, one a line, with BIO tags.

Specification: https://www.clips.uantwerpen.be/conll2003/ner/ (tags as IOB2)
Columns, with tabs between them: the token, its start and end in the text, its tag. Programs
that take the first and the last column, as is usual, see a plain CoNLL file; the two between
keep the positions, in code points.

A token is a run of characters between whitespace (`str.isspace`), or, where it is asked for, a
single character. An empty line stands
where the text has a line break between two tokens, though not within an entity.

Lost on the way out: a span that cuts through a token, or has whitespace at its ends, is set
to the whole tokens that it touches; of spans that share a token only the one that begins
first is written, and of those that begin together the longest; whitespace in class values
becomes "_"; attributes. The report counts them. The text itself is not brought along.

The reader takes beyond that: any columns with spaces or tabs between them, IOB1, BIOES and
BILOU tags, `-DOCSTART-` lines, which begin another text, and comments `# ...` before a
sentence. Where no columns hold positions, the tokens are joined by spaces, the sentences by
line breaks. The text that positions count in is the task's field `text`.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Dataset, Format, ReadTask, kind_of
from fastlabel.formats.fields import ATTRIBUTES_LOST, NO_SPACES, attributes_of, one_word
from fastlabel.formats.plaintext import read_text
from fastlabel.formats.report import ReadReport, Report
from fastlabel.formats.target import FileNames, Target
from fastlabel.formats.texts import OVERLAPS, spans_of, text_of

EXTENSIONS: Final = (".conll", ".bio", ".iob", ".tsv", ".txt")
TO_TOKENS: Final = "set to whole tokens"
ONLY_SPACE: Final = "the span has nothing but whitespace"
_ENDS: Final = frozenset("EL")
_SINGLES: Final = frozenset("SU")


@dataclass(frozen=True)
class Token:
    start: int
    end: int


def tokens_of(text: str) -> list[Token]:
    """Return the runs of characters between whitespace."""
    # Not with re: its \S takes some separators, such as U+001C, for letters.
    tokens = []
    start = None
    for at, letter in enumerate(text):
        if letter.isspace():
            if start is not None:
                tokens.append(Token(start, at))
                start = None
        elif start is None:
            start = at
    if start is not None:
        tokens.append(Token(start, len(text)))
    return tokens


def characters_of(text: str) -> list[Token]:
    """Return every character but whitespace."""
    return [Token(at, at + 1) for at, letter in enumerate(text) if not letter.isspace()]


TOKENIZERS: Final = {"words": tokens_of, "characters": characters_of}


def write(
    dataset: Dataset,
    target: Target,
    report: Report,
    *,
    tokens: Literal["words", "characters"] = "words",
) -> None:
    """Write each text task as a `.conll` file.

    Args:
        tokens: what a line holds; `characters` is for texts without spaces between words,
            such as Japanese.

    Raises:
        FastLabelInvalidException: another kind of tasks, or a text that cannot be read.
    """
    if tokens not in TOKENIZERS:
        raise FastLabelInvalidException(
            f"tokens: expected words or characters, got {tokens!r}", 422
        )
    kind_of(dataset, "text", "CoNLL")
    report.noun = "text"
    names = FileNames(report.renamed)
    for task in dataset.tasks:
        text = text_of(task, dataset)
        found = TOKENIZERS[tokens](text)
        tags = ["O"] * len(found)
        for annotation, where, start, end in spans_of(task, text, report):
            touched = _touched(found, start, end)
            if not touched:
                report.leave_out(annotation, ONLY_SPACE, where)
                continue
            if any(tags[at] != "O" for at in touched):
                report.leave_out(annotation, OVERLAPS, where)
                continue
            value = one_word(annotation["value"])
            for at in touched:
                tags[at] = f"I-{value}"
            tags[touched[0]] = f"B-{value}"
            report.wrote(annotation)
            if (found[touched[0]].start, found[touched[-1]].end) != (start, end):
                report.change(annotation, TO_TOKENS, where)
            if value != annotation["value"]:
                report.change(annotation, NO_SPACES, where)
            if attributes_of(annotation):
                report.change(annotation, ATTRIBUTES_LOST, where)
        target.write(names.place(task["name"], ".conll"), _file_text(text, found, tags))
        report.images += 1


def _touched(tokens: list[Token], start: int, end: int) -> range:
    """Return the places of the tokens that share a character with a span."""
    first = bisect.bisect_right(tokens, start, key=lambda token: token.end)
    last = bisect.bisect_left(tokens, end, key=lambda token: token.start)
    return range(first, last)


def _file_text(text: str, tokens: Iterable[Token], tags: Iterable[str]) -> str:
    lines = []
    before = None
    for token, tag in zip(tokens, tags, strict=True):
        between = text[before : token.start] if before is not None else ""
        if not tag.startswith("I-") and "\n" in between:
            lines.append("")
        lines.append(f"{text[token.start : token.end]}\t{token.start}\t{token.end}\t{tag}")
        before = token.end
    return "".join(f"{line}\n" for line in (*lines, ""))


def read(source: Path, report: ReadReport) -> Iterator[ReadTask]:
    """Read one file, or all files of a folder and those below it.

    A task has the name of its file, with the extension `.txt`.

    Raises:
        FastLabelInvalidException: there is no such file, or it is no text.
    """
    paths = [source]
    if source.is_dir():
        paths = sorted(path for path in source.rglob("*") if path.suffix.lower() in EXTENSIONS)
    for path in paths:
        text = read_text(path)
        base = path.relative_to(source) if source.is_dir() else Path(path.name)
        stem = base.with_suffix("").as_posix()
        for number, document in enumerate(_documents(text, path, report)):
            name = f"{stem}.txt" if number == 0 else f"{stem}_{number + 1}.txt"
            spans = document.spans()
            report.images += 1
            report.annotations += len(spans)
            yield ReadTask({"name": name, "text": document.text, "annotations": spans})


@dataclass
class _Document:
    text: str = ""
    tokens: list[tuple[int, int, str]] = field(default_factory=list)
    """Start, end and tag."""
    is_broken: bool = False
    """A sentence ended since the last token."""

    def add(self, token: str, tag: str, place: tuple[int, int] | None) -> None:
        """Add a token at its place, or after the last one."""
        gap = "\n" if self.is_broken else " "
        start = place[0] if place else len(self.text) + bool(self.text)
        if self.text and start > len(self.text):
            self.text += gap
        self.text += " " * (start - len(self.text)) + token
        self.tokens.append((start, start + len(token), tag))
        self.is_broken = False

    def spans(self) -> list[dict[str, Any]]:
        spans: list[dict[str, Any]] = []
        goes_on = False
        for start, end, tag in self.tokens:
            prefix, dash, value = tag.partition("-")
            if not dash:
                goes_on = False
                continue
            last = spans[-1] if goes_on else None
            if prefix in ("I", *_ENDS) and last is not None and last["value"] == value:
                last["end"] = end
            else:
                spans.append({"type": "ner", "value": value, "start": start, "end": end})
            goes_on = prefix not in _ENDS and prefix not in _SINGLES
        for span in spans:
            span["text"] = self.text[span["start"] : span["end"]]
        return spans


def _documents(text: str, path: Path, report: ReadReport) -> Iterator[_Document]:
    document = _Document()
    for number, line in enumerate(text.split("\n"), start=1):
        columns = line.split("\t") if "\t" in line else line.split()
        columns = [column.strip() for column in columns]
        if not any(columns) or (len(columns) == 1 and line.startswith("#")):
            document.is_broken = True
            continue
        if columns[0] == "-DOCSTART-":
            if document.tokens:
                yield document
            document = _Document()
            continue
        if line.startswith("# ") and not _is_tag(columns[-1]):
            continue
        try:
            document.add(columns[0], *_tag_and_place(columns, document))
        except ValueError as error:
            report.problem(f"{path}:{number}", str(error))
    if document.tokens or not text.strip():
        yield document


def _is_tag(text: str) -> bool:
    prefix, dash, value = text.partition("-")
    return text == "O" or (bool(dash and value) and prefix in ("B", "I", "E", "L", "S", "U"))


def _tag_and_place(columns: list[str], document: _Document) -> tuple[str, tuple[int, int] | None]:
    """Return the tag, and start and end where columns hold them.

    Raises:
        ValueError: no tag, or a place that its token cannot have.
    """
    if len(columns) < 2 or not _is_tag(columns[-1]):
        raise ValueError(
            f"expected a token and, last, a tag such as O, B-person or I-person, got {columns!r}"
        )
    if len(columns) != 4 or not (columns[1].isdecimal() and columns[2].isdecimal()):
        return columns[-1], None
    start, end = int(columns[1]), int(columns[2])
    if end - start != len(columns[0]) or start < len(document.text):
        raise ValueError(
            f"{columns[0]!r} cannot lie from {start} to {end}, "
            f"after {len(document.text)} characters"
        )
    if start - len(document.text) > 10_000_000:
        raise ValueError(f"start: {start} lies too far behind the token before")
    return columns[-1], (start, end)


CONLL = Format("conll", "CoNLL", ("text",), write=write, read=read, takes="a file or a folder")
