"""Many objects described by arguments, put into a dataset as one revision."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastlabel.dataset_folder import pushes
from fastlabel.dataset_folder.pushes import Change
from fastlabel.dataset_folder.reports import PushReport
from fastlabel.dataset_revisions import DatasetRevisions
from fastlabel.datasets import checked_file, checked_type
from fastlabel.exceptions import FastLabelException
from fastlabel.formats.report import Problem
from fastlabel.sending import Failure, bar
from fastlabel.steps import Steps, ask
from fastlabel.types import Dataset

FIELDS: Final = {
    "type": "type",
    "tags": "tags",
    "licenses": "licenses",
    "annotations": "annotations",
    "custom_metadata": "customMetadata",
}
"""Arguments that describe an object, and what the API calls them."""


@dataclass(frozen=True)
class UploadOptions:
    """How an upload is to go about it."""

    message: str = ""
    key: str | None = None
    skip_bad: bool = False
    workers: int = 4
    progress: bool = True


def upload(
    dataset: Dataset,
    objects: Iterable[Mapping[str, Any]],
    removed: Iterable[str],
    options: UploadOptions,
) -> Steps[PushReport]:
    """Bring changes and make them one revision; go on with what broke off under the key.

    Raises:
        FastLabelException: the revision could not be made.
    """
    report = PushReport(dataset["name"])
    key = options.key or uuid.uuid4().hex
    push = yield from pushes.start(dataset["id"], key, options.message)
    received = set(push["received"])
    with bar(None, options.progress, "sending objects") as advance:

        def changes() -> Iterator[Change]:
            seen: set[str] = set()
            for index, one in enumerate(objects):
                change = _change(one, index, report)
                if change is None:
                    continue
                if change.name in seen:
                    report.bad.append(Problem(change.name, "there are two objects of this name"))
                elif change.name not in received:
                    yield change
                seen.add(change.name)
            for name in removed:
                if name not in received:
                    yield Change(name, is_removal=True)

        def done(change: Change, failure: Failure | None) -> None:
            if failure is None:
                received.add(change.name)
                if change.file is not None:
                    report.sent_files += 1
                    report.sent_bytes += change.size
            else:
                message = (
                    failure.message if isinstance(failure, FastLabelException) else str(failure)
                )
                report.bad.append(Problem(change.name, message))
            advance()

        yield from pushes.send(dataset["id"], push["id"], changes(), done, options.workers)
    if not received or (report.bad and not options.skip_bad):
        if options.key is None or not received:
            yield from pushes.drop(dataset["id"], push["id"])
        return report
    job = yield from pushes.commit(dataset["id"], push["id"], None)
    report.revision_id = job["revisionId"]
    if report.revision_id is not None:
        revision = yield from ask(
            DatasetRevisions.find_dataset_revision, dataset["id"], report.revision_id
        )
        report.added = revision["added"]
        report.changed = revision["changed"]
        report.removed = revision["removed"]
    return report


def _change(one: Any, index: int, report: PushReport) -> Change | None:
    """Return the change that an object's arguments describe, None (and a problem) if none."""
    name = one.get("name") if isinstance(one, Mapping) else None
    if not isinstance(name, str) or not name:
        report.bad.append(Problem(f"objects[{index}]", "expected a dict with a name"))
        return None
    unknown = one.keys() - FIELDS.keys() - {"name", "file_path"}
    try:
        if unknown:
            raise ValueError(f"{min(unknown)}: no such argument")
        checked_type(one.get("type"))
        path, size = None, 0
        if one.get("file_path") is not None:
            path = checked_file(name, one["file_path"])
            size = path.stat().st_size
    except (FastLabelException, OSError, ValueError) as error:
        message = error.message if isinstance(error, FastLabelException) else str(error)
        report.bad.append(Problem(name, message))
        return None
    fields = {FIELDS[key]: one[key] for key in FIELDS if one.get(key) is not None}
    return Change(name, file=path, size=size, fields=fields)
