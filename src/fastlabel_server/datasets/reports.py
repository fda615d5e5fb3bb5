"""What a job between a dataset and a project has to tell of the objects it looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

EXAMPLES: Final = 100
"""That are kept; everything is counted."""
REASONS: Final = 100
"""For what is left out that are told apart."""
OTHER_REASONS: Final = "other reasons"

Outcome: TypeAlias = Literal["created", "changed", "unchanged", "taken", "passedOver", "failed"]
"""Each object has one."""
COUNTS: Final = (
    "created",
    "changed",
    "unchanged",
    "outdated",
    "taken",
    "passedOver",
    "failed",
    "annotations",
)


@dataclass(frozen=True)
class Loss:
    """Something of an object that did not come along."""

    reason: str
    """Alike for all that is lost for it."""
    message: str
    """Names the place and the value."""


@dataclass
class Report:
    """What the objects of a chunk came to."""

    counts: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    classes: list[str] = field(default_factory=list)
    examples: list[dict[str, str]] = field(default_factory=list)

    def add(self, outcome: Outcome, name: str, message: str | None = None) -> None:
        """Count an object; a message is an example of what went wrong."""
        self.counts[outcome] += 1
        if message is not None:
            self._tell(name, message)

    def add_labels(self, name: str, count: int, losses: list[Loss]) -> None:
        """Count what came along with an object, and what did not."""
        self.counts["annotations"] += count
        for loss in losses:
            self.left_out[loss.reason] += 1
            self._tell(name, loss.message)

    def copy(self) -> Report:
        return Report(
            Counter(self.counts), Counter(self.left_out), list(self.classes), list(self.examples)
        )

    def joined(self, before: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the report of a job, of what it was before this chunk."""
        before = before or {}
        counts = {name: before.get(name, 0) + self.counts[name] for name in COUNTS}
        left_out = dict(before.get("leftOut", {}))
        for reason, count in self.left_out.items():
            key = reason if reason in left_out or len(left_out) < REASONS else OTHER_REASONS
            left_out[key] = left_out.get(key, 0) + count
        return {
            **counts,
            "leftOut": left_out,
            "classes": [*before.get("classes", ()), *self.classes],
            "examples": [*before.get("examples", ()), *self.examples][:EXAMPLES],
        }

    def _tell(self, name: str, message: str) -> None:
        if len(self.examples) < EXAMPLES:
            self.examples.append({"name": name, "message": message})
