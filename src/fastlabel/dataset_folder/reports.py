"""What came of pulling and pushing."""

from __future__ import annotations

from dataclasses import dataclass, field

from fastlabel.formats.report import Problem, counted


@dataclass
class PullReport:
    """What came of a pull."""

    dataset: str
    revision_id: str
    """What the folder has now."""
    downloaded: int = 0
    unchanged: int = 0
    """Objects whose files were here already."""
    removed: int = 0
    """Files of objects that the revision does not have."""
    kept: list[str] = field(default_factory=list)
    """Objects that were changed here alone, and stay so."""
    conflicts: list[str] = field(default_factory=list)
    """Objects that were changed here and there; they were left alone."""
    failed: list[Problem] = field(default_factory=list)
    """Why files could not be brought; the next pull tries again."""

    @property
    def is_fine(self) -> bool:
        return not self.conflicts and not self.failed

    def __str__(self) -> str:
        counts = {
            "downloaded": self.downloaded,
            "unchanged": self.unchanged,
            "removed": self.removed,
            "kept as changed here": len(self.kept),
            "changed here and there": len(self.conflicts),
            "failed": len(self.failed),
        }
        return counted(counts, "no objects")


@dataclass
class PushReport:
    """What came of a push."""

    dataset: str
    revision_id: str | None = None
    """Of the revision that was made; None: there was none to make."""
    is_new_dataset: bool = False
    """The push made the dataset."""
    added: int = 0
    changed: int = 0
    removed: int = 0
    sent_files: int = 0
    sent_bytes: int = 0
    bad: list[Problem] = field(default_factory=list)
    """What is wrong with files and entries; those are not sent, or were refused."""
    passed_over: list[str] = field(default_factory=list)
    """Files that no objects are made of."""
    behind: int = 0
    """Objects that others changed meanwhile; a pull brings them."""

    @property
    def is_fine(self) -> bool:
        return not self.bad

    def __str__(self) -> str:
        counts = {
            "added": self.added,
            "changed": self.changed,
            "removed": self.removed,
            "bad": len(self.bad),
            "passed over": len(self.passed_over),
            "newer there": self.behind,
        }
        return counted(counts)
