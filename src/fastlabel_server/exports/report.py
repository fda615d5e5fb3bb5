"""The report of a writer as JSON."""

from __future__ import annotations

from typing import Final

from fastlabel.formats.report import Report
from fastlabel.types import ExportReport

KEPT_NAMES: Final = 100
"""Files that were named otherwise and are listed; all of them are counted."""


def to_json(report: Report) -> ExportReport:
    """Return what a writer reported as the API shows it."""
    return {
        "images": report.images,
        "written": report.written,
        "changed": report.changed,
        "leftOut": report.left_out,
        "classes": [
            {
                "value": value,
                "type": annotation_type,
                "written": entry.written,
                "changed": dict(entry.changed.most_common()),
                "leftOut": dict(entry.left_out.most_common()),
            }
            for (value, annotation_type), entry in sorted(report.classes.items())
        ],
        "skipped": dict(report.skipped.most_common()),
        "examples": dict(report.examples),
        "renamedCount": len(report.renamed),
        "renamed": dict(list(report.renamed.items())[:KEPT_NAMES]),
    }
