"""One look at all objects before the first is used: their classes, and what each is good for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.report import Report
from fastlabel.modalities import listed
from fastlabel.training.packed import Packed
from fastlabel.training.sources import Example, Selection, Source
from fastlabel.training.targets import Labels, Target, Used


@dataclass(frozen=True)
class Wish:
    """What somebody wants of a source."""

    target: Target
    selection: Selection
    kind: str
    """Objects of other kinds are left out."""
    classes: Sequence[str] | None = None
    """None: all that the target uses anywhere in the revision, sorted."""
    keypoints: Sequence[str] | None = None
    """As `classes`, of the keys of keypoints."""
    first_label: int | None = None
    """None: as the target has it by convention."""

    def used(self, found: Mapping[str, Any], report: Report) -> Used | None:
        """Return what is used of an object that is wanted; None leaves it out."""
        if found["kind"] != self.kind:
            report.skip(found, f"of the kind {found['kind']}, not {self.kind}")
            return None
        used = self.target.used(found, report)
        if used is not None and self.classes is not None:
            used = self.target.narrowed(used, self.classes, found, report)
        if used is not None:
            report.images += 1
            for annotation in self.target.annotations(used):
                report.wrote(annotation)
        return used

    def labels(self, classes: Collection[str] = (), keypoints: Collection[str] = ()) -> Labels:
        """Number the classes: those that are wanted, or those that were found."""
        first = self.target.first_label if self.first_label is None else self.first_label
        return Labels(
            sorted(classes) if self.classes is None else list(self.classes),
            first,
            sorted(keypoints) if self.keypoints is None else list(self.keypoints),
        )


@dataclass(frozen=True)
class Opened:
    """A source, and what it holds of what is wanted."""

    source: Source
    wish: Wish
    labels: Labels
    report: Report
    """What of the annotations is used, and what was left out and why."""
    records: Packed | None
    """Of each object that is used, as `record` returns it; None for a stream."""


def survey(
    source: Source, wish: Wish, report: Report, *, keep: bool = True
) -> tuple[Labels, Packed]:
    """Look at all objects of a source; return the classes, and the records of those wanted.

    Those that the selection leaves out count for the classes, so that the numbers of train and
    valid are the same.

    Args:
        keep: False returns no records.

    Raises:
        FastLabelInvalidException: no object is of the kind, or a loss where the report is
            strict.
    """
    classes: set[str] = set()
    keypoints: set[str] = set()
    kinds: Counter[str] = Counter()
    records = Packed()
    nowhere = Report(Path())
    for example in source.listing:
        is_wanted = wish.selection.takes(example.found)
        if is_wanted:
            kinds[example.found["kind"]] += 1
        elif wish.classes is not None and wish.keypoints is not None:
            continue
        if not is_wanted and example.found["kind"] != wish.kind:
            continue
        used = wish.used(example.found, report if is_wanted else nowhere)
        if used is None:
            continue
        classes.update(wish.target.values(used))
        keypoints.update(wish.target.keypoints(used))
        if is_wanted and keep:
            records.append(record(source, example, used))
    if kinds and wish.kind not in kinds:
        raise FastLabelInvalidException(
            f"{source.title}: none of its objects is of the kind {wish.kind!r}; "
            f"give kind={listed([repr(kind) for kind in sorted(kinds)])}",
            422,
        )
    return wish.labels(classes, keypoints), records


def record(source: Source, example: Example, used: Used) -> dict[str, Any]:
    """Return what is kept of an object until it is loaded."""
    return {
        "file": source.files.described(example),
        "used": used,
        "position": example.position,
    }
