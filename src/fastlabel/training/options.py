"""What both ways into training ask for in the same words, made into a source."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastlabel.client import Client
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.report import Report
from fastlabel.modalities import listed
from fastlabel.modalities.objects import OBJECT_FILES
from fastlabel.shapes.base import shown
from fastlabel.training.pulled import TYPES, pulled
from fastlabel.training.served import served
from fastlabel.training.sources import Selection, Source
from fastlabel.training.survey import Opened, Wish, survey
from fastlabel.types import FilePath

KINDS: Final = tuple(dict.fromkeys(rule.modality for rule in OBJECT_FILES))
CACHE_VARIABLE: Final = "FASTLABEL_CACHE_DIR"


@dataclass(frozen=True)
class Where:
    """A dataset of a server, or a folder; exactly one of them."""

    dataset: str | None
    folder: FilePath | None
    client: Client | None
    version: str | None
    revision_id: str | None

    def __post_init__(self) -> None:
        if (self.dataset is None) == (self.folder is None):
            raise FastLabelInvalidException(
                "dataset, folder: expected the name of a dataset, or the folder of one", 422
            )
        if self.folder is not None and (self.client or self.version or self.revision_id):
            raise FastLabelInvalidException(
                "folder: it holds one revision; client, version and revision_id go with a dataset",
                422,
            )
        if self.version and self.revision_id:
            raise FastLabelInvalidException(
                "version, revision_id: only one of them can be given", 400
            )

    def source(self, selection: Selection, cache: Path | None) -> Source:
        """Open it.

        Args:
            selection: what a server may leave out of its list; a folder is read whole.
        """
        if self.folder is not None:
            return pulled(Path(self.folder))
        assert self.dataset is not None
        client = self.client or Client()
        return served(client, self.dataset, self.version, self.revision_id, selection, cache)


def selection_of(
    types: Sequence[str] | None, tags: Sequence[str] | None, licenses: Sequence[str] | None
) -> Selection:
    """Return which objects are wanted.

    Raises:
        FastLabelInvalidException: a type that no object has.
    """
    for each in types or ():
        if each not in TYPES:
            raise FastLabelInvalidException(
                f"types: expected {listed(TYPES)}, got {shown(each)}", 422
            )
    return Selection(tuple(types or ()), tuple(tags or ()), tuple(licenses or ()))


def check_kind(kind: str) -> None:
    """Refuse a kind that no object is of.

    Raises:
        FastLabelInvalidException: names those there are.
    """
    if kind not in KINDS:
        raise FastLabelInvalidException(f"kind: expected {listed(KINDS)}, got {shown(kind)}", 422)


def cache_folder(cache_dir: FilePath | None) -> Path:
    """Return where files are kept: by default FASTLABEL_CACHE_DIR, else below ~/.cache."""
    if cache_dir is not None:
        return Path(cache_dir).absolute()
    if named := os.environ.get(CACHE_VARIABLE):
        return Path(named).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "fastlabel" / "files"


def opened(
    where: Where,
    wish: Wish,
    streaming: bool,
    cache_dir: FilePath | None,
    strict: bool,
    quiet: bool,
    *,
    paths_leave: bool,
) -> Opened:
    """Open a source and look at its objects, as far as that is needed.

    Args:
        paths_leave: paths of files are handed on, so these have to stay.

    Raises:
        FastLabelInvalidException: no such dataset or folder, or files that would not stay.
    """
    is_known = wish.classes is not None and wish.keypoints is not None
    cache = None if streaming and cache_dir is None else cache_folder(cache_dir)
    # A stream counts pages of the whole list; and classes are looked for in all objects.
    source = where.source(wish.selection if is_known and not streaming else Selection(), cache)
    if paths_leave and not source.files.stay:
        raise FastLabelInvalidException(
            f"cache_dir: needed where the paths of {wish.kind} files are streamed; without it "
            "they are gone before they are used",
            422,
        )
    report = Report(Path(source.title), strict, noun="object")
    if streaming and is_known:
        return Opened(source, wish, wish.labels(), report, None)
    labels, records = survey(source, wish, report, keep=not streaming)
    if not quiet and (report.left_out or report.skipped):
        sys.stderr.write(f"{report}\n")
    return Opened(source, wish, labels, report, None if streaming else records)
