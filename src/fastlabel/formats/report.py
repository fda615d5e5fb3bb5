"""What an export did with the annotations: nothing is changed or left out in silence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path


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
    """An export's file and what is in it. `print` it to tell a user."""

    path: Path
    images: int = 0
    classes: dict[tuple[str, str], ClassReport] = field(default_factory=dict)
    """By class value and annotation type."""
    examples: dict[str, str] = field(default_factory=dict)
    """The first place that was changed or left out, by the reason."""

    @property
    def written(self) -> int:
        return sum(entry.written for entry in self.classes.values())

    @property
    def changed(self) -> int:
        return sum(entry.changed.total() for entry in self.classes.values())

    @property
    def left_out(self) -> int:
        return sum(entry.left_out.total() for entry in self.classes.values())

    def entry(self, value: str, annotation_type: str) -> ClassReport:
        """Return the entry of a class and type, new where there is none yet."""
        key = (value, annotation_type)
        if key not in self.classes:
            self.classes[key] = ClassReport()
        return self.classes[key]

    def __str__(self) -> str:
        lines = [f"{self.path}: {_count(self.images, 'image')}, "]
        lines[0] += _count(self.written, "annotation")
        if self.left_out:
            lines[0] += f", {self.left_out:,} left out"
        for (value, annotation_type), entry in sorted(self.classes.items()):
            lines.append(f"  {value} ({annotation_type}): {entry.written:,} written")
            lines += self._reasons("changed", entry.changed)
            lines += self._reasons("left out", entry.left_out)
        return "\n".join(lines)

    def _reasons(self, outcome: str, counts: Counter[str]) -> list[str]:
        return [
            f"    {count:,} {outcome}: {reason} (first: {self.examples[reason]})"
            for reason, count in counts.most_common()
        ]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
