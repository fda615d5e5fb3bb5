"""What an export did with the annotations, and what an import found wrong: nothing in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastlabel.exceptions import FastLabelInvalidException


@dataclass
class ClassReport:
    """The annotations of one class and type."""

    written: int = 0
    changed: Counter[str] = field(default_factory=Counter)
    """What was changed, and in how many of the written ones."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Why, and how many."""


@dataclass
class Report:
    """What an export wrote, and what it changed or left out. `print` it to tell a user."""

    path: Path
    """The file, or the folder of the files."""
    strict: bool = False
    """Raise at the first annotation that is changed or left out."""
    noun: str = "image"
    """What a task is in this format."""
    images: int = 0
    """Tasks, or frames of videos, that were written."""
    classes: dict[tuple[str, str], ClassReport] = field(default_factory=dict)
    """By class value and annotation type."""
    examples: dict[str, str] = field(default_factory=dict)
    """The first place that was changed or left out, by the reason."""
    renamed: dict[str, str] = field(default_factory=dict)
    """Files that could not be named as usual, by the name of the task."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Whole tasks that were left out, by the reason."""

    @property
    def written(self) -> int:
        return sum(entry.written for entry in self.classes.values())

    @property
    def changed(self) -> int:
        return sum(entry.changed.total() for entry in self.classes.values())

    @property
    def left_out(self) -> int:
        return sum(entry.left_out.total() for entry in self.classes.values())

    def entry(self, annotation: Mapping[str, Any]) -> ClassReport:
        """Return the entry of an annotation's class and type, new where there is none yet."""
        value, annotation_type = annotation.get("value"), annotation.get("type")
        key = (
            value if isinstance(value, str) else str(value),
            annotation_type if isinstance(annotation_type, str) else str(annotation_type),
        )
        found = self.classes.get(key)
        if found is None:
            found = self.classes[key] = ClassReport()
        return found

    def wrote(self, annotation: Mapping[str, Any]) -> None:
        """Count an annotation that is written, changed or not."""
        try:
            self.classes[annotation["value"], annotation["type"]].written += 1
        except (KeyError, TypeError):  # the first of its class, or no texts
            self.entry(annotation).written += 1

    def change(self, annotation: Mapping[str, Any], reason: str, where: str) -> None:
        """Count an annotation that the file says differently.

        Args:
            where: the annotation's place, such as `a.jpg: annotations[3]`.

        Raises:
            FastLabelInvalidException: the report is strict.
        """
        self._note(reason, where)
        self.entry(annotation).changed[reason] += 1

    def leave_out(self, annotation: Mapping[str, Any], reason: str, where: str) -> None:
        """Count an annotation that is not written.

        Raises:
            FastLabelInvalidException: the report is strict.
        """
        self._note(reason, where)
        self.entry(annotation).left_out[reason] += 1

    def skip(self, task: Mapping[str, Any], reason: str) -> None:
        """Count a task that is left out, and its annotations.

        Raises:
            FastLabelInvalidException: the report is strict.
        """
        self._note(reason, str(task.get("name")))
        self.skipped[reason] += 1
        for annotation in task.get("annotations") or ():
            self.entry(annotation).left_out[reason] += 1

    def _note(self, reason: str, where: str) -> None:
        if self.strict:
            raise FastLabelInvalidException(f"{where}: {reason}", 422)
        self.examples.setdefault(reason, where)

    def __str__(self) -> str:
        lines = [f"{self.path}: {_count(self.images, self.noun)}, "]
        lines[0] += _count(self.written, "annotation")
        if self.left_out:
            lines[0] += f", {self.left_out:,} left out"
        for reason, count in self.skipped.most_common():
            lines.append(f"  {count:,} skipped: {reason} (first: {self.examples[reason]})")
        for (value, annotation_type), entry in sorted(self.classes.items()):
            lines.append(f"  {value} ({annotation_type}): {entry.written:,} written")
            lines += self._reasons("changed", entry.changed)
            lines += self._reasons("left out", entry.left_out)
        if self.renamed:
            name, written_as = next(iter(self.renamed.items()))
            lines.append(
                f"  {_count(len(self.renamed), 'file')} named otherwise, as the usual name was "
                f"taken or no path in the folder (first: {name} as {written_as})"
            )
        return "\n".join(lines)

    def _reasons(self, outcome: str, counts: Counter[str]) -> list[str]:
        return [
            f"    {count:,} {outcome}: {reason} (first: {self.examples[reason]})"
            for reason, count in counts.most_common()
        ]


@dataclass(frozen=True)
class Problem:
    """Something that is wrong with a row; `where` names file and line, or the file alone."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


@dataclass
class ReadReport:
    """What was read, and every row that could not be."""

    strict: bool = False
    """Raise at the first bad row."""
    images: int = 0
    annotations: int = 0
    bad: list[Problem] = field(default_factory=list)

    def problem(self, where: str, message: str) -> None:
        """Note a bad row, which is passed over.

        Raises:
            FastLabelInvalidException: the report is strict.
        """
        problem = Problem(where, message)
        if self.strict:
            raise FastLabelInvalidException(str(problem), 422)
        self.bad.append(problem)

    def __str__(self) -> str:
        counts = f"{_count(self.images, 'image')}, {_count(self.annotations, 'annotation')}"
        return f"{counts}, {_count(len(self.bad), 'bad row')}" if self.bad else counts


def counted(counts: Mapping[str, int], nothing: str = "nothing to do") -> str:
    """Return what was counted, such as `2 created, 1 skipped`, without what there is none of."""
    return ", ".join(f"{count:,} {what}" for what, count in counts.items() if count) or nothing


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
