"""A dataset in a folder, as `download_dataset_objects` and `fastlabel dataset pull` leave it.

    annotations.json          [{name, annotations, customMetadata, tags, object_type}, ...]
    images/1.jpg              the file of the object `images/1.jpg`

or, where it was brought by type, a folder for each of `none`, `train`, `valid` and `test` that
has such a list and the files. What an entry does not say is as in a new object: no tags, and
the type of its folder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastlabel.dataset_folder import listing
from fastlabel.dataset_folder.places import LISTING, Places
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.modalities import FileError
from fastlabel.modalities.objects import object_rule
from fastlabel.shapes.base import shown
from fastlabel.training.packed import Packed
from fastlabel.training.sources import PAGE, Example, Source

TYPES: Final = ("none", "train", "valid", "test")
_FORMS: Final[dict[str, type]] = {
    "object_type": str,
    "tags": list,
    "licenses": list,
    "annotations": list,
    "customMetadata": dict,
}


class PulledListing:
    """The entries of the lists in a folder."""

    def __init__(self, entries: Packed) -> None:
        self._entries = entries

    @property
    def page_count(self) -> int:
        return -(-len(self._entries) // PAGE)

    def page(self, number: int) -> list[Example]:
        first = number * PAGE
        return [
            Example(first + at, found)
            for at, found in enumerate(self._entries[first : first + PAGE])
        ]

    def __iter__(self) -> Iterator[Example]:
        return (Example(at, found) for at, found in enumerate(self._entries))


@dataclass(frozen=True)
class PulledFiles:
    """The files beside the lists."""

    folder: Path
    stay: bool = True

    def described(self, example: Example) -> dict[str, Any]:
        return {"path": example.found["path"]}

    @contextmanager
    def opened(self, described: Mapping[str, Any]) -> Iterator[Path]:
        path = self.folder / described["path"]
        if not path.is_file():
            raise FileNotFoundError(f"{path}: {LISTING} names it, but there is no such file")
        yield path


def pulled(folder: Path) -> Source:
    """Read what a folder has.

    Raises:
        FastLabelInvalidException: it has no list of objects, or one that says something else.
    """
    lists = [(folder, "none", "")]
    lists += [(folder / each, each, f"{each}/") for each in TYPES]
    lists = [each for each in lists if (each[0] / LISTING).is_file()]
    if not lists:
        raise FastLabelInvalidException(
            f"{folder}: no {LISTING}; `fastlabel dataset pull NAME {folder}` brings a dataset here",
            422,
        )
    entries = Packed()
    newest: dict[str, int] = {}
    for root, object_type, prefix in lists:
        for entry in _entries(root, object_type, prefix):
            # A list grows with each download, so the last one of a file is the newest.
            newest[entry["path"]] = len(entries)
            entries.append(entry)
    if len(newest) < len(entries):
        entries = Packed(entries[index] for index in newest.values())
    return Source(str(folder), None, PulledListing(entries), PulledFiles(folder.absolute()))


def _entries(root: Path, object_type: str, prefix: str) -> Iterator[dict[str, Any]]:
    places, path = Places(root), root / LISTING
    for index, entry in enumerate(listing.read(path)):
        where, name = f"{path}: [{index}]", entry["name"]
        try:
            places.path_of(name)
            kind = object_rule(name, 0).modality
        except (FastLabelInvalidException, FileError) as error:
            reason = error.message if isinstance(error, FastLabelInvalidException) else error
            raise FastLabelInvalidException(f"{where}.name: {reason}", 422) from error
        for key, form in _FORMS.items():
            if not isinstance(entry.get(key) or form(), form):
                raise FastLabelInvalidException(
                    f"{where}.{key}: expected a {form.__name__}, got {shown(entry[key])}", 422
                )
        yield {
            "name": name,
            "path": f"{prefix}{name}",
            "kind": kind,
            "type": entry.get("object_type") or object_type,
            "tags": entry.get("tags") or [],
            "licenses": entry.get("licenses") or [],
            "annotations": entry.get("annotations") or [],
            "customMetadata": entry.get("customMetadata") or {},
        }
